using System.Globalization;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Claims;

/// <summary>GET /v1/claims/{id}: one claim, standing or ended.</summary>
internal static class GetClaim
{
    public static async Task<IResult> Handle(string id, [AsParameters] ItemQuery query, Reading reading) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? await reading.ItemAsync(new TimeAxes(), query, ClaimDetail.Spec(new TimeAxes(), "c.id = @id", "id", number), _ => Task.FromResult(Problem.NotFound("claim", id).ToResult()))
            : Problem.NotFound("claim", id).ToResult();
}
