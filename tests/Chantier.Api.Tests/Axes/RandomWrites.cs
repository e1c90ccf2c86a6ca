using System.Globalization;
using System.Net;
using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests.Axes;

/// <summary>
/// A tracker into which several writers write at random over HTTP: they make, edit, correct, retract, take sources back, merge, unmerge and delete,
/// while others ask of pairs of moments that are past by then, and remember what was answered.
/// </summary>
public sealed class RandomWrites(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Writers = 4;
    private const int Batches = 10;
    private const int WritesEach = 25;
    private const int Seed = 20261124;

    private static readonly string[] Dates = ["2019", "2020-06", "2021-33", "2022-03-15", "2022-03-15", "2023~", "2023-05/2023-09", "2024-01-31", "2024?"];
    private static readonly string[] Statuses = ["announced", "planning", "permitted", "site_preparation", "under_construction", "commissioning", "operating", "idled", "suspended", "cancelled", "closed"];
    private static readonly string[] Sources = ["vallee-de-la-batterie-2024-08", "annales", "registre", "sans-date"];
    private static readonly string[] Operators = ["verkor", "acc", "envision-aesc"];
    private static readonly string[] Days = ["2019-12-31", "2021", "2022-03-15", "2023-06", "2024-02-01", "2026-11-01"];

    // Whoever writes knows what all of them have made.
    private readonly Lock _gate = new();
    private readonly List<string> _sites = [];
    private readonly List<(long Id, string Site, string Kind)> _claims = [];
    private readonly List<long> _merges = [];
    private readonly List<string> _doubtful = [];
    private readonly List<Remembered> _remembered = [];
    private TestApi _api = null!;
    private Ask _ask = null!;
    private string _admin = "";

    /// <summary>What became of the writes, by kind and status.</summary>
    internal Dictionary<(string Kind, int Status), int> Outcomes { get; } = [];

    internal IReadOnlyList<Remembered> Asked => _remembered;

    internal string Connection { get; private set; } = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Connection = await postgres.SeededAsync("documents", Token);
        await World.ExecuteAsync(Connection, PublicationWorld.SourcesSql, PublicationWorld.Parameters(
            ("annales", "2023-05", new DateOnly(2023, 5, 1), new DateOnly(2023, 5, 31), null),
            ("registre", "2024-12-31", new DateOnly(2024, 12, 31), new DateOnly(2024, 12, 31), null),
            ("sans-date", null, null, null, null)));
        _admin = await CreateKey.RunAsync(Connection, "admin", "admin", Token);
        _api = await TestApi.StartAsync(Connection, Token);
        _ask = new(_api.Client);
        foreach (var batch in Enumerable.Range(0, Batches))
        {
            var writers = Enumerable.Range(0, Writers).Select(writer => WriteAsync(batch, writer)).ToList();
            await RememberAsync(new Random(Seed + batch));
            await Task.WhenAll(writers);
            await RememberAsync(new Random(-Seed - batch));
        }
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    internal async Task<string> AnswerAsync(string path)
    {
        var answer = await _ask.GetAsync(path);
        return $"{(int)answer.Status} {answer.Header("Location")}\n{answer.Text}";
    }

    /// <summary>Asks of the latest moment that is visible, which no write under way can reach back to, and of one before it.</summary>
    private async Task RememberAsync(Random random)
    {
        var head = (await _ask.JsonAsync("/v1/factories?limit=1&fields=slug")).Text("knownAt")!;
        var earlier = _remembered.Count == 0 ? head : _remembered[random.Next(_remembered.Count)].KnownAt;
        foreach (var knownAt in new[] { head, earlier }.Distinct())
        {
            var at = $"asOf={Days[random.Next(Days.Length)]}&knownAt={knownAt}";
            var there = (await _ask.GetAsync($"/v1/factories?limit=1000&fields=slug&knownAt={knownAt}")).Is(200).Slugs;
            // What was there at the time, under any name that it had by then.
            var slugs = Enumerable.Range(0, 4).Select(_ => there[random.Next(there.Length)]).Concat(Known(knownAt, random)).Distinct();
            string[] paths =
            [
                $"/v1/factories?{at}&limit=1000",
                $"/v1/factories?{at}&limit=1000&format=csv",
                $"/v1/factories?{at}&limit=1000&format=geojson&include=operators,phases,figures,statusEvents,sources,evidence",
                $"/v1/factories?{at}&status=operating,under_construction&sort=-statusSince",
                $"/v1/factories?{at}&limit=20&sort=lastConfirmedOn",
                $"/v1/factories?knownAt={knownAt}&limit=20&sort=-capacity",
                $"/v1/factories?{at}&operator=verkor&q=site",
                $"/v1/regions/hauts-de-france/factories?{at}",
                $"/v1/status-events?{at}&limit=1000",
                $"/v1/status-events?{at}&limit=1000&format=csv&basis=actual",
                $"/v1/claims?{at}&state=standing,ended&sort=-id&limit=1000",
                $"/v1/stats/factories?{at}&groupBy=region,operator&measure=count,capacity,jobs&limit=1000",
                $"/v1/stats/timeline?{at}&measure=count,capacity&limit=1000",
                $"/v1/stats/slippage?{at}",
                $"/v1/stats/time-in-stage?{at}",
                $"/v1/diff?from=2020&to=2024-06&knownAt={knownAt}",
                $"/v1/diff?knownFrom={earlier}&knownTo={head}&asOf=2024-02-01",
                .. slugs.SelectMany(slug => new[] { $"/v1/factories/{slug}?{at}&include=evidence", $"/v1/factories/{slug}/figures?{at}", $"/v1/factories/{slug}/status-events?{at}&include=evidence" }),
            ];
            foreach (var path in paths)
            {
                _remembered.Add(new(path, knownAt, await AnswerAsync(path)));
            }
        }
    }

    // A slug that was known by then, whether its factory is still there or has been merged or deleted.
    private IEnumerable<string> Known(string knownAt, Random random)
    {
        lock (_gate)
        {
            var asked = _remembered.Where(r => r.KnownAt == knownAt || string.CompareOrdinal(r.KnownAt, knownAt) < 0)
                .Select(r => r.Path.Split('/', '?')).Where(parts => parts is [_, _, "factories", var slug, ..] && !slug.Contains('=', StringComparison.Ordinal)).Select(parts => parts[3]).Distinct().ToList();
            return asked.Count == 0 ? [] : [asked[random.Next(asked.Count)], asked[random.Next(asked.Count)]];
        }
    }

    private async Task WriteAsync(int batch, int writer)
    {
        var random = new Random(Seed + (batch * 100) + writer);
        var tried = 0;
        var isMade = false;
        for (var made = 0; made < WritesEach; made += isMade ? 1 : 0)
        {
            var (kind, answer) = await WriteOneAsync(random, $"{(batch * 10_000) + (writer * 1000) + tried++}");
            isMade = answer.Status < HttpStatusCode.Ambiguous;
            lock (_gate)
            {
                var key = (kind, (int)answer.Status);
                Outcomes[key] = Outcomes.GetValueOrDefault(key) + 1;
                Keep(kind, answer);
            }
        }
    }

    private void Keep(string kind, Answer answer)
    {
        if (kind == "takeback" && answer.Status == HttpStatusCode.OK)
        {
            _doubtful.Remove(answer.Json.Text("slug")!);
        }

        if (answer.Status != HttpStatusCode.Created)
        {
            return;
        }

        if (kind == "source")
        {
            _doubtful.Add(answer.Json.Text("slug")!);
        }
        else if (kind == "create")
        {
            _sites.Add(answer.Json.Text("slug")!);
        }
        else if (kind == "merge")
        {
            _merges.Add(long.Parse(answer.Json.Text("id")!, CultureInfo.InvariantCulture));
        }
        else
        {
            _claims.Add((long.Parse(answer.Json.Text("id")!, CultureInfo.InvariantCulture), answer.Json.Text("factory.slug")!, answer.Json.Text("kind")!));
        }
    }

    private async Task<(string Kind, Answer Answer)> WriteOneAsync(Random random, string name)
    {
        string Any(IReadOnlyList<string> from) => from[random.Next(from.Count)];
        string[] sites;
        (long Id, string Site, string Kind)[] claims;
        long[] merges;
        string[] doubtful;
        lock (_gate)
        {
            (sites, claims, merges, doubtful) = ([.. _sites], [.. _claims], [.. _merges], [.. _doubtful]);
        }

        // One of those that are taken back now and then, as often as one that never is.
        string AnySource() => doubtful.Length > 0 && random.Next(2) == 0 ? Any(doubtful) : Any(Sources);

        var site = sites.Length == 0 ? "" : Any(sites);
        var (claimId, claimSite, claimKind) = claims.Length == 0 ? default : claims[random.Next(claims.Length)];
        var reason = random.Next(2) == 0 ? "error" : "news";
        var draw = sites.Length < 5 ? 0 : random.Next(100);
        return draw switch
        {
            < 14 => ("create", await PostAsync("/v1/factories", $$"""{"name":"Site {{name}}","sector":"{{Any(["battery_cells", "battery_packs", "other"])}}","country":"FR","region":{{Any(["\"hauts-de-france\"", "\"france\"", "null"])}},"locality":{{Any(["\"Dunkerque\"", "\"Amiens\"", "null"])}}}""")),
            < 26 => ("edit", await EditAsync(site, Any(
                [$$"""{"name":"Site {{name}} renommé"}""", """{"locality":"Lille"}""", """{"locality":null,"region":"france"}""", """{"region":"hauts-de-france","sector":"battery_materials"}""", """{"description":{"fr":"Un site.","en":"A site."}}"""]))),
            < 46 => ("event", await PostAsync($"/v1/factories/{site}/status-events", Event(random, ""))),
            < 54 => ("figure", await PostAsync($"/v1/factories/{site}/figures", $$"""{"property":"{{Any(["capacity", "jobs"])}}","value":{{random.Next(1, 50)}},"unit":"{{Any(["MW", "GWh/year"])}}","qualifier":"{{Any(["announced", "installed"])}}","forDate":{{Any(["\"2022\"", "\"2023-06\"", "null"])}},"sources":[{"source":"{{AnySource()}}"}]}""")),
            < 60 => ("location", await PostAsync($"/v1/factories/{site}/locations", $$"""{"lon":{{2 + random.Next(100) / 100.0:F2}},"lat":{{50 + random.Next(50) / 100.0:F2}},"precision":"{{Any(["site", "street", "municipality"])}}","sources":[{"source":"{{AnySource()}}"}]}""")),
            < 66 => ("role", await PostAsync($"/v1/factories/{site}/roles", $$"""{"operator":"{{Any(Operators)}}","role":"{{Any(["operator", "owner"])}}","valid":{{Any(["null", "\"2021/..\"", "\"2020/2022-06\""])}},"sources":[{"source":"{{AnySource()}}"}]}""")),
            < 76 when claimKind == "status_event" => ("correct", await PostAsync($"/v1/factories/{claimSite}/status-events", Event(random, $$""","supersedes":{"claim":{{claimId}},"reason":"{{reason}}"}"""))),
            < 79 => ("source", await PostAsync("/v1/sources", $$"""{"slug":"douteuse-{{name}}","kind":"press","title":"Douteuse {{name}}","published":{{Any(["\"2022-06\"", "\"2023-02-01\"", "\"2025\"", "null"])}}}""")),
            < 81 when doubtful.Length > 0 => ("takeback", await PostAsync($"/v1/sources/{Any(doubtful)}/retraction", reason == "error" ? """{"reason":"error"}""" : $$"""{"reason":"news","source":"{{Any(Sources)}}"}""")),
            < 88 when claimId != 0 => ("retract", await PostAsync($"/v1/claims/{claimId}/retraction", reason == "error" ? """{"reason":"error"}""" : $$"""{"reason":"news","source":"{{AnySource()}}"}""")),
            < 93 => ("merge", await PostAsync($"/v1/factories/{site}/merge", $$"""{"into":"{{Any(sites)}}"}""")),
            < 96 when merges.Length > 0 => ("unmerge", await PostAsync($"/v1/claims/{merges[random.Next(merges.Length)]}/retraction", """{"reason":"error"}""")),
            < 99 when sites.Length > 10 => ("delete", await _ask.WriteAsync("DELETE", $"/v1/factories/{site}", null, _admin, "If-Match: *")),
            _ => ("event", await PostAsync($"/v1/factories/{site}/status-events", Event(random, ""))),
        };

        string Event(Random random, string rest) =>
            $$"""{"status":"{{Any(Statuses)}}","date":"{{Any(Dates)}}","dateMeaning":"{{Any(["began", "observed"])}}","basis":"{{Any(["actual", "actual", "actual", "inferred", "expected"])}}","confidence":"{{Any(["high", "medium", "low"])}}","sources":[{"source":"{{AnySource()}}","locator":{"kind":"paragraph","start":{{random.Next(9)}} } }]{{rest}}}""";
    }

    private Task<Answer> PostAsync(string path, string body) => _ask.WriteAsync("POST", path, body, _admin);

    private async Task<Answer> EditAsync(string slug, string patch)
    {
        var there = await _ask.GetAsync($"/v1/factories/{slug}");
        return there.Header("ETag") is { } etag ? await _ask.WriteAsync("PATCH", $"/v1/factories/{slug}", patch, _admin, $"If-Match: {etag}") : there;
    }

    /// <summary>A question about a pair of moments, and what was answered when it was past.</summary>
    internal sealed record Remembered(string Path, string KnownAt, string Answer);
}
