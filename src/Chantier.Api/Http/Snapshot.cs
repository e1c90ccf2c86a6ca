using Dapper;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>An open connection inside one snapshot.</summary>
internal sealed class Snapshot(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellation)
{
    public async Task<List<TRow>> QueryAsync<TRow>(string sql, object parameters) =>
        (await connection.QueryAsync<TRow>(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation))).AsList();
}
