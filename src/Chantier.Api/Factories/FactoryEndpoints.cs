using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Factories;

/// <summary>The routes of factories.</summary>
internal static class FactoryEndpoints
{
    public static void MapFactories(this IEndpointRouteBuilder routes)
    {
        var factories = routes.MapGroup("/factories").InRoom("Factories", "Places where something is or shall be made: what each is, where, who has a part in it, how far along it is, and which sources say so.");

        factories.MapGet("/", ListFactories.Handle).ListsOf<FactoryView>("ListFactories", "Factories, filtered and sorted, at any point of both time axes", Format.WithPlaces);
        routes.MapGet("/regions/{slug}/factories", ListFactories.OfRegion).WithTags("Regions")
            .ListsOf<FactoryView>("ListRegionFactories", "The factories in a region and in all it contains, or the members of a cluster", Format.WithPlaces).OfOne();
        routes.MapGet("/operators/{slug}/factories", ListFactories.OfOperator).WithTags("Operators")
            .ListsOf<FactoryView>("ListOperatorFactories", "The factories in which an operator has a part", Format.WithPlaces).OfOne();
        factories.MapGet("/{slug}", GetFactory.Handle).Gives<FactoryDetail>("GetFactory", "One factory, with its names, texts, identifiers and the chain of its regions").MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/status-events", ListFactoryParts.StatusEvents).ListsOf<StatusEventView>("ListFactoryStatusEvents", "What is claimed about the status of a factory's phases, expectations included").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/figures", ListFactoryParts.Figures).ListsOf<FigureView>("ListFactoryFigures", "What is claimed in numbers: capacity, jobs, investment, area").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/phases", ListFactoryParts.Phases).ListsOf<PhaseView>("ListFactoryPhases", "What of a factory is built and has a status of its own").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/media", ListFactoryParts.Media).ListsOf<MediaView>("ListFactoryMedia", "Media that depict a factory").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/sources", ListFactoryParts.Sources).ListsOf<SourceView>("ListFactorySources", "The sources of what is claimed of a factory").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/changes", ListFactoryParts.Changes).ListsOf<ChangeView>("ListFactoryChanges", "What changed in a factory, in the order it was recorded").OfOne().MayBeDeleted().MayHaveMoved();
    }
}
