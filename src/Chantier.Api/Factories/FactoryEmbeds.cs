using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;

namespace Chantier.Api.Factories;

/// <summary>What include= embeds in factories: one statement for each, for all rows of a page at once.</summary>
internal static class FactoryEmbeds
{
    public static readonly Vocabulary Names = new(
        "FactoryPart", "regions", "operators", "phases", "statusEvents", "figures", "media", "sources", "evidence");

    private const string RegionsSql = """
        select f.factory_id, r.slug, case @lang when 'fr' then v.name_fr else v.name_en end as name
        from unnest(@factories) as f (factory_id)
        join factory_version t on t.factory_id = f.factory_id
          and is_recorded(@knownBy, @knownAt, t.known_from, t.known_to)
        cross join lateral factory_regions(@knownBy, array[f.factory_id], array[@knownAt::timestamptz]) x
        join region r on r.id = x.region_id
        join region_version v on v.region_id = r.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        left join region_closure c on c.region_id = t.region_id and c.ancestor_id = r.id
          and is_recorded(@knownBy, @knownAt, c.known_from, c.known_to)
        order by f.factory_id, c.depth nulls last, v.sort_name, r.id;
        """;

    private const string PhasesSql = $"""
        select {PhaseView.Columns}
        from {FactoriesOf.Ids}{PhaseView.FromFactories}
        order by f.factory_id, v.position, h.id;
        """;

    private const string StatusEventsSql = $"""
        with page as materialized (
          select {StatusEventView.Chosen}
          from {FactoriesOf.Ids}{StatusEventView.FromFactories}
          where not @isOfADay or {StatusEventView.HappenedByThen})
        select {StatusEventView.Columns}
        from page{StatusEventView.Joins}
        order by page.factory_id, e.earliest, page.id;
        """;

    private const string FiguresSql = $"""
        with page as materialized (
          select {FigureView.Chosen}
          from {FactoriesOf.Ids}{FigureView.FromFactories})
        select {FigureView.Columns}
        from page{FigureView.Joins}
        order by page.factory_id, g.property, page.id;
        """;

    private const string MediaSql = $"""
        select x.factory_id, {MediaView.Columns}
        from {MediaView.From}
        join lateral (
          select distinct f.factory_id from unnest(@factories) as f (factory_id)
          join claim c on c.factory_id = any (merged_factory_ids(@knownBy, @knownAt, f.factory_id))
            and c.kind = 'depiction'
            and is_known(@knownBy, @knownAt, c)
          join depiction d on d.claim_id = c.id and d.media_id = a.id) x on true
        where (not @isOfADay or {MediaView.CapturedByThen})
          and a.id in (
            select d.media_id from unnest(@factories) as f (factory_id)
            join claim c on c.factory_id = any (merged_factory_ids(@knownBy, @knownAt, f.factory_id))
              and c.kind = 'depiction'
            join depiction d on d.claim_id = c.id)
        order by x.factory_id, a.id;
        """;

    private const string SourcesSql = $"""
        select x.factory_id, {SourceView.Columns}
        from {SourceView.From}{SourceView.OfFactories}
        order by x.factory_id, v.sort_name, s.id;
        """;

    public static async Task FillAsync(
        IReadOnlyList<string> names, Snapshot snapshot, IReadOnlyList<FactoryView> rows, TimeAxes axes, string language)
    {
        var parameters = new
        {
            factories = rows.Select(row => row.FactoryId).ToArray(),
            knownBy = axes.Sense,
            knownAt = axes.Known,
            asOf = axes.Day,
            isOfADay = axes.AsOf is not null,
            lang = language,
        };

        async Task FillOne<T>(string name, string sql, Func<T, long> owner, Action<FactoryView, IReadOnlyList<T>> set)
        {
            if (names.Contains(name))
            {
                var parts = (await snapshot.QueryAsync<T>(sql, parameters)).ToLookup(owner);
                foreach (var row in rows)
                {
                    set(row, [.. parts[row.FactoryId]]);
                }
            }
        }

        await FillOne<RegionRow>(
            "regions", RegionsSql, r => r.FactoryId, (row, parts) => row.Regions = [.. parts.Select(r => new SlugName(r.Slug, r.Name))]);
        await FillOne<RoleView>("operators", RoleView.OfFactoriesSql, r => r.FactoryId, (row, parts) => row.Roles = parts);
        await FillOne<PhaseView>("phases", PhasesSql, p => p.FactoryId, (row, parts) => row.Phases = parts);
        await FillOne<StatusEventView>("statusEvents", StatusEventsSql, e => e.FactoryId, (row, parts) => row.StatusEvents = parts);
        await FillOne<FigureView>("figures", FiguresSql, g => g.FactoryId, (row, parts) => row.Figures = parts);
        await FillOne<MediaView>("media", MediaSql, m => m.FactoryId, (row, parts) => row.Media = parts);
        await FillOne<SourceView>("sources", SourcesSql, s => s.FactoryId, (row, parts) => row.Sources = parts);
        await FillOne<EvidenceRow>(
            "evidence", EvidenceRow.Sql, e => e.FactoryId, (row, parts) => row.Evidence = EvidenceRow.Values(parts));
    }

    private sealed record RegionRow
    {
        public required long FactoryId { get; init; }

        public required string Slug { get; init; }

        public required string Name { get; init; }
    }
}
