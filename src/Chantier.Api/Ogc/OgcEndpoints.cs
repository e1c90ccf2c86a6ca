using Chantier.Api.Http;

namespace Chantier.Api.Ogc;

/// <summary>The routes for GIS clients, which read only. Their description is their own: the one that such clients ask for is OpenAPI 3.0.</summary>
internal static class OgcEndpoints
{
    public static void MapOgc(this IEndpointRouteBuilder ogc)
    {
        ogc.MapGet("/", OgcDocuments.Landing).Gives("GetOgcLanding", "Where everything for maps is", OgcSchemas.Landing);
        ogc.MapGet("/conformance", OgcDocuments.Conformance).Gives("GetOgcConformance", "The conformance classes that are kept", OgcSchemas.Conformance);
        ogc.MapGet("/openapi-3.0.json", OgcDocuments.Api).Gives("GetOgcApi", "This description", OgcSchemas.Any, "application/vnd.oai.openapi+json;version=3.0");
        ogc.MapGet("/openapi-3.1.json", OgcDocuments.NewApi).Gives("GetOgcApi31", "This description as OpenAPI 3.1", OgcSchemas.Any, "application/vnd.oai.openapi+json;version=3.1");
        ogc.MapGet("/collections", OgcDocuments.Collections).Gives("ListOgcCollections", "The collections of features", OgcSchemas.Collections);

        ogc.MapGet("/collections/factories", OgcDocuments.Factories).Gives("GetOgcFactories", "The collection of factories", OgcSchemas.Collection);
        ogc.MapGet("/collections/factories/schema", OgcDocuments.FactorySchema).Gives("GetOgcFactorySchema", "The schema of a factory as a feature", OgcSchemas.Any, OgcSite.Schema);
        ogc.MapGet("/collections/factories/queryables", OgcDocuments.FactoryQueryables).Gives("GetOgcFactoryQueryables", "What factories can be filtered by", OgcSchemas.Any, OgcSite.Schema);
        ogc.MapGet("/collections/factories/items", ListFactoryItems.Handle).Gives("ListOgcFactories", "Factories as features", OgcSchemas.Features, Format.GeoJson.MediaType);
        ogc.MapGet("/collections/factories/items/{featureId}", ListFactoryItems.One).Gives("GetOgcFactory", "One factory as a feature", OgcSchemas.Feature, Format.GeoJson.MediaType);

        ogc.MapGet("/collections/regions", OgcDocuments.Regions).Gives("GetOgcRegions", "The collection of regions", OgcSchemas.Collection);
        ogc.MapGet("/collections/regions/schema", OgcDocuments.RegionSchema).Gives("GetOgcRegionSchema", "The schema of a region as a feature", OgcSchemas.Any, OgcSite.Schema);
        ogc.MapGet("/collections/regions/queryables", OgcDocuments.RegionQueryables).Gives("GetOgcRegionQueryables", "What regions can be filtered by", OgcSchemas.Any, OgcSite.Schema);
        ogc.MapGet("/collections/regions/items", ListRegionItems.Handle).Gives("ListOgcRegions", "Regions as features", OgcSchemas.Features, Format.GeoJson.MediaType);
        ogc.MapGet("/collections/regions/items/{featureId}", ListRegionItems.One).Gives("GetOgcRegion", "One region as a feature", OgcSchemas.Feature, Format.GeoJson.MediaType);
    }

    public static RouteHandlerBuilder Gives(this RouteHandlerBuilder route, string id, string summary, string schema, string type = OgcSite.Json) =>
        route.WithName(id).WithSummary(summary).WithCheckedQuery().WithMetadata(new OgcAnswer(schema, type));
}

/// <summary>What an operation under /ogc answers with.</summary>
internal sealed record OgcAnswer(string Schema, string Type);
