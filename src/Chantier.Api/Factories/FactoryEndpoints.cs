using Chantier.Api.Http;
using Chantier.Api.Recording;
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
            .ListsOf<FactoryView>("ListRegionFactories", "The factories in a region and in all it contains, or the members of a cluster", Format.WithPlaces).OfOne().MayBeDeleted().MayHaveMoved();
        routes.MapGet("/operators/{slug}/factories", ListFactories.OfOperator).WithTags("Operators")
            .ListsOf<FactoryView>("ListOperatorFactories", "The factories in which an operator has a part", Format.WithPlaces).OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}", GetFactory.Handle).Gives<FactoryDetail>("GetFactory", "One factory, with its names, texts, identifiers and the chain of its regions").MayBeDeleted().MayHaveMoved();
        routes.MapGet("/diff", DiffFactories.Handle).InRoom("Dashboards", "Counts, sums and comparisons.")
            .ListsOf<DifferenceView>("DiffFactories", "What changed between two dates, or between two moments of knowledge: statuses, figures, roles, what appeared and what vanished");
        factories.MapEditing(new EditFactory(), "/", "/{slug}", "Factory");
        routes.MapGet("/phases/{id}", GetPhase.Handle).WithTags("Factories").Gives<PhaseView>("GetPhase", "One phase of a factory, and the event that its status rests on").MayBeDeleted();
        routes.MapGroup("").WithTags("Factories").MapEditing(new EditPhase(), "/factories/{slug}/phases", "/phases/{id}", "Phase");
        factories.MapWrite<StatusEventRequest>("POST", "/{slug}/status-events", "RecordStatusEvent", "Record what a source says of the status of a phase, or a milestone", RecordStatusEvent.Handle, turn: Turn.Last).Records();
        factories.MapWrite<FigureRequest>("POST", "/{slug}/figures", "RecordFigure", "Record a quantity that a source states", RecordFigure.Handle, turn: Turn.Last).Records();
        factories.MapWrite<RoleRequest>("POST", "/{slug}/roles", "RecordRole", "Record an operator's part in a factory", RecordRole.Handle, turn: Turn.Last).Records();
        factories.MapWrite<LocationRequest>("POST", "/{slug}/locations", "RecordLocation", "Record where a factory is", RecordLocation.Handle, turn: Turn.Last).Records();
        factories.MapWrite<DepictionRequest>("POST", "/{slug}/depictions", "RecordDepiction", "Record that a medium shows a factory", RecordDepiction.Handle, turn: Turn.Last).Records();
        factories.MapWrite<MergeRequest>("POST", "/{slug}/merge", "MergeFactory", "Record that a factory is the same site as another; undone by retracting the claim", MergeFactory.Handle, Scope.Admin).Records();
        factories.MapGet("/{slug}/status-events", ListFactoryParts.StatusEvents).ListsOf<StatusEventView>("ListFactoryStatusEvents", "What is claimed about the status of a factory's phases, expectations included").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/figures", ListFactoryParts.Figures).ListsOf<FigureView>("ListFactoryFigures", "What is claimed in numbers: capacity, jobs, investment, area").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/phases", ListFactoryParts.Phases).ListsOf<PhaseView>("ListFactoryPhases", "What of a factory is built and has a status of its own").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/media", ListFactoryParts.Media).ListsOf<MediaView>("ListFactoryMedia", "Media that depict a factory").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/sources", ListFactoryParts.Sources).ListsOf<SourceView>("ListFactorySources", "The sources of what is claimed of a factory").OfOne().MayBeDeleted().MayHaveMoved();
        factories.MapGet("/{slug}/changes", ListFactoryParts.Changes).ListsOf<ChangeView>("ListFactoryChanges", "What changed in a factory, in the order it was recorded").OfOne().MayBeDeleted().MayHaveMoved();
    }
}
