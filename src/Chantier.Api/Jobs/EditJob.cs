using System.Text.Json.Nodes;
using Chantier.Api.Http;
using Dapper;
using Npgsql;

namespace Chantier.Api.Jobs;

/// <summary>There is nothing to say.</summary>
internal sealed record CancellationRequest;

/// <summary>What is queued, and what is cancelled.</summary>
internal static class EditJob
{
    private const string QueueSql = "insert into job (kind, request, requested_by) values (@kind, @request::jsonb, @by) returning id";

    // What still runs of it can no longer finish, and stops as soon as it hears of it.
    private const string CancelSql = """
        update job set state = 'cancelled', run = null, ended_at = clock_timestamp(), version = version + 1 where id = @id and state in ('queued', 'running')
        """;

    /// <summary>Queues a job in a transaction, with which it is there or not. Gives its number.</summary>
    public static Task<long> QueueAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, IJobKind kind, JsonObject request, Caller caller, CancellationToken cancellation) =>
        connection.QuerySingleAsync<long>(new CommandDefinition(QueueSql, new { kind = kind.Name, request = request.ToJsonString(), by = caller.Handle }, transaction, cancellationToken: cancellation));

    /// <summary>The answer to a write that asks for a job: where it is, and how it stands.</summary>
    /// <param name="write">The write.</param>
    /// <param name="kind">The kind of job.</param>
    /// <param name="request">What is to be done.</param>
    /// <param name="give">Gives it, by its number, what it needs.</param>
    public static async Task<Outcome> QueueAsync(Write write, string kind, JsonObject request, Func<long, Task>? give = null)
    {
        var id = (await write.QueryAsync<long>(QueueSql, new { kind, request = request.ToJsonString(), by = write.Caller.Handle }))[0];
        if (give is not null)
        {
            await give(id);
        }

        return Outcome.Created($"/v1/jobs/{id}", JobView.Spec(write.Services.GetRequiredService<JobKinds>(), write.Caller, id));
    }

    /// <summary>POST /v1/jobs/{id}/cancellation: nothing of it will be done that is not done; again, it says the same again.</summary>
    public static async Task<Outcome> CancelAsync(Write write, CancellationRequest request)
    {
        var id = write.RouteId("job");
        var spec = JobView.Spec(write.Services.GetRequiredService<JobKinds>(), write.Caller, id);
        if (await write.QueryAsync<JobView>(spec.Sql, spec.Parameters) is [])
        {
            throw new Refusal(Problem.NotFound("job", $"{id}"));
        }

        await write.ExecuteAsync(CancelSql, new { id });
        var state = (await write.QueryAsync<JobView>(spec.Sql, spec.Parameters))[0].State;
        return state == "cancelled"
            ? Outcome.Ok(spec)
            : throw new Refusal(Problem.Of(StatusCodes.Status409Conflict, "job-ended", "The job has ended", $"The job {id} has {state} already; what it did is done."));
    }
}
