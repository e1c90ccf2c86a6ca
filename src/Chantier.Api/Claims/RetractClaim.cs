using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Api.Views;

namespace Chantier.Api.Claims;

/// <summary>POST /v1/claims/{id}/retraction.</summary>
internal static class RetractClaim
{
    public static async Task<Outcome> Handle(Write write, RetractionRequest request)
    {
        var id = write.RouteId("claim");
        var source = request.Source is null ? (long?)null : await write.IdOfAsync("source", request.Source, "/source");
        await EndClaim.ByRequestAsync(write, id, new Ending("retracted", request.Reason!, source, request.Note));
        return Outcome.Ok(ClaimDetail.Spec(new TimeAxes(), "c.id = @id", "id", id));
    }
}
