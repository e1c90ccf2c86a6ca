using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Recording;

/// <summary>What a POST of a claim gives, for OpenAPI.</summary>
internal static class RecordingRoutes
{
    /// <summary>A claim under what it is about.</summary>
    public static RouteHandlerBuilder Records(this RouteHandlerBuilder route) => route.Creates<ClaimDetail>().MayConflict();
}
