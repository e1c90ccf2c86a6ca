using System.Diagnostics;

namespace Chantier.EmbeddedPostgres.Tests;

/// <summary>Another process that uses a server: this same executable with another verb, started, asked to leave or killed.</summary>
internal sealed class OtherProgram : IAsyncDisposable
{
    public const string Verb = "use-server";
    private readonly Process _process;

    private OtherProgram(Process process) => _process = process;

    /// <summary>What it says of the server: "started" or "found running".</summary>
    public string Found { get; private set; } = "";

    public static OtherProgram Start(string dataFolder, string? user = null, string? folder = null)
    {
        var program = Path.Combine(folder ?? AppContext.BaseDirectory, "Chantier.EmbeddedPostgres.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(program, [Verb, dataFolder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        if (user is not null)
        {
            start.UserName = user;
            start.Environment["HOME"] = "/nonexistent";
        }
        return new OtherProgram(Process.Start(start)!);
    }

    public static async Task<OtherProgram> StartAndWaitAsync(string dataFolder, string? user = null, string? folder = null)
    {
        var program = Start(dataFolder, user, folder);
        await program.WaitAsync();
        return program;
    }

    public async Task WaitAsync() =>
        Found = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The other program ended early.");

    /// <summary>Lets it dispose of its share and end; fails if it does not end well.</summary>
    public async Task LeaveAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        Assert.Equal(0, _process.ExitCode);
    }

    /// <summary>Kill -9; returns once its output has ended too, which a server that had inherited it would keep open.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    /// <summary>The other program itself.</summary>
    public static async Task<int> RunAsync(string dataFolder)
    {
        await using var server = await EmbeddedPostgresServer.StartAsync(TestFolder.Options(dataFolder));
        Console.WriteLine(server.WasRunning ? "found running" : "started");
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
