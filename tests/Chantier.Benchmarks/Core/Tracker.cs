using Chantier.Api.Keys;
using Chantier.Testing;
using Dapper;

namespace Chantier.Benchmarks.Core;

/// <summary>Holds what is measured: a database with generated factories, and a key to write with.</summary>
internal sealed record Tracker(TestDatabases Databases, string Database, string Key, Effort Effort)
{
    private const int Portions = 4;

    /// <summary>Generates the factories in portions, so that earlier knowledge has fewer of them.</summary>
    public static async Task<Tracker> CreateAsync(
        TestDatabases databases, Effort effort, CancellationToken cancellation)
    {
        var database = await databases.CreateAsync(cancellation);
        await TestDatabases.GenerateAsync(database, effort.Factories, cancellation, Portions);
        var key = await CreateKey.RunAsync(database, "benchmark", "admin", cancellation);
        return new(databases, database, key, effort);
    }

    public async Task<List<T>> QueryAsync<T>(string sql, CancellationToken cancellation, object? parameters = null)
    {
        await using var source = TestDatabases.Source(Database);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var command = new CommandDefinition(sql, parameters, commandTimeout: 0, cancellationToken: cancellation);
        return (await connection.QueryAsync<T>(command)).AsList();
    }

    public Task VacuumAsync(CancellationToken cancellation) => QueryAsync<int>("vacuum analyze", cancellation);

    public Task<ApiProcess> StartAsync(CancellationToken cancellation) => ApiProcess.StartAsync(Database, cancellation);
}
