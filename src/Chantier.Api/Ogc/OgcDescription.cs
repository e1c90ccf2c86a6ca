using System.ComponentModel;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Chantier.Api.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Chantier.Api.Ogc;

/// <summary>
/// The routes under /ogc as OpenAPI, made from the routes themselves: what a parameter accepts is said by what reads it. Two versions
/// of one document, as clients of OGC API Features know 3.0 alone.
/// </summary>
internal static class OgcDescription
{
    private const string Root = "/ogc";

    public static byte[] Of(HttpContext http, bool isNew)
    {
        var document = new OpenApiDocument
        {
            Info = new OpenApiInfo
            {
                Title = "Chantier for maps",
                Version = "1.0",
                Description = "Factories and regions as OGC API Features and Tiles: read only, and a part of what the API proper tells.",
                License = new OpenApiLicense { Name = "MIT", Url = new Uri("https://opensource.org/license/mit") },
            },
            Servers = [new OpenApiServer { Url = OgcSite.Address(http, Root) }],
            // Reading is open.
            Security = [[]],
            Paths = [],
            Components = new OpenApiComponents { Schemas = OgcSchemas.All() },
        };
        foreach (var endpoint in http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => route.Metadata.GetMetadata<OgcAnswer>() is not null))
        {
            var (path, operation) = Describe(endpoint, document);
            document.Paths.Add(path, new OpenApiPathItem { Operations = new Dictionary<HttpMethod, OpenApiOperation> { [HttpMethod.Get] = operation } });
        }

        using var text = new StringWriter();
        var writer = new OpenApiJsonWriter(text);
        if (isNew)
        {
            document.SerializeAsV31(writer);
        }
        else
        {
            document.SerializeAsV3(writer);
        }

        return Encoding.UTF8.GetBytes(text.ToString() + "\n");
    }

    private static (string Path, OpenApiOperation Operation) Describe(RouteEndpoint endpoint, OpenApiDocument document)
    {
        var answer = endpoint.Metadata.GetMetadata<OgcAnswer>()!;
        var described = endpoint.Metadata.GetMetadata<MethodInfo>()!.GetParameters();
        // The kind of a number is not the path's: {z:int}.
        var path = string.Concat(endpoint.RoutePattern.PathSegments.Select(segment => "/" + string.Concat(segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
            _ => "",
        }))))[Root.Length..];
        var operation = new OpenApiOperation
        {
            OperationId = endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName,
            Summary = endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()!.Summary,
            Parameters =
            [
                .. endpoint.RoutePattern.Parameters.Select(IOpenApiParameter (parameter) => new OpenApiParameter
                {
                    Name = parameter.Name,
                    In = ParameterLocation.Path,
                    Required = true,
                    Description = described.Single(p => p.Name == parameter.Name).GetCustomAttribute<DescriptionAttribute>()!.Description,
                    Schema = new OpenApiSchema { Type = described.Single(p => p.Name == parameter.Name).ParameterType == typeof(int) ? JsonSchemaType.Integer : JsonSchemaType.String },
                }),
                .. endpoint.Metadata.GetMetadata<QueryContract>()!.Parameters.Select(IOpenApiParameter (parameter) => Query(parameter.Key, parameter.Value)),
            ],
            Responses = new OpenApiResponses
            {
                ["200"] = new OpenApiResponse
                {
                    Description = "What was asked for.",
                    Content = new Dictionary<string, IOpenApiMediaType> { [answer.Type] = new OpenApiMediaType { Schema = OgcSchemas.Of(answer.Schema, document) } },
                },
                ["304"] = new OpenApiResponse { Description = "Nothing changed since the answer whose ETag If-None-Match names." },
                ["default"] = new OpenApiResponse
                {
                    Description = "It cannot be answered, and why: 400 for a parameter that is unknown or not accepted, 404 for what there is not.",
                    Content = new Dictionary<string, IOpenApiMediaType> { [Problem.MediaType] = new OpenApiMediaType { Schema = OgcSchemas.Of(OgcSchemas.Problem, document) } },
                },
            },
        };
        return (path.Length == 0 ? "/" : path, operation);
    }

    private static OpenApiParameter Query(string name, PropertyInfo property)
    {
        var kind = property.PropertyType;
        var schema = (OpenApiSchema)kind.GetProperty(nameof(Given<>.Schema))!.GetValue(null)!;
        // 3.0 has none in a schema.
        schema.Examples = null;
        var accepts = kind == typeof(Given<Codes>) ? "" : $" Accepts {kind.GetProperty(nameof(Given<>.Accepts))!.GetValue(null)}.";
        // One word, however it is read.
        if (name is "f" or "lang" or "minPrecision")
        {
            schema = new OpenApiSchema { Type = JsonSchemaType.String };
        }

        return new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Query,
            Description = property.GetCustomAttribute<DescriptionAttribute>()!.Description + accepts,
            Required = false,
            Style = ParameterStyle.Form,
            // Said although it is what matters for arrays alone: clients look for it in each.
            Explode = false,
            Schema = schema,
        };
    }
}

/// <summary>The shapes of the answers.</summary>
internal static class OgcSchemas
{
    public const string Any = "Document";
    public const string Landing = "LandingPage";
    public const string Conformance = "ConfClasses";
    public const string Collections = "Collections";
    public const string Collection = "Collection";
    public const string Features = "FeatureCollection";
    public const string Feature = "Feature";
    public const string Tilesets = "TileSets";
    public const string Tileset = "TileSet";
    public const string TileJson = "TileJson";
    public const string Tile = "Tile";
    public const string Problem = "Problem";

    private const string Link = "Link";

    public static IOpenApiSchema Of(string name, OpenApiDocument document) =>
        name == Tile ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } : new OpenApiSchemaReference(name, document);

    public static Dictionary<string, IOpenApiSchema> All()
    {
        var links = List(new OpenApiSchemaReference(Link));
        return new()
        {
            [Any] = new OpenApiSchema { Type = JsonSchemaType.Object },
            [Link] = Object(["href", "rel"], ("href", Text()), ("rel", Text()), ("type", Text()), ("title", Text()), ("templated", new OpenApiSchema { Type = JsonSchemaType.Boolean })),
            [Landing] = Object(["links"], ("title", Text()), ("description", Text()), ("links", links)),
            [Conformance] = Object(["conformsTo"], ("conformsTo", List(Text()))),
            [Collections] = Object(["links", "collections"], ("links", links), ("crs", List(Text())), ("collections", List(new OpenApiSchemaReference(Collection)))),
            [Collection] = Object(
                ["id", "links"], ("id", Text()), ("title", Text()), ("description", Text()), ("extent", new OpenApiSchema { Type = JsonSchemaType.Object }), ("itemType", Text()),
                ("crs", List(Text())), ("storageCrs", Text()), ("links", links)),
            [Features] = Object(
                ["type", "features"], ("type", Word("FeatureCollection")), ("features", List(new OpenApiSchemaReference(Feature))), ("links", links),
                ("numberMatched", Count()), ("numberReturned", Count())),
            [Feature] = Object(
                ["type", "geometry", "properties"], ("type", Word("Feature")), ("id", Text()), ("links", links),
                ("geometry", new OpenApiSchema { Type = JsonSchemaType.Object | JsonSchemaType.Null }), ("properties", new OpenApiSchema { Type = JsonSchemaType.Object })),
            [Tilesets] = Object(["tilesets"], ("tilesets", List(new OpenApiSchemaReference(Tileset))), ("links", links)),
            [Tileset] = Object(["dataType", "crs", "links"], ("title", Text()), ("dataType", Text()), ("crs", Text()), ("tileMatrixSetURI", Text()), ("links", links)),
            [TileJson] = Object(["tilejson", "tiles"], ("tilejson", Text()), ("tiles", List(Text())), ("minzoom", Count()), ("maxzoom", Count())),
            [Problem] = Object(["type", "title", "status", "detail"], ("type", Text()), ("title", Text()), ("status", Count()), ("detail", Text())),
        };
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Word(string word) => new() { Type = JsonSchemaType.String, Enum = [JsonValue.Create(word)] };

    private static OpenApiSchema Count() => new() { Type = JsonSchemaType.Integer, Minimum = "0" };

    private static OpenApiSchema List(IOpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };

    private static OpenApiSchema Object(string[] required, params (string Name, IOpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Required = required.ToHashSet(),
        Properties = properties.ToDictionary(p => p.Name, p => p.Schema),
    };
}
