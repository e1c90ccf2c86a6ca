using System.Globalization;
using System.Text.Json;
using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests.Stats;

/// <summary>A service with small sites, each recorded through the API in a few words.</summary>
public abstract class RecordedSites(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly HashSet<string> _sources = [];
    private readonly Dictionary<string, string> _phases = [];
    private TestApi _api = null!;
    private string _key = "";

    internal Ask Ask { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connection = await postgres.Databases.CreateAsync(Token);
        _key = await CreateKey.RunAsync(connection, "admin", "admin", Token);
        _api = await TestApi.StartAsync(connection, Token);
        Ask = new(_api.Client);
        await RecordAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task RecordAsync();

    /// <summary>The moment of the last write.</summary>
    private protected async Task<string> NowAsync() => (await Ask.JsonAsync("/v1/factories?limit=1")).Text("knownAt")!;

    private protected async Task<JsonElement> PostAsync(string path, string body) => (await Ask.WriteAsync("POST", $"/v1/{path}", body, _key)).Is(201).Json;

    private protected async Task<string> SourceAsync(string published)
    {
        if (_sources.Add(published))
        {
            await PostAsync("sources", $$"""{"slug":"said-{{published}}","kind":"press","title":"{{published}}","published":"{{published}}"}""");
        }

        return $"said-{published}";
    }

    private protected async Task SiteAsync(string site, params string[] events)
    {
        await PostAsync("factories", $$"""{"name":"{{site}}","sector":"other","country":"FR","products":["urea","ammonia"]}""");
        await EventsAsync(site, events);
    }

    /// <summary>An event is its status and date, then in any order what else it has: "expected operating 2031 of U1 said 2023".</summary>
    private protected async Task EventsAsync(string site, params string[] events)
    {
        foreach (var one in events)
        {
            var words = one.Split(' ').Where(word => word is not "expected").ToArray();
            var basis = one.Contains("expected", StringComparison.Ordinal) ? "expected" : "actual";
            var phase = After(words, "of") is { } name ? await PhaseAsync(site, name) : "null";
            var source = await SourceAsync(After(words, "said") ?? "2020-01-01");
            await PostAsync(
                $"factories/{site}/status-events",
                $$"""{"status":"{{words[0]}}","date":"{{words[1]}}","dateMeaning":"began","basis":"{{basis}}","phase":{{phase}},"sources":[{"source":"{{source}}"}]}""");
        }
    }

    /// <summary>A figure is its value and unit, then what else it has: "6 GWh/year installed for 2018 said 2018-05 of A".</summary>
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
                ["phase"] = After(words, "of") is { } phase ? long.Parse(await PhaseAsync(site, phase), CultureInfo.InvariantCulture) : null,
                ["sources"] = new[] { new { source = await SourceAsync(After(words, "said") ?? "2020-01-01") } },
            };
            ids.Add((await PostAsync($"factories/{site}/figures", JsonSerializer.Serialize(more))).Text("id")!);
        }

        return ids;
    }

    private static string? After(string[] words, string word) => Array.IndexOf(words, word) is >= 0 and var at ? words[at + 1] : null;

    private async Task<string> PhaseAsync(string site, string name)
    {
        if (!_phases.TryGetValue($"{site} {name}", out var id))
        {
            _phases[$"{site} {name}"] = id = (await PostAsync($"factories/{site}/phases", $$"""{"name":"{{name}}"}""")).Text("id")!;
        }

        return id;
    }
}
