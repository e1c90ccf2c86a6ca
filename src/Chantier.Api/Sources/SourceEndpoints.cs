using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Api.Views;

namespace Chantier.Api.Sources;

/// <summary>The routes of sources.</summary>
internal static class SourceEndpoints
{
    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        var sources = routes.MapGroup("/sources").InRoom("Sources", "The documents that say something, and every claim that rests on each.");

        sources.MapGet("/", ListSources.Handle).ListsOf<SourceView>("ListSources", "The documents that claims rest on");
        sources.MapGet("/{slug}", ListSources.One).Gives<SourceDetail>("GetSource", "One document, with the first of the claims that rest on it").MayBeDeleted().MayHaveMoved();
        sources.MapEditing(new EditSource(), "/", "/{slug}", "Source");
        sources.MapGet("/{slug}/claims", ListSources.Claims).ListsOf<SourceClaimView>("ListSourceClaims", "Every claim that rests on a document, and where in it each stands").OfOne().MayBeDeleted().MayHaveMoved();
        sources.MapWrite<RetractionRequest>("POST", "/{slug}/retraction", "RetractSource", "Take a source back: the claims that rest on it alone end, the others rest on it no more", RetractSource.Handle).Revises<RetractedSource>().MayConflict();
    }
}
