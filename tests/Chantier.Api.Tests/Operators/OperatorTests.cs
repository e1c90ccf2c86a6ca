namespace Chantier.Api.Tests.Operators;

/// <summary>Operators: filters, the past, ownership, and counts that hold.</summary>
public sealed class OperatorTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    private Ask Ask => world.Ask;

    [Theory]
    [InlineData("", new[] { "ancien", "elan", "etat", "fonds", "zebre" })]
    [InlineData("q=elan", new[] { "elan" })]
    [InlineData("q=%C3%A9lan%20anonyme", new[] { "elan" })]
    [InlineData("q=an", new[] { "ancien", "elan" })]
    [InlineData("q=nobody", new string[0])]
    [InlineData("slug=etat", new[] { "etat" })]
    [InlineData("slug=zebre,elan", new[] { "elan", "zebre" })]
    [InlineData("slug=zebre&slug=elan-sa", new[] { "elan", "zebre" })]
    [InlineData("slug=disparu,nobody", new string[0])]
    [InlineData("country=FR", new[] { "elan", "etat", "fonds" })]
    [InlineData("country=FR,DE&q=e", new string[0])]
    [InlineData("country=FR,DE&q=et", new[] { "etat" })]
    [InlineData("q=anonime", new[] { "elan" })]
    [InlineData("q=anonime&knownAt=2025-04-09", new string[0])]
    [InlineData("q=732829320", new[] { "elan" })]
    [InlineData("country=FR,DE&slug=elan,ancien", new[] { "elan" })]
    [InlineData("knownAt=2025-04-09", new[] { "ancien", "disparu", "elan", "etat", "fonds", "zebre" })]
    [InlineData("knownAt=2025-04-09&country=FR&q=disparu", new[] { "disparu" })]
    [InlineData("knownAt=2025-01-09", new string[0])]
    [InlineData("publishedUntil=2000-01-01", new[] { "ancien", "elan", "etat", "fonds", "zebre" })]
    public async Task A_filter_lets_through_what_matches_and_nothing_else(string filter, string[] expected) => Assert.Equal(expected, await Ask.SlugsAsync($"/v1/operators?{filter}"));

    [Theory]
    [InlineData("q=-", "q")]
    [InlineData("slug=Elan", "slug")]
    [InlineData("country=fr", "country")]
    [InlineData("sort=country", "sort")]
    [InlineData("region=arcadie", "region")]
    public async Task What_cannot_match_is_refused_with_the_name_of_the_parameter(string filter, string parameter) => (await Ask.GetAsync($"/v1/operators?{filter}")).Blames(parameter);

    [Theory]
    [InlineData("")]
    [InlineData("asOf=2019")]
    [InlineData("asOf=2020&knownAt=2025-02-01")]
    [InlineData("knownAt=2025-04-30")]
    [InlineData("publishedUntil=2023-12-30")]
    [InlineData("publishedUntil=2024-06-30")]
    public async Task Each_has_as_many_factories_as_are_listed_under_it(string axes)
    {
        foreach (var one in await Ask.ItemsAsync($"/v1/operators?{axes}"))
        {
            Assert.Equal((one.Text("slug"), one.Text("factoryCount")), (one.Text("slug"), (await Ask.ItemsAsync($"/v1/operators/{one.Text("slug")}/factories?{axes}")).Length.ToString()));
            Assert.Equal(one.GetRawText(), (await Ask.JsonAsync($"/v1/operators/{one.Text("slug")}?{axes}")).GetRawText());
        }
    }

    [Fact]
    public async Task One_operator_has_its_names_and_identifiers()
    {
        var elan = await Ask.JsonAsync("/v1/operators/elan");

        Assert.Equal(("Élan", "Élan Société Anonyme", "FR", "https://elan.example"), (elan.Text("name"), elan.Text("legalName"), elan.Text("country"), elan.Text("website")));
        Assert.Equal(["lei:5493000IBP32UQZ0KL24", "siren:732829320"], elan.List("identifiers").Select(i => $"{i.Text("scheme")}:{i.Text("value")}"));
        Assert.Equal("/v1/operators/elan?asOf=2020", (await Ask.GetAsync("/v1/operators/elan-sa?asOf=2020")).Is(308).Header("Location"));
    }

    [Fact]
    public async Task Ownership_is_direct_effective_and_says_what_is_not_known()
    {
        var elan = await Ask.JsonAsync("/v1/operators/elan/ownership");
        Assert.Equal(["fonds 60  ", "etat  10 30"], elan.List("direct").Select(d => $"{d.Text("shareholder.slug")} {d.Text("share")} {d.Text("min")} {d.Text("max")}"));
        Assert.Equal(("10", "30"), (elan.Text("unknown.min"), elan.Text("unknown.max")));

        var zebre = await Ask.JsonAsync("/v1/operators/zebre/ownership");
        Assert.Equal(["elan 50 50 0", "fonds 30 30 1", "etat 5 15 1"], zebre.List("effective").Select(e => $"{e.Text("shareholder.slug")} {e.GetProperty("min").GetDecimal():0.##} {e.GetProperty("max").GetDecimal():0.##} {e.Text("steps")}"));

        var none = await Ask.JsonAsync("/v1/operators/etat/ownership");
        Assert.Empty(none.List("direct"));
        Assert.Equal(("100", "100"), (none.Text("unknown.min"), none.Text("unknown.max")));
        Assert.Empty((await Ask.JsonAsync("/v1/operators/elan/ownership?publishedUntil=2023-12-30")).List("direct"));
    }
}
