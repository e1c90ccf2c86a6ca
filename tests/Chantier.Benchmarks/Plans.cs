using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Chantier.Testing;
using Dapper;

namespace Chantier.Benchmarks;

/// <summary>How the database answers every kind of read: its time, the pages it touched, and whether it read a large table whole.</summary>
internal static partial class Plans
{
    // Options of the session, so that the server logs the plan of each statement as it ran.
    private const string Explained =
        "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on -c auto_explain.log_buffers=on -c auto_explain.log_timing=off";

    private const string LargeSql = "select relname from pg_class where relkind = 'r' and reltuples > 2000";

    private static readonly string[] Paths =
    [
        "/v1/factories/generated-77",
        "/v1/factories/generated-77?asOf=2018-06&knownAt={now}",
        "/v1/factories/generated-77?include=operators,phases,statusEvents,figures,media,sources,evidence",
        "/v1/factories/generated-77/status-events",
        "/v1/factories/generated-77/figures",
        "/v1/factories/generated-77/phases",
        "/v1/factories/generated-77/media",
        "/v1/factories/generated-77/sources",
        "/v1/factories/generated-77/changes",
        "/v1/factories",
        "/v1/factories?sort=-name",
        "/v1/factories?sort=updatedAt",
        "/v1/factories?sort=-updatedAt",
        "/v1/factories?sort=createdAt",
        "/v1/factories?sort=statusSince",
        "/v1/factories?sort=-statusSince",
        "/v1/factories?sort=lastConfirmedOn",
        "/v1/factories?sort=-lastConfirmedOn",
        "/v1/factories?include=phases,statusEvents,figures",
        "/v1/factories?status=operating",
        "/v1/factories?status=operating,suspended&country=FR",
        "/v1/factories?stage=building",
        "/v1/factories?country=FR",
        "/v1/factories?country=FR&sector=battery_cells&status=cancelled",
        "/v1/factories?sector=battery_cells&sort=-updatedAt",
        "/v1/factories?region=land-3",
        "/v1/factories?region=land-3-part-4&status=operating",
        "/v1/factories?region=land-3,land-4-part-4",
        "/v1/factories?operator=generated-operator-5",
        "/v1/factories?q=batterie",
        "/v1/factories?q=fonderie%20ville%2077",
        "/v1/factories?q=ac",
        "/v1/factories?bbox=2,48,3,49",
        "/v1/factories?bbox=170,-50,-170,50",
        "/v1/factories?near=2.38,51.03&radiusKm=50",
        "/v1/factories?near=2.38,51.03&radiusKm=20&status=operating",
        "/v1/factories?hasMedia=true",
        "/v1/factories?updatedSince=2026-01-01",
        "/v1/factories?identifier=wikidata:Q1",
        "/v1/factories?slug=generated-1,generated-2,generated-3",
        "/v1/factories?asOf=2016-06",
        "/v1/factories?asOf=2016-06&status=operating",
        "/v1/factories?asOf=2016-06&region=land-3&status=under_construction",
        "/v1/factories?asOf=2016-06&publishedUntil=2021-05-15&status=operating",
        "/v1/factories?asOf=2016-06&q=batterie",
        "/v1/factories?knownAt={now}",
        "/v1/factories?knownAt={now}&sort=-statusSince",
        "/v1/factories?knownAt={now}&region=land-3&status=operating",
        "/v1/regions/land-3/factories",
        "/v1/operators/generated-operator-5/factories",
        "/v1/operators",
        "/v1/operators?q=operator%2077",
        "/v1/operators/generated-operator-5",
        "/v1/operators/generated-operator-5/ownership",
        "/v1/regions",
        "/v1/regions/land-3/children",
        "/v1/regions/land-3-part-4",
        "/v1/status-events",
        "/v1/status-events?sort=recordedAt",
        "/v1/status-events?status=operating&from=2016&to=2017",
        "/v1/status-events?region=land-3-part-4",
        "/v1/status-events?factory=generated-77",
        "/v1/media",
        "/v1/media?factory=generated-77",
        "/v1/media/1",
        "/v1/sources",
        "/v1/sources/generated-source-1",
        "/v1/sources/generated-source-1/claims",
        "/v1/claims",
        "/v1/claims?kind=figure",
        "/v1/claims?factory=generated-77",
        "/v1/claims?source=generated-source-1&state=standing",
        "/v1/claims?recordedBy=generator",
        "/v1/changes",
        "/v1/changes?types=factory",
        "/v1/lookup?identifier=wikidata:Q1",
        "/v1/diff?from=2016-01-01&to=2016-01-31",
        "/v1/diff?from=2016-01-01&to=2016-12-31",
        "/v1/diff?from=2016-01-01&to=2016-12-31&region=land-3",
        "/v1/diff?from=2016-01-01&to=2016-12-31&status=operating&country=FR",
        "/v1/diff?knownFrom=2026-01-01&kind=status",
        "/v1/match {\"names\":[\"Usine Verkor Dunkerque\"],\"country\":\"FR\"}",
        "/v1/match {\"names\":[\"Batterie 4711 77\",\"Fonderie de Ville 77\"],\"country\":\"FR\",\"locality\":\"Ville 77\",\"location\":{\"lon\":2.3,\"lat\":48.5},\"operators\":[\"Operator 77\"],\"identifiers\":[{\"scheme\":\"wikidata\",\"value\":\"Q1\"}]}",
    ];

    /// <summary>Asks each once to warm up and once to look; returns how many read a large table whole.</summary>
    public static async Task<int> LookAsync(string logFile, string database, bool whole, CancellationToken cancellation)
    {
        var explained = new Npgsql.NpgsqlConnectionStringBuilder(database) { Options = Explained }.ConnectionString;
        await using var api = await TestApi.StartAsync(explained, cancellation, "--Chantier:StatementTimeoutSeconds=300");
        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var large = (await connection.QueryAsync<string>(new CommandDefinition(LargeSql, cancellationToken: cancellation))).ToHashSet();
        var flagged = 0;
        Console.WriteLine("| request | database ms | pages | reads whole |");
        Console.WriteLine("|---|---:|---:|---|");
        foreach (var path in Paths)
        {
            await AskAsync(api, path, cancellation);
            await AskAsync(api, path, cancellation);
            var from = new FileInfo(logFile).Length;
            var status = await AskAsync(api, path, cancellation);
            var log = await ReadFromAsync(logFile, from, cancellation);

            var milliseconds = Duration().Matches(log).Sum(match => double.Parse(match.Groups["ms"].Value, CultureInfo.InvariantCulture));
            // The first line of pages of a plan is that of its root, which includes all below it.
            var pages = log.Split("plan:")[1..].Select(plan => Pages().Match(plan)).Where(match => match.Success)
                .Sum(match => match.Groups["pages"].Captures.Sum(pages => long.Parse(pages.Value, CultureInfo.InvariantCulture)));
            var scans = WholeScan().Matches(log).Select(match => match.Groups["table"].Value).Where(large.Contains).Distinct().ToList();
            flagged += scans.Count > 0 ? 1 : 0;
            Console.WriteLine($"| {path}{(status == 200 ? "" : $" ({status})")} | {milliseconds:F2} | {pages} | {string.Join(", ", scans)} |");
            if (whole)
            {
                Console.WriteLine(log);
            }
        }

        return flagged;
    }

    private static async Task<int> AskAsync(TestApi api, string path, CancellationToken cancellation)
    {
        path = path.Replace("{now}", $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}", StringComparison.Ordinal);
        // A question has its body behind it.
        var parts = path.Split(' ', 2);
        var uri = new Uri(parts[0], UriKind.Relative);
        using var body = parts.Length == 1 ? null : new StringContent(parts[1], Encoding.UTF8, "application/json");
        using var response = body is null ? await api.Client.GetAsync(uri, cancellation) : await api.Client.PostAsync(uri, body, cancellation);
        return (int)response.StatusCode;
    }

    private static async Task<string> ReadFromAsync(string file, long from, CancellationToken cancellation)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(from, SeekOrigin.Begin);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellation);
    }

    [GeneratedRegex(@"duration: (?<ms>[0-9.]+) ms  plan:", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Duration();

    [GeneratedRegex(@"Buffers: shared( hit=(?<pages>\d+))?( read=(?<pages>\d+))?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Pages();

    [GeneratedRegex(@"Seq Scan on (?<table>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex WholeScan();
}
