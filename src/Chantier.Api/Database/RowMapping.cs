using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Chantier.Api.Database;

/// <summary>How columns find properties: sort_name is SortName.</summary>
internal static class RowMapping
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Dapper keeps this for the whole process, and a row read before it is set is silently empty.")]
    public static void Set() => Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;
}
