using System.ComponentModel;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Stats;

/// <summary>GET /v1/stats/factories.</summary>
internal static class CountFactories
{
    internal sealed record FactoryStatQuery
    {
        [Description("""
            The measures to count or sum. The capacity is that of the list; grouped by status, the capacity of each
            phase counts in the group of the phase's own status, and with a filter by status only phases in that status
            count.
            """)]
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

    private static SortTable Sorts { get; } = new(
        "group",
        new SortKey("id", "text", "g.place"),
        new SortKey("group", "text", "g.place"),
        new SortKey("factories", "bigint", "g.factories"));

    // Factories that are only counted are not materialized, so that several processes share the work.
    private const string CountedHead = """
        (with sums as (
          select c.status, c.country, c.sector, c.region_id, c.operator_id, null::date as point,
            'count'::text as measure, ''::text as unit, null::text as product, 0::bigint as counted,
            0::numeric as low, 0::numeric as high, 0 as ranged, 0 as unbounded, 0::numeric as installed,
            count(*) as factories, 0::bigint as without_figure
          from (
            select case when @byStatus then f.status end as status,
        """ + " " + Grouping.Columns + "\n    from ";

    private const string CountedTail = ") c\n  group by 1, 2, 3, 4, 5\n" + Measures.Tail;

    private const string Head =
        "(with chosen as materialized (\n  select f.factory_id, case when @byStatus then f.status end as status, "
        + Grouping.Columns + "\n  from ";

    // By status, every part of a capacity counts in its own status; else those that make up the capacity of the site.
    private const string Tail = "\n), " + Grouping.Members + $"""
        , figured as materialized (
          select x.property, array_agg(distinct m.factory_id) as ids
          from member m
          join claim c on c.factory_id = m.member_id and c.kind = 'figure'
          join figure x on x.claim_id = c.id
          where cardinality(@figures::text[]) > 0 and x.property = any (@figures)
          group by 1
        ), part as (
          select 'capacity' as measure, p.factory_id, p.status, p.unit, p.product, p.value, p.min, p.max, p.qualifier
          from capacity_span p
          where 'capacity' = any (@measures) and {Measures.IsKnown} and p.valid_from <= @asOf and p.valid_to > @asOf
            and (p.is_counted or @byStatus) and (@statuses::text[] is null or p.status = any (@statuses))
            and (@isWhole or p.factory_id in (select c.factory_id from chosen c))
          union all
          select f.property, f.ids[x.ordinal], null, x.unit, x.product, x.value, x.min, x.max, x.qualifier
          from figured f
          cross join lateral factory_figure(
            f.property, @knownBy, f.ids, array_fill(@knownAt::timestamptz, array[cardinality(f.ids)]), @asOf) x
        ), measured as materialized (
          select coalesce(p.status, c.status) as status, c.country, c.sector, c.region_id, c.operator_id, c.factory_id,
            v.measure, p.unit, p.product, p.low, p.high, p.ranged, p.unbounded, p.installed
          from chosen c
          cross join unnest(@measures::text[]) v (measure)
          left join (
            select p.measure, p.factory_id, case when @byStatus then p.status end as status, u.reference_unit as unit,
              case when u.code is not null then p.product end as product,
              coalesce(p.value, p.min, 0) * u.factor as low, coalesce(p.value, p.max, 0) * u.factor as high,
              p.value is null as ranged, p.value is null and p.max is null as unbounded,
              case when p.qualifier = 'installed' then coalesce(p.value, p.min, 0) * u.factor else 0 end as installed
            from part p
            left join unit u on u.code = p.unit and {Measures.HasNumber}) p
            on p.factory_id = c.factory_id and p.measure = v.measure
        ), added as (
          select status, country, sector, region_id, operator_id, measure, unit, product, 0::bigint as counted,
            sum(low) as low, sum(high) as high, count(*) filter (where ranged) as ranged,
            count(*) filter (where unbounded) as unbounded, sum(installed) as installed,
            0::bigint as factories, 0::bigint as without_figure
          from measured
          where unit is not null
          group by status, country, sector, region_id, operator_id, measure, unit, product
          union all
          -- A factory with several parts counts once.
          select status, country, sector, region_id, operator_id, measure, unit, product, count(*), 0, 0, 0, 0, 0, 0, 0
          from (
            select distinct status, country, sector, region_id, operator_id, measure, unit, product, factory_id
            from measured
            where unit is not null) z
          group by status, country, sector, region_id, operator_id, measure, unit, product
          union all
          select status, country, sector, region_id, operator_id, measure, '', null, 0, 0, 0, 0, 0, 0,
            count(*), count(*) filter (where not has_figure)
          from (
            select status, country, sector, region_id, operator_id, measure, factory_id,
              bool_or(unit is not null) as has_figure
            from measured
            group by status, country, sector, region_id, operator_id, measure, factory_id) z
          group by status, country, sector, region_id, operator_id, measure
        ), sums as (
          select status, country, sector, region_id, operator_id, null::date as point, measure, unit, product,
            sum(counted) as counted, sum(low) as low, sum(high) as high, sum(ranged) as ranged,
            sum(unbounded) as unbounded, sum(installed) as installed, sum(factories) as factories,
            sum(without_figure) as without_figure
          from added
          group by status, country, sector, region_id, operator_id, measure, unit, product

        """ + Measures.Tail;

    private const string Shown = Grouping.Shown + ", " + Measures.Shown + ", @asOf > @lastKnown::date as is_projected";

    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] Grouping grouping,
        [AsParameters] FactoryStatQuery stat,
        [AsParameters] StatBasis basis,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        axes = basis.Extend(axes);
        if (await reading.AnswerEarlyAsync(axes, query, Format.Plain) is { } early)
        {
            return early;
        }

        var measures = (stat.Measure?.Value.Values ?? ["count"]).ToArray();
        var (expected, refusal) = await basis.ExpectAsync(filter, axes, axes.Day, measures, reading);
        if (refusal is not null)
        {
            return refusal;
        }

        var chosen = await grouping.OverAsync(filter, axes, null, query.Lang, reading);
        var sums = measures is ["count"]
            ? chosen.Within(CountedHead, CountedTail)
            : chosen.With("measures", measures).With("figures", measures.Except(["count", "capacity"]).ToArray())
                .With("statuses", filter.Statuses).With("isWhole", filter == new FactoryFilter()).Within(Head, Tail);
        var sql = basis.Apply(sums, axes, expected).OrderBy(Sorts.For(stat.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<FactoryStat>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(Shown, query.PageSize),
            WhenEmpty = filter.CheckNames(),
        });
    }
}
