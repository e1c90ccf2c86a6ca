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

/// <summary>How far the start of a factory has slipped, by the phase whose start was announced first.</summary>
internal sealed record SlippageView : ListRow
{
    public SlugName Factory => new(FactorySlug, FactoryName);

    public required string Country { get; init; }

    public required string Sector { get; init; }

    /// <summary>Of the factory, on asOf.</summary>
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    public required long PhaseId { get; init; }

    /// <summary>The date that was announced first, by the publication of its source, EDTF.</summary>
    public required string FirstExpected { get; init; }

    /// <summary>The date by the last that was said, EDTF.</summary>
    public required string LatestExpected { get; init; }

    /// <summary>When it began, EDTF; null where it has not, or where only is known that it had.</summary>
    public string? Actual { get; init; }

    /// <summary>True where it is not known to have begun, nor to be called off, although the last date that was said has passed.</summary>
    public required bool IsOverdue { get; init; }

    /// <summary>Months from the date announced first to when it began or else is expected, each as dateMatch reads it; below zero where it came sooner. Null where a date has no such day.</summary>
    public int? SlipMonths { get; init; }

    /// <summary>The least that it can be: from the latest day of the one to the earliest of the other.</summary>
    public int? SlipMonthsMin { get; init; }

    /// <summary>The most that it can be.</summary>
    public int? SlipMonthsMax { get; init; }

    /// <summary>How often a later date was announced than the one before.</summary>
    public required int Postponements { get; init; }

    /// <summary>How often a date was announced.</summary>
    public required int Announcements { get; init; }

    [JsonIgnore]
    public string FactorySlug { get; init; } = "";

    [JsonIgnore]
    public string FactoryName { get; init; } = "";
}

/// <summary>How far the starts of a group of factories have slipped.</summary>
internal sealed record SlippageStat : GroupedRow
{
    /// <summary>How many have an announced date of start.</summary>
    public required long Factories { get; init; }

    /// <summary>How many of them have begun, on a known date.</summary>
    public required long Started { get; init; }

    /// <summary>How many are later than was announced first, however imprecise dates are read.</summary>
    public required long Late { get; init; }

    /// <summary>How many are not known to have begun, nor to be called off, although the last date that was said has passed.</summary>
    public required long Overdue { get; init; }

    public required long Postponements { get; init; }

    /// <summary>Months, interpolated; of those that have begun, or whose date is still to come: how far the others slip is not known.</summary>
    public double? FirstQuartileMonths { get; init; }

    public double? MedianMonths { get; init; }

    public double? ThirdQuartileMonths { get; init; }
}

/// <summary>GET /v1/stats/slippage, and the same in groups.</summary>
internal static class Slippage
{
    internal sealed record SlippageQuery
    {
        [Description("The status whose beginning is meant.")]
        public Given<Codes>? To { get; init; }

        internal sealed class Validator : AbstractValidator<SlippageQuery>
        {
            public Validator() => RuleFor(query => query.To).IsOneOf(Vocabularies.Status, Domain.Status.Operating);
        }
    }

    internal sealed record SlippageOrder
    {
        [Description("Keys to sort by, descending with a leading -. What has no value comes last.")]
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
        new SortKey("slipMonths", "bigint", "coalesce(slip.slip_months, 1000000)", "coalesce(slip.slip_months, -1000000)"),
        new SortKey("postponements", "bigint", "slip.postponements"));

    private static SortTable GroupSorts { get; } = new("group", new SortKey("id", "text", "g.place"), new SortKey("group", "text", "g.place"));

    // Slips stay: a date that news put in the place of another was announced all the same, and only what was ours in error was not. They
    // follow each other as their sources were published, as far as that was known, and else as they were recorded: a history may be entered in
    // any order. What was announced once the phase had begun is of a restart.
    private const string Slips = """

        join (
          with told as materialized (
            select coalesce(m.survivor_id, c.factory_id) as factory_id, e.phase_id, c.id, e.date, e.earliest, e.latest, d.day, p.earliest as said_from,
              coalesce(p.latest, ((case @knownBy when 'published' then c.published_from else c.known_from end) at time zone 'UTC')::date) as said
            from claim c
            join status_event e on e.claim_id = c.id and e.status = @to
            left join factory_merged m on m.loser_id = c.factory_id and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
            cross join lateral (select case @dateMatch when 'certain' then e.latest else e.earliest end as day) d
            cross join lateral (
              select min(v.published_earliest) as earliest, min(v.published_latest) as latest
              from evidence x join source_version v on v.source_id = x.source_id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
              where x.claim_id = c.id and is_recorded(@knownBy, @knownAt, x.known_from, x.known_to)) p
            where c.kind = 'status_event' and c.basis = 'expected' and case @knownBy
              when 'published' then c.published_from <= @knownAt and c.published_from < c.published_to
              else c.known_from <= @knownAt and (c.known_to > @knownAt or c.end_reason = 'news') end
          ), came as materialized (
            select t.phase_id, x.*
            from (select distinct phase_id from told) t
            cross join lateral (
              select e.date, e.earliest, e.latest, d.day
              from status_event e
              join claim c on c.id = e.claim_id and c.basis <> 'expected' and is_known(@knownBy, @knownAt, c)
              cross join lateral (select case @dateMatch when 'certain' then e.latest else e.earliest end as day) d
              where e.phase_id = t.phase_id and e.status = @to and e.date_meaning = 'began' and d.day <= @asOf and d.day < 'infinity'
              order by d.day, c.basis, c.id
              limit 1) x
          ), walked as (
            select t.*, lag(t.day) over w as day_before, row_number() over w as place,
              row_number() over (partition by t.factory_id, t.phase_id order by t.said desc, t.id desc) as place_from_last
            from told t
            left join came x on x.phase_id = t.phase_id
            where t.said_from is null or x.latest is null or t.said_from <= x.latest
            window w as (partition by t.factory_id, t.phase_id order by t.said, t.id)
          ), course as (
            select factory_id, phase_id, (count(*) filter (where day > day_before))::int as postponements, count(*)::int as announcements
            from walked
            group by factory_id, phase_id
          ), of_factory as (
            select distinct on (f.factory_id) f.factory_id, f.phase_id, c.postponements, c.announcements,
              f.date as first_expected, f.day as first_day, f.earliest as first_earliest, f.latest as first_latest,
              l.date as latest_expected, l.latest as latest_latest, x.date as actual,
              coalesce(x.day, l.day) as end_day, coalesce(x.earliest, l.earliest) as end_earliest, coalesce(x.latest, l.latest) as end_latest
            from walked f
            join course c on c.phase_id = f.phase_id and c.factory_id = f.factory_id
            join walked l on l.phase_id = f.phase_id and l.factory_id = f.factory_id and l.place_from_last = 1
            left join came x on x.phase_id = f.phase_id
            where f.place = 1
            order by f.factory_id, f.said, f.id
          )
          select s.factory_id, s.phase_id, s.first_expected, s.latest_expected, actual, postponements, announcements, actual is null and latest_latest < @asOf as has_passed, exists (
              select
              from status_event e join claim c on c.id = e.claim_id and c.basis <> 'expected' and is_known(@knownBy, @knownAt, c)
              cross join lateral (select case @dateMatch when 'certain' then e.latest else e.earliest end as day) d
              where e.phase_id = s.phase_id and e.status = @to and d.day <= @asOf) as is_seen,
            months_between(first_day, end_day) as slip_months, months_between(first_latest, end_earliest) as slip_min, months_between(first_earliest, end_latest) as slip_max
          from of_factory s
          offset 0) slip on slip.factory_id = f.factory_id
        """;

    // What is so already, since nobody knows when, or was called off, is not late any more.
    private const string IsOverdue = "(slip.has_passed and not slip.is_seen and f.status is distinct from 'cancelled' and f.status is distinct from 'never_commissioned')";

    private const string Columns = $"""
        f.slug as factory_slug, f.name as factory_name, f.country, f.sector, f.status,
          slip.phase_id, slip.first_expected, slip.latest_expected, slip.actual, {IsOverdue} as is_overdue,
          slip.slip_months, slip.slip_min as slip_months_min, slip.slip_max as slip_months_max, slip.postponements, slip.announcements
        """;

    private const string Head = "(with chosen as (\n  select case when @byStatus then f.status end as status, " + Grouping.Columns + ", slip.actual, slip.has_passed, " + IsOverdue + " as is_overdue, slip.slip_months, slip.slip_min, slip.postponements\n  from ";

    private const string Tail = """

        ), g as (
          select status, country, sector, region_id, operator_slug, min(operator_name) as operator_name, count(*) as factories, count(actual) as started,
            count(*) filter (where slip_min > 0) as late, count(*) filter (where is_overdue) as overdue, sum(postponements) as postponements,
            percentile_cont(array[0.25, 0.5, 0.75]) within group (order by slip_months) filter (where not has_passed) as quartiles
          from chosen
          group by status, country, sector, region_id, operator_slug
        )
        select g.*, 
        """ + Grouping.Names + ", " + Grouping.Place + " as place\n  from g" + Grouping.Named + ") g";

    private const string GroupColumns = Grouping.Shown + """
        , g.factories, g.started, g.late, g.overdue, g.postponements,
          g.quartiles[1] as first_quartile_months, g.quartiles[2] as median_months, g.quartiles[3] as third_quartile_months
        """;

    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] SlippageQuery slippage, [AsParameters] SlippageOrder order, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = (await OverAsync(filter, axes, new(), slippage, query, reading)).OrderBy(Sorts.For(order.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<SlippageView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(Columns, query.PageSize),
            WhenEmpty = filter.CheckNames(),
            WhenAhead = () => Handle(filter, axes with { IsAhead = true }, slippage, order, query, reading),
        });
    }

    public static async Task<IResult> Groups(
        [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] Grouping grouping, [AsParameters] SlippageQuery slippage, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = (await OverAsync(filter, axes, grouping, slippage, query, reading)).Within(Head, Tail).OrderBy(GroupSorts.For(null, reading.Cursor));
        return await reading.ListAsync(new ListSpec<SlippageStat>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(GroupColumns, query.PageSize),
            WhenEmpty = filter.CheckNames(),
            WhenAhead = () => Groups(filter, axes with { IsAhead = true }, grouping, slippage, query, reading),
        });
    }

    private static async Task<SelectSql> OverAsync(FactoryFilter filter, TimeAxes axes, Grouping grouping, SlippageQuery slippage, ListQuery query, Reading reading) =>
        (await grouping.OverAsync(filter, axes, null, query.Lang, reading, needsStatus: true)).Join(Slips).With("to", slippage.To?.Value.Values[0] ?? Domain.Status.Operating);
}
