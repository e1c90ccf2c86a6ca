using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;

namespace Chantier.Api.Stats;

/// <summary>
/// What was known at any moment of any day, added up by the writes: how many factories stood in each status, and with which capacity, by
/// country and sector. Each turn into a status adds, each turn out of it takes; all up to a moment and a day are what was known of that day.
/// </summary>
internal static class KnownTurns
{
    private const string From = """
        select nullif(status, '') as status, day as starts, date 'infinity' as ends, case when @byCountry then country end as country, case when @bySector then sector end as sector, 
        """ + Grouping.NeitherRegionNorOperator + """
        , unit, factories, low, high, ranged, unbounded
          from known_turn
          where known_by = @knownBy and known_at <= @knownAt
        """;

    /// <summary>The turns of all factories.</summary>
    public const string OfAll = From + " and country = '' and sector = ''";

    /// <summary>Those of each country and sector that is asked for.</summary>
    public const string OfEach = From + """
         and country <> '' and (@countries::text[] is null or country = any (@countries)) and (@sectors::text[] is null or sector = any (@sectors))
        """;

    /// <summary>Whether they answer what is asked, but for its statuses.</summary>
    public static bool Tell(FactoryFilter filter, TimeAxes axes, Grouping grouping, string? @default, string[] measures) =>
        !axes.IsCertain
        && filter with { Country = null, Sector = null, Status = null, Stage = null } == new FactoryFilter()
        && grouping.IsWithin(@default, "status", "country", "sector")
        && measures.All(measure => measure is "count" or "capacity");

    /// <summary>Whether it takes those of each.</summary>
    public static bool AreOfEach(FactoryFilter filter, Grouping grouping, string? @default) =>
        filter.Country is not null || filter.Sector is not null || !grouping.IsWithin(@default, "status");

    /// <summary>What the turns of each ask for.</summary>
    public static SelectSql Bind(SelectSql sql, FactoryFilter filter) => sql
        .With("countries", filter.Country?.Value.Values.ToArray())
        .With("sectors", filter.Sector?.Value.Values.ToArray());
}
