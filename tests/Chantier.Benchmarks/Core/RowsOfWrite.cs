using System.Globalization;

namespace Chantier.Benchmarks.Core;

/// <summary>Counts the rows that one status event writes, by the statistics of the tables.</summary>
internal static class RowsOfWrite
{
    private const double Goal = 25;

    private const string RowsSql = """
        select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_user_tables where schemaname = 'public'
        """;

    private const string ClientsSql = """
        select count(*) from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
        """;

    public static async Task MeasureAsync(
        Tracker tracker, StatusChanges changes, CostTable table, CancellationToken cancellation)
    {
        var before = (await RowsAsync(tracker, cancellation)).ToDictionary(row => row.Table, row => row.Rows);
        await using (var api = await tracker.StartAsync(cancellation))
        {
            using var connection = await HttpConnection.OpenAsync(api.Address, cancellation);
            for (var i = 0; i < tracker.Effort.CountedWrites; i++)
            {
                var (path, body) = changes.Next();
                await connection.PostAsync(path, body, tracker.Key, cancellation);
            }
        }

        var rows = (await RowsAsync(tracker, cancellation))
            .Select(row => (row.Table, PerWrite: (row.Rows - before[row.Table]) / (double)tracker.Effort.CountedWrites))
            .Where(row => row.PerWrite >= 0.05)
            .OrderByDescending(row => row.PerWrite)
            .ToList();
        var sum = rows.Sum(row => row.PerWrite);
        var parts = rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Table} {row.PerWrite:0.#}"));
        table.Add(
            "rows written by one status event",
            string.Create(CultureInfo.InvariantCulture, $"{sum:F1} ({string.Join(", ", parts)})"),
            $"≤ {Goal}",
            sum <= Goal);
    }

    // A session reports what it wrote when it ends, at the latest.
    private static async Task<List<(string Table, long Rows)>> RowsAsync(
        Tracker tracker, CancellationToken cancellation)
    {
        while ((await tracker.QueryAsync<long>(ClientsSql, cancellation))[0] > 0)
        {
            await Task.Delay(100, cancellation);
        }

        return await tracker.QueryAsync<(string, long)>(RowsSql, cancellation);
    }
}
