using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Factories;

/// <summary>
/// Where a list of factories is read from. The present is factory_current; any other day, or earlier knowledge, is
/// the version that was recorded then, with the status of the day. Both are named f and are filtered and sorted first;
/// only the rows of the page are joined to what they show.
/// </summary>
internal static class FactorySql
{
    public const int DistanceDepth = 10_000;

    private const string Current = "factory_current f";

    /// <summary>The factories f with what lists filter and sort by, on the day and as known at the moment.</summary>
    public const string Past = """
        (
          select v.factory_id, v.sort_name, v.country, v.region_id, v.sector, s.status, s.since_claim_id
          from factory_version v
          join status_span s on s.factory_id = v.factory_id and s.is_published = (@knownBy = 'published')
            and s.known_from <= @knownAt and s.known_to > @knownAt and s.valid_from <= @asOf and s.valid_to > @asOf
          where is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)) f
        """;

    private const string CurrentPlace = "\ncross join lateral (select f.lon, f.lat, f.location_precision) p";

    // The claim that factory_outline_at takes: the most precise, then the one of the best basis and confidence, then
    // the latest.
    private const string PastPlace = """

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

    private const string Chosen = "f.factory_id, f.status, f.since_claim_id";

    private const string ChosenWithDistance =
        Chosen + ", sphere_point(p.lon, p.lat) <-> sphere_point(@lon, @lat) as chord";

    /// <summary>
    /// The columns of a row: t is the factory, page what was chosen, and the others what they are joined to.
    /// </summary>
    private const string Columns = """
        t.factory_id, t.slug, t.name, t.sector, t.products, t.country, r.slug as region_slug,
          case @lang when 'fr' then rv.name_fr else rv.name_en end as region_name, t.locality,
          t.lon, t.lat, t.location_precision, t.location_uncertainty_m,
          part.slugs as operator_slugs, part.names as operator_names, part.roles as operator_roles,
          page.status, term.stage, since.date as status_since, since.date_meaning as status_date_meaning,
          sc.basis as status_basis, seen.date as last_confirmed_on,
          capacity.entries as capacity_entries, capacity.basis as entries_basis,
          capacity.is_partial as entries_are_partial, capacity.parts as capacity_parts,
          t.phase_count, t.media_count, t.source_count, t.version, t.updated_at, @asOf::date as as_of
        """;

    private const string ColumnsWithDistance = Columns + """
        ,
          round((2 * 6371.0088 * asin(least(1, page.chord / 2)))::numeric, 3)::float8 as distance_km
        """;

    // Names are joined here, so that nobody who renames something has to write to the factories it is named in.
    private const string Names = """

        left join region_version rv on rv.region_id = t.region_id
          and is_recorded(@knownBy, @knownAt, rv.known_from, rv.known_to)
        left join region r on r.id = rv.region_id
        cross join lateral (
          select coalesce(array_agg(o.slug order by k.rank, ov.sort_name, o.id), '{}') as slugs,
            coalesce(array_agg(ov.name order by k.rank, ov.sort_name, o.id), '{}') as names,
            coalesce(array_agg(u.role order by k.rank, ov.sort_name, o.id), '{}') as roles
          from (
            select distinct x.operator_id, x.role
            from unnest(t.operator_ids, t.operator_roles, t.operator_froms, t.operator_tos)
              x (operator_id, role, valid_from, valid_to)
            where x.valid_from <= @asOf and x.valid_to >= @asOf) u
          join role_kind k on k.code = u.role
          join operator o on o.id = u.operator_id
          join operator_version ov on ov.operator_id = o.id
            and is_recorded(@knownBy, @knownAt, ov.known_from, ov.known_to)) part
        left join status term on term.code = page.status
        left join status_event since on since.claim_id = page.since_claim_id
        left join claim sc on sc.id = page.since_claim_id
        """;

    private const string CurrentJoins = """
        join factory_current t on t.factory_id = page.factory_id
        cross join lateral (
          select t.capacity::text as entries, t.capacity_basis as basis, t.capacity_is_partial as is_partial,
            null::text as parts) capacity
        left join status_event seen on seen.claim_id = t.last_confirmed_claim_id
        """ + Names;

    // Each function is called with the whole page, and once: PostgreSQL would call it for one row after the other.
    // Where its arguments are columns, it is inlined.
    private const string PastJoins = """
        join (
          with outline as materialized (
            select o.ordinal, o.factory_id, o.slug, o.version, o.name, o.sector, o.products, o.country, o.region_id,
              o.locality, o.lon, o.lat, o.location_precision, o.location_uncertainty_m,
              o.operator_ids, o.operator_roles, o.operator_froms, o.operator_tos,
              o.phase_count, o.media_count, o.source_count, o.created_at, o.updated_at
            from (
              select array_agg(factory_id order by place) as ids, array_agg(@knownAt::timestamptz) as ats from page) a
            cross join lateral factory_outline_at(@knownBy, a.ids, a.ats) o)
          select * from outline) t on t.ordinal = page.place
        left join (
          with confirmed as materialized (
            select l.ordinal, l.status, l.date
            from (
              select array_agg(factory_id order by place) as ids, array_agg(@knownAt::timestamptz) as ats from page) a
            cross join lateral last_confirmed(@knownBy, a.ids, a.ats, @asOf) l)
          select * from confirmed) seen on seen.ordinal = page.place and seen.status = page.status
        """ + PastCapacity + Names;

    // The parts that count on the day. Adding them up is the rule of the domain, which factory_current has applied
    // already.
    private const string PastCapacity = """

        cross join lateral (
          select null::text as entries, null::text as basis, false as is_partial, coalesce(jsonb_agg(jsonb_build_object(
            'phaseId', s.phase_id, 'product', s.product, 'qualifier', s.qualifier,
            'unit', s.unit, 'reference', u.reference_unit, 'factor', u.factor,
            'value', s.value, 'min', s.min, 'max', s.max, 'word', s.word)), '[]')::text as parts
          from capacity_span s
          left join unit u on u.code = s.unit
          where s.factory_id = page.factory_id and s.is_published = (@knownBy = 'published') and s.is_counted
            and s.known_from <= @knownAt and s.known_to > @knownAt
            and s.valid_from <= @asOf and s.valid_to > @asOf) capacity
        """;

    private const string Created = "\njoin factory_version made on made.factory_id = f.factory_id and made.version = 1";

    private const string Since = "\nleft join status_event began on began.claim_id = f.since_claim_id";

    // The end of a merge changes the other factory too, under which the log does not have it.
    private const string Updated = """

        cross join lateral (
          select max(x.at) as at
          from (
            select h.recorded_at as at
            from change h where h.factory_id = any (merged_factory_ids(@knownBy, @knownAt, f.factory_id))
            union all
            select m.known_to from factory_merged m where m.survivor_id = f.factory_id and m.known_to < 'infinity') x
          where @knownBy = 'published' or x.at <= @knownAt) updated
        """;

    private const string Confirmed = """

        left join lateral (
          select l.latest
          from last_confirmed(@knownBy, array[f.factory_id], array[@knownAt::timestamptz], @asOf) l
          where l.status = f.status) confirmed on true
        """;

    // The first entry of the capacity, in the reference unit: its value, else its lower bound, else its upper one.
    private const string Capacity = """

        left join lateral (
          select case when bool_or(coalesce(s.value, s.min) is not null)
            then sum(coalesce(s.value, s.min, 0) * u.factor) else sum(s.max * u.factor) end as reference
          from capacity_span s
          join unit u on u.code = s.unit
          join factory_version v on v.factory_id = s.factory_id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where s.factory_id = f.factory_id and s.is_published = (@knownBy = 'published') and s.is_counted
            and s.known_from <= @knownAt and s.known_to > @knownAt and s.valid_from <= @asOf and s.valid_to > @asOf
          group by s.product, u.reference_unit, v.products
          order by coalesce(array_position(v.products, s.product), cardinality(v.products) + 1),
            s.product collate "C" nulls first, u.reference_unit collate "C"
          limit 1) size on true
        """;

    private static readonly SortKey Id = new("id", "bigint", "f.factory_id");

    private static readonly SortKey Name = new("name", "text", "f.sort_name");

    /// <summary>
    /// The order that near= gives. An index cannot continue it where a cursor left off, so its depth is limited.
    /// </summary>
    private static readonly SortTable ByDistance = new(
        "distance",
        Id,
        new SortKey("distance", "float8", "(sphere_point(p.lon, p.lat) <-> sphere_point(@lon, @lat))"));

    // The same keys, of what those columns do not hold by joins that only the sort adds.
    private static readonly SortTable PastSorts = new(
        "name",
        Id,
        Name,
        new SortKey("updatedAt", "timestamptz", "updated.at") { Join = Updated },
        new SortKey("createdAt", "timestamptz", "made.known_from") { Join = Created },
        SortKey.WithMissing("statusSince", "date", "began.earliest", Since),
        SortKey.WithMissing("lastConfirmedOn", "date", "confirmed.latest", Confirmed),
        SortKey.WithMissing("capacity", "numeric", "size.reference", Capacity));

    /// <summary>The keys that a list of factories can be sorted by. What has no value comes last.</summary>
    public static SortTable Sorts { get; } = new(
        "name",
        Id,
        Name,
        new SortKey("updatedAt", "timestamptz", "f.updated_at"),
        new SortKey("createdAt", "timestamptz", "f.created_at"),
        SortKey.WithMissing("statusSince", "date", "f.status_since_on"),
        SortKey.WithMissing("lastConfirmedOn", "date", "f.last_confirmed_on"),
        SortKey.WithMissing("capacity", "numeric", "f.capacity_reference"));

    /// <summary>A statement over factories f, with the axes bound. Conditions and an order are added to it.</summary>
    public static SelectSql Over(TimeAxes axes, string language)
    {
        var sql = axes.Bind(new SelectSql()).With("lang", language);
        return axes.IsPresent ? sql.From(Current) : sql.From(Past);
    }

    /// <summary>
    /// Adds the place of each factory as p: lon, lat and location_precision, null where it is not known.
    /// </summary>
    public static SelectSql WithPlace(SelectSql sql, bool isPresent) =>
        isPresent ? sql.Join(CurrentPlace) : sql.Join(PastPlace);

    /// <summary>The keys of a list on these axes; with near=, the distance alone.</summary>
    public static SortTable SortsOf(TimeAxes axes, bool isNear = false) =>
        isNear ? ByDistance : axes.IsPresent ? Sorts : PastSorts;

    /// <summary>The statement of one page. The distance is to @lon and @lat, from the place p.</summary>
    public static string Page(SelectSql sql, TimeAxes axes, bool withDistance, int limit) =>
        (axes.IsPresent, withDistance) switch
        {
            (true, false) => sql.PageThen(Chosen, Columns, CurrentJoins, limit),
            (true, true) => sql.PageThen(ChosenWithDistance, ColumnsWithDistance, CurrentJoins, limit),
            (false, false) => sql.PageThen(Chosen, Columns, PastJoins, limit),
            (false, true) => sql.PageThen(ChosenWithDistance, ColumnsWithDistance, PastJoins, limit),
        };

    /// <summary>The statement of one factory with more columns, on t.</summary>
    public static string One(
        SelectSql sql, TimeAxes axes, [ConstantExpected] string columns, [ConstantExpected] string joins) => axes.IsPresent
        ? sql.OneThen(Chosen, Columns, columns, CurrentJoins, joins)
        : sql.OneThen(Chosen, Columns, columns, PastJoins, joins);
}
