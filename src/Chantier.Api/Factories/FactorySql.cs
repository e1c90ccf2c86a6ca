using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Factories;

/// <summary>
/// Where a list of factories is read from, which depends on what is asked: today, as known now or then, from the states, as is any day
/// without its statuses; another day from the spans; and what the spans do not hold (dates that are certain) from the claims. Each sense of knowledge has states of its
/// own. All expose the same columns as f.
/// </summary>
internal static class FactorySql
{
    public static SortTable Sorts { get; } = new(
        "name",
        new SortKey("id", "bigint", "f.factory_id"),
        new SortKey("name", "text", "f.sort_name"),
        new SortKey("updatedAt", "timestamptz", "f.updated_at"),
        new SortKey("createdAt", "timestamptz", "f.created_at"),
        new SortKey("statusSince", "date", "coalesce(f.status_since_on, 'infinity')", "coalesce(f.status_since_on, '-infinity')"),
        new SortKey("lastConfirmedOn", "date", "coalesce(f.last_confirmed_on, 'infinity')", "coalesce(f.last_confirmed_on, '-infinity')"));

    /// <summary>The order that near= gives. The distance cannot be taken up by the index where a cursor left off, so its depth is capped.</summary>
    public static SortTable ByDistance { get; } = new(
        "distance",
        new SortKey("id", "bigint", "f.factory_id"),
        new SortKey("distance", "float8", "(sphere_point(f.lon, f.lat) <-> sphere_point(@lon, @lat))"));

    public const int DistanceDepth = 10_000;

    private const string States = "factory_state f";

    private const string PublishedStates = "published_state f";

    private const string Now = "f.known_to = 'infinity'";

    private const string Then = "f.known_from <= @knownAt and f.known_to > @knownAt";

    private const string InWorld = " = 0";

    private const string InRegion = " = (select g.resource_id from slug g where g.kind = 'region' and g.slug = @region)";

    private const string Lying = """
        (select s.sort_name, s.factory_id, s.status, t.known_from, t.known_to, t.slug, t.version, t.name, t.sector, t.products, t.country,
           t.region_id, t.region_slug, t.region_name_fr, t.region_name_en, t.locality, t.lon, t.lat, t.location_precision, t.location_uncertainty_m,
           t.operator_slugs, t.operator_names, t.operator_roles, t.operator_froms, t.operator_tos,
           t.stage, t.status_since, t.status_since_on, t.status_date_meaning, t.status_basis, t.last_confirmed, t.last_confirmed_on,
           t.capacity_course, t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_word, t.capacity_unit, t.capacity_qualifier, t.capacity_product,
           t.phase_count, t.media_count, t.source_count, t.created_at, t.updated_at
         from status_span s
        """;

    private const string StatesInRegion = Lying + " join factory_state t on t.factory_id = s.factory_id where s.known_by = 'recorded' and s.valid_to = 'infinity' and s.region_id" + InRegion;

    private const string PublishedInRegion = Lying + " join published_state t on t.factory_id = s.factory_id where s.known_by = 'published' and s.valid_to = 'infinity' and s.region_id" + InRegion;

    private const string Today = " and t.known_to = 'infinity') f";

    private const string Past = " and t.known_from <= @knownAt and t.known_to > @knownAt) f";

    private const string LyingNow = " and s.known_to = 'infinity'" + Today;

    private const string LyingThen = " and s.known_from <= @knownAt and s.known_to > @knownAt" + Past;

    // The status and what began it are the span's; the last confirmation is looked up where a list is sorted or dressed with it.
    private const string Standing = """
        (select s.sort_name, s.factory_id, s.status, s.since_claim_id, t.known_from, t.slug, t.name, t.sector, t.country, t.lon, t.lat, t.location_precision,
           t.region_id, t.operator_slugs, t.operator_names, t.operator_froms, t.operator_tos, t.capacity_course, t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit,
           t.media_count, t.created_at, t.updated_at, e.earliest as status_since_on,
           (select l.latest from last_confirmed(@knownBy, array[s.factory_id], array[@knownAt::timestamptz], @asOf, @dateMatch) l where l.status = s.status) as last_confirmed_on
         from status_span s
         left join status_event e on e.claim_id = s.since_claim_id
        """;

    private const string OnTheDay = """
         where s.known_by = @knownBy and s.known_from <= @knownAt and s.known_to > @knownAt and s.valid_from <= @asOf and s.valid_to > @asOf
           and s.region_id
        """;

    private const string Spans = Standing + "\n join factory_state t on t.factory_id = s.factory_id\n" + OnTheDay;

    private const string PublishedSpans = Standing + "\n join published_state t on t.factory_id = s.factory_id\n" + OnTheDay;

    private const string Certain = """
        (select t.sort_name, t.factory_id, n.status, n.since_claim_id, t.known_from, t.slug, t.name, t.sector, t.country, t.lon, t.lat, t.location_precision,
           t.region_id, t.operator_slugs, t.operator_names, t.operator_froms, t.operator_tos, t.capacity_course, t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit,
           t.media_count, t.created_at, t.updated_at, e.latest as status_since_on,
           (select l.latest from last_confirmed(@knownBy, array[t.factory_id], array[@knownAt::timestamptz], @asOf, @dateMatch) l where l.status = n.status) as last_confirmed_on
        """;

    private const string CertainOnTheDay = """
         cross join lateral (
           select x.status, x.since_claim_id from status_timeline(@knownBy, array[t.factory_id], array[@knownAt::timestamptz], 'certain') x
           where x.valid_from <= @asOf and x.valid_to > @asOf) n
         left join status_event e on e.claim_id = n.since_claim_id
         where exists (select from status_span s where s.factory_id = t.factory_id and s.known_by = @knownBy and s.known_from <= @knownAt and s.known_to > @knownAt
             and s.region_id
        """;

    private const string CertainFrom = Certain + "\n from factory_state t\n" + CertainOnTheDay;

    private const string PublishedCertainFrom = Certain + "\n from published_state t\n" + CertainOnTheDay;

    public const string Columns = """
        f.factory_id, f.slug, f.name, f.sector, f.products, f.country, f.region_slug, case @lang when 'fr' then f.region_name_fr else f.region_name_en end as region_name,
          f.locality, f.lon, f.lat, f.location_precision, f.location_uncertainty_m,
          f.operator_slugs, f.operator_names, f.operator_roles, f.operator_froms, f.operator_tos, @asOf::date as as_of,
          f.status, f.stage, f.status_since, f.status_date_meaning, f.status_basis, f.last_confirmed as last_confirmed_on,
          f.capacity_value, f.capacity_min, f.capacity_max, f.capacity_word, f.capacity_unit, f.capacity_qualifier, f.capacity_product,
          f.phase_count, f.media_count, f.source_count, f.version, f.updated_at
        """;

    public const string ColumnsWithDistance = Columns + """
        ,
          round((2 * 6371.0088 * asin(least(1, (sphere_point(f.lon, f.lat) <-> sphere_point(@lon, @lat)) / 2)))::numeric, 3)::float8 as distance_km
        """;

    private const string Chosen = "f.factory_id, f.known_from, f.status, f.since_claim_id";

    private const string PastColumns = """
        t.factory_id, t.slug, t.name, t.sector, t.products, t.country, t.region_slug, case @lang when 'fr' then t.region_name_fr else t.region_name_en end as region_name,
          t.locality, t.lon, t.lat, t.location_precision, t.location_uncertainty_m,
          t.operator_slugs, t.operator_names, t.operator_roles, t.operator_froms, t.operator_tos, @asOf::date as as_of,
          page.status, v.stage, e.date as status_since, e.date_meaning as status_date_meaning, c.basis as status_basis, seen.date as last_confirmed_on,
          capacity.value as capacity_value, capacity.min as capacity_min, capacity.max as capacity_max, capacity.word as capacity_word,
          capacity.unit as capacity_unit, capacity.qualifier as capacity_qualifier, capacity.product as capacity_product,
          t.phase_count, t.media_count, t.source_count, t.version, t.updated_at
        """;

    // Of the whole page at once, and only once. The arguments are columns: a function whose arguments are queries would not be inlined.
    private const string ForThePage = "(with made as materialized (select x.* from (select array_agg(factory_id order by place) as ids, array_agg(@knownAt::timestamptz) as ats from page) a cross join lateral ";

    private const string Made = " x) select * from made)";

    private const string Since = $"""

        left join status v on v.code = page.status
        left join status_event e on e.claim_id = page.since_claim_id
        left join claim c on c.id = page.since_claim_id
        left join {ForThePage}last_confirmed(@knownBy, a.ids, a.ats, @asOf, @dateMatch){Made} seen on seen.n = page.place and seen.status = page.status
        left join {ForThePage}factory_capacity(@knownBy, a.ids, a.ats, @asOf){Made} capacity on capacity.n = page.place
        """;

    private const string RecordedJoins = "join factory_state t on t.factory_id = page.factory_id and t.known_from = page.known_from" + Since;

    private const string PublishedJoins = "join published_state t on t.factory_id = page.factory_id and t.known_from = page.known_from" + Since;

    /// <summary>
    /// A statement over factories with the axes bound and its region chosen; the filter adds the rest. Which there are, and where, does not depend
    /// on the day: without their status the states answer for any.
    /// </summary>
    public static SelectSql Over(TimeAxes axes, string? region, string language, bool needsStatus = true)
    {
        var sql = axes.Bind(new SelectSql()).With("lang", language);
        if (region is not null)
        {
            sql.With("region", region);
        }

        return (axes.IsToday || !needsStatus, axes, axes.KnownAt, region) switch
        {
            (true, { IsPublished: true }, _, null) => sql.From(PublishedStates).And(Then),
            (true, { IsPublished: true }, _, _) => sql.From(PublishedInRegion + LyingThen),
            (true, _, null, null) => sql.From(States).And(Now),
            (true, _, null, _) => sql.From(StatesInRegion + LyingNow),
            (true, _, _, null) => sql.From(States).And(Then),
            (true, _, _, _) => sql.From(StatesInRegion + LyingThen),
            (_, { IsCertain: true, IsPublished: true }, _, null) => sql.From(PublishedCertainFrom + InWorld + ")" + Past),
            (_, { IsCertain: true, IsPublished: true }, _, _) => sql.From(PublishedCertainFrom + InRegion + ")" + Past),
            (_, { IsCertain: true }, null, null) => sql.From(CertainFrom + InWorld + ")" + Today),
            (_, { IsCertain: true }, null, _) => sql.From(CertainFrom + InRegion + ")" + Today),
            (_, { IsCertain: true }, _, null) => sql.From(CertainFrom + InWorld + ")" + Past),
            (_, { IsCertain: true }, _, _) => sql.From(CertainFrom + InRegion + ")" + Past),
            (_, { IsPublished: true }, _, null) => sql.From(PublishedSpans + InWorld + Past),
            (_, { IsPublished: true }, _, _) => sql.From(PublishedSpans + InRegion + Past),
            (_, _, null, null) => sql.From(Spans + InWorld + Today),
            (_, _, null, _) => sql.From(Spans + InRegion + Today),
            (_, _, _, null) => sql.From(Spans + InWorld + Past),
            _ => sql.From(Spans + InRegion + Past),
        };
    }

    /// <summary>The statement of one page.</summary>
    public static string Page(SelectSql sql, TimeAxes axes, bool withDistance, int limit) => (axes, withDistance) switch
    {
        ({ IsToday: true }, false) => sql.Page(Columns, limit),
        ({ IsToday: true }, true) => sql.Page(ColumnsWithDistance, limit),
        ({ IsPublished: true }, false) => sql.PageThen(Chosen, PastColumns, PublishedJoins, limit),
        ({ IsPublished: true }, true) => sql.PageThen(Chosen + ChosenDistance, PastColumns + PastDistance, PublishedJoins, limit),
        (_, false) => sql.PageThen(Chosen, PastColumns, RecordedJoins, limit),
        (_, true) => sql.PageThen(Chosen + ChosenDistance, PastColumns + PastDistance, RecordedJoins, limit),
    };

    /// <summary>The statement of one factory with more columns, on t.</summary>
    public static string One(SelectSql sql, TimeAxes axes, [ConstantExpected] string columns, [ConstantExpected] string joins) => axes switch
    {
        { IsToday: true } => sql.One(Columns, columns, "\ncross join lateral (select f.factory_id, f.version, f.created_at) t", joins),
        { IsPublished: true } => sql.OneThen(Chosen, PastColumns, columns, PublishedJoins, joins),
        _ => sql.OneThen(Chosen, PastColumns, columns, RecordedJoins, joins),
    };

    private const string ChosenDistance = ", sphere_point(f.lon, f.lat) <-> sphere_point(@lon, @lat) as chord";

    private const string PastDistance = ", round((2 * 6371.0088 * asin(least(1, page.chord / 2)))::numeric, 3)::float8 as distance_km";
}
