using System.Globalization;
using System.Text.Json;
using Chantier.Api.Tests.Http;
using Chantier.Testing;

namespace Chantier.Api.Tests.Stats;

/// <summary>The invented world with some hundred generated factories beside it, and without what is dated in the year 2999.</summary>
public sealed class CountedWorld(PostgresFixture postgres) : World(postgres)
{
    private protected override string Template => "counted";

    private protected override async Task FillAsync(string connection)
    {
        await SettledWorld.SettleAsync(connection);
        await TestDatabases.GenerateAsync(connection, 300, Token);
    }
}

/// <summary>What statistics say is what one gets by grouping, by hand, what the lists answer at the same points of both axes.</summary>
public sealed class StatTests(CountedWorld settled, SharedWorld ahead) : IClassFixture<CountedWorld>, IClassFixture<SharedWorld>
{
    private static readonly string[] Points =
    [
        "", "asOf=2019-06-30", "knownAt=2025-03-31", "asOf=2023-05&knownAt=2025-02-15", "publishedUntil=2022-12-31", "publishedUntil=2025", "asOf=2020&publishedUntil=2021-06",
    ];

    public static TheoryData<string, bool> Asked => [.. from point in Points from isAhead in new[] { false, true } select (point, isAhead)];

    private Ask Of(bool isAhead) => isAhead ? ahead.Ask : settled.Ask;

    [Theory]
    [MemberData(nameof(Asked))]
    public async Task Counts_and_capacities_of_groups_are_those_of_the_list(string point, bool isAhead)
    {
        var factories = await Of(isAhead).ItemsAsync($"/v1/factories?limit=1000&{point}");
        Assert.NotEmpty(factories);
        Assert.Equal(
            Lines(factories, f => [$"{f.Text("status")}|{f.Text("country")}|{f.Text("sector")}"]).Where(IsCount),
            Said(await Of(isAhead).ItemsAsync($"/v1/stats/factories?groupBy=status,country,sector&limit=1000&{point}"), g => $"{g.Text("status")}|{g.Text("country")}|{g.Text("sector")}"));
        Assert.Equal(
            Lines(factories, f => [$"{f.Text("country")}|{f.Text("sector")}"]),
            Said(await Of(isAhead).ItemsAsync($"/v1/stats/factories?groupBy=country,sector&measure=count,capacity&limit=1000&{point}"), g => $"{g.Text("country")}|{g.Text("sector")}"));
        Assert.Equal(
            Lines(factories, f => f.List("operators").Select(o => o.Text("slug")!).Distinct().DefaultIfEmpty("")),
            Said(await Of(isAhead).ItemsAsync($"/v1/stats/factories?groupBy=operator&measure=count,capacity&limit=1000&{point}"), g => g.Text("operator.slug") ?? ""));
        Assert.Equal(
            Lines(factories, f => [f.Text("region.slug") ?? ""]),
            Said(await Of(isAhead).ItemsAsync($"/v1/stats/factories?groupBy=region&measure=count,capacity&limit=1000&{point}"), g => g.Text("region.slug") ?? ""));
        var french = await Of(isAhead).ItemsAsync($"/v1/factories?limit=1000&country=FR&sector=battery_cells,other&{point}");
        Assert.Equal(
            Lines(french, f => [""]),
            Said(await Of(isAhead).ItemsAsync($"/v1/stats/factories?measure=count,capacity&country=FR&sector=battery_cells,other&{point}"), g => ""));
        var operating = await Of(isAhead).ItemsAsync($"/v1/factories?limit=1000&status=operating&stage=planned&{point}");
        Assert.Equal(
            Lines(operating, f => [f.Text("sector")!]).Where(IsCount),
            Said(await Of(isAhead).ItemsAsync($"/v1/stats/factories?groupBy=sector&status=operating&stage=planned&{point}"), g => g.Text("sector")!));
    }

    [Theory]
    [InlineData("country", "")]
    [InlineData("country", "asOf=2022&knownAt=2025-02-28")]
    [InlineData("subdivision", "publishedUntil=2024-12-31")]
    [InlineData("cluster", "")]
    [InlineData("cluster", "asOf=2022&knownAt=2025-04-30")]
    public async Task Regions_are_rolled_up_to_a_level_and_hold_what_the_list_of_each_has(string level, string point)
    {
        var groups = await settled.Ask.ItemsAsync($"/v1/stats/factories?groupBy=region&regionLevel={level}&limit=1000&{point}");
        var named = groups.Where(g => g.Text("region") is not null).ToArray();
        Assert.NotEmpty(named);
        foreach (var group in named.Take(12))
        {
            var count = await settled.Ask.JsonAsync($"/v1/factories?region={group.Text("region.slug")}&count=exact&limit=1&{point}");
            Assert.Equal(count.Text("page.count"), group.Text("factories"));
        }

        if (level != "cluster")
        {
            var all = await settled.Ask.JsonAsync($"/v1/factories?count=exact&limit=1&{point}");
            Assert.Equal(all.Text("page.count"), $"{groups.Sum(g => g.GetProperty("factories").GetInt32())}");
        }
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public async Task A_timeline_has_at_each_interval_what_the_list_of_its_last_day_has(string point, bool isAhead)
    {
        var ask = Of(isAhead);
        var asOf = DateOnly.Parse((await ask.JsonAsync($"/v1/factories?limit=1&{point}")).Text("asOf")!, CultureInfo.InvariantCulture);
        var other = string.Join('&', point.Split('&').Where(p => !p.StartsWith("asOf", StringComparison.Ordinal)));
        var days = new Dictionary<DateOnly, JsonElement[]>();
        foreach (var end in new[] { 2008, 2013, 2015, 2018, 2019, 2023, 2025 }.Select(year => new DateOnly(year, 12, 31)))
        {
            var day = end < asOf ? end : asOf;
            days[day] = await ask.ItemsAsync($"/v1/factories?limit=1000&asOf={day:yyyy-MM-dd}&{other}".TrimEnd('&'));
        }

        foreach (var (filter, groups) in new[]
        {
            ("", "status"), ("region=arcadie", "status"), ("country=FR,DE", "status"), ("sector=battery_cells,other", "country,status"), ("stage=active,ended", "country,status"),
            ("hasMedia=false&bbox=-10,35,30,60", "operator,status"), ("q=acier", "status"), ("region=arcadie&minPrecision=locality", "status"), ("region=arcadie&stage=active", "region,status"),
        })
        {
            var chosen = (await ask.ItemsAsync($"/v1/factories?limit=1000&{filter}&{point}".Replace("&&", "&", StringComparison.Ordinal))).ToDictionary(f => f.Text("slug")!);
            // Counts by status, and sums of what the lists show, which are not by status.
            foreach (var (measures, by) in new[] { ("count", groups), ("count,capacity", groups is "status" ? "sector" : groups.Replace(",status", "", StringComparison.Ordinal)) })
            {
                var items = await ask.ItemsAsync($"/v1/stats/timeline?from=2008&to=2025&measure={measures}&groupBy={by}&limit=1000&{filter}&{point}".Replace("&&", "&", StringComparison.Ordinal));
                if (point is "" && !isAhead)
                {
                    Assert.NotEmpty(chosen);
                    Assert.NotEmpty(items);
                }

                Assert.DoesNotContain(items, i => DateOnly.Parse(i.Text("on")!, CultureInfo.InvariantCulture) > asOf);
                foreach (var (day, all) in days)
                {
                    var then = all.Where(f => chosen.ContainsKey(f.Text("slug")!) && f.Text("status") is not null).ToArray();
                    Assert.Equal(
                        Lines(then, f => Groups(f, chosen[f.Text("slug")!], by)).Where(line => measures != "count" || IsCount(line)),
                        Said(items.Where(i => i.Text("on") == $"{day:yyyy-MM-dd}"), g => $"{g.Text("country")}|{g.Text("region.slug")}|{g.Text("operator.slug")}|{g.Text("sector")}|{g.Text("status")}"));
                }
            }

            // The place and the operators of a factory are those on asOf; only its status and capacity are those of each day.
            static bool Has(string groups, string group) => groups.Split(',').Contains(group);

            static IEnumerable<string> Groups(JsonElement then, JsonElement last, string groups) =>
                from place in new[] { Has(groups, "region") ? last.Text("region.slug") : null }
                from part in Has(groups, "operator") ? last.List("operators").Select(o => o.Text("slug")).Distinct().DefaultIfEmpty() : [null]
                select $"{(Has(groups, "country") ? last.Text("country") : null)}|{place}|{part}|{(Has(groups, "sector") ? last.Text("sector") : null)}|{(Has(groups, "status") ? then.Text("status") : null)}";
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("publishedUntil=2021-06")]
    [InlineData("knownAt=2025-03-31")]
    public async Task Capacity_by_status_on_a_day_is_the_same_in_a_timeline(string point)
    {
        var series = await settled.Ask.ItemsAsync($"/v1/stats/timeline?from=2010&to=2024&measure=count,capacity&limit=1000&{point}");
        foreach (var year in new[] { 2012, 2015, 2018, 2023 })
        {
            Assert.Equal(
                Said((await settled.Ask.ItemsAsync($"/v1/stats/factories?groupBy=status&measure=count,capacity&asOf={year}&{point}")).Where(g => g.Text("status") is not null), g => g.Text("status")!),
                Said(series.Where(i => i.Text("on") == $"{year}-12-31"), g => g.Text("status")!));
        }
    }

    [Theory]
    [InlineData("", "status")]
    [InlineData("", "country,sector,status")]
    [InlineData("publishedUntil=2021-06&", "operator,status")]
    [InlineData("knownAt=2025-03-31&country=FR,DE,IT&", "region,status")]
    public async Task Expected_counts_and_capacities_are_the_same_in_a_timeline(string point, string groups)
    {
        foreach (var (day, isAhead) in from day in new[] { "2020-06-30", "2028-12-31" } from isAhead in new[] { false, true } select (day, isAhead))
        {
            var path = $"{point}groupBy={groups}&measure=count,capacity&limit=1000&asOf={day}";
            var expected = await Of(isAhead).ItemsAsync($"/v1/stats/factories?basis=expected&{path}");
            var series = await Of(isAhead).ItemsAsync($"/v1/stats/timeline?basis=expected&from={day}&interval=month&{path}");
            Assert.NotEmpty(series);
            Assert.Equal(Said(expected.Where(g => g.Text("status") is not null), Group), Said(series, Group));
            Assert.All([.. expected, .. series], g => Assert.Equal(day is "2028-12-31" ? "true" : "false", g.Text("isProjected")));
            if (day is "2020-06-30")
            {
                Assert.Equal(Said(await Of(isAhead).ItemsAsync($"/v1/stats/factories?{path}"), Group), Said(expected, Group));
            }
        }

        static string Group(JsonElement g) => $"{g.Text("country")}|{g.Text("region.slug")}|{g.Text("operator.slug")}|{g.Text("sector")}|{g.Text("status")}";
    }

    [Theory]
    [InlineData("")]
    [InlineData("region=arcadie")]
    public async Task The_last_interval_of_the_present_ends_today(string filter)
    {
        var said = await settled.Ask.JsonAsync($"/v1/stats/timeline?from=2025&groupBy=country&measure=count,capacity&limit=1000&{filter}");
        var today = said.Text("asOf")!;
        Assert.Equal(
            Lines([.. (await settled.Ask.ItemsAsync($"/v1/factories?limit=1000&{filter}")).Where(f => f.Text("status") is not null)], f => [f.Text("country")!]),
            Said(said.List("items").Where(i => i.Text("on") == today), g => g.Text("country")!));
    }

    [Fact]
    public async Task A_cluster_has_a_timeline_of_its_members()
    {
        var clusters = (await settled.Ask.ItemsAsync("/v1/stats/timeline?groupBy=region,status&regionLevel=cluster&asOf=2022&from=2022&limit=1000")).Where(i => i.Text("region") is not null).ToArray();
        Assert.NotEmpty(clusters);
        foreach (var cluster in clusters)
        {
            var list = await settled.Ask.JsonAsync($"/v1/factories?region={cluster.Text("region.slug")}&status={cluster.Text("status")}&asOf=2022&count=exact&limit=1");
            Assert.Equal(list.Text("page.count"), cluster.Text("factories"));
        }
    }

    [Theory]
    [InlineData("from=0001")]
    [InlineData("from=0001&interval=month&to=0002")]
    [InlineData("asOf=0019")]
    [InlineData("asOf=0001-01-01")]
    public async Task A_series_may_begin_with_the_first_of_all_days(string point)
    {
        var items = await settled.Ask.ItemsAsync($"/v1/stats/timeline?limit=1000&sort=-on&{point}");
        Assert.All(items, item => Assert.True(item.GetProperty("factories").GetInt32() > 0));
        Assert.Equal(point is "from=0001", items.Length > 0);
    }

    [Fact]
    public async Task Months_and_quarters_end_on_their_last_days_and_the_last_on_asOf()
    {
        var months = await settled.Ask.ItemsAsync("/v1/stats/timeline?interval=month&from=2016-01&asOf=2016-04-10&limit=1000");
        Assert.Equal(["2016-01-31", "2016-02-29", "2016-03-31", "2016-04-10"], months.Select(m => m.Text("on")!).Distinct());
        var quarters = await settled.Ask.ItemsAsync("/v1/stats/timeline?interval=quarter&from=2016-02-15&to=2016-05-01&limit=1000");
        Assert.Equal(["2016-03-31", "2016-06-30"], quarters.Select(m => m.Text("on")!).Distinct());
        foreach (var (of, step) in new[] { (months, "2016-02-29"), (quarters, "2016-06-30") })
        {
            Assert.Equal(
                (await settled.Ask.ItemsAsync($"/v1/factories?limit=1000&asOf={step}")).Select(f => f.Text("status")).OfType<string>().CountBy(s => s).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {s.Value}"),
                of.Where(i => i.Text("on") == step).Select(i => $"{i.Text("status")} {i.Text("value")}"));
        }
    }

    [Theory]
    [InlineData("factories?groupBy=status,region&measure=count,capacity")]
    [InlineData("timeline?groupBy=sector,status&from=2015")]
    [InlineData("factories?groupBy=status,country&measure=count,capacity&basis=expected&asOf=2028-06-30")]
    [InlineData("timeline?basis=expected&from=2024&to=2030&measure=count,capacity")]
    [InlineData("slippage")]
    [InlineData("slippage/groups?groupBy=country")]
    [InlineData("time-in-stage?groupBy=country")]
    public async Task A_table_says_what_json_says_page_by_page_or_whole(string path)
    {
        var whole = $"/v1/stats/{path}{(path.Contains('?', StringComparison.Ordinal) ? "&" : "?")}";
        var items = new List<JsonElement>();
        for (var page = $"{whole}limit=7"; page is not null;)
        {
            var answer = (await ahead.Ask.GetAsync(page)).Is(200);
            items.AddRange(answer.Items);
            page = answer.Next is { } next ? $"/v1/stats/{path.Split('?')[0]}?limit=7&cursor={next}" : null;
        }

        var table = Csv.Read((await ahead.Ask.GetAsync($"{whole}format=csv&limit=all")).Is(200).Text);
        Assert.NotEmpty(items);
        Assert.Equal(items.Select(item => string.Join('|', table.Header.Select(column => item.Text(column) ?? ""))), table.Rows.Select(row => string.Join('|', row)));
    }

    [Theory]
    [InlineData("factories?groupBy=nix", "groupBy", "region, status, country, sector, operator")]
    [InlineData("factories?measure=area", "measure", "count, capacity, jobs, investment")]
    [InlineData("factories?measure=capacity&sector=steel", "sector", "battery_cells")]
    [InlineData("timeline?asOf=2020&sector=steel", "sector", "battery_cells")]
    [InlineData("factories?regionLevel=country", "regionLevel", "groupBy=region")]
    [InlineData("factories?groupBy=region&regionLevel=planet", "regionLevel", "department")]
    [InlineData("timeline?interval=week", "interval", "month, quarter, year")]
    [InlineData("timeline?measure=jobs", "measure", "count, capacity")]
    [InlineData("timeline?from=2020&to=2019", "from", "earlier date")]
    [InlineData("timeline?from=1000&interval=month", "from", "later date")]
    [InlineData("slippage?to=started", "to", "operating")]
    [InlineData("time-in-stage?from=nix", "from", "planned")]
    [InlineData("time-in-stage?cohortBy=year", "cohortBy", "announced")]
    public async Task What_is_wrong_is_named_with_what_is_accepted(string path, string parameter, string accepted)
    {
        var answer = (await settled.Ask.GetAsync($"/v1/stats/{path}")).Blames(parameter);
        Assert.Contains(accepted, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_kept_from_before_stands_until_something_is_written()
    {
        foreach (var path in new[] { "factories?groupBy=country", "timeline", "slippage", "slippage/groups", "time-in-stage" })
        {
            var answer = (await settled.Ask.GetAsync($"/v1/stats/{path}")).Is(200);
            (await settled.Ask.GetAsync($"/v1/stats/{path}", $"If-None-Match: {answer.Header("ETag")}")).Is(304);
        }
    }

    /// <summary>The count of each group that a factory is in, and its capacity by product and unit.</summary>
    private static IEnumerable<string> Lines(JsonElement[] factories, Func<JsonElement, IEnumerable<string>> groups) => factories
        .SelectMany(f => groups(f).Select(group => (Group: group, Figures: Numbers(f))))
        .GroupBy(f => f.Group)
        .SelectMany(group => group
            .SelectMany(f => f.Figures)
            .GroupBy(figure => (figure.Product, figure.Unit))
            .Select(sum => string.Join(
                '|',
                group.Key,
                "capacity",
                sum.Key.Product,
                sum.Key.Unit,
                sum.All(f => f.Exact is not null) ? Text(sum.Sum(f => f.Exact)) + "||" : $"|{Text(sum.Sum(f => f.Exact ?? f.Min ?? 0))}|{(sum.All(f => (f.Exact ?? f.Max) is not null) ? Text(sum.Sum(f => f.Exact ?? f.Max)) : "")}",
                sum.Count(),
                group.Count(f => f.Figures.Count == 0),
                group.Count()))
            .DefaultIfEmpty($"{group.Key}|capacity||||||0|{group.Count()}|{group.Count()}")
            .Append($"{group.Key}|count|||{group.Count()}|||||{group.Count()}"))
        .Order(StringComparer.Ordinal);

    private static bool IsCount(string line) => line.Contains("|count|", StringComparison.Ordinal);

    private static IEnumerable<string> Said(IEnumerable<JsonElement> rows, Func<JsonElement, string> group) => rows
        .Select(g => $"{group(g)}|{g.Text("measure")}|{g.Text("product")}|{g.Text("unit")}|{g.Text("value")}|{g.Text("min")}|{g.Text("max")}|{g.Text("withFigure")}|{g.Text("withoutFigure")}|{g.Text("factories")}")
        .Order(StringComparer.Ordinal);

    // No product is stated in these worlds, and no two units of one quantity.
    private static List<Figure> Numbers(JsonElement factory) =>
    [
        .. factory.List("capacity").Select(entry => new Figure(entry.Text("product"), entry.Text("unit")!, Of(entry, "value"), Of(entry, "min"), Of(entry, "max")))
            .Where(figure => figure is not { Exact: null, Min: null, Max: null }),
    ];

    private static decimal? Of(JsonElement entry, string part) => entry.Text(part) is { } text ? decimal.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string Text(decimal? sum) => sum!.Value.ToString("0.##########", CultureInfo.InvariantCulture);

    private sealed record Figure(string? Product, string Unit, decimal? Exact, decimal? Min, decimal? Max);
}
