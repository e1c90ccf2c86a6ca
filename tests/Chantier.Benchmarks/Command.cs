using System.Diagnostics;

namespace Chantier.Benchmarks;

/// <summary>A command of the service, as users run it.</summary>
internal static class Command
{
    /// <summary>How long it took, from its start, and the most memory that it ever had.</summary>
    public static async Task<(TimeSpan Took, long Peak)> RunAsync(string database, CancellationToken cancellation, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Chantier.Api.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ConnectionStrings__Chantier"] = database },
        };
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        long peak = 0;
        while (!process.HasExited)
        {
            process.Refresh();
            peak = Math.Max(peak, process.HasExited ? 0 : process.WorkingSet64);
            await Task.Delay(100, cancellation);
        }

        var took = Stopwatch.GetElapsedTime(started);
        await Console.Error.WriteLineAsync(await output);
        return process.ExitCode == 0 ? (took, peak) : throw new InvalidOperationException($"'{string.Join(' ', arguments)}' failed: {await error}");
    }
}
