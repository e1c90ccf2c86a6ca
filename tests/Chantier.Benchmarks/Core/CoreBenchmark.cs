using Chantier.Testing;

namespace Chantier.Benchmarks.Core;

/// <summary>Measures what writes, growth, disk, reads of the past and imports cost, and prints one table.</summary>
internal static class CoreBenchmark
{
    /// <summary>
    /// Measures everything, or the parts whose name contains a text, and returns how many goals were missed.
    /// </summary>
    public static async Task<int> RunAsync(Effort effort, string? only, CancellationToken cancellation)
    {
        bool IsChosen(string part) => only is null || part.Contains(only, StringComparison.OrdinalIgnoreCase);
        // A write ends when it is on the disk, as in production.
        await using var databases = await TestDatabases.StartAsync(cancellation, areDurable: true);
        await Console.Error.WriteLineAsync($"Generating {effort.Factories} factories …");
        var tracker = await Tracker.CreateAsync(databases, effort, cancellation);
        var load = $"{effort.Rounds} rounds of {effort.Time.TotalSeconds} s of load";
        var table = new CostTable($"{effort.Factories} factories, {load}, medians");
        if (IsChosen("disk"))
        {
            await DiskOfFactory.MeasureAsync(tracker, table, cancellation);
        }

        await Console.Error.WriteLineAsync("Adding long histories …");
        await LongHistories.AddAsync(tracker, cancellation);
        var changes = await StatusChanges.CreateAsync(tracker, cancellation);
        // Always, so that there is earlier knowledge to read.
        await RowsOfWrite.MeasureAsync(tracker, changes, table, cancellation);
        if (IsChosen("rate"))
        {
            await RateOfWrites.MeasureAsync(tracker, changes, table, cancellation);
        }

        if (IsChosen("first"))
        {
            await FirstWrite.MeasureAsync(tracker, changes, table, cancellation);
        }

        if (IsChosen("growth"))
        {
            await using var api = await tracker.StartAsync(cancellation);
            await new GrowthOfWrites(tracker, api, table, cancellation).MeasureAsync();
        }

        if (IsChosen("title"))
        {
            await TitleOfSource.MeasureAsync(tracker, table, cancellation);
        }

        await ReadAsync(tracker, table, IsChosen, cancellation);
        if (IsChosen("imports"))
        {
            await ImportCost.MeasureAsync(tracker, table, cancellation);
        }

        return table.Missed;
    }

    private static async Task ReadAsync(
        Tracker tracker, CostTable table, Func<string, bool> isChosen, CancellationToken cancellation)
    {
        await tracker.VacuumAsync(cancellation);
        var points = await PastPoints.CreateAsync(tracker, cancellation);
        await using var api = await tracker.StartAsync(cancellation);
        var reads = new PastReads(tracker, points, api, table, cancellation);
        if (isChosen("pages"))
        {
            await reads.MeasurePagesAsync();
        }

        if (isChosen("timelines"))
        {
            await reads.MeasureTimelinesAsync();
        }

        if (isChosen("counts"))
        {
            await reads.MeasureCountsAsync();
        }
    }
}
