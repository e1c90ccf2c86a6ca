using System.ComponentModel;
using System.Text.Json.Serialization;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Stats;

/// <summary>How long the phases of a cohort took from one status or stage to another.</summary>
internal sealed record StageStat : GroupedRow
{
    /// <summary>The year in which they were announced, or first came to what cohortBy names; null for all together, with those of which that is not known.</summary>
    [JsonPropertyOrder(-3)]
    public int? Cohort { get; init; }

    /// <summary>How many came from the one to the other, both on dates on which they began.</summary>
    public required long Phases { get; init; }

    /// <summary>How many came to the first, and not, or on no known date, to the other. They are not in the quartiles.</summary>
    public required long NotYet { get; init; }

    /// <summary>Days, interpolated.</summary>
    public double? FirstQuartileDays { get; init; }

    public double? MedianDays { get; init; }

    public double? ThirdQuartileDays { get; init; }
}

/// <summary>GET /v1/stats/time-in-stage.</summary>
internal static class MeasureTimeInStage
{
    internal sealed record StageQuery
    {
        [Description("The status, or the stage, where the time begins: the first day on which a phase came to it. Only dates on which it began count, as dateMatch reads them; not those on which it was observed.")]
        public Given<Codes>? From { get; init; }

        [Description("The status, or the stage, where the time ends: the first day from then on, which may be the same.")]
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

    private static SortTable Sorts { get; } = new("group", new SortKey("id", "text", "g.place"), new SortKey("group", "text", "g.place"));

    private const string Head = "(with chosen as materialized (\n  select f.factory_id, case when @byStatus then f.status end as status, " + Grouping.Columns + "\n  from ";

    private const string OfChosen = "\n), " + Grouping.Members + Tail;

    private const string OfAll = "\n), " + Grouping.AllMembers + Tail;

    private const string Tail = """
        , came as (
          select min(m.factory_id) as factory_id, min(d.day) filter (where e.status = any (@froms)) as day,
            min(d.day) filter (where e.status = any (@tos)) as first, array_agg(d.day) filter (where e.status = any (@tos)) as reached,
            extract(year from min(d.day) filter (where e.status = any (@cohorts)))::int as cohort
          from member m
          join claim c on c.factory_id = m.member_id
          join status_event e on e.claim_id = c.id and e.date_meaning = 'began' and e.status = any (@froms || @tos || @cohorts)
          cross join lateral (select case @dateMatch when 'certain' then e.latest else e.earliest end as day) d
          where c.kind = 'status_event' and c.basis <> 'expected' and is_known(@knownBy, @knownAt, c) and isfinite(d.day) and d.day <= @asOf
          group by e.phase_id
        ), stay as (
          select factory_id, cohort, case when first is null or first >= day then first else (select min(r) from unnest(reached) r where r >= day) end - day as days
          from came where day is not null
        ), g as (
          select f.status, f.country, f.sector, f.region_id, f.operator_slug, min(f.operator_name) as operator_name, s.cohort,
            count(s.days) as phases, count(*) - count(s.days) as not_yet, percentile_cont(array[0.25, 0.5, 0.75]) within group (order by s.days) as quartiles
          from chosen f join stay s on s.factory_id = f.factory_id
          group by f.status, f.country, f.sector, f.region_id, f.operator_slug, rollup (s.cohort)
          having s.cohort is not null or grouping(s.cohort) = 1
        )
        select g.*, 
        """ + Grouping.Names + ", " + Grouping.Place + " || concat_ws(e'\\x1f', '', lpad(g.cohort::text, 4, '0')) as place\n  from g" + Grouping.Named + ") g";

    private const string Columns = Grouping.Shown + """
        , g.cohort, g.phases, g.not_yet, g.quartiles[1] as first_quartile_days, g.quartiles[2] as median_days, g.quartiles[3] as third_quartile_days
        """;

    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] Grouping grouping, [AsParameters] StageQuery stage, [AsParameters] ListQuery query, Reading reading)
    {
        var isOfStatus = grouping.IsBy("status");
        var chosen = (await grouping.OverAsync(filter, axes, null, query.Lang, reading, needsStatus: isOfStatus))
            .With("froms", StatusesOf(stage.From, Domain.Status.Announced)).With("tos", StatusesOf(stage.To, Domain.Status.Operating))
            .With("cohorts", StatusesOf(stage.CohortBy, Domain.Status.Announced));
        var sql = (filter == new FactoryFilter() ? chosen.Within(Head, OfAll) : chosen.Within(Head, OfChosen)).OrderBy(Sorts.For(null, reading.Cursor));
        return await reading.ListAsync(new ListSpec<StageStat>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            ReadsMuch = true,
            Page = sql.Page(Columns, query.PageSize),
            WhenEmpty = filter.CheckNames(),
            WhenAhead = !isOfStatus && filter.Statuses is null ? null : () => Handle(filter, axes with { IsAhead = true }, grouping, stage, query, reading),
        });
    }

    private static string[] StatusesOf(Given<Codes>? asked, string @default)
    {
        var code = asked?.Value.Values[0] ?? @default;
        return [.. Domain.Status.All.Where(term => term.Code == code || term.Stage == code).Select(term => term.Code)];
    }
}
