using System.Text.Json;
using Chantier.Api.Tests.Writing;

namespace Chantier.Api.Tests.Search;

/// <summary>What is found in the seeds, however it is typed, and after writes.</summary>
public sealed class SearchTests(PostgresFixture postgres) : Curation(postgres)
{
    [Theory]
    [InlineData("verkor dunkerque", "verkor-dunkerque")]
    [InlineData("VERKOR-DUNKERQUE", "verkor-dunkerque")]
    [InlineData("dunkerque, verkor", "verkor-dunkerque")]
    // One or two letters wrong, missing, added or swapped.
    [InlineData("dunkerke verkor", "verkor-dunkerque")]
    [InlineData("vrekor", "verkor", "verkor-dunkerque")]
    [InlineData("berkor dunkerque", "verkor-dunkerque")]
    [InlineData("envsion", "envision-aesc", "envision-aesc-hauts-de-france")]
    [InlineData("evnision", "envision-aesc", "envision-aesc-hauts-de-france")]
    // Typed so far.
    [InlineData("ver", "verkor", "verkor-dunkerque")]
    [InlineData("verkor dunk", "verkor-dunkerque")]
    [InlineData("verkor dumkerq", "verkor-dunkerque")]
    // A region and what lies in it, in any language, without the small words.
    [InlineData("Vallee batterie", "vallee-de-la-batterie", "acc-hauts-de-france", "envision-aesc-hauts-de-france", "verkor-dunkerque")]
    [InlineData("vallée de la batterie verkor", "verkor-dunkerque")]
    [InlineData("battery valley acc", "acc-hauts-de-france")]
    [InlineData("automotive cells", "acc", "acc-hauts-de-france")]
    // An identifier.
    [InlineData("fr-hdf", "hauts-de-france", "acc-hauts-de-france", "envision-aesc-hauts-de-france", "verkor-dunkerque")]
    // Three letters are not guessed at, and all words must be met.
    [InlineData("bcc")]
    [InlineData("verkor acc")]
    [InlineData("verkor nowhere")]
    public async Task Words_are_met_however_they_are_typed(string q, params string[] slugs)
    {
        var items = await FoundAsync(q);

        Assert.Equal(slugs.Order(), items.Select(item => item.Text("slug")!).Order());
        Assert.Equal(slugs.Take(1), items.Select(item => item.Text("slug")!).Take(1));
        foreach (var item in items)
        {
            Assert.Equal(item.Text("slug"), (await JsonAsync(item.Text("url")!)).Text("slug"));
        }
    }

    [Theory]
    [InlineData("vallee baterie", "vallee-de-la-batterie", "[Vallée] de la [Batterie]", "en", "other_name")]
    [InlineData("vallee baterie", "vallee-de-la-batterie", "[Vallée] de la [Batterie]", "fr", "name")]
    [InlineData("dunkerke verkor", "verkor-dunkerque", "[Verkor Dunkerque]", "en", "name")]
    [InlineData("dunk", "verkor-dunkerque", "Verkor [Dunkerque]", "en", "name")]
    [InlineData("france verkor", "verkor-dunkerque", "Hauts-de-[France]", "en", "region")]
    public async Task The_words_that_were_met_are_marked_where_they_stand(string q, string slug, string marked, string lang, string field)
    {
        var item = (await JsonAsync($"/v1/search?lang={lang}&q={Uri.EscapeDataString(q)}")).GetProperty("items").EnumerateArray().First(i => i.Text("slug") == slug);
        var matches = item.GetProperty("matches").EnumerateArray()
            .Select(match => (Field: match.Text("field"), Text: string.Concat(match.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("isMatch").GetBoolean() ? $"[{part.Text("text")}]" : part.Text("text")))));

        Assert.Contains((field, marked), matches);
    }

    [Fact]
    public async Task Facets_count_the_factories_that_answer_and_totals_each_type()
    {
        var answer = await JsonAsync("/v1/search?q=france&lang=fr&limit=1");

        Assert.Single(answer.GetProperty("items").EnumerateArray());
        Assert.Equal(["factory 3 exact", "operator 0 exact", "region 2 exact"], answer.GetProperty("totals").EnumerateArray().Select(t => $"{t.Text("type")} {t.GetProperty("count")} {t.Text("countKind")}"));
        Assert.Equal(["FR null 3"], Facet(answer, "country"));
        Assert.Equal(["operating En activité 2", "under_construction En construction 1"], Facet(answer, "status"));
        Assert.Equal(["battery_cells Cellules de batteries 3"], Facet(answer, "sector"));
        Assert.Equal(["acc ACC (Automotive Cells Company) 1", "envision-aesc Envision AESC 1", "verkor Verkor 1"], Facet(answer, "operator"));
    }

    [Theory]
    [InlineData("operator", "verkor")]
    [InlineData("factory", "verkor-dunkerque")]
    [InlineData("operator,factory", "verkor", "verkor-dunkerque")]
    public async Task A_type_narrows_what_is_looked_among(string type, params string[] slugs)
    {
        var answer = await JsonAsync($"/v1/search?q=verkor&type={type}");

        Assert.Equal(slugs, answer.GetProperty("items").EnumerateArray().Select(item => item.Text("slug")));
        Assert.Equal(type.Split(',').Order(), answer.GetProperty("totals").EnumerateArray().Select(total => total.Text("type")!).Order());
    }

    [Fact]
    public async Task What_is_written_is_found_at_once_and_what_is_renamed_or_deleted_no_longer()
    {
        (await PostAsync("/v1/factories", """{"slug":"billy","name":"Usine de Billy-Berclau","sector":"battery_cells","country":"FR","names":[{"text":"Œuvre","kind":"project"}],"identifiers":[{"scheme":"wikidata","value":"Q777"}]}""")).Is(201);
        (await PostAsync("/v1/factories/billy/roles", """{"operator":"acc","role":"operator","basis":"inferred"}""")).Is(201);

        Assert.Equal(["billy"], await SlugsAsync("billy berclau"));
        Assert.Equal(["billy"], await SlugsAsync("oeuvre"));
        Assert.Equal(["billy"], await SlugsAsync("q777"));
        Assert.Equal(["billy"], await SlugsAsync("acc berclo"));

        (await PatchAsync("/v1/operators/acc", """{"name":"Autocell"}""")).Is(200);
        Assert.Equal(["billy"], await SlugsAsync("autocell berclau"));
        Assert.Empty(await SlugsAsync("automotive berclau"));

        // A region that is renamed is found by its new name with all that lies in it.
        (await PatchAsync("/v1/regions/vallee-de-la-batterie", """{"names":{"fr":"Couloir électrique","en":"Electric Corridor","local":null}}""")).Is(200);
        Assert.Equal(["verkor-dunkerque"], await SlugsAsync("electric corridor verkor"));

        (await PatchAsync("/v1/factories/billy", """{"name":"Douvrin","names":null,"locality":"Haisnes"}""")).Is(200);
        Assert.Equal(["billy"], await SlugsAsync("haisnes"));
        Assert.Empty(await SlugsAsync("berclau"));

        (await SendAsync("DELETE", "/v1/factories/billy", null, "curate", "If-Match: *")).Is(204);
        Assert.Empty(await SlugsAsync("haisnes"));
    }

    [Theory]
    [InlineData("", "q")]
    [InlineData("q=", "q")]
    [InlineData("q=---", "q")]
    [InlineData("q=verkor&q=acc", "q")]
    [InlineData("q=verkor&type=plant", "type")]
    [InlineData("q=verkor&limit=101", "limit")]
    [InlineData("q=verkor&limit=0", "limit")]
    [InlineData("q=verkor&lang=de", "lang")]
    [InlineData("q=verkor&knownAt=2024-01-01", "knownAt")]
    [InlineData("q=verkor&fields=slug", "fields")]
    public async Task What_is_not_accepted_is_refused_by_name(string query, string parameter) => (await GetAsync($"/v1/search?{query}")).Blames(parameter);

    [Theory]
    // What means something to the languages underneath is text here.
    [InlineData("' & | ! ( ) :* \\ <-> a")]
    [InlineData("%_%verkor' or 1=1 --")]
    [InlineData("😀 œ ß İ ﬁ ½ x")]
    [InlineData("#factory0")]
    [InlineData("@1")]
    public async Task Any_text_has_an_answer(string q) => (await GetAsync($"/v1/search?q={Uri.EscapeDataString(q)}")).Is(200);

    private static IEnumerable<string> Facet(JsonElement answer, string name) =>
        answer.GetProperty("facets").GetProperty(name).EnumerateArray().Select(facet => $"{facet.Text("value") ?? "null"} {facet.Text("label") ?? "null"} {facet.GetProperty("count")}");

    private async Task<JsonElement[]> FoundAsync(string q) => [.. (await JsonAsync($"/v1/search?q={Uri.EscapeDataString(q)}")).GetProperty("items").EnumerateArray()];

    private async Task<string[]> SlugsAsync(string q) => [.. (await FoundAsync(q)).Select(item => item.Text("slug")!)];
}
