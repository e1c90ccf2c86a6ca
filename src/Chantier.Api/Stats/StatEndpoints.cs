using Chantier.Api.Http;

namespace Chantier.Api.Stats;

/// <summary>The routes of statistics.</summary>
internal static class StatEndpoints
{
    public static void MapStats(this IEndpointRouteBuilder routes)
    {
        var stats = routes.MapGroup("/stats").WithTags("Dashboards");

        stats.MapGet("/factories", CountFactories.Handle).ListsOf<FactoryStat>("CountFactories", "How many factories there are in each group, and what their capacities, jobs and investments add up to, unit by unit");
        stats.MapGet("/timeline", ShowTimeline.Handle).ListsOf<TimelineStat>("ShowTimeline", "How many factories, and how much capacity, stood in each status at the end of each month, quarter or year, those cancelled or closed included, of the factories that the filters choose on asOf");
        stats.MapGet("/slippage", Slippage.Handle).ListsOf<SlippageView>("ListSlippage", "How far the start of each factory has slipped: what was expected first, what is expected by the last that was said, and what came");
        stats.MapGet("/slippage/groups", Slippage.Groups).ListsOf<SlippageStat>("SumSlippage", "How far starts have slipped in each group: the median and the quartiles");
        stats.MapGet("/time-in-stage", MeasureTimeInStage.Handle).ListsOf<StageStat>("MeasureTimeInStage", "How many days it took from one status or stage to another, by the year in which it was announced");
    }
}
