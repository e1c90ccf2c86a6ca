using Chantier.Api.Http;
using Chantier.Api.Recording;

namespace Chantier.Api.Regions;

/// <summary>The routes of regions.</summary>
internal static class RegionEndpoints
{
    public static void MapRegions(this IEndpointRouteBuilder routes)
    {
        var regions = routes.MapGroup("/regions").InRoom("Regions", "Countries, their parts down to communes, and industrial clusters, which have regions or factories as members.");

        regions.MapGet("/", ListRegions.Handle).ListsOf<RegionView>(
            "ListRegions", "List countries, their parts and industrial clusters, with the number of factories in each", Format.WithPlaces);
        regions.MapGet("/{slug}", ListRegions.One).Gives<RegionDetail>(
            "GetRegion", "Get a region with the regions that it is in and its factories by status").MayBeDeleted().MayHaveMoved();
        regions.MapEditing(new EditRegion(), "/", "/{slug}", "Region");
        regions.MapWrite<MembershipRequest>(
            "POST", "/{slug}/members", "RecordMembership", "Record that a factory or a region belongs to a cluster", RecordMembership.Handle, turn: Turn.Last)
            .Records();
        regions.MapGet("/{slug}/children", ListRegions.Children)
            .ListsOf<RegionView>("ListRegionChildren", "List the regions directly below a region, or those that are members of a cluster", Format.WithPlaces)
            .OfOne().MayBeDeleted().MayHaveMoved();
    }
}
