namespace Chantier.Api.Tests.Factories;

/// <summary>Every filter of factories, on every path that lists them and on every axis.</summary>
public sealed class FactoryFilterTests(SettledWorld world) : IClassFixture<SettledWorld>
{
    public static TheoryData<string, string[]> Filters => new()
    {
        { "", World.Everything },
        { "q=elan", ["acierie-elan", "contradictoire", "tardive"] },
        { "q=%C3%89LAN", ["acierie-elan", "contradictoire", "tardive"] },
        { "q=acierie%20elan", ["acierie-elan"] },
        { "q=Ac.i%C3%A9rie", [] },
        { "q=zebre-NORD", ["zebre-nord"] },
        { "q=nord", ["pole-nord", "zebre-nord"] },
        { "q=chatillon%20fonds", ["acierie-elan"] },
        { "q=oeuilly", ["tardive"] },
        { "q=ancien%20nom", ["renommee"] },
        { "q=100%25", [] },
        { "slug=zebre-nord", ["zebre-nord"] },
        { "slug=zebre-nord,tardive,zebre-nord", ["tardive", "zebre-nord"] },
        { "slug=zebre-nord&slug=tardive", ["tardive", "zebre-nord"] },
        { "slug=acierie-elan-bis", ["acierie-elan"] },
        { "slug=acierie-elan-ter,ancien-nom,nobody,supprimee", ["acierie-elan", "renommee"] },
        { "slug=nobody", [] },
        { "operator=elan", ["acierie-elan", "contradictoire", "tardive"] },
        { "operator=elan-sa", ["acierie-elan", "contradictoire", "tardive"] },
        { "operator=zebre", ["zebre-nord"] },
        { "operator=etat", ["acierie-elan"] },
        { "operator=ancien", [] },
        { "operator=disparu", [] },
        { "operator=zebre,etat", ["acierie-elan", "zebre-nord"] },
        { "region=arcadie", ["acierie-elan", "contradictoire", "futur", "renommee", "sosie-a", "sosie-b", "tardive"] },
        { "region=arcadia", ["acierie-elan", "contradictoire", "futur", "renommee", "sosie-a", "sosie-b", "tardive"] },
        { "region=haute-arcadie", ["acierie-elan", "futur", "renommee", "sosie-a", "sosie-b"] },
        { "region=val-d-or", ["acierie-elan", "renommee"] },
        { "region=vallee-du-fer", ["contradictoire", "fidji-est", "tardive"] },
        { "region=val-d-or,fidji", ["acierie-elan", "fidji-est", "fidji-ouest", "renommee"] },
        { "region=fidji&region=vallee-du-fer", ["contradictoire", "fidji-est", "fidji-ouest", "tardive"] },
        { "region=desert", [] },
        { "region=perdue", [] },
        { "country=DE", ["zebre-nord"] },
        { "country=DE,FJ", ["fidji-est", "fidji-ouest", "zebre-nord"] },
        { "country=XX", [] },
        { "status=operating", ["acierie-elan", "fidji-est", "sosie-a"] },
        { "status=idled,closed", ["renommee", "sosie-b"] },
        { "stage=planned", ["fidji-ouest", "pole-nord", "tardive"] },
        { "stage=building", ["futur"] },
        { "stage=ended,stopped", ["contradictoire", "renommee", "sosie-b", "zebre-nord"] },
        { "status=idled&stage=planned", ["fidji-ouest", "pole-nord", "sosie-b", "tardive"] },
        { "sector=power_generation", ["fidji-est", "fidji-ouest"] },
        { "sector=battery_packs,battery_recycling", ["renommee", "zebre-nord"] },
        { "bbox=2,47,3,48", ["acierie-elan", "futur"] },
        { "bbox=2.38,41,2.38,47.5", ["acierie-elan", "tardive"] },
        { "bbox=179,-18,-179,-16", ["fidji-est", "fidji-ouest"] },
        { "bbox=179,-18,180,-16", ["fidji-est"] },
        { "bbox=-180,-18,-179,-16", ["fidji-ouest"] },
        { "bbox=10,-90,-170,90", ["fidji-est", "fidji-ouest", "pole-nord", "zebre-nord"] },
        { "bbox=-180,-90,180,90", ["acierie-elan", "fidji-est", "fidji-ouest", "futur", "pole-nord", "tardive", "zebre-nord"] },
        { "bbox=134,90,136,90", ["pole-nord"] },
        { "bbox=-10,-90,10,-60", [] },
        { "near=2.38,47.5&radiusKm=5", ["acierie-elan"] },
        { "near=2.38,47.5", ["acierie-elan", "futur"] },
        { "near=2.5,47.5", ["futur", "acierie-elan"] },
        { "near=2.4,47.5&radiusKm=2000", ["acierie-elan", "futur", "tardive", "zebre-nord"] },
        { "near=-179.5,-16.5&radiusKm=200", ["fidji-ouest", "fidji-est"] },
        { "near=180,-17&radiusKm=200", ["fidji-est", "fidji-ouest"] },
        { "near=-45,90&radiusKm=0.001", ["pole-nord"] },
        { "near=-45,-90&radiusKm=2000", [] },
        { "near=2.4,47.5&radiusKm=2000&minPrecision=municipality", ["acierie-elan", "tardive", "zebre-nord"] },
        { "bbox=-180,-90,180,90&minPrecision=site", ["acierie-elan", "fidji-est"] },
        { "bbox=-180,-90,180,90&minPrecision=street", ["acierie-elan", "fidji-est", "fidji-ouest"] },
        { "bbox=-180,-90,180,90&minPrecision=locality", ["acierie-elan", "fidji-est", "fidji-ouest", "tardive"] },
        { "minPrecision=country", ["acierie-elan", "fidji-est", "fidji-ouest", "futur", "pole-nord", "tardive", "zebre-nord"] },
        { "updatedSince=2025-05-10T10:00:00.123456Z", ["renommee", "sosie-a", "sosie-b", "tardive"] },
        { "updatedSince=2025-05-10T12:00:00.123456%2B02:00", ["renommee", "sosie-a", "sosie-b", "tardive"] },
        { "updatedSince=2025-05-10T10:00:00.123457Z", [] },
        { "updatedSince=2025-04-10", ["acierie-elan", "renommee", "sosie-a", "sosie-b", "tardive"] },
        { "updatedSince=2025-04-11", ["renommee", "sosie-a", "sosie-b", "tardive"] },
        { "hasMedia=true", ["acierie-elan", "fidji-est"] },
        { "hasMedia=false&country=FJ", ["fidji-ouest"] },
        { "identifier=wikidata:Q101", ["acierie-elan"] },
        { "identifier=wikidata:q108", ["acierie-elan"] },
        { "identifier=siret:732%20829%20320%2000074", ["acierie-elan"] },
        { "identifier=osm:way/5013364,wikidata:Q112", ["acierie-elan", "sosie-a"] },
        { "identifier=wikidata:Q999", [] },
        { "region=arcadie&status=operating,suspended&operator=elan&hasMedia=true", ["acierie-elan"] },
        { "region=arcadie&country=FR&sector=battery_materials,other&stage=stopped", ["contradictoire", "sosie-b"] },
        { "region=arcadie&country=FJ", [] },
        { "region=val-d-or,vallee-du-fer&operator=elan,zebre&q=ela", ["acierie-elan", "contradictoire", "tardive"] },
        { "near=2.4,47.5&radiusKm=2000&bbox=0,0,12,50&status=operating,announced&operator=elan", ["acierie-elan", "tardive"] },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_filter_lets_through_what_matches_and_nothing_else(string filter, string[] expected)
    {
        var answer = (await world.Ask.GetAsync($"/v1/factories?{filter}&count=exact")).Is(200);

        Assert.Equal(expected, answer.Slugs);
        Assert.Equal(expected.Length, answer.Json.GetProperty("page").GetProperty("count").GetInt32());
    }

    /// <summary>A past is read from other tables than the present; asked for the present day, all must say the same.</summary>
    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_filter_means_the_same_on_every_axis(string filter, string[] expected)
    {
        var present = (await world.Ask.GetAsync($"/v1/factories?{filter}")).Is(200).Json;

        Assert.Equal(expected, await world.Ask.SlugsAsync($"/v1/factories?{filter}&asOf={present.Text("asOf")}"));
        Assert.Equal(expected, await world.Ask.SlugsAsync($"/v1/factories?{filter}&asOf={present.Text("asOf")}&knownAt={present.Text("knownAt")}"));
        // Of one factory nothing is claimed, so that nothing was ever published.
        Assert.Equal(expected.Except(["virgule"]), await world.Ask.SlugsAsync($"/v1/factories?{filter}&publishedUntil={present.Text("asOf")}"));
    }

    [Theory]
    [InlineData("/v1/regions/arcadie/factories?operator=elan", new[] { "acierie-elan", "contradictoire", "tardive" })]
    [InlineData("/v1/regions/arcadie/factories?region=vallee-du-fer", new[] { "contradictoire", "tardive" })]
    [InlineData("/v1/regions/arcadie/factories?region=val-d-or,vallee-du-fer&status=operating", new[] { "acierie-elan" })]
    [InlineData("/v1/regions/arcadie/factories?slug=fidji-est", new string[0])]
    [InlineData("/v1/regions/vallee-du-fer/factories?hasMedia=true", new[] { "fidji-est" })]
    [InlineData("/v1/regions/fidji/factories?near=180,-17&radiusKm=200", new[] { "fidji-est", "fidji-ouest" })]
    [InlineData("/v1/operators/elan/factories?region=vallee-du-fer", new[] { "contradictoire", "tardive" })]
    [InlineData("/v1/operators/elan/factories?region=val-d-or,fidji", new[] { "acierie-elan" })]
    [InlineData("/v1/operators/elan/factories?operator=fonds", new[] { "acierie-elan" })]
    [InlineData("/v1/operators/zebre/factories?country=FR", new string[0])]
    public async Task The_factories_of_a_region_or_an_operator_take_the_same_filters(string path, string[] expected)
    {
        var present = (await world.Ask.GetAsync(path)).Is(200);
        Assert.Equal(expected, present.Slugs);
        Assert.Equal(expected, await world.Ask.SlugsAsync($"{path}&asOf={present.Json.Text("asOf")}"));
        Assert.Equal(expected, await world.Ask.SlugsAsync($"{path}&publishedUntil={present.Json.Text("asOf")}"));
        Assert.Equal(expected, await world.Ask.SlugsAsync($"{path}&asOf={present.Json.Text("asOf")}&knownAt={present.Json.Text("knownAt")}"));
    }

    [Theory]
    [InlineData("q=-", "q")]
    [InlineData("slug=Verkor", "slug")]
    [InlineData("operator=elan,nobody&region=desert", "operator")]
    [InlineData("region=nowhere", "region")]
    [InlineData("region=nowhere,desert&asOf=2020", "region")]
    [InlineData("country=fr", "country")]
    [InlineData("country=FRA", "country")]
    [InlineData("status=open", "status")]
    [InlineData("status=filing", "status")]
    [InlineData("stage=open", "stage")]
    [InlineData("sector=steel", "sector")]
    [InlineData("sector=Steel", "sector")]
    [InlineData("bbox=1,2,3", "bbox")]
    [InlineData("bbox=1,3,2,2", "bbox")]
    [InlineData("bbox=1,2,3,91", "bbox")]
    [InlineData("bbox=-181,2,3,4", "bbox")]
    [InlineData("minPrecision=near", "minPrecision")]
    [InlineData("minPrecision=site,street", "minPrecision")]
    [InlineData("near=47.5", "near")]
    [InlineData("near=2,91", "near")]
    [InlineData("radiusKm=5", "radiusKm")]
    [InlineData("near=2,47&radiusKm=0", "radiusKm")]
    [InlineData("near=2,47&radiusKm=2001", "radiusKm")]
    [InlineData("near=2,47&sort=name", "sort")]
    [InlineData("updatedSince=2025", "updatedSince")]
    [InlineData("hasMedia=yes", "hasMedia")]
    [InlineData("identifier=Q101", "identifier")]
    [InlineData("identifier=nothing:1", "identifier")]
    [InlineData("identifier=wikidata:101", "identifier")]
    [InlineData("identifier=siret:73282932000075", "identifier")]
    [InlineData("page=2", "page")]
    public async Task What_cannot_match_is_refused_with_the_name_of_the_parameter(string filter, string parameter)
    {
        foreach (var list in new[] { "/v1/factories", "/v1/regions/arcadie/factories", "/v1/operators/elan/factories" })
        {
            (await world.Ask.GetAsync($"{list}?{filter}")).Blames(parameter);
        }
    }

    [Fact]
    public async Task Distances_are_those_of_the_sphere_and_only_there_where_near_is()
    {
        var items = await world.Ask.ItemsAsync("/v1/factories?near=2.38,47.5&radiusKm=2000");

        // By the haversine formula with a radius of 6371.0088 km.
        Assert.Equal([0, 9.015, 722.768, 887.08], items.Select(item => Math.Round(item.GetProperty("distanceKm").GetDouble(), 3)));
        Assert.All(await world.Ask.ItemsAsync("/v1/factories"), item => Assert.False(item.TryGetProperty("distanceKm", out _)));
        Assert.Equal(
            items.Select(item => item.Text("distanceKm")), (await world.Ask.ItemsAsync("/v1/factories?near=2.38,47.5&radiusKm=2000&asOf=2026-01-01")).Select(item => item.Text("distanceKm")));
    }

    [Fact]
    public async Task Media_count_only_once_they_were_published()
    {
        // One picture is of 2020, the others of the end of 2023 and of March 2024.
        Assert.Equal(["acierie-elan"], await world.Ask.SlugsAsync("/v1/factories?hasMedia=true&publishedUntil=2021-01-01"));
        Assert.Equal(["renommee", "sosie-a", "tardive"], await world.Ask.SlugsAsync("/v1/factories?hasMedia=false&publishedUntil=2021-01-01"));
        foreach (var at in new[] { "2020-06-29", "2020-06-30", "2023-12-31", "2024-03-01", "2025-02-01" })
        {
            Assert.All(await world.Ask.ItemsAsync($"/v1/factories?hasMedia=true&publishedUntil={at}"), item => Assert.True(item.GetProperty("mediaCount").GetInt32() > 0));
            Assert.All(await world.Ask.ItemsAsync($"/v1/factories?hasMedia=false&publishedUntil={at}"), item => Assert.Equal(0, item.GetProperty("mediaCount").GetInt32()));
        }
    }

    [Fact]
    public async Task What_an_operator_had_a_part_in_is_of_the_date_and_of_the_knowledge_asked_for()
    {
        Assert.Equal(["acierie-elan"], await world.Ask.SlugsAsync("/v1/factories?operator=ancien&asOf=2019-12-31"));
        Assert.Empty(await world.Ask.SlugsAsync("/v1/factories?operator=ancien&asOf=2020-01-01"));
        Assert.Equal(["contradictoire", "zebre-nord"], await world.Ask.SlugsAsync("/v1/factories?operator=zebre&asOf=2023"));
        Assert.Equal(["futur"], await world.Ask.SlugsAsync("/v1/factories?operator=disparu&knownAt=2025-04-10T09:59:59Z"));
        Assert.Empty(await world.Ask.SlugsAsync("/v1/factories?operator=disparu&knownAt=2025-04-10T10:00:00Z"));
        Assert.Equal(["acierie-elan-bis"], await world.Ask.SlugsAsync("/v1/factories?operator=etat&knownAt=2025-02-01"));
    }

    [Fact]
    public async Task A_slug_and_an_identifier_lead_where_they_led_at_the_time()
    {
        Assert.Equal(["acierie-elan-bis"], await world.Ask.SlugsAsync("/v1/factories?slug=acierie-elan-bis&knownAt=2025-03-31"));
        Assert.Equal(["acierie-elan-bis"], await world.Ask.SlugsAsync("/v1/factories?identifier=osm:way/5013364&knownAt=2025-03-31"));
        Assert.Equal(["acierie-elan-ter"], await world.Ask.SlugsAsync("/v1/factories?identifier=osm:way/5013364&knownAt=2025-02-28"));
        Assert.Equal(["sosie-b"], await world.Ask.SlugsAsync("/v1/factories?slug=sosie-a&knownAt=2025-03-31"));
        Assert.Equal(["supprimee"], await world.Ask.SlugsAsync("/v1/factories?slug=supprimee&knownAt=2025-03-31"));
        Assert.Equal(["renommee"], await world.Ask.SlugsAsync("/v1/factories?region=basse-arcadie&q=ancien&knownAt=2025-05-09"));
        Assert.Empty(await world.Ask.SlugsAsync("/v1/factories?region=basse-arcadie&q=ancien&knownAt=2025-05-10"));
    }

    [Theory]
    [InlineData("q=acirie%20elan", "acierie-elan")]
    [InlineData("q=nodr&country=DE", "zebre-nord")]
    [InlineData("q=nodr&country=DE&publishedUntil=2025-06-01", "zebre-nord")]
    [InlineData("q=zebr&country=DE", "zebre-nord")]
    [InlineData("q=elan%20haute%20arcadie", "acierie-elan")]
    [InlineData("q=5013364", "acierie-elan")]
    [InlineData("q=acirie%20elan&knownAt=2025-06-01")]
    public async Task What_is_mistyped_is_forgiven_save_in_a_past_whose_answer_is_final(string filter, params string[] slugs) =>
        Assert.Equal(slugs, await world.Ask.SlugsAsync($"/v1/factories?{filter}"));
}
