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
        Assert.Equal(thought, (await JsonAsync($"{factory}?knownBy=published&knownAt=2025-03-01")).Text("status"));
        Assert.Equal("announced", (await JsonAsync($"{factory}?knownAt={status.Text("recordedAt")}")).Text("status"));

        // It is told of the source, nothing rests on it any more, and then it can go.
        Assert.Equal(("2", reason, "Taken back."), ((await JsonAsync("/v1/sources/winter")).Text("version"), (await JsonAsync("/v1/sources/winter")).Text("retracted"), (await JsonAsync("/v1/sources/winter")).Text("retractionNote")));
        (await PostAsync("/v1/sources/winter/retraction", """{"reason":"error"}""")).IsProblem(409);
        (await PostAsync(factory + "/figures", $$"""{"property":"jobs","value":6,"unit":"jobs","sources":{{winter}}}""")).IsProblem(422);
        Assert.Equal(reason, (await PatchAsync("/v1/sources/winter", """{"publisher":"Gazette"}""")).Is(200).Json.Text("retracted"));
        (await DeleteAsync("/v1/sources/winter")).Is(204);
        Assert.NotNull(summer);
    }
}
