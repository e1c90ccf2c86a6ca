using System.Text.Json;
using System.Text.Json.Nodes;
using Chantier.Api.Database;
using Chantier.Api.Hosting;
using Chantier.Api.Http;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Chantier.Api.Jobs;

/// <summary>
/// Runs queued jobs, one at a time in each process. One connection listens for them, holds the lock of the one that runs, and writes
/// its progress: when the process or the database ends, the lock goes with it, and whoever looks next begins the job anew.
/// </summary>
internal sealed class RunJobs(ListenSource source, JobKinds kinds, Signal signal, IOptions<JobOptions> options, ILogger<RunJobs> logger) : BackgroundService
{
    private const int MostAttempts = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private const string OpenSql = "select id from job where state in ('queued', 'running') and kind = any (@kinds) order by id limit 1000";

    // Locks of two numbers are none of those that have one.
    private const string LockSql = "select pg_try_advisory_lock(489123, @id::int)";

    private const string UnlockSql = "select pg_advisory_unlock(489123, @id::int)";

    private const string BeginSql = """
        update job set state = 'running', run = gen_random_uuid(), attempts = attempts + 1, stage = null, done = 0, total = null, started_at = clock_timestamp(), version = version + 1
        where id = @id and state in ('queued', 'running')
        returning id, kind, run, request::text as request_json, requested_by, attempts
        """;

    private const string ProgressSql = "update job set stage = @stage, done = @done, total = @total, version = version + 1 where id = @id and run = @run returning 1";

    private const string IsMineSql = "select 1 from job where id = @id and run = @run";

    private const string FailSql = """
        update job set state = 'failed', problem = @problem::jsonb, run = null, ended_at = clock_timestamp(), version = version + 1 where id = @id and run = @run
        """;

    // It was not its fault.
    private const string GiveBackSql = """
        update job set state = 'queued', run = null, attempts = attempts - 1, stage = null, done = 0, total = null, started_at = null, version = version + 1 where id = @id and run = @run
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Tick;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenAsync(stoppingToken);
                // What is told while jobs are looked for may be of one that the look did not see yet, and is not told again.
                var wasTold = false;
                connection.Notification += (_, _) =>
                {
                    wasTold = true;
                    signal.Wake();
                };
                await connection.ExecuteAsync(new CommandDefinition("listen chantier_job", cancellationToken: stoppingToken));
                signal.Wake();
                while (true)
                {
                    wasTold = false;
                    if (options.Value.Run && await TakeAsync(connection, stoppingToken) is { } job)
                    {
                        await RunAsync(connection, job, stoppingToken);
                    }
                    else if (!wasTold)
                    {
                        await connection.WaitAsync(TimeSpan.FromSeconds(options.Value.LookEverySeconds), stoppingToken);
                    }

                    pause = Tick;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever goes wrong with jobs must not end the service, which a hosted service that fails does.
            catch (Exception lost)
#pragma warning restore CA1031
            {
                Log.JobsWait(logger, lost);
                signal.Wake();
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < Longest ? pause * 2 : Longest;
            }
        }
    }

    private async Task<Job?> TakeAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        foreach (var id in await QueryAsync<long>(connection, OpenSql, new { kinds = kinds.Names }, cancellation))
        {
            if (!(await QueryAsync<bool>(connection, LockSql, new { id }, cancellation))[0])
            {
                continue;
            }

            // Meanwhile it may have ended.
            if (await QueryAsync<Job>(connection, BeginSql, new { id }, cancellation) is [var job])
            {
                return job;
            }

            await QueryAsync<bool>(connection, UnlockSql, new { id }, cancellation);
        }

        return null;
    }

    private async Task RunAsync(NpgsqlConnection connection, Job job, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var work = job.Attempts > MostAttempts ? Task.FromException<JsonObject>(Exhausted()) : Task.Run(() => kinds[job.Kind].RunAsync(job, ending.Token), CancellationToken.None);
        var watched = work.ContinueWith(_ => over.Cancel(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var isMine = true;
        try
        {
            JobProgress? told = null;
            while (isMine && !over.IsCancellationRequested)
            {
                var progress = job.Progress;
                isMine = progress == told
                    ? (await QueryAsync<int>(connection, IsMineSql, new { id = job.Id, run = job.Run }, CancellationToken.None)).Count > 0
                    : (await QueryAsync<int>(connection, ProgressSql, new { id = job.Id, run = job.Run, stage = progress!.Stage, done = progress.Done, total = progress.Total }, CancellationToken.None)).Count > 0;
                told = progress;
                await ListenAsync(connection, over.Token);
            }
        }
        finally
        {
            // Nobody begins it anew in this process while it still works on it.
            if (!work.IsCompleted)
            {
                await ending.CancelAsync();
            }

            await watched;
        }

        if (isMine)
        {
            await EndAsync(connection, job, work, stopping);
        }

        await QueryAsync<bool>(connection, UnlockSql, new { id = job.Id }, CancellationToken.None);
        stopping.ThrowIfCancellationRequested();
    }

    private async Task EndAsync(NpgsqlConnection connection, Job job, Task<JsonObject> work, CancellationToken stopping)
    {
        try
        {
            var result = await work;
            if (!job.IsFinished)
            {
                await job.TryFinishAsync(connection, null, result, CancellationToken.None);
            }
        }
        catch (JobLostException)
        {
            // What ended it has said how.
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await QueryAsync<int>(connection, GiveBackSql, new { id = job.Id, run = job.Run }, CancellationToken.None);
        }
        catch (NpgsqlException database) when (IsLost(database))
        {
            // It is begun anew, once there is a database again.
            throw;
        }
#pragma warning disable CA1031 // A job fails by whatever its work throws.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            var problem = failure is Refusal { Answer: ProblemResult { Problem: var refused } } ? refused : Failed(job, failure);
            await QueryAsync<int>(
                connection, FailSql, new { id = job.Id, run = job.Run, problem = JsonSerializer.Serialize(problem, JobJson.Default.Problem) }, CancellationToken.None);
        }
    }

    // Wakes after a while, when it hears of a job, or when there is nothing more to wait for.
    private static async Task ListenAsync(NpgsqlConnection connection, CancellationToken over)
    {
        try
        {
            await connection.WaitAsync(Tick, over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Looked at by whoever waits.
        }
    }

    private static bool IsLost(NpgsqlException database) =>
        database is not PostgresException || database.IsTransient
        || database.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow;

    private static Refusal Exhausted() => new(Problem.Of(
        500, "job-given-up", "The job was given up", $"It was begun {MostAttempts} times, and each time the service or its database ended before it did."));

    private Problem Failed(Job job, Exception failure)
    {
        Log.JobFailed(logger, failure, job.Kind, job.Id);
        return Problem.Of(500, "internal", "Something failed here", "The failure is ours, is logged, and nothing was changed by it.");
    }

    private static async Task<List<T>> QueryAsync<T>(NpgsqlConnection connection, string sql, object parameters, CancellationToken cancellation) =>
        (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))).AsList();
}
