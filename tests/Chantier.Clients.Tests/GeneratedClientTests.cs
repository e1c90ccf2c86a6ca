using Chantier.Api.Keys;
using Chantier.Api.Seeding;
using Chantier.Testing;

namespace Chantier.Clients.Tests;

/// <summary>A client generated from the API's description reads a running API.</summary>
public sealed class GeneratedClientTests : IAsyncLifetime
{
    private TestDatabases _databases = null!;
    private TestApi _api = null!;
    private ChantierClient _client = null!;
    private string _connection = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _databases = await TestDatabases.StartAsync(Token);
        _connection = await _databases.CreateAsync(Token);
        await SeedPacks.LoadAsync(_connection, Path.Combine(AppContext.BaseDirectory, "seeds"), "documents", Token);
        _api = await TestApi.StartAsync(_connection, Token);
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
        Assert.Empty(verkor.Capacity!);
        Assert.Null(verkor.DistanceKm);
        Assert.Equal(2, verkor.Media!.Count);
        Assert.Equal(MediaKind.Image, verkor.Media.First().Kind);
    }

    [Fact]
    public async Task Its_filters_sorts_and_boxes_arrive_as_they_were_given()
    {
        var both = await _client.ListFactoriesAsync(
            status: [StatusCode.Operating, StatusCode.Under_construction], country: ["FR"], sort: [FactorySortKey.NameDescending], count: CountKind.Exact, limit: 2,
            asOf: "2024-12", publishedUntil: "2026", lang: Language.Fr, cancellationToken: Token);
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
    public async Task It_makes_a_company_and_records_a_share_with_its_source()
    {
        _api.Client.DefaultRequestHeaders.Authorization = new("Bearer", await CreateKey.RunAsync(_connection, "client", "curate", Token));

        var made = await _client.CreateOperatorAsync(body: new() { Name = "Example Holding", Country = "FR" }, idempotency_Key: "once", cancellationToken: Token);
        Assert.Equal("example-holding", made.Slug);
        var claim = await _client.RecordOwnershipAsync(
            slug: "verkor", body: new() { Shareholder = made.Slug, ShareMin = 5, Sources = [new() { Source = "vallee-de-la-batterie-2024-08" }] }, cancellationToken: Token);
        Assert.Equal((ClaimKind.Ownership, Confidence.Medium), (claim.Kind, claim.Confidence));
        Assert.Equal("example-holding", (await _client.GetOwnershipAsync("verkor", cancellationToken: Token)).Direct.Single().Shareholder.Slug);

        var patched = await _client.PatchOperatorAsync(slug: made.Slug, if_Match: "*", body: new() { Website = new("https://example.org") }, cancellationToken: Token);
        Assert.Equal(("Example Holding", "https://example.org", 2), (patched.Name, patched.Website?.ToString(), patched.Version));
        var missing = await Assert.ThrowsAsync<ApiException<Problem>>(() => _client.DeleteSourceAsync(slug: "nothing", if_Match: "*", cancellationToken: Token));
        Assert.Equal(404, missing.StatusCode);
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
