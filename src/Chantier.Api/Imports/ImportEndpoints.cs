using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Jobs;

namespace Chantier.Api.Imports;

/// <summary>The routes of imports, for those who may record claims.</summary>
internal static class ImportEndpoints
{
    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/imports").InRoom("Imports", "Files that become claims, all of their rows at once, and what came of each row.");

        imports.MapGet("/", ListImports.Handle).ListsOf<ImportView>("ListImports", "Every file that was imported, or tried, and what came of it").Needs(Scope.Curate);
        imports.MapPost("/", QueueImport.Handle).Uploads<JobView>("CreateImport", "Have a file imported, or tried; the answer is the job that does it", "/", Scope.Curate, QueueImport.Takes);
        imports.MapGet("/{id}", ListImports.One).Gives<ImportView>("GetImport", "One file that was imported or tried, and what came of it").Needs(Scope.Curate);
        imports.MapGet("/{id}/report", ListImports.Report).Downloads("GetImportReport", ImportReport.About, Format.Csv).MayBeDeleted().Needs(Scope.Curate);
    }

    public static void AddImports(this WebApplicationBuilder builder, string connectionString)
    {
        builder.Services.AddSingleton<IJobKind>(services => new RunImport(connectionString, Mapping.FolderOf(builder.Configuration), services.GetRequiredService<ReadSource>()));
        builder.Services.AddHostedService<SweepAtStart>();
    }
}
