using System.Text.Json;

namespace Chantier.Api.Tests.Factories;

/// <summary>What changed between two points, computed by hand over the invented world.</summary>
public sealed class DiffTests(PostgresFixture postgres) : World(postgres)
{
    [Fact]
    public async Task Between_two_dates_statuses_change_and_what_nothing_was_said_of_appears()
    {
        var answer = (await Ask.GetAsync("/v1/diff?from=2022-01-01&to=2023-12-31")).Is(200);

        Assert.Equal(
            ["contradictoire appeared >suspended", "sosie-b appeared >idled", "zebre-nord status planning>under_construction"],
            answer.Items.Select(Shown));
        Assert.Equal("""{"appeared":2,"status":1}""", answer.Json.Text("page.counts"));
        Assert.Equal("2023-12-31", answer.Json.Text("asOf"));
    }

    [Fact]
    public async Task Each_side_has_its_claim_its_date_and_its_sources()
    {
        var moved = (await Ask.ItemsAsync("/v1/diff?from=2022-01-01&to=2023-12-31&slug=zebre-nord")).Single();

        Assert.Equal(("201", "2021-03-01", "actual", """["registre-2023"]"""), (moved.Text("before.claim"), moved.Text("before.date"), moved.Text("before.basis"), moved.Text("before.sources")));
        Assert.Equal(("203", "2022-06-01"), (moved.Text("after.claim"), moved.Text("after.date")));
    }

    [Fact]
    public async Task Figures_and_roles_that_begin_or_end_between_the_dates_are_told()
    {
        // The investment announced for 2024 is a plan: its date decides nothing.
        var items = await Ask.ItemsAsync("/v1/diff?from=2014-12-31&to=2024-01-01&kind=figure,role&slug=acierie-elan");

        Assert.Equal(["figure capacity installed MW 100", "role ancien owner 122>", "role fonds owner >123"], items.Select(item => item.Text("kind") == "figure"
            ? $"figure {item.Text("property")} {item.Text("qualifier")} {item.Text("unit")} {item.Text("before.value")}{item.Text("after.value")}"
            : $"role {item.Text("operator.slug")} {item.Text("role")} {item.Text("before.claim")}>{item.Text("after.claim")}"));
        Assert.Equal(("""["registre-2023"]""", "2015", null), (items[0].Text("after.sources"), items[0].Text("after.forDate"), items[0].Text("after.date")));
    }

    [Fact]
    public async Task Between_two_moments_of_knowledge_corrections_news_and_merges_show()
    {
        var items = await Ask.ItemsAsync("/v1/diff?knownFrom=2025-02-20&knownTo=2025-03-20&asOf=2025-01-01");

        Assert.Equal(
            [
                "acierie-elan-ter vanished permitted> into acierie-elan-bis", "contradictoire status idled>suspended", "sosie-a vanished operating> into sosie-b",
                "tardive figure 10>20", "tardive status announced>cancelled", "zebre-nord status under_construction>suspended",
            ],
            items.Select(Shown));
    }

    [Fact]
    public async Task What_a_site_was_called_and_where_it_was_thought_to_be_are_compared_along_what_was_known()
    {
        var curator = await KeyAsync("curate");
        async Task<string> NowAsync() => (await Ask.JsonAsync("/v1/factories?limit=1&fields=slug")).Text("knownAt")!;
        async Task<string?> PlaceAsync(string body) => (await Ask.WriteAsync("POST", "/v1/factories/site/locations", body, curator)).Is(201).Json.Text("id");
        (await Ask.WriteAsync("POST", "/v1/factories", """{"name":"Site","sector":"other","country":"FR"}""", curator)).Is(201);
        var unplaced = await NowAsync();
        var town = await PlaceAsync("""{"lon":2.35,"lat":48.85,"precision":"municipality","sources":[{"source":"registre-2023"}]}""");
        var placed = await NowAsync();
        (await Ask.WriteAsync("PATCH", "/v1/factories/site", """{"name":"Site renommé"}""", curator, "If-Match: *")).Is(200);
        var gate = await PlaceAsync("""{"lon":2.36,"lat":48.86,"precision":"site","sources":[{"source":"registre-2024"}]}""");
        (await Ask.WriteAsync("PATCH", "/v1/factories/site", """{"website":"https://site.example"}""", curator, "If-Match: *")).Is(200);
        var renamed = await NowAsync();

        var first = (await Ask.ItemsAsync($"/v1/diff?knownFrom={unplaced}&knownTo={placed}")).Single();
        Assert.Equal(("location", null, town, "2.35", "municipality"), (first.Text("kind"), first.Text("before"), first.Text("after.claim"), first.Text("after.lon"), first.Text("after.precision")));

        var both = (await Ask.GetAsync($"/v1/diff?knownFrom={placed}&knownTo={renamed}&slug=site")).Is(200);
        var (moved, called) = (both.Items.Single(item => item.Text("kind") == "location"), both.Items.Single(item => item.Text("kind") == "name"));
        Assert.Equal((town, "48.85", """["registre-2023"]"""), (moved.Text("before.claim"), moved.Text("before.lat"), moved.Text("before.sources")));
        Assert.Equal((gate, "48.86", """["registre-2024"]""", "site"), (moved.Text("after.claim"), moved.Text("after.lat"), moved.Text("after.sources"), moved.Text("after.precision")));
        Assert.Equal(("Site", "Site renommé", null, "[]"), (called.Text("before.name"), called.Text("after.name"), called.Text("after.claim"), called.Text("after.sources")));
        Assert.Equal("""{"location":1,"name":1}""", both.Json.Text("page.counts"));

        Assert.Single(await Ask.ItemsAsync($"/v1/diff?knownFrom={placed}&knownTo={renamed}&kind=name"));
        // The site is where it was: between two dates in the world, neither differs.
        Assert.Empty(await Ask.ItemsAsync($"/v1/diff?from=2020-01-01&to=2024-01-01&knownAt={renamed}&kind=name,location"));
    }

    [Fact]
    public async Task From_a_point_of_both_axes_to_another_is_asked_at_once()
    {
        // What the tracker said in February of 2022, and what it says in June of 2024.
        var moved = (await Ask.ItemsAsync("/v1/diff?from=2022-03-01&to=2024-12-01&knownFrom=2025-01-20&knownTo=2025-06-01&slug=zebre-nord&kind=status")).Single();

        Assert.Equal("zebre-nord status under_construction>suspended", Shown(moved));
        Assert.Equal("202", moved.Text("before.claim"));
    }

    [Fact]
    public async Task What_had_been_published_is_compared_in_that_sense()
    {
        var moved = (await Ask.ItemsAsync("/v1/diff?publishedFrom=2020&publishedTo=2023&asOf=2023-12-31&slug=tardive&kind=figure")).Single();

        Assert.Equal("tardive figure 10>20", Shown(moved));
        Assert.Equal(("""["gazette-2020"]""", """["registre-2023"]"""), (moved.Text("before.sources"), moved.Text("after.sources")));
        Assert.Equal(moved.GetRawText(), (await Ask.ItemsAsync("/v1/diff?publishedFrom=2020&asOf=2023-12-31&slug=tardive&kind=figure")).Single().GetRawText());
    }

    [Theory]
    [InlineData("status=suspended", "contradictoire")]
    [InlineData("status=under_construction", "zebre-nord")]
    [InlineData("country=DE", "zebre-nord")]
    [InlineData("region=basse-arcadie", "contradictoire")]
    [InlineData("region=basse-arcadie,haute-arcadie", "contradictoire", "sosie-b")]
    [InlineData("q=sosie", "sosie-b")]
    [InlineData("kind=appeared", "contradictoire", "sosie-b")]
    [InlineData("operator=zebre", "contradictoire", "zebre-nord")]
    [InlineData("bbox=12,52,13,53", "zebre-nord")]
    [InlineData("near=12.5,52&radiusKm=30", "zebre-nord")]
    [InlineData("country=NO")]
    public async Task A_filter_takes_what_matches_it_at_either_point(string filter, params string[] slugs) =>
        Assert.Equal(slugs, (await Ask.ItemsAsync($"/v1/diff?from=2022-01-01&to=2023-12-31&{filter}")).Select(item => item.Text("factory.slug")));

    [Fact]
    public async Task Range_that_ends_later_stops_at_the_current_day() => Assert.Equal(
        (await Ask.JsonAsync("/v1/factories?limit=1")).Text("asOf"), (await Ask.JsonAsync("/v1/diff?from=2022-01-01&to=2998")).Text("asOf"));

    [Fact]
    public async Task Pages_walk_the_whole_and_each_tells_the_counts_of_all()
    {
        var whole = (await Ask.ItemsAsync("/v1/diff?from=2015&to=2024-12-01")).Select(Shown).ToList();
        var walked = new List<string>();
        var path = "/v1/diff?from=2015&to=2024-12-01&limit=3";
        for (string? next = ""; next is not null;)
        {
            var page = (await Ask.GetAsync(next.Length == 0 ? path : $"/v1/diff?cursor={next}&limit=3")).Is(200);
            walked.AddRange(page.Items.Select(Shown));
            Assert.Equal(whole.Count, page.Json.GetProperty("page").GetProperty("counts").EnumerateObject().Sum(count => count.Value.GetInt32()));
            next = page.Next;
        }

        Assert.True(whole.Count > 8);
        Assert.Equal(whole, walked);
    }

    [Fact]
    public async Task Csv_has_both_sides_as_columns()
    {
        var lines = (await Ask.GetAsync("/v1/diff?from=2022-01-01&to=2023-12-31&format=csv")).Is(200).Text.Split("\r\n");

        Assert.Contains("before.status", lines[0].Split(','));
        Assert.Contains("after.sources", lines[0].Split(','));
        Assert.Equal(5, lines.Length);
    }

    [Theory]
    [InlineData("", "from")]
    [InlineData("to=2024", "from", "to")]
    [InlineData("from=2024&to=2023", "to")]
    [InlineData("knownFrom=2025-03-01&knownTo=2025-02-01", "knownTo")]
    [InlineData("from=2023&asOf=2024", "asOf")]
    [InlineData("knownFrom=2025-01-01&knownAt=2025-02-01", "knownAt")]
    [InlineData("publishedTo=2024", "from", "publishedTo")]
    [InlineData("publishedFrom=2024&publishedTo=2023", "publishedTo")]
    [InlineData("publishedFrom=2023&publishedUntil=2024", "publishedUntil")]
    [InlineData("publishedFrom=2023&knownFrom=2025-01-01", "publishedFrom")]
    [InlineData("knownFrom=2025-01-01&publishedUntil=2024", "publishedUntil")]
    [InlineData("from=2997", "from")]
    [InlineData("knownFrom=2997-01-01", "knownFrom")]
    [InlineData("from=2023&kind=moved", "kind")]
    [InlineData("from=2023&region=nulle-part", "region")]
    public async Task What_cannot_be_compared_is_refused_by_name(string query, params string[] parameters) => (await Ask.GetAsync($"/v1/diff?{query}")).Blames(parameters);

    private static string Shown(JsonElement item) =>
        $"{item.Text("factory.slug")} {item.Text("kind")} {item.Text("before.status")}{item.Text("before.value")}>{item.Text("after.status")}{item.Text("after.value")}"
        + (item.Text("mergedInto") is { } into ? $" into {into}" : "");
}
