using Chantier.Testing;

namespace Chantier.Benchmarks.Core;

/// <summary>Compares writes to a factory with many claims with writes to factories with few claims, by turns.</summary>
internal sealed class GrowthOfWrites(Tracker tracker, ApiProcess api, CostTable table, CancellationToken cancellation)
{
    private const double GoalOfLatest = 3;

    private const double GoalOfRandom = 10;

    private static readonly string[] Statuses =
    [
        "announced", "under_construction", "commissioning", "operating", "suspended",
    ];

    private static readonly (string Factory, int Publications)[] Large =
    [
        (LongHistories.OfFew, LongHistories.FewPublications),
        (LongHistories.OfMany, LongHistories.ManyPublications),
    ];

    private readonly Random _random = new(1);

    public async Task MeasureAsync()
    {
        foreach (var (factory, publications) in Large)
        {
            var what = $"latest date, {publications} publications";
            await CompareAsync(what, factory, Latest, GoalOfLatest);
        }

        foreach (var (factory, publications) in Large)
        {
            var what = $"random date and publication, {publications} publications";
            await CompareAsync(what, factory, (slug, _) => Random(slug, publications), GoalOfRandom);
        }
    }

    // The status changes with each day, as it is another one than on the day before.
    private static (string Path, string Body) Latest(string factory, int turn)
    {
        var day = new DateOnly(2024, 6, 1).AddDays(turn);
        var status = day.DayNumber % 2 == 0 ? "operating" : "suspended";
        return StatusChanges.Event(factory, status, day, LongHistories.LatestSource);
    }

    private (string Path, string Body) Random(string factory, int publications)
    {
        var publication = 1 + _random.Next(publications) * (LongHistories.ManyPublications / publications);
        var day = new DateOnly(2000, 1, 1).AddDays(_random.Next(7600));
        var status = Statuses[_random.Next(Statuses.Length)];
        return StatusChanges.Event(factory, status, day, $"publication-{publication}");
    }

    private async Task CompareAsync(
        string what, string factory, Func<string, int, (string Path, string Body)> write, double goal)
    {
        using var connection = await HttpConnection.OpenAsync(api.Address, cancellation);
        async Task<double> TimeAsync(string slug, int turn)
        {
            var (path, body) = write(slug, turn);
            return await HttpConnection.TimeAsync(() => connection.PostAsync(path, body, tracker.Key, cancellation));
        }

        var (toSmall, toLarge) = (new List<double>(), new List<double>());
        // The first writes prepare the statements.
        for (var turn = -10; turn < tracker.Effort.TimedWrites; turn++)
        {
            var small = await TimeAsync($"generated-{_random.Next(3, tracker.Effort.Factories + 1)}", turn);
            var large = await TimeAsync(factory, turn);
            if (turn >= 0)
            {
                toSmall.Add(small);
                toLarge.Add(large);
            }
        }

        var ratio = Timing.Median(toLarge) / Timing.Median(toSmall);
        table.Add(
            $"write to a factory with {tracker.Effort.ClaimsOfFactory} claims against one with about 6: {what}",
            $"{Timing.Ratio(ratio)} ({Timing.Text(Timing.Median(toSmall))} → {Timing.Text(Timing.Median(toLarge))})",
            $"≤ {goal} ×",
            ratio <= goal);
    }
}
