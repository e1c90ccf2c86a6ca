namespace Chantier.Api.Database;

/// <summary>What the planner knows of the tables.</summary>
internal static class TableStatistics
{
    /// <summary>
    /// Looks at all of the tracker's tables anew, but not at the catalogs: all databases of a server share some of those, and whoever looks at
    /// them within a transaction, as a restore does, would keep the imports of every other tracker waiting until its end.
    /// </summary>
    public const string RefreshSql = """
        do $$ begin
          execute (select 'analyze ' || string_agg(format('%I', relname), ', ') from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r');
        end $$
        """;
}
