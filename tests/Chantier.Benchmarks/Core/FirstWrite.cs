namespace Chantier.Benchmarks.Core;

/// <summary>Times the first write of a process that has just become ready.</summary>
internal static class FirstWrite
{
    private const double GoalMilliseconds = 150;

    public static async Task MeasureAsync(
        Tracker tracker, StatusChanges changes, CostTable table, CancellationToken cancellation)
    {
        var times = new List<double>();
        for (var start = 0; start < 3; start++)
        {
            await using var api = await tracker.StartAsync(cancellation);
            using var connection = await HttpConnection.OpenAsync(api.Address, cancellation);
            await connection.GetAsync("/health/ready", cancellation);
            var (path, body) = changes.Next();
            times.Add(await HttpConnection.TimeAsync(
                () => connection.PostAsync(path, body, tracker.Key, cancellation)));
        }

        var median = Timing.Median(times);
        table.Add(
            "first write of a fresh process",
            Timing.Text(median),
            $"≤ {Timing.Text(GoalMilliseconds)}",
            median <= GoalMilliseconds);
    }
}
