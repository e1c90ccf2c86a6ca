using Chantier.Domain;
using Npgsql;

namespace Chantier.Api.Database;

/// <summary>A row of a period, and where it is in its table.</summary>
internal sealed record StoredPeriod<T>(string Place, Known<T> Known);

/// <summary>The stored periods of factories that may change, and the current day.</summary>
internal sealed record StoredPeriods(
    ILookup<(long Factory, bool IsPublished), StoredPeriod<StatusPeriod>> Statuses,
    ILookup<(long Factory, bool IsPublished), StoredPeriod<CapacityPeriod>> Capacities,
    DateOnly Day)
{
    /// <summary>Statements over a source u (id, day, recorded, published): which periods of which factories.</summary>
    public static IReadOnlyList<string> Statements(string source) =>
    [
        $"""
        select s.ctid::text, s.factory_id, s.is_published, s.known_from, s.known_to, s.valid_from, s.valid_to,
          s.status, s.since_claim_id
        from {source}
        join status_span s on s.factory_id = u.id and s.valid_to >= u.day
          and s.known_to >= case when s.is_published then u.published else u.recorded end
        """,
        $"""
        select s.ctid::text, s.factory_id, s.is_published, s.known_from, s.known_to, s.valid_from, s.valid_to,
          s.phase_id, s.status, s.is_counted, s.is_alone, s.product, s.unit, s.value, s.min, s.max, s.word, s.qualifier
        from {source}
        join capacity_span s on s.factory_id = u.id and s.valid_to >= u.day
          and s.known_to >= case when s.is_published then u.published else u.recorded end
        """,
        "select day from current_day",
    ];

    /// <summary>Reads the three results.</summary>
    public static async Task<StoredPeriods> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        string? Text(int i) => reader.IsDBNull(i) ? null : reader.GetString(i);
        long? Id(int i) => reader.IsDBNull(i) ? null : reader.GetInt64(i);
        decimal? Number(int i) => reader.IsDBNull(i) ? null : reader.GetDecimal(i);
        DateOnly Day(int i) => reader.GetFieldValue<DateOnly>(i);
        (long, bool) Key() => (reader.GetInt64(1), reader.GetBoolean(2));
        StoredPeriod<T> Row<T>(T period) => new(reader.GetString(0), new(reader.GetDateTime(3), reader.GetDateTime(4), period));

        var statuses = new List<((long, bool) Key, StoredPeriod<StatusPeriod> Row)>();
        while (await reader.ReadAsync(cancellation))
        {
            statuses.Add((Key(), Row(new StatusPeriod(Day(5), Day(6), Text(7), Id(8)))));
        }

        await reader.NextResultAsync(cancellation);
        var capacities = new List<((long, bool) Key, StoredPeriod<CapacityPeriod> Row)>();
        while (await reader.ReadAsync(cancellation))
        {
            capacities.Add((Key(), Row(new CapacityPeriod(
                Day(5), Day(6), Id(7), reader.GetString(8), reader.GetBoolean(9), reader.GetBoolean(10),
                Text(11), Text(12), Number(13), Number(14), Number(15), Text(16), Text(17)))));
        }

        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(statuses.ToLookup(s => s.Key, s => s.Row), capacities.ToLookup(c => c.Key, c => c.Row), Day(0));
    }
}

/// <summary>What is written so that the stored periods of one kind become the derived ones.</summary>
internal sealed class PeriodDifference<T>
{
    public List<string> Removed { get; } = [];

    public Dictionary<DateTime, List<string>> Closed { get; } = [];

    public List<(long Factory, bool IsPublished, Known<T> Known)> Added { get; } = [];

    public void Add(long factory, bool isPublished, IReadOnlyCollection<StoredPeriod<T>> stored, List<Known<T>> derived)
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
                if (!Closed.TryGetValue(known.To, out var places))
                {
                    Closed[known.To] = places = [];
                }

                places.Add(row.Place);
            }
        }

        Removed.AddRange(open.Values.Select(row => row.Place));
    }
}
