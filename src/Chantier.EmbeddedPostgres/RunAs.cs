using System.Diagnostics;

namespace Chantier.EmbeddedPostgres;

/// <summary>
/// Runs programs as the user that PostgreSQL shall have: ourselves, or an unprivileged one when we are root, which PostgreSQL refuses.
/// </summary>
/// <param name="User">The other user's name, or null for ourselves.</param>
internal sealed record RunAs(string? User)
{
    private static readonly string[] Unprivileged = ["chantier", "postgres", "nobody"];

    public static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The user for a cluster: its owner if it exists, for PostgreSQL starts for no other.</summary>
    public static async Task<RunAs> ForAsync(string cluster, CancellationToken cancellation)
    {
        var ourselves = new RunAs((string?)null);
        if (!IsRoot) return ourselves;
        if (Directory.Exists(cluster))
        {
            string[] arguments = OperatingSystem.IsMacOS() ? ["-f", "%Su", cluster] : ["-c", "%U", cluster];
            var (exitCode, output) = await ourselves.RunAsync("stat", arguments, cancellation);
            if (exitCode == 0) return new RunAs(output.Trim());
        }
        var known = (await File.ReadAllLinesAsync("/etc/passwd", cancellation)).Select(line => line.Split(':')[0]).ToHashSet();
        return new RunAs(Unprivileged.FirstOrDefault(known.Contains) ?? throw new EmbeddedPostgresException(
            "PostgreSQL refuses to run as root, and none of the users chantier, postgres and nobody exists on this machine. "
            + "Add a system user named chantier, or run this program as an ordinary user."));
    }

    /// <summary>Makes a folder, if missing, that the user owns and nobody else can enter; refuses one that is another's.</summary>
    public async Task MakePrivateFolderAsync(string folder, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else if (User is null)
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            Directory.CreateDirectory(folder, OwnerOnly);
            if (new DirectoryInfo(folder).LinkTarget is not null) throw new UnauthorizedAccessException($"{folder} is a link.");
            // Also the proof that the folder is ours: the system lets only the owner do this.
            File.SetUnixFileMode(folder, OwnerOnly);
        }
        else
        {
            var (exitCode, output) = await new RunAs((string?)null).RunAsync("install", ["-d", "-m", "700", "-o", User, folder], cancellation);
            if (exitCode != 0) throw new IOException(output.Trim());
        }
    }

    /// <summary>Runs a program to its end and returns its exit code with all it printed.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It could not be started, or not in that folder.</exception>
    public async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellation, string? home = null, bool detaches = false)
    {
        // On Windows the server inherits the pipes of the program that starts it, and they would never end.
        var reads = !(detaches && OperatingSystem.IsWindows());
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardOutput = reads,
            RedirectStandardError = reads,
            WorkingDirectory = home ?? Path.GetPathRoot(Environment.SystemDirectory is { Length: > 0 } system ? system : "/"),
        };
        SetEnvironment(start.Environment, home);
        // Setting it at all makes .NET look the user up, so only where it changes something.
        if (User is not null) start.UserName = User;

        using var process = Process.Start(start)!;
        try
        {
            var output = reads ? process.StandardOutput.ReadToEndAsync(cancellation) : Task.FromResult("");
            var error = reads ? process.StandardError.ReadToEndAsync(cancellation) : Task.FromResult("");
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>A server outlives the program that started it, so it gets none of that program's secrets and PG… variables.</summary>
    private static void SetEnvironment(IDictionary<string, string?> environment, string? home)
    {
        if (OperatingSystem.IsWindows())
        {
            foreach (var name in environment.Keys.Where(name => name.StartsWith("PG", StringComparison.OrdinalIgnoreCase)).ToList())
                environment.Remove(name);
        }
        else
        {
            var kept = environment.Where(pair => pair.Key is "PATH" or "LD_LIBRARY_PATH" or "TMPDIR").ToList();
            environment.Clear();
            foreach (var (name, value) in kept) environment[name] = value;
            environment["HOME"] = home ?? "/";
        }
        environment["LC_ALL"] = "C";
        environment["TZ"] = "UTC";
    }
}
