using System.Globalization;
using System.Text.Json;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Changes;

/// <summary>Some entries of the log, and up to where the page covers it.</summary>
/// <param name="Entries">The entries that match.</param>
/// <param name="Through">The number up to which (or, newest first, down to which) no entry that matches is
/// missing.</param>
/// <param name="HasMore">True where the log continues after it.</param>
internal sealed record FeedPage(IReadOnlyList<FeedEntryView> Entries, long Through, bool HasMore);

/// <summary>
/// The log in its one order, filtered. A write takes its number under a lock that it holds until it is committed, so a
/// reader who asks for the entries after the last number misses none.
/// </summary>
internal sealed record Feed(FeedFilter Filter, FactoryFilter Factories)
{
    /// <summary>The type of the entries that say that the current day has advanced.</summary>
    public const string DayType = "day";

    /// <summary>How many entries one page examines, however few of them match.</summary>
    private const int Widest = 500;

    /// <summary>
    /// How much of the log one page covers at most, where a filter could otherwise examine all of it in vain.
    /// </summary>
    private const int Longest = 200_000;

    /// <summary>
    /// How many factories are examined for an entry that names none; with more, the entry is not filtered.
    /// </summary>
    private const int MostAffected = 200;

    private static readonly DateOnly Epoch = new(1970, 1, 1);

    // The factories that an entry without a factory concerns. An interval that ends at the entry's stamp counts as one
    // that begins there, so that a factory is compared as it was before the write and after it.
    private const string AffectedSql = """
        select e.seq, t.factory_id
        from unnest(
            @seqs::bigint[], @types::text[], @ids::bigint[], @ats::timestamptz[], @befores::date[], @days::date[])
          as e (seq, type, id, at, day_before, day)
        cross join lateral (
          select coalesce(m.survivor_id, x.factory_id) as factory_id
          from (
            select c.factory_id
            from role r join claim c on c.id = r.claim_id and c.known_from <= e.at and c.known_to >= e.at
            where e.type = 'operator' and r.operator_id = e.id
            union
            select c.factory_id
            from depiction d join claim c on c.id = d.claim_id and c.known_from <= e.at and c.known_to >= e.at
            where e.type = 'media' and d.media_id = e.id
            union
            select c.factory_id
            from evidence v
            join claim c on c.id = v.claim_id and c.factory_id is not null and c.known_from <= e.at
              and c.known_to >= e.at
            where e.type = 'source' and v.source_id = e.id and v.known_from <= e.at and v.known_to >= e.at
            union
            select c.factory_id
            from membership b
            join claim c on c.id = b.claim_id and c.factory_id is not null and c.known_from <= e.at
              and c.known_to >= e.at
            where e.type = 'region' and b.cluster_id = e.id
            union
            select v.factory_id
            from (
              select e.id as region_id where e.type = 'region'
              union
              select b.region_id
              from membership b join claim c on c.id = b.claim_id and c.known_from <= e.at and c.known_to >= e.at
              where e.type = 'region' and b.cluster_id = e.id and b.region_id is not null
              union
              select b.region_id from membership b where e.type = 'membership' and b.claim_id = e.id
                and b.region_id is not null) w
            join region_closure h on h.ancestor_id = w.region_id and h.known_from <= e.at and h.known_to >= e.at
            join factory_version v on v.region_id = h.region_id and v.known_from <= e.at and v.known_to >= e.at
            union
            select c.factory_id
            from status_event v join claim c on c.id = v.claim_id and c.known_from <= e.at and c.known_to > e.at
            where e.type = 'day' and v.earliest > e.day_before and v.earliest <= e.day) x
          left join factory_merged m on m.loser_id = x.factory_id and m.known_from <= e.at and m.known_to > e.at
          where e.type <> 'day' or exists (
            select from status_span z
            where z.factory_id = coalesce(m.survivor_id, x.factory_id) and not z.is_published
              and z.known_from <= e.at and z.known_to > e.at and z.valid_from > e.day_before and z.valid_from <= e.day)
          limit @most) t
        """;

    // A factory on a day, as it was known at a moment: the columns that lists of the past have.
    private const string Moments = """
        unnest(@places::int[], @factories::bigint[], @ats::timestamptz[], @days::date[])
          as moment (place, factory_id, at, day)
        cross join lateral (
          select z.factory_id, z.status, z.since_claim_id, v.sort_name, v.country, v.region_id, v.sector
          from status_span z
          join factory_version v on v.factory_id = z.factory_id
            and v.known_from <= moment.at and v.known_to > moment.at
          where z.factory_id = moment.factory_id and not z.is_published
            and z.known_from <= moment.at and z.known_to > moment.at
            and z.valid_from <= moment.day and z.valid_to > moment.day
          limit 1) f
        """;

    private const string MatchColumns = "moment.place, (select x.slug from factory x where x.id = f.factory_id) as slug";

    // Of one factory after the other: lists look up all that have a place, media or changes, which would be done anew
    // here for each moment.
    private const string PlaceThen = """

        left join lateral (
          select l.lon, l.lat, l.precision as location_precision
          from claim c
          join location l on l.claim_id = c.id
          join location_precision lp on lp.code = l.precision
          where c.factory_id = any (merged_factory_ids(@knownBy, @knownAt, f.factory_id)) and c.kind = 'location'
            and is_known(@knownBy, @knownAt, c)
          order by lp.rank, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
          limit 1) p on true
        """;

    private const string HasMediaThen = """
        exists (
            select from claim c
            join depiction d on d.claim_id = c.id
            join media_version v on v.media_id = d.media_id
              and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
            where c.factory_id = any (merged_factory_ids(@knownBy, @knownAt, f.factory_id)) and c.kind = 'depiction'
              and is_known(@knownBy, @knownAt, c))
        """;

    private const string UpdatedThen = """
        exists (
            select from change x
            where x.factory_id = any (merged_factory_ids(@knownBy, @knownAt, f.factory_id))
              and x.recorded_at >= @updatedSince and x.recorded_at <= @knownAt)
        """;

    /// <summary>Whether the feed is filtered by factories.</summary>
    public bool HasFactories => Factories != new FactoryFilter();

    /// <summary>
    /// The entries after a number, or newest first those before it; null starts at the end that comes first.
    /// </summary>
    public async Task<FeedPage> ReadAsync(Snapshot snapshot, Head head, long? from, bool isNewestFirst, int limit)
    {
        var width = HasFactories ? Math.Max(limit, Widest) : limit;
        var sql = new SelectSql().From(FeedEntryView.From);
        Filter.Apply(sql);
        var end = isNewestFirst
            ? Math.Max(0, Math.Min(from ?? head.Seq, head.Seq) - Longest)
            : Math.Min(head.Seq, (from ?? 0) + Longest);
        if (isNewestFirst)
        {
            sql.And("c.seq > @end", "end", end);
        }
        else
        {
            sql.And("c.seq <= @end", "end", end);
        }

        var keys = from is null ? null : new[] { $"{from}", $"{from}" };
        sql.OrderBy(new Keyset(ChangeView.Sorts, [isNewestFirst ? "-seq" : "seq"], keys));
        var rows = await snapshot.QueryAsync<FeedEntryView>(sql.Page(FeedEntryView.FeedColumns, width), sql.Parameters);

        var hasMore = rows.Count > width;
        if (hasMore)
        {
            rows.RemoveAt(width);
        }

        var through = hasMore ? rows[^1].Seq : isNewestFirst ? end + 1 : end;
        hasMore |= isNewestFirst ? end > 0 : end < head.Seq;
        if (HasFactories)
        {
            rows = await MatchingAsync(snapshot, rows);
            if (rows.Count > limit)
            {
                rows.RemoveRange(limit, rows.Count - limit);
                (hasMore, through) = (true, rows[^1].Seq);
            }
        }

        await FillAsync(snapshot, rows);
        return new(rows, through, hasMore);
    }

    /// <summary>Entries by their numbers, whether or not they match any longer.</summary>
    public async Task<IReadOnlyList<FeedEntryView>> OfAsync(Snapshot snapshot, IReadOnlyList<long> seqs)
    {
        var sql = new SelectSql().From(FeedEntryView.From).And("c.seq = any (@seqs)", "seqs", seqs.ToArray());
        var statement = sql.All(FeedEntryView.FeedColumns, "c.seq");
        var rows = await snapshot.QueryAsync<FeedEntryView>(statement, sql.Parameters);
        if (HasFactories)
        {
            await MatchingAsync(snapshot, rows);
        }

        await FillAsync(snapshot, rows);
        return rows;
    }

    // A day has no versions to read: all there is to it is its date.
    private static async Task FillAsync(Snapshot snapshot, IReadOnlyList<FeedEntryView> rows)
    {
        await FeedContent.FillAsync(snapshot, [.. rows.Where(row => row.ResourceType != DayType)]);
        foreach (var row in rows.Where(row => row.ResourceType == DayType))
        {
            var day = Epoch.AddDays((int)row.ResourceId).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            row.After = new Dictionary<string, JsonElement> { ["day"] = JsonElement.Parse($"\"{day}\"") };
        }
    }

    // An entry is judged by what was known just before its stamp and at it, on the day of the stamp, so the result is
    // the same whenever it is read. Where the current day advanced, knowledge is the same and the days differ.
    private async Task<List<FeedEntryView>> MatchingAsync(Snapshot snapshot, List<FeedEntryView> rows)
    {
        var nameless = rows.Where(row => row.FactoryId is null).ToArray();
        var affected = nameless.Length == 0
            ? Enumerable.Empty<Affected>().ToLookup(t => t.Seq, t => t.FactoryId)
            : (await snapshot.QueryAsync<Affected>(AffectedSql, new
            {
                seqs = nameless.Select(row => row.Seq).ToArray(),
                types = nameless.Select(row => row.ResourceType).ToArray(),
                ids = nameless.Select(row => row.ResourceId).ToArray(),
                ats = nameless.Select(row => row.At).ToArray(),
                befores = nameless.Select(row => Before(row).Day).ToArray(),
                days = nameless.Select(row => After(row).Day).ToArray(),
                most = MostAffected + 1,
            })).ToLookup(t => t.Seq, t => t.FactoryId);

        IEnumerable<(FactoryAt Before, FactoryAt After)> SidesOf(FeedEntryView row) =>
            (row.FactoryId is { } own ? row.Survivors.Append(own) : affected[row.Seq]).Distinct()
                .Select(id => (Before(row) with { Factory = id }, After(row) with { Factory = id }));
        bool IsWide(FeedEntryView row) => row.FactoryId is null && affected[row.Seq].Count() > MostAffected;

        var compared = rows.Where(row => !IsWide(row)).SelectMany(SidesOf);
        var matches = await MatchAsync(
            snapshot, [.. compared.SelectMany(sides => new[] { sides.Before, sides.After }).Distinct()]);

        var kept = new List<FeedEntryView>();
        foreach (var row in rows)
        {
            if (IsWide(row))
            {
                kept.Add(row);
                continue;
            }

            var slugs = SidesOf(row)
                .Select(sides => (Before: matches.GetValueOrDefault(sides.Before), After: matches.GetValueOrDefault(sides.After)))
                .Where(slug => slug.Before is not null || slug.After is not null)
                .ToList();
            if (slugs.Count > 0)
            {
                row.Entered = [.. slugs.Where(s => s.Before is null).Select(s => s.After!).Order(StringComparer.Ordinal)];
                row.Left = [.. slugs.Where(s => s.After is null).Select(s => s.Before!).Order(StringComparer.Ordinal)];
                kept.Add(row);
            }
        }

        return kept;
    }

    private static FactoryAt Before(FeedEntryView row) => row.ResourceType == DayType
        ? new(row.At, Epoch.AddDays((int)(row.PreviousDay ?? row.ResourceId - 1)), 0)
        : new(row.At.AddMicroseconds(-1), TimeAxes.DayOf(row.At), 0);

    private static FactoryAt After(FeedEntryView row) =>
        new(row.At, row.ResourceType == DayType ? Epoch.AddDays((int)row.ResourceId) : TimeAxes.DayOf(row.At), 0);

    // The conditions of a list of factories, compared for many moments at once: its parameters are columns here.
    private async Task<Dictionary<FactoryAt, string>> MatchAsync(Snapshot snapshot, IReadOnlyList<FactoryAt> moments)
    {
        if (moments.Count == 0)
        {
            return [];
        }

        var sql = new SelectSql().From(Moments).With("knownBy", "recorded")
            .With("places", Enumerable.Range(0, moments.Count).ToArray())
            .With("factories", moments.Select(m => m.Factory).ToArray())
            .With("ats", moments.Select(m => m.At).ToArray())
            .With("days", moments.Select(m => m.Day).ToArray());
        ApplyFactories(sql);
        var statement = sql.All(MatchColumns, "moment.place")
            .Replace("@knownAt", "moment.at", StringComparison.Ordinal)
            .Replace("@asOf", "moment.day", StringComparison.Ordinal);
        var found = await snapshot.QueryAsync<Match>(statement, sql.Parameters);
        return found.ToDictionary(m => moments[m.Place], m => m.Slug);
    }

    private void ApplyFactories(SelectSql sql)
    {
        var byFactory = new FactoryFilter
        {
            Bbox = Factories.Bbox,
            Near = Factories.Near,
            RadiusKm = Factories.RadiusKm,
            MinPrecision = Factories.MinPrecision,
        };
        var others = Factories with
        {
            Bbox = null,
            Near = null,
            RadiusKm = null,
            MinPrecision = null,
            HasMedia = null,
            UpdatedSince = null,
        };
        others.Apply(sql, isPresent: false);
        if (byFactory != new FactoryFilter())
        {
            byFactory.ApplyPlace(sql.Join(PlaceThen));
        }

        if (Factories.HasMedia is { } hasMedia)
        {
            _ = hasMedia.Value.IsSet ? sql.And(HasMediaThen) : sql.And("not " + HasMediaThen);
        }

        if (Factories.UpdatedSince is { } since)
        {
            sql.And(UpdatedThen, "updatedSince", since.Value.First);
        }
    }

    /// <summary>A factory on a day, as known at a moment.</summary>
    private sealed record FactoryAt(DateTimeOffset At, DateOnly Day, long Factory);

    private sealed record Affected
    {
        public required long Seq { get; init; }

        public required long FactoryId { get; init; }
    }

    private sealed record Match
    {
        public required int Place { get; init; }

        public required string Slug { get; init; }
    }
}
