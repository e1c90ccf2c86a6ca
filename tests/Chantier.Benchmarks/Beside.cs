using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Chantier.Api.Keys;
using Chantier.Testing;
using Dapper;

namespace Chantier.Benchmarks;

/// <summary>What readers and a writer feel of an import that runs beside them: reads at a tenth of what the service can do, and one write after the other.</summary>
internal static class Beside
{
    private static readonly string[] Reads = ["one", "list of 20"];

    private const string Source = "benchmark-notes";

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(500);

    /// <summary>Prints the reads' p99 without and with the import, and the longest write beside how long the import says it held the lock.</summary>
    public static async Task<int> CompareAsync(string database, int factories, int rows, int clients, TimeSpan time, CancellationToken cancellation)
    {
        await using var api = await ApiProcess.StartAsync(database, cancellation);
        var scenarios = Scenario.All.Where(scenario => Reads.Contains(scenario.Name)).ToList();
        var each = 0.0;
        foreach (var scenario in scenarios)
        {
            await HttpLoad.RunAsync(api.Address, scenario, factories, clients, time, cancellation);
            each += 1 / (await HttpLoad.RunAsync(api.Address, scenario, factories, clients, time, cancellation)).PerSecond;
        }

        var full = scenarios.Count / each;

        using var handler = new SocketsHttpHandler();
        using var key = new HttpClient(handler) { BaseAddress = api.Address, Timeout = Timeout.InfiniteTimeSpan };
        key.DefaultRequestHeaders.Authorization = new("Bearer", await CreateKey.RunAsync(database, "benchmark", "admin", cancellation));
        using var source = await key.PostAsJsonAsync("/v1/sources", new { slug = Source, kind = "press", title = "Invented notes", published = "2024-01-01" }, cancellation);
        source.EnsureSuccessStatusCode();
        var (alone, write) = await WhileAsync(Task.Delay(4 * time, cancellation));
        Console.WriteLine("| beside | reads | p50 ms | p99 ms | longest read ms | longest write ms |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        Print("nothing", alone, write);

        var import = Imports.RunAsync(database, rows, firstId: 1, cancellation);
        var (beside, waited) = await WhileAsync(import);
        Print($"an import of {rows} rows", beside, waited);
        await import;

        await using var data = TestDatabases.Source(database);
        await using var connection = await data.OpenConnectionAsync(cancellation);
        var held = await connection.QuerySingleAsync<int>(new CommandDefinition("select locked_ms from import order by id desc limit 1", cancellationToken: cancellation));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\nThe p99 of reads beside the import is {Measured.Quantile(beside, 0.99) / Measured.Quantile(alone, 0.99):F2} times that without; the import held the lock for {held} ms."));
        return 0;

        async Task<(List<double> Reads, double LongestWrite)> WhileAsync(Task task)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var reads = HttpLoad.PacedAsync(api.Address, scenarios, factories, clients, full / 10, ended.Token);
            var writes = WriteAsync(ended.Token);
            await Task.WhenAny(task, reads, writes);
            await ended.CancelAsync();
            return (await reads, await writes);
        }

        // Notes on random factories, the next a while after the last; the longest of them, in milliseconds.
        async Task<double> WriteAsync(CancellationToken ended)
        {
            var random = new Random(1);
            var longest = 0.0;
            while (!ended.IsCancellationRequested)
            {
                var started = Stopwatch.GetTimestamp();
                var path = $"/v1/factories/generated-{random.Next(1, factories + 1)}/status-events";
                while (!await TryWriteAsync(path))
                {
                }

                longest = Math.Max(longest, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                await Task.Delay(BetweenWrites, CancellationToken.None);
            }

            return longest;
        }

        // Whoever waited for longer than the service waits for a lock is told to come again.
        async Task<bool> TryWriteAsync(string path)
        {
            using var response = await key.PostAsJsonAsync(path,
                new { status = "operating", date = "2024", dateMeaning = "observed", basis = "actual", sources = new[] { new { source = Source } } }, CancellationToken.None);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(response.Headers.RetryAfter!.Delta!.Value, CancellationToken.None);
                return false;
            }

            response.EnsureSuccessStatusCode();
            return true;
        }

        static void Print(string beside, List<double> reads, double write) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {beside} | {reads.Count} | {Measured.Quantile(reads, 0.5):F1} | {Measured.Quantile(reads, 0.99):F1} | {reads.Max():F0} | {write:F0} |"));
    }
}
