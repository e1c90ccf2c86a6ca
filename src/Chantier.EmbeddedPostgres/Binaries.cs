using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Chantier.EmbeddedPostgres;

/// <summary>One installation of PostgreSQL's programs, and the search for the right one.</summary>
/// <param name="Folder">Holds initdb, pg_ctl and postgres.</param>
/// <param name="Version">Such as 15.18.</param>
internal sealed partial record Binaries(string Folder, Version Version)
{
    private const int OldestMajor = 15;
    private static readonly string[] Programs = ["postgres", "initdb", "pg_ctl"];

    /// <summary>Debian, RHEL, Alpine, Homebrew on ARM and Intel, Postgres.app.</summary>
    private static readonly string[] UsualOnUnix =
    [
        "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*",
        "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
    ];

    public string InitDb => Path.Combine(Folder, Executable("initdb"));

    public string PgCtl => Path.Combine(Folder, Executable("pg_ctl"));

    private string Postgres => Path.Combine(Folder, Executable("postgres"));

    /// <summary>The newest installation that is new enough, or has the major version that existing data need; else the packages.</summary>
    public static async Task<Binaries> FindAsync(EmbeddedPostgresOptions options, DataFolder data, RunAs runAs, CancellationToken cancellation)
    {
        var needed = data.MajorVersion;
        bool Fits(Binaries binaries) => needed is null ? binaries.Version.Major >= OldestMajor : binaries.Version.Major == needed;

        var found = new List<Binaries>();
        var folders = options.ProgramFolders ?? [.. FoldersOnPath(), .. UsualFolders()];
        foreach (var folder in folders.SelectMany(Expand).Select(Resolve).OfType<string>().Distinct())
        {
            if (await ReadVersionAsync(folder, cancellation) is { } version) found.Add(new Binaries(folder, version));
        }
        if (found.Where(Fits).MaxBy(binaries => binaries.Version) is { } installed)
            return await installed.WithinReachAsync(data, runAs, cancellation);

        foreach (var package in PackageFolders(options))
        {
            if (await ReadPackageAsync(package, cancellation) is not { } packaged) continue;
            found.Add(packaged);
            if (Fits(packaged)) return await packaged.WithinReachAsync(data, runAs, cancellation);
        }
        throw NotFound(needed, data, found, [.. options.ProgramFolders ?? ["the folders on PATH", .. UsualFolders()], .. PackageFolders(options)]);
    }

    private static EmbeddedPostgresException NotFound(int? needed, DataFolder data, List<Binaries> found, IEnumerable<string> looked)
    {
        var seen = found.Count == 0
            ? "no PostgreSQL was found"
            : "only " + string.Join(" and ", found.Select(binaries => $"PostgreSQL {binaries.Version} in {binaries.Folder}")) + " was found";
        var problem = needed is null
            ? $"PostgreSQL {OldestMajor} or newer is needed, and {seen}."
            : $"The data in {data.Cluster} were made by PostgreSQL {needed} and open only with that version, and {seen}.";
        var install = needed is null ? $"PostgreSQL {OldestMajor} or newer" : $"PostgreSQL {needed}, or choose another data folder";
        return new EmbeddedPostgresException($"""
            {problem} Three ways out:
              - install {install};
              - or name a server you already have: set ConnectionStrings__Chantier to its connection string;
              - or run all of it in containers: docker compose up.
            Looked in: {string.Join(", ", looked)}.
            """);
    }

    private static string[] FoldersOnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static string[] UsualFolders() => OperatingSystem.IsWindows()
        ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL", "*", "bin")]
        : UsualOnUnix;

    /// <summary>The folders that a pattern with * in its folder names stands for.</summary>
    private static IEnumerable<string> Expand(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return [pattern];
        var start = pattern.LastIndexOfAny(['/', '\\'], star) + 1;
        var end = pattern.IndexOfAny(['/', '\\'], star);
        if (end < 0) end = pattern.Length;
        var parent = pattern[..start];
        return Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern[start..end]).SelectMany(folder => Expand(folder + pattern[end..]))
            : [];
    }

    /// <summary>The folder that holds all the programs; one on PATH often holds only links to some of them.</summary>
    private static string? Resolve(string folder)
    {
        foreach (var program in Programs)
        {
            var file = new FileInfo(Path.Combine(folder, Executable(program)));
            if (!file.Exists) continue;
            var real = file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
            var candidate = Path.GetDirectoryName(real)!;
            if (HoldsPrograms(candidate)) return candidate;
        }
        return null;
    }

    private static bool HoldsPrograms(string folder) =>
        Array.TrueForAll(Programs, program => File.Exists(Path.Combine(folder, Executable(program))));

    private static string Executable(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;

    private static async Task<Version?> ReadVersionAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            var postgres = Path.Combine(folder, Executable("postgres"));
            var (exitCode, output) = await new RunAs((string?)null).RunAsync(postgres, ["--version"], cancellation);
            return exitCode == 0 ? ParseVersion(output) : null;
        }
        catch (Win32Exception)
        {
            return null; // Made for another machine, or not ours to run.
        }
    }

    /// <summary>Reads 15.18 from "postgres (PostgreSQL) 15.18 (Debian …)", and 19.0 from "19beta1".</summary>
    private static Version? ParseVersion(string text)
    {
        var match = VersionNumber().Match(text);
        return match.Success ? new Version(Number("major"), match.Groups["minor"].Success ? Number("minor") : 0) : null;
        int Number(string part) => int.Parse(match.Groups[part].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\b(?<major>\d{1,4})(\.(?<minor>\d{1,4}))?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionNumber();

    // ---- the packages of npm

    private static IEnumerable<string> PackageFolders(EmbeddedPostgresOptions options)
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var name = $"@embedded-postgres/{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        var restored = typeof(Binaries).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == "EmbeddedPostgresPackages")?.Value;
        string?[] folders = options.PackagesFolder is { } folder ? [folder] : [AppContext.BaseDirectory, restored];
        return folders.OfType<string>().Select(parent => Path.GetFullPath(Path.Combine(parent, name)));
    }

    private static async Task<Binaries?> ReadPackageAsync(string package, CancellationToken cancellation)
    {
        var folder = Path.Combine(package, "native", "bin");
        if (!HoldsPrograms(folder)) return null;
        using var description = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(package, "package.json"), cancellation));
        return ParseVersion(description.RootElement.GetProperty("version").GetString()!) is { } version ? new Binaries(folder, version) : null;
    }

    /// <summary>
    /// Makes the links between the package's libraries (a JSON list of source and target), which packages of npm cannot hold and
    /// its install script would make. False where we may not write.
    /// </summary>
    private static async Task<bool> TryLinkLibrariesAsync(string prefix, CancellationToken cancellation)
    {
        var list = Path.Combine(prefix, "pg-symlinks.json");
        if (!File.Exists(list)) return true;
        using var links = JsonDocument.Parse(await File.ReadAllTextAsync(list, cancellation));
        try
        {
            foreach (var link in links.RootElement.EnumerateArray())
            {
                // Both are paths from the package, and lie in native/lib; root shall not write where else a list may say.
                var target = Path.Combine(prefix, "lib", NameOf(link, "target"));
                if (!File.Exists(target)) File.CreateSymbolicLink(target, NameOf(link, "source"));
            }
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another program may have made the link in the same moment.
            return links.RootElement.EnumerateArray().All(link => File.Exists(Path.Combine(prefix, "lib", NameOf(link, "target"))));
        }

        static string NameOf(JsonElement link, string end) => Path.GetFileName(link.GetProperty(end).GetString()!);
    }

    // ---- a copy, where the originals cannot be used

    /// <summary>These programs if PostgreSQL's user can run them where they are, else a copy in the data folder.</summary>
    private async Task<Binaries> WithinReachAsync(DataFolder data, RunAs runAs, CancellationToken cancellation)
    {
        var prefix = Path.GetDirectoryName(Folder)!;
        if (await TryLinkLibrariesAsync(prefix, cancellation) && (runAs.User is null || await CanRunAsync(runAs, Postgres, cancellation)))
            return this;

        var postgres = new FileInfo(Postgres);
        var identity = $"{Folder}|{postgres.Length}|{postgres.LastWriteTimeUtc.Ticks}";
        var name = $"{Version}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..8]}";
        var copy = Path.Combine(data.Programs, name, "native");
        if (!Directory.Exists(copy))
        {
            var half = Path.Combine(data.Programs, name + ".half");
            if (Directory.Exists(half)) Directory.Delete(half, recursive: true);
            MakeFolder(data.Programs);
            MakeFolder(half);
            CopyFolder(new DirectoryInfo(prefix), Path.Combine(half, "native"));
            await TryLinkLibrariesAsync(Path.Combine(half, "native"), cancellation);
            Directory.Move(half, Path.Combine(data.Programs, name));
        }
        var copied = this with { Folder = Path.Combine(copy, Path.GetFileName(Folder)) };
        if (runAs.User is not null && !await CanRunAsync(runAs, copied.Postgres, cancellation))
        {
            throw new EmbeddedPostgresException(
                $"PostgreSQL refuses to run as root, and the user {runAs.User}, who shall run it, can neither run {Postgres} "
                + $"nor its copy in {data.Programs}: choose a data folder that every user can enter.");
        }
        return copied;
    }

    private static async Task<bool> CanRunAsync(RunAs runAs, string program, CancellationToken cancellation)
    {
        const int TextFileBusy = 26;
        for (var tries = 1; ; tries++)
        {
            try
            {
                return (await runAs.RunAsync(program, ["--version"], cancellation)).ExitCode == 0;
            }
            // A child that another thread has just forked holds the fresh copy open for writing until it runs its own program.
            catch (Win32Exception busy) when (busy.NativeErrorCode == TextFileBusy && tries < 20)
            {
                await Task.Delay(50, cancellation);
            }
            catch (Win32Exception)
            {
                return false;
            }
        }
    }

    private static void CopyFolder(DirectoryInfo source, string target)
    {
        MakeFolder(target);
        foreach (var entry in source.EnumerateFileSystemInfos())
        {
            var path = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                File.CreateSymbolicLink(path, link);
            }
            else if (entry is DirectoryInfo folder)
            {
                CopyFolder(folder, path);
            }
            else
            {
                File.Copy(entry.FullName, path);
                if (!OperatingSystem.IsWindows()) MakeReadable(path);
            }
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void MakeReadable(string file)
    {
        var mode = File.GetUnixFileMode(file) | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (mode.HasFlag(UnixFileMode.UserExecute)) mode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(file, mode);
    }

    /// <summary>A folder that every user can read, whatever our umask.</summary>
    private static void MakeFolder(string folder)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, DataFolder.ReadableByAll);
    }
}
