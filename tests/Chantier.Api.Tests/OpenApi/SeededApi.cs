using Chantier.Testing;

namespace Chantier.Api.Tests.OpenApi;

/// <summary>The service with the seeds and nothing else, shared by the tests of its description, which only read.</summary>
public sealed class SeededApi(PostgresFixture postgres) : IAsyncLifetime
{
    private TestApi _api = null!;

    public HttpClient Client => _api.Client;

    public async ValueTask InitializeAsync()
    {
        var connection = await postgres.SeededAsync("documents", CancellationToken.None);
        _api = await TestApi.StartAsync(connection, CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
