using System.ComponentModel;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Stats;

/// <summary>The values that the members of a group share. A property that is not grouped by is null.</summary>
internal abstract record GroupedRow : ListRow
{
    /// <summary>Grouped by region, null for factories that are in no region of that level.</summary>
    [JsonPropertyOrder(-2)]
    public SlugName? Region => RegionSlug is null ? null : new(RegionSlug, RegionName!);

    /// <summary>Grouped by status, null for factories without any status.</summary>
    [JsonPropertyOrder(-2)]
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    [JsonPropertyOrder(-2)]
    public string? Country { get; init; }

    [JsonPropertyOrder(-2)]
    public string? Sector { get; init; }

    /// <summary>Grouped by operator, null for factories in which no operator has a part.</summary>
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

/// <summary>The groups of factories, which are the same for all statistics.</summary>
internal sealed record Grouping
{
    [Description("""
        The properties to group by. A factory counts in the group of each operator that has a part in it, in any role,
        and of each cluster that it is a member of; such groups do not add up to the whole.
        """)]
    public Given<Codes>? GroupBy { get; init; }

    [Description("""
        With groupBy=region, the level that regions are rolled up to. Default: the region that each factory is recorded
        in, whatever its level.
        """)]
    public Given<Codes>? RegionLevel { get; init; }

    private const string NoRegion = "\ncross join (select null::bigint as region_id) in_region";

    private const string OwnRegion = "\ncross join lateral (select f.region_id) in_region";

    // Where one region of the level lies in another, as a province in its region, the outer one counts.
    private const string RegionAbove = """

        left join (
          select h.region_id as below_id, h.ancestor_id as region_id
          from region_closure h join region r on r.id = h.ancestor_id and r.kind = @regionLevel
          where is_recorded(@knownBy, @knownAt, h.known_from, h.known_to) and not exists (
            select from region_closure o join region r on r.id = o.ancestor_id and r.kind = @regionLevel
            where o.region_id = h.ancestor_id and o.ancestor_id <> h.ancestor_id
              and is_recorded(@knownBy, @knownAt, o.known_from, o.known_to))) in_region
          on in_region.below_id = f.region_id
        """;

    // A factory is a member itself, or in a region that is one; where it is both, it counts once.
    private const string Cluster = """

        left join (
          select h.region_id, array_agg(distinct b.cluster_id) as ids
          from membership b
          join claim c on c.id = b.claim_id and is_known(@knownBy, @knownAt, c)
          join region_closure h on h.ancestor_id = b.region_id
            and is_recorded(@knownBy, @knownAt, h.known_from, h.known_to)
          group by h.region_id) of_region on of_region.region_id = f.region_id
        left join (
          select coalesce(m.survivor_id, c.factory_id) as factory_id, array_agg(distinct b.cluster_id) as ids
          from membership b
          join claim c on c.id = b.claim_id and c.factory_id is not null and is_known(@knownBy, @knownAt, c)
          left join factory_merged m on m.loser_id = c.factory_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          group by 1) of_itself on of_itself.factory_id = f.factory_id
        left join lateral (select distinct unnest(of_region.ids || of_itself.ids) as region_id) in_region on true
        """;

    private const string NoOperator = "\ncross join (select null::bigint as operator_id) by_operator";

    private const string CurrentOperators = """

        left join lateral (
          select distinct u.operator_id
          from unnest(f.operator_ids, f.operator_froms, f.operator_tos) u (operator_id, valid_from, valid_to)
          where u.valid_from <= @asOf and u.valid_to >= @asOf) by_operator on true
        """;

    private const string PastOperators = """

        left join (
          select distinct coalesce(m.survivor_id, c.factory_id) as factory_id, r.operator_id
          from role r
          join claim c on c.id = r.claim_id and c.basis <> 'expected' and is_known(@knownBy, @knownAt, c)
          join operator_version v on v.operator_id = r.operator_id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          left join factory_merged m on m.loser_id = c.factory_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          where r.valid_from <= @asOf and r.valid_to >= @asOf) by_operator on by_operator.factory_id = f.factory_id
        """;

    /// <summary>The columns of a group besides its status, over a source that OverAsync made.</summary>
    public const string Columns = """
        in_region.region_id, case when @byCountry then f.country end as country,
          case when @bySector then f.sector end as sector, by_operator.operator_id
        """;

    /// <summary>The columns of a group g as its row shows them, over what Named joins.</summary>
    public const string Shown =
        "g.status, g.country, g.sector, g.operator_slug, g.operator_name, g.region_slug, g.region_name";

    /// <summary>
    /// The factories that the claims of the chosen ones are recorded under: they themselves and those merged into them.
    /// </summary>
    public const string Members = """
        member as materialized (
          select distinct factory_id, factory_id as member_id from chosen
          union all
          select distinct c.factory_id, m.loser_id
          from chosen c
          join factory_merged m on m.survivor_id = c.factory_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        )
        """;

    /// <summary>The same of all factories.</summary>
    public const string AllMembers = """
        member as (
          select coalesce(m.survivor_id, f.id) as factory_id, f.id as member_id
          from factory f
          left join factory_merged m on m.loser_id = f.id and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        )
        """;

    /// <summary>Joins the names of the region and the operator of a group g.</summary>
    public const string Named = """

        left join region gr on gr.id = g.region_id
        left join region_version gv on gv.region_id = g.region_id
          and is_recorded(@knownBy, @knownAt, gv.known_from, gv.known_to)
        left join operator go on go.id = g.operator_id
        left join operator_version gn on gn.operator_id = g.operator_id
          and is_recorded(@knownBy, @knownAt, gn.known_from, gn.known_to)
        """;

    /// <summary>The names that Named joined.</summary>
    public const string Names = """
        gr.slug as region_slug, case @lang when 'fr' then gv.name_fr else gv.name_en end as region_name,
          go.slug as operator_slug, gn.name as operator_name
        """;

    /// <summary>A text that differs from group to group, for the order of a list.</summary>
    public const string Place = """
        concat_ws(e'\x1f', coalesce(gr.slug, ''), coalesce(g.status, ''), coalesce(g.country, ''),
            coalesce(g.sector, ''), coalesce(go.slug, '')) collate "C"
        """;

    /// <summary>Whether nothing is grouped by but these.</summary>
    public bool IsWithin(string? @default, params string[] groups) => Groups(@default).All(groups.Contains);

    /// <summary>Whether the request names this group.</summary>
    public bool IsBy(string group) => Groups(null).Contains(group);

    /// <summary>
    /// The factories f that a filter chooses, with what they are grouped by joined: a source to be put within a
    /// statement.
    /// </summary>
    public async Task<SelectSql> OverAsync(
        FactoryFilter filter, TimeAxes axes, string? @default, Given<Codes>? lang, Reading reading)
    {
        var sql = FactorySql.Over(axes, reading.Language(lang));
        // A sum reads every match, so it never helps to look at one factory after the other.
        var lookup = await FactoryLookup.OfAsync(filter, axes, reading);
        var all = lookup with { Statuses = null, Words = lookup.Words is { } words ? words with { IsFrequent = false } : null };
        filter.Apply(sql, axes.IsPresent, all);
        Bind(sql, @default).With("regionLevel", RegionLevel?.Value.Values[0]);
        _ = (Groups(@default).Contains("region"), RegionLevel?.Value.Values[0]) switch
        {
            (false, _) => sql.Join(NoRegion),
            (_, null) => sql.Join(OwnRegion),
            (_, "cluster") => sql.Join(Cluster),
            _ => sql.Join(RegionAbove),
        };
        return (Groups(@default).Contains("operator"), axes.IsPresent) switch
        {
            (false, _) => sql.Join(NoOperator),
            (_, true) => sql.Join(CurrentOperators),
            _ => sql.Join(PastOperators),
        };
    }

    /// <summary>Binds what the columns of a group compare with.</summary>
    public SelectSql Bind(SelectSql sql, string? @default) => sql
        .With("byStatus", Groups(@default).Contains("status"))
        .With("byCountry", Groups(@default).Contains("country"))
        .With("bySector", Groups(@default).Contains("sector"));

    private IReadOnlyList<string> Groups(string? @default) =>
        GroupBy?.Value.Values ?? (@default is null ? [] : [@default]);

    internal sealed class Validator : AbstractValidator<Grouping>
    {
        public Validator()
        {
            RuleFor(g => g.GroupBy).AreAmong(Vocabularies.StatGroup);
            RuleFor(g => g.RegionLevel).IsOneOf(Vocabularies.RegionKind);
            RuleFor(g => g.RegionLevel)
                .Must((g, level) =>
                    level is null || g.GroupBy is { Error: null } && g.GroupBy.Value.Values.Contains("region"))
                .WithErrorCode("needs_another").WithMessage("needs groupBy=region, whose groups it rolls up.");
        }
    }
}
