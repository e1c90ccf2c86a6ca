using System.Globalization;
using System.Text.Json;
using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests.Stats;

/// <summary>A service with small sites, each recorded through the API in a few words.</summary>
public abstract class RecordedSites(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly HashSet<string> _sources = [];
    private readonly Dictionary<string, long> _phases = [];
    private TestApi _api = null!;
    private string _connection = "";
    private string _key = "";

    internal Ask Ask { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await postgres.Databases.CreateAsync(Token);
        _key = await CreateKey.RunAsync(_connection, "admin", "admin", Token);
        _api = await StartAsync();
        Ask = new(_api.Client);
        await RecordAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A service over the same database.</summary>
    internal Task<TestApi> StartAsync(params string[] settings) => TestApi.StartAsync(_connection, Token, settings);

    private protected abstract Task RecordAsync();

    /// <summary>The moment of the last write.</summary>
    private protected async Task<string> NowAsync() => (await Ask.JsonAsync("/v1/factories?limit=1")).Text("knownAt")!;

    private protected async Task<JsonElement> PostAsync(string path, object body) =>
        (await Ask.WriteAsync("POST", $"/v1/{path}", JsonSerializer.Serialize(body), _key)).Is(201).Json;

    private protected async Task<string> SourceAsync(string published)
    {
        if (_sources.Add(published))
        {
            var source = new { slug = $"said-{published}", kind = "press", title = published, published };
            await PostAsync("sources", source);
        }

        return $"said-{published}";
    }

    private protected async Task SiteAsync(string site, params string[] events)
    {
        string[] products = ["urea", "ammonia"];
        await PostAsync("factories", new { name = site, sector = "other", country = "FR", products });
        await EventsAsync(site, events);
    }

    /// <summary>
    /// Records events. Each is its status and date, then what else it has: "expected operating 2031 of U1 said 2023".
    /// </summary>
    private protected async Task EventsAsync(string site, params string[] events)
    {
        foreach (var one in events)
        {
            var words = one.Split(' ').Where(word => word is not "expected").ToArray();
            await PostAsync($"factories/{site}/status-events", new Dictionary<string, object?>
            {
                ["status"] = words[0],
                ["date"] = words[1],
                ["dateMeaning"] = "began",
                ["basis"] = one.Contains("expected", StringComparison.Ordinal) ? "expected" : "actual",
                ["phase"] = await PhaseAsync(site, words),
                ["sources"] = await SourcesAsync(words),
            });
        }
    }

    /// <summary>
    /// Records figures. Each is its value and unit, then what else it has: "6 MW installed for 2018 said 2018-05 of A".
    /// </summary>
    private protected async Task<List<string>> FiguresAsync(string site, params string[] figures)
    {
        var ids = new List<string>();
        foreach (var figure in figures)
        {
            var words = figure.Split(' ');
            string? Among(params string[] known) => words.FirstOrDefault(known.Contains);
            var more = new Dictionary<string, object?>
            {
                ["property"] = "capacity",
                ["value"] = decimal.Parse(words[0], CultureInfo.InvariantCulture),
                ["unit"] = words[1],
                ["qualifier"] = Among("installed", "announced", "target"),
                ["product"] = Among("urea", "ammonia"),
                ["scope"] = Among("part"),
                ["forDate"] = After(words, "for"),
                ["phase"] = await PhaseAsync(site, words),
                ["sources"] = await SourcesAsync(words),
            };
            ids.Add((await PostAsync($"factories/{site}/figures", more)).Text("id")!);
        }

        return ids;
    }

    private static string? After(string[] words, string word) =>
        Array.IndexOf(words, word) is >= 0 and var at ? words[at + 1] : null;

    private async Task<object[]> SourcesAsync(string[] words) =>
        [new { source = await SourceAsync(After(words, "said") ?? "2020-01-01") }];

    private async Task<long?> PhaseAsync(string site, string[] words)
    {
        if (After(words, "of") is not { } name)
        {
            return null;
        }

        if (!_phases.TryGetValue($"{site} {name}", out var id))
        {
            var phase = await PostAsync($"factories/{site}/phases", new { name });
            _phases[$"{site} {name}"] = id = phase.GetProperty("id").GetInt64();
        }

        return id;
    }
}
