using System.ComponentModel;
using System.Text.Json.Serialization;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Stats;

/// <summary>The time that the phases of a cohort took from one status or stage to another.</summary>
internal sealed record StageStat : GroupedRow
{
    /// <summary>
    /// The year in which the phases first came to the status or stage that cohortBy names; null for all phases
    /// together, with those of which that year is not known.
    /// </summary>
    [JsonPropertyOrder(-3)]
    public int? Cohort { get; init; }

    /// <summary>The number of phases that came from the one to the other, both on dates on which they began.</summary>
    public required long Phases { get; init; }

    /// <summary>
    /// The number of phases that came to the first, but not, or on no known date, to the other. They are not in the
    /// quartiles.
    /// </summary>
    public required long NotYet { get; init; }

    /// <summary>In days, interpolated.</summary>
    public double? FirstQuartileDays { get; init; }

    public double? MedianDays { get; init; }

    public double? ThirdQuartileDays { get; init; }
}

/// <summary>GET /v1/stats/time-in-stage.</summary>
internal static class MeasureTimeInStage
{
    internal sealed record StageQuery
    {
        [Description("""
            The status, or the stage, where the time begins: the first day on which a phase came to it. Only dates on
            which it began count, an imprecise one from its earliest day; dates on which it was observed do not.
            """)]
        public Given<Codes>? From { get; init; }

        [Description("The status, or the stage, where the time ends: the first day from then on, or the same day.")]
        public Given<Codes>? To { get; init; }

        [Description("The status, or the stage, to which a phase first came in the year of its cohort.")]
        public Given<Codes>? CohortBy { get; init; }

        internal sealed class Validator : AbstractValidator<StageQuery>
        {
            public Validator()
            {
                RuleFor(query => query.CohortBy).IsOneOf(Vocabularies.StageOrStatus, Domain.Status.Announced);
                RuleFor(query => query.From).IsOneOf(Vocabularies.StageOrStatus, Domain.Status.Announced);
                RuleFor(query => query.To).IsOneOf(Vocabularies.StageOrStatus, Domain.Status.Operating);
            }
        }
    }

    private static SortTable Sorts { get; } = new(
        "group", new SortKey("id", "text", "g.place"), new SortKey("group", "text", "g.place"));

    private const string Head =
        "(with chosen as materialized (\n  select f.factory_id, case when @byStatus then f.status end as status, "
        + Grouping.Columns + "\n  from ";

    private const string OfChosen = "\n), " + Grouping.Members + Tail;

    private const string OfAll = "\n), " + Grouping.AllMembers + Tail;

    // An actual event whose date contains that of a more precise one confirms it and does not begin the status
    // (event_precedence).
    private const string Tail = """
        , event as (
          select m.factory_id, coalesce(v.phase_id, 0) as phase, e.status, e.earliest,
            c.basis = 'actual' and coalesce(min(e.latest) over inner_date <= e.latest, false) as is_confirmation
          from member m
          join claim c on c.factory_id = m.member_id
          join status_event e on e.claim_id = c.id and e.date_meaning = 'began'
            and e.status = any (@froms || @tos || @cohorts)
          -- The unnamed phases of a site are one.
          left join phase_version v on v.phase_id = e.phase_id and v.name is not null
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where c.kind = 'status_event' and c.basis <> 'expected' and is_known(@knownBy, @knownAt, c)
            and isfinite(e.earliest)
          window inner_date as (
            partition by m.factory_id, coalesce(v.phase_id, 0), e.status, c.basis order by e.earliest desc, e.latest
            groups between unbounded preceding and 1 preceding)
        ), came as (
          select factory_id, min(earliest) filter (where status = any (@froms)) as day,
            min(earliest) filter (where status = any (@tos)) as first,
            array_agg(earliest) filter (where status = any (@tos)) as reached,
            extract(year from min(earliest) filter (where status = any (@cohorts)))::int as cohort
          from event
          where not is_confirmation and earliest <= @asOf
          group by factory_id, phase
        ), stay as (
          select factory_id, cohort,
            case when first is null or first >= day then first
              else (select min(r) from unnest(reached) r where r >= day) end - day as days
          from came where day is not null
        ), g as (
          select f.status, f.country, f.sector, f.region_id, f.operator_id, s.cohort, count(s.days) as phases,
            count(*) - count(s.days) as not_yet,
            percentile_cont(array[0.25, 0.5, 0.75]) within group (order by s.days) as quartiles
          from chosen f join stay s on s.factory_id = f.factory_id
          group by f.status, f.country, f.sector, f.region_id, f.operator_id, rollup (s.cohort)
          having s.cohort is not null or grouping(s.cohort) = 1
        )
        select g.*,
        """ + " " + Grouping.Names + ",\n  " + Grouping.Place
        + " || concat_ws(e'\\x1f', '', lpad(g.cohort::text, 4, '0')) as place"
        + "\nfrom g" + Grouping.Named + ") g";

    private const string Columns = Grouping.Shown + """
        , g.cohort, g.phases, g.not_yet, g.quartiles[1] as first_quartile_days, g.quartiles[2] as median_days,
          g.quartiles[3] as third_quartile_days
        """;

    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] Grouping grouping,
        [AsParameters] StageQuery stage,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var chosen = (await grouping.OverAsync(filter, axes, null, query.Lang, reading))
            .With("froms", StatusesOf(stage.From, Domain.Status.Announced))
            .With("tos", StatusesOf(stage.To, Domain.Status.Operating))
            .With("cohorts", StatusesOf(stage.CohortBy, Domain.Status.Announced));
        var sql = (filter == new FactoryFilter() ? chosen.Within(Head, OfAll) : chosen.Within(Head, OfChosen))
            .OrderBy(Sorts.For(null, reading.Cursor));
        return await reading.ListAsync(new ListSpec<StageStat>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(Columns, query.PageSize),
            WhenEmpty = filter.CheckNames(),
        });
    }

    private static string[] StatusesOf(Given<Codes>? asked, string @default)
    {
        var code = asked?.Value.Values[0] ?? @default;
        return [.. Domain.Status.All.Where(term => term.Code == code || term.Stage == code).Select(term => term.Code)];
    }
}
