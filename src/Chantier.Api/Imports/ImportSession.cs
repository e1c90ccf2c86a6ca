using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>The connection of one import, apart from the pools as it takes its time, and the transaction it is in.</summary>
internal sealed class ImportSession : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly IProgress<ImportProgress>? _progress;

    private ImportSession(NpgsqlDataSource source, NpgsqlConnection connection, IProgress<ImportProgress>? progress, CancellationToken cancellation) =>
        (_source, Connection, _progress, Cancellation) = (source, connection, progress, cancellation);

    public NpgsqlConnection Connection { get; }

    public NpgsqlTransaction? Transaction { get; private set; }

    public CancellationToken Cancellation { get; }

    public static async Task<ImportSession> OpenAsync(string connectionString, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var source = DataSources.Unpooled(connectionString, settings =>
        {
            settings.CommandTimeout = 0;
            settings.Options = $"{settings.Options} -c work_mem=128MB -c temp_buffers=256MB";
        });
        try
        {
            return new(source, await source.OpenConnectionAsync(cancellation), progress, cancellation);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    public void Report(string stage, int rows, double part, int? total = null) => _progress?.Report(new(stage, rows, part, total));

    public async Task<NpgsqlTransaction> BeginAsync() => Transaction = await Connection.BeginTransactionAsync(Cancellation);

    public async Task CommitAsync()
    {
        await Transaction!.CommitAsync(Cancellation);
        await EndAsync();
    }

    /// <summary>Whether somebody waits for it or not.</summary>
    public async Task RollbackAsync()
    {
        if (Transaction is not null)
        {
            await Transaction.RollbackAsync(CancellationToken.None);
            await EndAsync();
        }
    }

    public Task<int> ExecuteAsync(string sql, object? parameters = null) => Connection.ExecuteAsync(Command(sql, parameters));

    public async Task<T> ScalarAsync<T>(string sql, object? parameters = null) => (await Connection.ExecuteScalarAsync<T>(Command(sql, parameters)))!;

    public Task<T> QuerySingleAsync<T>(string sql, object? parameters = null) => Connection.QuerySingleAsync<T>(Command(sql, parameters));

    public async Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) => (await Connection.QueryAsync<T>(Command(sql, parameters))).AsList();

    public async ValueTask DisposeAsync()
    {
        if (Transaction is not null)
        {
            await Transaction.DisposeAsync();
        }

        await Connection.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async Task EndAsync()
    {
        await Transaction!.DisposeAsync();
        Transaction = null;
    }

    private CommandDefinition Command(string sql, object? parameters) => new(sql, parameters, Transaction, commandTimeout: 0, cancellationToken: Cancellation);
}
