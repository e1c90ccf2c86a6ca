using System.Diagnostics;

namespace Chantier.Testing;

/// <summary>The service as users run it: a process of its own, built as this one is.</summary>
public sealed class ApiProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ApiProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>The most memory that it ever had, of all kinds.</summary>
    public long PeakBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    public static async Task<ApiProcess> StartAsync(string connectionString, CancellationToken cancellation, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Chantier.Api.dll"), "serve", "--urls=http://127.0.0.1:0" },
            Environment = { ["ConnectionStrings__Chantier"] = connectionString, ["Chantier__SeedOnStart"] = "false", ["Chantier__MigrateOnStart"] = "false", ["Chantier__Limits__RequestsPerSecond"] = "0" },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            const string Says = "listens on ";
            if (line.IndexOf(Says, StringComparison.Ordinal) is >= 0 and var at)
            {
                _ = process.StandardOutput.ReadToEndAsync(cancellation);
                return new(process, new Uri(line[(at + Says.Length)..].Trim()));
            }
        }

        throw new InvalidOperationException("The service did not start.");
    }

    /// <summary>Ends it as a power cut would: it gets to do nothing any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
