using Chantier.Domain;
using Npgsql;

namespace Chantier.Api.Database;

/// <summary>A factory as the projector reads it: what is known of it in both kinds of knowledge, and its products in their order.</summary>
internal sealed record StoredFactory(long Id, FactoryFacts Recorded, FactoryFacts Published, IReadOnlyList<string> Products);

/// <summary>Reads from claims and versions what the status and the capacity of factories are derived from.</summary>
internal static class FactoryFactsReader
{
    // Those asked for, and those that were ever merged into one of them.
    private const string Members = """
        (select x.id from unnest(@ids) x (id) union select m.loser_id from factory_merged m where m.survivor_id = any (@ids))
        """;

    // As is_known says it.
    private const string Published = """
        case when c.basis <> 'inferred' then c.published_from else '-infinity' end,
          case when c.basis <> 'inferred' then c.published_to when c.known_to = 'infinity' then 'infinity' else '-infinity' end
        """;

    private const string WithoutExpected = " and c.basis <> 'expected'";

    private const string Nothing = " and false";

    /// <summary>Eight statements about @ids, whose results are read below in this order.</summary>
    public static IReadOnlyList<string> Statements { get; } = Of(WithoutExpected, "", "", "");

    /// <summary>Returns the same with expected events, for one kind of knowledge, with figures or without.</summary>
    public static IReadOnlyList<string> WithExpected(bool isPublished, bool withFigures) =>
        Of("", withFigures ? "" : Nothing, isPublished ? Nothing : "", isPublished ? "" : Nothing);

    // Each parameter adds a condition to the statements about events, figures, recorded or published knowledge.
    private static string[] Of(string events, string figures, string recorded, string published) =>
    [
        """
        select v.factory_id, v.known_from, v.known_to, v.products
        from factory_version v where v.factory_id = any (@ids)
        """,
        """
        select m.loser_id, m.survivor_id, m.known_from, m.known_to
        from factory_merged m where m.survivor_id = any (@ids) or m.loser_id = any (@ids)
        """,
        // A claim that was filed while factories were merged may name a phase of another.
        """
        select v.phase_id, v.known_from, v.name is not null
        from phase h join phase_version v on v.phase_id = h.id
        where h.factory_id in (
          select x.id from unnest(@ids) x (id)
          union
          select m.loser_id from factory_merged m where m.survivor_id = any (@ids)
          union
          select o.loser_id from factory_merged m join factory_merged o on o.survivor_id = m.loser_id
          where m.survivor_id = any (@ids))
        order by v.phase_id, v.known_from
        """,
        """
        select c.factory_id, c.id, e.phase_id, e.status, e.date, e.date_meaning, c.basis, c.confidence,
          c.known_from, c.known_to,
        """ + Published + """

        from claim c join status_event e on e.claim_id = c.id
        where c.kind = 'status_event' and e.status is not null and c.factory_id in
        """ + Members + events,
        """
        select c.factory_id, c.id, f.phase_id, f.product, f.unit, u.reference_unit, u.factor, f.value, f.min, f.max, f.word,
          f.qualifier, f.for_date_earliest, c.confidence, c.known_from, c.known_to,
        """ + Published + """

        from claim c join figure f on f.claim_id = c.id join unit u on u.code = f.unit
        where c.kind = 'figure' and f.property = 'capacity' and f.scope = 'whole' and c.factory_id in
        """ + Members + figures,
        """
        select v.claim_id, greatest(v.known_from, s.known_from), least(v.known_to, s.known_to), s.published_earliest
        from claim c
        join figure f on f.claim_id = c.id and f.property = 'capacity' and f.scope = 'whole'
        join evidence v on v.claim_id = c.id
        join source_version s on s.source_id = v.source_id and s.known_from < v.known_to and s.known_to > v.known_from
        where c.kind = 'figure' and s.published_earliest is not null and c.factory_id in
        """ + Members + figures + recorded,
        """
        select v.claim_id, p.at, 'infinity'::timestamptz, s.published_earliest
        from claim c
        join figure f on f.claim_id = c.id and f.property = 'capacity' and f.scope = 'whole'
        join evidence v on v.claim_id = c.id and (v.known_to = 'infinity' or v.end_reason = 'news')
        cross join lateral (
          select z.published_earliest, z.published_latest, z.retrieved_at, z.retracted
          from source_version z where z.source_id = v.source_id order by z.version desc limit 1) s
        cross join lateral publication_of(s.published_latest, s.retrieved_at, v.known_from) p
        where c.kind = 'figure' and s.published_earliest is not null and s.retracted is distinct from 'error'
          and c.factory_id in
        """ + Members + figures + published,
        """
        select c.factory_id, min(c.published_from)
        from claim c where c.basis <> 'inferred' and c.published_from < c.published_to and c.factory_id in
        """ + Members + published + "\ngroup by c.factory_id",
    ];

    /// <summary>Reads the eight results; the reader is left after the last.</summary>
    public static async Task<List<StoredFactory>> ReadAsync(NpgsqlDataReader reader, IReadOnlyList<long> ids, CancellationToken cancellation)
    {
        var versions = new List<(long Factory, DateTime From, DateTime To, string[] Products)>();
        while (await reader.ReadAsync(cancellation))
        {
            versions.Add(VersionOf(reader));
        }

        await reader.NextResultAsync(cancellation);
        var merges = new List<(long Loser, long Survivor, DateTime From, DateTime To)>();
        while (await reader.ReadAsync(cancellation))
        {
            merges.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetDateTime(2), reader.GetDateTime(3)));
        }

        await reader.NextResultAsync(cancellation);
        var phases = new Dictionary<long, List<(DateTime From, bool IsNamed)>>();
        while (await reader.ReadAsync(cancellation))
        {
            var phase = reader.GetInt64(0);
            if (!phases.TryGetValue(phase, out var names))
            {
                phases[phase] = names = [];
            }

            names.Add((reader.GetDateTime(1), reader.GetBoolean(2)));
        }

        await reader.NextResultAsync(cancellation);
        var events = new List<Stated<StatusClaim>>();
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(EventOf(reader));
        }

        await reader.NextResultAsync(cancellation);
        var figures = new List<Stated<CapacityFigure>>();
        while (await reader.ReadAsync(cancellation))
        {
            figures.Add(FigureOf(reader));
        }

        var said = await SaidAsync(reader, cancellation);
        var saidInPublic = await SaidAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        var firsts = new Dictionary<long, DateTime>();
        while (await reader.ReadAsync(cancellation))
        {
            firsts[reader.GetInt64(0)] = reader.GetDateTime(1);
        }

        await reader.NextResultAsync(cancellation);
        return Assemble(ids, versions, merges, phases, events, figures, said, saidInPublic, firsts);
    }

    private static async Task<ILookup<long, Known<DateOnly>>> SaidAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        await reader.NextResultAsync(cancellation);
        var said = new List<(long Claim, Known<DateOnly> Day)>();
        while (await reader.ReadAsync(cancellation))
        {
            said.Add(SaidOf(reader));
        }

        return said.ToLookup(s => s.Claim, s => s.Day);
    }

    private static (long Factory, DateTime From, DateTime To, string[] Products) VersionOf(NpgsqlDataReader reader) =>
        (reader.GetInt64(0), reader.GetDateTime(1), reader.GetDateTime(2), reader.GetFieldValue<string[]>(3));

    private static Stated<StatusClaim> EventOf(NpgsqlDataReader reader) => new(reader.GetInt64(0), reader.GetInt64(2), KnownTimes.Of(reader, 8), new()
    {
        ClaimId = reader.GetInt64(1),
        PhaseId = 0,
        Status = reader.GetString(3),
        Date = Edtf.Parse(reader.GetString(4)),
        DateMeaning = reader.GetString(5),
        Basis = reader.GetString(6),
        Confidence = reader.GetString(7),
        RecordedAt = new(reader.GetDateTime(8), TimeSpan.Zero),
    });

    private static Stated<CapacityFigure> FigureOf(NpgsqlDataReader reader)
    {
        decimal? Number(int i) => reader.IsDBNull(i) ? null : reader.GetDecimal(i);
        string? Text(int i) => reader.IsDBNull(i) ? null : reader.GetString(i);
        return new(reader.GetInt64(0), reader.IsDBNull(2) ? null : reader.GetInt64(2), KnownTimes.Of(reader, 14), new()
        {
            ClaimId = reader.GetInt64(1),
            PhaseId = 0,
            Product = Text(3),
            Unit = reader.GetString(4),
            Measure = new(reader.GetString(5), reader.GetDecimal(6)),
            Value = Number(7),
            Min = Number(8),
            Max = Number(9),
            Word = Text(10),
            Qualifier = Text(11),
            ForDate = reader.IsDBNull(12) ? null : reader.GetFieldValue<DateOnly>(12),
            Confidence = reader.GetString(13),
            RecordedAt = new(reader.GetDateTime(14), TimeSpan.Zero),
        });
    }

    private static (long Claim, Known<DateOnly> Day) SaidOf(NpgsqlDataReader reader) =>
        (reader.GetInt64(0), new(reader.GetDateTime(1), reader.GetDateTime(2), reader.GetFieldValue<DateOnly>(3)));

    private static List<StoredFactory> Assemble(
        IReadOnlyList<long> ids, List<(long Factory, DateTime From, DateTime To, string[] Products)> versions,
        List<(long Loser, long Survivor, DateTime From, DateTime To)> merges, Dictionary<long, List<(DateTime From, bool IsNamed)>> phases,
        List<Stated<StatusClaim>> events, List<Stated<CapacityFigure>> figures, ILookup<long, Known<DateOnly>> said,
        ILookup<long, Known<DateOnly>> saidInPublic, Dictionary<long, DateTime> firsts)
    {
        var (versionsOf, eventsOf, figuresOf) = (versions.ToLookup(v => v.Factory), events.ToLookup(e => e.Factory), figures.ToLookup(f => f.Factory));
        var (mergedInto, absorbed) = (merges.ToLookup(m => m.Loser), merges.ToLookup(m => m.Survivor));
        return [.. ids.Select(id =>
        {
            // The members with the time in which their claims are those of the factory: its own always, of others while they were merged into it.
            List<(long Id, DateTime From, DateTime To)> members = [(id, DateTime.MinValue, DateTime.MaxValue), .. absorbed[id].Select(m => (m.Loser, m.From, m.To))];
            List<(long Id, DateTime From, DateTime To)> today = [.. members.Where(m => m.To == DateTime.MaxValue).Select(m => (m.Id, DateTime.MinValue, m.To))];
            var current = versionsOf[id].FirstOrDefault(v => v.To == DateTime.MaxValue);
            var isMerged = mergedInto[id].Any(m => m.To == DateTime.MaxValue);
            var first = today.Select(m => firsts.GetValueOrDefault(m.Id, DateTime.MaxValue)).Min();
            return new StoredFactory(
                id,
                new()
                {
                    Existence = Without([.. versionsOf[id].Select(v => (v.From, v.To))], [.. mergedInto[id].Select(m => (m.From, m.To))]),
                    Events = [.. members.SelectMany(m => eventsOf[m.Id].SelectMany(e => e.Within(e.Times.Recorded, m.From, m.To, phases)))
                        .Select(e => new Known<StatusClaim>(e.From, e.To, e.Value.Content with { PhaseId = e.Value.Phase }))],
                    Figures = [.. members.SelectMany(m => figuresOf[m.Id].SelectMany(f => f.Within(f.Times.Recorded, m.From, m.To, phases)))
                        .SelectMany(f => Saying(f, said))],
                },
                new()
                {
                    Existence = current.Products is null || isMerged || first == DateTime.MaxValue ? [] : [(first, DateTime.MaxValue)],
                    Events = [.. today.SelectMany(m => eventsOf[m.Id].Where(e => e.Times.IsPublished))
                        .Select(e => new Known<StatusClaim>(e.Times.Published.From, e.Times.Published.To, e.Content with { PhaseId = e.PhaseNow(phases) }))],
                    Figures = [.. today.SelectMany(m => figuresOf[m.Id].Where(f => f.Times.IsPublished))
                        .Select(f => new Known<(long Phase, CapacityFigure Content)>(f.Times.Published.From, f.Times.Published.To, (f.PhaseNow(phases), f.Content)))
                        .SelectMany(f => Saying(f, saidInPublic))],
                },
                current.Products ?? []);
        })];
    }

    // The versions, less the time in which the factory was merged into another.
    private static List<(DateTime From, DateTime To)> Without(List<(DateTime From, DateTime To)> versions, List<(DateTime From, DateTime To)> merged)
    {
        foreach (var (from, to) in merged)
        {
            versions = [.. versions.SelectMany(v => new[] { (v.From, v.To < from ? v.To : from), (v.From > to ? v.From : to, v.To) })
                .Where(v => v.Item1 < v.Item2)];
        }

        return versions;
    }

    // Cuts a figure where the day on which it was said last changes.
    private static IEnumerable<Known<CapacityFigure>> Saying(Known<(long Phase, CapacityFigure Content)> figure, ILookup<long, Known<DateOnly>> said)
    {
        var content = figure.Value.Content with { PhaseId = figure.Value.Phase };
        var days = said[content.ClaimId].Where(s => s.From < figure.To && s.To > figure.From).ToList();
        var cuts = new SortedSet<DateTime>(days.SelectMany(s => new[] { s.From, s.To }).Where(at => at > figure.From && at < figure.To)) { figure.From };
        var from = figure.From;
        foreach (var to in cuts.Skip(1).Append(figure.To))
        {
            var at = from;
            yield return new(from, to, content with { Said = days.Where(s => s.Contains(at)).Select(s => (DateOnly?)s.Value).Max() });
            from = to;
        }
    }

    private sealed record KnownTimes((DateTime From, DateTime To) Recorded, (DateTime From, DateTime To) Published)
    {
        public bool IsPublished => Published.From < Published.To;

        public static KnownTimes Of(NpgsqlDataReader reader, int first) =>
            new((reader.GetDateTime(first), reader.GetDateTime(first + 1)), (reader.GetDateTime(first + 2), reader.GetDateTime(first + 3)));
    }

    // A claim as it is filed: under a factory, and about a phase that has a name or has none, which can change.
    private sealed record Stated<T>(long Factory, long? Phase, KnownTimes Times, T Content)
    {
        public long PhaseNow(Dictionary<long, List<(DateTime From, bool IsNamed)>> phases) =>
            Phase is { } phase && phases.TryGetValue(phase, out var names) && names[^1].IsNamed ? phase : 0;

        public IEnumerable<Known<(long Phase, T Content)>> Within(
            (DateTime From, DateTime To) times, DateTime since, DateTime until, Dictionary<long, List<(DateTime From, bool IsNamed)>> phases)
        {
            var from = times.From > since ? times.From : since;
            var to = times.To < until ? times.To : until;
            if (from >= to)
            {
                yield break;
            }

            // A phase that was deleted keeps its last name.
            var names = Phase is { } phase && phases.TryGetValue(phase, out var known) ? known : [(DateTime.MinValue, false)];
            for (var i = 0; i < names.Count; i++)
            {
                var start = i == 0 || names[i].From < from ? from : names[i].From;
                var end = i + 1 < names.Count && names[i + 1].From < to ? names[i + 1].From : to;
                if (start < end)
                {
                    yield return new(start, end, (names[i].IsNamed ? Phase!.Value : 0, Content));
                }
            }
        }
    }
}
