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

    private const string InRange = Measures.IsKnown + " and p.valid_from <= @last and p.valid_to > @first::date";

    private const string Status = "case when @byStatus then p.status end";

    // Days are rounded down to those on which intervals begin before they are grouped, which keeps the groups few.
    private const string Start = "date_trunc(@interval, greatest(p.valid_from, @first::date)::timestamp)::date";

    private const string End = "date_trunc(@interval, p.valid_to::timestamp)::date";

    private const string JoinChosen = "join chosen c on c.factory_id = p.factory_id";

    // Unfiltered, a span of a status says by itself where its site is.
    private const string SpanGroup = """
        case when @byCountry then p.country end as country, case when @bySector then p.sector end as sector,
              null::bigint as region_id, null::bigint as operator_id
        """;

    private const string NoGroup =
        "null::text as country, null::text as sector, null::bigint as region_id, null::bigint as operator_id";

    private const string ChosenGroup = "c.country, c.sector, c.region_id, c.operator_id";

    // Beginnings and ends of spans are counted apart, since their pairs are many.
    private const string SiteOfWhole = $"""
        site as materialized (
          select {Status} as status, {Start} as day, 1 as sign, {SpanGroup}, count(*) as factories
          from status_span p
          where {InRange} and p.status is not null
          group by 1, 2, 4, 5
          union all
          select {Status}, {End}, -1, {SpanGroup}, count(*)
          from status_span p
          where {InRange} and p.status is not null and p.valid_to <= @last
          group by 1, 2, 4, 5
        )
        """;

    private const string SiteOfChosen = $"""
        site as materialized (
          select {Status} as status, {Start} as day, 1 as sign, {ChosenGroup}, count(*) as factories
          from status_span p {JoinChosen}
          where {InRange} and p.status is not null
          group by 1, 2, 4, 5, 6, 7
          union all
          select {Status}, {End}, -1, {ChosenGroup}, count(*)
          from status_span p {JoinChosen}
          where {InRange} and p.status is not null and p.valid_to <= @last
          group by 1, 2, 4, 5, 6, 7
        )
        """;

    // Plain columns, of which PostgreSQL knows how many groups they make: it would sort for expressions.
    private const string Figure = $"""
        p.unit, p.product, p.qualifier, {Measures.HasNumber} as has_number, count(*) as counted, sum(p.value) as exact,
            sum(p.min) as least, sum(p.max) as most, count(*) filter (where p.value is null) as ranged,
            count(*) filter (where p.value is null and p.max is null) as unbounded
        """;

    private const string PartOfWhole = $"""
        , part as materialized (
          select {Status} as status, {Start} as day, 1 as sign, {NoGroup}, {Figure}
          from capacity_span p
          where {InRange} and (p.is_counted or @byStatus)
          group by 1, 2, 8, 9, 10, 11
          union all
          select {Status}, {End}, -1, {NoGroup}, {Figure}
          from capacity_span p
          where {InRange} and (p.is_counted or @byStatus) and p.valid_to <= @last
          group by 1, 2, 8, 9, 10, 11
        ), several as materialized (
          select distinct p.factory_id from capacity_span p where p.phase_id is not null and {InRange}
        )
        """;

    private const string PartOfChosen = $"""
        , part as materialized (
          select {Status} as status, {Start} as day, 1 as sign, {ChosenGroup}, {Figure}
          from capacity_span p {JoinChosen}
          where {InRange} and (p.is_counted or @byStatus)
          group by 1, 2, 4, 5, 6, 7, 8, 9, 10, 11
          union all
          select {Status}, {End}, -1, {ChosenGroup}, {Figure}
          from capacity_span p {JoinChosen}
          where {InRange} and (p.is_counted or @byStatus) and p.valid_to <= @last
          group by 1, 2, 4, 5, 6, 7, 8, 9, 10, 11
        ), several as materialized (
          select distinct p.factory_id from capacity_span p {JoinChosen} where p.phase_id is not null and {InRange}
        )
        """;

    // The parts of a factory with named phases overlap in time. It counts once where one of them does, and has no
    // figure where none of them has one; part, which counts each of its parts, is corrected by the difference.
    private const string Corrections = $"""
        , overlap as materialized (
          select p.factory_id, {Status} as status, u.reference_unit as unit, p.product, p.valid_from, p.valid_to,
            max(p.valid_to) over site as part_until,
            max(p.valid_to) filter (where u.code is not null) over site as figure_until,
            max(p.valid_to) over alike as same_until
          from several s
          join capacity_span p on p.factory_id = s.factory_id
          left join unit u on u.code = p.unit and {Measures.HasNumber}
          where {InRange} and (p.is_counted or @byStatus)
          window site as (
              partition by p.factory_id, {Status}
              order by p.valid_from, p.valid_to rows between unbounded preceding and 1 preceding),
            alike as (
              partition by p.factory_id, {Status}, u.reference_unit, p.product
              order by p.valid_from, p.valid_to rows between unbounded preceding and 1 preceding)
        ), piece as (
          select factory_id, status, unit, product, valid_from, least(valid_to, same_until) as valid_to,
            -1 as counted, 0 as factories, 0 as without_figure
          from overlap where unit is not null and same_until > valid_from
          union all
          select factory_id, status, '', null, greatest(valid_from, part_until), valid_to, 0, 1,
            case when unit is not null and part_until is not distinct from figure_until then 0 else 1 end
          from overlap where part_until is null or part_until < valid_to
          union all
          select factory_id, status, '', null, greatest(valid_from, figure_until), valid_to, 0, 0, -1
          from overlap
          where unit is not null and part_until is distinct from figure_until
            and (figure_until is null or figure_until < valid_to)
          union all
          select factory_id, status, '', null, valid_from, valid_to, 0, 0, -1
          from overlap where unit is null
          union all
          select p.factory_id, {Status}, '', null, p.valid_from, p.valid_to, 0, -1, 0
          from several s
          join status_span p on p.factory_id = s.factory_id
          where {InRange} and p.status is not null
        ), correction as (
          select r.status, r.unit, r.product, d.day,
        """;

    private const string CorrectionsByDay = """

            sum(d.sign * r.counted) as counted, sum(d.sign * r.factories) as factories,
            sum(d.sign * r.without_figure) as without_figure
          from piece r
        """;

    private const string DaysOfPieces = """

          cross join lateral (values (greatest(r.valid_from, @first::date), 1), (r.valid_to, -1)) d (day, sign)
          where r.valid_from <= @last and r.valid_to > @first::date and d.day <= @last
          group by r.status, r.unit, r.product, d.day
        """;

    private const string CorrectionsOfWhole =
        Corrections + " " + NoGroup + "," + CorrectionsByDay + DaysOfPieces + "\n)";

    private const string CorrectionsOfChosen =
        Corrections + " " + ChosenGroup + "," + CorrectionsByDay + " join chosen c on c.factory_id = r.factory_id"
        + DaysOfPieces + ", " + ChosenGroup + "\n)";

    private const string Moves = """
        , move as (
          select s.status, s.country, s.sector, s.region_id, s.operator_id, v.measure, ''::text as unit,
            null::text as product, s.day, 0::bigint as counted, 0::numeric as low, 0::numeric as high,
            0::bigint as ranged, 0::bigint as unbounded, 0::numeric as installed,
            s.sign * s.factories as factories, 0::bigint as without_figure
          from site s cross join unnest(@measures::text[]) v (measure)
        """;

    private const string MovesOfParts = """

          union all
          select p.status, p.country, p.sector, p.region_id, p.operator_id, 'capacity', coalesce(u.reference_unit, ''),
            case when u.code is not null then p.product end, p.day,
            case when u.code is null then 0 else p.sign * p.counted end,
            coalesce(x.low, 0), coalesce(p.sign * (coalesce(p.exact, 0) + coalesce(p.most, 0)) * u.factor, 0),
            case when u.code is null then 0 else p.sign * p.ranged end,
            case when u.code is null then 0 else p.sign * p.unbounded end,
            case when p.qualifier = 'installed' then coalesce(x.low, 0) else 0 end, 0,
            case when u.code is null then p.sign * p.counted else 0 end
          from part p
          left join unit u on u.code = p.unit and p.has_number
          cross join lateral (select p.sign * (coalesce(p.exact, 0) + coalesce(p.least, 0)) * u.factor as low) x
          union all
          select r.status, r.country, r.sector, r.region_id, r.operator_id, 'capacity', r.unit, r.product, r.day,
            r.counted, 0, 0, 0, 0, 0, r.factories, r.without_figure
          from correction r
        """;

    private const string Running = """

        ), delta as (
          select status, country, sector, region_id, operator_id, measure, unit, product,
            date_trunc(@interval, day::timestamp)::date as point, sum(counted) as counted, sum(low) as low,
            sum(high) as high, sum(ranged) as ranged, sum(unbounded) as unbounded, sum(installed) as installed,
            sum(factories) as factories, sum(without_figure) as without_figure
          from move
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

    private const string WholeHead = "(with ";

    // The chosen factories, and the groups that they are in, are those on asOf; statuses and capacities are those of
    // each day.
    private const string ChosenHead =
        "(with chosen as materialized (\n  select f.factory_id, " + Grouping.Columns + "\n  from ";

    private const string ChosenTail = "\n), ";

    private const string CountOfWhole = WholeHead + SiteOfWhole + Moves + Running;

    private const string CapacityOfWhole =
        WholeHead + SiteOfWhole + PartOfWhole + CorrectionsOfWhole + Moves + MovesOfParts + Running;

    private const string CountOfChosen = ChosenTail + SiteOfChosen + Moves + Running;

    private const string CapacityOfChosen =
        ChosenTail + SiteOfChosen + PartOfChosen + CorrectionsOfChosen + Moves + MovesOfParts + Running;

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
            // As text: Npgsql sends the first of all days as -infinity, from which no series starts.
            .With("first", $"{first:O}")
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
        string[] inSpans = isCount ? ["status", "country", "sector"] : ["status"];
        if (filter == new FactoryFilter() && grouping.IsWithin(byStatus, inSpans))
        {
            var whole = grouping.Bind(axes.Bind(new SelectSql()), byStatus).With("lang", reading.Language(query.Lang));
            return isCount ? whole.From(CountOfWhole) : whole.From(CapacityOfWhole);
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
