using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Changes;

/// <summary>Some entries of the log, and how far they tell of it.</summary>
/// <param name="Entries">Those that match.</param>
/// <param name="Through">The number up to which (or, newest first, down to which) nothing that matches is left out.</param>
/// <param name="HasMore">Whether the log goes on behind it.</param>
internal sealed record FeedPage(IReadOnlyList<FeedEntryView> Entries, long Through, bool HasMore);

/// <summary>
/// The log in its one order, filtered. A write takes its number under a lock that it keeps until it is committed, so whoever
/// asks for what comes after the last number misses nothing.
/// </summary>
internal sealed record Feed(FeedFilter Filter, FactoryFilter Factories)
{
    /// <summary>How many entries one page looks at, however few of them match.</summary>
    private const int Widest = 500;

    /// <summary>How much of the log one page covers at most, where a filter could otherwise look through all of it in vain.</summary>
    private const int Longest = 200_000;

    /// <summary>How many factories are looked at for entries that name none; more are not told apart.</summary>
    private const int MostTouched = 200;

    private const string TouchedSql = """
        select s.at, t.factory_id
        from unnest(@ats::timestamptz[]) as s (at)
        cross join lateral (select f.factory_id from factory_state f where f.known_from = s.at order by f.factory_id limit @most) t
        """;

    // A factory as it was known at a moment, on the day of that moment.
    private const string Moments = """
        unnest(@places::int[], @factories::bigint[], @ats::timestamptz[], @days::date[]) as moment (place, factory_id, at, day)
        cross join lateral (
          select t.factory_id, t.slug, t.sector, t.country, t.lon, t.lat, t.location_precision, t.media_count, t.updated_at, s.status
          from factory_state t
          cross join lateral (
            select z.status from status_span z
            where z.factory_id = t.factory_id and z.known_by = 'recorded' and z.region_id = 0
              and z.known_from <= @knownAt and z.known_to > @knownAt and z.valid_from <= @asOf and z.valid_to > @asOf
            limit 1) s
          where t.factory_id = moment.factory_id and t.known_from <= @knownAt and t.known_to > @knownAt) f
        """;

    private const string LiesIn = """
        exists (select from status_span z
          where z.factory_id = f.factory_id and z.known_by = 'recorded'
            and z.known_from <= @knownAt and z.known_to > @knownAt and z.valid_from <= @asOf and z.valid_to > @asOf
            and z.region_id in (select g.resource_id from slug g where g.kind = 'region' and g.slug = any (@regions)))
        """;

    /// <summary>Whether factories are filtered at all.</summary>
    public bool HasFactories => Factories != new FactoryFilter();

    /// <summary>The entries behind a number, or newest first those before it; null starts at the end that comes first.</summary>
    public async Task<FeedPage> ReadAsync(Snapshot snapshot, Head head, long? from, bool isNewestFirst, int limit)
    {
        var width = HasFactories ? Math.Max(limit, Widest) : limit;
        var sql = new SelectSql().From(FeedEntryView.From);
        Filter.Apply(sql);
        var end = isNewestFirst ? Math.Max(0, Math.Min(from ?? head.Seq, head.Seq) - Longest) : Math.Min(head.Seq, (from ?? 0) + Longest);
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

        await FeedContent.FillAsync(snapshot, rows);
        return new(rows, through, hasMore);
    }

    /// <summary>Entries by their numbers, whether or not they match any longer.</summary>
    public async Task<IReadOnlyList<FeedEntryView>> OfAsync(Snapshot snapshot, IReadOnlyList<long> seqs)
    {
        var sql = new SelectSql().From(FeedEntryView.From).And("c.seq = any (@seqs)", "seqs", seqs.ToArray());
        var rows = await snapshot.QueryAsync<FeedEntryView>(sql.All(FeedEntryView.FeedColumns, "c.seq"), sql.Parameters);
        if (HasFactories)
        {
            await MatchingAsync(snapshot, rows);
        }

        await FeedContent.FillAsync(snapshot, rows);
        return rows;
    }

    // By what was known at the stamp of the write and just before it, on the same day of the world; so an entry is judged
    // alike whenever it is read.
    private async Task<List<FeedEntryView>> MatchingAsync(Snapshot snapshot, List<FeedEntryView> rows)
    {
        var nameless = rows.Where(row => row.FactoryId is null).Select(row => row.At).Distinct().ToArray();
        var touched = nameless.Length == 0
            ? Enumerable.Empty<Touched>().ToLookup(t => t.At, t => t.FactoryId)
            : (await snapshot.QueryAsync<Touched>(TouchedSql, new { ats = nameless, most = MostTouched + 1 })).ToLookup(t => t.At, t => t.FactoryId);

        IEnumerable<long> FactoriesOf(FeedEntryView row) => row.FactoryId is { } own ? row.Survivors.Append(own) : touched[row.At];
        bool IsWide(FeedEntryView row) => row.FactoryId is null && touched[row.At].Count() > MostTouched;

        var pairs = rows.Where(row => !IsWide(row)).SelectMany(row => FactoriesOf(row).Select(factory => (row.At, Factory: factory))).Distinct().ToList();
        var matches = await MatchAsync(snapshot, [.. pairs.SelectMany(pair => new[] { (pair.At.AddMicroseconds(-1), pair.At, pair.Factory), (pair.At, pair.At, pair.Factory) })]);

        var kept = new List<FeedEntryView>();
        foreach (var row in rows)
        {
            if (IsWide(row))
            {
                kept.Add(row);
                continue;
            }

            var both = FactoriesOf(row).Distinct().Select(factory => (
                Before: matches.GetValueOrDefault((row.At.AddMicroseconds(-1), factory)), After: matches.GetValueOrDefault((row.At, factory)))).ToList();
            if (both.Exists(side => side.Before is not null || side.After is not null))
            {
                row.Entered = [.. both.Where(side => side.Before is null).Select(side => side.After).OfType<string>().Order(StringComparer.Ordinal)];
                row.Left = [.. both.Where(side => side.After is null).Select(side => side.Before).OfType<string>().Order(StringComparer.Ordinal)];
                kept.Add(row);
            }
        }

        return kept;
    }

    // The conditions of a list of factories, asked of many moments at once: what is a parameter there is a column here.
    private async Task<Dictionary<(DateTimeOffset At, long Factory), string>> MatchAsync(Snapshot snapshot, IReadOnlyList<(DateTimeOffset At, DateTimeOffset Stamp, long Factory)> moments)
    {
        if (moments.Count == 0)
        {
            return [];
        }

        var sql = new SelectSql().From(Moments).With("knownBy", "recorded").With("dateMatch", "possible")
            .With("places", Enumerable.Range(0, moments.Count).ToArray())
            .With("factories", moments.Select(m => m.Factory).ToArray())
            .With("ats", moments.Select(m => m.At).ToArray())
            .With("days", moments.Select(m => TimeAxes.DayOf(m.Stamp)).ToArray());
        Factories.Apply(sql, regionsToo: false);
        if (Factories.Region is not null)
        {
            sql.And(LiesIn, "regions", Factories.Region.Value.Values.ToArray());
        }

        var statement = sql.All("moment.place, f.slug", "moment.place")
            .Replace("@knownAt", "moment.at", StringComparison.Ordinal).Replace("@asOf", "moment.day", StringComparison.Ordinal);
        return (await snapshot.QueryAsync<Match>(statement, sql.Parameters)).ToDictionary(m => (moments[m.Place].At, moments[m.Place].Factory), m => m.Slug);
    }

    private sealed record Touched
    {
        public required DateTimeOffset At { get; init; }

        public required long FactoryId { get; init; }
    }

    private sealed record Match
    {
        public required int Place { get; init; }

        public required string Slug { get; init; }
    }
}
