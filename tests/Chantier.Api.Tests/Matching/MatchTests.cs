using System.Globalization;

namespace Chantier.Api.Tests.Matching;

/// <summary>What a description may mean, over the invented world.</summary>
public sealed class MatchTests(PostgresFixture postgres) : World(postgres)
{
    private string _curator = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _curator = await KeyAsync("curator", "curate");
    }

    [Theory]
    [InlineData("""{"names":["Usine ACIERIE-ELAN S.A.S."],"country":"FR","locality":"Chatillon"}""", "acierie-elan")]
    [InlineData("""{"names":["Acierie Elan"],"location":{"lon":2.381,"lat":47.501}}""", "acierie-elan")]
    [InlineData("""{"names":["Acierie Elann"],"operators":["Élan SA"],"country":"FR"}""", "acierie-elan")]
    [InlineData("""{"names":["Ancien nom"],"sector":"battery_recycling"}""", "renommee")]
    [InlineData("""{"location":{"lon":-179.51,"lat":-16.5}}""", "fidji-ouest")]
    [InlineData("""{"operators":["zebre"],"country":"DE"}""", "zebre-nord")]
    public async Task The_likeliest_comes_first(string described, string slug)
    {
        var candidates = (await MatchAsync(described)).List("candidates");

        Assert.Equal(slug, candidates[0].Text("factory.slug"));
        Assert.Equal(candidates.Select(Score).OrderDescending(), candidates.Select(Score));
    }

    [Fact]
    public async Task Each_part_of_a_score_is_told()
    {
        var best = (await MatchAsync("""{"names":["Zèbre Nord"],"country":"DE","sector":"other","location":{"lon":12.5,"lat":52.1},"operators":["Zèbre"]}""")).List("candidates")[0];

        Assert.Equal(
            ["name 1 0.5 Zèbre Nord", "distance 1 0.3 0.0 km", "operator 1 0.2 Zèbre", "country 1 0.05 DE", "sector 0 0.05 battery_packs"],
            best.List("reasons").Select(r => $"{r.Text("part")} {r.Text("score")} {r.Text("weight")} {r.Text("detail")}"));
        Assert.Equal(0.955, Score(best));
    }

    [Theory]
    [InlineData("Zèbre", 1)]
    [InlineData("zebre", 1)]
    [InlineData("Zèbre S.A.", 1)]
    [InlineData("Yack", 0)]
    public async Task Another_company_speaks_against_it_whether_or_not_its_legal_name_is_known(string company, int score)
    {
        var best = (await MatchAsync($$"""{"names":["Zèbre Nord"],"country":"DE","location":{"lon":12.5,"lat":52.1},"operators":["{{company}}"]}""")).List("candidates")[0];

        Assert.Equal("zebre-nord", best.Text("factory.slug"));
        Assert.Equal(score, best.List("reasons").Single(reason => reason.Text("part") == "operator").GetProperty("score").GetDouble());
    }

    [Fact]
    public async Task An_identifier_that_both_have_decides()
    {
        var best = (await MatchAsync("""{"names":["Sans rapport"],"country":"DE","identifiers":[{"scheme":"wikidata","value":"q101"}]}""")).List("candidates").Single();

        Assert.Equal(("acierie-elan", 1.0, "identifier"), (best.Text("factory.slug"), Score(best), best.List("reasons")[0].Text("part")));
    }

    [Fact]
    public async Task Another_identifier_of_a_scheme_that_a_site_has_one_of_speaks_against_it()
    {
        const string Described = """{"names":["Aciérie Élan"],"country":"FR","locality":"Châtillon" REST}""";
        var without = (await MatchAsync(Described.Replace("REST", "", StringComparison.Ordinal))).List("candidates")[0];
        var with = (await MatchAsync(Described.Replace("REST", ",\"identifiers\":[{\"scheme\":\"siret\",\"value\":\"55208131766522\"}]", StringComparison.Ordinal))).List("candidates")[0];

        Assert.Equal(Score(without) / 2, Score(with), precision: 3);
        Assert.Contains("other_identifier", with.List("reasons").Select(r => r.Text("part")));
    }

    [Fact]
    public async Task What_was_merged_is_found_as_its_survivor_by_its_names_and_identifiers()
    {
        Assert.Equal("acierie-elan", (await MatchAsync("""{"names":["Aciérie Élan ter"]}""")).List("candidates")[0].Text("factory.slug"));
        Assert.Equal("acierie-elan", (await MatchAsync("""{"identifiers":[{"scheme":"osm","value":"way/5013364"}]}""")).List("candidates")[0].Text("factory.slug"));
        Assert.DoesNotContain("supprimee", (await MatchAsync("""{"names":["Supprimée"],"minScore":0}""")).List("candidates").Select(c => c.Text("factory.slug")));
    }

    [Fact]
    public async Task Lines_of_one_plant_are_told_apart_by_their_numbers()
    {
        var one = (await MatchAsync("""{"names":["Sosie A"],"country":"FR","region":"haute-arcadie"}""")).List("candidates");

        Assert.Equal(["sosie-a", "sosie-b"], one.Take(2).Select(c => c.Text("factory.slug")));
        Assert.True(Score(one[1]) < Score(one[0]) - 0.3);
    }

    [Fact]
    public async Task Matching_writes_nothing_and_needs_no_key()
    {
        var before = (await Ask.JsonAsync("/v1/factories?limit=1")).Text("knownAt");
        await MatchAsync("""{"names":["Aciérie"]}""");
        Assert.Equal(before, (await Ask.JsonAsync("/v1/factories?limit=1")).Text("knownAt"));
    }

    [Theory]
    [InlineData("{}", "/names")]
    [InlineData("""{"names":["A"],"country":"France"}""", "/country")]
    [InlineData("""{"names":["A"],"region":"nulle-part"}""", "/region")]
    [InlineData("""{"names":["A"],"location":{"lon":200,"lat":0}}""", "/location/lon")]
    [InlineData("""{"names":["A"],"identifiers":[{"scheme":"siret","value":"1"}]}""", "/identifiers/0/value")]
    [InlineData("""{"names":["A"],"limit":0}""", "/limit")]
    public async Task A_description_that_cannot_be_is_refused_with_its_place(string described, string place) =>
        Assert.Contains(place, (await Ask.WriteAsync("POST", "/v1/match", described, key: null)).IsProblem(422).Json.List("errors").Select(e => e.Text("pointer")));

    [Fact]
    public async Task A_nearly_certain_duplicate_is_made_only_by_who_has_seen_and_refused_what_it_may_be()
    {
        const string Body = """{"name":"Aciérie d'Élan","sector":"battery_cells","country":"FR","region":"val-d-or","locality":"Châtillon" REST}""";
        var refused = (await CreateAsync(Body.Replace("REST", "", StringComparison.Ordinal))).IsProblem(409).Json;

        Assert.Equal("urn:chantier:problem:likely-duplicate", refused.Text("type"));
        var candidate = Assert.Single(refused.List("candidates"));
        Assert.Equal("acierie-elan", candidate.Text("factory.slug"));
        Assert.True(Score(candidate) >= 0.9);
        Assert.NotEmpty(candidate.List("reasons"));

        // An old slug names it too.
        Assert.Equal("acierie-d-elan", (await CreateAsync(Body.Replace("REST", ",\"notThese\":[\"acierie-elan-bis\"]", StringComparison.Ordinal))).Is(201).Json.Text("slug"));

        // Now there are two to refuse.
        var again = (await CreateAsync(Body.Replace("REST", ",\"notThese\":[\"acierie-elan\"]", StringComparison.Ordinal))).IsProblem(409).Json;
        Assert.Equal(["acierie-d-elan"], again.List("candidates").Select(c => c.Text("factory.slug")));
    }

    [Fact]
    public async Task What_is_only_alike_is_made_at_once()
    {
        (await CreateAsync("""{"name":"Aciérie Élan 2","sector":"battery_packs","country":"FR"}""")).Is(201);
        (await CreateAsync("""{"name":"Aciérie Élan 3","sector":"battery_packs","country":"FR"}""")).Is(201);
        (await CreateAsync("""{"name":"Tardive","sector":"other","country":"DE"}""")).Is(201);
    }

    [Fact]
    public async Task Which_it_is_not_is_said_only_when_it_is_made()
    {
        var etag = (await Ask.GetAsync("/v1/factories/tardive")).Header("ETag");
        (await Ask.WriteAsync("PATCH", "/v1/factories/tardive", """{"notThese":["virgule"]}""", _curator, $"If-Match: {etag}")).IsProblem(422);
    }

    private static double Score(System.Text.Json.JsonElement candidate) => double.Parse(candidate.Text("score")!, CultureInfo.InvariantCulture);

    private async Task<System.Text.Json.JsonElement> MatchAsync(string described) => (await Ask.WriteAsync("POST", "/v1/match", described, key: null)).Is(200).Json;

    private Task<Answer> CreateAsync(string body) => Ask.WriteAsync("POST", "/v1/factories", body, _curator);
}
