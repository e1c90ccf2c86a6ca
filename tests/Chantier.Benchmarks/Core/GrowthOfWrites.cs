namespace Chantier.Benchmarks.Core;

/// <summary>Compares a write to a factory with many claims with one to a factory with few, by turns.</summary>
internal static class GrowthOfWrites
{
    private const double GoalOfLatest = 3;

    private const double GoalOfRandom = 10;

    private static readonly string[] Statuses = ["announced", "under_construction", "commissioning", "operating", "suspended"];

    public static async Task MeasureAsync(Tracker tracker, CostTable table, CancellationToken cancellation)
    {
        await using var api = await tracker.StartAsync(cancellation);
        using var connection = await HttpConnection.OpenAsync(api.Address, cancellation);
        var random = new Random(1);
        var day = new DateOnly(2024, 1, 1);
        string Small() => $"generated-{random.Next(3, tracker.Effort.Factories + 1)}";
        string Status() => Statuses[random.Next(Statuses.Length)];

        // The status changes with each day, as it is another one than on the day before.
        (string, string) Latest(string factory) =>
            StatusChanges.Event(factory, day.DayNumber % 2 == 0 ? "operating" : "suspended", day, LongHistories.LatestSource);
        (string, string) Random(string factory, int publications) => StatusChanges.Event(
            factory,
            Status(),
            new DateOnly(2000, 1, 1).AddDays(random.Next(7600)),
            $"publication-{1 + random.Next(publications) * (LongHistories.ManyPublications / publications)}");
        async Task<double> TimeAsync((string Path, string Body) write) =>
            await HttpConnection.TimeAsync(() => connection.PostAsync(write.Path, write.Body, tracker.Key, cancellation));

        var (latest, scattered) = (new Times(), new Times());
        for (var turn = -tracker.Effort.TimedWrites / 2; turn < tracker.Effort.TimedWrites; turn++)
        {
            var (l, s) = turn < 0 ? (new Times(), new Times()) : (latest, scattered);
            l.Small.Add(await TimeAsync(Latest(Small())));
            l.OfFew.Add(await TimeAsync(Latest(LongHistories.OfFew)));
            l.OfMany.Add(await TimeAsync(Latest(LongHistories.OfMany)));
            day = day.AddDays(1);
            s.Small.Add(await TimeAsync(Random(Small(), LongHistories.ManyPublications)));
            s.OfFew.Add(await TimeAsync(Random(LongHistories.OfFew, LongHistories.FewPublications)));
            s.OfMany.Add(await TimeAsync(Random(LongHistories.OfMany, LongHistories.ManyPublications)));
        }

        void Add(string what, List<double> few, List<double> many, double goal)
        {
            var (small, large) = (Timing.Median(few), Timing.Median(many));
            table.Add(
                $"write to a factory with {tracker.Effort.ClaimsOfFactory} claims against one with about 6: {what}",
                $"{Timing.Ratio(large / small)} ({Timing.Text(small)} → {Timing.Text(large)})",
                $"≤ {goal} ×",
                large / small <= goal);
        }

        Add($"latest date, {LongHistories.FewPublications} publications", latest.Small, latest.OfFew, GoalOfLatest);
        Add($"latest date, {LongHistories.ManyPublications} publications", latest.Small, latest.OfMany, GoalOfLatest);
        Add($"random date and publication, {LongHistories.FewPublications} publications", scattered.Small, scattered.OfFew, GoalOfRandom);
        Add($"random date and publication, {LongHistories.ManyPublications} publications", scattered.Small, scattered.OfMany, GoalOfRandom);
    }

    private sealed class Times
    {
        public List<double> Small { get; } = [];

        public List<double> OfFew { get; } = [];

        public List<double> OfMany { get; } = [];
    }
}
