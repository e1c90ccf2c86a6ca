using System.Globalization;
using System.Text.Json;

namespace Chantier.Api.Tests.Stats;

/// <summary>Sites under construction since 2020, of which different things are expected.</summary>
public sealed class ExpectedSites(PostgresFixture postgres) : RecordedSites(postgres)
{
    internal DateOnly Today { get; private set; }

    /// <summary>Before the plans of "moved" and "sooner" changed.</summary>
    internal string BeforeMove { get; private set; } = "";

    private protected override async Task RecordAsync()
    {
        Today = DateOnly.Parse((await Ask.JsonAsync("/v1/factories")).Text("asOf")!, CultureInfo.InvariantCulture);
        foreach (var (site, expected) in new[]
        {
            ("idle", (string[])[]),
            ("planned", ["operating 2031", "closed 2045"]),
            ("moved", ["operating 2031"]),
            ("sooner", ["operating 2040"]),
            ("contradicted", ["operating 2031", "commissioning 2035"]),
            ("overdue", [$"operating {Today.Year - 2}"]),
            ("imminent", [$"operating {Today.Year}/{Today.Year + 1}"]),
            ("revised", ["operating 2031 said 2023", "operating 2035 said 2025"]),
            ("other", ["operating 2031"]),
        })
        {
            await SiteAsync(site, ["under_construction 2020", .. expected.Select(one => $"expected {one}")]);
            await FiguresAsync(site, "10 MW announced");
        }

        BeforeMove = await NowAsync();
        await EventsAsync("moved", "expected operating 2035");
        await EventsAsync("sooner", "expected operating 2031");
        await SiteAsync("survivor", "under_construction 2020");
        await PostAsync("factories/other/merge", """{"into":"survivor"}""");
    }
}

/// <summary>What basis=expected projects: counts and capacity of days to come.</summary>
public sealed class ExpectedStatTests(ExpectedSites world) : IClassFixture<ExpectedSites>
{
    private Ask Ask => world.Ask;

    [Theory]
    [InlineData("idle", "2050", "under_construction")]
    [InlineData("planned", "2030", "under_construction")]
    [InlineData("planned", "2031-01-01", "operating")]
    [InlineData("planned", "2044", "operating")]
    [InlineData("planned", "2045", "closed")]
    [InlineData("moved", "2034", "under_construction")]
    [InlineData("moved", "2035", "operating")]
    [InlineData("sooner", "2031", "operating")]
    [InlineData("contradicted", "2034", "under_construction")]
    [InlineData("contradicted", "2035", "commissioning")]
    [InlineData("contradicted", "2050", "commissioning")]
    [InlineData("overdue", "2050", "under_construction")]
    [InlineData("revised", "2034", "under_construction")]
    [InlineData("survivor", "2031", "operating")]
    public async Task Expected_event_counts(string site, string day, string status)
    {
        Assert.Equal((status, "true", "1"), await StatusAsync($"factories?slug={site}&groupBy=status&asOf={day}"));
        Assert.Equal((status, "true", "1"), await StatusAsync($"timeline?slug={site}&from={day}&to={day}"));
        Assert.Equal("10", Assert.Single(await Ask.ItemsAsync($"/v1/stats/factories?slug={site}&basis=expected&asOf={day}&measure=capacity")).Text("value"));
        Assert.Equal(
            [site],
            (await Ask.ItemsAsync($"/v1/stats/factories?slug={site}&basis=expected&asOf={day}&status={status}")).Select(_ => site));
        Assert.Empty(await Ask.ItemsAsync($"/v1/stats/factories?slug={site}&basis=expected&asOf={day}&stage=planned"));
    }

    [Fact]
    public async Task Imprecise_date_counts_from_the_day_after_the_current_one()
    {
        var (today, tomorrow) = ($"{world.Today:O}", $"{world.Today.AddDays(1):O}");
        Assert.Equal(("under_construction", "false", "1"), await StatusAsync($"factories?slug=imminent&groupBy=status&asOf={today}"));
        Assert.Equal(("operating", "true", "1"), await StatusAsync($"factories?slug=imminent&groupBy=status&asOf={tomorrow}"));
        // What has happened does not follow from what is expected.
        Assert.Equal("under_construction", Assert.Single(await Ask.ItemsAsync($"/v1/stats/factories?slug=imminent&groupBy=status&asOf={tomorrow}")).Text("status"));
    }

    [Fact]
    public async Task Past_expectations_are_those_of_the_time()
    {
        var then = await Ask.GetAsync($"/v1/stats/factories?slug=moved,sooner&basis=expected&groupBy=status&asOf=2032&knownAt={world.BeforeMove}");
        Assert.Equal([("operating", "1"), ("under_construction", "1")], then.Is(200).Items.Select(row => (row.Text("status"), row.Text("factories"))));
        Assert.Contains("immutable", then.Header("Cache-Control"), StringComparison.Ordinal);
        // The plan of 2025 was not published yet; of the days after the cut nothing is known.
        Assert.Equal(("operating", "true", "1"), await StatusAsync("factories?slug=revised&groupBy=status&asOf=2032&publishedUntil=2024"));
        Assert.Equal(("under_construction", "true", "1"), await StatusAsync("factories?slug=revised&groupBy=status&asOf=2025&publishedUntil=2024"));
        // It was not overdue then.
        Assert.Equal(("operating", "true", "1"), await StatusAsync($"factories?slug=overdue&groupBy=status&asOf={world.Today.Year - 1}&publishedUntil={world.Today.Year - 3}"));
    }

    [Fact]
    public async Task Series_goes_on_into_the_days_to_come()
    {
        var series = await Ask.JsonAsync("/v1/stats/timeline?slug=planned,moved&basis=expected&from=2030&to=2046&measure=count,capacity");
        Assert.Equal(
            ["2031 operating 1 10", "2031 under_construction 1 10", "2035 operating 2 20", "2045 closed 1 10", "2045 operating 1 10"],
            series.List("items").GroupBy(row => (Year: row.Text("on")![..4], Status: row.Text("status")))
                .Where(group => group.Key.Year is "2031" or "2035" or "2045")
                .Select(group => $"{group.Key.Year} {group.Key.Status} {group.Single(IsCount).Text("value")} {group.Single(row => !IsCount(row)).Text("value")}")
                .Order(StringComparer.Ordinal));
        Assert.All(series.List("items"), row => Assert.Equal("true", row.Text("isProjected")));
        Assert.Null(series.Text("page.until"));

        // The factories are those of today, unless a day to come is asked for.
        Assert.Empty(await Ask.ItemsAsync("/v1/stats/timeline?slug=planned,moved&status=operating&basis=expected&to=2046"));
        var later = await Ask.ItemsAsync("/v1/stats/timeline?slug=planned,moved&status=operating&basis=expected&asOf=2032&from=2036&to=2036");
        Assert.Equal([("operating", "1")], later.Select(row => (row.Text("status"), row.Text("value"))));
    }

    [Theory]
    [InlineData("from=2020&to=2035", null)]
    [InlineData("from=2020&to=2023&asOf=2022-06-30", "2022-06-30")]
    [InlineData("from=2020&to=2060&basis=expected", "2050-12-31")]
    public async Task Series_that_ends_sooner_than_asked_says_so(string range, string? until)
    {
        var series = await Ask.JsonAsync($"/v1/stats/timeline?slug=idle&{range}");
        Assert.Equal(until ?? $"{world.Today:O}", series.Text("page.until"));
        Assert.Equal(series.Text("page.until"), series.List("items")[^1].Text("on"));
        Assert.Null((await Ask.JsonAsync("/v1/stats/timeline?slug=idle&from=2020&to=2022")).Text("page.until"));
        Assert.Null((await Ask.JsonAsync("/v1/stats/timeline?slug=idle")).Text("page.until"));
    }

    [Theory]
    [InlineData("factories?asOf=2031", "asOf", "later than the current day")]
    [InlineData("timeline?asOf=2031&to=2031", "asOf", "later than the current day")]
    [InlineData("factories?asOf=2051&basis=expected", "asOf", "2050-12-31")]
    [InlineData("timeline?asOf=2051&basis=expected", "asOf", "2050-12-31")]
    [InlineData("factories?basis=actual", "basis", "expected")]
    public async Task Day_to_come_is_refused_where_it_cannot_be_projected(string path, string parameter, string accepted) =>
        Assert.Contains(accepted, (await Ask.GetAsync($"/v1/stats/{path}")).Blames(parameter).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Answer_holds_until_something_is_written()
    {
        const string path = "/v1/stats/factories?asOf=2040&basis=expected&groupBy=status";
        var answer = (await Ask.GetAsync(path)).Is(200);
        (await Ask.GetAsync(path, $"If-None-Match: {answer.Header("ETag")}")).Is(304);
        Assert.All((await Ask.JsonAsync("/v1/stats/factories?groupBy=status")).List("items"), row => Assert.False(row.TryGetProperty("isProjected", out _)));
    }

    private static bool IsCount(JsonElement row) => row.Text("measure") is "count";

    private async Task<(string? Status, string? IsProjected, string? Factories)> StatusAsync(string path)
    {
        var row = Assert.Single(await Ask.ItemsAsync($"/v1/stats/{path}&basis=expected"));
        return (row.Text("status"), row.Text("isProjected"), row.Text("factories"));
    }
}
