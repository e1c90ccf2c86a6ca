using System.Globalization;

namespace Chantier.Benchmarks.Core;

/// <summary>
/// Compares how many status events the service records a second with how often pgbench inserts the same four rows of
/// content into copies of the tables, which have the same indexes and rows, but no triggers and no foreign keys.
/// </summary>
internal static class RateOfWrites
{
    private const double Goal = 0.10;

    private const string TablesSql = """
        create schema bare;
        create table bare.claim (like public.claim including all);
        create table bare.evidence (like public.evidence including all);
        create table bare.status_event (like public.status_event including all);
        create table bare.change (like public.change including all);
        insert into bare.claim overriding system value select * from public.claim;
        insert into bare.evidence overriding system value select * from public.evidence;
        insert into bare.status_event select * from public.status_event;
        insert into bare.change select * from public.change;
        create sequence bare.change_seq;
        select setval(pg_get_serial_sequence('bare.claim', 'id'), (select max(id) from bare.claim));
        select setval(pg_get_serial_sequence('bare.evidence', 'id'), (select max(id) from bare.evidence));
        select setval('bare.change_seq', (select max(seq) from bare.change));
        """;

    private const string Script = """
        begin;
        insert into bare.claim (kind, factory_id, recorded_by, known_from, published_from, published_basis)
        values ('status_event', :factory, 'benchmark', clock_timestamp(), '2024-03-29Z', 'published') returning id \gset
        insert into bare.evidence (claim_id, source_id, recorded_by, known_from)
        values (:id, 502, 'benchmark', clock_timestamp());
        insert into bare.status_event (claim_id, phase_id, status, date, earliest, latest, date_meaning)
        values (:id, :factory, 'suspended', '2021-06-01', '2021-06-01', '2021-06-01', 'began');
        insert into bare.change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        values (
          nextval('bare.change_seq'), clock_timestamp(), 'benchmark', 'created', 'status_event', :id, :factory, 1);
        commit;
        """;

    public static async Task MeasureAsync(
        Tracker tracker, StatusChanges changes, CostTable table, CancellationToken cancellation)
    {
        await tracker.QueryAsync<long>(TablesSql, cancellation);
        await tracker.VacuumAsync(cancellation);
        var pgbench = Path.Combine(tracker.Databases.ProgramFolder, "pgbench");
        var script = $"\\set factory random(1, {tracker.Effort.Factories})\n{Script}";
        var time = tracker.Effort.Time;
        await using var api = await tracker.StartAsync(cancellation);
        Task<Measured> BareAsync(int clients) =>
            Pgbench.RunAsync(pgbench, tracker.Database, script, clients, time, cancellation, isReadOnly: false);
        Task<Measured> ServedAsync(int clients) =>
            HttpLoad.RunAsync(api.Address, clients, time, (connection, _) => PostAsync(connection), cancellation);
        Task PostAsync(HttpConnection connection)
        {
            var (path, body) = changes.Next();
            return connection.PostAsync(path, body, tracker.Key, cancellation);
        }

        await BareAsync(8);
        await ServedAsync(8);
        int[] clients = [1, 8];
        var rates = clients.ToDictionary(count => count, _ => new List<(double Bare, double Served)>());
        for (var round = 0; round < tracker.Effort.Rounds; round++)
        {
            foreach (var count in clients)
            {
                rates[count].Add(((await BareAsync(count)).PerSecond, (await ServedAsync(count)).PerSecond));
            }
        }

        foreach (var (count, pairs) in rates)
        {
            var share = Timing.Median(pairs.Select(pair => pair.Served / pair.Bare));
            var served = Timing.Median(pairs.Select(pair => pair.Served));
            var bare = Timing.Median(pairs.Select(pair => pair.Bare));
            table.Add(
                $"writes/s through HTTP as a share of bare, {count} client{(count == 1 ? "" : "s")}",
                string.Create(CultureInfo.InvariantCulture, $"{share:F3} ({served:F0}/s of {bare:F0}/s)"),
                string.Create(CultureInfo.InvariantCulture, $"≥ {Goal:F2}"),
                share >= Goal);
        }
    }
}
