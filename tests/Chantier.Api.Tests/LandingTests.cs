using System.Net;
using System.Text.Json;
using Chantier.Testing;

namespace Chantier.Api.Tests;

public sealed class LandingTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await TestApi.StartAsync(await postgres.Databases.CreateAsync(Token), Token);

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Every_link_of_the_landing_document_answers()
    {
        using var landing = JsonDocument.Parse(await _api.Client.GetStringAsync(new Uri("/", UriKind.Relative), Token));
        foreach (var href in landing.RootElement.GetProperty("links").EnumerateArray().Select(link => link.GetProperty("href").GetString()!).Where(href => !href.Contains('{', StringComparison.Ordinal)))
        {
            using var response = await _api.Client.GetAsync(new Uri(href, UriKind.Relative), Token);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.MovedPermanently or HttpStatusCode.Found, $"{href}: {response.StatusCode}");
        }
    }
}
