using System.Globalization;

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
        await PostAsync("factories/other/merge", new { into = "survivor" });
    }
}

/// <summary>Tests the counts and capacities that basis=expected projects.</summary>
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
        Assert.Equal((status, "true"), await StatusAsync($"factories?slug={site}&asOf={day}"));
        Assert.Equal((status, "true"), await StatusAsync($"timeline?slug={site}&from={day}&to={day}"));
        var path = $"/v1/stats/factories?slug={site}&basis=expected&asOf={day}";
        Assert.Equal(["10"], await Ask.TextsAsync($"{path}&measure=capacity", "value"));
        Assert.Equal(["1"], await Ask.TextsAsync($"{path}&status={status}", "value"));
        Assert.Empty(await Ask.ItemsAsync($"{path}&stage=planned"));
    }

    [Fact]
    public async Task Imprecise_date_counts_from_the_day_after_the_current_one()
    {
        var (today, tomorrow) = ($"{world.Today:O}", $"{world.Today.AddDays(1):O}");
        Assert.Equal(("under_construction", "false"), await StatusAsync($"factories?slug=imminent&asOf={today}"));
        Assert.Equal(("operating", "true"), await StatusAsync($"factories?slug=imminent&asOf={tomorrow}"));
        // Without a projection, only what has happened counts.
        var known = $"/v1/stats/factories?slug=imminent&groupBy=status&asOf={tomorrow}";
        Assert.Equal(["under_construction"], await Ask.TextsAsync(known, "status"));
    }

    [Fact]
    public async Task Past_expectations_are_those_of_the_time()
    {
        var before = $"asOf=2032&knownAt={world.BeforeMove}";
        Assert.Equal(("operating", "true"), await StatusAsync($"factories?slug=moved&{before}"));
        Assert.Equal(("under_construction", "true"), await StatusAsync($"factories?slug=sooner&{before}"));
        var answer = await Ask.GetAsync($"/v1/stats/factories?basis=expected&{before}");
        Assert.Contains("immutable", answer.Is(200).Header("Cache-Control"), StringComparison.Ordinal);

        // The plan of 2025 was not published yet, and nothing was known of the days after the cut.
        const string revised = "factories?slug=revised&publishedUntil=2024";
        Assert.Equal(("operating", "true"), await StatusAsync($"{revised}&asOf=2032"));
        Assert.Equal(("under_construction", "true"), await StatusAsync($"{revised}&asOf=2025"));
        // What is overdue now was not overdue then.
        var year = world.Today.Year;
        Assert.Equal(
            ("operating", "true"),
            await StatusAsync($"factories?slug=overdue&asOf={year - 1}&publishedUntil={year - 3}"));
    }

    [Fact]
    public async Task Series_goes_on_into_the_days_to_come()
    {
        const string path = "/v1/stats/timeline?slug=planned,moved&basis=expected";
        var series = await Ask.JsonAsync($"{path}&from=2030&to=2046&measure=count,capacity");
        string[] expected =
        [
            "2031-12-31 capacity operating 10", "2031-12-31 capacity under_construction 10",
            "2031-12-31 count operating 1", "2031-12-31 count under_construction 1",
            "2035-12-31 capacity operating 20", "2035-12-31 count operating 2",
            "2045-12-31 capacity closed 10", "2045-12-31 capacity operating 10",
            "2045-12-31 count closed 1", "2045-12-31 count operating 1",
        ];
        Assert.Equal(
            expected,
            series.List("items")
                .Where(row => row.Text("on")![..4] is "2031" or "2035" or "2045")
                .Select(row => $"{row.Text("on")} {row.Text("measure")} {row.Text("status")} {row.Text("value")}")
                .Order(StringComparer.Ordinal));
        Assert.All(series.List("items"), row => Assert.Equal("true", row.Text("isProjected")));
        Assert.Null(series.Text("page.until"));

        // The filter is about today, unless a day to come is asked for.
        Assert.Empty(await Ask.ItemsAsync($"{path}&status=operating&to=2046"));
        var later = await Ask.ItemsAsync($"{path}&status=operating&asOf=2032&from=2036&to=2036");
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
    public async Task Day_to_come_is_refused_where_it_is_not_projected(string path, string parameter, string accepted)
    {
        var answer = (await Ask.GetAsync($"/v1/stats/{path}")).Blames(parameter);
        Assert.Contains(accepted, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Factories_to_derive_are_limited()
    {
        await using var api = await world.StartAsync("--Chantier:Limits:ExpectedFactories=2");
        var ask = new Ask(api.Client);
        foreach (var path in new[] { "factories?asOf=2040", "timeline?to=2040" })
        {
            var expected = $"/v1/stats/{path}&basis=expected";
            var answer = (await ask.GetAsync(expected)).Blames("basis");
            Assert.Contains("more than 2 factories", answer.Text, StringComparison.Ordinal);
            Assert.Contains("by 2040-12-31", answer.Text, StringComparison.Ordinal);
            (await ask.GetAsync($"{expected}&country=FR")).Blames("basis");
            (await ask.GetAsync($"{expected}&country=DE")).Is(200);
            (await ask.GetAsync($"{expected}&slug=planned,moved,idle,overdue&stage=active")).Is(200);
        }
    }

    [Fact]
    public async Task Answer_holds_until_something_is_written()
    {
        const string path = "/v1/stats/factories?asOf=2040&basis=expected&groupBy=status";
        var answer = (await Ask.GetAsync(path)).Is(200);
        (await Ask.GetAsync(path, $"If-None-Match: {answer.Header("ETag")}")).Is(304);
        Assert.All(
            await Ask.ItemsAsync("/v1/stats/factories?groupBy=status"),
            row => Assert.False(row.TryGetProperty("isProjected", out _)));
    }

    private async Task<(string? Status, string? IsProjected)> StatusAsync(string path)
    {
        var row = Assert.Single(await Ask.ItemsAsync($"/v1/stats/{path}&basis=expected&groupBy=status"));
        Assert.Equal("1", row.Text("factories"));
        return (row.Text("status"), row.Text("isProjected"));
    }
}
