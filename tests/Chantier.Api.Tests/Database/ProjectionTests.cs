using Chantier.Testing;
using CsCheck;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Database;

/// <summary>What each write brings up to date is what a rebuild makes from the claims, row for row, and what the rules say of every moment.</summary>
public sealed class ProjectionTests(PostgresFixture postgres)
{
    private const int Histories = 4;

    private static readonly string[] Kinds =
    [
        "factory", "factory", "factory revised", "factory deleted", "phase", "phase deleted", "region", "region revised", "region revised", "region deleted",
        "operator", "operator revised", "operator deleted", "source", "source revised", "source deleted", "media", "media deleted", "evidence", "evidence ended",
        "status_event", "status_event", "status_event", "status_event", "status_event", "figure", "figure", "role", "role", "location", "depiction", "membership", "region membership", "ownership",
        "superseded", "superseded", "superseded", "retracted", "retracted", "merge", "merge", "unmerged",
    ];

    private static readonly Gen<Op> Ops = Gen.Select(Gen.OneOf(Kinds), Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999], (what, a, b, c) => new Op(what, a, b, c));

    // Mostly one thing a write, sometimes many under one stamp, as an import does.
    private static readonly Gen<Op[][]> Writes = Gen.Frequency((8, Ops.Array[1]), (2, Ops.Array[2, 4]), (1, Ops.Array[20])).Array[80];

    private static readonly Op[] Beginning =
    [
        .. from what in new[] { "source", "region", "operator", "media", "factory" } from n in Enumerable.Range(0, 5) select new Op(what, n, n, n),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_rebuild_from_the_claims_gives_what_the_writes_gave() => Writes.SampleAsync(
        async writes =>
        {
            await using var source = TestDatabases.Source(await DatabaseAsync());
            await using var connection = await source.OpenConnectionAsync(Token);
            foreach (var some in writes.Prepend(Beginning).Chunk(20))
            {
                foreach (var write in some)
                {
                    await WriteAsync(connection, write);
                }

                // As the server would by itself, after a while.
                await connection.ExecuteAsync(new CommandDefinition("analyze;", cancellationToken: Token));
            }

            await connection.ExecuteAsync(new CommandDefinition("vacuum analyze", cancellationToken: Token));
            await AssertNoneAsync(connection, RepeatedSql);
            // For arrays of a length that is not known when they are planned.
            await connection.ExecuteAsync(new CommandDefinition("set enable_nestloop = off", cancellationToken: Token));
            await AssertNoneAsync(connection, CoursesSql("recorded", "factory_state"));
            await AssertNoneAsync(connection, CoursesSql("published", "published_state"));
            await AssertNoneAsync(connection, RecordedSql);
            await AssertNoneAsync(connection, PublishedSql);
            await AssertNoneAsync(connection, TurnsSql);
            await connection.ExecuteAsync(new CommandDefinition("reset enable_nestloop", cancellationToken: Token));
            await AssertNoneAsync(connection, RebuiltSql);
        },
        iter: Histories,
        threads: 1);

    private Task<string> DatabaseAsync() => postgres.CopyOfAsync(
        "random_writes",
        async database =>
        {
            using var reader = new StreamReader(typeof(ProjectionTests).Assembly.GetManifestResourceStream("random_writes.sql")!);
            await World.ExecuteAsync(database, await reader.ReadToEndAsync(Token));
        },
        Token);

    private static async Task WriteAsync(NpgsqlConnection connection, Op[] ops)
    {
        await using var transaction = await connection.BeginTransactionAsync(Token);
        var parameters = new { whats = ops.Select(o => o.What).ToArray(), a = ops.Select(o => o.A).ToArray(), b = ops.Select(o => o.B).ToArray(), c = ops.Select(o => o.C).ToArray() };
        await connection.ExecuteAsync(new CommandDefinition(WriteSql, parameters, transaction, cancellationToken: Token));
        await transaction.CommitAsync(Token);
    }

    private static async Task AssertNoneAsync(NpgsqlConnection connection, string sql)
    {
        var rows = (await connection.QueryAsync<string>(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: Token))).ToList();
        Assert.True(rows.Count == 0, string.Join('\n', rows));
    }

    private const string WriteSql = """
        create temp table stamp on commit drop as select recorded_at as at from take_write_stamp();
        select random_write(o.what, stamp.at, o.a, o.b, o.c) from stamp, unnest(@whats, @a, @b, @c) with ordinality as o (what, a, b, c, n) order by o.n;
        select advance_projections(at) from stamp;
        """;

    // Neighbours that say the same are one.
    private const string RepeatedSql = """
        select 'status_span ' || to_jsonb(s)::text from status_span s
        join status_span n on n.factory_id = s.factory_id and n.known_by = s.known_by and n.region_id = s.region_id and n.sort_name = s.sort_name
          and n.valid_from = s.valid_from and n.valid_to = s.valid_to and n.status is not distinct from s.status and n.since_claim_id is not distinct from s.since_claim_id
          and n.known_from = s.known_to
        union all
        select 'factory_text ' || to_jsonb(s)::text from factory_text s
        join factory_text n on n.factory_id = s.factory_id and n.text = s.text and n.known_from = s.known_to
        union all
        select 'region_closure ' || to_jsonb(s)::text from region_closure s
        join region_closure n on n.region_id = s.region_id and n.ancestor_id = s.ancestor_id and n.depth = s.depth and n.known_from = s.known_to
        union all
        select 'factory_merged ' || to_jsonb(s)::text from factory_merged s
        join factory_merged n on n.loser_id = s.loser_id and n.survivor_id = s.survivor_id and n.known_from = s.known_to;
        """;

    // At every stamp, every factory: its state and its spans are those that the rules derive for that moment.
    private const string RecordedSql = """
        with asked as (
          select array_agg(f.id order by f.id, s.at) as factories, array_agg(s.at order by f.id, s.at) as ats
          from factory f cross join (select distinct recorded_at as at from change) s
        ), derived as (
          select d.factory_id, d.at, to_jsonb(d) - 'n' - 'at' || jsonb_build_object('capacity_course', c.course) as content
          from asked cross join lateral factory_state_at('recorded', asked.factories, asked.ats) d
          left join lateral capacity_course('recorded', asked.factories, asked.ats) c on c.n = d.n
        ), kept as (
          select t.factory_id, s.at, to_jsonb(t) - 'known_from' - 'known_to' - 'updated_at' as content
          from (select distinct recorded_at as at from change) s join factory_state t on t.known_from <= s.at and t.known_to > s.at
        ), derived_span as (
          select asked.ats[d.n] as at, to_jsonb(d) - 'n' as content
          from asked cross join lateral status_span_at('recorded', asked.factories, asked.ats) d
        ), kept_span as (
          select s.at, to_jsonb(t) - 'known_by' - 'known_from' - 'known_to' as content
          from (select distinct recorded_at as at from change) s join status_span t on t.known_by = 'recorded' and t.known_from <= s.at and t.known_to > s.at
        )
        (select 'not kept: ' || d::text from (select * from derived except all select * from kept) d)
        union all
        (select 'kept wrongly: ' || k::text from (select * from kept except all select * from derived) k)
        union all
        (select 'span not kept: ' || d::text from (select * from derived_span except all select * from kept_span) d)
        union all
        (select 'span kept wrongly: ' || k::text from (select * from kept_span except all select * from derived_span) k)
        limit 10;
        """;

    // On every day, the course of each state has the capacity of that day.
    private static string CoursesSql(string sense, string states) => $"""
        with kept as (
          select row_number() over (order by factory_id, known_from) as n, * from {states}
        ), asked as (
          select array_agg(factory_id order by n) as factories, array_agg(known_from order by n) as ats from kept
        ), day as (
          select '-infinity'::date as day union select earliest from figure where isfinite(earliest) union select earliest - 1 from figure where isfinite(earliest)
        ), derived as (
          select d.day, f.n, f.value, f.min, f.max, f.unit
          from asked cross join day d cross join lateral factory_capacity('{sense}', asked.factories, asked.ats, d.day) f
          where num_nonnulls(f.value, f.min, f.max) > 0
        ), said as (
          select d.day, k.n, p.*
          from kept k cross join day d cross join lateral (
            select s.value, s.min, s.max, s.unit from unnest(k.capacity_course) s where s.valid_from <= d.day and s.valid_to > d.day
            union all
            select k.capacity_value, k.capacity_min, k.capacity_max, k.capacity_unit where k.capacity_course is null) p
          where num_nonnulls(p.value, p.min, p.max) > 0
        )
        (select 'capacity not in the course: ' || d::text from (select * from derived except all select * from said) d)
        union all
        (select 'course without the capacity: ' || s::text from (select * from said except all select * from derived) s)
        limit 10;
        """;

    // Summed up to any moment and any day, the turns are what the spans and states that are known then say of that day.
    private const string TurnsSql = """
        with pair as (
          select *
          from (
            select known_by, known_from as at from status_span union select known_by, known_to from status_span
            union select known_by, known_from from known_factory union select known_by, known_to from known_factory) m
          cross join (
            select valid_from as day from status_span union select valid_to from status_span
            union select c.valid_from from known_factory k, unnest(k.capacity_course) c) d
          where m.at < 'infinity' and d.day < 'infinity'
        ), kept as (
          select p.known_by, p.at, p.day, t.status, t.country, t.sector, t.unit, sum(t.factories) as factories,
            trim_scale(sum(t.low)) as low, trim_scale(sum(t.high)) as high, sum(t.ranged) as ranged, sum(t.unbounded) as unbounded
          from pair p join known_turn t on t.known_by = p.known_by and t.known_at <= p.at and t.day <= p.day
          group by 1, 2, 3, 4, 5, 6, 7 having (sum(t.factories), sum(t.low), sum(t.high), sum(t.ranged), sum(t.unbounded)) <> (0, 0, 0, 0, 0)
        ), derived as (
          select p.known_by, p.at, p.day, coalesce(s.status, ''), coalesce(k.country, ''), coalesce(k.sector, ''), c.unit, count(*) as factories,
            trim_scale(sum(c.low)) as low, trim_scale(sum(c.high)) as high, sum(c.ranged) as ranged, sum(c.unbounded) as unbounded
          from pair p
          join status_span s on s.known_by = p.known_by and s.known_from <= p.at and s.known_to > p.at and s.valid_from <= p.day and s.valid_to > p.day and s.region_id = 0
          join known_factory k on k.factory_id = s.factory_id and k.known_by = s.known_by and k.known_from <= p.at and k.known_to > p.at
          cross join lateral capacity_parts(k.capacity_course, k.capacity_value, k.capacity_min, k.capacity_max, k.capacity_unit) c
          where c.valid_from <= p.day and c.valid_to > p.day
          group by p.known_by, p.at, p.day, s.status, c.unit, grouping sets ((), (k.country, k.sector))
        )
        (select 'turns without: ' || d::text from (select * from derived except all select * from kept) d)
        union all
        (select 'turns with: ' || k::text from (select * from kept except all select * from derived) k)
        union all
        (select 'turns nothing: ' || t::text from known_turn t where (factories, low, high, ranged, unbounded) = (0, 0, 0, 0, 0))
        limit 10;
        """;

    // The same for what was published, from when a factory was first spoken of.
    private const string PublishedSql = """
        with moment as (
          select published_from as at from claim where isfinite(published_from) union select published_to from claim where isfinite(published_to)
        ), spoken as (
          select f.id as factory_id, min(c.published_from) as at
          from factory f
          join lateral factory_member('recorded', '9999-12-31Z', array[f.id]) m on true
          join claim c on c.factory_id = m.member_id and c.published_from < c.published_to
          group by f.id
        ), asked as (
          select array_agg(s.factory_id order by s.factory_id, m.at) as factories, array_agg(m.at order by s.factory_id, m.at) as ats
          from spoken s join moment m on m.at >= s.at
        ), derived as (
          select d.factory_id, d.at, to_jsonb(d) - 'n' - 'at' || jsonb_build_object('capacity_course', c.course) as content
          from asked cross join lateral factory_state_at('published', asked.factories, asked.ats) d
          left join lateral capacity_course('published', asked.factories, asked.ats) c on c.n = d.n
        ), kept as (
          select t.factory_id, m.at, to_jsonb(t) - 'known_from' - 'known_to' - 'updated_at' as content
          from moment m join published_state t on t.known_from <= m.at and t.known_to > m.at
        ), derived_span as (
          select asked.ats[d.n] as at, to_jsonb(d) - 'n' as content
          from asked cross join lateral status_span_at('published', asked.factories, asked.ats) d
        ), kept_span as (
          select m.at, to_jsonb(t) - 'known_by' - 'known_from' - 'known_to' as content
          from moment m join status_span t on t.known_by = 'published' and t.known_from <= m.at and t.known_to > m.at
        ), today as (
          select p.factory_id, p.updated_at from published_state p
          left join factory_state s on s.factory_id = p.factory_id and s.known_to = 'infinity' and s.updated_at = p.updated_at
          where s.factory_id is null
        )
        (select 'not kept: ' || d::text from (select * from derived except all select * from kept) d)
        union all
        (select 'kept wrongly: ' || k::text from (select * from kept except all select * from derived) k)
        union all
        (select 'span not kept: ' || d::text from (select * from derived_span except all select * from kept_span) d)
        union all
        (select 'span kept wrongly: ' || k::text from (select * from kept_span except all select * from derived_span) k)
        union all
        (select 'not of today: ' || t::text from today t)
        limit 10;
        """;

    private const string RebuiltSql = """
        create temp table written as select * from projected();
        do $$ begin perform rebuild_projections(); end $$;
        (select 'only written: ' || w::text from (select * from written except all select * from projected()) w)
        union all
        (select 'only rebuilt: ' || r::text from (select * from projected() except all select * from written) r)
        limit 10;
        """;

    /// <summary>Something to do, and three numbers that decide to what and how.</summary>
    private sealed record Op(string What, int A, int B, int C);
}
