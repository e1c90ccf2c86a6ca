using System.Diagnostics;
using Npgsql;

namespace Chantier.EmbeddedPostgres.Tests;

/// <summary>A folder of its own for each test, with all that was started on it ended, and gone, afterwards.</summary>
internal sealed class TestFolder : IAsyncDisposable
{
    private TestFolder(string path) => Path = path;

    public string Path { get; }

    public string Data => System.IO.Path.Combine(Path, "data");

    public string Cluster => System.IO.Path.Combine(Data, "cluster");

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="inside">Folders to lie below, to make the path what the test needs.</param>
    public static TestFolder Make(string inside = "")
    {
        var path = Directory.CreateTempSubdirectory("chantier-test-").FullName;
        // As root, the server runs as another user, who must get in.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, DataFolder.ReadableByAll);
        return new TestFolder(Directory.CreateDirectory(System.IO.Path.Combine(path, inside)).FullName);
    }

    public static EmbeddedPostgresOptions Options(string dataFolder) => new()
    {
        DataFolder = dataFolder,
        Settings = new Dictionary<string, string> { ["fsync"] = "off", ["shared_buffers"] = "16MB" },
        StartTimeout = TimeSpan.FromMinutes(1),
    };

    public Task<EmbeddedPostgresServer> StartAsync() => StartAsync(Options(Data));

    public static Task<EmbeddedPostgresServer> StartAsync(EmbeddedPostgresOptions options) => EmbeddedPostgresServer.StartAsync(options, Cancellation);

    public static async Task<object?> QueryAsync(EmbeddedPostgresServer server, string sql)
    {
        // No pool: a connection kept open would outlive the server.
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Tests write their own SQL.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Cancellation);
    }

    /// <summary>The server's process, or null if none runs.</summary>
    public async Task<int?> ServerProcessAsync() =>
        Postmaster.Read(Cluster) is { } postmaster && await postmaster.IsAliveAsync(Cancellation) ? postmaster.ProcessId : null;

    public static async Task KillAsync(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
        await process.WaitForExitAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (Postmaster.Read(Cluster) is { } postmaster && await postmaster.IsAliveAsync(CancellationToken.None)) await KillAsync(postmaster.ProcessId);
        var top = Path;
        while (!System.IO.Path.GetFileName(top).StartsWith("chantier-test-", StringComparison.Ordinal)) top = System.IO.Path.GetDirectoryName(top)!;
        for (var attempt = 1; Directory.Exists(top); attempt++)
        {
            try
            {
                Directory.Delete(top, recursive: true);
            }
            catch (IOException) when (attempt < 50)
            {
                await Task.Delay(100); // What was killed may still be writing.
            }
        }
    }
}
