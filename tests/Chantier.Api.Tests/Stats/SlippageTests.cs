using Chantier.Testing;

namespace Chantier.Api.Tests.Stats;

/// <summary>Slips and times in a stage, against what was worked out by hand.</summary>
public sealed class SlippageTests(PostgresFixture postgres) : FourFactories(postgres)
{
    [Fact]
    public async Task Each_slip_stays_until_the_start_and_a_typing_error_never_was_one()
    {
        await RecordAsync("une", "operating", "2025", "expected");
        await RecordAsync("une", "operating", "2026", "expected");
        var before = await SlipAsync("une");
        Assert.Equal(("2025", "2026", null, "12", "1", "2"), before);
        var known = (await Ask.JsonAsync("/v1/factories/une")).Text("updatedAt");

        var mistyped = await RecordAsync("une", "operating", "2072", "expected");
        Assert.Equal(("2025", "2072", null, "564", "2", "3"), await SlipAsync("une"));
        var last = await RecordAsync("une", "operating", "2027-03", "expected", $$""","supersedes":{"claim":{{mistyped}},"reason":"error"}""");
        Assert.Equal(("2025", "2027-03", null, "26", "2", "3"), await SlipAsync("une"));

        // Sooner than was feared is no postponement; what news put in the place of the last was announced all the same.
        await RecordAsync("une", "operating", "2026-11", "expected", $$""","supersedes":{"claim":{{last}},"reason":"news"}""");
        Assert.Equal(("2025", "2026-11", null, "22", "2", "4"), await SlipAsync("une"));

        await RecordAsync("une", "operating", "2026-02-10", "actual");
        Assert.Equal(("2025", "2026-11", "2026-02-10", "13", "2", "4"), await SlipAsync("une"));
        Assert.Equal(("2025", "2026-11", null, "22", "2", "4"), await SlipAsync("une", "&asOf=2026-02-09"));
        Assert.Equal(before, await SlipAsync("une", $"&knownAt={known}"));
    }

    [Fact]
    public async Task Dates_are_compared_in_the_order_in_which_their_sources_were_published()
    {
        foreach (var (slug, published) in new[] { ("vieux", "2021-03"), ("recent", "2024-05-02") })
        {
            (await Ask.WriteAsync("POST", "/v1/sources", $$"""{"title":"{{slug}}","slug":"{{slug}}","kind":"press","published":"{{published}}"}""", Curator)).Is(201);
        }

        await RecordAsync("une", "operating", "2027", "expected", source: "recent");
        await RecordAsync("une", "operating", "2023", "expected", source: "vieux");
        foreach (var cut in new[] { "", "&publishedUntil=2025-12-31" })
        {
            Assert.Equal(("2023", "2027", null, "48", "1", "2"), await SlipAsync("une", cut));
        }

        // A second start, announced once there was a first, is another matter.
        await RecordAsync("une", "operating", "2023-09-01", "actual");
        Assert.Equal(("2023", "2023", "2023-09-01", "8", "0", "1"), await SlipAsync("une"));
    }

    [Theory]
    [InlineData("2023", "2023-12", "11", "0", "11")]
    [InlineData("2023", "2024-02", "13", "2", "13")]
    [InlineData("2024-01/2024-03", "2024-02-05", "1", "-1", "1")]
    public async Task What_imprecise_dates_leave_open_is_told(string announced, string began, string slip, string least, string most)
    {
        await RecordAsync("une", "operating", announced, "expected");
        await RecordAsync("une", "operating", began, "actual");

        var item = Assert.Single(await Ask.ItemsAsync("/v1/stats/slippage?slug=une"));
        Assert.Equal((slip, least, most), (item.Text("slipMonths"), item.Text("slipMonthsMin"), item.Text("slipMonthsMax")));
        Assert.Equal(least == "2" ? "1" : "0", Assert.Single(await Ask.ItemsAsync("/v1/stats/slippage/groups?slug=une")).Text("late"));
    }

    [Fact]
    public async Task What_should_have_begun_and_is_not_known_to_have_is_overdue()
    {
        await RecordAsync("une", "operating", "2024", "expected");
        await RecordAsync("deux", "operating", "2023", "expected");
        await RecordAsync("deux", "operating", "2024", "actual");
        await RecordAsync("trois", "operating", "2023", "expected");
        await RecordAsync("trois", "operating", "2024-08", "actual", meaning: "observed");
        await RecordAsync("quatre", "operating", "2023", "expected");
        await RecordAsync("quatre", "cancelled", "2022-05", "actual");

        // Seen operating, or called off: not late for anything.
        Assert.Equal("false", Of(await Ask.ItemsAsync("/v1/stats/slippage?slug=trois")));
        Assert.Equal("false", Of(await Ask.ItemsAsync("/v1/stats/slippage?slug=quatre")));
        Assert.Null(Assert.Single(await Ask.ItemsAsync("/v1/stats/slippage/groups?slug=quatre")).Text("medianMonths"));
        Assert.Equal("false", Of(await Ask.ItemsAsync("/v1/stats/slippage?slug=une&asOf=2024-12-31")));
        Assert.Equal("true", Of(await Ask.ItemsAsync("/v1/stats/slippage?slug=une&asOf=2025-01-01")));
        Assert.Equal("false", Of(await Ask.ItemsAsync("/v1/stats/slippage?slug=deux")));
        var group = Assert.Single(await Ask.ItemsAsync("/v1/stats/slippage/groups?slug=une,deux"));
        Assert.Equal(("2", "1", "1", "12"), (group.Text("factories"), group.Text("started"), group.Text("overdue"), group.Text("medianMonths")));

        static string Of(IEnumerable<System.Text.Json.JsonElement> items) => $"{Assert.Single(items).GetProperty("isOverdue").GetBoolean()}".ToLowerInvariant();
    }

    [Theory]
    [InlineData("operating", "closed", false)]
    [InlineData("operating", "idled", false)]
    [InlineData("operating", "dismantled", false)]
    [InlineData("operating", "never_commissioned", false)]
    [InlineData("operating", "suspended", true)]
    [InlineData("operating", "commissioning", true)]
    [InlineData("under_construction", "operating", false)]
    [InlineData("under_construction", "idled", false)]
    [InlineData("under_construction", "suspended", true)]
    [InlineData("under_construction", "permitted", true)]
    [InlineData("closed", "operating", true)]
    [InlineData("closed", "idled", true)]
    public async Task Nothing_is_overdue_that_a_phase_has_come_past_or_never_will(string to, string stands, bool isOverdue)
    {
        await RecordAsync("une", to, "2022", "expected");
        await RecordAsync("une", to, "2023", "expected");
        await RecordAsync("une", stands, "2024-02", "actual");

        Assert.Equal(isOverdue, Assert.Single(await Ask.ItemsAsync($"/v1/stats/slippage?slug=une&to={to}")).GetProperty("isOverdue").GetBoolean());
        var group = Assert.Single(await Ask.ItemsAsync($"/v1/stats/slippage/groups?slug=une&to={to}"));
        // It came later than was announced, or will: how much, nobody knows.
        Assert.Equal((isOverdue ? "1" : "0", "1", null), (group.Text("overdue"), group.Text("late"), group.Text("medianMonths")));
    }

    [Fact]
    public async Task Each_phase_is_judged_by_where_it_stands_itself()
    {
        await RecordAsync("une", "operating", "2023", "expected");
        await RecordAsync("une", "cancelled", "2022-05", "actual");
        var second = (await Ask.WriteAsync("POST", "/v1/factories/une/phases", """{"name":"Bloc 2"}""", Curator)).Is(201).Json.Text("id");
        await RecordAsync("une", "under_construction", "2024", "actual", $$""","phase":{{second}}""");

        var slip = Assert.Single(await Ask.ItemsAsync("/v1/stats/slippage?slug=une"));
        Assert.Equal(("under_construction", "false"), (slip.Text("status"), $"{slip.GetProperty("isOverdue").GetBoolean()}".ToLowerInvariant()));
    }

    [Theory]
    [InlineData("2025", "2025-06/2025-08", "0")]
    [InlineData("2025", "2025-12", "0")]
    [InlineData("2025-06", "2025", "0")]
    [InlineData("2025", "2025-07/2026-06", "1")]
    [InlineData("2025-12", "2026", "1")]
    [InlineData("2025", "2026", "1")]
    public async Task Only_a_date_that_is_later_from_its_first_day_to_its_last_puts_off(string before, string after, string postponements)
    {
        await RecordAsync("une", "operating", before, "expected");
        await RecordAsync("une", "operating", after, "expected");
        Assert.Equal(postponements, (await SlipAsync("une", "&asOf=2024-12-31")).Postponements);
    }

    [Theory]
    [InlineData("2024-03-01", "2024-03-31", "1")]
    [InlineData("2024-03-31", "2024-04-01", "1")]
    [InlineData("2024-03-31", "2024-03-31", "0")]
    [InlineData("2024-03", "2024-03-31", "0")]
    public async Task Late_is_what_came_after_the_last_day_that_was_announced(string announced, string began, string late)
    {
        await RecordAsync("une", "operating", announced, "expected");
        await RecordAsync("une", "operating", began, "actual");
        Assert.Equal(late, Assert.Single(await Ask.ItemsAsync("/v1/stats/slippage/groups?slug=une")).Text("late"));
    }

    [Fact]
    public async Task Groups_have_the_quartiles_of_their_slips()
    {
        foreach (var (slug, dates) in new[] { ("une", "2095 2096"), ("deux", "2095 2097"), ("trois", "2095 2095"), ("quatre", "2095-06 2095-01") })
        {
            foreach (var date in dates.Split(' ').Distinct())
            {
                await RecordAsync(slug, "operating", date, "expected");
            }
        }

        var group = Assert.Single(await Ask.ItemsAsync("/v1/stats/slippage/groups?groupBy=sector&sector=battery_recycling&slug=une,deux,trois,quatre"));
        Assert.Equal("battery_recycling", group.Text("sector"));
        // Slips of -5, 0, 12 and 24 months.
        Assert.Equal(("4", "0", "2", "2"), (group.Text("factories"), group.Text("started"), group.Text("late"), group.Text("postponements")));
        Assert.Equal(("-1.25", "6", "15"), (group.Text("firstQuartileMonths"), group.Text("medianMonths"), group.Text("thirdQuartileMonths")));
        Assert.Equal(["deux", "une", "trois", "quatre"], await Slugs("/v1/stats/slippage?slug=une,deux,trois,quatre&sort=-slipMonths"));
        Assert.Empty(await Ask.ItemsAsync("/v1/stats/slippage?slug=une&to=under_construction"));

        async Task<IEnumerable<string?>> Slugs(string path) => (await Ask.ItemsAsync(path)).Select(i => i.Text("factory.slug"));
    }

    [Fact]
    public async Task Time_in_a_stage_counts_beginnings_only_by_the_year_announced_or_another()
    {
        // 100, 200 and 400 days; and one that was seen operating, of which nobody knows since when.
        await BeganAsync("une", ("announced", "2021-01-01"), ("operating", "2021-04-11"));
        await BeganAsync("deux", ("announced", "2021-06-01"), ("under_construction", "2021-08-01"), ("operating", "2021-12-18"));
        await BeganAsync("trois", ("announced", "2022-01-01"), ("operating", "2023-02-05"));
        await BeganAsync("quatre", ("announced", "2022-03-01"));
        await RecordAsync("quatre", "operating", "2023-03-01", "actual", meaning: "observed");

        const string path = "/v1/stats/time-in-stage?slug=une,deux,trois,quatre";
        Assert.Equal(["|3|1|150|200|300", "2021|2|0|125|150|175", "2022|1|1|400|400|400"], await Rows(path));
        Assert.Equal(["|1|0|139|139|139", "2021|1|0|139|139|139"], await Rows(path + "&from=building&to=active"));
        // The cohort stays that of the year announced, wherever the time begins, or is that of another year.
        await BeganAsync("trois", ("under_construction", "2023-01-01"));
        await BeganAsync("quatre", ("under_construction", "2022-12-31"));
        Assert.Equal(["|2|1|61|87|113", "2021|1|0|139|139|139", "2022|1|1|35|35|35"], await Rows(path + "&from=under_construction"));
        Assert.Equal(["|3|1|150|200|300", "2021|1|0|200|200|200", "2022|0|1|||", "2023|1|0|400|400|400"], await Rows(path + "&cohortBy=building"));
        // What had not come by then is not yet.
        Assert.Equal(["|1|1|100|100|100", "2021|1|1|100|100|100"], await Rows(path + "&asOf=2021-12-01"));

        // An imprecise date counts from its first day.
        await BeganAsync("quatre", ("operating", "2022-03"));
        Assert.Equal(["|1|0|0|0|0", "2022|1|0|0|0|0"], await Rows("/v1/stats/time-in-stage?slug=quatre"));

        async Task<IEnumerable<string>> Rows(string of) => (await Ask.ItemsAsync(of)).Select(i =>
            $"{i.Text("cohort")}|{i.Text("phases")}|{i.Text("notYet")}|{i.Text("firstQuartileDays")}|{i.Text("medianDays")}|{i.Text("thirdQuartileDays")}");
    }

    [Fact]
    public async Task Confirming_event_begins_no_stage()
    {
        await BeganAsync("une", ("announced", "2021"), ("announced", "2021-11-01"), ("operating", "2025"), ("operating", "2025-03-10"));
        await RecordAsync("une", "operating", "2024-06", "expected");

        Assert.Equal(("2024-06", "2024-06", "2025-03-10", "9", "0", "1"), await SlipAsync("une"));
        // From 2021-11-01 to 2025-03-10.
        Assert.Equal("1225", (await Ask.ItemsAsync("/v1/stats/time-in-stage?slug=une"))[0].Text("medianDays"));
        // What is only inferred confirms nothing.
        await RecordAsync("deux", "announced", "2021", "inferred");
        await BeganAsync("deux", ("announced", "2021-11-01"), ("operating", "2025-03-10"), ("operating", "2025-03-10"));
        Assert.Equal("1529", (await Ask.ItemsAsync("/v1/stats/time-in-stage?slug=deux"))[0].Text("medianDays"));
    }

    [Fact]
    public async Task Unnamed_phases_of_merged_factories_are_one_phase()
    {
        await RecordAsync("une", "operating", "2024", "expected");
        await RecordAsync("deux", "operating", "2025", "expected");
        await BeganAsync("deux", ("announced", "2025-01-01"));
        await BeganAsync("une", ("operating", "2025-04-11"));
        (await Ask.WriteAsync("POST", "/v1/factories/deux/merge", """{"into":"une"}""", await KeyAsync("admin"))).Is(201);

        Assert.Equal(("2024", "2025", "2025-04-11", "15", "1", "2"), await SlipAsync("une"));
        Assert.Equal("100", (await Ask.ItemsAsync("/v1/stats/time-in-stage?slug=une"))[0].Text("medianDays"));
    }

    private async Task<(string? First, string? Latest, string? Actual, string? Slip, string? Postponements, string? Announcements)> SlipAsync(string slug, string point = "")
    {
        var item = Assert.Single(await Ask.ItemsAsync($"/v1/stats/slippage?slug={slug}{point}"));
        return (item.Text("firstExpected"), item.Text("latestExpected"), item.Text("actual"), item.Text("slipMonths"), item.Text("postponements"), item.Text("announcements"));
    }
}

/// <summary>Statistics of the seeds.</summary>
public sealed class SeededStatTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verkor_was_to_start_in_2024_and_was_put_off_twice()
    {
        var database = await postgres.SeededAsync(null, Token);
        await using var api = await TestApi.StartAsync(database, Token);
        var slip = Assert.Single(await new Ask(api.Client).ItemsAsync("/v1/stats/slippage?slug=verkor-dunkerque"));
        Assert.Equal(("2024-07/2024-12", "2026-01/2026-03", null), (slip.Text("firstExpected"), slip.Text("latestExpected"), slip.Text("actual")));
        // To 2025, then within it, which only was more precise, then to 2026.
        Assert.Equal(("18", "2", "5"), (slip.Text("slipMonths"), slip.Text("postponements"), slip.Text("announcements")));

        // What was known by the end of 2023.
        var published = Assert.Single(await new Ask(api.Client).ItemsAsync("/v1/stats/slippage?slug=verkor-dunkerque&publishedUntil=2023-12-31"));
        Assert.Equal(("2024-07/2024-12", "2025", "6", "1"), (published.Text("firstExpected"), published.Text("latestExpected"), published.Text("slipMonths"), published.Text("postponements")));
    }

    [Fact]
    public async Task Each_seeded_site_is_in_one_region_of_the_first_level()
    {
        var database = await postgres.SeededAsync(null, Token);
        await using var api = await TestApi.StartAsync(database, Token);
        var ask = new Ask(api.Client);
        var groups = await ask.ItemsAsync("/v1/stats/factories?groupBy=region&regionLevel=subdivision&limit=1000");

        Assert.Equal((await ask.ItemsAsync("/v1/factories?limit=1000")).Length, groups.Sum(g => g.GetProperty("factories").GetInt32()));
        // A province of its region.
        Assert.Contains(groups, g => g.Text("region.slug") == "campanie");
        Assert.DoesNotContain(groups, g => g.Text("region.slug") == "caserte");
    }
}
