using System.Diagnostics;
using System.Globalization;
using Chantier.Testing;
using Dapper;

namespace Chantier.Benchmarks;

/// <summary>What it takes for all factories to leave, in each format and in an archive, beside bare COPY of what the database has to say for it.</summary>
internal static class Exports
{
    private static readonly string[] Formats = ["csv", "ndjson", "geojson", "xlsx"];

    private const string TablesSql = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname";

    /// <summary>Prints the times, their ratios, and the most memory that the service ever had.</summary>
    public static async Task<int> CompareAsync(string database, CancellationToken cancellation)
    {
        var scenario = new Scenario("all factories", $"/v1/factories?limit=all&format={Formats[0]}", new Dictionary<string, string> { ["limit"] = "null" });
        var cursor = (await Statements.OfAsync(database, scenario, cancellation)).Single(batch => batch.StartsWith("declare ", StringComparison.Ordinal));
        var select = Statements.Bound(scenario, cursor[(cursor.IndexOf(" for ", StringComparison.Ordinal) + " for ".Length)..]);
        var list = await CopyAsync(database, [$"({select.TrimEnd(';')})"], cancellation);
        Console.WriteLine("| export | MB | service s | bare copy s | ratio | memory MB |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var format in Formats)
        {
            // Each by a process of its own, because the most memory is that of all it ever did.
            await using var api = await ApiProcess.StartAsync(database, cancellation);
            using var handler = new SocketsHttpHandler();
            using var client = new HttpClient(handler) { BaseAddress = api.Address, Timeout = Timeout.InfiniteTimeSpan };
            var started = Stopwatch.GetTimestamp();
            using var response = await client.GetAsync(new Uri($"/v1/factories?limit=all&format={format}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            var buffer = new byte[64 * 1024];
            var bytes = 0L;
            while (await body.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                bytes += read;
            }

            Print(format, bytes, Stopwatch.GetElapsedTime(started), list, api.PeakBytes);
        }

        await ArchiveAsync(database, cancellation);
        return 0;
    }

    private static async Task ArchiveAsync(string database, CancellationToken cancellation)
    {
        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var tables = await connection.QueryAsync<string>(new CommandDefinition(TablesSql, cancellationToken: cancellation));
        var bare = await CopyAsync(database, tables, cancellation);
        var folder = Directory.CreateTempSubdirectory("chantier-export-");
        try
        {
            var file = Path.Combine(folder.FullName, "archive.zip");
            var (took, peak) = await Command.RunAsync(database, cancellation, "archive", file);
            Print("archive", new FileInfo(file).Length, took, bare, peak);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<TimeSpan> CopyAsync(string database, IEnumerable<string> parts, CancellationToken cancellation)
    {
        await using var source = TestDatabases.Source($"{database};Options=-c jit=off");
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var started = Stopwatch.GetTimestamp();
        foreach (var part in parts)
        {
            await using var rows = await connection.BeginRawBinaryCopyAsync($"copy {part} to stdout (format binary)", cancellation);
            await rows.CopyToAsync(Stream.Null, cancellation);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    private static void Print(string name, long bytes, TimeSpan took, TimeSpan bare, long peak) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {bytes / 1e6:F1} | {took.TotalSeconds:F1} | {bare.TotalSeconds:F1} | {took / bare:F2} | {peak / 1024 / 1024} |"));
}
