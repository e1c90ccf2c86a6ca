using System.ComponentModel;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Stats;

/// <summary>A measure of a group of factories on the last day of an interval.</summary>
internal sealed record TimelineStat : MeasuredRow
{
    /// <summary>The last day of the interval; of the interval that asOf is in, asOf.</summary>
    [JsonPropertyOrder(-3)]
    public required DateOnly On { get; init; }
}

/// <summary>
/// GET /v1/stats/timeline. A span adds to a sum on the day when it begins, and subtracts on the day when it ends. The
/// running sum is the state at the end of an interval, so the cost is that of the spans, however many intervals there
/// are.
/// </summary>
internal static class ShowTimeline
{
    private const int DefaultYears = 20;
    private const int MostIntervals = 2400;

    internal sealed record TimelineQuery
    {
        [Description("The length of an interval.")]
        public Given<Codes>? Interval { get; init; }

        [Description("A date in the first interval. Default: twenty years before the last.")]
        public Given<WorldDate>? From { get; init; }

        [Description("""
            A date in the last interval. Default: asOf. A series that would end later stops at asOf, or with
            basis=expected at 2050-12-31; page.until then names that day.
            """)]
        public Given<WorldDate>? To { get; init; }

        [Description("""
            The measures to count or sum. The capacity is that on the last day of the interval, as the list shows it
            with that day for asOf; grouped by status, that of each phase counts in the group of the phase's own status.
            """)]
        public Given<Codes>? Measure { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<TimelineQuery>
        {
            public Validator()
            {
                RuleFor(query => query.Interval).IsOneOf(Vocabularies.StatInterval, "year");
                RuleFor(query => query.Measure).AreAmong(Measured);
                RuleFor(query => query.Sort).AreKeysOf(Sorts);
            }
        }
    }

    private static Vocabulary Measured { get; } = new("TimelineMeasure", "count", "capacity");

    private static SortTable Sorts { get; } = new(
        "on", new SortKey("id", "text", "g.place"), new SortKey("on", "date", "g.point"));

    // From a number: Npgsql sends the first of all days as -infinity, from which no series starts, and PostgreSQL would
    // parse a text for each span.
    private const string First = "(date '0001-01-01' + @first)";

    private const string InRange = Measures.IsKnown + " and p.valid_from <= @last and p.valid_to > " + First;

    // The first days of the intervals in which a span begins and ends; null where it ends later than the series.
    private const string Days = $"""
        date_trunc(@interval, greatest(p.valid_from, {First})::timestamp)::date as begins,
            case when p.valid_to <= @last then date_trunc(@interval, p.valid_to::timestamp)::date end as ends
        """;

    private const string Status = "case when @byStatus then p.status end as status";

    private const string NoGroups =
        "null::text as country, null::text as sector, null::bigint as region_id, null::bigint as operator_id";

    private const string Groups = "c.country, c.sector, c.region_id, c.operator_id";

    private const string JoinChosen = "join chosen c on c.factory_id = p.factory_id";

    private const string PartColumns = "p.is_alone, p.unit, p.product, p.qualifier, p.value, p.min, p.max";

    private const string SpansOfAll = $"""
        span as (
          select p.factory_id, {Status}, {NoGroups}, {Days}
          from status_span p
          where {InRange} and p.status is not null
        )
        """;

    private const string SpansOfChosen = $"""
        span as (
          select p.factory_id, {Status}, {Groups}, {Days}
          from status_span p {JoinChosen}
          where {InRange} and p.status is not null
        )
        """;

    private const string PartsOfAll = $"""
        part as not materialized (
          select p.factory_id, {Status}, {NoGroups}, {Days}, {PartColumns}
          from capacity_span p
          where {InRange} and (p.is_counted or @byStatus)
        )
        """;

    private const string PartsOfChosen = $"""
        part as not materialized (
          select p.factory_id, {Status}, {Groups}, {Days}, {PartColumns}
          from capacity_span p {JoinChosen}
          where {InRange} and (p.is_counted or @byStatus)
        )
        """;

    private const string Sites = """
        site as (
          select status, country, sector, region_id, operator_id, begins, ends, count(*) as factories
          from span
          group by status, country, sector, region_id, operator_id, begins, ends
        )
        """;

    private const string Figures = $"""
        figure_sum as (
          select p.status, p.country, p.sector, p.region_id, p.operator_id, p.begins, p.ends,
            p.unit, p.product, p.qualifier, {Measures.HasNumber} as has_number,
            count(*) filter (where p.is_alone) as factories, sum(p.value) as exact, sum(p.min) as least,
            sum(p.max) as most, count(*) filter (where p.value is null) as ranged,
            count(*) filter (where p.value is null and p.max is null) as unbounded
          from part p
          group by p.status, p.country, p.sector, p.region_id, p.operator_id, p.begins, p.ends,
            p.unit, p.product, p.qualifier, has_number
        )
        """;

    // A factory with several parts at once counts on the days on which it has one of them.
    private const string DaysTogether = $"""
        part_together as materialized (
          select p.factory_id, p.status, p.country, p.sector, p.region_id, p.operator_id,
            u.reference_unit as unit, p.product, daterange(p.begins, p.ends) as days
          from part p
          left join unit u on u.code = p.unit and {Measures.HasNumber}
          where not p.is_alone
        ), days_together as (
          select status, country, sector, region_id, operator_id, unit, product, range_agg(days) as days,
            1 as counted, 0 as factories, 0 as without_figure
          from part_together
          where unit is not null
          group by factory_id, status, country, sector, region_id, operator_id, unit, product
          union all
          select status, country, sector, region_id, operator_id, '', null, range_agg(days), 0, 1, 1
          from part_together
          group by factory_id, status, country, sector, region_id, operator_id
          union all
          select status, country, sector, region_id, operator_id, '', null, range_agg(days), 0, 0, -1
          from part_together
          where unit is not null
          group by factory_id, status, country, sector, region_id, operator_id
        )
        """;

    private const string MovesOfSites = """
        move as (
          select s.status, s.country, s.sector, s.region_id, s.operator_id, 'count' as measure, '' as unit,
            null::text as product, d.point, 0::bigint as counted, 0::numeric as low, 0::numeric as high,
            0::bigint as ranged, 0::bigint as unbounded, 0::numeric as installed,
            d.sign * s.factories as factories, 0::bigint as without_figure
          from site s
          cross join lateral (values (s.begins, 1), (s.ends, -1)) d (point, sign)
          where 'count' = any (@measures)
        """;

    // A part that is alone is the factory.
    private const string MovesOfParts = """

          union all
          select f.status, f.country, f.sector, f.region_id, f.operator_id, 'capacity', u.reference_unit, f.product,
            d.point, d.sign * f.factories, d.sign * (coalesce(f.exact, 0) + coalesce(f.least, 0)) * u.factor,
            d.sign * (coalesce(f.exact, 0) + coalesce(f.most, 0)) * u.factor, d.sign * f.ranged, d.sign * f.unbounded,
            case f.qualifier when 'installed'
              then d.sign * (coalesce(f.exact, 0) + coalesce(f.least, 0)) * u.factor else 0 end, 0, 0
          from figure_sum f
          join unit u on u.code = f.unit
          cross join lateral (values (f.begins, 1), (f.ends, -1)) d (point, sign)
          where f.has_number
          union all
          select f.status, f.country, f.sector, f.region_id, f.operator_id, 'capacity', '', null, d.point,
            0, 0, 0, 0, 0, 0, d.sign * f.factories, case when f.has_number then 0 else d.sign * f.factories end
          from figure_sum f
          cross join lateral (values (f.begins, 1), (f.ends, -1)) d (point, sign)
          union all
          select t.status, t.country, t.sector, t.region_id, t.operator_id, 'capacity', t.unit, t.product, d.point,
            d.sign * t.counted, 0, 0, 0, 0, 0, d.sign * t.factories, d.sign * t.without_figure
          from days_together t
          cross join lateral unnest(t.days) r (days)
          cross join lateral (values (lower(r.days), 1), (upper(r.days), -1)) d (point, sign)
        """;

    private const string Running = """

        ), delta as (
          select status, country, sector, region_id, operator_id, measure, unit, product, point,
            sum(counted) as counted, sum(low) as low, sum(high) as high, sum(ranged) as ranged,
            sum(unbounded) as unbounded, sum(installed) as installed, sum(factories) as factories,
            sum(without_figure) as without_figure
          from move
          where point is not null
          group by status, country, sector, region_id, operator_id, measure, unit, product, point
        ), sum_until as (
          select status, country, sector, region_id, operator_id, measure, unit, product, point,
            lead(point) over w as until, sum(counted) over w as counted, sum(low) over w as low,
            sum(high) over w as high, sum(ranged) over w as ranged,
            sum(unbounded) over w as unbounded, sum(installed) over w as installed, sum(factories) over w as factories,
            sum(without_figure) over w as without_figure
          from delta
          window w as (
            partition by status, country, sector, region_id, operator_id, measure, unit, product order by point)
        ), sums as (
          select s.status, s.country, s.sector, s.region_id, s.operator_id, s.measure, s.unit, s.product,
            p.point::date as point, s.counted, s.low, s.high, s.ranged, s.unbounded, s.installed, s.factories,
            s.without_figure
          from sum_until s
          cross join generate_series(
            s.point::timestamp, coalesce(s.until - 1, @last::date)::timestamp, @step::interval) p (point)
          where s.counted > 0 or s.factories > 0

        """ + Measures.Tail;

    private const string AllHead = "(with ";

    // The chosen factories, and the groups that they are in, are those on asOf; statuses and capacities are those of
    // each day.
    private const string ChosenHead =
        "(with chosen as materialized (\n  select f.factory_id, " + Grouping.Columns + "\n  from ";

    private const string ChosenTail = "\n), ";

    private const string CountOf = Sites + ", " + MovesOfSites + Running;

    private const string CapacityOf =
        Sites + ", " + Figures + ", " + DaysTogether + ", " + MovesOfSites + MovesOfParts + Running;

    private const string CountOfAll = AllHead + SpansOfAll + ", " + CountOf;

    private const string CapacityOfAll = AllHead + SpansOfAll + ", " + PartsOfAll + ", " + CapacityOf;

    private const string CountOfChosen = ChosenTail + SpansOfChosen + ", " + CountOf;

    private const string CapacityOfChosen = ChosenTail + SpansOfChosen + ", " + PartsOfChosen + ", " + CapacityOf;

    private const string LastDay = "least((g.point + @step::interval)::date - 1, @last)";

    private const string Shown =
        LastDay + " as \"on\", " + Grouping.Shown + ", " + Measures.Shown + ", " + LastDay
        + " > @lastKnown::date as is_projected";

    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] Grouping grouping,
        [AsParameters] TimelineQuery timeline,
        [AsParameters] StatBasis basis,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        axes = basis.Extend(axes);
        if (await reading.AnswerEarlyAsync(axes, query, Format.Plain) is { } early)
        {
            return early;
        }

        var (interval, months) = timeline.Interval?.Value.Values[0] switch
        {
            "month" => ("month", 1),
            "quarter" => ("quarter", 3),
            _ => ("year", 12),
        };
        var asked = timeline.To is { } to ? EndOf(to.Value.Day, months) : axes.Day;
        var last = basis.LastDay(axes) is var latest && asked < latest ? asked : latest;
        var begin = timeline.From?.Value.First ?? last.AddYears(-Math.Min(DefaultYears, last.Year - 1));
        var first = StartOf(begin, months);
        if (first > last)
        {
            return Problem.InvalidParameters(ProblemError.In(
                "from",
                "not_accepted",
                $"is after {last:yyyy-MM-dd}, where the series ends by to and asOf; it accepts an earlier date."))
                .ToResult();
        }

        if (((last.Year - first.Year) * 12 + last.Month - first.Month) / months >= MostIntervals)
        {
            return Problem.InvalidParameters(ProblemError.In(
                "from",
                "too_many",
                $"is over {MostIntervals} intervals before the last; it accepts a later date, or a longer interval."))
                .ToResult();
        }

        var measures = (timeline.Measure?.Value.Values ?? ["count"]).ToArray();
        var furthest = last > axes.Day ? last : axes.Day;
        var (expected, refusal) = await basis.ExpectAsync(filter, axes, furthest, measures, reading);
        if (refusal is not null)
        {
            return refusal;
        }

        var deltas = await DeltasAsync(filter, axes, grouping, measures, query, reading);
        var sql = basis.Apply(deltas, axes, expected)
            .With("measures", measures).With("interval", interval).With("step", $"{months} months").With("last", last)
            .With("first", first.DayNumber)
            .OrderBy(Sorts.For(timeline.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<TimelineStat>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(Shown, query.PageSize),
            Until = asked > last ? last : null,
            WhenEmpty = filter.CheckNames(),
        });
    }

    private static async Task<SelectSql> DeltasAsync(
        FactoryFilter filter, TimeAxes axes, Grouping grouping, string[] measures, ListQuery query, Reading reading)
    {
        const string byStatus = "status";
        var isCount = measures is ["count"];
        if (filter == new FactoryFilter() && grouping.IsWithin(byStatus, byStatus))
        {
            var all = grouping.Bind(axes.Bind(new SelectSql()), byStatus).With("lang", reading.Language(query.Lang));
            return isCount ? all.From(CountOfAll) : all.From(CapacityOfAll);
        }

        var chosen = await grouping.OverAsync(filter, axes, byStatus, query.Lang, reading);
        return isCount ? chosen.Within(ChosenHead, CountOfChosen) : chosen.Within(ChosenHead, CapacityOfChosen);
    }

    private static DateOnly StartOf(DateOnly day, int months) =>
        new(day.Year, (day.Month - 1) / months * months + 1, 1);

    private static DateOnly EndOf(DateOnly day, int months) =>
        StartOf(day, months) is { Year: 9999 } late && late.Month + months > 12
            ? DateOnly.MaxValue
            : StartOf(day, months).AddMonths(months).AddDays(-1);
}
