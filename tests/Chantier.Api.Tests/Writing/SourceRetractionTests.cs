using Chantier.Api.Database;
namespace Chantier.Api.Tests.Writing;

/// <summary>A source is taken back: what it alone says ends with it.</summary>
public sealed class SourceRetractionTests(PostgresFixture postgres) : Curation(postgres)
{
    [Theory]
    [InlineData("error", null)]
    [InlineData("news", "announced")]
    public async Task What_rests_on_it_alone_ends_for_the_same_reason_and_the_rest_loses_it(string reason, string? thought)
    {
        var factory = await FactoryAsync();
        var (winter, summer) = (await SourceAsync("winter", "2025-01-10"), await SourceAsync("summer", "2025-06-01"));
        var jobs = await MadeAsync(factory + "/figures", $$"""{"property":"jobs","value":5,"unit":"jobs","sources":{{Source}}}""");
        var status = await MadeAsync(factory + "/status-events", $$"""{"status":"announced","date":"2025-01","dateMeaning":"began","sources":{{winter}}}""");
        await MadeAsync($"/v1/claims/{jobs.Text("id")}/evidence", """{"source":"winter"}""");

        var before = await ItemsAsync("/v1/sources/winter/claims");
        Assert.Equal([(jobs.Text("id"), "false"), (status.Text("id"), "true")], before.Select(c => (c.Text("id"), c.Text("restsOnThisAlone"))));
        Assert.Equal([status.Text("id")], (await ItemsAsync("/v1/sources/winter/claims?restsOnThisAlone=true")).Select(c => c.Text("id")));
        Assert.Equal([jobs.Text("id")], (await ItemsAsync("/v1/sources/winter/claims?restsOnThisAlone=false")).Select(c => c.Text("id")));

        var news = reason == "news" ? ",\"source\":\"summer\"" : "";
        var answer = (await PostAsync("/v1/sources/winter/retraction", $$"""{"reason":"{{reason}}"{{news}},"note":"Taken back."}""")).Is(200).Json;
        Assert.Equal((reason, "1", status.Text("id"), "usine", "1"), (answer.Text("retracted"), answer.Text("endedCount"), answer.List("ended")[0].Text("id"), answer.List("ended")[0].Text("factory.slug"), answer.Text("freedCount")));

        Assert.Empty(await ItemsAsync("/v1/sources/winter/claims"));
        Assert.Null((await JsonAsync(factory)).Text("status"));
        Assert.Equal((reason, "Taken back."), ((await JsonAsync($"/v1/claims/{status.Text("id")}")).Text("endReason"), (await JsonAsync($"/v1/claims/{status.Text("id")}")).Text("endNote")));
        Assert.Equal(["vallee-de-la-batterie-2024-08"], (await JsonAsync($"/v1/claims/{jobs.Text("id")}")).List("evidence").Select(e => e.Text("source.slug")));
        Assert.Equal(thought, (await JsonAsync($"{factory}?publishedUntil=2025-03-01")).Text("status"));
        Assert.Equal("announced", (await JsonAsync($"{factory}?knownAt={status.Text("recordedAt")}")).Text("status"));

        // It is told of the source, nothing rests on it any more, and then it can go.
        Assert.Equal(("2", reason, "Taken back."), ((await JsonAsync("/v1/sources/winter")).Text("version"), (await JsonAsync("/v1/sources/winter")).Text("retracted"), (await JsonAsync("/v1/sources/winter")).Text("retractionNote")));
        (await PostAsync("/v1/sources/winter/retraction", """{"reason":"error"}""")).IsProblem(409);
        (await PostAsync(factory + "/figures", $$"""{"property":"jobs","value":6,"unit":"jobs","sources":{{winter}}}""")).IsProblem(422);
        Assert.Equal(reason, (await PatchAsync("/v1/sources/winter", """{"publisher":"Gazette"}""")).Is(200).Json.Text("retracted"));
        (await DeleteAsync("/v1/sources/winter")).Is(204);
        Assert.NotNull(summer);
    }

    [Theory]
    [InlineData("news", "2025-01-10", "announced")]
    [InlineData("error", "2025-06-01", null)]
    public async Task What_others_say_too_stays_published_since_the_first_said_it_unless_that_was_an_error(string reason, string since, string? thought)
    {
        var factory = await FactoryAsync();
        await SourceAsync("winter", "2025-01-10");
        await SourceAsync("summer", "2025-06-01");
        await SourceAsync("autumn", "2025-10-01");
        var status = (await MadeAsync(factory + "/status-events", """{"status":"announced","date":"2025-01","dateMeaning":"began","sources":[{"source":"winter"},{"source":"summer"}]}""")).Text("id");

        (await PostAsync("/v1/sources/winter/retraction", $$"""{"reason":"{{reason}}"{{(reason == "news" ? ",\"source\":\"autumn\"" : "")}}}""")).Is(200);

        Assert.Equal((since + "T00:00:00.000000Z", null), ((await JsonAsync($"/v1/claims/{status}")).Text("publishedFrom"), (await JsonAsync($"/v1/claims/{status}")).Text("publishedTo")));
        var then = await GetAsync($"{factory}?publishedUntil=2025-03-01");
        Assert.Equal(thought, then.Is(thought is null ? 404 : 200).Json.Text("stage") is null ? null : then.Json.Text("status"));
        Assert.Equal("announced", (await JsonAsync($"{factory}?publishedUntil=2025-12-01")).Text("status"));
        // Deleting the document does not unsay it either.
        (await DeleteAsync("/v1/sources/winter")).Is(204);
        Assert.Equal(since + "T00:00:00.000000Z", (await JsonAsync($"/v1/claims/{status}")).Text("publishedFrom"));
        await PublicationIsThatOfARebuildAsync();
    }

    [Fact]
    public async Task What_loses_its_last_support_by_an_error_but_had_another_ends_by_the_news_that_ended_that_one()
    {
        var factory = await FactoryAsync();
        foreach (var (slug, published) in new[] { ("winter", "2025-01-10"), ("spring", "2025-03-01"), ("autumn", "2025-10-01") })
        {
            await SourceAsync(slug, published);
        }

        var status = (await MadeAsync(factory + "/status-events", """{"status":"announced","date":"2025-01","dateMeaning":"began","sources":[{"source":"winter"},{"source":"spring"}]}""")).Text("id");
        (await PostAsync("/v1/sources/spring/retraction", """{"reason":"news","source":"autumn"}""")).Is(200);
        (await PostAsync("/v1/sources/winter/retraction", """{"reason":"error"}""")).Is(200);

        var claim = await JsonAsync($"/v1/claims/{status}");
        Assert.Equal(("news", "autumn", "2025-03-01T00:00:00.000000Z", "2025-10-01T00:00:00.000000Z"), (claim.Text("endReason"), claim.Text("endSource"), claim.Text("publishedFrom"), claim.Text("publishedTo")));
        await PublicationIsThatOfARebuildAsync();
    }

    private async Task PublicationIsThatOfARebuildAsync()
    {
        const string All = "select string_agg(concat_ws(' ', id, published_from, published_to, published_basis), ', ' order by id) from claim";
        var written = await AskDatabaseAsync<string>(All);
        await Projections.RebuildAsync(Connection, Token);
        Assert.Equal(await AskDatabaseAsync<string>(All), written);
    }
}
