using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>
/// An import that is staged holds a lock of its session until it has ended: one whose lock is free was broken off, and what is staged of
/// it is swept away. Nothing else refers to it.
/// </summary>
internal static class SweepImports
{
    // Locks of two numbers are none of those that have one.
    private const string HoldSql = "select pg_advisory_lock(489124, @import::int)";

    // A session may not know yet that its process is gone, and go on until its statement ends.
    private const string EndFormerSql = """
        select pg_terminate_backend(l.pid)
        from import i join pg_locks l on l.locktype = 'advisory' and l.classid = 489124 and l.objid = i.id and l.objsubid = 2
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
        where i.job_id = @job and i.state = 'staged';
        """;

    private const string FormerSql = "select id from import where job_id = @job and state = 'staged'";

    private const string WaitSql = "select pg_advisory_xact_lock(489124, @import::int)";

    private const string DeadSql = """
        with open as materialized (select id from import where state in ('staging', 'staged'))
        select id from open where pg_try_advisory_xact_lock(489124, id::int)
        """;

    private const string ForgetSql = """
        delete from import_staged_row where import_id = any (@imports);
        delete from import_staged_claim where import_id = any (@imports);
        delete from import_problem where import_id = any (@imports);
        delete from import where id = any (@imports) and state in ('staging', 'staged');
        """;

    /// <summary>Says that an import lives as long as this connection does.</summary>
    public static Task HoldAsync(ImportSession session, long import) => session.ExecuteAsync(HoldSql, new { import });

    /// <summary>What is staged of an import that came to nothing.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, long import) => connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { imports = new[] { import } }, commandTimeout: 0));

    /// <summary>Sweeps; of a job that is begun anew, whatever its former runs left is among it.</summary>
    public static async Task RunAsync(NpgsqlConnection connection, long? job, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        async Task<long[]> AskAsync(string sql, object parameters) =>
            [.. await connection.QueryAsync<long>(new CommandDefinition(sql, parameters, transaction, commandTimeout: 0, cancellationToken: cancellation))];

        if (job is not null)
        {
            await connection.ExecuteAsync(new CommandDefinition(EndFormerSql, new { job }, transaction, cancellationToken: cancellation));
            foreach (var import in await AskAsync(FormerSql, new { job }))
            {
                await connection.ExecuteAsync(new CommandDefinition(WaitSql, new { import }, transaction, cancellationToken: cancellation));
            }
        }

        if (await AskAsync(DeadSql, new { }) is { Length: > 0 } imports)
        {
            await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { imports }, transaction, commandTimeout: 0, cancellationToken: cancellation));
        }

        await transaction.CommitAsync(cancellation);
    }
}

/// <summary>Sweeps when the service starts, so that what was broken off does not lie there until somebody imports again.</summary>
internal sealed class SweepAtStart(WriteSource source) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var connection = await source.OpenAsync(stoppingToken);
            await SweepImports.RunAsync(connection, null, stoppingToken);
        }
        catch (Exception late) when (late is NpgsqlException || stoppingToken.IsCancellationRequested)
        {
            // The next import sweeps too.
        }
    }
}
