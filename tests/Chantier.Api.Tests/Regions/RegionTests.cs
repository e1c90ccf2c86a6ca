namespace Chantier.Api.Tests.Regions;

/// <summary>Regions: filters, the tree and the clusters, and counts that hold on every axis.</summary>
public sealed class RegionTests(SettledWorld world) : IClassFixture<SettledWorld>
{
    private static readonly string[] All = ["arcadie", "basse-arcadie", "desert", "fidji", "haute-arcadie", "val-d-or", "vallee-du-fer"];

    private Ask Ask => world.Ask;

    [Theory]
    [InlineData("q=arcadia", new[] { "arcadie", "basse-arcadie", "haute-arcadie" })]
    [InlineData("q=VALLEE", new[] { "vallee-du-fer" })]
    [InlineData("q=viti", new[] { "fidji" })]
    [InlineData("q=valley%20gold", new[] { "val-d-or" })]
    [InlineData("q=nowhere", new string[0])]
    [InlineData("slug=fidji,desert", new[] { "desert", "fidji" })]
    [InlineData("slug=arcadia&slug=fidji", new[] { "arcadie", "fidji" })]
    [InlineData("kind=country", new[] { "arcadie", "desert", "fidji" })]
    [InlineData("kind=cluster,department", new[] { "val-d-or", "vallee-du-fer" })]
    [InlineData("kind=commune", new string[0])]
    [InlineData("parent=arcadie", new[] { "basse-arcadie", "haute-arcadie" })]
    [InlineData("parent=arcadia", new[] { "basse-arcadie", "haute-arcadie" })]
    [InlineData("parent=arcadie,haute-arcadie", new[] { "basse-arcadie", "haute-arcadie", "val-d-or" })]
    [InlineData("parent=arcadie&q=upper", new[] { "haute-arcadie" })]
    [InlineData("parent=fidji", new string[0])]
    [InlineData("parent=arcadie&knownAt=2025-03-31", new[] { "basse-arcadie", "haute-arcadie", "perdue" })]
    [InlineData("knownAt=2025-01-09", new string[0])]
    public async Task A_filter_lets_through_what_matches_and_nothing_else(string filter, string[] expected) => Assert.Equal(expected, await Ask.SlugsAsync($"/v1/regions?{filter}"));

    [Theory]
    [InlineData("q=...", "q")]
    [InlineData("slug=Arcadie", "slug")]
    [InlineData("kind=land", "kind")]
    [InlineData("parent=nowhere", "parent")]
    [InlineData("sort=kind", "sort")]
    [InlineData("near=1,2", "near")]
    public async Task What_cannot_match_is_refused_with_the_name_of_the_parameter(string filter, string parameter) => (await Ask.GetAsync($"/v1/regions?{filter}")).Blames(parameter);

    [Fact]
    public async Task All_are_there_with_their_parents_codes_and_boxes()
    {
        var items = await Ask.ItemsAsync("/v1/regions");

        Assert.Equal(All, items.Select(item => item.Text("slug")));
        Assert.Equal([null, "arcadie", null, null, "arcadie", "haute-arcadie", null], items.Select(item => item.Text("parent.slug")));
        Assert.Equal(("AC", "Q201", "[0,40,10,50]", "Ἀρκαδία"), (items[0].Text("codes.iso3166-1"), items[0].Text("codes.wikidata"), items[0].Text("bbox"), items[0].Text("names.local")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("asOf=2022-10")]
    [InlineData("asOf=1990&knownAt=2025-02-01")]
    [InlineData("knownAt=2025-02-01")]
    [InlineData("knownAt=2025-03-31")]
    [InlineData("knownAt=2025-04-30&asOf=2024-12")]
    [InlineData("publishedUntil=2025-12-31")]
    [InlineData("publishedUntil=2023-12-30")]
    [InlineData("publishedUntil=2024-06-30&asOf=2024-06-30")]
    public async Task Each_has_as_many_factories_as_are_listed_under_it_in_all_and_by_status(string axes)
    {
        foreach (var region in await Ask.ItemsAsync($"/v1/regions?{axes}"))
        {
            var slug = region.Text("slug");
            var factories = await Ask.ItemsAsync($"/v1/regions/{slug}/factories?{axes}");
            var one = await Ask.JsonAsync($"/v1/regions/{slug}?{axes}");

            Assert.Equal((slug, factories.Length.ToString()), (slug, region.Text("factoryCount")));
            Assert.Equal(region.Text("factoryCount"), one.Text("factoryCount"));
            Assert.Equal(
                factories.GroupBy(factory => factory.Text("status")).Select(group => (slug, group.Key, group.Count())).Order(),
                one.List("factoriesByStatus").Select(count => (slug, count.Text("status"), count.GetProperty("factories").GetInt32())).Order());
            Assert.Equal(factories.Select(factory => factory.Text("slug")), await Ask.SlugsAsync($"/v1/factories?region={slug}&{axes}"));
        }
    }

    [Fact]
    public async Task Ancestors_lead_up_and_children_lead_down()
    {
        Assert.Equal(["haute-arcadie", "arcadie"], (await Ask.JsonAsync("/v1/regions/val-d-or")).List("ancestors").Select(region => region.Text("slug")));
        Assert.Equal(["basse-arcadie", "haute-arcadie"], await Ask.SlugsAsync("/v1/regions/arcadie/children"));
        Assert.Equal(["basse-arcadie", "haute-arcadie", "perdue"], await Ask.SlugsAsync("/v1/regions/arcadie/children?knownAt=2025-03-31"));
        Assert.Equal(["basse-arcadie"], await Ask.SlugsAsync("/v1/regions/vallee-du-fer/children"));
        Assert.Empty(await Ask.SlugsAsync("/v1/regions/vallee-du-fer/children?publishedUntil=2023-12-30"));
        Assert.Empty(await Ask.SlugsAsync("/v1/regions/desert/children"));
        Assert.Equal("/v1/regions/arcadie/children?lang=fr", (await Ask.GetAsync("/v1/regions/arcadia/children?lang=fr")).Is(308).Header("Location"));
    }

    [Fact]
    public async Task A_region_that_was_there_then_has_its_lists_and_one_that_was_not_has_none()
    {
        foreach (var rest in new[] { "", "/factories", "/children" })
        {
            (await Ask.GetAsync($"/v1/regions/perdue{rest}")).IsProblem(410);
            (await Ask.GetAsync($"/v1/regions/perdue{rest}?knownAt=2025-04-09")).Is(200);
            Assert.Equal("urn:chantier:problem:not-known-then", (await Ask.GetAsync($"/v1/regions/perdue{rest}?knownAt=2025-01-09")).IsProblem(404).Json.Text("type"));
            Assert.Equal("urn:chantier:problem:not-known-then", (await Ask.GetAsync($"/v1/regions/arcadie{rest}?knownAt=2025-01-09")).IsProblem(404).Json.Text("type"));
        }

        Assert.Equal("urn:chantier:problem:not-known-then", (await Ask.GetAsync("/v1/operators/elan/factories?knownAt=2025-01-09")).IsProblem(404).Json.Text("type"));
        Assert.Equal(["futur"], await Ask.SlugsAsync("/v1/operators/disparu/factories?knownAt=2025-04-09"));
        (await Ask.GetAsync("/v1/operators/disparu/factories")).IsProblem(410);
    }
}
