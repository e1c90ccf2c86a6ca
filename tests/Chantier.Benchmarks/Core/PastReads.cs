using Chantier.Testing;

namespace Chantier.Benchmarks.Core;

/// <summary>Times reads of the past: pages with each filter beside the current page, and the statistics.</summary>
internal sealed class PastReads(
    Tracker tracker, PastPoints points, ApiProcess api, CostTable table, CancellationToken cancellation)
{
    private const int WarmUps = 6;

    private const int Many = 100_000;

    // For each filter, values that many factories have and values that few have.
    private static readonly (string Filter, string[] Lists)[] Pages =
    [
        ("no filter", [""]),
        ("country", ["&country=FR", "&country=FR,DE,PT"]),
        ("status", ["&status=operating", "&status=suspended", "&status=announced"]),
        ("sector", ["&sector=battery_cells"]),
        ("region", ["&region=land-3", "&region=land-3-part-4"]),
        ("operator", ["&operator=generated-operator-5"]),
        ("q", ["&q=batterie", "&q=fonderie%20ville%2077"]),
        ("bbox", ["&bbox=2,48,3,49", "&bbox=-5,40,15,55"]),
    ];

    private static readonly (string Name, string Path)[] Timelines =
    [
        ("counts", "/v1/stats/timeline?interval=month&limit=1000&measure=count&groupBy=status"),
        ("capacity", "/v1/stats/timeline?interval=month&limit=1000&measure=capacity&groupBy=status"),
        ("counts and capacity", "/v1/stats/timeline?interval=month&limit=1000&measure=count,capacity&groupBy=status"),
    ];

    public async Task MeasurePagesAsync()
    {
        foreach (var (filter, lists) in Pages)
        {
            foreach (var (kind, pairs) in points.ByKind)
            {
                var pages = new List<PastPage>();
                foreach (var list in lists)
                {
                    var path = $"/v1/factories?limit=50{list}";
                    var times = await TimeAsync([path, .. pairs.Select(pair => $"{path}&{pair}")]);
                    pages.AddRange(pairs.Zip(
                        times.Skip(1), (pair, past) => new PastPage($"{list}&{pair}"[1..], times[0], past)));
                }

                var worst = pages.MaxBy(page => page.Excess)!;
                var measured = $"{Timing.Ratio(worst.Ratio)}, {Timing.Text(worst.Past)}";
                table.Add(
                    $"page of 50 at any {kind}, {filter}",
                    $"{measured} ({Timing.Text(worst.Now)} now; {worst.Query})",
                    $"≤ {PastPage.GoalRatio} × or ≤ {PastPage.GoalMilliseconds} ms",
                    worst.Excess <= 1);
            }
        }
    }

    public async Task MeasureTimelinesAsync()
    {
        var goal = tracker.Effort.Factories > Many ? 2000.0 : 100;
        foreach (var (name, path) in Timelines)
        {
            await MeasureAsync($"20 years by month, {name}", path, $"≤ {goal} ms", goal);
        }
    }

    public Task MeasureCountsAsync()
    {
        const string Path = "/v1/stats/factories?groupBy=country,status&limit=1000";
        return MeasureAsync("counts by country and status", Path, "≤ 600 ms at 1,000,000", 600);
    }

    private async Task MeasureAsync(string what, string path, string goal, double milliseconds)
    {
        foreach (var (kind, pairs) in points.ByKind)
        {
            var times = await TimeAsync([path, .. pairs.Select(pair => $"{path}&{pair}")]);
            var worst = times.Skip(1).Max();
            var pair = pairs[times.IndexOf(worst) - 1];
            table.Add(
                $"{what}, any {kind}",
                $"{Timing.Text(worst)} ({Timing.Text(times[0])} now; {pair})",
                goal,
                worst <= milliseconds);
        }
    }

    // The requests are sent by turns, so that what else the machine does meets each alike.
    private async Task<List<double>> TimeAsync(List<string> paths)
    {
        using var connection = await HttpConnection.OpenAsync(api.Address, cancellation);
        var times = paths.ConvertAll(_ => new List<double>());
        for (var turn = -WarmUps; turn < tracker.Effort.Samples; turn++)
        {
            foreach (var (path, taken) in paths.Zip(times))
            {
                var time = await HttpConnection.TimeAsync(() => connection.GetAsync(path, cancellation));
                if (turn >= 0)
                {
                    taken.Add(time);
                }
            }
        }

        return times.ConvertAll(Timing.Median);
    }

    /// <summary>Compares a page of the past with the same page of the present. It may miss one of two goals.</summary>
    private sealed record PastPage(string Query, double Now, double Past)
    {
        public const double GoalRatio = 5;

        public const double GoalMilliseconds = 20;

        public double Ratio => Past / Now;

        /// <summary>Up to 1, it meets one of the goals.</summary>
        public double Excess => Math.Min(Ratio / GoalRatio, Past / GoalMilliseconds);
    }
}
