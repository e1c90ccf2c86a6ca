using System.Text.Json;

namespace Chantier.Api.Tests.Factories;

/// <summary>What was so on a date, as it was known at a moment: on one factory, in lists, and in every format.</summary>
public sealed class FactoryTimeTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    private Ask Ask => world.Ask;

    /// <summary>Each row with the claim that decides it in world.sql.</summary>
    [Theory]
    [InlineData("zebre-nord", "asOf=2021-02", null, null)]
    [InlineData("zebre-nord", "asOf=2021-03-01", "planning", "2021-03-01")]
    // The date of the works was wrong until write 2 corrected it.
    [InlineData("zebre-nord", "asOf=2022-03&knownAt=2025-01-31", "under_construction", "2022-01-01")]
    [InlineData("zebre-nord", "asOf=2022-03&knownAt=2025-02-10T09:59:59.999999Z", "under_construction", "2022-01-01")]
    [InlineData("zebre-nord", "asOf=2022-03&knownAt=2025-02-10T10:00:00Z", "planning", "2021-03-01")]
    [InlineData("zebre-nord", "asOf=2022-03&knownAt=2025-02-10T12:00:00%2B02:00", "planning", "2021-03-01")]
    [InlineData("zebre-nord", "asOf=2022-03", "planning", "2021-03-01")]
    // In error: it was never published so.
    [InlineData("zebre-nord", "asOf=2022-03&publishedUntil=2024-06-01", "planning", "2021-03-01")]
    [InlineData("zebre-nord", "asOf=2024-12&knownAt=2025-02-28", "under_construction", "2022-06-01")]
    [InlineData("zebre-nord", "asOf=2024-12&knownAt=2025-03-10", "suspended", "2024-11-15")]
    // Recorded in March 2025, published on the last day of 2024.
    [InlineData("zebre-nord", "asOf=2024-12&publishedUntil=2024-12-30", "under_construction", "2022-06-01")]
    [InlineData("zebre-nord", "asOf=2024-12&publishedUntil=2024-12-31", "suspended", "2024-11-15")]
    [InlineData("zebre-nord", "asOf=2024-11-14", "under_construction", "2022-06-01")]
    // Said in write 3 and retracted in write 5 as an error of ours.
    [InlineData("tardive", "knownAt=2025-04-30", "cancelled", "2023-12-31")]
    [InlineData("tardive", "knownAt=2025-04-30&asOf=2023-12-30", "announced", "2019")]
    [InlineData("tardive", "", "announced", "2019")]
    [InlineData("tardive", "publishedUntil=2024-01-31", "announced", "2019")]
    // A year counts from its first day.
    [InlineData("tardive", "asOf=2018", null, null)]
    [InlineData("tardive", "asOf=2019-01-01", "announced", "2019")]
    // A year that contains a day of the same status only confirms it.
    [InlineData("contradictoire", "asOf=2022-08", null, null)]
    // Of one day, the actual over the inferred, the more confident, the later recorded.
    [InlineData("contradictoire", "asOf=2022-09-01&knownAt=2025-01-31", "idled", "2022-09-01")]
    [InlineData("contradictoire", "asOf=2022-09-01", "suspended", "2022-09-01")]
    // An inference of ours that no source stands behind counts as published when it was recorded.
    [InlineData("fidji-est", "asOf=2010", "operating", "2010~")]
    [InlineData("fidji-est", "asOf=2020&publishedUntil=2024-12-31", "operating", "2010~")]
    [InlineData("fidji-est", "asOf=2020&publishedUntil=2025-01-10", "operating", "2010~")]
    // Only retrieved, never dated.
    [InlineData("fidji-ouest", "asOf=2024-03&publishedUntil=2024-02-29", null, null)]
    [InlineData("fidji-ouest", "asOf=2024-03&publishedUntil=2024-03-01", "permitted", "2024-02")]
    // A day to come does not count before it comes.
    [InlineData("futur", "", "under_construction", "2024-01-01")]
    // Two phases: that which runs since 2015 decides, and what is only expected never does.
    [InlineData("acierie-elan", "asOf=2014", "permitted", "2013-05")]
    [InlineData("acierie-elan", "asOf=2014&knownAt=2025-03-31", null, null)]
    [InlineData("acierie-elan", "asOf=2025", "operating", "2015")]
    public async Task The_status_of_a_factory_is_that_of_the_date_and_of_the_knowledge_asked_for(string slug, string axes, string? status, string? since)
    {
        foreach (var one in new[]
        {
            await Ask.JsonAsync($"/v1/factories/{slug}?{axes}"),
            Assert.Single(await Ask.ItemsAsync($"/v1/factories?slug={slug}&{axes}")),
            Assert.Single((await Ask.JsonAsync($"/v1/factories?slug={slug}&format=geojson&{axes}")).List("features")).GetProperty("properties"),
            Line(await Ask.GetAsync($"/v1/factories?slug={slug}&format=ndjson&{axes}")),
        })
        {
            Assert.Equal((status, since), (one.Text("status"), one.Text("statusSince")));
        }

        var table = Http.Csv.Read((await Ask.GetAsync($"/v1/factories?slug={slug}&format=csv&fields=slug,status,statusSince&{axes}")).Is(200).Text);
        Assert.Equal([slug, status ?? "", since ?? ""], Assert.Single(table.Rows));
        // The filter asks for the status of the same moment.
        Assert.Equal(status is null ? [] : [slug], await Ask.SlugsAsync($"/v1/factories?slug={slug}&status={status ?? string.Join(',', Domain.Status.All.Select(s => s.Code))}&{axes}"));
    }

    [Theory]
    [InlineData("2025-01-09", 0)]
    [InlineData("2025-01-10T09:59:59.999999Z", 0)]
    [InlineData("2025-01-10T10:00:00Z", 15)]
    [InlineData("2025-01-10", 15)]
    [InlineData("2025-03-09", 15)]
    [InlineData("2025-03-10", 13)]
    [InlineData("2025-04-09", 13)]
    [InlineData("2025-04-10", 11)]
    [InlineData("2025-05-09", 11)]
    [InlineData("2025-05-10", 12)]
    [InlineData("2025-05-10T10:00:00.123456Z", 12)]
    [InlineData("2025-05-10T10:00:00.123455Z", 11)]
    public async Task Factories_are_there_from_when_they_were_recorded_until_they_were_merged_or_deleted(string knownAt, int count)
    {
        var answer = (await Ask.GetAsync($"/v1/factories?count=exact&knownAt={knownAt}")).Is(200);

        Assert.Equal(count, answer.Items.Length);
        Assert.Equal(count, answer.Json.GetProperty("page").GetProperty("count").GetInt32());
        Assert.Equal(count, (await Ask.ItemsAsync($"/v1/factories?asOf=1900&knownAt={knownAt}")).Length);
    }

    [Fact]
    public async Task A_merge_shows_two_before_and_one_after_and_the_old_name_leads_on()
    {
        Assert.Equal("Aciérie Élan ter", (await Ask.JsonAsync("/v1/factories/acierie-elan-ter?knownAt=2025-03-09")).Text("name"));

        // Merged into the second in March, and with it into the first in April.
        foreach (var rest in new[] { "", "/status-events", "/figures", "/phases", "/media", "/sources" })
        {
            Moved(await Ask.GetAsync($"/v1/factories/acierie-elan-ter{rest}?knownAt=2025-03-31&lang=fr"), $"/v1/factories/acierie-elan-bis{rest}?knownAt=2025-03-31&lang=fr");
            Moved(await Ask.GetAsync($"/v1/factories/acierie-elan-ter{rest}"), $"/v1/factories/acierie-elan{rest}");
            Moved(await Ask.GetAsync($"/v1/factories/acierie-elan-bis{rest}?asOf=2024"), $"/v1/factories/acierie-elan{rest}?asOf=2024");
        }

        Moved(await Ask.GetAsync("/v1/factories/acierie-elan-ter/changes"), "/v1/factories/acierie-elan/changes");
    }

    [Fact]
    public async Task A_merge_that_was_undone_leads_on_only_for_its_time()
    {
        Assert.Equal("sosie-a", (await Ask.JsonAsync("/v1/factories/sosie-a?knownAt=2025-03-09")).Text("slug"));
        Moved(await Ask.GetAsync("/v1/factories/sosie-a?knownAt=2025-03-10"), "/v1/factories/sosie-b?knownAt=2025-03-10");
        // What is known of the site as a whole, under either name, is of one site.
        Assert.Equal("operating", (await Ask.JsonAsync("/v1/factories/sosie-b?knownAt=2025-03-10&asOf=2020")).Text("status"));
        Assert.Equal("idled", (await Ask.JsonAsync("/v1/factories/sosie-b?knownAt=2025-03-10")).Text("status"));
        Assert.Equal("sosie-a", (await Ask.JsonAsync("/v1/factories/sosie-a")).Text("slug"));
        Assert.Null((await Ask.JsonAsync("/v1/factories/sosie-b?asOf=2020")).Text("status"));
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_what_was_not_recorded_yet_is_not_found()
    {
        foreach (var rest in new[] { "", "/status-events", "/figures", "/phases", "/media", "/sources", "/changes" })
        {
            (await Ask.GetAsync($"/v1/factories/supprimee{rest}")).IsProblem(410);
            (await Ask.GetAsync($"/v1/factories/nobody{rest}")).IsProblem(404);
            if (rest != "/changes")
            {
                (await Ask.GetAsync($"/v1/factories/supprimee{rest}?knownAt=2025-04-09")).Is(200);
                Assert.Equal("urn:chantier:problem:not-known-then", (await Ask.GetAsync($"/v1/factories/supprimee{rest}?knownAt=2025-01-09")).IsProblem(404).Json.Text("type"));
            }
        }
    }

    [Fact]
    public async Task A_name_and_a_region_are_those_of_the_moment()
    {
        var then = await Ask.JsonAsync("/v1/factories/renommee?knownAt=2025-05-09");
        var now = await Ask.JsonAsync("/v1/factories/renommee");

        Assert.Equal(("Ancien Nom", "basse-arcadie", "1"), (then.Text("name"), then.Text("region.slug"), then.Text("version")));
        Assert.Equal(("Renommée", "val-d-or", "2"), (now.Text("name"), now.Text("region.slug"), now.Text("version")));
        Assert.Equal("2025-05-10T10:00:00.123456Z", now.Text("updatedAt"));
        Moved(await Ask.GetAsync("/v1/factories/ancien-nom"), "/v1/factories/renommee");
    }

    [Fact]
    public async Task Every_answer_says_which_day_and_which_knowledge_it_is_of()
    {
        async Task<(string?, string?)> Axes(string query) => await Ask.JsonAsync($"/v1/factories?limit=1&{query}") is var page ? (page.Text("asOf"), page.Text("knownAt")) : default;
        async Task<string?> Published(string query) => (await Ask.JsonAsync($"/v1/factories?limit=1&{query}")).Text("publishedUntil");

        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd");
        Assert.Equal((today, "2025-05-10T10:00:00.123456Z"), await Axes(""));
        Assert.Equal(("2024-02-29", "2025-05-10T10:00:00.123456Z"), await Axes("asOf=2024-02"));
        Assert.Equal(("2024-12-31", "2025-02-28T23:59:59.999999Z"), await Axes("asOf=2024&knownAt=2025-02-28"));
        Assert.Equal(("2024-12-31", "2025-02-28T23:30:00.000000Z"), await Axes("asOf=2024~&knownAt=2025-03-01T00:30:00%2B01:00"));
        // With knownAt alone, the day is that of knownAt. Later than the newest entry, the answer is as of that one.
        Assert.Equal(("2025-02-28", "2025-02-28T23:30:00.000000Z"), await Axes("knownAt=2025-03-01T00:30:00%2B01:00"));
        Assert.Equal(("2025-05-10", "2025-05-10T10:00:00.123456Z"), await Axes("knownAt=2025-05-10"));
        Assert.Equal((today, "2025-05-10T10:00:00.123456Z"), await Axes($"knownAt={today}"));
        // What had been published is asked of all that is known now, on the current day.
        Assert.Equal((today, "2025-05-10T10:00:00.123456Z"), await Axes("publishedUntil=2023"));
        Assert.Equal("2023-12-31", await Published("publishedUntil=2023"));
        Assert.Equal("2023-09-30", await Published("publishedUntil=2023-35&asOf=2020"));
        Assert.Equal(today, await Published($"publishedUntil={today[..4]}"));
        Assert.Null(await Published("asOf=2020"));
    }

    [Theory]
    [InlineData("asOf=2024-13", "asOf")]
    [InlineData("asOf=2024-01/2024-06", "asOf")]
    [InlineData("asOf=today", "asOf")]
    [InlineData("knownAt=2025", "knownAt")]
    [InlineData("knownAt=2025-01-01T00:00:00", "knownAt")]
    [InlineData("knownAt=2999-01-01", "knownAt")]
    [InlineData("knownAt=2999-01-01T00:00:00Z", "knownAt")]
    [InlineData("asOf=2999", "asOf")]
    [InlineData("asOf=9999-12-31", "asOf")]
    [InlineData("publishedUntil=2999", "publishedUntil")]
    [InlineData("publishedUntil=2020/2023", "publishedUntil")]
    [InlineData("publishedUntil=2023/..", "publishedUntil")]
    [InlineData("publishedUntil=2023-01-01T00:00:00Z", "publishedUntil")]
    [InlineData("publishedUntil=2023&knownAt=2025-01-31", "publishedUntil")]
    [InlineData("knownBy=published", "knownBy")]
    [InlineData("dateMatch=certain", "dateMatch")]
    public async Task Axes_that_are_malformed_or_in_the_future_are_refused_everywhere(string axes, string parameter)
    {
        foreach (var path in new[]
        {
            "/v1/factories", "/v1/factories/acierie-elan", "/v1/factories/acierie-elan/figures", "/v1/operators", "/v1/operators/elan", "/v1/operators/elan/ownership",
            "/v1/regions", "/v1/regions/arcadie", "/v1/regions/arcadie/factories", "/v1/status-events", "/v1/media", "/v1/media/1", "/v1/sources", "/v1/sources/carnet",
        })
        {
            (await Ask.GetAsync($"{path}?{axes}")).Blames(parameter);
        }
    }

    [Fact]
    public async Task Status_events_are_those_that_had_happened_and_were_known()
    {
        const string Of = "/v1/factories/zebre-nord/status-events?fields=id,inForce&sort=date&";
        async Task<string> Events(string axes) => string.Join(' ', (await Ask.ItemsAsync(Of + axes)).Select(e => e.Text("id") + (e.Text("inForce") == "true" ? "!" : "")));

        Assert.Equal("201 203 204!", await Events(""));
        Assert.Equal("201 203!", await Events("asOf=2024-10"));
        Assert.Equal("201!", await Events("asOf=2022-03"));
        Assert.Equal("201 202!", await Events("asOf=2022-03&knownAt=2025-01-31"));
        Assert.Equal("201 203!", await Events("knownAt=2025-02-28"));
        Assert.Equal("201 203!", await Events("publishedUntil=2024-06-30"));
        Assert.Equal("", await Events("publishedUntil=2023-06-30"));
        Assert.Equal("1505 1501 1502! 1503", string.Join(' ', (await Ask.ItemsAsync("/v1/factories/contradictoire/status-events?sort=date&knownAt=2025-02-01")).Select(e => e.Text("id") + (e.Text("inForce") == "true" ? "!" : ""))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&asOf=2016")]
    [InlineData("&asOf=2023-05-14")]
    [InlineData("&knownAt=2025-03-31")]
    [InlineData("&publishedUntil=2021-01-01")]
    public async Task The_events_of_a_factory_are_those_of_all_that_are_of_it(string axes)
    {
        var own = await Ask.GetAsync($"/v1/factories/acierie-elan/status-events?sort=date{axes}");
        var all = await Ask.GetAsync($"/v1/status-events?factory=acierie-elan&sort=date{axes}");

        Assert.Equal(all.Is(200).Json.GetProperty("items").GetRawText(), own.Is(200).Json.GetProperty("items").GetRawText());
        Assert.NotEmpty(own.Items);
    }

    [Fact]
    public async Task Figures_are_those_that_were_known_and_the_latest_counts()
    {
        async Task<string> Figures(string slug, string axes) => string.Join(' ', (await Ask.ItemsAsync($"/v1/factories/{slug}/figures?sort=recordedAt&{axes}")).Select(f => f.Text("id") + (f.Text("inForce") == "true" ? "!" : "")));

        Assert.Equal("341!", await Figures("tardive", "knownAt=2025-01-31"));
        Assert.Equal("342!", await Figures("tardive", ""));
        // Replaced by news: until then it stands as published.
        Assert.Equal("341!", await Figures("tardive", "publishedUntil=2023-12-30"));
        Assert.Equal("342!", await Figures("tardive", "publishedUntil=2023-12-31"));
        Assert.Equal("", await Figures("tardive", "publishedUntil=2020-06-29"));
        Assert.Equal("141! 142! 143! 144!", await Figures("acierie-elan", "knownAt=2025-03-31"));
        Assert.Equal("141! 142! 143! 144! 841!", await Figures("acierie-elan", ""));
        Assert.Equal("141 142! 143! 144! 841!", await Figures("acierie-elan", "asOf=2014"));
        Assert.Equal(("10", "20"), ((await Ask.JsonAsync("/v1/factories/tardive?knownAt=2025-01-31")).List("capacity")[0].Text("value"), (await Ask.JsonAsync("/v1/factories/tardive")).List("capacity")[0].Text("value")));
    }

    [Theory]
    [InlineData("asOf=2019", "elan operator|ancien owner|etat authority")]
    [InlineData("asOf=2020", "elan operator|fonds owner|etat authority")]
    [InlineData("knownAt=2025-02-01", "elan operator|fonds owner")]
    [InlineData("publishedUntil=2023-12-30", "")]
    [InlineData("publishedUntil=2023-12-31", "elan operator|fonds owner|etat authority")]
    public async Task Parts_are_those_that_held_and_were_known(string axes, string expected)
    {
        string Shown(JsonElement factory) => string.Join('|', factory.List("operators").Select(part => $"{part.Text("slug")} {part.Text("role")}"));

        Assert.Equal(expected, Shown(await Ask.JsonAsync($"/v1/factories/acierie-elan?{axes}")));
        Assert.Equal(expected, Shown(Assert.Single(await Ask.ItemsAsync($"/v1/factories?slug=acierie-elan&{axes}"))));
    }

    [Theory]
    [InlineData("/v1/regions/arcadie/factories?status=cancelled&knownAt=2025-04-30", new[] { "tardive" })]
    [InlineData("/v1/regions/arcadie/factories?status=cancelled", new string[0])]
    [InlineData("/v1/regions/val-d-or/factories?knownAt=2025-02-01", new[] { "acierie-elan", "acierie-elan-bis", "acierie-elan-ter", "supprimee" })]
    [InlineData("/v1/regions/val-d-or/factories?knownAt=2025-03-31", new[] { "acierie-elan", "acierie-elan-bis", "supprimee" })]
    [InlineData("/v1/regions/val-d-or/factories?knownAt=2025-04-30", new[] { "acierie-elan" })]
    [InlineData("/v1/regions/val-d-or/factories", new[] { "acierie-elan", "renommee" })]
    [InlineData("/v1/regions/arcadie/factories?status=operating&asOf=2022-08", new[] { "acierie-elan", "sosie-a" })]
    [InlineData("/v1/regions/vallee-du-fer/factories?publishedUntil=2021-01-01", new string[0])]
    [InlineData("/v1/regions/vallee-du-fer/factories?publishedUntil=2024-01-01", new[] { "contradictoire", "fidji-est", "tardive" })]
    [InlineData("/v1/operators/zebre/factories?asOf=2023", new[] { "contradictoire", "zebre-nord" })]
    [InlineData("/v1/operators/etat/factories?knownAt=2025-02-01", new[] { "acierie-elan-bis" })]
    [InlineData("/v1/operators/elan/factories?knownAt=2025-02-01", new[] { "acierie-elan", "contradictoire", "supprimee", "tardive" })]
    public async Task The_factories_of_a_region_or_an_operator_are_those_of_the_time(string path, string[] expected)
    {
        var answer = (await Ask.GetAsync(path)).Is(200);

        Assert.Equal(expected, answer.Slugs);
        Assert.Equal(expected, (await Ask.JsonAsync(path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "format=geojson")).List("features").Select(feature => feature.Text("id")));
    }

    private static JsonElement Line(Answer answer) => JsonDocument.Parse(Assert.Single(answer.Is(200).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;

    private static void Moved(Answer answer, string location)
    {
        Assert.Equal(location, answer.Is(308).Header("Location"));
        Assert.Empty(answer.Body);
    }
}
