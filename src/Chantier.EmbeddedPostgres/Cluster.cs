using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Chantier.EmbeddedPostgres;

/// <summary>Makes, starts, finds and stops the server of one data folder. Its caller holds the start lock.</summary>
internal sealed partial class Cluster(DataFolder data, Binaries binaries, RunAs runAs, EmbeddedPostgresOptions options)
{
    public const string Superuser = "postgres";
    private const int LongestLog = 1 << 20;

    /// <summary>For a small machine that serves one program, and a disk without moving parts; no replica ever reads its log.</summary>
    private static readonly Dictionary<string, string> UsualSettings = new()
    {
        ["cluster_name"] = "chantier",
        ["jit"] = "off",
        ["random_page_cost"] = "1.1",
        ["wal_level"] = "minimal",
        ["max_wal_senders"] = "0",
        // Errors go to the client, which asked; what is left fills no disk.
        ["log_min_messages"] = "log",
        ["log_checkpoints"] = "off",
    };

    /// <summary>Makes the cluster beside its place and then moves it there, so that an interrupted one is never mistaken for one.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        foreach (var leftover in Directory.EnumerateDirectories(data.Path, "cluster.new-*"))
        {
            try
            {
                Directory.Delete(leftover, recursive: true);
            }
            catch (IOException)
            {
                // The initdb of a killed process may still write there; the next start clears it away.
            }
        }
        if (Directory.Exists(data.Cluster) && Directory.EnumerateFileSystemEntries(data.Cluster).Any())
        {
            throw new EmbeddedPostgresException(
                $"{data.Cluster} is not empty and not a PostgreSQL cluster (it has no PG_VERSION): move it away, or choose another data folder.");
        }

        var half = Path.Combine(data.Path, $"cluster.new-{Path.GetRandomFileName()}");
        await runAs.MakePrivateFolderAsync(half, cancellation);
        List<string> arguments = ["-D", half, "--username", Superuser, "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"];
        if (binaries.Version.Major >= 17) arguments.AddRange(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
        if (options.IsThrowAway) arguments.Add("--no-sync");
        if (OperatingSystem.IsWindows())
        {
            if (!File.Exists(data.PasswordFile))
                await File.WriteAllTextAsync(data.PasswordFile, RandomNumberGenerator.GetHexString(32), cancellation);
            arguments.AddRange(["--auth=scram-sha-256", $"--pwfile={data.PasswordFile}"]);
        }
        else
        {
            // Whoever can enter the socket's folder is trusted: PostgreSQL's user and root.
            arguments.AddRange(["--auth-local=trust", "--auth-host=reject"]);
        }

        // Sorted by bytes, but with letters beyond ASCII known as such: upper(), pg_trgm and text search go by LC_CTYPE.
        var (exitCode, output) = await runAs.RunAsync(binaries.InitDb, [.. arguments, "--lc-ctype=C.UTF-8"], cancellation, data.Run);
        if (exitCode != 0 && output.Contains("invalid locale name", StringComparison.Ordinal))
            (exitCode, output) = await runAs.RunAsync(binaries.InitDb, arguments, cancellation, data.Run);
        if (exitCode != 0) throw new EmbeddedPostgresException($"initdb could not make a PostgreSQL cluster in {half}:\n{output.Trim()}");

        if (Directory.Exists(data.Cluster)) Directory.Delete(data.Cluster);
        Directory.Move(half, data.Cluster);
    }

    /// <summary>
    /// The server that runs on this cluster and answers, or null. Waits for one that is just starting or stopping.
    /// </summary>
    public async Task<Postmaster?> FindRunningAsync(CancellationToken cancellation)
    {
        while (Postmaster.Read(data.Cluster) is { } postmaster)
        {
            if (!await postmaster.IsAliveAsync(cancellation))
            {
                // Left by a crash. PostgreSQL refuses to start over it if the process number has a new owner, or if it is empty.
                File.Delete(Postmaster.File(data.Cluster));
                return null;
            }
            if (postmaster.IsReady && await AnswersAsync(postmaster, cancellation)) return postmaster;
            await Task.Delay(5, cancellation);
        }
        return null;
    }

    /// <summary>Starts the server and returns once it answers.</summary>
    public async Task<Postmaster> StartAsync(CancellationToken cancellation)
    {
        TrimLog();
        try
        {
            // pg_ctl puts paths between double quotes for the shell, where $ and ` mean something: it gets relative ones.
            return await StartAsync(
                ["start", "-s", "-w", "-t", "86400", "-D", "../cluster", "-l", "postgres.log", "-o", await ServerArgumentsAsync(cancellation)], cancellation);
        }
        catch
        {
            // Called off or in vain: whoever fails to start leaves nothing running that nobody uses.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await StopAsync(patience.Token);
            throw;
        }
    }

    private async Task<Postmaster> StartAsync(string[] arguments, CancellationToken cancellation)
    {
        while (true)
        {
            var logged = LogLength();
            // Left by a crash, like the one in the cluster.
            File.Delete(data.SocketLock);
            // It detaches the server from us and our terminal, and tells when the server gave up; readiness we see sooner ourselves.
            var start = runAs.RunAsync(binaries.PgCtl, arguments, cancellation, data.Run, detaches: true);
            while (!start.IsCompleted)
            {
                // Not cancelled here: when the start is, it ends by itself.
                if (Postmaster.Read(data.Cluster) is { IsReady: true } ready && await AnswersAsync(ready, CancellationToken.None)) return ready;
                await Task.Delay(5, CancellationToken.None);
            }
            var (exitCode, output) = await start;
            if (await FindRunningAsync(cancellation) is { } running) return running;

            var log = ReadLog(logged);
            // The processes of a killed server take a moment to notice that it is gone.
            if (log.Contains("is still in use", StringComparison.Ordinal) && exitCode != 0)
            {
                await Task.Delay(50, cancellation);
                continue;
            }
            throw new EmbeddedPostgresException(
                $"PostgreSQL {binaries.Version} did not start on {data.Cluster}. Its log ({data.LogFile}) says:\n{log.Trim()}\n{output.Trim()}".Trim());
        }
    }

    /// <summary>Stops the server if it runs; clients that are still connected are cut off, data are safe.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (await IsAliveAsync(cancellation))
        {
            var (exitCode, output) = await runAs.RunAsync(binaries.PgCtl, ["stop", "-s", "-W", "-m", "fast", "-D", data.Cluster], cancellation, data.Run);
            while (await IsAliveAsync(cancellation))
            {
                if (exitCode != 0) throw new EmbeddedPostgresException($"PostgreSQL did not stop: {output.Trim()}");
                await Task.Delay(5, cancellation);
            }
        }
        RemoveShortFolder();
    }

    /// <summary>Whether the server runs, answering or not.</summary>
    public async Task<bool> IsAliveAsync(CancellationToken cancellation) =>
        Postmaster.Read(data.Cluster) is { } postmaster && await postmaster.IsAliveAsync(cancellation);

    private void RemoveShortFolder()
    {
        if (data.SocketFolder != data.Run && Directory.Exists(data.SocketFolder)) Directory.Delete(data.SocketFolder, recursive: true);
    }

    /// <summary>True if a PostgreSQL server listens there: it answers a request for TLS with one letter.</summary>
    private static async Task<bool> AnswersAsync(Postmaster postmaster, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        using var socket = postmaster.SocketFolder.Length > 0
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        EndPoint address = postmaster.SocketFolder.Length > 0
            ? new UnixDomainSocketEndPoint($"{postmaster.SocketFolder}/.s.PGSQL.{postmaster.Port}")
            : new IPEndPoint(IPAddress.Loopback, postmaster.Port);
        try
        {
            await socket.ConnectAsync(address, patience.Token);
            await socket.SendAsync(new byte[] { 0, 0, 0, 8, 4, 210, 22, 47 }, patience.Token); // SSLRequest
            var answer = new byte[1];
            return await socket.ReceiveAsync(answer, patience.Token) == 1 && answer[0] is (byte)'S' or (byte)'N';
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The server's own command line, quoted for the shell that pg_ctl hands it to.</summary>
    private async Task<string> ServerArgumentsAsync(CancellationToken cancellation)
    {
        var settings = new Dictionary<string, string>(UsualSettings);
        foreach (var (name, value) in options.Settings)
        {
            if (!SettingName().IsMatch(name)) throw new EmbeddedPostgresException($"\"{name}\" is not the name of a PostgreSQL setting.");
            settings[name.ToLowerInvariant()] = value;
        }

        // Last, so that nothing else decides where the server listens.
        if (OperatingSystem.IsWindows())
        {
            settings["listen_addresses"] = "127.0.0.1";
            settings["unix_socket_directories"] = "";
            settings["port"] = (await ChoosePortAsync(cancellation)).ToString(CultureInfo.InvariantCulture);
        }
        else
        {
            await runAs.MakePrivateFolderAsync(data.SocketFolder, cancellation);
            settings["listen_addresses"] = "";
            settings["unix_socket_directories"] = data.SocketFolder;
            settings["unix_socket_permissions"] = "0700";
            settings["port"] = "5432";
        }
        return $"-D {Quoted(data.Cluster)} " + string.Join(' ', settings.Select(setting => $"-c {Quoted($"{setting.Key}={setting.Value}")}"));
    }

    private static string Quoted(string text) => OperatingSystem.IsWindows()
        ? '"' + text.Replace("\"", "\\\"", StringComparison.Ordinal) + '"'
        : '\'' + text.Replace("'", "'\\''", StringComparison.Ordinal) + '\'';

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.]*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SettingName();

    /// <summary>The port of last time if it is free, else one that the system says is free.</summary>
    private async Task<int> ChoosePortAsync(CancellationToken cancellation)
    {
        var last = File.Exists(data.PortFile) ? int.Parse(await File.ReadAllTextAsync(data.PortFile, cancellation), CultureInfo.InvariantCulture) : 0;
        var port = FreePort(last) ?? FreePort(0) ?? throw new EmbeddedPostgresException("No TCP port is free on 127.0.0.1.");
        await File.WriteAllTextAsync(data.PortFile, port.ToString(CultureInfo.InvariantCulture), cancellation);
        return port;

        static int? FreePort(int wanted)
        {
            using var listener = new TcpListener(IPAddress.Loopback, wanted);
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                return null;
            }
        }
    }

    /// <summary>Keeps one old log and starts a new one where it has grown long.</summary>
    private void TrimLog()
    {
        if (LogLength() > LongestLog) File.Move(data.LogFile, data.LogFile + ".old", overwrite: true);
    }

    private long LogLength() => new FileInfo(data.LogFile) is { Exists: true } log ? log.Length : 0;

    private string ReadLog(long from)
    {
        if (!File.Exists(data.LogFile)) return "";
        using var log = new FileStream(data.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Position = Math.Max(from, log.Length - 4096);
        using var reader = new StreamReader(log);
        return reader.ReadToEnd();
    }
}
