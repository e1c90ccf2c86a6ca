namespace Chantier.Api.Tests.Media;

/// <summary>Media: filters, what each depicts, and the past.</summary>
public sealed class MediaTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    private Ask Ask => world.Ask;

    [Theory]
    [InlineData("", "1 2 3")]
    [InlineData("factory=acierie-elan", "1 2 3")]
    [InlineData("factory=acierie-elan-bis", "1 2 3")]
    [InlineData("factory=acierie-elan-bis&knownAt=2025-02-01", "3")]
    [InlineData("factory=acierie-elan&knownAt=2025-02-01", "1 2")]
    [InlineData("factory=acierie-elan&publishedUntil=2021-01-01", "1")]
    [InlineData("publishedUntil=2021-01-01", "1")]
    [InlineData("publishedUntil=2023-12", "1 2")]
    [InlineData("publishedUntil=2020-05", "")]
    // A medium that was captured later does not show the day asked for.
    [InlineData("asOf=2023-05-31", "2 3")]
    [InlineData("asOf=2023-06-01", "1 2 3")]
    [InlineData("factory=acierie-elan&asOf=2023-05-31", "2 3")]
    [InlineData("factory=fidji-est", "2")]
    [InlineData("factory=fidji-est,acierie-elan&kind=satellite,video", "2 3")]
    [InlineData("factory=virgule", "")]
    [InlineData("kind=image", "1")]
    [InlineData("kind=video,image", "1 3")]
    [InlineData("kind=document", "")]
    [InlineData("kind=document&knownAt=2025-04-09", "4")]
    [InlineData("licence=CC-BY-4.0", "1")]
    [InlineData("licence=unknown,CC-BY-4.0&kind=satellite", "2")]
    [InlineData("licence=MIT", "")]
    public async Task A_filter_lets_through_what_matches_and_nothing_else(string filter, string expected) =>
        Assert.Equal(expected, string.Join(' ', await Ask.TextsAsync($"/v1/media?{filter}", "id")));

    [Theory]
    [InlineData("factory=nobody", "factory")]
    [InlineData("factory=NOBODY", "factory")]
    [InlineData("kind=photo", "kind")]
    [InlineData("sort=id", "sort")]
    public async Task What_cannot_match_is_refused_with_the_name_of_the_parameter(string filter, string parameter) => (await Ask.GetAsync($"/v1/media?{filter}")).Blames(parameter);

    [Fact]
    public async Task One_medium_shows_all_that_is_known_of_it()
    {
        Assert.Equal(
            """{"id":1,"url":"https://images.example/1.jpg","kind":"image","title":"Élan","caption":{"fr":"Le chantier","en":"The works"},"altText":"Deux grues","credit":"Une photographe","licence":"CC-BY-4.0","captured":"2023-06","mime":"image/jpeg","width":1600,"height":900,"sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","linkState":"ok","linkCheckedAt":"2025-01-09T00:00:00.000000Z","factories":[{"slug":"acierie-elan","name":"Aciérie Élan"}],"sources":["gazette-2020"],"version":1,"updatedAt":"2025-01-10T10:00:00.000000Z"}""",
            (await Ask.JsonAsync("/v1/media/1")).GetRawText());
        Assert.Equal(["acierie-elan", "fidji-est"], (await Ask.JsonAsync("/v1/media/2")).List("factories").Select(factory => factory.Text("slug")));
        Assert.Equal(["acierie-elan-bis"], (await Ask.JsonAsync("/v1/media/3?knownAt=2025-02-01")).List("factories").Select(factory => factory.Text("slug")));
        Assert.Equal("gone", (await Ask.JsonAsync("/v1/media/4?knownAt=2025-04-09")).Text("linkState"));
        (await Ask.GetAsync("/v1/media/4?knownAt=2025-01-09")).IsProblem(404);
        (await Ask.GetAsync("/v1/media/2?publishedUntil=2023-12-30")).IsProblem(404);
        Assert.Equal(["1"], (await Ask.JsonAsync("/v1/factories/acierie-elan?include=media&publishedUntil=2023-12-30")).List("media").Select(medium => medium.Text("id")));
    }
}
