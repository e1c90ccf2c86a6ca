using System.Text.Json;
using Chantier.Api.Tests.Http;

namespace Chantier.Api.Tests.Stats;

/// <summary>The small worlds of the worked examples on capacity.</summary>
public sealed class CapacityExamples(PostgresFixture postgres) : RecordedSites(postgres)
{
    /// <summary>Before the factory of the last example was merged.</summary>
    internal string BeforeMerge { get; private set; } = "";

    internal string End { get; private set; } = "";

    private protected override async Task RecordAsync()
    {
        await SiteAsync(
            "units",
            "operating 1990 of U1",
            "closed 2015 of U1",
            "operating 1995 of U2",
            "expected operating 2031 of U3");
        await FiguresAsync("units", "200 MW of U1", "300 MW of U2", "400 MW of U3");
        await SiteAsync("installed", "operating 2019");
        await FiguresAsync(
            "installed", "6 GWh/year installed for 2018 said 2018-05", "70 GWh/year installed for 2022 said 2022-03");
        await SiteAsync("part", "under_construction 2023");
        await FiguresAsync(
            "part",
            "16 GWh/year announced said 2023-02",
            "12 GWh/year announced part said 2024-04",
            "50 GWh/year target for 2030 said 2022-05");
        await SiteAsync("targets", "announced 2022");
        await FiguresAsync(
            "targets", "40 GWh/year target for 2030 said 2023-06", "28 GWh/year target for 2028 said 2026-02");
        await SiteAsync("repeated", "announced 2022");
        var repeated = await FiguresAsync(
            "repeated", "50 GWh/year announced said 2025-09", "30 GWh/year announced said 2025-12");
        await PostAsync($"claims/{repeated[0]}/evidence", new { source = await SourceAsync("2026-01") });
        await SiteAsync("imprecise", "announced 2022");
        await FiguresAsync("imprecise", "10 GWh/year announced said 2024", "15 GWh/year announced said 2024-10-05");
        await SiteAsync("silent", "operating 2020", "operating 2020 of A");
        await FiguresAsync("silent", "5 GWh/year installed of A", "50 GWh/year target of B");
        await SiteAsync("whole", "operating 2020", "operating 2020 of A", "under_construction 2024 of B");
        await FiguresAsync("whole", "10 GWh/year announced of B", "7 GWh/year installed");
        await SiteAsync("partial", "operating 2020", "operating 2020 of A", "under_construction 2024 of B");
        await FiguresAsync("partial", "10 GWh/year announced of B");
        foreach (var (site, figures) in new[]
        {
            ("both", (string[])["100 t/year urea", "0 t/year ammonia"]),
            ("ammonia", ["50 t/year ammonia"]),
            ("mixed", ["30 t/year urea", "70 t/year ammonia"]),
            ("large", ["1 GW"]),
            ("small", ["500 MW"]),
        })
        {
            await SiteAsync(site, "operating 2020");
            await FiguresAsync(site, figures);
        }

        await SiteAsync("begun", "under_construction 2023", "under_construction 2023-12-13", "operating 2024-12-13");
        await SiteAsync("jobs", "announced 2022");
        const string jobs = "jobs";
        object[] early = [new { source = await SourceAsync("2024-08") }];
        object[] late = [new { source = await SourceAsync("2025-12") }];
        await PostAsync(
            "factories/jobs/figures", new { property = jobs, word = "thousands", unit = jobs, sources = early });
        await PostAsync(
            "factories/jobs/figures",
            new { property = jobs, value = 1200, unit = jobs, qualifier = "target", sources = late });
        foreach (var site in new[] { "survivor", "merged" })
        {
            await SiteAsync(site, "operating 2020");
            await FiguresAsync(site, "10 GWh/year installed");
        }

        BeforeMerge = await NowAsync();
        await PostAsync("factories/merged/merge", new { into = "survivor" });
        End = await NowAsync();
    }
}

/// <summary>The worked examples on capacity: lists, items, exports and statistics answer each question alike.</summary>
public sealed class CapacityExampleTests(CapacityExamples world) : IClassFixture<CapacityExamples>
{
    private Ask Ask => world.Ask;

    // Each site has its entries, their basis, and "partial" where something is missing. The sums are over all sites.
    [Theory]
    [InlineData("units", "asOf=1992-06-30", "200 MW phases", "200 MW", "operating 200 MW")]
    [InlineData("units", "asOf=2000-06-30", "500 MW phases", "500 MW", "operating 500 MW")]
    [InlineData("units", "asOf=2020-06-30", "300 MW phases", "300 MW", "closed 200 MW, operating 300 MW")]
    [InlineData("installed", "asOf=2019-06-30", "6 GWh/year site", "6 GWh/year", "operating 6 GWh/year")]
    [InlineData("installed", "asOf=2021-12-31", "6 GWh/year site", "6 GWh/year", "operating 6 GWh/year")]
    [InlineData("installed", "asOf=2022-06-30", "70 GWh/year site", "70 GWh/year", "operating 70 GWh/year")]
    [InlineData("part", "", "16 GWh/year site", "16 GWh/year", "under_construction 16 GWh/year")]
    [InlineData("targets", "", "28 GWh/year site", "28 GWh/year", "announced 28 GWh/year")]
    [InlineData("targets", "publishedUntil=2025-12-31", "40 GWh/year site", "40 GWh/year", "announced 40 GWh/year")]
    [InlineData("repeated", "", "50 GWh/year site", "50 GWh/year", "announced 50 GWh/year")]
    [InlineData("repeated", "publishedUntil=2025-12-31", "30 GWh/year site", "30 GWh/year", "announced 30 GWh/year")]
    [InlineData("imprecise", "", "15 GWh/year site", "15 GWh/year", "announced 15 GWh/year")]
    [InlineData("imprecise", "publishedUntil=2024-11", "15 GWh/year site", "15 GWh/year", "announced 15 GWh/year")]
    [InlineData("silent", "", "5 GWh/year phases", "5 GWh/year", "operating 5 GWh/year")]
    [InlineData("whole", "", "7 GWh/year site", "7 GWh/year", "operating 7 GWh/year, under_construction 10 GWh/year")]
    [InlineData(
        "partial",
        "",
        "none partial",
        "none 1 without",
        "operating none 1 without, under_construction 10 GWh/year")]
    [InlineData(
        "both,ammonia,mixed",
        "",
        "100 t/year urea + 0 t/year ammonia site; 50 t/year ammonia site; 30 t/year urea + 70 t/year ammonia site",
        "120 t/year ammonia, 130 t/year urea",
        "operating 120 t/year ammonia, operating 130 t/year urea")]
    [InlineData("large,small", "", "1 GW site; 500 MW site", "1500 MW", "operating 1500 MW")]
    [InlineData("survivor", "", "10 GWh/year site", "10 GWh/year", "operating 10 GWh/year")]
    [InlineData(
        "survivor,merged", "before", "10 GWh/year site; 10 GWh/year site", "20 GWh/year", "operating 20 GWh/year")]
    public async Task Capacity_is_the_same_everywhere(
        string sites, string axes, string expected, string total, string byStatus)
    {
        string[] points = axes switch
        {
            // The present is read from other tables than the past.
            "" => ["", $"knownAt={world.End}"],
            "before" => [$"knownAt={world.BeforeMerge}"],
            _ => [axes],
        };
        foreach (var point in points)
        {
            var slugs = sites.Split(',');
            var list = await Ask.JsonAsync($"/v1/factories?slug={sites}&{point}");
            var items = list.List("items").ToDictionary(item => item.Text("slug")!);
            Assert.Equal(expected, string.Join("; ", slugs.Select(slug => Capacity(items[slug]))));
            Assert.Equal(slugs.Length, items.Count);
            var table = await TableAsync($"factories?slug={sites}&{point}");
            foreach (var slug in slugs)
            {
                Assert.Equal(Capacity(items[slug]), Capacity(await Ask.JsonAsync($"/v1/factories/{slug}?{point}")));
                Assert.Equal(
                    FirstEntry(items[slug]),
                    table.Single(row => row["slug"] == slug).Where(IsCapacity).Select(cell => (cell.Key, cell.Value)));
            }

            var day = list.Text("asOf")!;
            var series = $"stats/timeline?from={day}&to={day}&interval=month&slug={sites}&{point}";
            Assert.Equal(total, await SumsAsync($"stats/factories?slug={sites}&{point}"));
            Assert.Equal(total, await SumsAsync($"{series}&groupBy=country"));
            Assert.Equal(byStatus, await SumsAsync($"stats/factories?slug={sites}&groupBy=status&{point}"));
            Assert.Equal(byStatus, await SumsAsync($"{series}&groupBy=status"));
            var operating = byStatus.Split(", ").Where(sum => sum.StartsWith("operating", StringComparison.Ordinal));
            Assert.Equal(
                string.Join(", ", operating),
                await SumsAsync($"stats/factories?slug={sites}&status=operating&groupBy=status&{point}"));
        }
    }

    [Theory]
    [InlineData("2030-12-31", "300 MW", "closed 200 MW, operating 300 MW")]
    [InlineData("2032-12-31", "700 MW", "closed 200 MW, operating 700 MW")]
    public async Task Capacity_includes_what_is_expected(string day, string total, string byStatus)
    {
        foreach (var point in new[] { "", $"knownAt={world.End}", "publishedUntil=2025" })
        {
            var counts = $"stats/factories?slug=units&basis=expected&asOf={day}&{point}";
            var series = $"stats/timeline?slug=units&basis=expected&from={day}&to={day}&interval=month&{point}";
            Assert.Equal(total, await SumsAsync(counts));
            Assert.Equal(total, await SumsAsync($"{series}&groupBy=country"));
            Assert.Equal(byStatus, await SumsAsync($"{counts}&groupBy=status"));
            Assert.Equal(byStatus, await SumsAsync($"{series}&groupBy=status"));
        }
    }

    [Fact]
    public async Task Capacity_sorts_by_the_reference_unit()
    {
        foreach (var point in new[] { "", $"knownAt={world.End}" })
        {
            var path = $"/v1/factories?slug=large,small&{point}";
            Assert.Equal(["large", "small"], await Ask.SlugsAsync($"{path}&sort=-capacity"));
            Assert.Equal(["small", "large"], await Ask.SlugsAsync($"{path}&sort=capacity"));
        }
    }

    [Fact]
    public async Task Status_begins_with_the_more_precise_date()
    {
        var item = await Ask.JsonAsync("/v1/factories/begun?asOf=2024-06-30");
        Assert.Equal(("under_construction", "2023-12-13"), (item.Text("status"), item.Text("statusSince")));
        Assert.Equal(["2023-12-13"], await Ask.TextsAsync("/v1/factories?slug=begun&asOf=2024-06-30", "statusSince"));
        var row = Assert.Single(await TableAsync("factories?slug=begun&asOf=2024-06-30"));
        Assert.Equal("2023-12-13", row["statusSince"]);
        Assert.Null((await Ask.JsonAsync("/v1/factories/begun?asOf=2023-12-12")).Text("status"));
        const string months = "/v1/stats/timeline?slug=begun&interval=month&from=2023-01&to=2023-12";
        Assert.Equal(["2023-12-31"], await Ask.TextsAsync(months, "on"));
        Assert.Empty(await Ask.ItemsAsync("/v1/stats/factories?slug=begun&status=under_construction&asOf=2023-12-12"));
        const string stays = "/v1/stats/time-in-stage?slug=begun&from=under_construction&cohortBy=building";
        var stay = (await Ask.ItemsAsync(stays)).Single(one => one.Text("cohort") == "2023");
        Assert.Equal(("1", "366"), (stay.Text("phases"), stay.Text("medianDays")));
    }

    [Fact]
    public async Task Vague_wording_does_not_hide_the_number_of_jobs()
    {
        var said = await Ask.ItemsAsync("/v1/factories/jobs/figures?sort=recordedAt");
        Assert.Equal(
            [("thousands", null, "false"), (null, "1200", "true")],
            said.Select(f => (f.Text("word"), f.Text("value"), f.Text("inForce"))));
        var item = await Ask.JsonAsync("/v1/factories/jobs?include=figures");
        Assert.Equal("1200", Assert.Single(item.List("figures"), f => f.Text("inForce") == "true").Text("value"));
        var sum = Assert.Single(await Ask.ItemsAsync("/v1/stats/factories?slug=jobs&measure=jobs"));
        Assert.Equal(("1200", "jobs", "1"), (sum.Text("value"), sum.Text("unit"), sum.Text("withFigure")));
        var table = await TableAsync("factories/jobs/figures?sort=recordedAt");
        Assert.Equal(["", "1200"], table.Select(row => row["value"]));
    }

    [Fact]
    public async Task Merged_factory_is_no_longer_a_site_of_its_own()
    {
        Assert.Equal(["survivor"], await Ask.SlugsAsync("/v1/factories?slug=survivor,merged"));
        (await Ask.GetAsync("/v1/factories/merged")).Is(308);
        Assert.Equal(
            ["merged", "survivor"],
            await Ask.SlugsAsync($"/v1/factories?slug=survivor,merged&knownAt={world.BeforeMerge}"));
    }

    private static string Capacity(JsonElement factory)
    {
        var entries = factory.List("capacity")
            .Select(entry => Words(entry.Text("value"), entry.Text("unit"), entry.Text("product")));
        return Words(
            string.Join(" + ", entries.DefaultIfEmpty("none")),
            factory.Text("capacityBasis"),
            factory.Text("capacityIsPartial") is "true" ? "partial" : null);
    }

    // A table shows the first entry alone.
    private static IEnumerable<(string, string)> FirstEntry(JsonElement factory)
    {
        var entry = factory.List("capacity").FirstOrDefault();
        string[] parts = ["value", "min", "max", "word", "unit", "qualifier", "product"];
        return
        [
            .. parts.Select(part => ($"capacity.{part}", entry.Text(part) ?? "")),
            ("capacityBasis", factory.Text("capacityBasis") ?? ""),
            ("capacityIsPartial", factory.Text("capacityIsPartial")!),
        ];
    }

    private static bool IsCapacity(KeyValuePair<string, string> cell) =>
        cell.Key.StartsWith("capacity", StringComparison.Ordinal);

    private async Task<Dictionary<string, string>[]> TableAsync(string path)
    {
        var table = Csv.Read((await Ask.GetAsync($"/v1/{path}&format=csv&limit=all")).Is(200).Text);
        return [.. table.Rows.Select(row => table.Header.Zip(row).ToDictionary())];
    }

    private async Task<string> SumsAsync(string path) => string.Join(
        ", ",
        (await Ask.ItemsAsync($"/v1/{path}&measure=capacity"))
            .Select(sum => Words(
                sum.Text("status"),
                sum.Text("unit") is null ? "none" : null,
                sum.Text("value"),
                sum.Text("unit"),
                sum.Text("product"),
                sum.Text("withoutFigure") is "0" ? null : $"{sum.Text("withoutFigure")} without"))
            .Order(StringComparer.Ordinal));

    private static string Words(params IEnumerable<string?> words) => string.Join(' ', words.OfType<string>());
}
