using Chantier.Api.Database;
using Chantier.EmbeddedPostgres;

namespace Chantier.Api.Hosting;

/// <summary>The database in use: the one that is configured, or else an embedded server for this process.</summary>
internal sealed class Connection(string connectionString, string description, EmbeddedPostgresServer? embedded) : IAsyncDisposable
{
    public string ConnectionString => connectionString;

    /// <summary>Where the data lie, in words for a person.</summary>
    public string Description => description;

    public static async Task<Connection> OpenAsync(IConfiguration configuration, Action<string> say, CancellationToken cancellation)
    {
        if (configuration.GetConnectionString("Chantier") is { Length: > 0 } configured)
        {
            var server = new Npgsql.NpgsqlConnectionStringBuilder(configured);
            return new(DataSources.ForAll(configured), $"PostgreSQL at {server.Host}:{server.Port}, database {server.Database}", embedded: null);
        }

        // How it starts, the banner tells; what becomes of it later, nobody else does.
        var isOpen = false;
        var embedded = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions
            {
                DataFolder = configuration["Chantier:DataFolder"],
                Log = message =>
                {
                    if (isOpen)
                    {
                        say(message);
                    }
                },
            },
            cancellation);
        try
        {
            await CreateDatabaseAsync(embedded, cancellation);
            isOpen = true;
            return new(
                DataSources.ForAll(embedded.ConnectionString(DatabaseName)), $"{embedded.DataFolder} (embedded PostgreSQL {embedded.Version}{(embedded.WasRunning ? ", found running" : "")})", embedded);
        }
        catch
        {
            await embedded.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

    private const string DatabaseName = "chantier";

    private static async Task CreateDatabaseAsync(EmbeddedPostgresServer embedded, CancellationToken cancellation)
    {
        await using var source = DataSources.Unpooled(embedded.ConnectionString("postgres"));
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var exists = new Npgsql.NpgsqlCommand("select 1 from pg_database where datname = 'chantier'", connection);
        if (await exists.ExecuteScalarAsync(cancellation) is not null)
        {
            return;
        }

        try
        {
            await using var create = new Npgsql.NpgsqlCommand("create database chantier", connection);
            await create.ExecuteNonQueryAsync(cancellation);
        }
        catch (Npgsql.PostgresException other) when (other.SqlState is Npgsql.PostgresErrorCodes.DuplicateDatabase or Npgsql.PostgresErrorCodes.UniqueViolation)
        {
            // Another program on the same folder made it first.
        }
    }
}
