using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Api.Views;

namespace Chantier.Api.Claims;

/// <summary>The routes of claims, whatever they are about. Each kind is recorded under what it is about.</summary>
internal static class ClaimEndpoints
{
    public static void MapClaims(this IEndpointRouteBuilder routes)
    {
        var claims = routes.MapGroup("/claims").InRoom("Claims", "What sources say, whatever it is about: each claim with what it rests on, how it ended, and by which rule it counts.");

        claims.MapGet("/", ListClaims.Handle).ListsOf<ClaimRecordView>("ListClaims", "All that sources say, whatever it is about, in the order in which it was recorded");
        claims.MapGet("/{id}", GetClaim.Handle).Gives<ClaimDetail>("GetClaim", "One claim with its sources, standing or ended");
        claims.MapWrite<RetractionRequest>("POST", "/{id}/retraction", "RetractClaim", "Retract a claim, in error or by news", RetractClaim.Handle).Revises<ClaimDetail>().MayConflict();
        claims.MapWrite<EvidenceRequest>("POST", "/{id}/evidence", "AddEvidence", "Add a source that says the same to a claim that stands", EditEvidence.AddAsync).Creates<ClaimDetail>().MayConflict();
        claims.MapRemoval("/{id}/evidence/{evidence}", "WithdrawEvidence", "Withdraw what a claim rests on, as long as other evidence is left; If-Match takes the ETag of the claim", EditEvidence.WithdrawAsync).Removes().MayConflict();
    }
}
