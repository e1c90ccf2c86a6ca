using Chantier.Api.Http;

namespace Chantier.Api.Proposals;

/// <summary>The routes of proposals. One is filed by the write itself, sent by a key that may only contribute.</summary>
internal static class ProposalEndpoints
{
    public static void MapProposals(this IEndpointRouteBuilder routes)
    {
        var proposals = routes.MapGroup("/proposals").InRoom("Proposals", "What contributors would have written: listed, decided on, and then made in their name.");

        proposals.MapGet("/", ListProposals.Handle).ListsOf<ProposalView>("ListProposals", "Writes that were proposed: all for a curator, their own for contributors").Needs(Scope.Contribute);
        proposals.MapGet("/{id}", ListProposals.One).Gives<ProposalView>("GetProposal", "One proposal, and what became of it").Needs(Scope.Contribute);
        proposals.MapGet("/{id}/changes", PreviewProposal.Handle).Gives<ProposalChangesView>("PreviewProposal", "What accepting a proposal would change now, as the feed would tell it; or why it would be refused").Needs(Scope.Contribute);
        proposals.MapWrite<AcceptanceRequest>("POST", "/{id}/acceptance", "AcceptProposal", "Make a proposed write, in the name of whoever proposed it", DecideProposal.Accept, orProposed: false).Revises<ProposalView>().MayConflict();
        proposals.MapWrite<RejectionRequest>("POST", "/{id}/rejection", "RejectProposal", "Reject a proposal, with a reason", DecideProposal.Reject, orProposed: false).Revises<ProposalView>().MayConflict();
        proposals.MapWrite<WithdrawalRequest>("POST", "/{id}/withdrawal", "WithdrawProposal", "Withdraw a proposal of one's own", DecideProposal.Withdraw, Scope.Contribute).Revises<ProposalView>().MayConflict();
    }
}
