using System.Data;
using Chantier.Api.Database;
using Chantier.Testing;
using Dapper;

namespace Chantier.Benchmarks.Core;

/// <summary>
/// Adds what most trackers have somewhere: factories with many claims from few and from many publications, and a source
/// with very many claims.
/// </summary>
internal static class LongHistories
{
    public const int FewPublications = 20;

    public const int ManyPublications = 500;

    /// <summary>The source with very many claims. It was published after all others.</summary>
    public const string LargeSource = "publication-501";

    /// <summary>The source of new writes, which is published last.</summary>
    public const string LatestSource = "publication-502";

    /// <summary>The factory whose claims are from few publications.</summary>
    public const string OfFew = "generated-1";

    /// <summary>The factory whose claims are from many publications.</summary>
    public const string OfMany = "generated-2";

    private const string SourcesSql = """
        create temp table made on commit drop as
        select nextval(pg_get_serial_sequence('source', 'id')) as id, i, date '2005-01-01' + 14 * i as day
        from generate_series(1, 502) i;
        insert into source (id, slug) select id, 'publication-' || i from made;
        insert into slug (kind, slug, resource_id) select 'source', 'publication-' || i, id from made;
        insert into source_version (source_id, version, kind, title, sort_name, published, published_earliest,
          published_latest, recorded_by, known_from)
        select id, 1, 'press', 'Publication ' || i, 'publication ' || i, day::text, day, day, 'benchmark', @at
        from made;
        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, version)
        select @seq + i, @at, 'benchmark', 'created', 'source', id, 1 from made;
        """;

    // The hash stands for chance: the same numbers give the same history.
    private const string ClaimsSql = """
        create temp table said on commit drop as
        select nextval(pg_get_serial_sequence('claim', 'id')) as id, row_number() over (order by f.slug, n) as place,
          f.id as factory_id, f.first_phase_id as phase_id, s.source_id, s.published_latest,
          date '2000-01-01' + (abs(hashint8(n)::bigint) % 7600)::int as day,
          (array['announced', 'permitted', 'under_construction', 'commissioning', 'operating', 'suspended'])
            [1 + abs(hashint8(n + 1000000)::bigint) % 6] as status
        from (values (@few, 20), (@many, 500)) x (slug, publications)
        join factory f on f.slug = x.slug
        cross join generate_series(1, @claims) n
        join source o on o.slug = 'publication-' || 1 + (n % x.publications) * (500 / x.publications)
        join source_version s on s.source_id = o.id;
        insert into claim (id, kind, factory_id, recorded_by, known_from, published_from, published_basis)
        select id, 'status_event', factory_id, 'benchmark', @at, published_latest::timestamp at time zone 'UTC',
          'published'
        from said;
        insert into status_event (claim_id, phase_id, status, date, earliest, latest, date_meaning)
        select id, phase_id, status, day::text, day, day, 'began' from said;
        insert into evidence (claim_id, source_id, recorded_by, known_from)
        select id, source_id, 'benchmark', @at from said;
        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        select @seq + place, @at, 'benchmark', 'created', 'status_event', id, factory_id, 1 from said;
        """;

    private const string EvidenceSql = """
        create temp table cited on commit drop as
        select nextval(pg_get_serial_sequence('evidence', 'id')) as id, c.id as claim_id, c.factory_id, c.place
        from (
          select c.id, c.factory_id, row_number() over (order by c.id) as place
          from claim c where c.recorded_by = 'generator' order by c.id limit @claims) c;
        insert into evidence (id, claim_id, source_id, recorded_by, known_from)
        select id, claim_id, (select id from source where slug = @source), 'benchmark', @at from cited;
        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        select @seq + place, @at, 'benchmark', 'created', 'evidence', id, factory_id, 1 from cited;
        """;

    public static async Task AddAsync(Tracker tracker, CancellationToken cancellation)
    {
        var (ofFactory, ofSource) = (tracker.Effort.ClaimsOfFactory, tracker.Effort.ClaimsOfSource);
        await RecordAsync(tracker, SourcesSql, new(), cancellation);
        await RecordAsync(
            tracker, ClaimsSql, new(new { few = OfFew, many = OfMany, claims = ofFactory }), cancellation);
        await RecordAsync(tracker, EvidenceSql, new(new { source = LargeSource, claims = ofSource }), cancellation);
        await tracker.VacuumAsync(cancellation);
    }

    private static async Task RecordAsync(
        Tracker tracker, string sql, DynamicParameters parameters, CancellationToken cancellation)
    {
        await using var source = TestDatabases.Source(tracker.Database);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.ReadCommitted, cancellation);
        CommandDefinition Command(string text) =>
            new(text, parameters, transaction, commandTimeout: 0, cancellationToken: cancellation);
        var stamp = Command("select last_seq, recorded_at from begin_write()");
        var (seq, at) = await connection.QuerySingleAsync<(long, DateTime)>(stamp);
        parameters.Add("seq", seq);
        parameters.Add("at", at);
        await connection.ExecuteAsync(Command(sql));
        await Projections.AdvanceAsync(connection, transaction, new DateTimeOffset(at), cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
