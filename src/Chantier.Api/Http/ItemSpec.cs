using Dapper;

namespace Chantier.Api.Http;

/// <summary>
/// How one resource is read: by the request that asks for it, and by the write that has just changed it.
/// </summary>
internal sealed record ItemSpec<T>
{
    /// <summary>The axes that the statement is bound to. After a write they are those of the present.</summary>
    public TimeAxes Axes { get; init; } = new();

    public required string Sql { get; init; }

    public required DynamicParameters Parameters { get; init; }

    public required Func<T, int> Version { get; init; }

    /// <summary>What further statements add; null where the row is all.</summary>
    public Func<Snapshot, T, Task>? Embed { get; init; }
}
