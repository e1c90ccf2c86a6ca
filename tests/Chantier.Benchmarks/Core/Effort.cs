namespace Chantier.Benchmarks.Core;

/// <summary>How large the tracker is, and how long it is measured.</summary>
internal sealed record Effort
{
    public required int Factories { get; init; }

    /// <summary>How many rounds of load there are; in each, the bare database and the service take turns.</summary>
    public int Rounds { get; init; } = 5;

    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many writes are counted, or timed one by one.</summary>
    public int CountedWrites { get; init; } = 300;

    public int TimedWrites { get; init; } = 40;

    /// <summary>How many claims a factory with a long history has.</summary>
    public int ClaimsOfFactory { get; init; } = 2000;

    /// <summary>How many claims the source with many claims has.</summary>
    public int ClaimsOfSource { get; init; } = 23_000;

    /// <summary>How many random points on the axes are read, and how often each.</summary>
    public int Points { get; init; } = 12;

    public int Samples { get; init; } = 9;

    /// <summary>Everything once, to show that it runs.</summary>
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
    };
}
