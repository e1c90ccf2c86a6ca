using System.Globalization;
using Npgsql;

namespace Chantier.Benchmarks.Core;

/// <summary>Measures how imports grow with their rows and with the tracker, and how long others wait for one.</summary>
internal static class ImportCost
{
    private const double GoalOfTwice = 2.2;
    private const double GoalOfTracker = 1.3;
    private const double GoalMilliseconds = 10_000;

    // How many times more companies the larger tracker has.
    private const int TimesCompanies = 20;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(20);

    public static async Task MeasureAsync(Tracker tracker, CostTable table, CancellationToken cancellation)
    {
        await MeasureGrowthAsync(tracker, table, cancellation);
        await MeasureWaitAsync(tracker, table, cancellation);
    }

    private static async Task MeasureGrowthAsync(Tracker tracker, CostTable table, CancellationToken cancellation)
    {
        var rows = tracker.Effort.ImportedRows / 5;
        var small = await tracker.Databases.CreateAsync(cancellation);
        var large = await tracker.Databases.CreateAsync(cancellation);
        var companies = Math.Max(1, rows / TimesCompanies);
        await Imports.RunAsync(small, companies, firstId: 10_000_001, cancellation, companies);
        var many = companies * TimesCompanies;
        await Imports.RunAsync(large, many, firstId: 10_000_001, cancellation, many);
        var times = (Once: new List<double>(), Twice: new List<double>(), Larger: new List<double>());
        for (var round = 0; round < 3; round++)
        {
            times.Once.Add(await TimeAsync(small, rows));
            times.Larger.Add(await TimeAsync(large, rows));
            times.Twice.Add(await TimeAsync(small, 2 * rows));
        }

        // Into a copy, so that each import meets the same.
        async Task<double> TimeAsync(string template, int count)
        {
            var copy = await tracker.Databases.CopyAsync(new NpgsqlConnectionStringBuilder(template).Database!, cancellation);
            var (took, _) = await Imports.RunAsync(copy, count, firstId: 1, cancellation);
            await tracker.Databases.DropAsync(copy);
            return took.TotalMilliseconds;
        }

        // Other load on the machine only adds to a time.
        var once = times.Once.Min();
        var (twice, larger) = (times.Twice.Min() / once, times.Larger.Min() / once);
        var text = rows.ToString("N0", CultureInfo.InvariantCulture);
        table.Add(
            $"import of {text} rows ({Timing.Text(once)}): of twice the rows",
            Timing.Ratio(twice),
            $"≤ {Timing.Ratio(GoalOfTwice)}",
            twice <= GoalOfTwice);
        table.Add(
            $"the same rows into a tracker with {TimesCompanies} times the companies",
            Timing.Ratio(larger),
            $"≤ {Timing.Ratio(GoalOfTracker)}",
            larger <= GoalOfTracker);
    }

    private static async Task MeasureWaitAsync(Tracker tracker, CostTable table, CancellationToken cancellation)
    {
        await using var api = await tracker.StartAsync(cancellation);
        using var connection = await HttpConnection.OpenAsync(api.Address, cancellation);
        var import = Imports.RunAsync(tracker.Database, tracker.Effort.ImportedRows, firstId: 1, cancellation);
        var (count, longest) = (0, 0.0);
        while (!import.IsCompleted)
        {
            // An answer other than 2xx, such as 503, ends the measurement.
            var body = $$"""{"name":"Writer {{count}}"}""";
            var took = await HttpConnection.TimeAsync(
                () => connection.PostAsync("/v1/operators", body, tracker.Key, cancellation));
            longest = Math.Max(longest, took);
            count++;
            await Task.Delay(BetweenWrites, cancellation);
        }

        var whole = (await import).Took.TotalMilliseconds;
        var rows = tracker.Effort.ImportedRows.ToString("N0", CultureInfo.InvariantCulture);
        table.Add(
            $"import of {rows} rows ({Timing.Text(whole)}): longest wait of another writer, none of {count} refused",
            Timing.Text(longest),
            $"≤ {Timing.Text(GoalMilliseconds)}",
            longest <= GoalMilliseconds);
    }
}
