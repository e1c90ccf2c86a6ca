using System.Text.Json.Serialization;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Stats;

/// <summary>
/// A count or a sum of a group. Each measure has its own rows, and so has each unit and each product: they are never
/// added.
/// </summary>
internal abstract record MeasuredRow : GroupedRow
{
    [Among(nameof(Vocabularies.StatMeasure))]
    public required string Measure { get; init; }

    /// <summary>The product of the sum, where the response has several products; else null.</summary>
    public string? Product { get; init; }

    /// <summary>
    /// The unit of a sum. Figures in other units of the same quantity are converted to it. Null where no factory has a
    /// figure.
    /// </summary>
    public string? Unit { get; init; }

    /// <summary>The count, or the sum where every figure in it is exact.</summary>
    public decimal? Value { get; init; }

    /// <summary>The least that the figures add up to, where one of them is a range.</summary>
    public decimal? Min { get; init; }

    /// <summary>
    /// The most that the figures add up to, where one of them is a range; null where a range has no upper bound.
    /// </summary>
    public decimal? Max { get; init; }

    /// <summary>The part of a capacity that is installed; a range counts with its lower bound.</summary>
    public decimal? Installed { get; init; }

    /// <summary>
    /// The number of factories in the group; for a capacity by status, of those with a part in that status.
    /// </summary>
    public required long Factories { get; init; }

    /// <summary>The number of factories that have a figure in the sum.</summary>
    public long? WithFigure { get; init; }

    /// <summary>The number of factories in the group that have no figure in any unit.</summary>
    public long? WithoutFigure { get; init; }

    /// <summary>With basis=expected: true where the day is later than the last of which something is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsProjected { get; init; }
}

/// <summary>A measure of a group of factories.</summary>
internal sealed record FactoryStat : MeasuredRow;

/// <summary>The parts that the statements of measures share.</summary>
internal static class Measures
{
    /// <summary>That a span p is known at the moment asked for.</summary>
    public const string IsKnown =
        "p.is_published = (@knownBy = 'published') and p.known_from <= @knownAt and p.known_to > @knownAt";

    /// <summary>That a figure p has a number, and not only a wording.</summary>
    public const string HasNumber = "coalesce(p.value, p.min, p.max) is not null";

    /// <summary>
    /// Ends a statement whose last table is sums. It has a row for each group, measure, unit, product and point, and
    /// one with the unit '' that alone counts the factories of the group. For a sum, that row is shown where no factory
    /// has a figure.
    /// </summary>
    public const string Tail = """
        ), g as (
          select s.status, s.country, s.sector, s.region_id, s.operator_id, s.point, s.measure, s.unit, s.product,
            s.counted, s.low, s.high, s.ranged, s.unbounded, s.installed,
            (sum(s.factories) over w)::bigint as factories, (sum(s.without_figure) over w)::bigint as without_figure
          from sums s
          window w as (partition by s.status, s.country, s.sector, s.region_id, s.operator_id, s.point, s.measure)
        ), named as (
          select measure, count(distinct coalesce(product, '')) > 1 as has_products
          from sums
          where unit <> ''
          group by measure
        )
        select g.status, g.country, g.sector, g.point, g.measure, g.unit,
          case when n.has_products then g.product end as product,
          g.counted, g.low, g.high, g.ranged, g.unbounded, g.installed, g.factories, g.without_figure,
        """ + " " + Grouping.Names + ",\n  " + Grouping.Place + """
         || concat_ws(e'\x1f', '', g.measure, g.unit, coalesce(g.product, '')) as place
        from g
        left join named n on n.measure = g.measure
        """ + Grouping.Named + "\nwhere g.measure = 'count' or g.unit <> '' or g.without_figure = g.factories) g";

    /// <summary>The columns of a row g of such a statement.</summary>
    public const string Shown = """
        g.measure, g.product, nullif(g.unit, '') as unit,
          case when g.measure = 'count' then g.factories
            when g.ranged = 0 and g.unit <> '' then trim_scale(g.low) end as value,
          case when g.measure <> 'count' and g.ranged > 0 then trim_scale(g.low) end as min,
          case when g.measure <> 'count' and g.ranged > 0 and g.unbounded = 0 then trim_scale(g.high) end as max,
          case when g.measure = 'capacity' and g.unit <> '' then trim_scale(g.installed) end as installed,
          g.factories,
          case when g.measure = 'count' then null when g.unit = '' then 0 else g.counted end as with_figure,
          case when g.measure <> 'count' then g.without_figure end as without_figure
        """;
}
