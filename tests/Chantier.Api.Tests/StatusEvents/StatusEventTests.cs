namespace Chantier.Api.Tests.StatusEvents;

/// <summary>What moved, when, across all sites.</summary>
public sealed class StatusEventTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    private Ask Ask => world.Ask;

    [Theory]
    [InlineData("factory=zebre-nord", "204 203 201")]
    [InlineData("factory=zebre-nord,tardive", "204 203 201 301")]
    [InlineData("factory=acierie-elan-ter&basis=actual", "801 106 103 102 101 901")]
    [InlineData("factory=supprimee", "")]
    [InlineData("factory=supprimee&knownAt=2025-04-09", "1001")]
    [InlineData("region=fidji", "601 501")]
    [InlineData("region=fidji,basse-arcadie&dateMeaning=began", "301 501")]
    [InlineData("region=vallee-du-fer&factory=fidji-est", "501")]
    [InlineData("region=desert", "")]
    [InlineData("status=suspended", "204 1504")]
    [InlineData("status=suspended,planning", "204 1504 201")]
    [InlineData("milestone=groundbreaking", "106")]
    [InlineData("milestone=groundbreaking&status=idled", "106 1301 1502")]
    [InlineData("milestone=sale", "")]
    [InlineData("basis=expected", "105 104")]
    [InlineData("basis=expected,inferred", "105 104 1503 501")]
    [InlineData("dateMeaning=observed&status=operating", "1501 1505 1201")]
    [InlineData("from=2023-05-15&to=2023-05-15", "106 103")]
    [InlineData("from=2023-05&to=2023-05", "106 103")]
    [InlineData("from=2023&to=2023", "106 103 1301")]
    [InlineData("from=2027", "1402 105")]
    [InlineData("to=2013", "901 501")]
    // A date of a whole year may be any day of it.
    [InlineData("from=2015-06-01&to=2015-06-01", "101")]
    [InlineData("from=2022-10&to=2022-11", "1505")]
    [InlineData("from=2022-09&to=2022-09&status=suspended,idled&basis=actual&region=arcadie", "1504 1502")]
    [InlineData("asOf=2013", "105 104 901 501")]
    [InlineData("asOf=2013&basis=actual", "901")]
    [InlineData("asOf=2010-06&basis=inferred", "501")]
    [InlineData("knownAt=2025-01-31&status=under_construction", "1401 103 202")]
    [InlineData("knownAt=2025-04-30&status=cancelled", "302")]
    [InlineData("status=cancelled", "")]
    [InlineData("publishedUntil=2020-06-30&basis=actual", "102 301 1101 1201 101 901")]
    public async Task A_filter_lets_through_what_matches_and_nothing_else(string filter, string expected) =>
        Assert.Equal(expected.Split(' ').Order(StringComparer.Ordinal), string.Join(' ', await Ask.TextsAsync($"/v1/status-events?{filter}", "id")).Split(' ').Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("factory=nobody", "factory")]
    [InlineData("region=nowhere&status=operating", "region")]
    [InlineData("status=filing", "status")]
    [InlineData("milestone=operating", "milestone")]
    [InlineData("basis=rumour", "basis")]
    [InlineData("dateMeaning=ended", "dateMeaning")]
    [InlineData("from=2024-08&to=2024-07", "to")]
    [InlineData("from=May", "from")]
    [InlineData("to=2024-33", "to")]
    [InlineData("sort=factory", "sort")]
    [InlineData("include=sources", "include")]
    public async Task What_cannot_match_is_refused_with_the_name_of_the_parameter(string filter, string parameter) => (await Ask.GetAsync($"/v1/status-events?{filter}")).Blames(parameter);

    [Fact]
    public async Task The_newest_date_comes_first_and_a_merged_site_under_the_name_it_has_now()
    {
        var items = await Ask.ItemsAsync("/v1/status-events");

        Assert.Equal(25, items.Length);
        Assert.Equal("1402 105 104 204 801 601", string.Join(' ', items.Take(6).Select(item => item.Text("id"))));
        Assert.Equal("acierie-elan", items.Single(item => item.Text("id") == "901").Text("factory.slug"));
        Assert.Equal("acierie-elan-bis", (await Ask.ItemsAsync("/v1/status-events?knownAt=2025-03-31&factory=acierie-elan-ter")).Single(item => item.Text("id") == "901").Text("factory.slug"));
        Assert.Equal("Ligne 2", items.Single(item => item.Text("id") == "106").Text("phaseName"));
    }

    [Theory]
    [InlineData("/v1/factories/acierie-elan/status-events?basis=expected", "105 104")]
    [InlineData("/v1/factories/acierie-elan/status-events?basis=expected,inferred&sort=date", "104 105")]
    [InlineData("/v1/factories/contradictoire/status-events?basis=inferred", "1503")]
    [InlineData("/v1/factories/virgule/status-events", "")]
    [InlineData("/v1/factories/acierie-elan/figures?property=jobs,area", "841 143")]
    [InlineData("/v1/factories/acierie-elan/figures?property=capacity", "141 142")]
    [InlineData("/v1/factories/acierie-elan/figures?property=funding", "")]
    public async Task The_parts_of_a_factory_are_filtered_too(string path, string expected) => Assert.Equal(expected, string.Join(' ', await Ask.TextsAsync(path, "id")));

    [Theory]
    [InlineData("/v1/factories/acierie-elan/status-events?basis=said", "basis")]
    [InlineData("/v1/factories/acierie-elan/figures?property=height", "property")]
    [InlineData("/v1/factories/acierie-elan/phases?status=operating", "status")]
    [InlineData("/v1/factories/acierie-elan/changes?knownAt=2025-01-01", "knownAt")]
    public async Task What_they_cannot_match_is_refused(string path, string parameter) => (await Ask.GetAsync(path)).Blames(parameter);
}
