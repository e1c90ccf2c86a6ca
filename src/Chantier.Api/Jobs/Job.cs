using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Npgsql;

namespace Chantier.Api.Jobs;

/// <summary>One run of a job, as the work sees it. Progress is reported as often as one likes, and written now and then.</summary>
internal sealed class Job : IProgress<JobProgress>
{
    private const string FinishSql = """
        update job set state = 'finished', result = @result::jsonb, stage = @stage, done = @done, total = @total, run = null, ended_at = clock_timestamp(), version = version + 1
        where id = @id and run = @run
        """;

    private JobProgress? _progress;

    public required long Id { get; init; }

    public required string Kind { get; init; }

    /// <summary>What is to be done, as it was queued.</summary>
    public JsonElement Request => JsonElement.Parse(RequestJson);

    /// <summary>The handle of whoever asked for it: what it writes is recorded under it.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>How often it was begun, this time included.</summary>
    public required int Attempts { get; init; }

    public required Guid Run { get; init; }

    public required string RequestJson { get; init; }

    internal JobProgress? Progress => Volatile.Read(ref _progress);

    internal bool IsFinished { get; private set; }

    public void Report(JobProgress value) => Volatile.Write(ref _progress, value);

    /// <summary>
    /// Ends the job in the transaction of what it writes, so that both are there or neither; last, as whoever cancels it waits from
    /// here on. Throws where it was cancelled, or is run by somebody else by now.
    /// </summary>
    public async Task FinishAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JsonObject result, CancellationToken cancellation)
    {
        if (!await TryFinishAsync(connection, transaction, result, cancellation))
        {
            throw new JobLostException();
        }
    }

    internal async Task<bool> TryFinishAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, JsonObject result, CancellationToken cancellation)
    {
        var progress = Progress;
        var values = new { id = Id, run = Run, result = result.ToJsonString(), stage = progress?.Stage, done = progress?.Done ?? 0, total = progress?.Total };
        return IsFinished = await connection.ExecuteAsync(new CommandDefinition(FinishSql, values, transaction, cancellationToken: cancellation)) == 1;
    }
}

/// <summary>The run is no longer that of the job: it was cancelled, or taken up by another process.</summary>
internal sealed class JobLostException() : Exception("The job was cancelled, or is run by another process.");
