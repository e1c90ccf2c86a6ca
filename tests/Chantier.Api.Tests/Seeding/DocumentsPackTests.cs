using System.Text.Json;
using Chantier.Api.Seeding;
using Chantier.Testing;

namespace Chantier.Api.Tests.Seeding;

/// <summary>The pack says what its document says, and no more.</summary>
public sealed class DocumentsPackTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string Seeds = Path.Combine(AppContext.BaseDirectory, "seeds");

    private string _connection = "";
    private TestApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await postgres.SeededAsync("documents", Token);
        _api = await TestApi.StartAsync(_connection, Token);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task The_three_factories_of_the_document_are_listed_and_no_other()
    {
        var items = await ItemsAsync("/v1/factories");

        Assert.Equal(["acc-hauts-de-france", "envision-aesc-hauts-de-france", "verkor-dunkerque"], items.Select(i => i.GetProperty("slug").GetString()));
        Assert.Equal(["operating", "operating", "under_construction"], items.Select(i => i.GetProperty("status").GetString()));
        Assert.All(items, item =>
        {
            Assert.Equal("2024-08", item.GetProperty("statusSince").GetString());
            Assert.Equal("observed", item.GetProperty("statusDateMeaning").GetString());
            Assert.Equal(JsonValueKind.Null, item.GetProperty("location").ValueKind);
            Assert.Empty(item.GetProperty("capacity").EnumerateArray());
        });
    }

    [Fact]
    public async Task Verkor_has_its_operator_its_regions_up_to_France_its_two_images_and_its_source_with_paragraph()
    {
        var verkor = (await ItemsAsync("/v1/factories?slug=verkor-dunkerque&include=regions,media,evidence")).Single();

        Assert.Equal("verkor", verkor.GetProperty("operators")[0].GetProperty("slug").GetString());
        Assert.Equal(["hauts-de-france", "france", "vallee-de-la-batterie"], verkor.GetProperty("regions").EnumerateArray().Select(r => r.GetProperty("slug").GetString()));
        Assert.Equal(
            ["https://pbs.twimg.com/media/GTZpgMSWsAAWFqT.jpg", "https://pbs.twimg.com/media/GTZpiKFWMAAP75L.jpg"],
            verkor.GetProperty("media").EnumerateArray().Select(m => m.GetProperty("url").GetString()));
        Assert.All(verkor.GetProperty("evidence").EnumerateArray().SelectMany(value => value.GetProperty("claim").GetProperty("evidence").EnumerateArray()), e =>
        {
            Assert.Equal("vallee-de-la-batterie-2024-08", e.GetProperty("source").GetProperty("slug").GetString());
            Assert.Equal("paragraph", e.GetProperty("locator").GetProperty("kind").GetString());
            Assert.InRange(e.GetProperty("locator").GetProperty("start").GetInt32(), 1, 11);
        });
    }

    [Fact]
    public async Task What_the_text_has_only_in_words_stays_words()
    {
        var figures = await ItemsAsync("/v1/factories/verkor-dunkerque/figures");

        Assert.Equal(["area plusieurs hectares", "jobs des milliers de personnes"], figures.Select(f => $"{f.GetProperty("property")} {f.GetProperty("word")}"));
        Assert.All(figures, f => Assert.All(["value", "min", "max"], number => Assert.Equal(JsonValueKind.Null, f.GetProperty(number).ValueKind)));
    }

    [Fact]
    public async Task The_cluster_opens_as_geojson_without_geometry_where_no_place_is_known()
    {
        using var collection = JsonDocument.Parse(await _api.Client.GetStringAsync(new Uri("/v1/regions/vallee-de-la-batterie/factories?format=geojson", UriKind.Relative), Token));

        Assert.Equal("FeatureCollection", collection.RootElement.GetProperty("type").GetString());
        Assert.Equal(3, collection.RootElement.GetProperty("features").GetArrayLength());
        Assert.All(collection.RootElement.GetProperty("features").EnumerateArray(), f => Assert.Equal(JsonValueKind.Null, f.GetProperty("geometry").ValueKind));
    }

    [Fact]
    public async Task Every_claim_has_evidence()
    {
        var claims = await ItemsAsync("/v1/sources/vallee-de-la-batterie-2024-08/claims?limit=1000");

        // Three status events, three roles, three memberships, two figures, two depictions.
        Assert.Equal(13, claims.Select(c => c.GetProperty("id").GetInt64()).Distinct().Count());
        Assert.All(claims, c => Assert.Equal("paragraph", c.GetProperty("locator").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Seeding_twice_changes_nothing()
    {
        var before = await _api.Client.GetStringAsync(new Uri("/v1/factories?include=evidence,phases,statusEvents,figures,media,sources", UriKind.Relative), Token);

        var report = Assert.Single(await SeedPacks.LoadAsync(_connection, Seeds, "documents", Token));

        Assert.Equal(0, report.Created);
        Assert.Equal(25, report.Unchanged);
        Assert.Equal(before, await _api.Client.GetStringAsync(new Uri("/v1/factories?include=evidence,phases,statusEvents,figures,media,sources", UriKind.Relative), Token));
    }

    private async Task<List<JsonElement>> ItemsAsync(string path)
    {
        using var document = JsonDocument.Parse(await _api.Client.GetStringAsync(new Uri(path, UriKind.Relative), Token));
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.Clone())];
    }
}
