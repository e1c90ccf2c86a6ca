using System.Collections.Concurrent;
using Chantier.Api.Keys;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests;

/// <summary>
/// The service over a database with the invented world of world.sql, which each test class has for itself. Its five writes were
/// recorded on the 10th of January to May 2025.
/// </summary>
public abstract class World(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>Every factory that is there now, by name.</summary>
    internal static readonly string[] Everything =
    [
        "acierie-elan", "contradictoire", "fidji-est", "fidji-ouest", "futur", "pole-nord", "renommee", "sosie-a", "sosie-b", "tardive", "virgule", "zebre-nord",
    ];

    private readonly ConcurrentDictionary<string, Task<string>> _keys = [];
    private TestApi _api = null!;

    internal Ask Ask { get; private set; } = null!;

    internal TestApi Api => _api;

    private protected string Connection { get; private set; } = "";

    /// <summary>Of the database that the service reads.</summary>
    internal string ConnectionString => Connection;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        Connection = await DatabaseAsync(postgres);
        _api = await TestApi.StartAsync(Connection, Token);
        Ask = new(_api.Client);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await postgres.Databases.DropAsync(Connection);
        GC.SuppressFinalize(this);
    }

    private protected virtual Task<string> DatabaseAsync(PostgresFixture from) => from.WorldAsync(Token);

    /// <summary>Runs a statement beside the service, as a curator's write would.</summary>
    private protected Task WriteAsync(string sql, object? parameters = null) => ExecuteAsync(Connection, sql, parameters);

    /// <summary>The world's key with a scope.</summary>
    internal Task<string> KeyAsync(string scope) => _keys.GetOrAdd(scope, _ => CreateKey.RunAsync(Connection, $"the-{scope}-key", scope, Token));

    internal static async Task ExecuteAsync(string connectionString, string sql, object? parameters = null)
    {
        await using var source = new NpgsqlDataSourceBuilder(connectionString) { ConnectionStringBuilder = { Pooling = false } }.Build();
        await using var connection = await source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, commandTimeout: 0, cancellationToken: Token));
        await transaction.CommitAsync(Token);
    }
}
