using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Search;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Regions;

/// <summary>GET /v1/regions, /v1/regions/{slug} and /v1/regions/{slug}/children.</summary>
internal static class ListRegions
{
    internal sealed record RegionFilter
    {
        [Description("Words that must all occur in the names and codes, as in search; with knownAt, in a name as recorded then.")]
        public Given<Words>? Q { get; init; }

        [Description("Slugs: exactly these regions, old slugs included.")]
        public Given<Codes>? Slug { get; init; }

        [Description("Kinds of regions.")]
        public Given<Codes>? Kind { get; init; }

        [Description("Slugs of parents: only regions directly below them.")]
        public Given<Codes>? Parent { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<RegionFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Q).HasWords();
                RuleFor(f => f.Slug).EachFits(Rules.Slug("slugs of regions", "hauts-de-france"));
                RuleFor(f => f.Kind).AreAmong(Vocabularies.RegionKind);
                RuleFor(f => f.Parent).EachFits(Rules.Slug("slugs of regions", "france"));
                RuleFor(f => f.Sort).AreKeysOf(RegionView.Sorts);
            }
        }
    }

    private const string Answering = "r.id in (select e.id from search_entry e where e.kind = 'region' and e.words @@ @words::tsquery)";

    private const string Matches = """
        not exists (select from unnest(string_to_array(search_text(@q), ' ')) w (word)
          where strpos(
            search_text(v.name_fr || ' ' || v.name_en || ' ' || coalesce(v.name_local, '') || ' ' || r.slug), w.word) = 0)
        """;

    // The children of a region have it as their parent; those of a cluster are the regions that are members of it.
    private const string ChildrenOf = """
        (p.slug = @of or r.id in (select m.region_id from membership m join claim c on c.id = m.claim_id
          and is_known(@knownBy, @knownAt, c)
          where m.cluster_id = (select id from region where slug = @of)))
        """;

    private const string MissingSql = """
        select r.slug as now,
          nullif((select max(v.known_to) from region_version v where v.region_id = r.id), 'infinity') as until
        from slug g join region r on r.id = g.resource_id
        where g.kind = 'region' and g.slug = @slug;
        """;

    private const string IsThereSql = """
        select exists (select from region r join region_version v on v.region_id = r.id
          and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to) where r.slug = @slug);
        """;

    private const string AncestorsSql = """
        select a.slug, case @lang when 'fr' then v.name_fr else v.name_en end as name
        from region_closure c
        join region a on a.id = c.ancestor_id
        join region_version v on v.region_id = a.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        where c.region_id = @region and c.depth > 0 and is_recorded(@knownBy, @knownAt, c.known_from, c.known_to)
        order by c.depth;
        """;

    public static async Task<IResult> Handle([AsParameters] RegionFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = Over(axes, query, reading)
            .AndAny(
                "r.id = (select g.resource_id from slug g where g.kind = 'region' and g.slug = @slug)",
                "r.id in (select g.resource_id from slug g where g.kind = 'region' and g.slug = any (@slug))",
                "slug",
                filter.Slug?.Value.Values)
            .AndAny("r.kind = @kind", "r.kind = any (@kind)", "kind", filter.Kind?.Value.Values)
            .AndAny(
                "v.parent_id = (select g.resource_id from slug g where g.kind = 'region' and g.slug = @parent)",
                "v.parent_id in (select g.resource_id from slug g where g.kind = 'region' and g.slug = any (@parent))",
                "parent",
                filter.Parent?.Value.Values);
        if (await SearchedFor.OfAsync("region", filter.Q, axes, reading) is { Query: { } words })
        {
            sql.And(Answering, "words", words);
        }
        else if (filter.Q is not null)
        {
            sql.And(Matches, "q", filter.Q.Value.Text);
        }

        return await ListAsync(
            sql.OrderBy(RegionView.Sorts.For(filter.Sort, reading.Cursor)), axes, query, reading, SlugCheck.Of(("parent", "region", filter.Parent)));
    }

    public static Task<IResult> Children([Description("The slug of the region or cluster.")] string slug, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading) => ListAsync(
        Over(axes, query, reading).And(ChildrenOf, "of", slug).OrderBy(RegionView.Sorts.For(null, reading.Cursor)),
        axes,
        query,
        reading,
        async snapshot => await snapshot.QueryAsync<bool>(IsThereSql, new { slug, knownBy = axes.Sense, knownAt = axes.Known }) is [true]
            ? null
            : await MissingAsync(snapshot, slug, "/children", axes));

    public static Task<IResult> One([Description("The slug of the region or cluster.")] string slug, [AsParameters] TimeAxes axes, [AsParameters] ItemQuery query, Reading reading) =>
        reading.ItemAsync(
            axes,
            query,
            Spec(axes, reading.Language(query.Lang), "r.slug = @slug", "slug", slug),
            snapshot => MissingAsync(snapshot, slug, "", axes));

    public static ItemSpec<RegionDetail> Spec(TimeAxes axes, string language, [ConstantExpected] string which, string name, object value)
    {
        var sql = axes.Bind(new SelectSql()).With("lang", language).From(RegionView.From).And(which, name, value);
        return new()
        {
            Sql = sql.One(RegionView.Columns),
            Parameters = sql.Parameters,
            Version = region => region.Version,
            Embed = async (snapshot, region) =>
            {
                sql.With("region", region.RegionId);
                region.Ancestors = [.. (await snapshot.QueryAsync<NameRow>(AncestorsSql, sql.Parameters)).Select(a => new SlugName(a.Slug, a.Name))];
                await RegionCounts.FillAsync(snapshot, axes, [region]);
            },
        };
    }

    public static Task<IResult> MissingAsync(Snapshot snapshot, string slug, string rest, TimeAxes axes, string list = "/v1/regions") =>
        Missing.AnswerAsync(snapshot, MissingSql, "region", list, slug, rest, axes);

    private static SelectSql Over(TimeAxes axes, ListQuery query, Reading reading) =>
        axes.Bind(new SelectSql()).With("lang", reading.Language(query.Lang)).From(RegionView.From);

    private static Task<IResult> ListAsync(
        SelectSql sql, TimeAxes axes, ListQuery query, Reading reading, Func<Snapshot, Task<IResult?>>? whenEmpty) =>
        reading.ListAsync(new ListSpec<RegionView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = reading.Wants(Format.GeoJson, query)
                ? sql.Page(RegionView.Columns + RegionView.Boundary, query.PageSize)
                : sql.Page(RegionView.Columns, query.PageSize),
            Formats = Format.WithPlaces,
            Embed = (snapshot, rows) => RegionCounts.FillAsync(snapshot, axes, rows),
            WhenEmpty = whenEmpty,
        });

    private sealed record NameRow
    {
        public required string Slug { get; init; }

        public required string Name { get; init; }
    }
}
