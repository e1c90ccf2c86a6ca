using System.Buffers;
using System.Data;
using System.Text;
using System.Text.Json;
using Chantier.Domain;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Chantier.Api.Database;

/// <summary>
/// Keeps the projections of the claims: the current state of each factory, and the periods of its status and capacity. A write brings them
/// up to what it recorded, and its cost follows what changed; a rebuild derives all of them anew, with the same result.
/// </summary>
internal static class Projections
{
    private const int BatchSize = 2000;

    // The claims that a write touched, with the moment from which published knowledge of them differs, where it does.
    private const string TouchedSql = """
        with t as materialized (select array(select touched_claims(@at)) as ids)
        select c.id, c.kind, c.factory_id, m.changed_from,
          -- An event whose date contains this one's starts nothing while this one is known: days from its first one on are concerned.
          least(e.earliest, (
            select min(o.earliest) from phase h join status_event o on o.phase_id = h.id
            where h.factory_id = c.factory_id and o.status = e.status and o.earliest <= e.earliest and o.latest >= e.latest)) as earliest
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

    private const string StoredSql = """
        select s.ctid::text, s.factory_id, s.is_published, s.known_from, s.known_to, s.valid_from, s.valid_to,
          s.status, s.since_claim_id, s.sort_name, s.country, s.region_id, s.sector
        from unnest(@ids, @days, @recorded, @published) as u (id, day, recorded, published)
        join status_span s on s.factory_id = u.id and s.valid_to >= u.day
          and s.known_to >= case when s.is_published then u.published else u.recorded end;

        select s.ctid::text, s.factory_id, s.is_published, s.known_from, s.known_to, s.valid_from, s.valid_to,
          s.phase_id, s.status, s.is_counted, s.product, s.unit, s.value, s.min, s.max, s.word, s.qualifier
        from unnest(@ids, @days, @recorded, @published) as u (id, day, recorded, published)
        join capacity_span s on s.factory_id = u.id and s.valid_to >= u.day
          and s.known_to >= case when s.is_published then u.published else u.recorded end;

        select day from current_day;
        """;

    private const string DeleteStatusSql = "delete from status_span where ctid = any (@rows::tid[])";

    private const string DeleteCapacitySql = "delete from capacity_span where ctid = any (@rows::tid[])";

    private const string CloseStatusSql = """
        update status_span set known_to = @to where ctid = any (@rows::tid[])
        """;

    private const string CloseCapacitySql = """
        update capacity_span set known_to = @to where ctid = any (@rows::tid[])
        """;

    private const string CopyStatusSql = """
        copy status_span (factory_id, is_published, known_from, known_to, valid_from, valid_to, status, since_claim_id, sort_name, country, region_id, sector)
        from stdin (format binary)
        """;

    private const string CopyCapacitySql = """
        copy capacity_span (factory_id, is_published, known_from, known_to, valid_from, valid_to, phase_id, status, is_counted, product, unit, value, min, max,
          word, qualifier)
        from stdin (format binary)
        """;

    private const string InsertStatusSql = """
        insert into status_span (factory_id, is_published, known_from, known_to, valid_from, valid_to, status, since_claim_id, sort_name, country, region_id, sector)
        select u.factory_id, u.is_published, u.known_from, u.known_to, u.valid_from, u.valid_to, u.status, u.since_claim_id, u.sort_name, u.country, u.region_id, u.sector
        from unnest(@factories, @published, @knownFroms, @knownTos, @froms, @tos, @statuses, @since::bigint[], @names, @countries, @regions::bigint[], @sectors)
          as u (factory_id, is_published, known_from, known_to, valid_from, valid_to, status, since_claim_id, sort_name, country, region_id, sector)
        """;

    private const string InsertCapacitySql = """
        insert into capacity_span (factory_id, is_published, known_from, known_to, valid_from, valid_to, phase_id, status, is_counted, product, unit, value, min, max,
          word, qualifier)
        select u.factory_id, u.is_published, u.known_from, u.known_to, u.valid_from, u.valid_to, u.phase_id, u.status, u.is_counted, u.product, u.unit,
          u.value, u.min, u.max, u.word, u.qualifier
        from unnest(@factories, @published, @knownFroms, @knownTos, @froms, @tos, @phases::bigint[], @statuses, @counted, @products, @units,
            @values::numeric[], @mins::numeric[], @maxs::numeric[], @words, @qualifiers)
          as u (factory_id, is_published, known_from, known_to, valid_from, valid_to, phase_id, status, is_counted, product, unit, value, min, max, word, qualifier)
        """;

    private const string GoneSql = "delete from factory_current where factory_id = any (@gone)";

    // Status and capacity alone, of factories of which nothing else changed.
    private const string StateSql = """
        update factory_current c
        set status = u.status, since_claim_id = u.since, status_since_on = u.since_on, last_confirmed_on = u.confirmed_on,
          last_confirmed_claim_id = u.confirmed, capacity = u.capacity::jsonb, capacity_basis = u.basis, capacity_is_partial = u.is_partial,
          capacity_quantity = u.quantity, capacity_reference = u.reference,
          source_count = case when u.stamp is null then c.source_count else (
            select count(distinct v.source_id)
            from factory_member('recorded', '9999-12-31Z', array[c.factory_id]) m
            join claim k on k.factory_id = m.member_id and k.known_to = 'infinity'
            join evidence v on v.claim_id = k.id and v.known_to = 'infinity') end,
          updated_at = case when u.stamp is null then c.updated_at else @at end,
          stamp = coalesce(u.stamp, c.stamp)
        from 
        """ + States + """

        where c.factory_id = u.id
        """;

    private const string States = """
        unnest(@ids, @statuses, @since::bigint[], @sinceOns::date[], @confirmed::bigint[], @confirmedOns::date[], @capacities, @bases, @partials, @quantities,
            @references::numeric[], @stamps::bigint[])
          as u (id, status, since, since_on, confirmed, confirmed_on, capacity, basis, is_partial, quantity, reference, stamp)
        """;

    private const string OutlineSql = """
        insert into factory_current as c (factory_id, slug, version, name, sort_name, sector, products, country, region_id, locality,
          lon, lat, location_precision, location_uncertainty_m, operator_ids, operator_roles, operator_froms, operator_tos,
          status, since_claim_id, status_since_on, last_confirmed_on, last_confirmed_claim_id,
          capacity, capacity_basis, capacity_is_partial, capacity_quantity, capacity_reference,
          phase_count, media_count, source_count, created_at, updated_at, stamp)
        select o.factory_id, o.slug, o.version, o.name, o.sort_name, o.sector, o.products, o.country, o.region_id, o.locality,
          o.lon, o.lat, o.location_precision, o.location_uncertainty_m, o.operator_ids, o.operator_roles, o.operator_froms, o.operator_tos,
          u.status, u.since, u.since_on, u.confirmed_on, u.confirmed,
          u.capacity::jsonb, u.basis, u.is_partial, u.quantity, u.reference,
          o.phase_count, o.media_count, o.source_count, o.created_at, o.updated_at,
          coalesce(u.stamp, (select max(x.seq) from change x where x.factory_id = o.factory_id), 0)
        from factory_outline_at('recorded', @ids, array_fill('9999-12-31Z'::timestamptz, array[cardinality(@ids)])) o
        join 
        """ + States + """
         on u.id = o.factory_id
        on conflict (factory_id) do update
        set slug = excluded.slug, version = excluded.version, name = excluded.name, sort_name = excluded.sort_name, sector = excluded.sector,
          products = excluded.products, country = excluded.country, region_id = excluded.region_id, locality = excluded.locality,
          lon = excluded.lon, lat = excluded.lat, location_precision = excluded.location_precision, location_uncertainty_m = excluded.location_uncertainty_m,
          operator_ids = excluded.operator_ids, operator_roles = excluded.operator_roles,
          operator_froms = excluded.operator_froms, operator_tos = excluded.operator_tos,
          status = excluded.status, since_claim_id = excluded.since_claim_id, status_since_on = excluded.status_since_on,
          last_confirmed_on = excluded.last_confirmed_on, last_confirmed_claim_id = excluded.last_confirmed_claim_id,
          capacity = excluded.capacity, capacity_basis = excluded.capacity_basis, capacity_is_partial = excluded.capacity_is_partial,
          capacity_quantity = excluded.capacity_quantity, capacity_reference = excluded.capacity_reference,
          phase_count = excluded.phase_count, media_count = excluded.media_count, source_count = excluded.source_count,
          created_at = excluded.created_at, updated_at = excluded.updated_at, stamp = greatest(c.stamp, excluded.stamp)
        """;

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
    public static async Task AdvanceAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, DateTimeOffset at, CancellationToken cancellation)
    {
        var session = new Session(connection, transaction, cancellation);
        List<Touched> claims;
        List<Entry> entries;
        await using (var grid = await connection.QueryMultipleAsync(session.Command(TouchedSql, new { at })))
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
        foreach (var batch in concerns.All.Chunk(BatchSize))
        {
            await ProjectAsync(session, batch, at);
            var searched = batch.Where(c => c.IsSearched).Select(c => c.Id).ToArray();
            if (searched.Length > 0)
            {
                await session.ExecuteAsync("select advance_factory_text(@searched, @at); select advance_search('factory', @searched);", new { searched, at });
            }
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
            select take_write_stamp();
            truncate factory_current, status_span, capacity_span, factory_text;
            select rebuild_regions(null);
            select rebuild_merges();
            select count(*) from project_publication(array(select id from claim where factory_id is null));
            """);
        var ids = await session.QueryAsync<long>("select id from factory order by id");
        foreach (var batch in ids.Chunk(BatchSize))
        {
            await session.ExecuteAsync("select count(*) from project_publication(array(select id from claim where factory_id = any (@batch)))", new { batch });
        }

        foreach (var batch in ids.Chunk(BatchSize))
        {
            await ProjectAsync(session, [.. batch.Select(id => Concern.OfAll(id))], DateTimeOffset.UnixEpoch);
            await session.ExecuteAsync("select rebuild_factory_text(@batch)", new { batch });
        }

        await session.ExecuteAsync("select rebuild_search()");
    }

    /// <summary>Makes a day the current one: whatever falls due on it takes effect. Does nothing where the day is not later.</summary>
    public static async Task AdvanceDayAsync(NpgsqlConnection connection, DateOnly today, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        var session = new Session(connection, transaction, cancellation);
        var stamp = (await session.QueryAsync<Stamp>("select last_seq, recorded_at from take_write_stamp()"))[0];
        if ((await session.QueryAsync<DateOnly>("select day from current_day"))[0] is var day && day >= today)
        {
            return;
        }

        var due = await session.QueryAsync<long>(DueSql, new { from = day, to = today });
        await session.ExecuteAsync(NewDaySql, new { today, lastSeq = stamp.LastSeq, at = stamp.RecordedAt });
        foreach (var batch in due.Chunk(BatchSize))
        {
            await ProjectAsync(session, [.. batch.Select(id => new Concern(id) { FromDay = DateOnly.MaxValue })], stamp.RecordedAt);
        }

        await transaction.CommitAsync(cancellation);
    }

    private static async Task ProjectAsync(Session session, IReadOnlyList<Concern> concerns, DateTimeOffset at)
    {
        var ids = concerns.Select(c => c.Id).ToArray();
        var parameters = new
        {
            ids,
            days = concerns.Select(c => c.FromDay).ToArray(),
            recorded = concerns.Select(c => Utc(c.RecordedSince)).ToArray(),
            published = concerns.Select(c => Utc(c.PublishedSince)).ToArray(),
        };
        List<StoredFactory> factories;
        StoredRows stored;
        await using (var command = session.Raw(FactoryFactsReader.Sql + StoredSql))
        {
            command.Parameters.AddWithValue("ids", parameters.ids);
            command.Parameters.AddWithValue("days", parameters.days);
            command.Parameters.Add(new("recorded", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz) { Value = parameters.recorded });
            command.Parameters.Add(new("published", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz) { Value = parameters.published });
            await using var reader = await command.ExecuteReaderAsync(session.Cancellation);
            factories = await FactoryFactsReader.ReadAsync(reader, ids, session.Cancellation);
            stored = await StoredRows.ReadAsync(reader, session.Cancellation);
        }

        var difference = new Difference();
        var states = new List<State>();
        var gone = new List<long>();
        foreach (var (factory, concern) in factories.Zip(concerns))
        {
            difference.Add(factory.Id, isPublished: false, factory.Recorded, concern.RecordedSince, concern.FromDay, stored);
            difference.Add(factory.Id, isPublished: true, factory.Published, concern.PublishedSince, concern.FromDay, stored);
            if (FactoryHistory.At(factory.Recorded, DateTime.MaxValue.AddTicks(-1)) is { } slice)
            {
                states.Add(State.Of(factory, slice, stored.Day, concern));
            }
            else
            {
                gone.Add(factory.Id);
            }
        }

        await difference.WriteAsync(session);
        if (gone.Count > 0)
        {
            await session.ExecuteAsync(GoneSql, new { gone = gone.ToArray() });
        }

        await WriteStatesAsync(session, OutlineSql, states.FindAll(s => s.IsOutline), at);
        await WriteStatesAsync(session, StateSql, states.FindAll(s => !s.IsOutline), at);
    }

    private static async Task WriteStatesAsync(Session session, string sql, List<State> states, DateTimeOffset at)
    {
        if (states.Count > 0)
        {
            await session.ExecuteAsync(sql, new
            {
                ids = states.ConvertAll(s => s.Id).ToArray(),
                statuses = states.ConvertAll(s => s.Status).ToArray(),
                since = states.ConvertAll(s => s.Since?.ClaimId).ToArray(),
                sinceOns = states.ConvertAll(s => s.Since?.Date.Earliest).ToArray(),
                confirmed = states.ConvertAll(s => s.Confirmed?.ClaimId).ToArray(),
                confirmedOns = states.ConvertAll(s => s.Confirmed?.Date.Latest).ToArray(),
                capacities = states.ConvertAll(s => s.CapacityJson()).ToArray(),
                bases = states.ConvertAll(s => s.CapacityNow.Basis).ToArray(),
                partials = states.ConvertAll(s => s.CapacityNow.IsPartial).ToArray(),
                quantities = states.ConvertAll(s => s.CapacityNow.Totals.FirstOrDefault()?.Reference).ToArray(),
                references = states.ConvertAll(s => s.CapacityNow.Totals.FirstOrDefault()?.InReference).ToArray(),
                stamps = states.ConvertAll(s => s.Stamp).ToArray(),
                at,
            });
        }
    }

    // The ends of time have no kind of their own.
    private static DateTime Utc(DateTime at) => DateTime.SpecifyKind(at, DateTimeKind.Utc);

    /// <summary>A connection in a transaction.</summary>
    private sealed record Session(NpgsqlConnection Connection, NpgsqlTransaction? Transaction, CancellationToken Cancellation)
    {
        public CommandDefinition Command(string sql, object? parameters = null) => new(sql, parameters, Transaction, commandTimeout: 0, cancellationToken: Cancellation);

        public NpgsqlCommand Raw(string sql) => new(sql, Connection, Transaction) { CommandTimeout = 0 };

        public Task ExecuteAsync(string sql, object? parameters = null) => Connection.ExecuteAsync(Command(sql, parameters));

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

    /// <summary>What of one factory has to be derived anew.</summary>
    private sealed record Concern(long Id)
    {
        /// <summary>Everything of a factory.</summary>
        public static Concern OfAll(long id) =>
            new(id) { FromDay = DateOnly.MinValue, RecordedSince = DateTime.MinValue, PublishedSince = DateTime.MinValue, IsOutline = true };

        /// <summary>The first day of the world on which something may differ.</summary>
        public DateOnly FromDay { get; set; } = DateOnly.MaxValue;

        public DateTime RecordedSince { get; set; } = DateTime.MaxValue;

        public DateTime PublishedSince { get; set; } = DateTime.MaxValue;

        public bool IsOutline { get; set; }

        public bool IsSearched { get; set; }

        /// <summary>The number of the last entry about the factory itself; null where none is.</summary>
        public long? Stamp { get; set; }

        public void Merge(Concern other)
        {
            FromDay = FromDay < other.FromDay ? FromDay : other.FromDay;
            RecordedSince = RecordedSince < other.RecordedSince ? RecordedSince : other.RecordedSince;
            PublishedSince = PublishedSince < other.PublishedSince ? PublishedSince : other.PublishedSince;
            IsOutline |= other.IsOutline;
            IsSearched |= other.IsSearched;
            Stamp = Stamp > other.Stamp ? Stamp : other.Stamp ?? Stamp;
        }
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
                    // A figure can hold on any day; other claims decide neither status nor capacity, only that there is something published.
                    FromDay = isEvent ? claim.Earliest!.Value : claim.Kind == "figure" || claim.ChangedFrom is not null ? DateOnly.MinValue : DateOnly.MaxValue,
                    RecordedSince = at,
                    PublishedSince = claim.Kind == "figure" ? DateTime.MinValue : claim.ChangedFrom ?? DateTime.MaxValue,
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
                    RecordedSince = entry.Cause == "redacted" ? DateTime.MinValue : at,
                    PublishedSince = isOwn ? DateTime.MinValue : DateTime.MaxValue,
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
                    PublishedSince = factory.IsWhole ? DateTime.MinValue : DateTime.MaxValue,
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

    /// <summary>The rows of the periods that may change.</summary>
    private sealed record StoredRows(
        ILookup<(long Factory, bool IsPublished), StoredRow<StatusPeriod>> Statuses, ILookup<(long Factory, bool IsPublished), StoredRow<CapacityPeriod>> Capacities,
        DateOnly Day)
    {
        public static async Task<StoredRows> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
        {
            string? Text(int i) => reader.IsDBNull(i) ? null : reader.GetString(i);
            long? Id(int i) => reader.IsDBNull(i) ? null : reader.GetInt64(i);
            decimal? Number(int i) => reader.IsDBNull(i) ? null : reader.GetDecimal(i);
            DateOnly Day(int i) => reader.GetFieldValue<DateOnly>(i);

            var statuses = new List<((long, bool) Key, StoredRow<StatusPeriod> Row)>();
            while (await reader.ReadAsync(cancellation))
            {
                var period = new StatusPeriod(Day(5), Day(6), Text(7), Id(8), new(reader.GetString(9), reader.GetString(10), Id(11), reader.GetString(12)));
                statuses.Add(((reader.GetInt64(1), reader.GetBoolean(2)), new(reader.GetString(0), new(reader.GetDateTime(3), reader.GetDateTime(4), period))));
            }

            await reader.NextResultAsync(cancellation);
            var capacities = new List<((long, bool) Key, StoredRow<CapacityPeriod> Row)>();
            while (await reader.ReadAsync(cancellation))
            {
                var period = new CapacityPeriod(
                    Day(5), Day(6), Id(7), reader.GetString(8), reader.GetBoolean(9), Text(10), Text(11), Number(12), Number(13), Number(14), Text(15), Text(16));
                capacities.Add(((reader.GetInt64(1), reader.GetBoolean(2)), new(reader.GetString(0), new(reader.GetDateTime(3), reader.GetDateTime(4), period))));
            }

            await reader.NextResultAsync(cancellation);
            await reader.ReadAsync(cancellation);
            return new(statuses.ToLookup(s => s.Key, s => s.Row), capacities.ToLookup(c => c.Key, c => c.Row), Day(0));
        }
    }

    private sealed record StoredRow<T>(string Place, Known<T> Known);

    /// <summary>What is written so that the stored periods become the derived ones.</summary>
    private sealed class Difference
    {
        private readonly Rows<StatusPeriod> _statuses = new();
        private readonly Rows<CapacityPeriod> _capacities = new();

        public void Add(long factory, bool isPublished, FactoryFacts facts, DateTime since, DateOnly fromDay, StoredRows stored)
        {
            if (since == DateTime.MaxValue || fromDay == DateOnly.MaxValue)
            {
                return;
            }

            var statuses = stored.Statuses[(factory, isPublished)].ToList();
            var capacities = stored.Capacities[(factory, isPublished)].ToList();
            var derived = FactoryHistory.Derive(
                facts, since, statuses.Select(s => s.Known).Where(k => k.From < since), capacities.Select(s => s.Known).Where(k => k.From < since), fromDay);
            _statuses.Add(factory, isPublished, statuses, derived.Statuses);
            _capacities.Add(factory, isPublished, capacities, derived.Capacities);
        }

        public async Task WriteAsync(Session session)
        {
            await _statuses.RemoveAsync(session, DeleteStatusSql, CloseStatusSql);
            await _capacities.RemoveAsync(session, DeleteCapacitySql, CloseCapacitySql);
            if (_statuses.Added.Count > 0)
            {
                await WriteStatusesAsync(session, _statuses.Added);
            }

            if (_capacities.Added.Count > 0)
            {
                await WriteCapacitiesAsync(session, _capacities.Added);
            }
        }

        private static async Task WriteStatusesAsync(Session session, List<(long Factory, bool IsPublished, Known<StatusPeriod> Known)> rows)
        {
            if (rows.Count > BatchSize)
            {
                await using var copy = await session.Connection.BeginBinaryImportAsync(CopyStatusSql, session.Cancellation);
                foreach (var (factory, isPublished, (from, to, period)) in rows)
                {
                    await copy.StartRowAsync(session.Cancellation);
                    await WriteKeyAsync(copy, factory, isPublished, from, to, period.From, period.To, session.Cancellation);
                    await WriteAsync(copy, period.Status, session.Cancellation);
                    await WriteAsync(copy, period.SinceClaimId, session.Cancellation);
                    await copy.WriteAsync(period.Attributes.SortName, NpgsqlDbType.Text, session.Cancellation);
                    await copy.WriteAsync(period.Attributes.Country, NpgsqlDbType.Text, session.Cancellation);
                    await WriteAsync(copy, period.Attributes.RegionId, session.Cancellation);
                    await copy.WriteAsync(period.Attributes.Sector, NpgsqlDbType.Text, session.Cancellation);
                }

                await copy.CompleteAsync(session.Cancellation);
                return;
            }

            await session.ExecuteAsync(InsertStatusSql, new
            {
                factories = rows.ConvertAll(r => r.Factory).ToArray(),
                published = rows.ConvertAll(r => r.IsPublished).ToArray(),
                knownFroms = rows.ConvertAll(r => Utc(r.Known.From)).ToArray(),
                knownTos = rows.ConvertAll(r => Utc(r.Known.To)).ToArray(),
                froms = rows.ConvertAll(r => r.Known.Value.From).ToArray(),
                tos = rows.ConvertAll(r => r.Known.Value.To).ToArray(),
                statuses = rows.ConvertAll(r => r.Known.Value.Status).ToArray(),
                since = rows.ConvertAll(r => r.Known.Value.SinceClaimId).ToArray(),
                names = rows.ConvertAll(r => r.Known.Value.Attributes.SortName).ToArray(),
                countries = rows.ConvertAll(r => r.Known.Value.Attributes.Country).ToArray(),
                regions = rows.ConvertAll(r => r.Known.Value.Attributes.RegionId).ToArray(),
                sectors = rows.ConvertAll(r => r.Known.Value.Attributes.Sector).ToArray(),
            });
        }

        private static async Task WriteCapacitiesAsync(Session session, List<(long Factory, bool IsPublished, Known<CapacityPeriod> Known)> rows)
        {
            if (rows.Count > BatchSize)
            {
                await using var copy = await session.Connection.BeginBinaryImportAsync(CopyCapacitySql, session.Cancellation);
                foreach (var (factory, isPublished, (from, to, period)) in rows)
                {
                    await copy.StartRowAsync(session.Cancellation);
                    await WriteKeyAsync(copy, factory, isPublished, from, to, period.From, period.To, session.Cancellation);
                    await WriteAsync(copy, period.PhaseId, session.Cancellation);
                    await copy.WriteAsync(period.Status, NpgsqlDbType.Text, session.Cancellation);
                    await copy.WriteAsync(period.IsCounted, NpgsqlDbType.Boolean, session.Cancellation);
                    await WriteAsync(copy, period.Product, session.Cancellation);
                    await WriteAsync(copy, period.Unit, session.Cancellation);
                    await WriteAsync(copy, period.Value, session.Cancellation);
                    await WriteAsync(copy, period.Min, session.Cancellation);
                    await WriteAsync(copy, period.Max, session.Cancellation);
                    await WriteAsync(copy, period.Word, session.Cancellation);
                    await WriteAsync(copy, period.Qualifier, session.Cancellation);
                }

                await copy.CompleteAsync(session.Cancellation);
                return;
            }

            await session.ExecuteAsync(InsertCapacitySql, new
            {
                factories = rows.ConvertAll(r => r.Factory).ToArray(),
                published = rows.ConvertAll(r => r.IsPublished).ToArray(),
                knownFroms = rows.ConvertAll(r => Utc(r.Known.From)).ToArray(),
                knownTos = rows.ConvertAll(r => Utc(r.Known.To)).ToArray(),
                froms = rows.ConvertAll(r => r.Known.Value.From).ToArray(),
                tos = rows.ConvertAll(r => r.Known.Value.To).ToArray(),
                phases = rows.ConvertAll(r => r.Known.Value.PhaseId).ToArray(),
                statuses = rows.ConvertAll(r => r.Known.Value.Status).ToArray(),
                counted = rows.ConvertAll(r => r.Known.Value.IsCounted).ToArray(),
                products = rows.ConvertAll(r => r.Known.Value.Product).ToArray(),
                units = rows.ConvertAll(r => r.Known.Value.Unit).ToArray(),
                values = rows.ConvertAll(r => r.Known.Value.Value).ToArray(),
                mins = rows.ConvertAll(r => r.Known.Value.Min).ToArray(),
                maxs = rows.ConvertAll(r => r.Known.Value.Max).ToArray(),
                words = rows.ConvertAll(r => r.Known.Value.Word).ToArray(),
                qualifiers = rows.ConvertAll(r => r.Known.Value.Qualifier).ToArray(),
            });
        }

        private static async Task WriteKeyAsync(
            NpgsqlBinaryImporter copy, long factory, bool isPublished, DateTime knownFrom, DateTime knownTo, DateOnly from, DateOnly to, CancellationToken cancellation)
        {
            await copy.WriteAsync(factory, NpgsqlDbType.Bigint, cancellation);
            await copy.WriteAsync(isPublished, NpgsqlDbType.Boolean, cancellation);
            await copy.WriteAsync(Utc(knownFrom), NpgsqlDbType.TimestampTz, cancellation);
            await copy.WriteAsync(Utc(knownTo), NpgsqlDbType.TimestampTz, cancellation);
            await copy.WriteAsync(from, NpgsqlDbType.Date, cancellation);
            await copy.WriteAsync(to, NpgsqlDbType.Date, cancellation);
        }

        private static Task WriteAsync(NpgsqlBinaryImporter copy, string? value, CancellationToken cancellation) =>
            value is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(value, NpgsqlDbType.Text, cancellation);

        private static Task WriteAsync(NpgsqlBinaryImporter copy, long? value, CancellationToken cancellation) =>
            value is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(value.Value, NpgsqlDbType.Bigint, cancellation);

        private static Task WriteAsync(NpgsqlBinaryImporter copy, decimal? value, CancellationToken cancellation) =>
            value is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(value.Value, NpgsqlDbType.Numeric, cancellation);

        private sealed class Rows<T>
        {
            private readonly List<string> _removed = [];
            private readonly Dictionary<DateTime, List<string>> _closed = [];

            public List<(long Factory, bool IsPublished, Known<T> Known)> Added { get; } = [];

            public void Add(long factory, bool isPublished, List<StoredRow<T>> stored, List<Known<T>> derived)
            {
                var open = stored.ToDictionary(s => (s.Known.From, s.Known.Value));
                foreach (var known in derived)
                {
                    if (!open.Remove((known.From, known.Value), out var row))
                    {
                        Added.Add((factory, isPublished, known));
                    }
                    else if (row.Known.To != known.To)
                    {
                        if (!_closed.TryGetValue(known.To, out var places))
                        {
                            _closed[known.To] = places = [];
                        }

                        places.Add(row.Place);
                    }
                }

                _removed.AddRange(open.Values.Select(row => row.Place));
            }

            public async Task RemoveAsync(Session session, string deleteSql, string closeSql)
            {
                foreach (var (to, rows) in _closed)
                {
                    await session.ExecuteAsync(closeSql, new { to = Utc(to), rows = rows.ToArray() });
                }

                if (_removed.Count > 0)
                {
                    await session.ExecuteAsync(deleteSql, new { rows = _removed.ToArray() });
                }
            }
        }
    }

    /// <summary>The current status and capacity of a factory.</summary>
    private sealed record State(long Id, string? Status, StatusClaim? Since, StatusClaim? Confirmed, CapacityOnDay CapacityNow, long? Stamp, bool IsOutline)
    {
        public static State Of(StoredFactory factory, FactorySlice slice, DateOnly day, Concern concern)
        {
            var span = slice.Spans.First(s => s.Contains(day));
            return new(
                factory.Id, span.Status, span.Since, slice.LastConfirmed(day),
                Capacity.OnDay(slice.Parts, factory.Products, day), concern.Stamp, concern.IsOutline);
        }

        /// <summary>The list of totals as answers show it.</summary>
        public string CapacityJson()
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartArray();
                foreach (var total in CapacityNow.Totals)
                {
                    writer.WriteStartObject();
                    WriteText(writer, "product", total.Product);
                    WriteNumber(writer, "value", total.Value);
                    WriteNumber(writer, "min", total.Min);
                    WriteNumber(writer, "max", total.Max);
                    WriteText(writer, "word", total.Word);
                    WriteText(writer, "unit", total.Unit);
                    WriteText(writer, "qualifier", total.Qualifier);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }

        private static void WriteText(Utf8JsonWriter writer, string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }

        private static void WriteNumber(Utf8JsonWriter writer, string name, decimal? value)
        {
            if (value is not null)
            {
                writer.WriteNumber(name, value.Value);
            }
        }
    }
}
