using Chantier.Api.Http;

namespace Chantier.Api.Changes;

/// <summary>The routes of the change feed.</summary>
internal static class ChangeEndpoints
{
    public static void MapChanges(this IEndpointRouteBuilder routes)
    {
        var changes = routes.MapGroup("/changes").InRoom("Changes", "The log of all that changed, with what was said before and after: to poll, to stream, to subscribe to.");

        changes.MapGet("/", ListChanges.Handle).ListsOf<FeedEntryView>("ListChanges", "List what changed, in the order of writes", Format.OfFeeds);
        changes.MapGet("/stream", StreamChanges.Handle).Streams<FeedEntryView>("StreamChanges", "Stream the log of changes as Server-Sent Events, resumed by Last-Event-ID",
            "An id without data says how far what did not match has been looked at. Each event has the type change, as its id the number of the entry, and", isResumed: true);
    }

    public static void AddChanges(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TrackerId>();
        builder.Services.AddSingleton<ChangeSignal>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ChangeSignal>());
    }
}
