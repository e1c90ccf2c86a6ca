using System.ComponentModel;
using System.Data.Common;

namespace Chantier.EmbeddedPostgres;

/// <summary>
/// A PostgreSQL server that belongs to one data folder and to the programs that use it: the first to come starts it, the last to
/// go stops it, and one that outlived a killed program is found and used by the next.
/// </summary>
public sealed class EmbeddedPostgresServer : IAsyncDisposable
{
    private readonly DataFolder _data;
    private readonly Cluster _cluster;
    private readonly Action<string>? _log;
    private readonly CancellationTokenSource _given = new();
    private Task _watched = Task.CompletedTask;
    private FileStream? _use;

    private EmbeddedPostgresServer(DataFolder data, Cluster cluster, Binaries binaries, Postmaster postmaster, bool wasRunning, FileStream use, Action<string>? log)
    {
        _data = data;
        _cluster = cluster;
        _log = log;
        _use = use;
        WasRunning = wasRunning;
        Version = binaries.Version;
        ProgramFolder = binaries.Folder;
        Host = postmaster.SocketFolder.Length > 0 ? postmaster.SocketFolder : "127.0.0.1";
        Port = postmaster.Port;
        Password = OperatingSystem.IsWindows() ? File.ReadAllText(data.PasswordFile) : null;
    }

    /// <summary>The folder of the Unix socket, or 127.0.0.1 on Windows. Nothing else listens.</summary>
    public string Host { get; }

    /// <summary>The TCP port on Windows; on Unix it only names the socket in its folder.</summary>
    public int Port { get; }

    /// <summary>A superuser of the server.</summary>
    public string Username { get; } = Cluster.Superuser;

    /// <summary>Null on Unix, where the rights of the socket's folder are the protection.</summary>
    public string? Password { get; }

    /// <summary>The whole path of the folder that holds the cluster, its log and its locks.</summary>
    public string DataFolder => _data.Path;

    /// <summary>The server's log; at each start beyond 1 MiB it is moved to the same name with <c>.old</c>.</summary>
    public string LogFile => _data.LogFile;

    /// <summary>The folder with <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>; an installed one has <c>psql</c> too, the packages have not.</summary>
    public string ProgramFolder { get; }

    /// <summary>Major and minor version of the programs, such as 15.18.</summary>
    public Version Version { get; }

    /// <summary>True if another program, alive or killed, had already started the server.</summary>
    public bool WasRunning { get; }

    /// <summary>Finds or starts the server of a data folder, making both where they do not exist yet.</summary>
    /// <returns>A share in the server, which answers by now. Dispose of it.</returns>
    /// <exception cref="EmbeddedPostgresException">There is no fitting PostgreSQL, or it did not start; the message says what to do.</exception>
    public static async Task<EmbeddedPostgresServer> StartAsync(EmbeddedPostgresOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new EmbeddedPostgresOptions();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.StartTimeout);
        var folder = options.DataFolder;
        try
        {
            var data = EmbeddedPostgres.DataFolder.Open(options.DataFolder);
            folder = data.Path;
            return await StartAsync(data, options, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new EmbeddedPostgresException(
                $"PostgreSQL did not start within {options.StartTimeout.TotalSeconds:0} s in {folder}. Another program may be holding it up, "
                + "or it recovers from a crash; its log is in the folder run there.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            var advice = RunAs.IsRoot
                ? "PostgreSQL refuses root and runs as an unprivileged user: choose a data folder that every user can enter."
                : "If the folder is the reason, choose one that this user may write.";
            throw new EmbeddedPostgresException($"PostgreSQL could not be started in {folder ?? "the default data folder"}: {e.Message} {advice}", e);
        }
    }

    private static async Task<EmbeddedPostgresServer> StartAsync(DataFolder data, EmbeddedPostgresOptions options, CancellationToken cancellation)
    {
        using var startLock = await FileLock.TakeExclusiveAsync(data.StartLock, cancellation);
        var runAs = await RunAs.ForAsync(data.Cluster, cancellation);
        await runAs.MakePrivateFolderAsync(data.Run, cancellation);
        var binaries = await Binaries.FindAsync(options, data, runAs, cancellation);
        var cluster = new Cluster(data, binaries, runAs, options);

        var running = data.MajorVersion is null ? null : await cluster.FindRunningAsync(cancellation);
        if (running is null && data.MajorVersion is null)
        {
            await cluster.CreateAsync(cancellation);
            options.Log?.Invoke($"Made a PostgreSQL {binaries.Version} cluster in {data.Cluster}");
        }
        var postmaster = running ?? await cluster.StartAsync(cancellation);
        // Nobody holds it for themselves: that takes the start lock, which is ours.
        var use = FileLock.TryShared(data.UsersLock)
            ?? throw new EmbeddedPostgresException($"{data.UsersLock} is locked by a program that is not Chantier.");
        var server = new EmbeddedPostgresServer(data, cluster, binaries, postmaster, wasRunning: running is not null, use, options.Log);
        server.Watch();
        options.Log?.Invoke($"PostgreSQL {server.Version} {(server.WasRunning ? "was found running" : "started")} on {server.Host}, data in {server.DataFolder}");
        return server;
    }

    private void Watch() => _watched = WatchAsync(_given.Token);

    /// <summary>While the share is held, a server that was killed is started again: by whichever of its users notices first.</summary>
    private async Task WatchAsync(CancellationToken given)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        string? failure = null;
        try
        {
            while (await second.WaitForNextTickAsync(given))
            {
                try
                {
                    if (!await _cluster.IsAliveAsync(given)) await RestartAsync(given);
                    failure = null;
                }
                catch (Exception e) when (!given.IsCancellationRequested && e is EmbeddedPostgresException or IOException or UnauthorizedAccessException or Win32Exception or OperationCanceledException)
                {
                    if (e.Message != failure) _log?.Invoke($"PostgreSQL has ended, and could not be started again in {DataFolder}: {e.Message}");
                    failure = e.Message;
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task RestartAsync(CancellationToken given)
    {
        using var startLock = await FileLock.TakeExclusiveAsync(_data.StartLock, given);
        if (await _cluster.FindRunningAsync(given) is not null) return;
        await _cluster.StartAsync(given);
        _log?.Invoke($"PostgreSQL had ended and was started again, data in {DataFolder}");
    }

    /// <summary>A connection string for Npgsql; the database need not exist yet, <c>postgres</c> always does.</summary>
    public string ConnectionString(string database)
    {
        var parts = new DbConnectionStringBuilder { ["Host"] = Host, ["Port"] = Port, ["Username"] = Username, ["Database"] = database };
        if (Password is not null) parts["Password"] = Password;
        return parts.ConnectionString;
    }

    /// <summary>
    /// Gives up this share, and stops the server if it was the last. What goes wrong goes to the log, for the data are safe and
    /// the next start finds the server as it is.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var use = Interlocked.Exchange(ref _use, null);
        if (use is null) return;
        await _given.CancelAsync();
        await _watched;
        _given.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            using var startLock = await FileLock.TakeExclusiveAsync(_data.StartLock, patience.Token);
            await use.DisposeAsync();
            using var last = FileLock.TryExclusive(_data.UsersLock);
            if (last is null) return;
            await _cluster.StopAsync(patience.Token);
            _log?.Invoke($"PostgreSQL stopped, data in {DataFolder}");
        }
        catch (Exception e) when (e is OperationCanceledException or EmbeddedPostgresException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            _log?.Invoke($"PostgreSQL could not be stopped, and goes on in {DataFolder}: {e.Message}");
        }
        finally
        {
            await use.DisposeAsync();
        }
    }
}
