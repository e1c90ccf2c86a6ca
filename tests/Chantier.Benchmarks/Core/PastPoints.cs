using System.Globalization;

namespace Chantier.Benchmarks.Core;

/// <summary>Random points on the axes of time, as parameters of a request.</summary>
internal sealed class PastPoints
{
    private const string MomentsSql = """
        select recorded_at from (select distinct recorded_at from change where resource_type <> 'day') x order by recorded_at
        """;

    private static readonly DateOnly FirstDay = new(2012, 6, 1);

    private static readonly DateOnly LastDay = new(2024, 1, 1);

    private static readonly DateOnly FirstPublication = new(2020, 2, 1);

    private PastPoints(List<string> recorded, List<string> published) => (Recorded, Published) = (recorded, published);

    /// <summary>Pairs of asOf and knownAt.</summary>
    public List<string> Recorded { get; }

    /// <summary>Pairs of asOf and publishedUntil.</summary>
    public List<string> Published { get; }

    public static async Task<PastPoints> CreateAsync(Tracker tracker, CancellationToken cancellation)
    {
        var moments = await tracker.QueryAsync<DateTime>(MomentsSql, cancellation);
        var random = new Random(1);
        DateOnly Day(DateOnly from) => from.AddDays(random.Next(LastDay.DayNumber - from.DayNumber));
        string Recorded() => string.Create(
            CultureInfo.InvariantCulture, $"asOf={Day(FirstDay):yyyy-MM-dd}&knownAt={moments[random.Next(moments.Count)]:yyyy-MM-ddTHH:mm:ss.ffffffZ}");
        string Published() => string.Create(
            CultureInfo.InvariantCulture, $"asOf={Day(FirstDay):yyyy-MM-dd}&publishedUntil={Day(FirstPublication):yyyy-MM-dd}");
        return new(
            [.. Enumerable.Range(0, tracker.Effort.Points).Select(_ => Recorded())],
            [.. Enumerable.Range(0, tracker.Effort.Points).Select(_ => Published())]);
    }
}
