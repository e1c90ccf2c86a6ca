namespace Chantier.Benchmarks.Core;

/// <summary>Says how large the tracker is, and how long it is measured.</summary>
internal sealed record Effort
{
    public required int Factories { get; init; }

    /// <summary>In each of so many rounds of load, the bare database and the service take turns.</summary>
    public int Rounds { get; init; } = 5;

    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The rows of so many writes are counted.</summary>
    public int CountedWrites { get; init; } = 300;

    /// <summary>So many writes of each kind are timed.</summary>
    public int TimedWrites { get; init; } = 40;

    /// <summary>A factory with a long history has so many claims.</summary>
    public int ClaimsOfFactory { get; init; } = 2000;

    /// <summary>The largest source supports so many claims.</summary>
    public int ClaimsOfSource { get; init; } = 23_000;

    /// <summary>Reads of the past are measured at so many random points of time.</summary>
    public int Points { get; init; } = 12;

    /// <summary>Each request is timed so many times.</summary>
    public int Samples { get; init; } = 9;

    /// <summary>The largest import has so many rows.</summary>
    public int ImportedRows { get; init; } = 50_000;

    /// <summary>Returns the effort of a trial, which shows that everything runs.</summary>
    public static Effort OfTest() => new()
    {
        Factories = 500,
        Rounds = 1,
        Time = TimeSpan.FromSeconds(1),
        CountedWrites = 20,
        TimedWrites = 2,
        ClaimsOfFactory = 200,
        ClaimsOfSource = 1000,
        Points = 2,
        Samples = 1,
        ImportedRows = 500,
    };
}
