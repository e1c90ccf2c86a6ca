using System.Globalization;
using System.Diagnostics;

namespace Chantier.Benchmarks;

/// <summary>What a run did.</summary>
internal sealed record Measured(double PerSecond, double P99Milliseconds)
{
    /// <summary>The run whose rate is the middle one.</summary>
    public static Measured Median(IReadOnlyList<Measured> runs) => runs.OrderBy(run => run.PerSecond).ElementAt(runs.Count / 2);

    public static double Quantile(List<double> milliseconds, double share)
    {
        milliseconds.Sort();
        return milliseconds.Count == 0 ? 0 : milliseconds[(int)(milliseconds.Count * share)];
    }
}

/// <summary>Requests over connections that stay open, each sent as soon as the one before is answered.</summary>
internal static class HttpLoad
{
    public static Task<Measured> RunAsync(
        Uri address, Scenario scenario, int factories, int clients, TimeSpan time, CancellationToken cancellation) => RunAsync(
            address,
            clients,
            time,
            (connection, random) => connection.GetAsync(scenario.PathOf(random.Next(1, factories + 1)), cancellation),
            cancellation);

    /// <summary>The same with a function that sends one request.</summary>
    public static async Task<Measured> RunAsync(
        Uri address, int clients, TimeSpan time, Func<HttpConnection, Random, Task> send, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var perClient = await Task.WhenAll(Enumerable.Range(0, clients).Select(
            seed => Task.Run(() => ClientAsync(address, seed, started, time, send, cancellation), cancellation)));
        var elapsed = Stopwatch.GetElapsedTime(started);
        List<double> all = [.. perClient.SelectMany(latencies => latencies)];
        return new(all.Count / elapsed.TotalSeconds, Measured.Quantile(all, 0.99));
    }

    /// <summary>As many requests a second, whatever becomes of them, of each scenario in turn; gives what each took, in milliseconds, from when it was due.</summary>
    public static async Task<List<double>> PacedAsync(Uri address, IReadOnlyList<Scenario> scenarios, int factories, int clients, double perSecond, CancellationToken ended)
    {
        var started = Stopwatch.GetTimestamp();
        var next = -1;
        var perClient = await Task.WhenAll(Enumerable.Range(0, clients).Select(seed => Task.Run(() => PacedClientAsync(seed), CancellationToken.None)));
        return [.. perClient.SelectMany(latencies => latencies)];

        async Task<List<double>> PacedClientAsync(int seed)
        {
            var random = new Random(seed);
            var latencies = new List<double>();
            using var connection = await HttpConnection.OpenAsync(address, CancellationToken.None);
            while (!ended.IsCancellationRequested)
            {
                var number = Interlocked.Increment(ref next);
                var due = TimeSpan.FromSeconds(number / perSecond);
                var early = due - Stopwatch.GetElapsedTime(started);
                if (early > TimeSpan.Zero)
                {
                    // How late the clock wakes it is not the service's.
                    await Task.Delay(early, CancellationToken.None);
                    due = Stopwatch.GetElapsedTime(started);
                }

                await connection.GetAsync(scenarios[number % scenarios.Count].PathOf(random.Next(1, factories + 1)), CancellationToken.None);
                latencies.Add((Stopwatch.GetElapsedTime(started) - due).TotalMilliseconds);
            }

            return latencies;
        }
    }

    private static async Task<List<double>> ClientAsync(
        Uri address, int seed, long started, TimeSpan time, Func<HttpConnection, Random, Task> send, CancellationToken cancellation)
    {
        var random = new Random(seed);
        var latencies = new List<double>();
        using var connection = await HttpConnection.OpenAsync(address, cancellation);
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var sent = Stopwatch.GetTimestamp();
            await send(connection, random);
            latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }

        return latencies;
    }
}

/// <summary>The same statements by pgbench, prepared, over as many connections.</summary>
internal static class Pgbench
{
    private const string ReadOnly = " -c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on";

    public static async Task<Measured> RunAsync(
        string program, string connectionString, string script, int clients, TimeSpan time, CancellationToken cancellation, bool isReadOnly = true)
    {
        var folder = Directory.CreateTempSubdirectory("chantier-pgbench-");
        try
        {
            var file = Path.Combine(folder.FullName, "script.sql");
            await File.WriteAllTextAsync(file, script, cancellation);
            var database = new Npgsql.NpgsqlConnectionStringBuilder(connectionString);
            var start = new ProcessStartInfo(program)
            {
                WorkingDirectory = folder.FullName,
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList =
                {
                    "-n", "-M", "prepared", "-c", Text(clients), "-j", "2", "-T", Text((int)time.TotalSeconds), "-l", "-f", file,
                    "-h", database.Host!, "-p", Text(database.Port), "-U", database.Username!, database.Database!,
                },
                // The same session as the API's, and one snapshot for a pipeline too.
                Environment = { ["PGOPTIONS"] = "-c jit=off -c timezone=UTC" + (isReadOnly ? ReadOnly : "") },
            };
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            var error = await process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"pgbench failed: {error}");
            }

            var tps = output.Split('\n').Single(line => line.StartsWith("tps = ", StringComparison.Ordinal)).Split(' ')[2];
            // Each line of the log: client, transaction, microseconds, ...
            List<double> latencies = [.. folder.GetFiles("pgbench_log.*").SelectMany(log => File.ReadLines(log.FullName)).Select(line => double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture) / 1000)];
            return new(double.Parse(tps, CultureInfo.InvariantCulture), Measured.Quantile(latencies, 0.99));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
