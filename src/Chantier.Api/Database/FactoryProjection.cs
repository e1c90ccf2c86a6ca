using System.Buffers;
using System.Text;
using System.Text.Json;
using Chantier.Domain;
using Npgsql;

namespace Chantier.Api.Database;

/// <summary>What of one factory has to be derived anew.</summary>
internal sealed record Concern(long Id)
{
    /// <summary>The first day of the world on which something may differ.</summary>
    public DateOnly FromDay { get; set; } = DateOnly.MaxValue;

    /// <summary>The first moment at which recorded knowledge may differ.</summary>
    public DateTime RecordedSince { get; set; } = Times.Never;

    /// <summary>The first moment at which published knowledge may differ.</summary>
    public DateTime PublishedSince { get; set; } = Times.Never;

    /// <summary>Whether more of its current state may differ than status, capacity and the number of sources.</summary>
    public bool IsOutline { get; set; }

    /// <summary>Whether the words by which it is found may differ.</summary>
    public bool IsSearched { get; set; }

    /// <summary>The number of the last entry about the factory itself; null where none is.</summary>
    public long? Stamp { get; set; }

    /// <summary>Everything of a factory.</summary>
    public static Concern OfAll(long id) =>
        new(id) { FromDay = DateOnly.MinValue, RecordedSince = Times.Always, PublishedSince = Times.Always, IsOutline = true };

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

/// <summary>The ends of known time, as they travel.</summary>
internal static class Times
{
    public static readonly DateTime Always = Utc(DateTime.MinValue);

    public static readonly DateTime Never = Utc(DateTime.MaxValue);

    public static DateTime Utc(DateTime at) => DateTime.SpecifyKind(at, DateTimeKind.Utc);
}

/// <summary>Reads, derives and writes the projections of some factories: their periods by difference, their current state as a whole.</summary>
internal sealed class FactoryProjection
{
    // From here on rows travel by COPY.
    private const int Many = 100;

    private const string States = """
        unnest(@ids, @statuses, @since::bigint[], @sinceOns::date[], @confirmed::bigint[], @confirmedOns::date[], @capacities, @bases, @partials,
            @quantities, @references::numeric[], @stamps::bigint[])
          as u (id, status, since, since_on, confirmed, confirmed_on, capacity, basis, is_partial, quantity, reference, stamp)
        """;

    // Of factories of which nothing else changed.
    private const string StateSql = """
        update factory_current c
        set status = u.status, since_claim_id = u.since, status_since_on = u.since_on, last_confirmed_on = u.confirmed_on,
          last_confirmed_claim_id = u.confirmed, capacity = u.capacity::jsonb, capacity_basis = u.basis, capacity_is_partial = u.is_partial,
          capacity_quantity = u.quantity, capacity_reference = u.reference,
          source_count = case when u.stamp is null then c.source_count else (
            select count(distinct v.source_id)
            from with_merged_factories_at('recorded', '9999-12-31Z', array[c.factory_id]) m
            join claim k on k.factory_id = m.member_id and k.known_to = 'infinity'
            join evidence v on v.claim_id = k.id and v.known_to = 'infinity') end,
          updated_at = case when u.stamp is null then c.updated_at else @at end,
          stamp = coalesce(u.stamp, c.stamp)
        from 
        """ + States + "\nwhere c.factory_id = u.id";

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
          lon = excluded.lon, lat = excluded.lat, location_precision = excluded.location_precision,
          location_uncertainty_m = excluded.location_uncertainty_m,
          operator_ids = excluded.operator_ids, operator_roles = excluded.operator_roles,
          operator_froms = excluded.operator_froms, operator_tos = excluded.operator_tos,
          status = excluded.status, since_claim_id = excluded.since_claim_id, status_since_on = excluded.status_since_on,
          last_confirmed_on = excluded.last_confirmed_on, last_confirmed_claim_id = excluded.last_confirmed_claim_id,
          capacity = excluded.capacity, capacity_basis = excluded.capacity_basis, capacity_is_partial = excluded.capacity_is_partial,
          capacity_quantity = excluded.capacity_quantity, capacity_reference = excluded.capacity_reference,
          phase_count = excluded.phase_count, media_count = excluded.media_count, source_count = excluded.source_count,
          created_at = excluded.created_at, updated_at = excluded.updated_at, stamp = greatest(c.stamp, excluded.stamp)
        """;

    private readonly PeriodDifference<StatusPeriod> _statuses = new();
    private readonly PeriodDifference<CapacityPeriod> _capacities = new();
    private readonly List<State> _states = [];
    private readonly List<long> _gone = [];

    private List<StoredFactory> _factories = [];
    private StoredPeriods? _stored;

    /// <summary>Adds the statements that read what is known of factories, and their stored periods from a source u.</summary>
    public static void AddReads(NpgsqlBatch batch, object parameters, string source, DateTimeOffset? at)
    {
        foreach (var sql in FactoryFactsReader.Statements.Concat(StoredPeriods.Statements(source)))
        {
            batch.BatchCommands.Add(Sql.Command(sql, parameters, at));
        }
    }

    /// <summary>Reads their results, of which the first is current.</summary>
    public async Task ReadAsync(NpgsqlDataReader reader, long[] ids, CancellationToken cancellation)
    {
        _factories = await FactoryFactsReader.ReadAsync(reader, ids, cancellation);
        _stored = await StoredPeriods.ReadAsync(reader, cancellation);
    }

    /// <summary>Derives what has to be written. False where one of the factories does not exist, which can be one that was merged.</summary>
    public bool Derive(IEnumerable<Concern> concerns)
    {
        foreach (var (factory, concern) in _factories.Zip(concerns))
        {
            Derive(factory.Id, isPublished: false, factory.Recorded, concern.RecordedSince, concern.FromDay);
            Derive(factory.Id, isPublished: true, factory.Published, concern.PublishedSince, concern.FromDay);
            if (FactoryHistory.At(factory.Recorded, DateTime.MaxValue.AddTicks(-1)) is { } slice)
            {
                _states.Add(State.Of(factory, slice, _stored!.Day, concern));
            }
            else
            {
                _gone.Add(factory.Id);
            }
        }

        return _gone.Count == 0;
    }

    /// <summary>Adds the statements that write it. Many new periods travel by COPY instead, at once.</summary>
    public async Task AddWritesAsync(NpgsqlBatch batch, DateTimeOffset at, CancellationToken cancellation)
    {
        AddRemovals(batch, _statuses, "status_span", at);
        AddRemovals(batch, _capacities, "capacity_span", at);
        if (_statuses.Added.Count > Many || _capacities.Added.Count > Many)
        {
            await ExecuteAsync(batch, cancellation);
            await PeriodRows.CopyAsync(batch.Connection!, _statuses.Added, cancellation);
            await PeriodRows.CopyAsync(batch.Connection!, _capacities.Added, cancellation);
        }
        else
        {
            PeriodRows.AddInserts(batch, _statuses.Added, at);
            PeriodRows.AddInserts(batch, _capacities.Added, at);
        }

        if (_gone.Count > 0)
        {
            batch.BatchCommands.Add(Sql.Command("delete from factory_current where factory_id = any (@gone)", new { gone = _gone.ToArray() }, at));
        }

        AddStates(batch, OutlineSql, _states.FindAll(s => s.IsOutline), at);
        AddStates(batch, StateSql, _states.FindAll(s => !s.IsOutline), at);
    }

    /// <summary>Sends what a batch has collected.</summary>
    public static async Task ExecuteAsync(NpgsqlBatch batch, CancellationToken cancellation)
    {
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellation);
            batch.BatchCommands.Clear();
        }
    }

    private void Derive(long factory, bool isPublished, FactoryFacts facts, DateTime since, DateOnly fromDay)
    {
        if (since == DateTime.MaxValue || fromDay == DateOnly.MaxValue)
        {
            return;
        }

        var (statuses, capacities) = (_stored!.Statuses[(factory, isPublished)].ToList(), _stored.Capacities[(factory, isPublished)].ToList());
        var derived = FactoryHistory.Derive(
            facts, since, statuses.Select(s => s.Known).Where(k => k.From < since), capacities.Select(s => s.Known).Where(k => k.From < since), fromDay);
        _statuses.Add(factory, isPublished, statuses, derived.Statuses);
        _capacities.Add(factory, isPublished, capacities, derived.Capacities);
    }

    private static void AddRemovals<T>(NpgsqlBatch batch, PeriodDifference<T> difference, string table, DateTimeOffset at)
    {
        foreach (var (to, rows) in difference.Closed)
        {
            batch.BatchCommands.Add(Sql.Command(
                $"update {table} set known_to = @to where ctid = any (@rows::tid[])", new { to = Times.Utc(to), rows = rows.ToArray() }, at));
        }

        if (difference.Removed.Count > 0)
        {
            batch.BatchCommands.Add(Sql.Command($"delete from {table} where ctid = any (@rows::tid[])", new { rows = difference.Removed.ToArray() }, at));
        }
    }

    private static void AddStates(NpgsqlBatch batch, string sql, List<State> states, DateTimeOffset at)
    {
        if (states.Count > 0)
        {
            batch.BatchCommands.Add(Sql.Command(
                sql,
                new
                {
                    ids = states.ConvertAll(s => s.Id).ToArray(),
                    statuses = states.ConvertAll(s => s.Status).ToArray(),
                    since = states.ConvertAll(s => s.Since?.ClaimId).ToArray(),
                    sinceOns = states.ConvertAll(s => s.Since?.Date.Earliest).ToArray(),
                    confirmed = states.ConvertAll(s => s.Confirmed?.ClaimId).ToArray(),
                    confirmedOns = states.ConvertAll(s => s.Confirmed?.Date.Latest).ToArray(),
                    capacities = states.ConvertAll(s => s.CapacityJson()).ToArray(),
                    bases = states.ConvertAll(s => s.Capacity.Basis).ToArray(),
                    partials = states.ConvertAll(s => s.Capacity.IsPartial).ToArray(),
                    quantities = states.ConvertAll(s => s.First?.Reference).ToArray(),
                    references = states.ConvertAll(s => s.First?.InReference).ToArray(),
                    stamps = states.ConvertAll(s => s.Stamp).ToArray(),
                },
                at));
        }
    }

    /// <summary>The current status and capacity of a factory.</summary>
    private sealed record State(long Id, string? Status, StatusClaim? Since, StatusClaim? Confirmed, CapacityOnDay Capacity, long? Stamp, bool IsOutline)
    {
        /// <summary>The capacity that lists are sorted by.</summary>
        public CapacityTotal? First => Capacity.Totals is [var first, ..] ? first : null;

        public static State Of(StoredFactory factory, FactorySlice slice, DateOnly day, Concern concern)
        {
            var span = slice.Spans.First(s => s.Contains(day));
            var capacity = Domain.Capacity.OnDay(slice.Parts, factory.Products, day);
            return new(factory.Id, span.Status, span.Since, slice.LastConfirmed(day), capacity, concern.Stamp, concern.IsOutline);
        }

        /// <summary>The list of totals as answers show it.</summary>
        public string CapacityJson()
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartArray();
                foreach (var total in Capacity.Totals)
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
