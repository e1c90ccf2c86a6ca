using System.Globalization;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Claims;

/// <summary>GET /v1/claims/{id}: one claim, standing or ended.</summary>
internal static class GetClaim
{
    public static async Task<IResult> Handle(string id, [AsParameters] ItemQuery query, Reading reading)
    {
        var missing = Problem.NotFound("claim", id).ToResult();
        return long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? await reading.ItemAsync(
                reading.Present, query, ClaimDetail.Spec(reading.Present, "c.id = @id", "id", number), _ => Task.FromResult(missing))
            : missing;
    }
}
