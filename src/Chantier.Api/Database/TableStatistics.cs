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

    // The second statement sees what the session counted before the first.
    private const string FlushSql = "select pg_stat_force_next_flush()";

    private const string AnalyzeGrownSql = """
        select 'analyze ' || string_agg(format('%I', relname), ', ' order by relname)
        from pg_stat_user_tables where schemaname = current_schema() and n_mod_since_analyze > 500 + n_live_tup / 2
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

    /// <summary>Does the same for the tables of which half is new since it was last done.</summary>
    public static async Task RefreshGrownAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await connection.ExecuteAsync(new CommandDefinition(FlushSql, cancellationToken: cancellation));
        var analyze = await connection.QuerySingleAsync<string?>(new CommandDefinition(AnalyzeGrownSql, cancellationToken: cancellation));
        if (analyze is not null)
        {
            await connection.ExecuteAsync(new CommandDefinition(analyze, commandTimeout: 0, cancellationToken: cancellation));
        }
    }
}
