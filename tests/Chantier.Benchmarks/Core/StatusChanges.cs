using System.Globalization;

namespace Chantier.Benchmarks.Core;

/// <summary>Returns actual events, each of which changes the current status of the next factory.</summary>
internal sealed class StatusChanges
{
    private const string FactoriesSql = """
        select slug, status from factory_current
        where slug like 'generated-%' and slug <> all (@slugs)
        order by hashint8(factory_id)
        """;

    // After every event that was generated.
    private static readonly DateOnly First = new(2021, 6, 1);

    private readonly List<(string Slug, string? Status)> _factories;
    private int _count;

    private StatusChanges(List<(string Slug, string? Status)> factories) => _factories = factories;

    public static async Task<StatusChanges> CreateAsync(Tracker tracker, CancellationToken cancellation) => new(
        await tracker.QueryAsync<(string, string?)>(
            FactoriesSql, cancellation, new { slugs = new[] { LongHistories.OfFew, LongHistories.OfMany } }));

    /// <summary>Returns the path and the body of the next request.</summary>
    public (string Path, string Body) Next()
    {
        var (turn, place) = Math.DivRem(Interlocked.Increment(ref _count) - 1, _factories.Count);
        var (slug, status) = _factories[place];
        var isOperating = (status == "operating") == (turn % 2 == 1);
        return Event(slug, isOperating ? "operating" : "suspended", First.AddDays(turn), LongHistories.LatestSource);
    }

    /// <summary>Returns the path and the body of a request that records an event.</summary>
    public static (string Path, string Body) Event(string factory, string status, DateOnly day, string source)
    {
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var sources = $$"""[{"source":"{{source}}"}]""";
        return (
            $"/v1/factories/{factory}/status-events",
            $$"""{"status":"{{status}}","date":"{{date}}","dateMeaning":"began","sources":{{sources}}}""");
    }
}
