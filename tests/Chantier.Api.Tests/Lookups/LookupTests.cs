namespace Chantier.Api.Tests.Lookups;

/// <summary>What an external identifier names.</summary>
public sealed class LookupTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    [Theory]
    [InlineData("wikidata:Q101", "factory acierie-elan /v1/factories/acierie-elan")]
    // Of what was merged: where it leads.
    [InlineData("wikidata:q108", "factory acierie-elan /v1/factories/acierie-elan")]
    [InlineData("osm:way/5013364", "factory acierie-elan /v1/factories/acierie-elan")]
    [InlineData("siret:732 829 320 00074", "factory acierie-elan /v1/factories/acierie-elan")]
    [InlineData("wikidata:Q112", "factory sosie-a /v1/factories/sosie-a")]
    // Once, under the name it has now, however many it had.
    [InlineData("siren:732829320", "operator elan /v1/operators/elan")]
    [InlineData("lei:5493000ibp32uqz0kl24", "operator elan /v1/operators/elan")]
    [InlineData("wikidata:Q201", "region arcadie /v1/regions/arcadie")]
    [InlineData("wikidata:Q999", "")]
    public async Task An_identifier_names_one_thing_of_a_kind(string identifier, string expected)
    {
        var items = await world.Ask.ItemsAsync($"/v1/lookup?identifier={Uri.EscapeDataString(identifier)}");

        Assert.Equal(expected, string.Join('|', items.Select(item => $"{item.Text("kind")} {item.Text("slug")} {item.Text("url")}")));
        foreach (var item in items)
        {
            Assert.Equal(item.Text("slug"), (await world.Ask.JsonAsync(item.Text("url")!)).Text("slug"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("identifier=Q101")]
    [InlineData("identifier=nothing:1")]
    [InlineData("identifier=siren:732829321")]
    [InlineData("identifier=wikidata:101")]
    [InlineData("identifier=wikidata:Q1&identifier=wikidata:Q2")]
    public async Task What_is_no_identifier_is_refused(string query) => (await world.Ask.GetAsync($"/v1/lookup?{query}")).Blames("identifier");
}
