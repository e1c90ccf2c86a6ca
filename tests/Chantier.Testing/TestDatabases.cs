using Chantier.Api.Database;
using Chantier.EmbeddedPostgres;
using Dapper;
using Npgsql;

namespace Chantier.Testing;

/// <summary>
/// A private PostgreSQL in a folder of its own, thrown away at the end, and databases copied from a migrated template,
/// file by file, which takes about 30 ms each. Speed over safety: nothing here needs to survive a power cut.
/// </summary>
public sealed class TestDatabases : IAsyncDisposable
{
    private readonly EmbeddedPostgresServer _server;
    private readonly NpgsqlDataSource _admin;
    private readonly string _folder;
    private int _count;

    private TestDatabases(EmbeddedPostgresServer server, string folder) => (_server, _admin, _folder) = (server, Source(DataSources.ForAll(server.ConnectionString("postgres"))), folder);

    /// <summary>Where pgbench and psql of the same version are.</summary>
    public string ProgramFolder => _server.ProgramFolder;

    /// <summary>What the server logs.</summary>
    public string LogFile => _server.LogFile;

    /// <param name="cancellation">Ends the start.</param>
    /// <param name="areBrief">For many small databases, none of which lasts: each connection has less memory to map, and nothing is vacuumed.</param>
    /// <param name="areDurable">Commits wait until they are on the disk, as in production: for measuring writes.</param>
    public static async Task<TestDatabases> StartAsync(CancellationToken cancellation, bool areBrief = false, bool areDurable = false)
    {
        var folder = Directory.CreateTempSubdirectory("chantier-tests-").FullName;
        var settings = new Dictionary<string, string>
        {
            ["max_connections"] = "300",
            ["shared_buffers"] = areBrief ? "128MB" : "512MB",
            ["maintenance_work_mem"] = "256MB",
            ["max_wal_size"] = "4GB",
            ["autovacuum"] = areBrief ? "off" : "on",
        };
        foreach (var name in areDurable ? Array.Empty<string>() : ["fsync", "full_page_writes", "synchronous_commit"])
        {
            settings[name] = "off";
        }

        var server = await EmbeddedPostgresServer.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = folder, Settings = settings },
            cancellation);
        var databases = new TestDatabases(server, folder);
        await databases.ExecuteAsync("create database template_chantier", cancellation);
        await Migrations.ApplyAsync(DataSources.ForAll(server.ConnectionString("template_chantier")), cancellation);
        return databases;
    }

    /// <summary>Gives the connection string of a new, migrated, empty database.</summary>
    public Task<string> CreateAsync(CancellationToken cancellation) => CopyAsync("template_chantier", cancellation);

    /// <summary>Gives the connection string of a copy of a database that nobody is connected to.</summary>
    public async Task<string> CopyAsync(string template, CancellationToken cancellation)
    {
        var name = $"test_{Interlocked.Increment(ref _count)}";
        await ExecuteAsync($"create database {name} template {template} strategy file_copy", cancellation);
        return DataSources.ForAll(_server.ConnectionString(name));
    }

    /// <summary>Ends a database that is no longer needed, if it is there, whoever is still connected.</summary>
    public Task DropAsync(string connectionString) =>
        ExecuteAsync($"drop database if exists {new NpgsqlConnectionStringBuilder(connectionString).Database} with (force)", CancellationToken.None);

    /// <summary>Generates factories for paging and load, recorded in as many portions, each at a moment of its own.</summary>
    public static async Task GenerateAsync(string connectionString, int factories, CancellationToken cancellation, int portions = 1)
    {
        using var reader = new StreamReader(typeof(TestDatabases).Assembly.GetManifestResourceStream("generate.sql")!);
        await using var source = DataSources.Unpooled(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(await reader.ReadToEndAsync(cancellation), commandTimeout: 0, cancellationToken: cancellation));
        for (var portion = 1; portion <= portions; portion++)
        {
            var count = (int)((long)factories * portion / portions - (long)factories * (portion - 1) / portions);
            await connection.ExecuteAsync(new CommandDefinition(
                "select generate_factories(@count)", new { count }, commandTimeout: 0, cancellationToken: cancellation));
        }

        await Projections.RebuildAsync(connectionString, cancellation);
        await connection.ExecuteAsync(new CommandDefinition("vacuum analyze", commandTimeout: 0, cancellationToken: cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Connections to look into a database with, of which each is used again.</summary>
    public static NpgsqlDataSource Source(string connectionString) => DataSources.Source(connectionString);

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var connection = await _admin.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: cancellation));
    }
}
