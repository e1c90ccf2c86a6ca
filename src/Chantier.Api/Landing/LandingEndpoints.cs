using Chantier.Api.Http;

namespace Chantier.Api.Landing;

/// <summary>Where everything is, for clients that start at the root.</summary>
internal sealed record LandingView
{
    public required string Title { get; init; }

    public required string Description { get; init; }

    public required IReadOnlyList<LinkView> Links { get; init; }
}

internal sealed record LinkView(string Rel, string Href, string Type, string Title);

/// <summary>GET / and GET /v1.</summary>
internal static class LandingEndpoints
{
    private static readonly LandingView Landing = new()
    {
        Title = "Chantier",
        Description = "An open tracker of industrial sites: what the status of each was on a date, as it was known at a moment, and which source says so.",
        Links =
        [
            new("self", "/", "application/json", "This document"),
            new("service-desc", "/openapi/v1.json", "application/vnd.oai.openapi+json;version=3.1", "The API as OpenAPI 3.1"),
            new("service-doc", "/docs", "text/html", "The API to read and try"),
            new("data", "/v1/factories", "application/json", "Factories"),
            new("data", "/v1/operators", "application/json", "Operators"),
            new("data", "/v1/regions", "application/json", "Regions"),
            new("data", "/v1/statuses", "application/json", "The vocabulary of construction status"),
            new("data", "/v1/status-events", "application/json", "What moved, when, across all sites"),
            new("data", "/v1/claims", "application/json", "All that sources say, claim by claim"),
            new("data", "/v1/media", "application/json", "Media"),
            new("data", "/v1/sources", "application/json", "Sources"),
            new("data", "/v1/stats/factories?groupBy=status", "application/json", "Counts and sums; beside it time series, slippage and time in a stage"),
            new("data", "/v1/diff?from={date}&to={date}", "application/json", "What changed between two dates"),
            new("data", "/v1/changes", "application/json", "What changed"),
            new("alternate", "/v1/changes?format=atom", "application/atom+xml", "What changed, as Atom"),
            new("search", "/v1/search?q={words}", "application/json", "Find by any name, place, company or identifier"),
            new("search", "/v1/lookup?identifier={scheme:value}", "application/json", "Find by an external identifier"),
            new("data", "/ogc", "application/json", "Factories and regions for GIS: OGC API Features and Tiles"),
            new("status", "/health/ready", "application/json", "Whether the service is ready"),
        ],
    };

    public static void MapLanding(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => TypedResults.Ok(Landing)).InRoom("Start", "Where everything is.").Tells("GetLanding", "Links to everything that is served");
        routes.MapGet("/v1", () => TypedResults.Ok(Landing)).WithTags("Start").Tells("GetVersion", "The same links, for clients that start at the version");
    }
}
