using Chantier.Api.Database;

namespace Chantier.Api.Http;

/// <summary>What a list handler hands over: the statement of the page, and what to do around it.</summary>
internal sealed record ListSpec<T>
{
    public required TimeAxes Axes { get; init; }

    public required ListQuery Query { get; init; }

    public required SelectSql Sql { get; init; }

    /// <summary>The statement of the page, from the same parts as Sql.</summary>
    public required string Page { get; init; }

    /// <summary>Whether it reads so much that it is planned for what it asks each time, and given room.</summary>
    public bool ReadsMuch { get; init; }

    /// <summary>Fills what include= asks for, by one statement for each, in the snapshot of the page.</summary>
    public Func<Snapshot, IReadOnlyList<T>, Task>? Embed { get; init; }

    /// <summary>How many items of each kind the whole list has, where its rows carry that.</summary>
    public Func<IReadOnlyList<T>, IReadOnlyDictionary<string, long>>? Counts { get; init; }

    /// <summary>The last day of a series, where it stops before the day that was asked for.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>
    /// Asked only when the first page is empty: was a name in the request wrong, or is there really nothing?
    /// </summary>
    public Func<Snapshot, Task<IResult?>>? WhenEmpty { get; init; }

    /// <summary>Writes the page in a shape of its own; else the format does.</summary>
    public Func<Page<T>, IResult>? Write { get; init; }

    /// <summary>What include= asks for, and where each is a list of its own, for formats that cannot embed.</summary>
    public IReadOnlyDictionary<string, string> Included { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<Format> Formats { get; init; } = Format.Plain;

    /// <summary>
    /// How many items a walk may see; for orders that an index cannot take up where a cursor left off.
    /// </summary>
    public int DepthCap { get; init; } = int.MaxValue;
}

/// <summary>A part of a list that a noun reads by itself.</summary>
/// <param name="Items">The items.</param>
/// <param name="Next">The keys where the next page begins; null on the last.</param>
/// <param name="After">The entry of the log that it tells up to.</param>
internal sealed record Walked<T>(IReadOnlyList<T> Items, IReadOnlyList<string>? Next, long? After);
