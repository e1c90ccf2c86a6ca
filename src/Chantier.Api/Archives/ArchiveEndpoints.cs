using Chantier.Api.Http;
using Chantier.Api.Jobs;

namespace Chantier.Api.Archives;

/// <summary>The routes of archives, for admins alone: they hold all, proposals included.</summary>
internal static class ArchiveEndpoints
{
    public static void MapArchives(this IEndpointRouteBuilder routes)
    {
        var archives = routes.MapGroup("/archives").InRoom("Archives", "All that the tracker has recorded, in one file, from which an empty tracker is restored.");

        archives.MapWrite<ArchiveRequest>("POST", "/", "CreateArchive", "Have an archive made; the answer is the job that makes it", MakeArchive.AskAsync, Scope.Admin, turn: Turn.None).Creates<JobView>();
        archives.MapGet("/{id}", GetArchive.Handle).Downloads("GetArchive", "The archive that a job made: a zip of NDJSON, of which ranges are served", Format.Zip).MayConflict().MayBeDeleted().Needs(Scope.Admin);
    }

    public static void AddArchives(this WebApplicationBuilder builder) => builder.Services.AddSingleton<IJobKind, MakeArchive>();
}
