using System.Globalization;

namespace Chantier.Benchmarks.Core;

/// <summary>Holds random points of time, as parameters of a request.</summary>
internal sealed class PastPoints
{
    private const string MomentsSql = """
        select distinct recorded_at from change where resource_type <> 'day' order by recorded_at
        """;

    private static readonly DateOnly FirstDay = new(2012, 6, 1);

    private static readonly DateOnly LastDay = new(2024, 1, 1);

    private static readonly DateOnly FirstPublication = new(2020, 2, 1);

    private PastPoints(List<string> recorded, List<string> published) => ByKind =
    [
        ("asOf and knownAt", recorded),
        ("asOf and publishedUntil", published),
    ];

    /// <summary>Both kinds of knowledge have as many points.</summary>
    public IReadOnlyList<(string Kind, List<string> Points)> ByKind { get; }

    public static async Task<PastPoints> CreateAsync(Tracker tracker, CancellationToken cancellation)
    {
        var moments = await tracker.QueryAsync<DateTime>(MomentsSql, cancellation);
        var random = new Random(1);
        DateOnly Day(DateOnly from) => from.AddDays(random.Next(LastDay.DayNumber - from.DayNumber));
        DateTime Moment() => moments[random.Next(moments.Count)];
        string AsOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"asOf={day:yyyy-MM-dd}");
        string Recorded() => AsOf(Day(FirstDay)) + string.Create(
            CultureInfo.InvariantCulture, $"&knownAt={Moment():yyyy-MM-ddTHH:mm:ss.ffffffZ}");
        string Published() => AsOf(Day(FirstDay)) + string.Create(
            CultureInfo.InvariantCulture, $"&publishedUntil={Day(FirstPublication):yyyy-MM-dd}");
        var count = tracker.Effort.Points;
        return new(
            [.. Enumerable.Range(0, count).Select(_ => Recorded())],
            [.. Enumerable.Range(0, count).Select(_ => Published())]);
    }
}
