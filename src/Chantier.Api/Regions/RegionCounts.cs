using Chantier.Api.Factories;
using Chantier.Api.Http;

namespace Chantier.Api.Regions;

/// <summary>
/// Counts the factories of the regions on a page. Those of a region are in it or in a region below it; those of a
/// cluster are its members too. One statement counts for the whole page.
/// </summary>
internal static class RegionCounts
{
    private const string Present = "factory_current f";

    // Factories are grouped by their own region first, and the groups are added up along the closure.
    private const string Head = """
        with place as materialized (
          select f.region_id, f.status, count(*) as factories
          from

        """;

    // A factory can be a member itself and be in a region that is one, but counts once.
    private const string Clusters = """

          where f.region_id in (
            select h.region_id from region_closure h
            where h.ancestor_id = any (@regions) and is_recorded(@knownBy, @knownAt, h.known_from, h.known_to))
          group by 1, 2
        ), cluster as materialized (
          select r.id from region r where r.id = any (@regions) and r.kind = 'cluster'
        ), below as materialized (
          select b.id, h.region_id
          from (
            select c.id, c.id as region_id from cluster c
            union
            select b.cluster_id, b.region_id
            from cluster g
            join membership b on b.cluster_id = g.id and b.region_id is not null
            join claim c on c.id = b.claim_id and is_known(@knownBy, @knownAt, c)) b
          join region_closure h on h.ancestor_id = b.region_id
            and is_recorded(@knownBy, @knownAt, h.known_from, h.known_to)
        ), member as materialized (
          select b.cluster_id as id, coalesce(m.survivor_id, c.factory_id) as factory_id
          from cluster g
          join membership b on b.cluster_id = g.id
          join claim c on c.id = b.claim_id and c.factory_id is not null and is_known(@knownBy, @knownAt, c)
          left join factory_merged m on m.loser_id = c.factory_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        ), found as (
          select b.id, f.factory_id, f.status
          from below b join

        """;

    private const string Members = """
         on f.region_id = b.region_id
          where exists (select from cluster)
          union
          select m.id, f.factory_id, f.status
          from member m join

        """;

    private const string Tail = """
         on f.factory_id = m.factory_id
          where exists (select from cluster)
        )
        select x.region_id, x.status, x.factories
        from (
          select h.ancestor_id as region_id, p.status, sum(p.factories)::bigint as factories
          from region_closure h
          join place p on p.region_id = h.region_id
          where h.ancestor_id = any (@regions) and is_recorded(@knownBy, @knownAt, h.known_from, h.known_to)
            and not exists (select from cluster c where c.id = h.ancestor_id)
          group by 1, 2
          union all
          select id, status, count(*) from found group by 1, 2) x
        left join status s on s.code = x.status
        order by x.region_id, s.progress nulls last;
        """;

    private const string PresentSql = Head + " " + Present + Clusters + " " + Present + Members + " " + Present + Tail;

    private const string PastSql = Head + " " + FactorySql.Past + Clusters + " " + FactorySql.Past + Members + " " + FactorySql.Past + Tail;

    /// <summary>Fills in the counts, each region's by status in the order of the statuses.</summary>
    public static async Task FillAsync(Snapshot snapshot, TimeAxes axes, IReadOnlyList<RegionView> regions)
    {
        if (regions.Count == 0)
        {
            return;
        }

        var rows = await snapshot.QueryAsync<Row>(axes.IsPresent ? PresentSql : PastSql, new
        {
            regions = regions.Select(r => r.RegionId).ToArray(),
            knownBy = axes.Sense,
            knownAt = axes.Known,
            asOf = axes.Day,
        });
        var counts = rows.ToLookup(row => row.RegionId);
        foreach (var region in regions)
        {
            region.FactoryCount = counts[region.RegionId].Sum(row => row.Factories);
            if (region is RegionDetail detail)
            {
                detail.FactoriesByStatus =
                [
                    .. counts[region.RegionId].Select(row => new StatusCount { Status = row.Status, Factories = row.Factories }),
                ];
            }
        }
    }

    private sealed record Row
    {
        public required long RegionId { get; init; }

        public string? Status { get; init; }

        public required long Factories { get; init; }
    }
}
