using System.Text;
using System.Text.Json;
using Chantier.Api.Http;
using FluentValidation;

namespace Chantier.Api.Proposals;

/// <summary>What a curator says when a proposal is accepted.</summary>
internal sealed record AcceptanceRequest
{
    public string? Reason { get; init; }

    internal sealed class Validator : AbstractValidator<AcceptanceRequest>
    {
        public Validator() => RuleFor(r => r.Reason).IsText(5000);
    }
}

/// <summary>Why a proposal is rejected.</summary>
internal sealed record RejectionRequest
{
    public string? Reason { get; init; }

    internal sealed class Validator : AbstractValidator<RejectionRequest>
    {
        public Validator()
        {
            RuleFor(r => r.Reason).IsGiven();
            RuleFor(r => r.Reason).IsText(5000);
        }
    }
}

/// <summary>There is nothing to say.</summary>
internal sealed record WithdrawalRequest;

/// <summary>POST /v1/proposals/{id}/acceptance, /rejection and /withdrawal: each proposal is decided once.</summary>
internal static class DecideProposal
{
    private const string FindSql = """
        select p.id, p.state, p.api_key_id, p.proposed_by, p.operation, p.path, p.route::text as route_json, p.if_match, p.body::text as body
        from proposal p where p.id = @id
        """;

    private const string DecideSql = "update proposal set state = @state, decided_by = @by, decided_at = @at, reason = @reason, result = @result where id = @id";

    public static async Task<Outcome> Accept(Write write, AcceptanceRequest request)
    {
        var there = await FindOpenAsync(write);
        var made = await MakeAsync(write, there);
        return await DecideAsync(write, there, "accepted", request.Reason, made.Location ?? there.Path);
    }

    /// <summary>Makes the write that is proposed, and decides nothing.</summary>
    public static async Task MakeAsync(Write write) => await MakeAsync(write, await FindOpenAsync(write));

    private static async Task<Outcome> MakeAsync(Write write, Proposed there)
    {
        var operation = write.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<WriteOperation>())
            .FirstOrDefault(known => known?.Id == there.Operation)
            ?? throw new Refusal(Problem.Of(409, "operation-gone", "The proposal cannot be made any more", $"The operation {there.Operation}, as the proposal has it, is not served any more. Reject it, or make the write yourself."));
        write.ActFor(there.ProposedBy, JsonSerializer.Deserialize(there.RouteJson, ApiJson.Default.DictionaryStringString)!, there.IfMatch);
        try
        {
            var body = there.Body is null ? [] : Encoding.UTF8.GetBytes(there.Body);
            return await operation.Bind(body, write.Services).Handle(write);
        }
        catch (Refusal refusal) when (refusal.Answer is IStatusCodeHttpResult { StatusCode: 308 or 404 or 410 or 412 })
        {
            // Said of the path and the version that the proposer named; of the path that the curator asked for it would be wrong.
            var why = refusal.Answer is ProblemResult { Problem.Detail: var detail } ? detail : $"{there.Path} has another name now.";
            throw new Refusal(Problem.Of(409, "overtaken", "The proposal was overtaken", $"What it would change is not as it was when it was proposed: {why} Reject it, or make the write yourself."));
        }
    }

    public static async Task<Outcome> Reject(Write write, RejectionRequest request) => await DecideAsync(write, await FindOpenAsync(write), "rejected", request.Reason, null);

    public static async Task<Outcome> Withdraw(Write write, WithdrawalRequest request)
    {
        var there = await FindOpenAsync(write);
        return there.ApiKeyId == write.Caller.KeyId
            ? await DecideAsync(write, there, "withdrawn", null, null)
            : throw new Refusal(Problem.NotFound("proposal of yours", $"{there.Id}"));
    }

    /// <summary>Why nothing more becomes of a proposal.</summary>
    public static Problem Decided(long id, string state) =>
        Problem.Of(409, "decided", "The proposal was decided before", $"The proposal {id} was {state} before; GET it to see by whom and why.");

    // Under the one order of writes, so that it stays open until it is decided here.
    private static async Task<Proposed> FindOpenAsync(Write write)
    {
        var there = await write.FindAsync<Proposed>(FindSql, new { id = write.RouteId("proposal") });
        // Nobody learns of another's proposal by trying.
        if (there is null || (write.Caller.Scope < Scope.Curate && there.ApiKeyId != write.Caller.KeyId))
        {
            throw new Refusal(Problem.NotFound("proposal", write.Route("id")));
        }

        return there.State == "open" ? there : throw new Refusal(Decided(there.Id, there.State));
    }

    private static async Task<Outcome> DecideAsync(Write write, Proposed there, string state, string? reason, string? result)
    {
        await write.ExecuteAsync(DecideSql, new { id = there.Id, state, by = write.Caller.Handle, at = write.At, reason, result });
        return Outcome.Ok(ProposalView.Spec(there.Id));
    }

    private sealed record Proposed
    {
        public required long Id { get; init; }

        public required string State { get; init; }

        /// <summary>Null where it came with an archive.</summary>
        public long? ApiKeyId { get; init; }

        public required string ProposedBy { get; init; }

        public required string Operation { get; init; }

        public required string Path { get; init; }

        public required string RouteJson { get; init; }

        public int? IfMatch { get; init; }

        public string? Body { get; init; }
    }
}
