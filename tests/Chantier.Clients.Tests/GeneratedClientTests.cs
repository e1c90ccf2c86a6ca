using Chantier.Api.Seeding;
using Chantier.Testing;

namespace Chantier.Clients.Tests;

/// <summary>A client generated from the API's description reads a running API.</summary>
public sealed class GeneratedClientTests : IAsyncLifetime
{
    private TestDatabases _databases = null!;
    private TestApi _api = null!;
    private ChantierClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _databases = await TestDatabases.StartAsync(Token);
        var connection = await _databases.CreateAsync(Token);
        await SeedPacks.LoadAsync(connection, Path.Combine(AppContext.BaseDirectory, "seeds"), "documents", Token);
        _api = await TestApi.StartAsync(connection, Token);
        _client = new(_api.Client);
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _databases.DisposeAsync();
    }

    [Fact]
    public async Task It_reads_that_Verkor_was_under_construction_in_August_2024_and_what_is_not_known_as_null()
    {
        var verkor = await _client.GetFactoryAsync("verkor-dunkerque", include: [FactoryPart.Media, FactoryPart.StatusEvents], cancellationToken: Token);

        Assert.Equal(StatusCode.Under_construction, verkor.Status);
        Assert.Equal(Stage.Building, verkor.Stage);
        Assert.Equal("2024-08", verkor.StatusSince);
        Assert.Equal(DateMeaning.Observed, verkor.StatusDateMeaning);
        Assert.Equal("hauts-de-france", verkor.Region?.Slug);
        Assert.Null(verkor.Location);
        Assert.Null(verkor.Capacity);
        Assert.Null(verkor.DistanceKm);
        Assert.Equal(2, verkor.Media!.Count);
        Assert.Equal(MediaKind.Image, verkor.Media.First().Kind);
    }

    [Fact]
    public async Task Its_filters_sorts_and_boxes_arrive_as_they_were_given()
    {
        var both = await _client.ListFactoriesAsync(
            status: [StatusCode.Operating, StatusCode.Under_construction], country: ["FR"], sort: [FactorySortKey.NameDescending], count: CountKind.Exact, limit: 2,
            asOf: "2024-12", knownBy: KnowledgeSense.Published, lang: Language.Fr, cancellationToken: Token);
        Assert.Equal(["verkor-dunkerque", "envision-aesc-hauts-de-france"], both.Items.Select(f => f.Slug));
        Assert.Equal(3, both.Page.Count);
        Assert.Equal(new DateTimeOffset(2024, 12, 31, 0, 0, 0, TimeSpan.Zero), both.AsOf);

        var rest = await _client.ListFactoriesAsync(cursor: both.Page.Next, cancellationToken: Token);
        Assert.Equal(["acc-hauts-de-france"], rest.Items.Select(f => f.Slug));
        Assert.Null(rest.Page.Next);

        Assert.Empty((await _client.ListFactoriesAsync(bbox: [2, 50, 4, 51.1], cancellationToken: Token)).Items);
    }

    [Fact]
    public async Task Every_list_without_parameters_is_read()
    {
        Assert.NotEmpty((await _client.ListOperatorsAsync(cancellationToken: Token)).Items);
        Assert.NotEmpty((await _client.ListRegionsAsync(cancellationToken: Token)).Items);
        Assert.NotEmpty((await _client.ListStatusesAsync(cancellationToken: Token)).Items);
        Assert.NotEmpty((await _client.ListStatusEventsAsync(include: [StatusEventInclude.Evidence], cancellationToken: Token)).Items);
        Assert.NotEmpty((await _client.ListMediaAsync(cancellationToken: Token)).Items);
        Assert.NotEmpty((await _client.ListSourcesAsync(cancellationToken: Token)).Items);
        Assert.NotEmpty((await _client.ListFactoryChangesAsync("verkor-dunkerque", cancellationToken: Token)).Items);
        Assert.NotEmpty((await _client.GetSourceAsync("vallee-de-la-batterie-2024-08", cancellationToken: Token)).Claims);
    }

    [Fact]
    public async Task What_the_api_refuses_is_a_problem_that_a_program_can_read()
    {
        var refused = await Assert.ThrowsAsync<ApiException<Problem>>(() => _client.ListFactoriesAsync(limit: 0, cancellationToken: Token));
        Assert.Equal(400, refused.StatusCode);
        Assert.Equal("urn:chantier:problem:invalid-parameter", refused.Result.Type);
        Assert.Equal("limit", refused.Result.Errors!.Single().Parameter);

        var missing = await Assert.ThrowsAsync<ApiException<Problem>>(() => _client.GetFactoryAsync("no-such-factory", cancellationToken: Token));
        Assert.Equal(404, missing.StatusCode);
    }
}
