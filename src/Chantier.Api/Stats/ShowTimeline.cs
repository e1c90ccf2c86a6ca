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
    /// <summary>The last day of the interval; of the one that asOf lies in, that day.</summary>
    [JsonPropertyOrder(-3)]
    public required DateOnly On { get; init; }
}

/// <summary>
/// GET /v1/stats/timeline. Each span of a status adds one where it begins and takes one where it ends; what stood at an interval's end is
/// the running sum. So the cost is that of the spans, however many intervals there are; of all factories, and of countries and sectors, they are
/// added up by the writes.
/// </summary>
internal static class ShowTimeline
{
    private const int DefaultYears = 20;
    private const int MostIntervals = 2400;

    internal sealed record TimelineQuery
    {
        [Description("How far apart the days are.")]
        public Given<Codes>? Interval { get; init; }

        [Description("A date in the first interval. Default: twenty years before the last.")]
        public Given<WorldDate>? From { get; init; }

        [Description("A date in the last interval. Default, and the most: asOf.")]
        public Given<WorldDate>? To { get; init; }

        [Description("What to count or sum up. The capacity is that which each factory had on the last day of the interval, as the list tells it with that day for asOf.")]
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

    private static SortTable Sorts { get; } = new("on", new SortKey("id", "text", "g.place"), new SortKey("on", "date", "g.point"));

    // Every source says the same: spans in a status, each with its days, its group and what it adds. Turns that are kept are spans without an
    // end, those out of a status less than nothing. Spans of the same intervals are one before they are taken apart into what comes and what goes.
    private const string Head = """
        (with spanned as (
          select case when @byStatus then t.status end as status, t.country, t.sector, t.region_id, t.operator_slug, min(t.operator_name) as operator_name, t.unit,
            date_trunc(@interval, greatest(t.starts, @first::date)::timestamp)::date as starts, case when t.ends <= @last then date_trunc(@interval, t.ends::timestamp)::date end as ends,
            sum(t.factories) as factories, sum(t.low) as low, sum(t.high) as high, sum(t.ranged) as ranged, sum(t.unbounded) as unbounded
          from (
        """;

    private const string AddedUp = """
        ) t
          where t.status is not null and t.starts <= @last and t.ends > @first::date
          group by 1, 2, 3, 4, 5, 7, 8, 9
        ), delta as (
          select s.status, s.country, s.sector, s.region_id, s.operator_slug, min(s.operator_name) as operator_name, v.measure, case when v.measure = 'count' then '' else s.unit end as unit, d.point,
            sum(d.sign * s.factories) as counted, sum(d.sign * s.low) as low, sum(d.sign * s.high) as high, sum(d.sign * s.ranged) as ranged, sum(d.sign * s.unbounded) as unbounded
          from spanned s cross join unnest(@measures::text[]) v (measure) cross join lateral (values (s.starts, 1), (s.ends, -1)) d (point, sign)
          where d.point is not null
          group by 1, 2, 3, 4, 5, 7, 8, 9
        """;

    private const string InRegion = " = (select y.resource_id from slug y where y.kind = 'region' and y.slug = @region)";

    // The present is kept by region too, and by month.
    private const string Present = "select status, month as starts, date 'infinity' as ends, null as country, null as sector, " + Grouping.NeitherRegionNorOperator + ", unit, factories, low, high, ranged, unbounded from status_turn where region_id";

    // Of all of a region, the spans alone say how many.
    private const string PastInRegion = "select p.status, p.valid_from as starts, p.valid_to as ends, null as country, null as sector, " + Grouping.NeitherRegionNorOperator + """
        , '' as unit, 1 as factories, 0 as low, 0 as high, 0 as ranged, 0 as unbounded
          from status_span p
          where p.known_by = @knownBy and p.known_from <= @knownAt and p.known_to > @knownAt and p.region_id
        """ + InRegion;

    private const string Chosen = "with chosen as (\n  select f.factory_id, " + Grouping.Columns + """
        ,
            f.capacity_course, f.capacity_value, f.capacity_min, f.capacity_max, f.capacity_unit
          from 
        """;

    private const string Standing = """

        )
          select p.status, u.starts, u.ends,
            c.country, c.sector, c.region_id, c.operator_slug, c.operator_name, u.unit, 1 as factories, u.low, u.high, u.ranged, u.unbounded
          from chosen c
        """;

    private const string Spans = Standing + """

          join status_span p on p.factory_id = c.factory_id and p.region_id = 0 and p.known_by = @knownBy and p.known_from <= @knownAt and p.known_to > @knownAt
        """;

    private const string CertainSpans = Standing + """

          join (
            select i.ids[x.n] as factory_id, x.status, x.valid_from, x.valid_to
            from (select array_agg(factory_id) as ids, array_agg(@knownAt::timestamptz) as ats from (select distinct factory_id from chosen) z) i
            cross join lateral status_timeline(@knownBy, i.ids, i.ats, 'certain') x) p on p.factory_id = c.factory_id
        """;

    private const string OfCount = "\n  cross join lateral (select p.valid_from as starts, p.valid_to as ends, '' as unit, 0 as low, 0 as high, 0 as ranged, 0 as unbounded) u";

    // What each factory adds to a sum changes with its capacity.
    private const string OfCapacity = """

          cross join lateral (
            select greatest(p.valid_from, k.valid_from) as starts, least(p.valid_to, k.valid_to) as ends, k.unit, k.low, k.high, k.ranged, k.unbounded
            from capacity_parts(c.capacity_course, c.capacity_value, c.capacity_min, c.capacity_max, c.capacity_unit) k
            where p.valid_from < k.valid_to and p.valid_to > k.valid_from) u
        """;

    private const string Running = """

        ), stood as (
          select status, country, sector, region_id, operator_slug, operator_name, measure, unit, point, lead(point) over w as until,
            sum(counted) over w as counted, sum(low) over w as low, sum(high) over w as high, sum(ranged) over w as ranged, sum(unbounded) over w as unbounded
          from delta
          window w as (partition by status, country, sector, region_id, operator_slug, measure, unit order by point)
        ), running as (
          select s.status, s.country, s.sector, s.region_id, s.operator_slug, s.operator_name, s.measure, s.unit, p.point::date as point, s.counted, s.low, s.high, s.ranged, s.unbounded
          from stood s cross join generate_series(s.point::timestamp, coalesce(s.until - 1, @last::date)::timestamp, @step::interval) p (point)
          where s.counted > 0
        ), g as (
          select *, sum(counted) over w as factories, coalesce(sum(counted) filter (where unit = '') over w, 0) as without_figure
          from running
          window w as (partition by status, country, sector, region_id, operator_slug, measure, point)
        )
        select g.*, least((g.point + @step::interval)::date - 1, @last) as "on", 
        """ + Grouping.Names + ", " + Grouping.Place + " || concat_ws(e'\\x1f', '', g.measure, g.unit) as place\n  from g" + Grouping.Named + "\n  where " + Measures.IsSaid + ") g";

    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] Grouping grouping, [AsParameters] TimelineQuery timeline, [AsParameters] ListQuery query, Reading reading)
    {
        var (interval, months) = timeline.Interval?.Value.Values[0] switch { "month" => ("month", 1), "quarter" => ("quarter", 3), _ => ("year", 12) };
        var last = timeline.To is { } to && to.Value.Day < axes.Day ? EndOf(to.Value.Day, months) : axes.Day;
        last = last < axes.Day ? last : axes.Day;
        var first = StartOf(timeline.From?.Value.First ?? last.AddYears(-Math.Min(DefaultYears, last.Year - 1)), months);
        if (first > last)
        {
            return Problem.InvalidParameters(ProblemError.In("from", "not_accepted", $"is after {last:yyyy-MM-dd}, where the series ends by to and asOf; it accepts an earlier date.")).ToResult();
        }

        if (((last.Year - first.Year) * 12 + last.Month - first.Month) / months >= MostIntervals)
        {
            return Problem.InvalidParameters(ProblemError.In("from", "too_many", $"is more than {MostIntervals} intervals before the last; it accepts a later date, or a longer interval.")).ToResult();
        }

        var measures = (timeline.Measure?.Value.Values ?? ["count"]).ToArray();
        var (deltas, isOfAnyDay) = await DeltasAsync(filter, axes, grouping, measures, query, reading);
        var sql = deltas
            .With("interval", interval).With("step", $"{months} months").With("last", last)
            // As a text: the first of all days would travel as the beginning of time, from which no series gets on.
            .With("first", $"{first:O}")
            .OrderBy(Sorts.For(timeline.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<TimelineStat>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page("g.\"on\", " + Grouping.Shown + ", " + Measures.Said, query.PageSize),
            WhenEmpty = filter.CheckNames(),
            WhenAhead = isOfAnyDay ? null : () => Handle(filter, axes with { IsAhead = true }, grouping, timeline, query, reading),
        });
    }

    // And whether they hold whatever is dated ahead of today.
    private static async Task<(SelectSql Sql, bool IsOfAnyDay)> DeltasAsync(FactoryFilter filter, TimeAxes axes, Grouping grouping, string[] measures, ListQuery query, Reading reading)
    {
        const string byStatus = "status";
        var region = filter.Region?.Value.Values is [var only] ? only : null;
        SelectSql OfKept() => KnownTurns.Bind(grouping.Bind(axes.Bind(new SelectSql()), byStatus), filter).With("lang", reading.Language(query.Lang)).With("measures", measures).With("region", region);
        if (!axes.IsCertain && filter.IsOfRegionOnly && (filter.Region is null || region is not null) && grouping.IsWithin(byStatus, "status"))
        {
            switch (axes.IsPresent, region, measures)
            {
                case (true, null, _): return (OfKept().From(Head + Present + " = 0" + AddedUp + Running), false);
                case (true, _, _): return (OfKept().From(Head + Present + InRegion + AddedUp + Running), false);
                case (false, not null, ["count"]): return (OfKept().From(Head + PastInRegion + AddedUp + Running), true);
            }
        }

        // Which factories have a status on one day, the turns of all do not tell.
        if (filter.Statuses is null && KnownTurns.Tell(filter, axes, grouping, byStatus, measures))
        {
            var kept = KnownTurns.AreOfEach(filter, grouping, byStatus) ? OfKept().From(Head + KnownTurns.OfEach + AddedUp + Running) : OfKept().From(Head + KnownTurns.OfAll + AddedUp + Running);
            return (kept, true);
        }

        // The status to group by is that of each span; only a filter asks for that of the day.
        var chosen = (await grouping.OverAsync(filter, axes, byStatus, query.Lang, reading, needsStatus: false)).With("measures", measures);
        return ((axes.IsCertain, measures) switch
        {
            (true, ["count"]) => chosen.Within(Head + Chosen, CertainSpans + OfCount + AddedUp + Running),
            (true, _) => chosen.Within(Head + Chosen, CertainSpans + OfCapacity + AddedUp + Running),
            (false, ["count"]) => chosen.Within(Head + Chosen, Spans + OfCount + AddedUp + Running),
            (false, _) => chosen.Within(Head + Chosen, Spans + OfCapacity + AddedUp + Running),
        }, filter.Statuses is null);
    }

    private static DateOnly StartOf(DateOnly day, int months) => new(day.Year, (day.Month - 1) / months * months + 1, 1);

    private static DateOnly EndOf(DateOnly day, int months) => StartOf(day, months) is { Year: 9999 } late && late.Month + months > 12
        ? DateOnly.MaxValue
        : StartOf(day, months).AddMonths(months).AddDays(-1);
}
