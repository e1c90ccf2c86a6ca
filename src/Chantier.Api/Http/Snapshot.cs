using Dapper;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>An open connection inside one snapshot.</summary>
internal sealed class Snapshot(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellation)
{
    public async Task<List<TRow>> QueryAsync<TRow>(string sql, object parameters) =>
        (await connection.QueryAsync<TRow>(Command(sql, parameters))).AsList();

    /// <summary>Returns the rows of two statements, which are sent together.</summary>
    public async Task<(List<TFirst> First, List<TSecond> Second)> QueryAsync<TFirst, TSecond>(string sql, object parameters)
    {
        await using var grid = await connection.QueryMultipleAsync(Command(sql, parameters));
        return ((await grid.ReadAsync<TFirst>()).AsList(), (await grid.ReadAsync<TSecond>()).AsList());
    }

    private CommandDefinition Command(string sql, object parameters) =>
        new(sql, parameters, transaction, cancellationToken: cancellation);
}
