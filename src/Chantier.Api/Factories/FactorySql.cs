using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Factories;

/// <summary>
/// Where a list of factories is read from. The present is factory_current; any other day, or earlier knowledge, is
/// status_span, which holds what lists of the past filter and sort by. Both are named f and are filtered and sorted first;
/// only the rows of the page are joined to what they show.
/// </summary>
internal static class FactorySql
{
    public const int DistanceDepth = 10_000;

    private const string Current = "factory_current f";

    private const string Spans = "status_span f";

    // The one span of a factory that holds on the day, as known at the moment.
    private const string AtThatTime = """
        f.is_published = (@knownBy = 'published') and f.known_from <= @knownAt and f.known_to > @knownAt
          and f.valid_from <= @asOf and f.valid_to > @asOf
        """;

    private const string CurrentPlace = "\ncross join lateral (select f.lon, f.lat, f.location_precision) p";

    // The claim that decides is the one that factory_outline_at takes: the most precise, then the surest, then the latest.
    private const string PastPlace = """

        left join lateral (
          select coalesce(m.survivor_id, c.factory_id) as factory_id, l.lon, l.lat, l.precision as location_precision
          from location l
          join claim c on c.id = l.claim_id and is_known(@knownBy, @knownAt, c)
          left join factory_merged m on m.loser_id = c.factory_id and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          where c.id = (
            select o.id
            from claim o
            join location ol on ol.claim_id = o.id
            join location_precision op on op.code = ol.precision
            where o.factory_id = any (factory_members(@knownBy, @knownAt, coalesce(m.survivor_id, c.factory_id)))
              and o.kind = 'location' and is_known(@knownBy, @knownAt, o)
            order by op.rank, o.basis, confidence_rank(o.confidence), o.known_from desc, o.id desc
            limit 1)) p on p.factory_id = f.factory_id
        """;

    private const string Chosen = "f.factory_id, f.status, f.since_claim_id";

    private const string ChosenWithDistance = Chosen + ", sphere_point(p.lon, p.lat) <-> sphere_point(@lon, @lat) as chord";

    /// <summary>The columns of a row: t is the factory, page what was chosen, and the others what they are joined to.</summary>
    private const string Columns = """
        t.factory_id, t.slug, t.name, t.sector, t.products, t.country, r.slug as region_slug,
          case @lang when 'fr' then rv.name_fr else rv.name_en end as region_name, t.locality,
          t.lon, t.lat, t.location_precision, t.location_uncertainty_m,
          part.slugs as operator_slugs, part.names as operator_names, part.roles as operator_roles,
          page.status, term.stage, since.date as status_since, since.date_meaning as status_date_meaning, sc.basis as status_basis,
          seen.date as last_confirmed_on,
          capacity.entries as capacity_json, capacity.basis as capacity_basis, capacity.is_partial as capacity_is_partial,
          t.phase_count, t.media_count, t.source_count, t.version, t.updated_at, @asOf::date as as_of
        """;

    private const string ColumnsWithDistance = Columns + """
        ,
          round((2 * 6371.0088 * asin(least(1, page.chord / 2)))::numeric, 3)::float8 as distance_km
        """;

    // Names are joined here, so that nobody who renames something has to write to the factories it is named in.
    private const string Names = """

        left join region r on r.id = t.region_id
        left join region_version rv on rv.region_id = t.region_id and is_recorded(@knownBy, @knownAt, rv.known_from, rv.known_to)
        cross join lateral (
          select coalesce(array_agg(o.slug order by k.rank, ov.sort_name, o.id), '{}') as slugs,
            coalesce(array_agg(ov.name order by k.rank, ov.sort_name, o.id), '{}') as names,
            coalesce(array_agg(u.role order by k.rank, ov.sort_name, o.id), '{}') as roles
          from (
            select distinct x.operator_id, x.role
            from unnest(t.operator_ids, t.operator_roles, t.operator_froms, t.operator_tos) x (operator_id, role, valid_from, valid_to)
            where x.valid_from <= @asOf and x.valid_to >= @asOf) u
          join role_kind k on k.code = u.role
          join operator o on o.id = u.operator_id
          join operator_version ov on ov.operator_id = o.id and is_recorded(@knownBy, @knownAt, ov.known_from, ov.known_to)) part
        left join status term on term.code = page.status
        left join status_event since on since.claim_id = page.since_claim_id
        left join claim sc on sc.id = page.since_claim_id
        """;

    private const string CurrentJoins = """
        join factory_current t on t.factory_id = page.factory_id
        cross join lateral (
          select t.capacity::text as entries, t.capacity_basis as basis, t.capacity_is_partial as is_partial) capacity
        left join status_event seen on seen.claim_id = t.last_confirmed_claim_id
        """ + Names;

    // Each function is called once, with the whole page; where its arguments are columns it is inlined.
    private const string PastJoins = """
        join (
          select o.*
          from (select array_agg(factory_id order by place) as ids, array_agg(@knownAt::timestamptz) as ats from page) a
          cross join lateral factory_outline_at(@knownBy, a.ids, a.ats) o
          offset 0) t on t.n = page.place
        left join (
          select l.n, l.status, l.date
          from (select array_agg(factory_id order by place) as ids, array_agg(@knownAt::timestamptz) as ats from page) a
          cross join lateral last_confirmed(@knownBy, a.ids, a.ats, @asOf) l
          offset 0) seen on seen.n = page.place and seen.status = page.status
        """ + PastCapacity + Names;

    // What factory_current holds ready: the sum of the parts that count, for each product and physical quantity. Parts of one
    // unit keep it; a part without any figure makes the sum partial.
    private const string PastCapacity = """

        cross join lateral (
          select
            coalesce(jsonb_agg(jsonb_build_object(
                'product', g.product, 'value', g.value, 'min', g.min, 'max', g.max, 'word', g.word, 'unit', g.unit, 'qualifier', g.qualifier)
              order by array_position(t.products, g.product), g.product, g.unit) filter (where g.unit is not null), '[]')::text as entries,
            case when bool_or(g.is_of_phases) filter (where g.unit is not null) then 'phases'
                 when bool_or(g.unit is not null) then 'site' end as basis,
            coalesce(bool_or(g.unit is null), false) as is_partial
          from (
            select s.product, u.reference_unit, u.unit,
              case when count(s.value) = count(*) then sum(s.value * u.factor) end as value,
              case when count(s.value) < count(*) and count(coalesce(s.value, s.min)) = count(*)
                then sum(coalesce(s.value, s.min) * u.factor) end as min,
              case when count(s.value) < count(*) and count(coalesce(s.value, s.max)) = count(*)
                then sum(coalesce(s.value, s.max) * u.factor) end as max,
              case when count(*) = 1 then min(s.word) end as word,
              case when count(distinct s.qualifier) = 1 and count(s.qualifier) = count(*) then min(s.qualifier) end as qualifier,
              bool_or(s.phase_id is not null) as is_of_phases
            from capacity_span s
            left join lateral (
              select b.reference_unit,
                case when b.is_one then s.unit else b.reference_unit end as unit,
                case when b.is_one then 1 else b.factor end as factor
              from (
                select su.reference_unit, su.factor, not exists (
                  select from capacity_span y join unit yu on yu.code = y.unit
                  where y.factory_id = s.factory_id and y.is_published = s.is_published and y.is_counted
                    and y.known_from <= @knownAt and y.known_to > @knownAt and y.valid_from <= @asOf and y.valid_to > @asOf
                    and y.product is not distinct from s.product and yu.reference_unit = su.reference_unit and y.unit <> s.unit) as is_one
                from unit su where su.code = s.unit) b) u on true
            where s.factory_id = page.factory_id and s.is_published = (@knownBy = 'published') and s.is_counted
              and s.known_from <= @knownAt and s.known_to > @knownAt and s.valid_from <= @asOf and s.valid_to > @asOf
            group by s.product, u.reference_unit, u.unit) g) capacity
        """;

    private const string Created = "\njoin factory_version made on made.factory_id = f.factory_id and made.version = 1";

    private const string Since = "\nleft join status_event began on began.claim_id = f.since_claim_id";

    private const string Updated = """

        cross join lateral (
          select max(x.recorded_at) as at from change x
          where x.factory_id = any (factory_members(@knownBy, @knownAt, f.factory_id))
            and (@knownBy = 'published' or x.recorded_at <= @knownAt)) updated
        """;

    private const string Confirmed = """

        left join lateral (
          select l.latest
          from last_confirmed(@knownBy, array[f.factory_id], array[@knownAt::timestamptz], @asOf) l
          where l.status = f.status) confirmed on true
        """;

    // The first entry of the capacity, in the reference unit.
    private const string Capacity = """

        cross join lateral (
          select (
            select sum(coalesce(s.value, s.min, s.max) * u.factor)
            from capacity_span s
            join unit u on u.code = s.unit
            where s.factory_id = f.factory_id and s.is_published = f.is_published and s.is_counted
              and s.known_from <= @knownAt and s.known_to > @knownAt and s.valid_from <= @asOf and s.valid_to > @asOf
            group by s.product, u.reference_unit
            order by array_position((
                select v.products from factory_version v
                where v.factory_id = f.factory_id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)), s.product),
              s.product, u.reference_unit
            limit 1) as reference) capacity_then
        """;

    private static readonly SortKey Id = new("id", "bigint", "f.factory_id");

    private static readonly SortKey Name = new("name", "text", "f.sort_name");

    /// <summary>The order that near= gives. An index cannot continue it where a cursor left off, so its depth is limited.</summary>
    private static readonly SortTable ByDistance = new(
        "distance",
        Id,
        new SortKey("distance", "float8", "(sphere_point(p.lon, p.lat) <-> sphere_point(@lon, @lat))"));

    // The same keys, of what the spans do not hold by joins that only the sort adds.
    private static readonly SortTable PastSorts = new(
        "name",
        Id,
        Id,
        Name,
        new SortKey("updatedAt", "timestamptz", "updated.at") { Join = Updated },
        new SortKey("createdAt", "timestamptz", "made.known_from") { Join = Created },
        new SortKey("statusSince", "date", "coalesce(began.earliest, 'infinity')", "coalesce(began.earliest, '-infinity')") { Join = Since },
        new SortKey("lastConfirmedOn", "date", "coalesce(confirmed.latest, 'infinity')", "coalesce(confirmed.latest, '-infinity')") { Join = Confirmed },
        new SortKey(
            "capacity", "numeric", "coalesce(capacity_then.reference, 'infinity')", "coalesce(capacity_then.reference, '-infinity')") { Join = Capacity });

    /// <summary>The keys that a list of factories can be sorted by. What has no value comes last.</summary>
    public static SortTable Sorts { get; } = new(
        "name",
        Id,
        Id,
        Name,
        new SortKey("updatedAt", "timestamptz", "f.updated_at"),
        new SortKey("createdAt", "timestamptz", "f.created_at"),
        new SortKey("statusSince", "date", "coalesce(f.status_since_on, 'infinity')", "coalesce(f.status_since_on, '-infinity')"),
        new SortKey("lastConfirmedOn", "date", "coalesce(f.last_confirmed_on, 'infinity')", "coalesce(f.last_confirmed_on, '-infinity')"),
        new SortKey("capacity", "numeric", "coalesce(f.capacity_reference, 'infinity')", "coalesce(f.capacity_reference, '-infinity')"));

    /// <summary>A statement over factories f, with the axes bound. Conditions and an order are added to it.</summary>
    public static SelectSql Over(TimeAxes axes, string language)
    {
        var sql = axes.Bind(new SelectSql()).With("lang", language);
        return axes.IsPresent ? sql.From(Current) : sql.From(Spans).And(AtThatTime);
    }

    /// <summary>Adds the place of each factory as p: lon, lat and location_precision, null where it is not known.</summary>
    public static SelectSql WithPlace(SelectSql sql, bool isPresent) => isPresent ? sql.Join(CurrentPlace) : sql.Join(PastPlace);

    /// <summary>The keys of a list on these axes; with near=, the distance alone.</summary>
    public static SortTable SortsOf(TimeAxes axes, bool isNear = false) => isNear ? ByDistance : axes.IsPresent ? Sorts : PastSorts;

    /// <summary>The statement of one page. The distance is to @lon and @lat, from the place p.</summary>
    public static string Page(SelectSql sql, TimeAxes axes, bool withDistance, int limit) => (axes.IsPresent, withDistance) switch
    {
        (true, false) => sql.PageThen(Chosen, Columns, CurrentJoins, limit),
        (true, true) => sql.PageThen(ChosenWithDistance, ColumnsWithDistance, CurrentJoins, limit),
        (false, false) => sql.PageThen(Chosen, Columns, PastJoins, limit),
        (false, true) => sql.PageThen(ChosenWithDistance, ColumnsWithDistance, PastJoins, limit),
    };

    /// <summary>The statement of one factory with more columns, on t.</summary>
    public static string One(SelectSql sql, TimeAxes axes, [ConstantExpected] string columns, [ConstantExpected] string joins) => axes.IsPresent
        ? sql.OneThen(Chosen, Columns, columns, CurrentJoins, joins)
        : sql.OneThen(Chosen, Columns, columns, PastJoins, joins);
}
