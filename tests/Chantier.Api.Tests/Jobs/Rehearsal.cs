using System.Text.Json.Nodes;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Jobs;
using Dapper;

namespace Chantier.Api.Tests.Jobs;

/// <summary>
/// A kind of job for tests: counts up to what its request says, as slowly as it says, and writes each count into a table of the test;
/// the last one together with its end.
/// </summary>
internal sealed class Rehearsal(string connectionString, string process) : IJobKind
{
    public const string TablesSql = """
        create table rehearsed (job_id bigint, process text, step int, at timestamptz default clock_timestamp());
        create table applied (job_id bigint, process text);
        """;

    public string Name => "rehearsal";

    public Scope Scope => Scope.Curate;

    public async Task<JsonObject> RunAsync(Job job, CancellationToken cancellation)
    {
        var request = job.Request;
        var (steps, pause) = (request.GetProperty("steps").GetInt32(), request.GetProperty("pauseMs").GetInt32());
        await using var source = DataSources.Unpooled(connectionString, settings => settings.ApplicationName = $"rehearsal of {process}");
        await using var connection = await source.OpenConnectionAsync(cancellation);
        for (var step = 1; step <= steps; step++)
        {
            await connection.ExecuteAsync(new CommandDefinition("insert into rehearsed (job_id, process, step) values (@id, @process, @step)", new { id = job.Id, process, step }, cancellationToken: cancellation));
            job.Report(new("rehearsing", step, steps));
            await Task.Delay(pause, cancellation);
        }

        switch (request.Text("fails"))
        {
            case "refused":
                throw Refusal.Of("/steps", "not_accepted", "is wrong.");
            case "database":
                await connection.ExecuteAsync(new CommandDefinition("select * from no_such_table", cancellationToken: cancellation));
                break;
            case { } other:
                throw new InvalidOperationException(other);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("insert into applied (job_id, process) values (@id, @process)", new { id = job.Id, process }, transaction, cancellationToken: cancellation));
        var result = new JsonObject { ["steps"] = steps };
        await job.FinishAsync(connection, transaction, result, cancellation);
        await transaction.CommitAsync(cancellation);
        return result;
    }
}
