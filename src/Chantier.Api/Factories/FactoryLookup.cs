using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Search;

namespace Chantier.Api.Factories;

/// <summary>
/// What is looked up for a filter before the statement of a list is put together, because a good plan depends on it:
/// where few factories can match, the statement starts from these; else it compares one factory after the other, in the
/// order of the page, until that is full.
/// </summary>
internal sealed record FactoryLookup
{
    /// <summary>Up to here, the factories that can match are few.</summary>
    public const int Few = 2000;

    /// <summary>The words of q as search has them.</summary>
    public SearchedFor? Words { get; init; }

    public RegionScope? Regions { get; init; }

    public PlaceScope? Places { get; init; }

    public StatusScope? Statuses { get; init; }

    public static async Task<FactoryLookup> OfAsync(FactoryFilter filter, TimeAxes axes, Reading reading) => new()
    {
        Words = await SearchedFor.OfAsync("factory", filter.Q, axes, reading),
        Regions = filter.Region?.Value.Values is { } slugs ? await RegionScope.OfAsync(slugs, isPath: false, axes, reading) : null,
        Places = await PlaceScope.OfAsync(filter, axes, reading),
        Statuses = await StatusScope.OfAsync(filter, axes, reading),
    };
}

/// <summary>The regions that a list is limited to, with the factories in them where these are few.</summary>
internal sealed record RegionScope
{
    private const string Asked = """
        with asked as materialized (
          select array(
            select g.resource_id from slug g
            where g.kind = 'region' and g.slug = any (@slugs)
              and (not @isPath or exists (select from region r where r.id = g.resource_id and r.slug = g.slug))) as ids
        ), outer_region as materialized (
          select array(
            select unnest(a.ids)
            union
            select b.region_id
            from membership b join claim c on c.id = b.claim_id and is_known(@knownBy, @knownAt, c)
            where b.cluster_id = any (a.ids) and b.region_id is not null) as ids
          from asked a
        ), member as materialized (
          select array(select w.factory_id from cluster_members(@knownBy, @knownAt, a.ids) w) as ids from asked a
        )
        """;

    private const string CurrentSql = Asked + """

        select o.ids as regions, m.ids as members, m.ids || array(
          select f.factory_id
          from region_closure h
          join factory_current f on f.region_id = h.region_id
          where h.ancestor_id = any (o.ids) and is_recorded(@knownBy, @knownAt, h.known_from, h.known_to)
          limit @most) as candidates
        from outer_region o cross join member m;
        """;

    private const string PastSql = Asked + $"""

        select o.ids as regions, m.ids as members, m.ids || array(
          select f.factory_id
          from region_closure h
          join {FactorySql.Past} on f.region_id = h.region_id
          where h.ancestor_id = any (o.ids) and is_recorded(@knownBy, @knownAt, h.known_from, h.known_to)
          limit @most) as candidates
        from outer_region o cross join member m;
        """;

    private const string IsInside = """
        (coalesce((
            select true from region_closure h
            where h.region_id = f.region_id and h.ancestor_id = any (@scopeRegions)
              and is_recorded(@knownBy, @knownAt, h.known_from, h.known_to)
            limit 1), false)
          or f.factory_id = any (@scopeMembers))
        """;

    /// <summary>The regions asked for, and those that are members of them.</summary>
    public long[] Regions { get; init; } = [];

    /// <summary>The factories that are members of them.</summary>
    public long[] Members { get; init; } = [];

    /// <summary>The factories in them; not all, where they are not few.</summary>
    public long[] Candidates { get; init; } = [];

    /// <summary>Looks up slugs, old ones included; of a path, the present slug of a region alone.</summary>
    public static Task<RegionScope?> OfAsync(IEnumerable<string> slugs, bool isPath, TimeAxes axes, Reading reading) =>
        reading.FirstAsync<RegionScope>(axes.IsPresent ? CurrentSql : PastSql, new
        {
            slugs = slugs.ToArray(),
            isPath,
            most = FactoryLookup.Few + 1,
            knownBy = axes.Sense,
            knownAt = axes.Known,
            asOf = axes.Day,
        });

    public SelectSql Apply(SelectSql sql)
    {
        sql.And(IsInside).With("scopeRegions", Regions).With("scopeMembers", Members);
        return Candidates.Length > FactoryLookup.Few
            ? sql
            : sql.And("f.factory_id = any (@inRegions)", "inRegions", Candidates);
    }
}

/// <summary>
/// The factories that a claim known at a past moment locates in an area; whether it decides is another question.
/// </summary>
internal sealed record PlaceScope
{
    /// <summary>A place p in a box.</summary>
    public const string InBox = "p.lon between @west and @east and p.lat between @south and @north";

    /// <summary>A place p in a box across the antimeridian.</summary>
    public const string InSplitBox = "(p.lon >= @west or p.lon <= @east) and p.lat between @south and @north";

    /// <summary>A place p around a point.</summary>
    public const string IsNear = """
        p.lon is not null and sphere_point(p.lon, p.lat) <@ cube_enlarge(sphere_point(@lon, @lat), @chord, 3)
          and sphere_point(p.lon, p.lat) <-> sphere_point(@lon, @lat) <= @chord
        """;

    public const string EverInBox = $"f.factory_id in ({Located} where {InBox})";

    public const string EverInSplitBox = $"f.factory_id in ({Located} where {InSplitBox})";

    public const string EverNear = $"f.factory_id in ({Located} where {IsNear})";

    private const string Located = """
        select coalesce(m.survivor_id, c.factory_id)
          from location p
          join claim c on c.id = p.claim_id and is_known(@knownBy, @knownAt, c)
          left join factory_merged m on m.loser_id = c.factory_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        """;

    // Deriving the places of more takes longer than looking for the first ones in the order of the page.
    private const int MostDerived = 1000;

    private const string InBoxSql = $"select array({Located} where {InBox} limit @most) as candidates;";

    private const string InSplitBoxSql = $"select array({Located} where {InSplitBox} limit @most) as candidates;";

    private const string NearSql = $"select array({Located} where {IsNear} limit @most) as candidates;";

    /// <summary>The factories; not all, where they are not few.</summary>
    public long[] Candidates { get; init; } = [];

    /// <summary>Null in the present, where the place is a column, and where no area is asked for.</summary>
    public static async Task<PlaceScope?> OfAsync(FactoryFilter filter, TimeAxes axes, Reading reading)
    {
        if (axes.IsPresent || (filter.Bbox is null && filter.Near is null))
        {
            return null;
        }

        var sql = axes.Bind(new SelectSql()).With("most", FactoryLookup.Few + 1);
        filter.BindPlace(sql);
        var isSplit = filter.Bbox?.Value is { } box && box.West > box.East;
        var statement = filter.Near is not null ? NearSql : isSplit ? InSplitBoxSql : InBoxSql;
        return await reading.FirstAsync<PlaceScope>(statement, sql.Parameters);
    }

    public bool IsFew => Candidates.Length <= FactoryLookup.Few;

    // "is true" keeps PostgreSQL from starting from the candidates.
    public SelectSql Apply(SelectSql sql) => Candidates.Length <= MostDerived
        ? sql.And("f.factory_id = any (@inArea)", "inArea", Candidates)
        : sql.And("(f.factory_id in (select unnest(@inArea::bigint[]))) is true", "inArea", Candidates);
}

/// <summary>The factories that had one of the statuses on a past day.</summary>
internal sealed record StatusScope
{
    private const string Known = """
        s.is_published = (@knownBy = 'published') and s.known_from <= @knownAt and s.known_to > @knownAt
        """;

    // Apart, since each is one range of the index: the latest status of a factory has no end.
    private const string Sql = $"""
        select array(
          select s.factory_id from status_span s
          where s.status = any (@statuses) and s.valid_to = 'infinity' and s.valid_from <= @asOf and {Known}
          union all
          select s.factory_id from status_span s
          where s.status = any (@statuses) and s.valid_to > @asOf and s.valid_to < 'infinity' and s.valid_from <= @asOf
            and {Known}
          limit @most) as candidates;
        """;

    /// <summary>The factories; not all, where they are not few.</summary>
    public long[] Candidates { get; init; } = [];

    /// <summary>Null in the present, where an index has the statuses in the order of names.</summary>
    public static async Task<StatusScope?> OfAsync(FactoryFilter filter, TimeAxes axes, Reading reading) =>
        axes.IsPresent || filter.Statuses is not { } statuses ? null : await reading.FirstAsync<StatusScope>(Sql, new
        {
            statuses,
            most = FactoryLookup.Few + 1,
            knownBy = axes.Sense,
            knownAt = axes.Known,
            asOf = axes.Day,
        });

    public SelectSql Apply(SelectSql sql) => Candidates.Length > FactoryLookup.Few
        ? sql
        : sql.And("f.factory_id = any (@inStatus)", "inStatus", Candidates);
}
