using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Claims;

/// <summary>The routes of claims, whatever they are about. Each kind is recorded under what it is about.</summary>
internal static class ClaimEndpoints
{
    public static void MapClaims(this IEndpointRouteBuilder routes)
    {
        var claims = routes.MapGroup("/claims").WithTags("Claims");

        claims.MapGet("/{id}", GetClaim.Handle).Gives<ClaimDetail>("GetClaim", "One claim with its sources, standing or ended").ExcludeFromDescription();
        claims.MapWrite<RetractionRequest>("POST", "/{id}/retraction", "RetractClaim", "Retract a claim, in error or by news", RetractClaim.Handle).Ends<ClaimDetail>();
    }
}
