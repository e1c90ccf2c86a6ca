using Dapper;
using Npgsql;

namespace Chantier.Api.Database;

/// <summary>What the planner knows of the tables.</summary>
internal static class TableStatistics
{
    private const string AnalyzeSql = """
        select 'analyze ' || string_agg(format('%I', relname), ', ' order by relname)
        from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'
        """;

    /// <summary>
    /// Looks at all of the tracker's tables anew, outside of a transaction at one after the other. Not at the catalogs: all databases of a server
    /// share some of those, and whoever looks at them within a transaction, as a restore does, would keep the imports of every other tracker
    /// waiting until its end.
    /// </summary>
    public static async Task RefreshAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var analyze = await connection.QuerySingleAsync<string>(new CommandDefinition(AnalyzeSql, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(analyze, commandTimeout: 0, cancellationToken: cancellation));
    }
}
