using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Stats;

/// <summary>What is counted or summed up of a group. Each measure has a row of its own, and each unit: unlike units are never added.</summary>
internal abstract record MeasuredRow : GroupedRow
{
    [Among(nameof(Vocabularies.StatMeasure))]
    public required string Measure { get; init; }

    /// <summary>Of a sum; null where no factory of the group has a figure.</summary>
    public string? Unit { get; init; }

    /// <summary>The count, or the sum where every figure behind it is exact.</summary>
    public decimal? Value { get; init; }

    /// <summary>Of figures that are not all exact: the least that they add up to.</summary>
    public decimal? Min { get; init; }

    /// <summary>Of figures that are not all exact: the most that they add up to; null where one of them has no bound.</summary>
    public decimal? Max { get; init; }

    /// <summary>How many are in the group.</summary>
    public required long Factories { get; init; }

    /// <summary>Of a sum: how many are behind it.</summary>
    public long? WithFigure { get; init; }

    /// <summary>Of a sum: how many of the group have no number, in any unit.</summary>
    public long? WithoutFigure { get; init; }
}

/// <summary>A measure of a group of factories.</summary>
internal sealed record FactoryStat : MeasuredRow;

/// <summary>How measures are read.</summary>
internal static class Measures
{
    /// <summary>
    /// The factories that a source chooses, in the groups of their rows, each with its part of every measure. One figure of a factory counts
    /// for each measure, as the list has its capacity.
    /// </summary>
    public const string Parts = "), " + Grouping.Members + """
        , asked as materialized (
          -- The states hold today's capacity, which is that of any day by which all that was said of it is dated.
          select x.property, m.factory_id
          from member m
          join claim c on c.factory_id = m.member_id and c.kind = 'figure'
          join figure x on x.claim_id = c.id
          where x.property = any (@measures) and (x.property <> 'capacity' or not @isToday and x.earliest > @asOf)
          group by 1, 2
        ), batch as (
          select a.property, array_agg(a.factory_id) as ids, array_agg(@knownAt::timestamptz) as ats
          from asked a
          group by a.property
        ), figured as materialized (
          select b.property, b.ids[x.n] as factory_id, x.value, x.min, x.max, x.unit
          from batch b cross join lateral factory_figure(b.property, @knownBy, b.ids, b.ats, @asOf) x
        ), parts as (
          select c.*, v.measure, p.unit, p.low, p.high, p.ranged, p.unbounded
          from chosen c
          cross join unnest(@measures::text[]) v (measure)
          left join asked a on a.property = v.measure and a.factory_id = c.factory_id
          left join figured x on x.property = v.measure and x.factory_id = c.factory_id
          cross join lateral (select v.measure = 'capacity' and a.factory_id is null as is_kept) k
          cross join lateral capacity_part(
            case when k.is_kept then c.capacity_value else x.value end, case when k.is_kept then c.capacity_min else x.min end,
            case when k.is_kept then c.capacity_max else x.max end, case when k.is_kept then c.capacity_unit else x.unit end) p
        """;

    /// <summary>What a measure of a group says, over its sums g: of several units each, and none only where there is no other.</summary>
    public const string Said = """
        g.measure, nullif(g.unit, '') as unit,
          case when g.measure = 'count' then g.factories when g.ranged = 0 and g.unit <> '' then trim_scale(g.low) end as value,
          case when g.measure <> 'count' and g.ranged > 0 then trim_scale(g.low) end as min,
          case when g.measure <> 'count' and g.ranged > 0 and g.unbounded = 0 then trim_scale(g.high) end as max,
          g.factories, case when g.measure = 'count' then null when g.unit = '' then 0 else g.counted end as with_figure,
          case when g.measure <> 'count' then g.without_figure end as without_figure
        """;

    public const string IsSaid = "(g.measure = 'count' or g.unit <> '' or g.without_figure = g.factories)";
}

/// <summary>GET /v1/stats/factories.</summary>
internal static class CountFactories
{
    internal sealed record FactoryStatQuery
    {
        [Description("What to count or sum up. Capacity is that of the list; jobs and investment are told by the same rule, one figure for each factory.")]
        public Given<Codes>? Measure { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<FactoryStatQuery>
        {
            public Validator()
            {
                RuleFor(query => query.Measure).AreAmong(Vocabularies.StatMeasure);
                RuleFor(query => query.Sort).AreKeysOf(Sorts);
            }
        }
    }

    private static SortTable Sorts { get; } = new("group", new SortKey("id", "text", "g.place"), new SortKey("group", "text", "g.place"), new SortKey("factories", "bigint", "g.factories"));

    private const string Head = "(with chosen as materialized (\n  select f.factory_id, case when @byStatus then f.status end as status, " + Grouping.Columns + """
        ,
            f.capacity_value, f.capacity_min, f.capacity_max, f.capacity_unit
          from 
        """;

    private const string Tail = "\n" + Measures.Parts + """

        ), sums as (
          select status, country, sector, region_id, operator_slug, min(operator_name) as operator_name, measure, unit,
            count(*) as counted, sum(low) as low, sum(high) as high, sum(ranged) as ranged, sum(unbounded) as unbounded
          from parts
          group by status, country, sector, region_id, operator_slug, measure, unit
        """ + Groups;

    // Factories that are only counted need not be held on to: several processes then share the work.
    private const string CountedHead = """
        (with sums as (
          select c.status, c.country, c.sector, c.region_id, c.operator_slug, min(c.operator_name) as operator_name, 'count'::text as measure, ''::text as unit,
            count(*) as counted, 0::numeric as low, 0::numeric as high, 0::bigint as ranged, 0::bigint as unbounded
          from (
            select case when @byStatus then f.status end as status, 
        """ + Grouping.Columns + "\n    from ";

    private const string Counted = ") c\n  group by 1, 2, 3, 4, 5" + Groups;

    private const string Kept = """
        (with sums as (
          select case when @byStatus then t.status end as status, t.country, t.sector, t.region_id, t.operator_slug, min(t.operator_name) as operator_name,
            v.measure, case when v.measure = 'count' then '' else t.unit end as unit,
            sum(t.factories) as counted, sum(t.low) as low, sum(t.high) as high, sum(t.ranged) as ranged, sum(t.unbounded) as unbounded
          from (
        """;

    private const string AddedUp = """
        ) t cross join unnest(@measures::text[]) v (measure)
          where t.starts <= @asOf and (@statuses::text[] is null or t.status = any (@statuses))
          group by 1, 2, 3, 4, 5, 7, 8 having sum(t.factories) <> 0
        """ + Groups;

    private const string KeptOfAll = Kept + KnownTurns.OfAll + AddedUp;

    private const string KeptOfEach = Kept + KnownTurns.OfEach + AddedUp;

    private const string Groups = """

        ), g as (
          select *, sum(counted) over w as factories, coalesce(sum(counted) filter (where unit = '') over w, 0) as without_figure
          from sums
          window w as (partition by status, country, sector, region_id, operator_slug, measure)
        )
        select g.*, 
        """ + Grouping.Names + ", " + Grouping.Place + " || concat_ws(e'\\x1f', '', g.measure, g.unit) as place\n  from g" + Grouping.Named + "\n  where " + Measures.IsSaid + ") g";

    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] Grouping grouping, [AsParameters] FactoryStatQuery stat, [AsParameters] ListQuery query, Reading reading)
    {
        var measures = (stat.Measure?.Value.Values ?? ["count"]).ToArray();
        var isKept = KnownTurns.Tell(filter, axes, grouping, null, measures) && !(axes.IsPresent && measures is ["count"]);
        var sql = (isKept ? SumsOfKept(filter, axes, grouping, measures, query, reading) : await SumsAsync(filter, axes, grouping, measures, query, reading))
            .OrderBy(Sorts.For(stat.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<FactoryStat>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(Grouping.Shown + ", " + Measures.Said, query.PageSize),
            WhenEmpty = filter.CheckNames(),
            // The turns hold whatever is dated ahead of today, and which factories there are does not depend on it.
            WhenAhead = isKept || measures is ["count"] && filter.Statuses is null && !grouping.IsBy("status") ? null : () => Handle(filter, axes with { IsAhead = true }, grouping, stat, query, reading),
        });
    }

    private static SelectSql SumsOfKept(FactoryFilter filter, TimeAxes axes, Grouping grouping, string[] measures, ListQuery query, Reading reading)
    {
        var sql = KnownTurns.Bind(grouping.Bind(axes.Bind(new SelectSql()), null), filter)
            .With("lang", reading.Language(query.Lang)).With("measures", measures).With("statuses", filter.Statuses);
        return KnownTurns.AreOfEach(filter, grouping, null) ? sql.From(KeptOfEach) : sql.From(KeptOfAll);
    }

    private static async Task<SelectSql> SumsAsync(FactoryFilter filter, TimeAxes axes, Grouping grouping, string[] measures, ListQuery query, Reading reading)
    {
        var chosen = (await grouping.OverAsync(filter, axes, null, query.Lang, reading, needsStatus: grouping.IsBy("status"))).With("measures", measures).With("isToday", axes.IsToday);
        return measures is ["count"] ? chosen.Within(CountedHead, Counted) : chosen.Within(Head, Tail);
    }
}
