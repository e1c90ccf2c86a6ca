using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Chantier.Api.Keys;
using Chantier.Testing;
using Microsoft.Playwright;

namespace Chantier.Web.Tests;

/// <summary>What a reader looks at the page with.</summary>
public sealed record Screen(int Width, int Height, bool IsPhone)
{
    public static readonly Screen Desktop = new(1280, 800, false);
    public static readonly Screen Phone = new(390, 844, true);
}

/// <summary>
/// A test that uses the page as its readers do. It fails too where the page itself does: at an error in its scripts, what its
/// policy forbids, or a request of its own that fails.
/// </summary>
public abstract class BrowserTest(BrowserFixture fixture) : IAsyncLifetime
{
    private static readonly Lazy<Task<string>> Axe = new(() => File.ReadAllTextAsync(Path.Combine(
        typeof(BrowserTest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "PagePackages").Value!, "axe-core", "axe.min.js")));

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentQueue<string> _abroad = new();
    private readonly ConcurrentQueue<string> _expected = new();
    private readonly List<IBrowserContext> _readers = [];
    private ApiProcess? _own;
    private string _database = "";

    /// <summary>The addresses on other hosts that the page asked for; none is reached.</summary>
    protected IReadOnlyCollection<string> Abroad => _abroad;

    /// <summary>The service that is looked at.</summary>
    protected Uri Address => _own?.Address ?? fixture.Address;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        // Skipped on a laptop, red in CI.
        Assert.SkipWhen(fixture.Missing is not null && Environment.GetEnvironmentVariable("CI") is null, fixture.Missing ?? "");
        Assert.True(fixture.Missing is null, fixture.Missing);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            await KeepAsync();
        }

        // What the browser has to say of a script comes after the script has run.
        var limit = Stopwatch.StartNew();
        while (!_expected.All(HasFailed) && limit.Elapsed < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(50);
        }

        foreach (var reader in _readers)
        {
            await reader.DisposeAsync();
        }

        await (_own?.DisposeAsync() ?? ValueTask.CompletedTask);
        var unexpected = _failures.Where(failure => !_expected.Any(text => failure.Contains(text, StringComparison.Ordinal))).ToList();
        Assert.True(unexpected.Count == 0, $"The page failed:\n{string.Join('\n', unexpected)}");
        Assert.All(_expected, text => Assert.True(HasFailed(text), $"Nothing failed with '{text}', but:\n{string.Join('\n', _failures)}"));
    }

    private bool HasFailed(string text) => _failures.Any(failure => failure.Contains(text, StringComparison.Ordinal));

    /// <summary>The page at a path, in a browser that knows nothing of any before.</summary>
    protected async Task<IPage> OpenAsync(string path = "/", Screen? screen = null, string locale = "en-GB", bool isStill = true)
    {
        screen ??= Screen.Desktop;
        var reader = await fixture.Browser.NewContextAsync(new()
        {
            BaseURL = Address.ToString(),
            ViewportSize = new() { Width = screen.Width, Height = screen.Height },
            IsMobile = screen.IsPhone,
            HasTouch = screen.IsPhone,
            Locale = locale,
            TimezoneId = "Europe/Paris",
            ReducedMotion = isStill ? ReducedMotion.Reduce : ReducedMotion.NoPreference,
        });
        _readers.Add(reader);
        Watch(reader);
        var page = await reader.NewPageAsync();
        await page.GotoAsync(path);
        return page;
    }

    /// <summary>That the page fails, once or more, in words that have this text in them; a test of what it does then says so first.</summary>
    protected void ExpectFailure(string text) => _expected.Enqueue(text);

    /// <summary>A service of this test's own from here on, because it writes; gives another client of it, with a key that may do everything.</summary>
    protected async Task<IAPIRequestContext> OwnServiceAsync()
    {
        (_own, _database) = await fixture.StartServiceAsync(Token);
        return await ClientAsync(("Authorization", $"Bearer {await CreateKey.RunAsync(_database, "the-other", "admin", Token)}"));
    }

    /// <summary>Records a status of Verkor's plant.</summary>
    protected static async Task RecordStatusAsync(IAPIRequestContext client, string status = "operating", string basis = "actual", string date = "2026-11", object? supersedes = null, long? phase = null)
    {
        var answer = await client.PostAsync("/v1/factories/verkor-dunkerque/status-events", new()
        {
            DataObject = new { phase, status, date, dateMeaning = "began", basis, supersedes, sources = new[] { new { source = "vallee-de-la-batterie-2024-08" } } },
        });
        Assert.True(answer.Ok, await answer.TextAsync());
    }

    /// <summary>What the service answers.</summary>
    protected async Task<JsonElement> AskAsync(string path)
    {
        var client = await ClientAsync();
        return (await (await client.GetAsync(path)).JsonAsync())!.Value;
    }

    /// <summary>A client that is no browser, with these headers in each request.</summary>
    protected Task<IAPIRequestContext> ClientAsync(params IEnumerable<(string Name, string Value)> headers) => fixture.Playwright.APIRequest.NewContextAsync(new()
    {
        BaseURL = Address.ToString(),
        ExtraHTTPHeaders = headers.Select(header => KeyValuePair.Create(header.Name, header.Value)),
    });

    /// <summary>That the page comes to be at an address with this in it, however it gets there: what the page itself writes there is no navigation.</summary>
    protected static Task AssertAtAsync(IPage page, string part) =>
        Assertions.Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(part), RegexOptions.None, TimeSpan.FromSeconds(1)));

    /// <summary>No finding of axe-core but what is minor, in the page as it stands.</summary>
    protected static async Task AssertAccessibleAsync(IPage page)
    {
        // By the debugger, which the page's policy does not bind.
        await page.EvaluateAsync(await Axe.Value);
        var findings = await page.EvaluateAsync<string[]>("""
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
              .filter(rule => rule.impact !== 'minor')
              .flatMap(rule => rule.nodes.map(node => `${rule.impact} ${rule.id}: ${rule.help}\n  at ${node.target.join(' ')}\n  ${node.failureSummary.replaceAll('\n', '\n  ')}`))
            """);
        Assert.True(findings.Length == 0, $"{page.Url} is not accessible to all:\n{string.Join('\n', findings)}");
    }

    /// <summary>A picture for the README, where CHANTIER_SCREENSHOTS names a folder for it.</summary>
    protected static async Task ScreenshotAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CHANTIER_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") });
        }
    }

    private void Watch(IBrowserContext reader)
    {
        // Uncaught errors and rejections.
        reader.WebError += (_, thrown) => _failures.Enqueue(thrown.Error);
        // What the policy forbids is among them; a picture that was not fetched from another host is the machine's lack, not the page's.
        reader.Console += (_, message) => Keep(message.Type == "error" && !(message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal) && IsAbroad(message.Location)), $"{message.Text} ({message.Location})");
        reader.Request += (_, request) =>
        {
            if (IsAbroad(request.Url))
            {
                _abroad.Enqueue(request.Url);
            }
        };
        // What the page itself gives up, such as a question that a newer one replaces, is aborted.
        reader.RequestFailed += (_, request) => Keep(!IsAbroad(request.Url) && request.Failure != "net::ERR_ABORTED", $"{request.Method} {request.Url}: {request.Failure}");
        reader.Response += (_, response) => Keep(!IsAbroad(response.Url) && response.Status >= 400, $"{response.Request.Method} {response.Url}: {response.Status}");

        void Keep(bool isFailure, string what)
        {
            if (isFailure)
            {
                _failures.Enqueue(what);
            }
        }
    }

    private bool IsAbroad(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" or "ws" or "wss" && parsed.Authority != Address.Authority;

    /// <summary>What a test that failed saw last.</summary>
    private async Task KeepAsync()
    {
        var name = string.Concat(TestContext.Current.Test!.TestDisplayName.Select(letter => char.IsLetterOrDigit(letter) ? letter : '-'));
        foreach (var page in _readers.SelectMany(reader => reader.Pages))
        {
            var file = Path.Combine(AppContext.BaseDirectory, "TestResults", $"{name[..Math.Min(name.Length, 100)]}.png");
            await page.ScreenshotAsync(new() { Path = file });
            TestContext.Current.TestOutputHelper?.WriteLine($"{page.Url} as it was then: {file}");
        }
    }
}
