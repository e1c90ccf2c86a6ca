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

/// <summary>The slippage of a factory: that of the phase whose start was announced first.</summary>
internal sealed record SlippageView : ListRow
{
    public SlugName Factory => new(FactorySlug, FactoryName);

    public required string Country { get; init; }

    public required string Sector { get; init; }

    /// <summary>The status of the factory on asOf.</summary>
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    public required long PhaseId { get; init; }

    /// <summary>The date that was announced first, by the publication of its source, in EDTF.</summary>
    public required string FirstExpected { get; init; }

    /// <summary>The date that was announced last, in EDTF.</summary>
    public required string LatestExpected { get; init; }

    /// <summary>When the status began, in EDTF; null where it has not begun, or only is known to have begun.</summary>
    public string? Actual { get; init; }

    /// <summary>
    /// True where the date that was announced last has passed, and the phase is not known to have begun the status, to
    /// be past it, or to have ended.
    /// </summary>
    public required bool IsOverdue { get; init; }

    /// <summary>
    /// Months from the date that was announced first to the beginning, or else to the date that was announced last,
    /// each from its earliest day; negative where that is sooner. Null where a date has no such day.
    /// </summary>
    public int? SlipMonths { get; init; }

    /// <summary>
    /// The least that the slip can be: from the latest day of the first date to the earliest day of the other.
    /// </summary>
    public int? SlipMonthsMin { get; init; }

    /// <summary>The most that the slip can be.</summary>
    public int? SlipMonthsMax { get; init; }

    /// <summary>
    /// The number of announced dates whose first and last days are both later than those of the date before.
    /// </summary>
    public required int Postponements { get; init; }

    /// <summary>The number of announced dates.</summary>
    public required int Announcements { get; init; }

    [JsonIgnore]
    public string FactorySlug { get; init; } = "";

    [JsonIgnore]
    public string FactoryName { get; init; } = "";
}

/// <summary>The slippage of a group of factories.</summary>
internal sealed record SlippageStat : GroupedRow
{
    /// <summary>The number of factories with an announced date of start.</summary>
    public required long Factories { get; init; }

    /// <summary>The number of those that have begun, on a known date.</summary>
    public required long Started { get; init; }

    /// <summary>The number of those that are certainly later than was announced first.</summary>
    public required long Late { get; init; }

    /// <summary>The number of those that are overdue, as isOverdue of GET /v1/stats/slippage says.</summary>
    public required long Overdue { get; init; }

    public required long Postponements { get; init; }

    /// <summary>
    /// In months, interpolated, over those that have begun and those whose date is still to come; how far the others
    /// slip is not known.
    /// </summary>
    public double? FirstQuartileMonths { get; init; }

    public double? MedianMonths { get; init; }

    public double? ThirdQuartileMonths { get; init; }
}

/// <summary>GET /v1/stats/slippage and /v1/stats/slippage/groups.</summary>
internal static class Slippage
{
    internal sealed record SlippageQuery
    {
        [Description("The status whose beginning was announced.")]
        public Given<Codes>? To { get; init; }

        internal sealed class Validator : AbstractValidator<SlippageQuery>
        {
            public Validator() => RuleFor(query => query.To).IsOneOf(Vocabularies.Status, Domain.Status.Operating);
        }
    }

    internal sealed record SlippageOrder
    {
        [Description("Keys to sort by, descending with a leading -. Items without a value come last.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<SlippageOrder>
        {
            public Validator() => RuleFor(order => order.Sort).AreKeysOf(Sorts);
        }
    }

    private static SortTable Sorts { get; } = new(
        "name",
        new SortKey("id", "bigint", "f.factory_id"),
        new SortKey("name", "text", "f.sort_name"),
        new SortKey("slipMonths", "bigint", "coalesce(f.slip_months, 1000000)", "coalesce(f.slip_months, -1000000)"),
        new SortKey("postponements", "bigint", "f.postponements"));

    private static SortTable GroupSorts { get; } = new(
        "group", new SortKey("id", "text", "g.place"), new SortKey("group", "text", "g.place"));

    private const string ListHead =
        "(with chosen as (\n  select f.factory_id, f.sort_name, f.country, f.sector, f.status\n  from ";

    private const string GroupsHead =
        "(with chosen as (\n  select f.factory_id, case when @byStatus then f.status end as status, "
        + Grouping.Columns + "\n  from ";

    // A date that news replaced was announced all the same; one that was recorded in error was not. Dates follow each
    // other as their sources were published, where that is known, else as they were recorded, since a history may be
    // entered in any order. What was announced after the phase had begun is about a restart. A more precise date
    // postpones nothing.
    private const string Slips = """
        , announced as materialized (
          select m.factory_id, coalesce(v.phase_id, 0) as phase, e.phase_id, c.id, e.date, e.earliest, e.latest,
            ((case @knownBy when 'published' then c.published_from else c.known_from end)
              at time zone 'UTC')::date as known
          from member m
          join claim c on c.factory_id = m.member_id
          join status_event e on e.claim_id = c.id and e.status = @to
          -- The unnamed phases of a site are one.
          left join phase_version v on v.phase_id = e.phase_id and v.name is not null
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where c.kind = 'status_event' and c.basis = 'expected' and case @knownBy
            when 'published' then c.published_from <= @knownAt and c.published_from < c.published_to
            else c.known_from <= @knownAt and (c.known_to > @knownAt or c.end_reason = 'news') end
        ), published as (
          select a.id, min(v.published_earliest) as earliest, min(v.published_latest) as latest
          from announced a
          join evidence x on x.claim_id = a.id and is_recorded(@knownBy, @knownAt, x.known_from, x.known_to)
          join source_version v on v.source_id = x.source_id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
            and is_published_by(@knownBy, @knownAt, v.published_latest, v.retrieved_at, x.known_from)
          group by a.id
        ), announcement as materialized (
          select a.*, p.earliest as said_from, coalesce(p.latest, a.known) as said
          from announced a left join published p on p.id = a.id
        ), event as materialized (
          -- An actual event whose date contains that of a more precise one confirms it (event_precedence).
          select m.factory_id, t.phase, c.id, e.status, e.date, e.earliest, e.latest, e.date_meaning, c.basis,
            confidence_rank(c.confidence) as doubt, c.known_from,
            c.basis = 'actual' and coalesce(min(e.latest) over inner_date <= e.latest, false) as is_confirmation
          from (select distinct factory_id, phase from announcement) t
          join member m on m.factory_id = t.factory_id
          join claim c on c.factory_id = m.member_id and c.kind = 'status_event' and c.basis <> 'expected'
            and is_known(@knownBy, @knownAt, c)
          join status_event e on e.claim_id = c.id and e.status is not null and e.earliest < 'infinity'
          left join phase_version v on v.phase_id = e.phase_id and v.name is not null
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where coalesce(v.phase_id, 0) = t.phase
          window inner_date as (
            partition by m.factory_id, t.phase, e.status, e.date_meaning, c.basis order by e.earliest desc, e.latest
            groups between unbounded preceding and 1 preceding)
        ), came as materialized (
          select distinct on (factory_id, phase) factory_id, phase, date, earliest, latest
          from event
          where status = @to and date_meaning = 'began' and not is_confirmation and earliest <= @asOf
          order by factory_id, phase, earliest, basis, id
        ), current as materialized (
          select distinct on (factory_id, phase) factory_id, phase, status
          from event
          where not is_confirmation and earliest <= @asOf
          order by factory_id, phase, earliest desc, basis, doubt, known_from desc, id desc
        ), walked as (
          select t.*, lag(t.id) over w is null as is_first, lead(t.id) over w is null as is_last,
            t.earliest > lag(t.earliest) over w and t.latest > lag(t.latest) over w as is_postponed
          from announcement t
          left join came x on x.factory_id = t.factory_id and x.phase = t.phase
          where t.said_from is null or x.latest is null or t.said_from <= x.latest
          window w as (partition by t.factory_id, t.phase order by t.said, t.id)
        ), course as (
          select factory_id, phase, (count(*) filter (where is_postponed))::int as postponements,
            count(*)::int as announcements,
            min(said) as first_said, max(id) filter (where is_first) as first_id,
            max(phase_id) filter (where is_first) as phase_id,
            max(date) filter (where is_first) as first_date, max(earliest) filter (where is_first) as first_earliest,
            max(latest) filter (where is_first) as first_latest, max(date) filter (where is_last) as last_date,
            max(earliest) filter (where is_last) as last_earliest, max(latest) filter (where is_last) as last_latest
          from walked
          group by factory_id, phase
        ), of_factory as (
          select distinct on (c.factory_id) c.*, x.date as actual,
            coalesce(x.earliest, c.last_earliest) as end_earliest,
            coalesce(x.latest, c.last_latest) as end_latest
          from course c
          left join came x on x.factory_id = c.factory_id and x.phase = c.phase
          order by c.factory_id, c.first_said, c.first_id
        ), slip as (
          select o.factory_id, o.phase_id, o.first_date as first_expected, o.last_date as latest_expected, o.actual,
            o.postponements,
            o.announcements, o.end_earliest > o.first_latest as is_late,
            o.actual is null and not s.is_settled and o.last_latest < @asOf as is_overdue,
            o.actual is not null or not s.is_settled and o.last_latest >= @asOf as has_end,
            months_between(o.first_earliest, o.end_earliest) as slip_months,
            months_between(o.first_latest, o.end_earliest) as slip_min,
              months_between(o.first_earliest, o.end_latest) as slip_max
          from of_factory o
          left join current n on n.factory_id = o.factory_id and n.phase = o.phase
          -- Whether a phase that is not known to have begun is past the status all the same, or never will come to it.
          cross join lateral (select o.actual is null and coalesce(n.status = any (@settled), false) as is_settled) s
        )
        """;

    private const string OfChosen = "\n), " + Grouping.Members + Slips;

    // Unfiltered, no more factories are read than have an announced date.
    private const string OfAll = "\n), " + Grouping.AllMembers + Slips;

    private const string Listed = """

        select f.*, y.slug, v.name, slip.phase_id, slip.first_expected, slip.latest_expected, slip.actual,
          slip.is_overdue,
          slip.slip_months, slip.slip_min, slip.slip_max, slip.postponements, slip.announcements
        from chosen f
        join slip on slip.factory_id = f.factory_id
        join factory y on y.id = f.factory_id
        join factory_version v on v.factory_id = f.factory_id
          and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)) f
        """;

    private const string Columns = """
        f.slug as factory_slug, f.name as factory_name, f.country, f.sector, f.status, f.phase_id, f.first_expected,
          f.latest_expected,
          f.actual, f.is_overdue, f.slip_months, f.slip_min as slip_months_min, f.slip_max as slip_months_max,
            f.postponements,
          f.announcements
        """;

    private const string Grouped = """
        , g as (
          select f.status, f.country, f.sector, f.region_id, f.operator_id, count(*) as factories,
            count(s.actual) as started,
            count(*) filter (where s.is_late) as late, count(*) filter (where s.is_overdue) as overdue,
            sum(s.postponements) as postponements,
            percentile_cont(array[0.25, 0.5, 0.75]) within group (order by s.slip_months)
              filter (where s.has_end) as quartiles
          from chosen f join slip s on s.factory_id = f.factory_id
          group by f.status, f.country, f.sector, f.region_id, f.operator_id
        )
        select g.*,
        """ + " " + Grouping.Names + ",\n  " + Grouping.Place + " as place\nfrom g" + Grouping.Named + ") g";

    private const string GroupColumns = Grouping.Shown + """
        , g.factories, g.started, g.late, g.overdue, g.postponements,
          g.quartiles[1] as first_quartile_months, g.quartiles[2] as median_months,
            g.quartiles[3] as third_quartile_months
        """;

    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] SlippageQuery slippage,
        [AsParameters] SlippageOrder order,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var chosen = await OverAsync(filter, axes, new(), slippage, query, reading);
        var slips = filter == new FactoryFilter()
            ? chosen.Within(ListHead, OfAll + Listed)
            : chosen.Within(ListHead, OfChosen + Listed);
        var sql = slips.OrderBy(Sorts.For(order.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<SlippageView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(Columns, query.PageSize),
            WhenEmpty = filter.CheckNames(),
        });
    }

    public static async Task<IResult> Groups(
        [AsParameters] FactoryFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] Grouping grouping,
        [AsParameters] SlippageQuery slippage,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var chosen = await OverAsync(filter, axes, grouping, slippage, query, reading);
        var slips = filter == new FactoryFilter()
            ? chosen.Within(GroupsHead, OfAll + Grouped)
            : chosen.Within(GroupsHead, OfChosen + Grouped);
        var sql = slips.OrderBy(GroupSorts.For(null, reading.Cursor));
        return await reading.ListAsync(new ListSpec<SlippageStat>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(GroupColumns, query.PageSize),
            WhenEmpty = filter.CheckNames(),
        });
    }

    private static async Task<SelectSql> OverAsync(
        FactoryFilter filter,
        TimeAxes axes,
        Grouping grouping,
        SlippageQuery slippage,
        ListQuery query,
        Reading reading)
    {
        var to = slippage.To?.Value.Values[0] ?? Domain.Status.Operating;
        var chosen = await grouping.OverAsync(filter, axes, null, query.Lang, reading);
        return chosen.With("to", to).With("settled", Settled(to));
    }

    // The statuses of a phase that is no longer on its way to a status: it has come to it or past it, or has ended. An
    // idled phase was operating; a suspended one may still come.
    private static string[] Settled(string to)
    {
        var progress = Domain.Status.All.ToDictionary(term => term.Code, term => term.Progress);
        return [.. Domain.Status.All.Where(term => term.Code == to || term.Stage switch
        {
            Stage.Ended => true,
            Stage.Stopped => term.Code == Domain.Status.Idled && progress[to] <= progress[Domain.Status.Operating],
            _ => progress[to] <= term.Progress,
        }).Select(term => term.Code)];
    }
}
