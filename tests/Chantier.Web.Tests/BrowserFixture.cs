using Chantier.Api.Seeding;
using Chantier.Testing;
using Chantier.Web.Tests;
using Microsoft.Playwright;
using Npgsql;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace Chantier.Web.Tests;

/// <summary>One browser for all tests, and one service with the seeds, which they only read.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private TestDatabases? _databases;
    private ApiProcess? _service;
    private IBrowser? _browser;
    private string _template = "";

    /// <summary>What is missing to look at the page; null where nothing is.</summary>
    public string? Missing { get; private set; }

    public IPlaywright Playwright { get; private set; } = null!;

    public IBrowser Browser => _browser!;

    public Uri Address => _service!.Address;

    public async ValueTask InitializeAsync()
    {
        var program = Chromium();
        Missing = program is null ? "No Chromium is there: Debian's package chromium has one."
            : File.Exists(Path.Combine(AppContext.BaseDirectory, "web", "index.html")) ? null
            : "The page was not built: npm is not there.";
        if (Missing is not null)
        {
            return;
        }

        _databases = await TestDatabases.StartAsync(CancellationToken.None);
        var database = await _databases.CreateAsync(CancellationToken.None);
        await SeedPacks.LoadAsync(database, Path.Combine(AppContext.BaseDirectory, "seeds"), pack: null, CancellationToken.None);
        _template = new NpgsqlConnectionStringBuilder(database).Database!;
        (_service, _) = await StartServiceAsync(CancellationToken.None);

        // The map is drawn without a graphics card, beside other tests.
        Assertions.SetDefaultExpectTimeout(60_000);
        Playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        _browser = await Playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Args =
            [
                // No name is looked up and no address reached but our own, whoever asks: the page, its workers, or the browser itself.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                // The map is drawn by WebGL, which a machine without a graphics card does in software.
                "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
                // Chromium refuses to be run by root in its sandbox.
                .. Environment.IsPrivilegedProcess ? ["--no-sandbox"] : Array.Empty<string>(),
            ],
        });
    }

    /// <summary>A service of one's own with the seeds, and its database, for a test that writes.</summary>
    public async Task<(ApiProcess Service, string Database)> StartServiceAsync(CancellationToken cancellation)
    {
        var database = await _databases!.CopyAsync(_template, cancellation);
        return (await ApiProcess.StartAsync(database, cancellation), database);
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        Playwright?.Dispose();
        await (_service?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_databases?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static string? Chromium()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe", "msedge.exe"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend("/usr/bin");
        return folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .Append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
            .FirstOrDefault(File.Exists);
    }
}
