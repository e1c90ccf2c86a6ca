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
    /// <summary>The turns, of which the caller takes those up to a day.</summary>
    public const string Source = """
        select nullif(status, '') as status, country, sector, unit, day, factories, low, high, ranged, unbounded
          from known_turn
          where known_by = @knownBy and known_at <= @knownAt
            and (@countries::text[] is null or country = any (@countries)) and (@sectors::text[] is null or sector = any (@sectors))
        """;

    /// <summary>Whether they answer what is asked, but for its statuses.</summary>
    public static bool Tell(FactoryFilter filter, TimeAxes axes, Grouping grouping, string? @default, string[] measures) =>
        !axes.IsCertain
        && filter with { Country = null, Sector = null, Status = null, Stage = null } == new FactoryFilter()
        && grouping.IsWithin(@default, "status", "country", "sector")
        && measures.All(measure => measure is "count" or "capacity");

    /// <summary>What the source asks for.</summary>
    public static SelectSql Bind(SelectSql sql, FactoryFilter filter) => sql
        .With("countries", filter.Country?.Value.Values.ToArray())
        .With("sectors", filter.Sector?.Value.Values.ToArray());
}
