using Npgsql;

namespace Chantier.Api.Database;

/// <summary>The pool that reads: every batch of statements is one transaction with one snapshot, and can write nothing.</summary>
internal sealed class ReadSource(NpgsqlDataSource source) : IAsyncDisposable
{
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) => source.OpenConnectionAsync(cancellation);

    public NpgsqlConnection Open() => source.OpenConnection();

    public ValueTask DisposeAsync() => source.DisposeAsync();
}

/// <summary>The pool that writes, read committed: a write takes its stamp late and must see what committed before it.</summary>
internal sealed class WriteSource(NpgsqlDataSource source) : IAsyncDisposable
{
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) => source.OpenConnectionAsync(cancellation);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}

/// <summary>The connections that listen, apart from the pools, since they are never given back.</summary>
internal sealed class ListenSource(NpgsqlDataSource source) : IAsyncDisposable
{
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) => source.OpenConnectionAsync(cancellation);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}

internal static class DataSources
{
    // An implicit transaction spans a batch, so that repeatable read gives all its statements one snapshot without BEGIN and COMMIT.
    private const string ReadOptions = "-c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on";

    // PostgreSQL compiles queries it thinks dear, which costs more than it saves here; and plans as for spinning disks, by which large
    // writes take ten times as long.
    private const string AllOptions = "-c jit=off -c random_page_cost=1.1 -c timezone=UTC";

    /// <summary>The connection string with what every session of the service needs, whatever the server's settings; what the string itself asks for stands.</summary>
    public static string ForAll(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.Options = $"{AllOptions} {settings.Options}".Trim();
        return settings.ConnectionString;
    }

    public static ReadSource Read(string connectionString, TimeSpan statementTimeout) => new(Build(connectionString, ReadOptions, statementTimeout));

    // A write reads and inserts by key, in many statements: to plan each for its values costs more than to run it.
    private const string WriteOptions = "-c plan_cache_mode=force_generic_plan";

    public static WriteSource Write(string connectionString, TimeSpan statementTimeout) =>
        new(Build(connectionString, WriteOptions, statementTimeout));

    public static ListenSource Listen(string connectionString) => new(Unpooled(connectionString, settings =>
    {
        settings.ApplicationName ??= "chantier listens";
        // Notices a server that went without a word.
        settings.KeepAlive = 30;
        // The server notices such a client as soon, and frees the locks that it held.
        settings.Options = $"{settings.Options} -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3".Trim();
    }));

    /// <summary>The connections of one task, each closed when it is given back.</summary>
    public static NpgsqlDataSource Unpooled(string connectionString, Action<NpgsqlConnectionStringBuilder>? configure = null) => Source(connectionString, settings =>
    {
        settings.Pooling = false;
        configure?.Invoke(settings);
    });

    /// <summary>The way to a database. Only built-in types travel, so nobody has to ask which others there are, which takes longer than a session to start.</summary>
    public static NpgsqlDataSource Source(string connectionString, Action<NpgsqlConnectionStringBuilder>? configure = null)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        configure?.Invoke(builder.ConnectionStringBuilder);
        return builder.Build();
    }

    private static NpgsqlDataSource Build(string connectionString, string options, TimeSpan statementTimeout) => Source(connectionString, settings =>
    {
        settings.Options = $"{settings.Options} {options} -c statement_timeout={(long)statementTimeout.TotalMilliseconds}".Trim();
        settings.ApplicationName ??= "chantier";
        settings.MaxAutoPrepare = 200;
        settings.AutoPrepareMinUsages = 2;
        // No session state is ever set on a pooled connection, so there is nothing to reset.
        settings.NoResetOnClose = true;
    });
}
