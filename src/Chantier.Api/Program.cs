using Chantier.Api.Archives;
using Chantier.Api.Changes;
using Chantier.Api.Claims;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Hosting;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Imports;
using Chantier.Api.Jobs;
using Chantier.Api.Keys;
using Chantier.Api.Landing;
using Chantier.Api.Lookups;
using Chantier.Api.Matching;
using Chantier.Api.Media;
using Chantier.Api.Ogc;
using Chantier.Api.Operators;
using Chantier.Api.Page;
using Chantier.Api.Proposals;
using Chantier.Api.Redactions;
using Chantier.Api.Regions;
using Chantier.Api.Search;
using Chantier.Api.Sources;
using Chantier.Api.Stats;
using Chantier.Api.Statuses;
using Chantier.Api.StatusEvents;
using Chantier.Api.Tiles;
using Chantier.Api.Webhooks;

namespace Chantier.Api;

/// <summary>The table of contents: what is put together, and what is served.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args, ServeAsync);

    /// <summary>Everything but the start, for the command line and for tests alike.</summary>
    internal static WebApplication Build(string[] args, string connectionString, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);

        builder.AddSettings();
        builder.AddDatabase(connectionString);
        builder.AddTelemetry();
        builder.AddHttp();
        builder.AddLimits();
        builder.AddChanges();
        builder.AddWebhooks();
        builder.AddJobs();
        builder.AddImports(connectionString);
        builder.AddArchives();
        builder.Services.ConfigureHttpJsonOptions(json => JsonDefaults.Apply(json.SerializerOptions, ApiJson.Default));
        builder.Services.AddValidators();
        builder.Services.AddOpenApiDocument();
        replace?.Invoke(builder.Services);

        var app = builder.Build();

        app.MapPage();
        app.UseHttp();
        app.MapHealth();
        app.MapOpenApi();
        app.MapLanding();

        var v1 = app.MapGroup("/v1");
        v1.MapFactories();
        v1.MapOperators();
        v1.MapRegions();
        v1.MapStatuses();
        v1.MapStatusEvents();
        v1.MapMedia();
        v1.MapSources();
        v1.MapClaims();
        v1.MapProposals();
        v1.MapRedactions();
        v1.MapChanges();
        v1.MapWebhooks();
        v1.MapImports();
        v1.MapJobs();
        v1.MapArchives();
        v1.MapKeys();
        v1.MapStats();
        v1.MapSearch();
        v1.MapLookup();
        v1.MapMatching();

        // Described by documents of their own, which GIS clients ask for.
        var ogc = app.MapGroup("/ogc").ExcludeFromDescription();
        ogc.MapOgc();
        ogc.MapTiles();

        return app;
    }

    private static async Task<int> ServeAsync(string[] args, Connection connection, CancellationToken cancellation)
    {
        await using var app = Build(args, connection.ConnectionString);
        await WarmUp.RunAsync(app, cancellation);
        await app.StartAsync(cancellation);
        // In production nobody reads the terminal but a log collector.
        var key = app.Environment.IsDevelopment() ? await CreateKey.FirstAsync(app.Services.GetRequiredService<WriteSource>(), cancellation) : null;
        Banner.Print(app, connection, key);
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }
}
