using System.Text.Json;

namespace Chantier.Api.Tests.Factories;

/// <summary>What include= embeds, in a list and in one factory.</summary>
public sealed class FactoryIncludeTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    private Ask Ask => world.Ask;

    [Theory]
    [InlineData("regions", "regions", "val-d-or haute-arcadie arcadie")]
    [InlineData("operators", "roles", "121 123 125 821")]
    [InlineData("phases", "phases", "1 8 9 101")]
    [InlineData("statusEvents", "statusEvents", "901 101 102 103 106 801 104 105")]
    [InlineData("figures", "figures", "841 141 142 144 143")]
    [InlineData("media", "media", "1 2 3")]
    [InlineData("sources", "sources", "gazette-2020 note-sans-date registre-2023 registre-2024")]
    public async Task Each_kind_of_part_is_embedded_and_nothing_else_is(string include, string member, string expected)
    {
        var listed = Assert.Single(await Ask.ItemsAsync($"/v1/factories?slug=acierie-elan&include={include}"));
        Assert.Equal(expected, Ids(listed, member));
        Assert.Equal(expected, Ids(await Ask.JsonAsync($"/v1/factories/acierie-elan?include={include}"), member));
        Assert.Equal(expected, Ids(GeoJson(await Ask.JsonAsync($"/v1/factories?slug=acierie-elan&format=geojson&include={include}")), member));
        Assert.Equal(
            [.. (await Ask.ItemsAsync("/v1/factories?slug=acierie-elan"))[0].EnumerateObject().Select(m => m.Name), member], listed.EnumerateObject().Select(m => m.Name));

        // Of what has none, the list is empty and there.
        var bare = Assert.Single(await Ask.ItemsAsync($"/v1/factories?slug=virgule&include={include}"));
        Assert.Equal(include == "phases" ? 1 : 0, bare.List(member).Length);
    }

    [Theory]
    [InlineData("phases", "phases", "/v1/factories/{0}/phases")]
    [InlineData("figures", "figures", "/v1/factories/{0}/figures?")]
    [InlineData("media", "media", "/v1/factories/{0}/media")]
    [InlineData("sources", "sources", "/v1/factories/{0}/sources")]
    [InlineData("statusEvents", "statusEvents", "/v1/factories/{0}/status-events?sort=date")]
    public async Task What_is_embedded_is_what_the_list_of_its_own_shows(string include, string member, string list)
    {
        foreach (var axes in new[] { "asOf=2016", "knownAt=2025-03-31", "publishedUntil=2024-01-31", "asOf=2021-06" })
        {
            foreach (var factory in await Ask.ItemsAsync($"/v1/factories?include={include}&{axes}"))
            {
                var own = await Ask.ItemsAsync($"{string.Format(list, factory.Text("slug"))}{(list.Contains('?', StringComparison.Ordinal) ? "&" : "?")}{axes}");
                Assert.Equal(own.Select(part => part.GetRawText()).Order(StringComparer.Ordinal), factory.List(member).Select(part => part.GetRawText()).Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public async Task Several_parts_of_several_factories_stay_with_their_own()
    {
        var items = await Ask.ItemsAsync("/v1/factories?include=phases,figures&include=media&knownAt=2025-02-01");

        Assert.All(items, factory => Assert.All(factory.List("phases"), phase => Assert.Equal(factory.Text("slug"), phase.Text("factory.slug"))));
        Assert.All(items, factory => Assert.All(factory.List("figures"), figure => Assert.Equal(factory.Text("slug"), figure.Text("factory.slug"))));
        Assert.All(items, factory => Assert.All(factory.List("media"), medium => Assert.Contains(factory.Text("slug"), medium.List("factories").Select(f => f.Text("slug")))));
        Assert.Equal(items.Select(factory => factory.Text("mediaCount")), items.Select(factory => factory.List("media").Length.ToString()));
    }

    [Fact]
    public async Task Evidence_names_the_source_where_in_it_and_who_recorded_it()
    {
        var proof = (await Ask.ItemsAsync("/v1/factories/zebre-nord/status-events?include=evidence&sort=date"))[0].List("evidence");

        Assert.Equal(
            """{"evidenceId":6,"claimId":201,"claimKind":"status_event","source":{"slug":"registre-2023","name":"Registre 2023"},"url":"https://registre.example/2023","published":"2023-12-31","locator":{"kind":"paragraph","start":1,"end":null},"note":"Invented.","recordedBy":"inventor","recordedAt":"2025-01-10T10:00:00.000000Z"}""",
            Assert.Single(proof).GetRawText());
        Assert.All(await Ask.ItemsAsync("/v1/status-events?include=evidence"), item => Assert.Equal(item.List("sources").Length, item.List("evidence").Length));
        Assert.All(await Ask.ItemsAsync("/v1/factories/acierie-elan/figures?include=evidence"), item => Assert.Single(item.List("evidence")));
        Assert.All(await Ask.ItemsAsync("/v1/status-events"), item => Assert.False(item.TryGetProperty("evidence", out _)));
    }

    [Theory]
    [InlineData("/v1/factories?include=owners")]
    [InlineData("/v1/factories/acierie-elan?include=owners")]
    [InlineData("/v1/factories/acierie-elan/figures?include=sources")]
    [InlineData("/v1/status-events?include=factory")]
    [InlineData("/v1/operators?include=factories")]
    public async Task What_cannot_be_embedded_is_refused(string path) => (await Ask.GetAsync(path)).Blames("include");

    private static string Ids(JsonElement factory, string member) =>
        string.Join(' ', factory.List(member).Select(part => part.Text("id") ?? part.Text("slug")));

    private static JsonElement GeoJson(JsonElement collection) => Assert.Single(collection.List("features")).GetProperty("properties");
}
