using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests.Identity;

/// <summary>A slug never points to another thing; what is merged leads on, and can be undone.</summary>
public sealed class IdentityTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Source = """[{"source":"vallee-de-la-batterie-2024-08"}]""";

    private TestApi _api = null!;
    private Ask _ask = null!;
    private string _admin = "";
    private string _curator = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connection = await postgres.SeededAsync("documents", Token);
        _admin = await CreateKey.RunAsync(connection, "admin", "admin", Token);
        _curator = await CreateKey.RunAsync(connection, "curator", "curate", Token);
        _api = await TestApi.StartAsync(connection, Token);
        _ask = new(_api.Client);
        foreach (var name in new[] { "Alpha", "Beta", "Gamma" })
        {
            await PostAsync("/v1/factories", $$"""{"name":"{{name}}","sector":"other","country":"FR"}""", 201);
        }
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_slug_is_not_given_again_after_its_factory_was_deleted()
    {
        (await _ask.WriteAsync("DELETE", "/v1/factories/alpha", null, _admin, "If-Match: *")).Is(204);

        Assert.Equal("alpha-2", (await PostAsync("/v1/factories", """{"name":"Alpha","sector":"other","country":"FR"}""", 201)).Json.Text("slug"));
        Assert.Equal("urn:chantier:problem:taken", (await PostAsync("/v1/factories", """{"slug":"alpha","name":"Sans rapport","sector":"other","country":"DE"}""", 409)).Json.Text("type"));
        (await _ask.GetAsync("/v1/factories/alpha")).IsProblem(410);
    }

    [Fact]
    public async Task A_slug_survives_renaming()
    {
        var there = await _ask.GetAsync("/v1/factories/alpha");
        (await _ask.WriteAsync("PATCH", "/v1/factories/alpha", """{"name":"Tout autre"}""", _admin, $"If-Match: {there.Header("ETag")}")).Is(200);

        Assert.Equal("Tout autre", (await _ask.JsonAsync("/v1/factories/alpha")).Text("name"));
    }

    [Fact]
    public async Task An_old_slug_leads_straight_to_the_last_survivor_and_takes_the_query_along()
    {
        await MergeAsync("alpha", "beta");
        await MergeAsync("beta", "gamma");

        foreach (var (path, now) in new[]
        {
            ("/v1/factories/alpha?lang=fr&include=evidence", "/v1/factories/gamma?lang=fr&include=evidence"),
            ("/v1/factories/beta", "/v1/factories/gamma"),
            ("/v1/factories/alpha/figures?limit=5", "/v1/factories/gamma/figures?limit=5"),
            ("/v1/factories/alpha/status-events?format=csv", "/v1/factories/gamma/status-events?format=csv"),
            ("/v1/factories/beta/phases", "/v1/factories/gamma/phases"),
            ("/v1/factories/alpha/media", "/v1/factories/gamma/media"),
            ("/v1/factories/alpha/sources", "/v1/factories/gamma/sources"),
            ("/v1/factories/alpha/changes", "/v1/factories/gamma/changes"),
        })
        {
            Assert.Equal(now, (await _ask.GetAsync(path)).Is(308).Header("Location"));
        }

        Assert.Equal(["gamma"], await _ask.SlugsAsync("/v1/factories?slug=alpha,beta"));
        Assert.Equal(308, (int)(await _ask.WriteAsync("POST", "/v1/factories/alpha/status-events", Event("closed"), _admin)).Status);
    }

    [Fact]
    public async Task Claims_stay_where_they_were_filed_and_are_the_survivors_while_the_merge_stands()
    {
        // On one day; as the whole site is one, what was recorded later is effective while they are merged.
        await PostAsync("/v1/factories/beta/status-events", Event("planning"), 201);
        var claim = (await PostAsync("/v1/factories/alpha/status-events", Event("operating"), 201)).Json;
        var before = (await _ask.JsonAsync("/v1/factories?limit=1")).Text("knownAt");
        var merge = await MergeAsync("alpha", "beta");
        var between = (await _ask.JsonAsync("/v1/factories?limit=1")).Text("knownAt");

        Assert.Equal("operating", (await _ask.JsonAsync("/v1/factories/beta")).Text("status"));
        Assert.Equal(2, (await _ask.ItemsAsync("/v1/factories/beta/status-events")).Length);
        Assert.Equal(["beta", "gamma"], (await _ask.SlugsAsync("/v1/factories")).Where(slug => slug.Length < 6));
        Assert.Equal("beta", (await _ask.JsonAsync($"/v1/claims/{claim.Text("id")}")).Text("factory.slug"));

        // Before, there were two.
        Assert.Equal(["alpha", "beta", "gamma"], (await _ask.SlugsAsync($"/v1/factories?knownAt={before}")).Where(slug => slug.Length < 6));
        Assert.Equal("planning", (await _ask.JsonAsync($"/v1/factories/beta?knownAt={before}")).Text("status"));
        Assert.Equal("operating", (await _ask.JsonAsync($"/v1/factories/alpha?knownAt={before}")).Text("status"));

        await PostAsync($"/v1/claims/{merge}/retraction", """{"reason":"error","note":"Two sites."}""", 200);
        Assert.Equal("operating", (await _ask.JsonAsync("/v1/factories/alpha")).Text("status"));
        Assert.Equal("planning", (await _ask.JsonAsync("/v1/factories/beta")).Text("status"));
        Assert.Equal("alpha", (await _ask.JsonAsync($"/v1/claims/{claim.Text("id")}")).Text("factory.slug"));

        // In between there was one, for ever.
        Assert.Equal(["beta", "gamma"], (await _ask.SlugsAsync($"/v1/factories?knownAt={between}")).Where(slug => slug.Length < 6));
        Assert.Equal($"/v1/factories/beta?knownAt={between}", (await _ask.GetAsync($"/v1/factories/alpha?knownAt={between}")).Is(308).Header("Location"));
    }

    [Fact]
    public async Task A_chain_that_breaks_in_the_middle_leads_to_where_it_is_broken()
    {
        await MergeAsync("alpha", "beta");
        var second = await MergeAsync("beta", "gamma");

        await PostAsync($"/v1/claims/{second}/retraction", """{"reason":"error"}""", 200);

        Assert.Equal("/v1/factories/beta", (await _ask.GetAsync("/v1/factories/alpha")).Is(308).Header("Location"));
        Assert.Equal(["beta", "gamma"], (await _ask.SlugsAsync("/v1/factories")).Where(slug => slug.Length < 6));
    }

    [Fact]
    public async Task Nothing_is_merged_into_itself_directly_or_by_way_of_others()
    {
        await PostAsync("/v1/factories/alpha/merge", """{"into":"alpha"}""", 422);
        await MergeAsync("alpha", "beta");
        await PostAsync("/v1/factories/beta/merge", """{"into":"alpha"}""", 422);
        Assert.Equal(308, (int)(await _ask.WriteAsync("POST", "/v1/factories/alpha/merge", """{"into":"gamma"}""", _admin)).Status);
    }

    [Fact]
    public async Task Only_an_admin_merges_and_undoes_it_and_the_log_says_so()
    {
        (await _ask.WriteAsync("POST", "/v1/factories/alpha/merge", """{"into":"beta"}""", null)).IsProblem(401);
        (await _ask.WriteAsync("POST", "/v1/factories/alpha/merge", """{"into":"beta"}""", _curator)).IsProblem(403);
        var merge = await MergeAsync("alpha", "beta");
        (await _ask.WriteAsync("POST", $"/v1/claims/{merge}/retraction", """{"reason":"error"}""", _curator)).IsProblem(403);
        await PostAsync($"/v1/claims/{merge}/retraction", """{"reason":"error"}""", 200);

        Assert.Equal(["created", "created", "merged", "unmerged"], await _ask.TextsAsync("/v1/factories/alpha/changes?fields=cause", "cause"));
    }

    [Fact]
    public async Task An_identifier_is_one_factorys_and_finds_the_survivor()
    {
        await PatchAsync("alpha", """{"identifiers":[{"scheme":"wikidata","value":"Q42"}]}""", 200);
        Assert.Equal("urn:chantier:problem:taken", (await PatchAsync("beta", """{"identifiers":[{"scheme":"wikidata","value":"Q42"}]}""", 409)).Json.Text("type"));
        Assert.Equal(["alpha"], await _ask.SlugsAsync("/v1/lookup?identifier=wikidata:Q42"));

        await MergeAsync("alpha", "gamma");

        Assert.Equal(["gamma"], await _ask.SlugsAsync("/v1/lookup?identifier=wikidata:Q42"));
        Assert.Equal(["gamma"], await _ask.SlugsAsync("/v1/factories?identifier=wikidata:Q42"));
        Assert.Equal("Q42", (await _ask.JsonAsync("/v1/factories/gamma")).List("identifiers")[0].Text("value"));
    }

    private static string Event(string status) => $$"""{"status":"{{status}}","date":"2022","dateMeaning":"observed","sources":{{Source}}}""";

    private async Task<string> MergeAsync(string slug, string into) => (await PostAsync($"/v1/factories/{slug}/merge", $$"""{"into":"{{into}}"}""", 201)).Json.Text("id")!;

    private async Task<Answer> PostAsync(string path, string body, int status) => (await _ask.WriteAsync("POST", path, body, _admin)).Is(status);

    private async Task<Answer> PatchAsync(string slug, string patch, int status) =>
        (await _ask.WriteAsync("PATCH", $"/v1/factories/{slug}", patch, _admin, $"If-Match: {(await _ask.GetAsync($"/v1/factories/{slug}")).Header("ETag")}")).Is(status);
}
