using System.Diagnostics;
using System.Globalization;
using Chantier.Testing;

namespace Chantier.Benchmarks;

/// <summary>What the axis of knowledge costs: each list as it is, at a moment of knowledge, and as was published by then, in turns.</summary>
internal static class Axes
{
    private static readonly string[] Lists =
    [
        "",
        "sort=-name",
        "sort=updatedAt",
        "sort=-updatedAt",
        "sort=createdAt",
        "sort=statusSince",
        "sort=-statusSince",
        "sort=lastConfirmedOn",
        "sort=-lastConfirmedOn",
        "status=operating",
        "status=operating,suspended&country=FR",
        "stage=building",
        "country=FR",
        "sector=battery_cells",
        "country=FR&sector=battery_cells&status=cancelled",
        "region=land-3",
        "region=land-3-part-4",
        "region=land-3&status=operating",
        "region=land-3,land-4-part-4",
        "operator=generated-operator-5",
        "q=batterie",
        "q=fonderie%20ville%2077",
        "bbox=2,48,3,49",
        "near=2.38,51.03&radiusKm=50",
        "hasMedia=true",
        "slug=generated-1,generated-2,generated-3",
    ];

    // Half of what is generated was published by then.
    private const string Half = "2021-05-15";

    /// <summary>Prints the medians and their ratios, infinite where the service gives up; returns how many exceed what the contract allows.</summary>
    public static async Task<int> CompareAsync(string database, int rounds, string? only, CancellationToken cancellation)
    {
        const double Allowed = 5;
        await using var api = await ApiProcess.StartAsync(database, cancellation);
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { BaseAddress = api.Address, Timeout = TimeSpan.FromMinutes(5) };
        var known = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string[] axes = ["", $"&knownAt={known}", $"&publishedUntil={known[..10]}", $"&publishedUntil={Half}"];
        var exceeding = 0;
        Console.WriteLine("| list | now ms | recorded | published | published, half of it |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var list in Lists.Where(list => only is null || list.Contains(only, StringComparison.Ordinal)))
        {
            var taken = axes.Select(_ => new List<double>()).ToArray();
            // The first rounds prepare the statements and warm what they read.
            for (var round = -6; round < rounds; round++)
            {
                for (var axis = 0; axis < axes.Length; axis++)
                {
                    var started = Stopwatch.GetTimestamp();
                    using var response = await client.GetAsync(new Uri($"/v1/factories?limit=50&{list}{axes[axis]}".Replace("?&", "?", StringComparison.Ordinal), UriKind.Relative), cancellation);
                    await response.Content.ReadAsByteArrayAsync(cancellation);
                    if (!response.IsSuccessStatusCode)
                    {
                        taken[axis].Add(double.PositiveInfinity);
                    }
                    else if (round >= 0)
                    {
                        taken[axis].Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                    }
                }
            }

            var now = Median(taken[0]);
            var ratios = taken.Skip(1).Select(times => Median(times) / now).ToArray();
            exceeding += ratios.Any(ratio => ratio > Allowed) ? 1 : 0;
            Console.WriteLine($"| {(list.Length == 0 ? "all" : list)} | {now:F2} | {string.Join(" | ", ratios.Select(ratio => ratio.ToString("F1", CultureInfo.InvariantCulture)))} |");
        }

        return exceeding;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
