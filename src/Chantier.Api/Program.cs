using Chantier.Api.Claims;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Hosting;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Keys;
using Chantier.Api.Landing;
using Chantier.Api.Lookups;
using Chantier.Api.Matching;
using Chantier.Api.Media;
using Chantier.Api.Operators;
using Chantier.Api.Proposals;
using Chantier.Api.Regions;
using Chantier.Api.Sources;
using Chantier.Api.Statuses;
using Chantier.Api.StatusEvents;

namespace Chantier.Api;

/// <summary>The table of contents: what is put together, and what is served.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args, ServeAsync);

    /// <summary>Everything but the start, for the command line and for tests alike.</summary>
    internal static WebApplication Build(string[] args, string connectionString)
    {
        var builder = WebApplication.CreateSlimBuilder(args);

        builder.AddSettings();
        builder.AddDatabase(connectionString);
        builder.AddTelemetry();
        builder.AddHttp();
        builder.AddLimits();
        builder.Services.ConfigureHttpJsonOptions(json => JsonDefaults.Apply(json.SerializerOptions, ApiJson.Default));
        builder.Services.AddValidators();
        builder.Services.AddOpenApiDocument();

        var app = builder.Build();

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
        v1.MapKeys();
        v1.MapLookup();
        v1.MapMatching();

        return app;
    }

    private static async Task<int> ServeAsync(string[] args, Connection connection, CancellationToken cancellation)
    {
        await using var app = Build(args, connection.ConnectionString);
        await app.StartAsync(cancellation);
        // In production nobody reads the terminal but a log collector.
        var key = app.Environment.IsDevelopment() ? await CreateKey.FirstAsync(app.Services.GetRequiredService<WriteSource>(), cancellation) : null;
        Banner.Print(app, connection, key);
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }
}
