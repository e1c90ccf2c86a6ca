using System.Globalization;

namespace Chantier.Benchmarks.Core;

/// <summary>
/// Measures how much disk a factory takes, with the indexes of its tables, and how much of it is for projections.
/// </summary>
internal static class DiskOfFactory
{
    private const double Goal = 12_000;

    private const double GoalOfProjections = 5_000;

    private const string SizesSql = """
        select relname, pg_total_relation_size(oid) from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' order by 2 desc
        """;

    private static readonly string[] Projections =
    [
        "factory_current", "status_span", "capacity_span", "factory_text", "search_entry", "search_word",
        "region_closure", "factory_merged",
    ];

    public static async Task MeasureAsync(Tracker tracker, CostTable table, CancellationToken cancellation)
    {
        await tracker.VacuumAsync(cancellation);
        var sizes = (await tracker.QueryAsync<(string Table, long Bytes)>(SizesSql, cancellation))
            .ConvertAll(size => (size.Table, Bytes: size.Bytes / (double)tracker.Effort.Factories));
        var canonical = sizes.FindAll(size => !Projections.Contains(size.Table));
        var projections = sizes.FindAll(size => Projections.Contains(size.Table));
        Add(table, "disk a factory", canonical, sizes.Sum(size => size.Bytes), Goal);
        Add(table, "disk a factory, projections", projections, projections.Sum(size => size.Bytes), GoalOfProjections);
    }

    private static void Add(
        CostTable table, string what, List<(string Table, double Bytes)> largest, double sum, double goal)
    {
        var parts = largest.Take(7).Select(size => $"{size.Table} {Text(size.Bytes)}");
        table.Add(what, $"{Text(sum)} kB ({string.Join(", ", parts)})", $"≤ {goal / 1000:F0} kB", sum <= goal);
    }

    private static string Text(double bytes) => (bytes / 1000).ToString("F1", CultureInfo.InvariantCulture);
}
