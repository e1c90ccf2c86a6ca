namespace Chantier.EmbeddedPostgres;

/// <summary>Where the private PostgreSQL keeps its data, where its programs are looked for, and how it is set.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>
    /// The folder that holds all that belongs to this server and nothing else; made when missing. Two programs that name
    /// the same folder share one server. Default: <c>chantier</c> in the per-user data folder of the system, and
    /// <c>/var/lib/chantier</c> for root.
    /// </summary>
    public string? DataFolder { get; init; }

    /// <summary>
    /// Server settings by name, given to PostgreSQL as <c>-c name=value</c>; they win over the defaults of this library,
    /// but cannot change where the server listens. A server that already runs keeps the settings it was started with.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a start may take, waiting for another program that starts the same server included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Folders with PostgreSQL's programs, to be looked at instead of <c>PATH</c> and the usual install folders.
    /// A <c>*</c> stands for any part of one folder name.
    /// </summary>
    public IReadOnlyList<string>? ProgramFolders { get; init; }

    /// <summary>
    /// The folder with the packages <c>@embedded-postgres/(os)-(arch)</c>, used where no PostgreSQL is installed.
    /// Default: beside the running program, then where the build restored them.
    /// </summary>
    public string? PackagesFolder { get; init; }

    /// <summary>Receives one line for each thing worth telling: made, found running, started, stopped.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>True skips whatever makes data safe at the cost of time: for tests, whose data nobody misses.</summary>
    internal bool IsThrowAway => Settings.TryGetValue("fsync", out var fsync) && fsync is "off" or "false" or "no" or "0";
}
