using Chantier.Api.Tests.Http;
using Chantier.Api.Tests.Writing;

namespace Chantier.Api.Tests.Claims;

/// <summary>All claims, of every kind, standing and ended, as they were known at any moment.</summary>
public sealed class ListClaimsTests(PostgresFixture postgres) : Curation(postgres)
{
    [Fact]
    public async Task Every_claim_is_listed_once_whatever_it_is_about()
    {
        var claims = await ItemsAsync("/v1/claims?limit=1000");

        Assert.Equal(await AskDatabaseAsync<long>("select count(*) from claim"), claims.Length);
        Assert.Equal(claims.Select(c => long.Parse(c.Text("id")!, System.Globalization.CultureInfo.InvariantCulture)).Order(), claims.Select(c => long.Parse(c.Text("id")!, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(["depiction", "figure", "membership", "role", "status_event"], claims.Select(c => c.Text("kind")!).Distinct().Order(StringComparer.Ordinal));
        Assert.All(claims, c => Assert.Equal("""["vallee-de-la-batterie-2024-08"]""", c.Text("sources")));

        // A walk in small pages is the same.
        var walked = new List<string?>();
        for (var path = "/v1/claims?limit=3&sort=-id"; path is not null;)
        {
            var page = (await GetAsync(path)).Is(200);
            walked.AddRange(page.Items.Select(c => c.Text("id")));
            path = page.Next is { } next ? $"/v1/claims?limit=3&cursor={next}" : null;
        }

        Assert.Equal(claims.Select(c => c.Text("id")).Reverse(), walked);
    }

    [Fact]
    public async Task Filters_choose_by_kind_factory_source_recorder_and_basis()
    {
        var factory = await FactoryAsync();
        var gazette = await SourceAsync("gazette", "2025-01-10");
        var status = (await MadeAsync(factory + "/status-events", $$"""{"status":"announced","date":"2025-01","dateMeaning":"began","sources":{{gazette}}}""")).Text("id");
        var plan = (await MadeAsync(factory + "/status-events", $$"""{"status":"operating","date":"2027","dateMeaning":"began","basis":"expected","sources":{{gazette}}}""")).Text("id");
        var jobs = (await MadeAsync(factory + "/figures", $$"""{"property":"jobs","value":5,"unit":"jobs","sources":{{Source}}}""")).Text("id");

        Assert.Equal([status, plan, jobs], await IdsAsync("factory=usine"));
        Assert.Equal([status, plan], await IdsAsync("factory=usine&kind=status_event"));
        Assert.Equal([status, plan], await IdsAsync("source=gazette"));
        Assert.Equal([status, plan, jobs], await IdsAsync("recordedBy=curate"));
        Assert.Equal([plan], await IdsAsync("basis=expected"));
        Assert.Equal([jobs], await IdsAsync("recordedBy=curate&kind=figure,role"));
        Assert.Empty(await IdsAsync("recordedBy=nobody"));
        Assert.NotEmpty(await IdsAsync("recordedBy=seed:documents"));
        Assert.Empty(await IdsAsync("recordedBy=import:repd"));
        (await GetAsync("/v1/claims?factory=nowhere")).Blames("factory");
        (await GetAsync("/v1/claims?source=nothing")).Blames("source");
        (await GetAsync("/v1/claims?state=dead&kind=rumour&recordedBy=Me%20Myself")).Blames("state", "kind", "recordedBy");

        // The claims of what was merged are the survivor's.
        (await SendAsync("POST", factory + "/merge", """{"into":"verkor-dunkerque"}""", "admin")).Is(201);
        Assert.Equal([status, plan], await IdsAsync("factory=verkor-dunkerque&source=gazette"));
        Assert.Equal([status, plan], await IdsAsync("factory=usine&source=gazette"));
        Assert.Equal("verkor-dunkerque", (await ItemsAsync("/v1/claims?source=gazette"))[0].Text("factory.slug"));
    }

    [Fact]
    public async Task What_has_ended_is_told_with_its_end_and_of_the_past_only_what_was_known_then()
    {
        var factory = await FactoryAsync();
        var (winter, summer) = (await SourceAsync("winter", "2025-01-10"), await SourceAsync("summer", "2025-06-01"));
        var first = await MadeAsync(factory + "/status-events", $$"""{"status":"announced","date":"2025-01","dateMeaning":"began","sources":{{winter}}}""");
        var next = await MadeAsync(factory + "/status-events", $$"""{"status":"planning","date":"2025-05","dateMeaning":"began","sources":{{summer}},"supersedes":{"claim":{{first.Text("id")}},"reason":"news"} }""");
        var wrong = await MadeAsync(factory + "/figures", $$"""{"property":"jobs","value":5,"unit":"jobs","sources":{{winter}}}""");
        var then = wrong.Text("recordedAt");
        (await PostAsync($"/v1/claims/{wrong.Text("id")}/retraction", """{"reason":"error","note":"Misread."}""")).Is(200);

        Assert.Equal([next.Text("id")], await IdsAsync("factory=usine"));
        Assert.Equal([first.Text("id"), wrong.Text("id")], await IdsAsync("factory=usine&state=ended"));
        Assert.Equal([first.Text("id"), next.Text("id"), wrong.Text("id")], await IdsAsync("factory=usine&state=standing,ended"));
        var ended = await ItemsAsync("/v1/claims?factory=usine&state=ended");
        Assert.Equal(("superseded", "news", "summer", next.Text("id"), "curate"), (ended[0].Text("endCause"), ended[0].Text("endReason"), ended[0].Text("endSource"), ended[0].Text("supersededBy"), ended[0].Text("endedBy")));
        Assert.Equal(("retracted", "error", "Misread."), (ended[1].Text("endCause"), ended[1].Text("endReason"), ended[1].Text("endNote")));

        Assert.Equal([next.Text("id"), wrong.Text("id")], await IdsAsync($"factory=usine&knownAt={then}"));
        Assert.Null((await ItemsAsync($"/v1/claims?factory=usine&kind=figure&knownAt={then}"))[0].Text("endCause"));
        var before = (await ItemsAsync($"/v1/claims?factory=usine&state=standing,ended&knownAt={first.Text("recordedAt")}")).Single();
        Assert.Equal((first.Text("id"), null, null, null), (before.Text("id"), before.Text("endCause"), before.Text("endedAt"), before.Text("supersededBy")));
        // An error never was published.
        Assert.Equal([first.Text("id")], await IdsAsync("factory=usine&publishedUntil=2025-03-01&state=standing,ended"));
        Assert.Equal([next.Text("id")], await IdsAsync("factory=usine&publishedUntil=2025-07-01"));
        Assert.Equal([first.Text("id")], await IdsAsync("factory=usine&publishedUntil=2025-07-01&state=ended"));
    }

    [Fact]
    public async Task They_come_as_tables_and_lines_too_and_can_be_counted()
    {
        var csv = Csv.Read((await GetAsync("/v1/claims?kind=role&format=csv&fields=id,kind,factory,operator,role,sources")).Is(200).Text);
        Assert.Contains("verkor-dunkerque verkor vallee-de-la-batterie-2024-08", csv["factory.slug"].Zip(csv["operator"], csv["sources"]).Select(row => $"{row.First} {row.Second} {row.Third}"));
        var lines = (await GetAsync("/v1/claims?kind=role&format=ndjson")).Is(200).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(csv.Rows.Count, lines.Length);
        Assert.Equal($"{lines.Length}", (await JsonAsync("/v1/claims?kind=role&limit=1&count=exact")).Text("page.count"));
    }

    private async Task<string?[]> IdsAsync(string query) => [.. (await ItemsAsync("/v1/claims?limit=1000&" + query)).Select(c => c.Text("id"))];
}
