using System.Data;
using System.Security.Cryptography;
using System.Text;
using Chantier.Api.Database;
using Dapper;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>Counts the exports that run.</summary>
internal sealed class ExportLimit(IOptions<LimitOptions> options)
{
    private int _running;

    public int Running => Volatile.Read(ref _running);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= options.Value.Exports)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _running);
}

/// <summary>
/// A whole list, read from a cursor of the database a part at a time and no faster than its client takes it, in one snapshot. It may
/// take as long as the client listens: who goes away ends it, and who takes nothing any more is cut off by the server.
/// </summary>
internal sealed class Export : IAsyncDisposable
{
    /// <summary>How many rows come at a time.</summary>
    public const int Together = 1000;

    private const string SettingsSql = "set local statement_timeout = 0; set local cursor_tuple_fraction = 1";

    private readonly ExportLimit _limit;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly CancellationToken _cancellation;
    private string _cursor = "";
    private bool _isOver;

    private Export(ExportLimit limit, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        (_limit, _connection, _transaction, _cancellation) = (limit, connection, transaction, cancellation);
        Snapshot = new(connection, transaction, cancellation);
    }

    public static Problem TooMany { get; } = Problem.Of(503, "too-many-exports", "Too many exports are running", "This process makes as many exports as it may. Try again later, or ask for pages.");

    public Snapshot Snapshot { get; }

    /// <summary>In the snapshot, for what is read by itself.</summary>
    public NpgsqlConnection Connection => _connection;

    /// <summary>Null where as many run as may.</summary>
    public static async Task<Export?> TryBeginAsync(HttpContext http)
    {
        var limit = http.RequestServices.GetRequiredService<ExportLimit>();
        if (!limit.TryEnter())
        {
            return null;
        }

        NpgsqlConnection? connection = null;
        try
        {
            http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            var cancellation = http.RequestAborted;
            connection = await http.RequestServices.GetRequiredService<ReadSource>().OpenAsync(cancellation);
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await connection.ExecuteAsync(new CommandDefinition(SettingsSql, transaction: transaction, cancellationToken: cancellation));
            return new(limit, connection, transaction, cancellation);
        }
        catch
        {
            limit.Leave();
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            throw;
        }
    }

    // Named after the statement, so that what is prepared for one list's rows is never taken for another's.
    public Task DeclareAsync(string sql, DynamicParameters parameters)
    {
        _cursor = $"export_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)).AsSpan(0, 8))}";
        return _connection.ExecuteAsync(new CommandDefinition($"declare {_cursor} no scroll cursor for {sql}", parameters, _transaction, commandTimeout: 0, cancellationToken: _cancellation));
    }

    public async Task<List<T>> NextAsync<T>() => (await _connection.QueryAsync<T>(
        new CommandDefinition($"fetch forward {Together} from {_cursor}", transaction: _transaction, commandTimeout: 0, cancellationToken: _cancellation))).AsList();

    public async ValueTask DisposeAsync()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _limit.Leave();
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
