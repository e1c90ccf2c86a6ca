using System.ComponentModel;
using System.Text.Json.Serialization;
using Chantier.Api.Changes;
using Chantier.Api.Http;

namespace Chantier.Api.Proposals;

/// <summary>What accepting a proposal would do at this moment. What would be new has the numbers and stamps that it would get now.</summary>
internal sealed record ProposalChangesView
{
    /// <summary>The number of the proposal.</summary>
    public required long Proposal { get; init; }

    /// <summary>How many entries of the log it would make.</summary>
    public int Count { get; init; }

    /// <summary>The first thousand of them, each with the fields that it would change, before and after.</summary>
    public IReadOnlyList<FeedEntryView> Changes { get; init; } = [];

    /// <summary>What would be stored all the same, and somebody should look at.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Warning>? Warnings { get; init; }

    /// <summary>What accepting it would be answered with, where it cannot be accepted any more; null while it can.</summary>
    public Problem? Problem { get; init; }
}

/// <summary>GET /v1/proposals/{id}/changes: the write is made, looked at and undone, and leaves no trace.</summary>
internal static class PreviewProposal
{
    private const int Most = 1000;

    public static Task<IResult> Handle([Description("The number of the proposal.")] string id, [AsParameters] ItemQuery query, Reading reading, HttpContext http)
    {
        var seen = ListProposals.Seen(reading, id);
        return reading.ItemAsync<ProposalChangesView, ProposalView>(
            reading.Present, query, seen.Sql, seen.Parameters, seen.Version, (_, proposal) => RehearseAsync(http, proposal), _ => ListProposals.MissingAsync(id));
    }

    private static async Task<ProposalChangesView> RehearseAsync(HttpContext http, ProposalView proposal)
    {
        // What was decided needs no trying, which would keep others from writing meanwhile.
        if (proposal.State != "open")
        {
            return Refused(proposal, DecideProposal.Decided(proposal.Id, proposal.State));
        }

        var (changes, refused) = await Writes.RehearseAsync(http, DecideProposal.MakeAsync, async write => new ProposalChangesView
        {
            Proposal = proposal.Id,
            Count = write.Entries,
            Changes = await FeedContent.OfWriteAsync(write.Snapshot, write.At, Most),
            Warnings = write.Warnings.Count == 0 ? null : write.Warnings,
        });
        return changes ?? Refused(proposal, ((ProblemResult)refused!).Problem);
    }

    private static ProposalChangesView Refused(ProposalView proposal, Problem problem) => new()
    {
        Proposal = proposal.Id,
        Problem = problem with { Instance = $"/v1/proposals/{proposal.Id}/acceptance" },
    };
}
