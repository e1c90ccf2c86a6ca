namespace Chantier.Api.Tests.Writing;

/// <summary>What is edited has versions, keeps its past, and is not deleted from under what stands on it.</summary>
public sealed class EditingTests(PostgresFixture postgres) : Curation(postgres)
{
    public static TheoryData<string, string, string, string, string> Nouns => new()
    {
        { "/v1/operators", """{"name":"Exemple","country":"FR"}""", """{"name":"Exemple","legalName":"Exemple SA"}""", """{"legalName":null,"website":"https://example.org"}""", "legalName" },
        { "/v1/sources", """{"kind":"press","title":"Annonce","published":"2025-03"}""", """{"kind":"permit","title":"Annonce"}""", """{"publisher":"Préfecture"}""", "kind" },
        { "/v1/media", """{"kind":"image","url":"https://example.org/a.jpg"}""", """{"kind":"image","url":"https://example.org/b.jpg","caption":{"fr":"Vue"}}""", """{"altText":"A hall","caption":{"en":"View"}}""", "url" },
        { "/v1/regions", """{"kind":"department","names":{"fr":"Nord","en":"Nord"},"parent":"hauts-de-france"}""", """{"kind":"department","names":{"fr":"Nord (59)","en":"Nord"},"parent":"hauts-de-france"}""", """{"codes":{"insee":"59"}}""", "names" },
        { "/v1/factories/verkor-dunkerque/phases", """{"name":"Bloc 2"}""", """{"name":"Bloc B","order":2}""", """{"product":"cells"}""", "name" },
        { "/v1/factories", """{"name":"Exemple","sector":"battery_cells","country":"FR"}""", """{"name":"Exemple 2","sector":"battery_cells","country":"FR"}""", """{"locality":"Lens"}""", "name" },
    };

    [Theory]
    [MemberData(nameof(Nouns))]
    public async Task It_is_made_replaced_patched_and_deleted_and_every_version_stays_readable(string list, string first, string second, string patch, string field)
    {
        var made = (await PostAsync(list, first)).Is(201);
        var path = made.Header("Location")!;
        Assert.Equal(made.Header("ETag"), (await GetAsync(path)).Is(200).Header("ETag"));
        var before = await JsonAsync(path);
        Assert.Equal("1", before.Text("version"));

        (await SendAsync("PUT", path, second, "curate")).IsProblem(428);
        var replaced = (await PutAsync(path, second, made.Header("ETag")!)).Is(200);
        (await PutAsync(path, second, made.Header("ETag")!)).IsProblem(412);
        var patched = (await PatchAsync(path, patch, replaced.Header("ETag")!)).Is(200);
        Assert.Equal("3", patched.Json.Text("version"));
        // Saying the same again makes no version.
        Assert.Equal("3", (await PatchAsync(path, patch)).Is(200).Json.Text("version"));
        Assert.NotEqual(before.Text(field), replaced.Json.Text(field));

        (await SendAsync("DELETE", path, null, "curate")).IsProblem(428);
        (await DeleteAsync(path, replaced.Header("ETag")!)).IsProblem(412);
        (await DeleteAsync(path, patched.Header("ETag")!)).Is(204);
        (await GetAsync(path)).IsProblem(410);
        (await DeleteAsync(path)).IsProblem(410);
        (await PatchAsync(path, patch)).IsProblem(410);

        var past = await JsonAsync($"{path}?knownAt={before.Text("updatedAt")}");
        Assert.Equal(before.Text(field), past.Text(field));
        Assert.Equal("3", (await JsonAsync($"{path}?knownAt={patched.Json.Text("updatedAt")}")).Text("version"));
    }

    [Fact]
    public async Task A_slug_and_a_kind_never_change_and_a_slug_that_is_taken_is_refused()
    {
        (await PatchAsync("/v1/operators/verkor", """{"slug":"other"}""")).IsProblem(422);
        (await PatchAsync("/v1/operators/verkor", """{"slug":"verkor","website":"https://verkor.com"}""")).Is(200);
        (await PatchAsync("/v1/regions/hauts-de-france", """{"kind":"cluster"}""")).IsProblem(422);
        (await PostAsync("/v1/operators", """{"slug":"verkor","name":"Another"}""")).IsProblem(409);
        Assert.Equal("verkor-2", (await MadeAsync("/v1/operators", """{"name":"Verkor"}""")).Text("slug"));
    }

    [Fact]
    public async Task An_identifier_belongs_to_one_resource_of_a_kind_and_is_free_again_when_that_is_deleted()
    {
        var made = (await PostAsync("/v1/operators", """{"name":"Un","identifiers":[{"scheme":"siren","value":"732 829 320"}]}""")).Is(201);
        (await PostAsync("/v1/operators", """{"name":"Deux","identifiers":[{"scheme":"siren","value":"732829320"}]}""")).IsProblem(409);
        (await DeleteAsync(made.Header("Location")!)).Is(204);
        (await PostAsync("/v1/operators", """{"name":"Deux","identifiers":[{"scheme":"siren","value":"732829320"}]}""")).Is(201);
    }

    [Theory]
    [InlineData("/v1/operators/verkor", "role")]
    [InlineData("/v1/regions/hauts-de-france", "factories in it")]
    [InlineData("/v1/regions/france", "regions below it")]
    [InlineData("/v1/regions/vallee-de-la-batterie", "memberships")]
    [InlineData("/v1/media/1", "shows a factory")]
    [InlineData("/v1/sources/vallee-de-la-batterie-2024-08", "/retraction")]
    [InlineData("/v1/phases/1", "no other phase")]
    public async Task What_something_stands_on_is_not_deleted_and_the_answer_says_what(string path, string what)
    {
        var refused = (await DeleteAsync(path)).IsProblem(409);

        Assert.Contains(what, string.Join(' ', refused.Json.List("errors").Select(e => e.Text("detail"))), StringComparison.Ordinal);
        (await GetAsync(path)).Is(200);
    }

    [Fact]
    public async Task A_claim_of_a_deleted_factory_keeps_nobody()
    {
        (await DeleteAsync("/v1/factories/verkor-dunkerque")).Is(204);

        (await DeleteAsync("/v1/operators/verkor")).Is(204);
        var refused = (await PostAsync("/v1/factories/acc-hauts-de-france/roles", $$"""{"operator":"verkor","role":"owner","sources":{{Source}}}""")).IsProblem(422);
        Assert.Equal("deleted", refused.Json.List("errors")[0].Text("code"));
    }

    [Fact]
    public async Task A_second_phase_moves_nothing_and_then_the_first_can_go_when_nothing_is_claimed_of_it()
    {
        var factory = await FactoryAsync();
        await MadeAsync(factory + "/status-events", $$"""{"status":"operating","date":"2024","dateMeaning":"observed","sources":{{Source}}}""");
        var first = (await ItemsAsync(factory + "/phases"))[0].Text("id");
        (await PostAsync(factory + "/phases", "{}")).IsProblem(422);
        await MadeAsync(factory + "/phases", """{"name":"Extension"}""");
        Assert.Equal(["operating", null], (await ItemsAsync(factory + "/phases")).Select(p => p.Text("status")));
        Assert.Equal("2", (await JsonAsync(factory)).Text("phaseCount"));

        (await DeleteAsync($"/v1/phases/{first}")).IsProblem(409);
        var claim = (await ItemsAsync(factory + "/status-events"))[0].Text("id");
        (await PostAsync($"/v1/claims/{claim}/retraction", """{"reason":"error"}""")).Is(200);
        (await DeleteAsync($"/v1/phases/{first}")).Is(204);

        // What is said of the plant goes to the phase that is left.
        await MadeAsync(factory + "/status-events", $$"""{"status":"announced","date":"2024","dateMeaning":"observed","sources":{{Source}}}""");
        Assert.Equal("Extension", (await ItemsAsync(factory + "/status-events"))[0].Text("phaseName"));
    }

    [Fact]
    public async Task A_region_lies_in_no_cluster_and_not_in_itself_and_moves_with_all_it_contains()
    {
        await MadeAsync("/v1/regions", """{"slug":"nord","kind":"department","names":{"fr":"Nord","en":"Nord"},"parent":"hauts-de-france"}""");
        (await PatchAsync("/v1/regions/nord", """{"parent":"nord"}""")).IsProblem(422);
        (await PatchAsync("/v1/regions/hauts-de-france", """{"parent":"nord"}""")).IsProblem(422);
        (await PatchAsync("/v1/regions/nord", """{"parent":"vallee-de-la-batterie"}""")).IsProblem(422);
        (await PatchAsync("/v1/factories/verkor-dunkerque", """{"region":"nord"}""")).Is(200);

        Assert.Equal("3", (await JsonAsync("/v1/regions/hauts-de-france")).Text("factoryCount"));
        (await PatchAsync("/v1/regions/nord", """{"parent":null}""")).Is(200);
        Assert.Equal("2", (await JsonAsync("/v1/regions/hauts-de-france")).Text("factoryCount"));
    }

    [Fact]
    public async Task A_boundary_is_kept_as_it_was_given_and_gives_the_box()
    {
        var made = await MadeAsync("/v1/regions", """{"slug":"carre","kind":"commune","names":{"fr":"Carré","en":"Square"},"boundary":{"type":"Polygon","coordinates":[[[2,50],[3,50],[3,51.5],[2,51.5],[2,50]]]}}""");
        Assert.Equal("[2,50,3,51.5]", made.Text("bbox"));
        Assert.Equal("1", (await PatchAsync("/v1/regions/carre", """{"kind":"commune"}""")).Is(200).Json.Text("version"));
        Assert.Equal("null", (await PatchAsync("/v1/regions/carre", """{"boundary":null}""")).Is(200).Json.GetProperty("bbox").GetRawText());
        (await PatchAsync("/v1/regions/carre", """{"boundary":{"type":"Polygon","coordinates":[[[2,50],[3,50],[3,51.5]]]}}""")).IsProblem(422);
    }
}
