using Dapper;

namespace Chantier.Api.Database;

/// <summary>The projections as a whole; writes keep them up to date by themselves.</summary>
internal static class Projections
{
    public static async Task RebuildAsync(string connectionString, CancellationToken cancellation)
    {
        await using var source = DataSources.Unpooled(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("select rebuild_projections()", commandTimeout: 0, cancellationToken: cancellation));
    }
}
