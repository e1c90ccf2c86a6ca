using System.Data;
using Dapper;
using Npgsql;

namespace Chantier.Api.Database;

/// <summary>
/// Keeps the projections of the claims: the current state of each factory, and the periods of its status and capacity. A write brings them
/// up to what it recorded, and its cost follows what changed; a rebuild derives all of them anew, with the same result.
/// </summary>
internal static class Projections
{
    private const int BatchSize = 10_000;

    // From here on statements are planned for how many factories there are.
    private const int Many = 100;

    private const string PlanForManySql = """
        select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '64MB', true)
        """;

    private const string PlanAsUsualSql = "set local plan_cache_mode to default; set local work_mem to default;";

    // The claims that a write touched, with the moment from which published knowledge of them differs, where it does.
    private const string TouchedSql = """
        with t as materialized (select array(select touched_claims(@at) union select unnest(@also::bigint[])) as ids)
        select c.id, c.kind, c.factory_id,
          -- A bulk writer fills in the publication of a claim itself, so that its beginning does not move.
          case when c.basis = 'inferred' then '-infinity' else least(m.changed_from,
            case when c.known_from = @at then c.published_from when c.known_to = @at then c.published_to end) end as changed_from,
          -- An event whose date contains this one's starts nothing while this one is known: days from its first one on are concerned.
          least(e.earliest, (
            select min(o.earliest) from phase h join status_event o on o.phase_id = h.id
            where h.factory_id = any (merged_factory_ids('recorded', '9999-12-31Z', c.factory_id)) and o.status = e.status and o.earliest <= e.earliest and o.latest >= e.latest)) as earliest
        from t
        join claim c on c.id = any (t.ids)
        left join status_event e on e.claim_id = c.id
        left join project_publication((select ids from t)) m on m.claim_id = c.id;

        select x.seq, x.cause, x.resource_type, x.resource_id, x.factory_id from change x where x.recorded_at = @at;
        """;

    private const string RegionsSql = """
        select rebuild_regions(array(select c.region_id from region_closure c where c.ancestor_id = any (@regions) union select unnest(@regions)));
        """;

    // Factories that a write concerns without a claim or an entry of their own, and what of them has to be derived anew.
    private const string RelatedSql = """
        select c.factory_id as id, true as is_outline, false as is_whole
        from role r join claim c on c.id = r.claim_id where r.operator_id = any (@operators)
        union
        select c.factory_id, true, false from depiction d join claim c on c.id = d.claim_id where d.media_id = any (@media)
        union
        select v.factory_id, false, false from region_closure a join factory_version v on v.region_id = a.region_id and v.known_to = 'infinity'
        where a.ancestor_id = any (@regions)
        union
        select v.factory_id, false, false
        from membership b join region_closure a on a.ancestor_id = b.region_id join factory_version v on v.region_id = a.region_id and v.known_to = 'infinity'
        where b.claim_id = any (@memberships)
        union
        select c.factory_id, false, true from status_event e join claim c on c.id = e.claim_id where e.phase_id = any (@phases)
        union
        select c.factory_id, false, true from figure f join claim c on c.id = f.claim_id where f.phase_id = any (@phases)
        union
        select f.id, true, true from factory_merged m cross join lateral (values (m.loser_id), (m.survivor_id)) f (id)
        where @isMerge and @at in (m.known_from, m.known_to)
        """;

    private const string SurvivorsSql = """
        select m.loser_id, m.survivor_id from factory_merged m where m.loser_id = any (@ids) and m.known_to = 'infinity'
        """;

    private const string ConcernSource = "unnest(@ids, @days, @recorded, @published) as u (id, day, recorded, published)";

    private const string DueSql = """
        select s.factory_id from status_span s where not s.is_published and s.known_to = 'infinity' and s.valid_from > @from and s.valid_from <= @to
        union
        select s.factory_id from capacity_span s where not s.is_published and s.known_to = 'infinity' and s.valid_from > @from and s.valid_from <= @to
        """;

    private const string NewDaySql = """
        update current_day set day = @today;
        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        values (@lastSeq + 1, @at, 'chantier', 'day_advanced', 'day', @today::date - date '1970-01-01', null, 1);
        """;

    // Whether a change of such a resource can change what is found of its factory.
    private static readonly HashSet<string> Searched = ["factory", "identifier", "role", "merge", "membership", "operator"];

    /// <summary>Brings every projection up to what the open transaction has recorded under a stamp, which is in the log.</summary>
    /// <param name="connection">A connection that holds the order of writes.</param>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="at">The stamp of what was recorded.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static Task AdvanceAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, DateTimeOffset at, CancellationToken cancellation) =>
        AdvanceAsync(connection, transaction, at, [], cancellation);

    /// <summary>The same, and of claims of which only the publication has moved, without an entry in the log.</summary>
    public static async Task AdvanceAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, DateTimeOffset at, IReadOnlyCollection<long> also, CancellationToken cancellation)
    {
        var session = new Session(connection, transaction, cancellation);
        List<Touched> claims;
        List<Entry> entries;
        await using (var grid = await connection.QueryMultipleAsync(session.Command(TouchedSql, new { at, also = also.ToArray() })))
        {
            claims = (await grid.ReadAsync<Touched>()).AsList();
            entries = (await grid.ReadAsync<Entry>()).AsList();
        }

        long[] Of(string type) => [.. entries.Where(e => e.ResourceType == type).Select(e => e.ResourceId).Distinct()];
        var (regions, operators, media, phases, identifiers) = (Of("region"), Of("operator"), Of("media"), Of("phase"), Of("identifier"));
        if (regions.Length > 0)
        {
            await session.ExecuteAsync(RegionsSql, new { regions });
        }

        var isMerge = claims.Exists(c => c.Kind == "merge");
        if (isMerge)
        {
            await session.ExecuteAsync("select rebuild_merges()");
        }

        var concerns = new Concerns(at.UtcDateTime);
        concerns.Add(claims);
        concerns.Add(entries);
        var memberships = claims.Where(c => c.Kind == "membership" && c.FactoryId is null).Select(c => c.Id).ToArray();
        if (isMerge || regions.Length + operators.Length + media.Length + phases.Length + memberships.Length > 0)
        {
            concerns.Add(await session.QueryAsync<Related>(RelatedSql, new { operators, media, regions, phases, memberships, isMerge, at }));
        }

        concerns.AddSurvivors(await session.QueryAsync<Merged>(SurvivorsSql, new { ids = concerns.Ids }));
        var isMany = concerns.Ids.Length > Many;
        if (isMany)
        {
            await session.ExecuteAsync(PlanForManySql);
        }

        foreach (var batch in concerns.All.Chunk(BatchSize))
        {
            await ProjectAsync(session, batch, at);
        }

        if (isMany)
        {
            await session.ExecuteAsync(PlanAsUsualSql);
        }

        if (operators.Length + identifiers.Length > 0)
        {
            await session.ExecuteAsync(
                "select advance_search('operator', array(select unnest(@operators) union select i.resource_id from identifier i where i.kind = 'operator' and i.known_from = @at))",
                new { operators, at });
        }

        if (regions.Length + identifiers.Length > 0)
        {
            await session.ExecuteAsync(
                "select advance_search('region', array(select unnest(@regions) union select i.resource_id from identifier i where i.kind = 'region' and i.known_from = @at))",
                new { regions, at });
        }
    }

    /// <summary>Derives every projection anew from claims and versions.</summary>
    public static async Task RebuildAsync(string connectionString, CancellationToken cancellation)
    {
        await using var source = DataSources.Unpooled(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        await RebuildAsync(connection, transaction, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The same within an open transaction.</summary>
    public static async Task RebuildAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellation)
    {
        var session = new Session(connection, transaction, cancellation);
        await session.ExecuteAsync("""
            select begin_write();
            truncate factory_current, status_span, capacity_span, factory_text;
            select rebuild_regions(null);
            select rebuild_merges();
            select count(*) from project_publication(array(select id from claim where factory_id is null));
            """);
        await session.ExecuteAsync(PlanForManySql);
        var ids = await session.QueryAsync<long>("select id from factory order by id");
        foreach (var batch in ids.Chunk(BatchSize))
        {
            await session.ExecuteAsync("select count(*) from project_publication(array(select id from claim where factory_id = any (@batch)))", new { batch });
        }

        foreach (var batch in ids.Chunk(BatchSize))
        {
            await ProjectAsync(session, [.. batch.Select(Concern.OfAll)], DateTimeOffset.UnixEpoch);
            await session.ExecuteAsync("select rebuild_factory_text(@batch)", new { batch });
        }

        await session.ExecuteAsync(PlanAsUsualSql + "select rebuild_search();");
    }

    /// <summary>The same of some factories, for what a redaction changes in their whole past.</summary>
    public static async Task RebuildAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, long[] factories, DateTimeOffset at, CancellationToken cancellation)
    {
        var session = new Session(connection, transaction, cancellation);
        foreach (var batch in factories.Chunk(BatchSize))
        {
            await ProjectAsync(session, Array.ConvertAll(batch, Concern.OfAll), at);
            await session.ExecuteAsync("select rebuild_factory_text(@batch); select advance_search('factory', @batch);", new { batch });
        }
    }

    /// <summary>Makes a day the current one: whatever falls due on it takes effect. Does nothing where the day is not later.</summary>
    public static async Task AdvanceDayAsync(NpgsqlConnection connection, DateOnly today, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        var session = new Session(connection, transaction, cancellation);
        var stamp = (await session.QueryAsync<Stamp>("select last_seq, recorded_at from begin_write()"))[0];
        if ((await session.QueryAsync<DateOnly>("select day from current_day"))[0] is var day && day >= today)
        {
            return;
        }

        var due = await session.QueryAsync<long>(DueSql, new { from = day, to = today });
        await session.ExecuteAsync(NewDaySql, new { today, lastSeq = stamp.LastSeq, at = stamp.RecordedAt });
        foreach (var batch in due.Chunk(BatchSize))
        {
            await ProjectAsync(session, [.. batch.Select(id => new Concern(id))], stamp.RecordedAt);
        }

        await transaction.CommitAsync(cancellation);
    }

    private static async Task ProjectAsync(Session session, Concern[] concerns, DateTimeOffset at)
    {
        var projection = new FactoryProjection();
        var ids = Array.ConvertAll(concerns, c => c.Id);
        await using var batch = new NpgsqlBatch(session.Connection, session.Transaction) { Timeout = 0 };
        FactoryProjection.AddReads(
            batch,
            new
            {
                ids,
                days = Array.ConvertAll(concerns, c => c.FromDay),
                recorded = Array.ConvertAll(concerns, c => c.RecordedSince),
                published = Array.ConvertAll(concerns, c => c.PublishedSince),
            },
            ConcernSource,
            at);
        await using (var reader = await batch.ExecuteReaderAsync(session.Cancellation))
        {
            await projection.ReadAsync(reader, ids, session.Cancellation);
        }

        batch.BatchCommands.Clear();
        projection.Derive(concerns);
        await projection.AddWritesAsync(batch, at, session.Cancellation);
        AddSearch(batch, [.. concerns.Where(c => c.IsSearched).Select(c => c.Id)], at);
        await FactoryProjection.ExecuteAsync(batch, session.Cancellation);
    }

    private static void AddSearch(NpgsqlBatch batch, long[] searched, DateTimeOffset at)
    {
        if (searched.Length > 0)
        {
            batch.BatchCommands.Add(Sql.Command("select advance_factory_text(@searched, @at)", new { searched }, at));
            batch.BatchCommands.Add(Sql.Command("select advance_search('factory', @searched)", new { searched }, at));
        }
    }

    /// <summary>A connection in a transaction.</summary>
    private sealed record Session(NpgsqlConnection Connection, NpgsqlTransaction? Transaction, CancellationToken Cancellation)
    {
        public CommandDefinition Command(string sql, object? parameters = null) => new(sql, parameters, Transaction, commandTimeout: 0, cancellationToken: Cancellation);

        public Task<int> ExecuteAsync(string sql, object? parameters = null) => Connection.ExecuteAsync(Command(sql, parameters));

        public async Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) => (await Connection.QueryAsync<T>(Command(sql, parameters))).AsList();
    }

    private sealed record Touched
    {
        public required long Id { get; init; }

        public required string Kind { get; init; }

        public long? FactoryId { get; init; }

        public DateOnly? Earliest { get; init; }

        public DateTime? ChangedFrom { get; init; }
    }

    private sealed record Entry
    {
        public required long Seq { get; init; }

        public required string Cause { get; init; }

        public required string ResourceType { get; init; }

        public required long ResourceId { get; init; }

        public long? FactoryId { get; init; }
    }

    private sealed record Related
    {
        public required long Id { get; init; }

        public required bool IsOutline { get; init; }

        public required bool IsWhole { get; init; }
    }

    private sealed record Merged
    {
        public required long LoserId { get; init; }

        public required long SurvivorId { get; init; }
    }

    private sealed record Stamp
    {
        public required long LastSeq { get; init; }

        public required DateTimeOffset RecordedAt { get; init; }
    }

    /// <summary>The factories that a write concerns.</summary>
    private sealed class Concerns(DateTime at)
    {
        private readonly Dictionary<long, Concern> _concerns = [];

        public long[] Ids => [.. _concerns.Keys];

        public IEnumerable<Concern> All => _concerns.Values.OrderBy(c => c.Id);

        public void Add(List<Touched> claims)
        {
            foreach (var claim in claims.Where(c => c.FactoryId is not null))
            {
                var isEvent = claim.Kind == "status_event";
                Of(claim.FactoryId!.Value).Merge(new(0)
                {
                    // A publication can be the first of the factory, which then exists on all days; and a figure can hold on any.
                    FromDay = isEvent && claim.ChangedFrom is null
                        ? claim.Earliest!.Value
                        : claim.Kind == "figure" || claim.ChangedFrom is not null ? DateOnly.MinValue : DateOnly.MaxValue,
                    RecordedSince = at,
                    PublishedSince = claim.Kind == "figure" ? Times.Always : claim.ChangedFrom ?? Times.Never,
                    IsOutline = claim.Kind is not ("status_event" or "figure"),
                    IsSearched = Searched.Contains(claim.Kind),
                });
            }
        }

        public void Add(List<Entry> entries)
        {
            foreach (var entry in entries.Where(e => e.FactoryId is not null))
            {
                var isOwn = entry.ResourceType is "factory" or "phase" or "merge" || entry.Cause == "redacted";
                Of(entry.FactoryId!.Value).Merge(new(0)
                {
                    FromDay = isOwn ? DateOnly.MinValue : DateOnly.MaxValue,
                    RecordedSince = entry.Cause == "redacted" ? Times.Always : at,
                    PublishedSince = isOwn ? Times.Always : Times.Never,
                    IsOutline = isOwn,
                    IsSearched = Searched.Contains(entry.ResourceType),
                    Stamp = entry.Seq,
                });
            }
        }

        public void Add(List<Related> related)
        {
            foreach (var factory in related)
            {
                Of(factory.Id).Merge(new(0)
                {
                    FromDay = factory.IsWhole ? DateOnly.MinValue : DateOnly.MaxValue,
                    RecordedSince = at,
                    PublishedSince = factory.IsWhole ? Times.Always : Times.Never,
                    IsOutline = factory.IsOutline,
                    IsSearched = factory.IsOutline || !factory.IsWhole,
                });
            }
        }

        public void AddSurvivors(List<Merged> merges)
        {
            foreach (var merge in merges)
            {
                // Phases without a name are one with those of the survivor: no day is only one event's.
                var concern = _concerns[merge.LoserId];
                Of(merge.SurvivorId).Merge(concern.FromDay == DateOnly.MaxValue ? concern : concern with { FromDay = DateOnly.MinValue });
            }
        }

        private Concern Of(long id) => _concerns.TryGetValue(id, out var concern) ? concern : _concerns[id] = new(id);
    }

    /// <summary>
    /// The projections of one write that only recorded claims about one factory, which is what most writes do: what has to be read is
    /// known before, so it is read with what the write inserts. Other writes are advanced step by step.
    /// </summary>
    public sealed class OfClaims(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        private static readonly HashSet<string> Kinds = ["status_event", "figure", "role", "location", "depiction"];

        // From which day and moment on these claims matter. Where one is the first publication of the factory, that is every day.
        private const string BoundSql = """
            select case when exists (
                select from claim o
                where o.factory_id = any (merged_factory_ids('published', '9999-12-31Z', @ids[1])) and o.id <> all (@claims)
                  and o.basis <> 'inferred' and o.published_from < o.published_to
                  and o.published_from <= (select min(c.published_from) from claim c where c.id = any (@claims)))
                then x.day else '-infinity' end as day,
              @at as recorded, x.published,
              (select max(z.seq) from change z where z.recorded_at = @at) as stamp
            from (
              select min(case when c.kind = 'status_event' then
                  least(e.earliest, (
                    select min(o.earliest) from phase h join status_event o on o.phase_id = h.id
                    where h.factory_id = any (merged_factory_ids('recorded', '9999-12-31Z', c.factory_id))
                      and o.status = e.status and o.earliest <= e.earliest and o.latest >= e.latest))
                  else '-infinity' end) as day,
                min(case
                  when c.basis = 'inferred' then '-infinity'
                  when c.known_from = @at then c.published_from
                  else c.published_to end) as published
              from claim c left join status_event e on e.claim_id = c.id
              where c.id = any (@claims)) x
            """;

        private const string Source = "(select @ids[1] as id, b.day, b.recorded, b.published from (" + BoundSql + ") b) u";

        private readonly FactoryProjection _projection = new();
        private long _factory;
        private bool _isOutline;
        private bool _isSearched;
        private DateTimeOffset _at;
        private Concern? _concern;

        private bool IsDirect => _factory > 0;

        /// <summary>
        /// Adds to a batch, after what it inserts, the statements that read what these entries of the log concern. The
        /// stamp may not be known yet.
        /// </summary>
        public void AddReads(NpgsqlBatch batch, IReadOnlyList<LoggedEntry> entries, DateTimeOffset? at)
        {
            if (entries.All(e => Kinds.Contains(e.Type)) && entries.Select(e => e.FactoryId).Distinct().ToList() is [{ } factory])
            {
                _factory = factory;
                (_isOutline, _isSearched) = (entries.Any(e => e.Type is not ("status_event" or "figure")), entries.Any(e => Searched.Contains(e.Type)));
                var parameters = new { ids = new[] { factory }, claims = entries.Select(e => e.Id).Distinct().ToArray() };
                batch.BatchCommands.Add(Sql.Command("select count(*) from project_publication(@claims)", parameters, at));
                batch.BatchCommands.Add(Sql.Command(BoundSql, parameters, at));
                FactoryProjection.AddReads(batch, parameters, Source, at);
            }
        }

        /// <summary>Reads their results, of which the first is current.</summary>
        public async Task ReadAsync(NpgsqlDataReader reader, DateTimeOffset at)
        {
            _at = at;
            if (IsDirect)
            {
                await reader.NextResultAsync(cancellation);
                await reader.ReadAsync(cancellation);
                _concern = new(_factory)
                {
                    FromDay = await reader.GetFieldValueAsync<DateOnly>(0, cancellation),
                    RecordedSince = at.UtcDateTime,
                    PublishedSince = Times.Utc(reader.GetDateTime(2)),
                    IsOutline = _isOutline,
                    IsSearched = _isSearched,
                    Stamp = reader.GetInt64(3),
                };
                await reader.NextResultAsync(cancellation);
                await _projection.ReadAsync(reader, [_factory], cancellation);
            }
        }

        /// <summary>Writes the projections, and commits in the same batch where that is possible and asked for.</summary>
        /// <returns>Whether it has committed.</returns>
        public async Task<bool> WriteAsync(bool commits)
        {
            if (!IsDirect || !_projection.Derive([_concern!]))
            {
                await AdvanceAsync(connection, transaction, _at, cancellation);
                return false;
            }

            await using var batch = new NpgsqlBatch(connection, transaction);
            await _projection.AddWritesAsync(batch, _at, cancellation);
            AddSearch(batch, _isSearched ? [_factory] : [], _at);
            if (commits)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
            }

            await FactoryProjection.ExecuteAsync(batch, cancellation);
            return commits;
        }
    }
}

/// <summary>An entry that a write leaves in the log.</summary>
internal readonly record struct LoggedEntry(string Type, long Id, long? FactoryId);
