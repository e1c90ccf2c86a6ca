using Chantier.Api.Http;

namespace Chantier.Api.Stats;

/// <summary>The routes of statistics.</summary>
internal static class StatEndpoints
{
    public static void MapStats(this IEndpointRouteBuilder routes)
    {
        var stats = routes.MapGroup("/stats").WithTags("Dashboards");

        stats.MapGet("/factories", CountFactories.Handle).ListsOf<FactoryStat>(
            "CountFactories",
            "Count the factories of each group, and sum their capacities, jobs and investments by unit");
        stats.MapGet("/timeline", ShowTimeline.Handle).ListsOf<TimelineStat>(
            "ShowTimeline",
            "List how many factories, and how much capacity, were in each status at the end of each interval; "
            + "the filters choose the factories on asOf");
        stats.MapGet("/slippage", Slippage.Handle).ListsOf<SlippageView>(
            "ListSlippage",
            "List how far the start of each factory has slipped: the dates announced first and last, and the actual");
        stats.MapGet("/slippage/groups", Slippage.Groups).ListsOf<SlippageStat>(
            "SumSlippage", "List how far starts have slipped in each group: the median and the quartiles");
        stats.MapGet("/time-in-stage", MeasureTimeInStage.Handle).ListsOf<StageStat>(
            "MeasureTimeInStage",
            "List how many days phases took from one status or stage to another, by the year of their announcement");
    }
}
