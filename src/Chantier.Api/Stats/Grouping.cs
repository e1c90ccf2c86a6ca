using System.ComponentModel;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Search;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Stats;

/// <summary>What a group has in common; of what it is not grouped by, null.</summary>
internal abstract record GroupedRow : ListRow
{
    /// <summary>Null, where regions are grouped by, for factories in no region of that level.</summary>
    [JsonPropertyOrder(-2)]
    public SlugName? Region => RegionSlug is null ? null : new(RegionSlug, RegionName!);

    /// <summary>Null, where statuses are grouped by, where nothing is claimed.</summary>
    [JsonPropertyOrder(-2)]
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    [JsonPropertyOrder(-2)]
    public string? Country { get; init; }

    [JsonPropertyOrder(-2)]
    public string? Sector { get; init; }

    /// <summary>Null, where operators are grouped by, for factories in which none has a part.</summary>
    [JsonPropertyOrder(-2)]
    public SlugName? Operator => OperatorSlug is null ? null : new(OperatorSlug, OperatorName!);

    [JsonIgnore]
    public string? RegionSlug { get; init; }

    [JsonIgnore]
    public string? RegionName { get; init; }

    [JsonIgnore]
    public string? OperatorSlug { get; init; }

    [JsonIgnore]
    public string? OperatorName { get; init; }
}

/// <summary>How factories are grouped: the same wherever they are.</summary>
internal sealed record Grouping
{
    [Description("What to group by. A factory in which several operators have a part, in any role, counts in the group of each, so those groups do not add up to the whole; nor do clusters.")]
    public Given<Codes>? GroupBy { get; init; }

    [Description("Of groupBy=region: the level that regions are rolled up to. Default: the region that each factory is filed under, whatever its level.")]
    public Given<Codes>? RegionLevel { get; init; }

    private const string NoRegion = "\ncross join (select null::bigint as region_id) lying";

    private const string OwnRegion = "\ncross join lateral (select f.region_id) lying";

    // Where one of a kind lies in another, as a province in its region, the outer is of the level.
    private const string RegionAbove = """

        left join (
          select h.region_id as below_id, h.ancestor_id as region_id
          from region_closure h join region r on r.id = h.ancestor_id and r.kind = @regionLevel
          where is_recorded(@knownBy, @knownAt, h.known_from, h.known_to) and not exists (
            select from region_closure o join region r on r.id = o.ancestor_id and r.kind = @regionLevel
            where o.region_id = h.ancestor_id and o.ancestor_id <> h.ancestor_id and is_recorded(@knownBy, @knownAt, o.known_from, o.known_to))) lying
          on lying.below_id = f.region_id
        """;

    // A cluster has members, which only the spans tell.
    private const string Cluster = """

        left join (
          select p.factory_id, p.region_id
          from status_span p join region r on r.id = p.region_id and r.kind = @regionLevel
          where p.known_by = @knownBy and p.known_from <= @knownAt and p.known_to > @knownAt and p.valid_from <= @asOf and p.valid_to > @asOf) lying
          on lying.factory_id = f.factory_id
        """;

    private const string NoOperator = "\ncross join (select null::text as operator_slug, null::text as operator_name) part";

    private const string EachOperator = """

        left join lateral (
          select distinct u.slug as operator_slug, u.name as operator_name
          from unnest(f.operator_slugs, f.operator_names, f.operator_froms, f.operator_tos) u (slug, name, starts, ends)
          where u.starts <= @asOf and u.ends >= @asOf) part on true
        """;

    /// <summary>The columns of a group besides its status, over a source that Apply was called for.</summary>
    public const string Columns = """
        lying.region_id, case when @byCountry then f.country end as country, case when @bySector then f.sector end as sector, part.operator_slug, part.operator_name
        """;

    /// <summary>The columns of what is grouped by neither.</summary>
    public const string NeitherRegionNorOperator = "null::bigint as region_id, null::text as operator_slug, null::text as operator_name";

    /// <summary>The columns of a group as its row shows them, of g.</summary>
    public const string Shown = "g.status, g.country, g.sector, g.operator_slug, g.operator_name, g.region_slug, g.region_name";

    /// <summary>Of the chosen factories: under which their claims were filed, their own and those that were merged into them.</summary>
    public const string Members = """
        member as materialized (
          select distinct factory_id, factory_id as member_id from chosen
          union all
          select distinct c.factory_id, m.loser_id
          from chosen c join factory_merged m on m.survivor_id = c.factory_id and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        )
        """;

    /// <summary>The same of all factories.</summary>
    public const string AllMembers = """
        member as (
          select coalesce(m.survivor_id, f.id) as factory_id, f.id as member_id
          from factory f left join factory_merged m on m.loser_id = f.id and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        )
        """;

    /// <summary>Names the region of a group g.</summary>
    public const string Named = """

        left join region gr on gr.id = g.region_id
        left join region_version gv on gv.region_id = g.region_id and is_recorded(@knownBy, @knownAt, gv.known_from, gv.known_to)
        """;

    /// <summary>What Named found.</summary>
    public const string Names = "gr.slug as region_slug, case @lang when 'fr' then gv.name_fr else gv.name_en end as region_name";

    /// <summary>What tells a group from the others, for the order of a list.</summary>
    public const string Place = """concat_ws(e'\x1f', coalesce(gr.slug, ''), coalesce(g.status, ''), coalesce(g.country, ''), coalesce(g.sector, ''), coalesce(g.operator_slug, '')) collate "C" """;

    /// <summary>Whether no more is grouped by than these.</summary>
    public bool IsWithin(string? @default, params string[] groups) => Groups(@default).All(groups.Contains);

    /// <summary>Whether this is grouped by, where it is said.</summary>
    public bool IsBy(string group) => Groups(null).Contains(group);

    /// <summary>The factories that a filter chooses, with what they are grouped by at hand: a source to be put within a statement, which may need their status.</summary>
    public async Task<SelectSql> OverAsync(FactoryFilter filter, TimeAxes axes, string? @default, Given<Codes>? lang, Reading reading, bool needsStatus)
    {
        // One region is where the statement starts from; of several, each factory is looked up.
        var only = filter.Region?.Value.Values is [var region] ? region : null;
        var sql = FactorySql.Over(axes, only, reading.Language(lang), needsStatus || filter.Statuses is not null);
        // Sums read all that answer: it never helps them to look at one after the other.
        var words = await SearchedFor.OfAsync("factory", filter.Q, axes, reading);
        filter.Apply(sql, regionsToo: only is null, words is null ? null : words with { IsFrequent = false });
        Bind(sql, @default).With("regionLevel", RegionLevel?.Value.Values[0]);
        _ = (Groups(@default).Contains("region"), RegionLevel?.Value.Values[0]) switch
        {
            (false, _) => sql.Join(NoRegion),
            (_, null) => sql.Join(OwnRegion),
            (_, "cluster") => sql.Join(Cluster),
            _ => sql.Join(RegionAbove),
        };
        return Groups(@default).Contains("operator") ? sql.Join(EachOperator) : sql.Join(NoOperator);
    }

    /// <summary>What the columns ask for.</summary>
    public SelectSql Bind(SelectSql sql, string? @default) => sql
        .With("byStatus", Groups(@default).Contains("status"))
        .With("byCountry", Groups(@default).Contains("country"))
        .With("bySector", Groups(@default).Contains("sector"));

    private IReadOnlyList<string> Groups(string? @default) => GroupBy?.Value.Values ?? (@default is null ? [] : [@default]);

    internal sealed class Validator : AbstractValidator<Grouping>
    {
        public Validator()
        {
            RuleFor(g => g.GroupBy).AreAmong(Vocabularies.StatGroup);
            RuleFor(g => g.RegionLevel).IsOneOf(Vocabularies.RegionKind);
            RuleFor(g => g.RegionLevel).Must((g, level) => level is null || g.GroupBy is { Error: null } && g.GroupBy.Value.Values.Contains("region"))
                .WithErrorCode("needs_another").WithMessage("needs groupBy=region, whose groups it rolls up.");
        }
    }
}
