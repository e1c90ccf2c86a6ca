namespace Chantier.Api.Tests.Sources;

/// <summary>Sources: filters, and the claims that rest on each.</summary>
public sealed class SourceTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    private Ask Ask => world.Ask;

    [Theory]
    [InlineData("", new[] { "carnet", "gazette-2020", "note-sans-date", "registre-2023", "registre-2024" })]
    [InlineData("q=elan", new[] { "gazette-2020" })]
    [InlineData("q=office%20arcadie", new[] { "registre-2023", "registre-2024" })]
    [InlineData("q=registre.example", new[] { "registre-2023", "registre-2024" })]
    [InlineData("q=office&series=registre&slug=registre-2024", new[] { "registre-2024" })]
    [InlineData("slug=carnet,registre-2023", new[] { "carnet", "registre-2023" })]
    [InlineData("slug=la-gazette", new[] { "gazette-2020" })]
    [InlineData("kind=press", new[] { "gazette-2020" })]
    [InlineData("kind=other,press", new[] { "carnet", "gazette-2020", "note-sans-date" })]
    [InlineData("kind=permit", new string[0])]
    [InlineData("series=registre", new[] { "registre-2023", "registre-2024" })]
    [InlineData("series=registre,none&kind=register", new[] { "registre-2023", "registre-2024" })]
    [InlineData("series=none", new string[0])]
    [InlineData("factory=pole-nord", new[] { "carnet", "registre-2023" })]
    [InlineData("factory=acierie-elan", new[] { "gazette-2020", "note-sans-date", "registre-2023", "registre-2024" })]
    [InlineData("factory=acierie-elan-ter", new[] { "gazette-2020", "note-sans-date", "registre-2023", "registre-2024" })]
    [InlineData("factory=acierie-elan-bis&knownAt=2025-02-01", new[] { "note-sans-date", "registre-2023", "registre-2024" })]
    [InlineData("factory=virgule", new string[0])]
    [InlineData("publishedUntil=2020-06-29", new string[0])]
    [InlineData("publishedUntil=2020-06", new[] { "gazette-2020" })]
    [InlineData("publishedUntil=2024-02", new[] { "gazette-2020", "registre-2023" })]
    // What has no publication date counts from its retrieval, or else from its recording.
    [InlineData("publishedUntil=2024-03-01", new[] { "gazette-2020", "note-sans-date", "registre-2023" })]
    [InlineData("publishedUntil=2025-01-10", new[] { "carnet", "gazette-2020", "note-sans-date", "registre-2023", "registre-2024" })]
    [InlineData("factory=acierie-elan&publishedUntil=2023", new[] { "gazette-2020", "registre-2023" })]
    [InlineData("knownAt=2025-04-09", new[] { "carnet", "gazette-2020", "note-sans-date", "oublie", "registre-2023", "registre-2024" })]
    public async Task A_filter_lets_through_what_matches_and_nothing_else(string filter, string[] expected) => Assert.Equal(expected, (await Ask.SlugsAsync($"/v1/sources?{filter}")).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("q=!", "q")]
    [InlineData("slug=La", "slug")]
    [InlineData("kind=book", "kind")]
    [InlineData("factory=nobody", "factory")]
    [InlineData("factory=tardive,virgule", "factory")]
    [InlineData("sort=title", "sort")]
    public async Task What_cannot_match_is_refused_with_the_name_of_the_parameter(string filter, string parameter) => (await Ask.GetAsync($"/v1/sources?{filter}")).Blames(parameter);

    [Fact]
    public async Task One_source_has_its_dates_as_given_and_every_claim_that_rests_on_it()
    {
        var gazette = await Ask.JsonAsync("/v1/sources/gazette-2020");
        Assert.Equal(("2020-06", "2020-07-01T12:00:00.000000Z", "fr"), (gazette.Text("published"), gazette.Text("retrievedAt"), gazette.Text("language")));
        Assert.Equal("101 102 143 151 301 341 901 1101 1201", string.Join(' ', (await Ask.ItemsAsync("/v1/sources/gazette-2020/claims?knownAt=2025-02-01")).Select(claim => claim.Text("id"))));
        Assert.Equal("101 102 143 151 301 901 1101 1201", string.Join(' ', (await Ask.ItemsAsync("/v1/sources/gazette-2020/claims")).Select(claim => claim.Text("id"))));
        Assert.Equal(gazette.List("claims").Select(claim => claim.GetRawText()), (await Ask.ItemsAsync("/v1/sources/gazette-2020/claims")).Select(claim => claim.GetRawText()));
        Assert.Equal("/v1/sources/gazette-2020/claims", gazette.Text("claimsUrl"));
    }

    [Fact]
    public async Task Later_publications_are_no_evidence()
    {
        (await Ask.GetAsync("/v1/sources/registre-2024?publishedUntil=2024-12-30")).IsProblem(404);
        (await Ask.GetAsync("/v1/sources/registre-2024/claims?publishedUntil=2024-12-30")).IsProblem(404);
        Assert.Equal("registre-2024", (await Ask.JsonAsync("/v1/sources/registre-2024?publishedUntil=2024-12-31")).Text("slug"));
        Assert.Equal("[]", (await Ask.JsonAsync("/v1/claims?source=registre-2024&publishedUntil=2024-12-30")).Text("items"));
    }

    [Theory]
    [InlineData("kind=figure", "141 142 342")]
    [InlineData("kind=figure&knownAt=2025-02-01", "141 142")]
    [InlineData("kind=ownership,membership", "131 132 133 161 561")]
    [InlineData("kind=merge", "")]
    public async Task Claims_are_filtered_by_what_they_are_about(string filter, string expected) =>
        Assert.Equal(expected, string.Join(' ', (await Ask.ItemsAsync($"/v1/sources/registre-2023/claims?{filter}")).Select(claim => claim.Text("id"))));

    [Fact]
    public async Task A_claim_shows_the_factory_that_stands_for_it_now()
    {
        var note = (await Ask.ItemsAsync("/v1/sources/note-sans-date/claims?kind=figure"));
        Assert.Equal(("841", "acierie-elan"), (note[0].Text("id"), note[0].Text("factory.slug")));
        Assert.Equal("acierie-elan-bis", (await Ask.ItemsAsync("/v1/sources/note-sans-date/claims?kind=figure&knownAt=2025-03-31"))[0].Text("factory.slug"));
        (await Ask.GetAsync("/v1/sources/note-sans-date/claims?kind=rumour")).Blames("kind");
        (await Ask.GetAsync("/v1/sources/oublie/claims?knownAt=2025-04-09")).Is(200);
    }
}
