using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Chantier.Api.Http.OpenApi;

/// <summary>Says which geometries a view can have.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class GeometriesAttribute(params string[] types) : Attribute
{
    public IReadOnlyList<string> Types => types;
}

/// <summary>The schemas of RFC 7946, as far as lists use them.</summary>
internal static class GeoJson
{
    private static readonly string[] Types = ["Point", "Polygon", "MultiPolygon"];

    public static IOpenApiSchema Collection(DocumentFilterContext context, Type item, string name)
    {
        var schemas = context.SchemaRepository;
        if (schemas.Schemas.ContainsKey(name + "FeatureCollection"))
        {
            return new OpenApiSchemaReference(name + "FeatureCollection");
        }

        var geometries = item.GetCustomAttribute<GeometriesAttribute>()!.Types.Select(IOpenApiSchema (type) => Geometry(schemas, type)).ToList();
        geometries.Add(new OpenApiSchema { Type = JsonSchemaType.Null });
        var properties = ViewSchemas.Bare(context.SchemaGenerator.GenerateSchema(item, schemas));
        var feature = schemas.AddDefinition(name + "Feature", Object(
            $"One {name}. Its geometry is null where the place is not known.",
            ("type", Word("Feature")),
            ("id", new OpenApiSchema { Type = JsonSchemaType.String, Description = "The slug." }),
            ("geometry", new OpenApiSchema { OneOf = geometries }),
            ("properties", properties)));
        var page = ((OpenApiSchema)context.SchemaRepository.Schemas[name + "Page"]).Properties!;
        var collection = Object(
            "A page of a list as GeoJSON (RFC 7946), with the members of the page beside the features.",
            ("type", Word("FeatureCollection")),
            ("features", new OpenApiSchema { Type = JsonSchemaType.Array, Items = ViewSchemas.Bare(feature) }),
            ("page", page["page"]),
            ("asOf", page["asOf"]),
            ("knownAt", page["knownAt"]),
            ("publishedUntil", page["publishedUntil"]));
        collection.Required!.Remove("publishedUntil");
        schemas.AddDefinition(name + "FeatureCollection", collection);
        return new OpenApiSchemaReference(name + "FeatureCollection");
    }

    public static OpenApiSchemaReference Geometry(SchemaRepository schemas, string type)
    {
        if (schemas.Schemas.ContainsKey(type))
        {
            return new OpenApiSchemaReference(type);
        }

        IOpenApiSchema coordinates = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
            MinItems = 2,
            MaxItems = 3,
        };
        for (var depth = Array.IndexOf(Types, type) is > 0 and var index ? index + 1 : 0; depth > 0; depth--)
        {
            coordinates = new OpenApiSchema { Type = JsonSchemaType.Array, Items = coordinates };
        }

        schemas.AddDefinition(type, Object($"A {type} of RFC 7946: longitude first, WGS 84.", ("type", Word(type)), ("coordinates", coordinates)));
        return new OpenApiSchemaReference(type);
    }

    private static OpenApiSchema Word(string word) => new() { Type = JsonSchemaType.String, Enum = [(JsonNode)JsonValue.Create(word)] };

    private static OpenApiSchema Object(string description, params (string Name, IOpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        Required = new SortedSet<string>(properties.Select(p => p.Name), StringComparer.Ordinal),
        Properties = properties.ToDictionary(p => p.Name, p => p.Schema),
    };
}
