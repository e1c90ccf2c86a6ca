using Chantier.Api.Database;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests;

/// <summary>
/// The service over a database with the invented world of world.sql, which each test has for itself. Its five writes were
/// recorded on the 10th of January to May 2025.
/// </summary>
public abstract class World(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>Every factory that is there now, by name.</summary>
    internal static readonly string[] Everything =
    [
        "acierie-elan", "contradictoire", "fidji-est", "fidji-ouest", "futur", "pole-nord", "renommee", "sosie-a", "sosie-b", "tardive", "virgule", "zebre-nord",
    ];

    private LentApi _lent = null!;

    internal Ask Ask => _lent.Ask;

    internal Uri Address => _lent.Address;

    internal IServiceProvider Services => _lent.Services;

    internal TestApi Api => _lent.Own().Api;

    /// <summary>Of the database that the service reads.</summary>
    internal string ConnectionString => _lent.Own().Connection;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What is in the database, by a name of its own.</summary>
    private protected virtual string Template => "world";

    public virtual async ValueTask InitializeAsync() => _lent = await postgres.LendAsync(Template, () => postgres.CopyOfAsync(Template, FillAsync, Token));

    public virtual async ValueTask DisposeAsync()
    {
        await postgres.TakeBackAsync(_lent);
        GC.SuppressFinalize(this);
    }

    internal static async Task FillWorldAsync(string connection)
    {
        using var reader = new StreamReader(typeof(World).Assembly.GetManifestResourceStream("world.sql")!);
        await ExecuteAsync(connection, await reader.ReadToEndAsync(Token));
        await Projections.RebuildAsync(connection, Token);
    }

    private protected virtual Task FillAsync(string connection) => FillWorldAsync(connection);

    /// <summary>Runs a statement beside the service, as a curator's write would.</summary>
    private protected Task WriteAsync(string sql, object? parameters = null) => ExecuteAsync(ConnectionString, sql, parameters);

    /// <summary>The world's key with a scope.</summary>
    internal Task<string> KeyAsync(string scope) => KeyAsync($"the-{scope}-key", scope);

    private protected Task<string> KeyAsync(string name, string scope) => _lent.KeyAsync(name, scope);

    internal static async Task ExecuteAsync(string connectionString, string sql, object? parameters = null)
    {
        await using var source = DataSources.Unpooled(connectionString);
        await using var connection = await source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await WriteAsync(connection, transaction, sql, parameters);
        await transaction.CommitAsync(Token);
    }

    /// <summary>Runs a statement, and brings the projections up to what it logged.</summary>
    internal static async Task WriteAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, object? parameters = null)
    {
        const string lastSql = "select coalesce(max(seq), 0) from change";
        var last = await connection.QuerySingleAsync<long>(new CommandDefinition(lastSql, transaction: transaction, cancellationToken: Token));
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, commandTimeout: 0, cancellationToken: Token));
        var stamps = await connection.QueryAsync<DateTime>(new CommandDefinition(
            "select distinct recorded_at from change where seq > @last order by recorded_at", new { last }, transaction, cancellationToken: Token));
        foreach (var stamp in stamps)
        {
            await Projections.AdvanceAsync(connection, transaction, new(stamp, TimeSpan.Zero), Token);
        }
    }
}
