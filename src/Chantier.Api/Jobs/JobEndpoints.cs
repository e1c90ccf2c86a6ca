using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Jobs;

/// <summary>The routes of jobs. What starts one is a route of its own noun.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/jobs").InRoom("Jobs", "Work that outlasts a request: followed, and cancelled, by those who may start it.");

        jobs.MapGet("/", ListJobs.Handle).ListsOf<JobView>("ListJobs", "Jobs of the kinds that your key may start").Needs(Scope.Curate);
        jobs.MapGet("/{id}", ListJobs.One).Gives<JobView>("GetJob", "One job, how far it is, and what came of it").Needs(Scope.Curate);
        jobs.MapGet("/{id}/stream", ListJobs.Stream).Streams<JobView>("StreamJob", "The same as it happens, as Server-Sent Events, until the job has ended",
            "The first tells how the job is now; the last, that it has ended. Each event has the type job, as its id a number that grows, and").OfOne().Needs(Scope.Curate);
        jobs.MapWrite<CancellationRequest>("POST", "/{id}/cancellation", "CancelJob", "Cancel a job that has not ended: nothing more is done by it", EditJob.CancelAsync, orProposed: false, turn: Turn.None)
            .Revises<JobView>().MayConflict();
    }

    public static void AddJobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<JobOptions>().BindConfiguration("Chantier:Jobs").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<JobKinds>();
        builder.Services.AddSingleton<Signal>();
        builder.Services.AddHostedService<RunJobs>();
    }
}
