using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Chantier.EmbeddedPostgres;

/// <summary>The names and rights of what lies in the data folder of one server.</summary>
/// <param name="Path">The whole path.</param>
internal sealed record DataFolder(string Path)
{
    public const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // macOS ends the path of a socket at 103 bytes, Linux at 107.
    private const int LongestSocketPath = 103;
    private const string SocketName = ".s.PGSQL.5432";

    /// <summary>PostgreSQL's own folder, what it calls PGDATA.</summary>
    public string Cluster => System.IO.Path.Combine(Path, "cluster");

    /// <summary>Holds the log and, on Unix, the socket; only PostgreSQL's user and root can enter it.</summary>
    public string Run => System.IO.Path.Combine(Path, "run");

    public string LogFile => System.IO.Path.Combine(Run, "postgres.log");

    /// <summary>Copies of PostgreSQL's programs, where its user cannot reach the originals.</summary>
    public string Programs => System.IO.Path.Combine(Path, "programs");

    /// <summary>Locked by whoever starts or stops the server.</summary>
    public string StartLock => System.IO.Path.Combine(Path, "start.lock");

    /// <summary>Locked, shared, by each process that uses the server, for as long as it does.</summary>
    public string UsersLock => System.IO.Path.Combine(Path, "users.lock");

    /// <summary>On Windows, where the server listens on TCP: the port it had last.</summary>
    public string PortFile => System.IO.Path.Combine(Path, "port");

    /// <summary>On Windows, where any user can reach the port: the password.</summary>
    public string PasswordFile => System.IO.Path.Combine(Path, "password");

    /// <summary>The major version that made the cluster, or null where there is none yet.</summary>
    public int? MajorVersion
    {
        get
        {
            var file = System.IO.Path.Combine(Cluster, "PG_VERSION");
            return File.Exists(file) ? int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : null;
        }
    }

    /// <summary>
    /// Where the socket shall lie: in the data folder, or, if its path is too long or has a comma (which separates hosts in a
    /// connection string), in a short folder named after it.
    /// </summary>
    public string SocketFolder
    {
        get
        {
            var isShort = Encoding.UTF8.GetByteCount(System.IO.Path.Combine(Run, SocketName)) <= LongestSocketPath;
            if (OperatingSystem.IsWindows() || (isShort && Run.IndexOfAny([',', '"']) < 0)) return Run;
            // Root's folder lies where nobody else can take the name first.
            var parent = RunAs.IsRoot ? OperatingSystem.IsMacOS() ? "/var/run" : "/run" : "/tmp";
            return $"{parent}/chantier-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..16]}";
        }
    }

    /// <summary>What PostgreSQL keeps beside its socket against a second server, and a killed one leaves there.</summary>
    public string SocketLock => System.IO.Path.Combine(SocketFolder, SocketName + ".lock");

    /// <summary>Makes the folder if it is missing.</summary>
    public static DataFolder Open(string? path)
    {
        var folder = new DataFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path ?? Default())));
        if (File.Exists(System.IO.Path.Combine(folder.Path, "PG_VERSION")))
        {
            throw new EmbeddedPostgresException(
                $"{folder.Path} is the data directory of a PostgreSQL server: choose another data folder, for Chantier keeps more than that in it.");
        }
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder.Path);
        }
        else if (!Directory.Exists(folder.Path))
        {
            if (System.IO.Path.GetDirectoryName(folder.Path) is { } parent) Directory.CreateDirectory(parent);
            Directory.CreateDirectory(folder.Path, OwnerOnly);
        }
        if (RunAs.IsRoot && !OperatingSystem.IsWindows())
        {
            // PostgreSQL's user must pass through, and what lies inside has rights of its own.
            File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
        return folder;
    }

    private static string Default()
    {
        if (RunAs.IsRoot) return "/var/lib/chantier";
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0
            ? System.IO.Path.Combine(home, "chantier")
            : throw new EmbeddedPostgresException("This user has no home folder: choose a data folder.");
    }
}
