using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Chantier.Testing;

/// <summary>The whole service on a port of its own: real Kestrel, real HTTP, a real database.</summary>
public sealed class TestApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestApi(WebApplication app, HttpClient client) => (_app, Client) = (app, client);

    /// <summary>Follows no redirects and undoes no compression, so that a test sees what was sent.</summary>
    public HttpClient Client { get; }

    /// <summary>What the service is made of, such as its endpoints.</summary>
    public IServiceProvider Services => _app.Services;

    public static Task<TestApi> StartAsync(string connectionString, CancellationToken cancellation, params string[] settings) =>
        StartAsync(connectionString, null, cancellation, settings);

    /// <summary>The same with some services replaced, such as the clock.</summary>
    public static async Task<TestApi> StartAsync(string connectionString, Action<IServiceCollection>? replace, CancellationToken cancellation, params string[] settings)
    {
        var app = Api.Program.Build(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning", "--Chantier:Limits:RequestsPerSecond=0", .. settings], connectionString, replace);
        await app.StartAsync(cancellation);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
#pragma warning disable RS0030, CA5399 // One client for each API under test, on loopback.
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(address) };
#pragma warning restore RS0030, CA5399
        return new(app, client);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
