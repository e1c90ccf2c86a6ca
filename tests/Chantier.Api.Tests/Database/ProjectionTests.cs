using Chantier.Api.Database;
using Chantier.Domain;
using Chantier.Testing;
using CsCheck;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Database;

/// <summary>
/// After random histories, the projections that writes advanced equal those of a rebuild, row for row, and what a plain model derives from
/// the claims for every moment of recorded and of published knowledge.
/// </summary>
public sealed class ProjectionTests(PostgresFixture postgres)
{
    private static readonly int Histories = Environment.GetEnvironmentVariable("CHANTIER_THOROUGH") == "1" ? 60 : 4;

    private static readonly string[] Kinds =
    [
        "factory", "factory", "factory revised", "factory deleted", "phase", "phase", "phase renamed", "phase deleted", "region", "region revised", "region revised", "region deleted",
        "operator", "operator revised", "operator deleted", "source", "source revised", "source deleted", "media", "media deleted", "evidence", "evidence ended",
        "status_event", "status_event", "status_event", "status_event", "status_event", "figure", "figure", "figure", "role", "role", "location", "depiction", "membership", "region membership", "ownership",
        "superseded", "superseded", "superseded", "retracted", "retracted", "merge", "merge", "unmerged",
    ];

    private static readonly Gen<Op> Ops = Gen.Select(Gen.OneOf(Kinds), Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999], (what, a, b, c) => new Op(what, a, b, c));

    // Mostly one thing a write, sometimes many under one stamp, as an import does.
    private static readonly Gen<Op[][]> Writes = Gen.Frequency((8, Ops.Array[1]), (2, Ops.Array[2, 4]), (1, Ops.Array[20])).Array[80];

    private static readonly Op[] Beginning =
    [
        .. from what in new[] { "source", "region", "operator", "media", "factory" } from ordinal in Enumerable.Range(0, 5) select new Op(what, ordinal, ordinal, ordinal),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Projections_of_writes_equal_a_rebuild_and_a_plain_model() => Writes.SampleAsync(
        async writes =>
        {
            await using var source = TestDatabases.Source(await DatabaseAsync());
            await using var connection = await source.OpenConnectionAsync(Token);
            foreach (var write in writes.Prepend(Beginning))
            {
                await WriteAsync(connection, write);
            }

            await AssertNoneAsync(connection, RepeatedSql);
            await AssertModelAsync(connection, "recorded", RecordedMomentsSql);
            await AssertModelAsync(connection, "published", PublishedMomentsSql);
            await AssertCurrentAsync(connection);
            await connection.ExecuteAsync(new CommandDefinition("create temp table written as select place, content from projected()", cancellationToken: Token));
            await using (var transaction = await connection.BeginTransactionAsync(Token))
            {
                await Projections.RebuildAsync(connection, transaction, Token);
                await transaction.CommitAsync(Token);
            }

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
        var at = await connection.QuerySingleAsync<DateTime>(new CommandDefinition(WriteSql, parameters, transaction, cancellationToken: Token));
        await Projections.AdvanceAsync(connection, transaction, new(at, TimeSpan.Zero), Token);
        await transaction.CommitAsync(Token);
    }

    private static async Task AssertNoneAsync(NpgsqlConnection connection, string sql)
    {
        var rows = (await connection.QueryAsync<string>(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: Token))).ToList();
        Assert.True(rows.Count == 0, string.Join('\n', rows));
    }

    // At every moment, the periods that are stored as known then are those of the claims that are known then.
    private static async Task AssertModelAsync(NpgsqlConnection connection, string knownBy, string momentsSql)
    {
        var pairs = (await connection.QueryAsync<Pair>(new CommandDefinition(momentsSql, cancellationToken: Token))).ToList();
        var parameters = new { knownBy, factories = pairs.ConvertAll(p => p.FactoryId).ToArray(), ats = pairs.ConvertAll(p => p.At).ToArray() };
        async Task<ILookup<long, T>> ReadAsync<T>(string sql)
            where T : Row => (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: Token))).ToLookup(row => row.Ordinal);

        var (events, figures) = (await ReadAsync<EventRow>(EventsSql), await ReadAsync<FigureRow>(FiguresSql));
        var (statuses, capacities) = (await ReadAsync<StatusRow>(StatusesSql), await ReadAsync<CapacityRow>(CapacitiesSql));
        for (var n = 1; n <= pairs.Count; n++)
        {
            var claims = events[n].Select(e => e.ToClaim()).ToList();
            List<(long, IReadOnlyList<PhaseSpan>)> runs = [.. claims.GroupBy(c => c.PhaseId).Select(phase => (phase.Key, Timeline.Runs(phase)))];
            var spans = Timeline.Factory(claims);
            var pair = pairs[n - 1];
            if (pair.Exists)
            {
                var place = $"{knownBy}, factory {pair.FactoryId} at {pair.At:O}";
                AssertSame(
                    [place, .. spans.Select(s => $"{s.From:O} {s.To:O} {s.Status} {s.Since?.ClaimId}")],
                    [place, .. statuses[n].OrderBy(s => s.ValidFrom).Select(s => $"{s.ValidFrom:O} {s.ValidTo:O} {s.Status} {s.SinceClaimId}")]);
                AssertSame(
                    [place, .. Ordered(Capacity.Parts(runs, spans, [.. figures[n].Select(f => f.ToFigure())]).Select(p => $"{p.From:O} {p.To:O} {p.PhaseId} {p.Status} {p.IsCounted} {p.IsAlone} {p.Figure?.Product} {p.Figure?.Unit} {p.Figure?.Value:0.###} {p.Figure?.Min:0.###} {p.Figure?.Max:0.###} {p.Figure?.Word} {p.Figure?.Qualifier}"))],
                    [place, .. Ordered(capacities[n].Select(c => $"{c.ValidFrom:O} {c.ValidTo:O} {c.PhaseId ?? 0} {c.Status} {c.IsCounted} {c.IsAlone} {c.Product} {c.Unit} {c.Value:0.###} {c.Min:0.###} {c.Max:0.###} {c.Word} {c.Qualifier}"))]);
            }
            else
            {
                Assert.Empty(statuses[n]);
                Assert.Empty(capacities[n]);
            }
        }

        static void AssertSame(string[] expected, string[] actual) =>
            Assert.True(expected.SequenceEqual(actual), $"Derived:\n{string.Join('\n', expected)}\nStored:\n{string.Join('\n', actual)}");

        static List<string> Ordered(IEnumerable<string> rows) => [.. rows.Order(StringComparer.Ordinal)];
    }

    private static async Task AssertCurrentAsync(NpgsqlConnection connection) => await AssertNoneAsync(connection, """
        with derived as (
          select s.factory_id, s.status, s.since_claim_id, v.sort_name, v.country, v.region_id, v.sector, e.earliest
          from status_span s join factory_version v on v.factory_id = s.factory_id and v.known_to = 'infinity' cross join current_day d left join status_event e on e.claim_id = s.since_claim_id
          where not s.is_published and s.known_to = 'infinity' and s.valid_from <= d.day and s.valid_to > d.day
        ), stored as (
          select f.factory_id, f.status, f.since_claim_id, f.sort_name, f.country, f.region_id, f.sector, f.status_since_on from factory_current f
        )
        select 'only derived: ' || x::text from (select * from derived except all select * from stored) x
        union all
        select 'only stored: ' || x::text from (select * from stored except all select * from derived) x
        limit 10;
        """);

    private const string WriteSql = """
        create temp table stamp on commit drop as select recorded_at as at from begin_write();
        with made as materialized (
          select random_write(o.what, stamp.at, o.a, o.b, o.c) from stamp, unnest(@whats, @a, @b, @c) with ordinality as o (what, a, b, c, ordinal) order by o.ordinal)
        select at from stamp where (select count(*) from made) >= 0;
        """;

    private const string RecordedMomentsSql = """
        select f.id as factory_id, s.at, exists (select from existing_at('recorded', array[f.id], array[s.at])) as exists
        from factory f cross join (select distinct recorded_at as at from change) s
        order by f.id, s.at
        """;

    private const string PublishedMomentsSql = """
        with moment as (
          select published_from as at from claim where isfinite(published_from) union select published_to from claim where isfinite(published_to)
        ), first as (
          select f.id as factory_id, min(c.published_from) as at
          from factory f
          join lateral with_merged_factories_at('published', '9999-12-31Z', array[f.id]) m on true
          join claim c on c.factory_id = m.member_id and c.basis <> 'inferred' and c.published_from < c.published_to
          group by f.id
        )
        select f.id as factory_id, m.at, coalesce(m.at >= b.at, false) and exists (select from existing_at('published', array[f.id], array[m.at])) as exists
        from factory f cross join moment m left join first b on b.factory_id = f.id
        order by f.id, m.at
        """;

    private const string PhaseKey = """
        (select case when v.name is not null then x.phase_id else 0 end
         from phase_version v where v.phase_id = x.phase_id and (@knownBy = 'published' or v.known_from <= m.at)
         order by v.known_from desc limit 1)
        """;

    private const string EventsSql = "select m.ordinal, c.id, " + PhaseKey + """
         as phase_id, x.status, x.date, x.date_meaning, c.basis, c.confidence, c.known_from
        from with_merged_factories(@knownBy, @factories, @ats) m
        join claim c on c.factory_id = m.member_id and c.kind = 'status_event' and is_known(@knownBy, m.at, c)
        join status_event x on x.claim_id = c.id and x.status is not null
        """;

    private const string FiguresSql = "select m.ordinal, c.id, coalesce(" + PhaseKey + """
        , 0) as phase_id, x.product, x.unit, u.reference_unit, u.factor, x.value, x.min, x.max, x.word, x.qualifier, x.for_date_earliest, c.confidence, c.known_from,
          (select max(s.published_earliest)
           from evidence e cross join lateral (
             select z.* from source_version z
             where z.source_id = e.source_id and (@knownBy = 'published' or z.known_from <= m.at and z.known_to > m.at) order by z.version desc limit 1) s
           where e.claim_id = c.id and case when @knownBy = 'published'
             then (e.known_to = 'infinity' or e.end_reason = 'news') and s.retracted is distinct from 'error'
               and is_published_by(@knownBy, m.at, s.published_latest, s.retrieved_at, e.known_from)
             else e.known_from <= m.at and e.known_to > m.at end) as said
        from with_merged_factories(@knownBy, @factories, @ats) m
        join claim c on c.factory_id = m.member_id and c.kind = 'figure' and is_known(@knownBy, m.at, c)
        join figure x on x.claim_id = c.id and x.property = 'capacity' and x.scope = 'whole'
        join unit u on u.code = x.unit
        """;

    private const string StatusesSql = """
        select p.ordinal, s.valid_from, s.valid_to, s.status, s.since_claim_id
        from unnest(@factories, @ats) with ordinality as p (factory_id, at, ordinal)
        join status_span s on s.factory_id = p.factory_id and s.is_published = (@knownBy = 'published') and s.known_from <= p.at and s.known_to > p.at
        """;

    private const string CapacitiesSql = """
        select p.ordinal, s.valid_from, s.valid_to, s.phase_id, s.status, s.is_counted, s.is_alone, s.product, s.unit, s.value, s.min, s.max, s.word, s.qualifier
        from unnest(@factories, @ats) with ordinality as p (factory_id, at, ordinal)
        join capacity_span s on s.factory_id = p.factory_id and s.is_published = (@knownBy = 'published') and s.known_from <= p.at and s.known_to > p.at
        """;

    // Neighbours that are alike are one.
    private const string RepeatedSql = """
        select 'status_span ' || to_jsonb(s)::text from status_span s
        join status_span n on n.factory_id = s.factory_id and n.is_published = s.is_published and n.known_from = s.known_to
          and n.valid_from = s.valid_from and n.valid_to = s.valid_to and n.status is not distinct from s.status and n.since_claim_id is not distinct from s.since_claim_id
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

    private const string RebuiltSql = """
        (select 'only written: ' || w::text from (select place, content from written except all select place, content from projected()) w)
        union all
        (select 'only rebuilt: ' || r::text from (select place, content from projected() except all select place, content from written) r)
        limit 10;
        """;

    /// <summary>Something to do, and three numbers that decide to what and how.</summary>
    private sealed record Op(string What, int A, int B, int C);

    private sealed record Pair
    {
        public required long FactoryId { get; init; }

        public required DateTime At { get; init; }

        public required bool Exists { get; init; }
    }

    private abstract record Row
    {
        public required long Ordinal { get; init; }
    }

    private sealed record EventRow : Row
    {
        public required long Id { get; init; }

        public required long PhaseId { get; init; }

        public required string Status { get; init; }

        public required string Date { get; init; }

        public required string DateMeaning { get; init; }

        public required string Basis { get; init; }

        public required string Confidence { get; init; }

        public required DateTime KnownFrom { get; init; }

        public StatusClaim ToClaim() => new()
        {
            ClaimId = Id,
            PhaseId = PhaseId,
            Status = Status,
            Date = Edtf.Parse(Date),
            DateMeaning = DateMeaning,
            Basis = Basis,
            Confidence = Confidence,
            RecordedAt = new(KnownFrom, TimeSpan.Zero),
        };
    }

    private sealed record FigureRow : Row
    {
        public required long Id { get; init; }

        public required long PhaseId { get; init; }

        public string? Product { get; init; }

        public required string Unit { get; init; }

        public required string ReferenceUnit { get; init; }

        public required decimal Factor { get; init; }

        public decimal? Value { get; init; }

        public decimal? Min { get; init; }

        public decimal? Max { get; init; }

        public string? Word { get; init; }

        public string? Qualifier { get; init; }

        public DateOnly? ForDateEarliest { get; init; }

        public required string Confidence { get; init; }

        public required DateTime KnownFrom { get; init; }

        public DateOnly? Said { get; init; }

        public CapacityFigure ToFigure() => new()
        {
            ClaimId = Id,
            PhaseId = PhaseId,
            Product = Product,
            Unit = Unit,
            Measure = new(ReferenceUnit, Factor),
            Value = Value,
            Min = Min,
            Max = Max,
            Word = Word,
            Qualifier = Qualifier,
            ForDate = ForDateEarliest,
            Said = Said,
            Confidence = Confidence,
            RecordedAt = new(KnownFrom, TimeSpan.Zero),
        };
    }

    private sealed record StatusRow : Row
    {
        public required DateOnly ValidFrom { get; init; }

        public required DateOnly ValidTo { get; init; }

        public string? Status { get; init; }

        public long? SinceClaimId { get; init; }
    }

    private sealed record CapacityRow : Row
    {
        public required DateOnly ValidFrom { get; init; }

        public required DateOnly ValidTo { get; init; }

        public long? PhaseId { get; init; }

        public required string Status { get; init; }

        public required bool IsCounted { get; init; }

        public required bool IsAlone { get; init; }

        public string? Product { get; init; }

        public string? Unit { get; init; }

        public decimal? Value { get; init; }

        public decimal? Min { get; init; }

        public decimal? Max { get; init; }

        public string? Word { get; init; }

        public string? Qualifier { get; init; }
    }
}
