using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>
/// An import that is staged holds a lock of its session until it has ended. One whose lock is free was interrupted: what is staged of it is
/// swept away, unless some of it is merged and its job continues. What is merged stays.
/// </summary>
internal static class SweepImports
{
    // Locks of two numbers are none of those that have one.
    private const string HoldSql = "select pg_advisory_lock(489124, @import::int)";

    // A session may not know yet that its process is gone, and go on until its statement ends.
    private const string EndFormerSql = """
        select pg_terminate_backend(l.pid)
        from import i
        join pg_locks l on l.locktype = 'advisory' and l.classid = 489124 and l.objid = i.id and l.objsubid = 2
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
        where i.job_id = @job and i.state = 'staged';
        """;

    private const string FormerSql = "select id from import where job_id = @job and state = 'staged'";

    private const string DeadSql = """
        with open as materialized (
          select i.id from import i
          where i.state in ('staging', 'staged') and (i.merged_row = 0 or not exists (
            select from job j where j.id = i.job_id and j.state in ('queued', 'running'))))
        select id from open where id is distinct from @former and pg_try_advisory_xact_lock(489124, id::int)
        """;

    private const string ForgetSql = """
        delete from import_staged_row where import_id = any (@imports);
        delete from import_staged_claim where import_id = any (@imports);
        update import set state = 'failed', finished_at = clock_timestamp()
        where id = any (@imports) and state = 'staged' and merged_row > 0;
        delete from import_problem p using import i
        where i.id = p.import_id and i.id = any (@imports) and i.state in ('staging', 'staged');
        delete from import where id = any (@imports) and state in ('staging', 'staged');
        """;

    /// <summary>Says that an import lives as long as this connection does.</summary>
    public static Task HoldAsync(NpgsqlConnection connection, long import, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(HoldSql, new { import }, commandTimeout: 0, cancellationToken: cancellation));

    /// <summary>Sweeps, and returns the import that an earlier run of the job had staged, which the job continues.</summary>
    public static async Task<long?> RunAsync(NpgsqlConnection connection, long? job, CancellationToken cancellation)
    {
        async Task<long[]> AskAsync(string sql, object parameters) => [.. await connection.QueryAsync<long>(
            new CommandDefinition(sql, parameters, commandTimeout: 0, cancellationToken: cancellation))];

        long? former = null;
        if (job is not null)
        {
            await connection.ExecuteAsync(new CommandDefinition(EndFormerSql, new { job }, cancellationToken: cancellation));
            foreach (var import in await AskAsync(FormerSql, new { job }))
            {
                await HoldAsync(connection, import, cancellation);
                former = import;
            }
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await AskAsync(DeadSql, new { former }) is { Length: > 0 } imports)
        {
            await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { imports }, transaction, commandTimeout: 0, cancellationToken: cancellation));
        }

        await transaction.CommitAsync(cancellation);
        return former;
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
