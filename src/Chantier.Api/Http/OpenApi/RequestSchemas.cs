using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Chantier.Domain;
using FluentValidation;
using FluentValidation.Validators;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Chantier.Api.Http.OpenApi;

/// <summary>
/// Makes the schema of a body say what its validator checks: what must be given, words, shapes and bounds. What need not be given
/// may be null, which says the same.
/// </summary>
internal sealed class RequestSchemas(IServiceProvider services, IOptions<JsonOptions> json) : ISchemaFilter
{
    public static bool Concerns(Type type) => type.Name.EndsWith("Request", StringComparison.Ordinal);

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema body || context.MemberInfo is not null || !Concerns(context.Type))
        {
            return;
        }

        body.AdditionalPropertiesAllowed = false;
        body.Required = new SortedSet<string>(StringComparer.Ordinal);
        var rules = (services.GetService(typeof(IValidator<>).MakeGenericType(context.Type)) as IValidator)?.CreateDescriptor();
        var written = new Dictionary<string, IOpenApiSchema>();
        foreach (var property in json.Value.SerializerOptions.GetTypeInfo(context.Type).Properties)
        {
            var member = (PropertyInfo)property.AttributeProvider!;
            var validators = rules?.GetValidatorsForMember(member.Name).Select(rule => rule.Validator).ToList() ?? [];
            var isRequired = validators.Exists(rule => rule is INotNullValidator or IBodyRule { IsRequired: true }) && !IsList(property);
            if (isRequired)
            {
                body.Required.Add(property.Name);
            }

            written[property.Name] = Of(body.Properties![property.Name], property, validators, isRequired, context.SchemaRepository);
        }

        body.Properties = written;
    }

    /// <summary>The same for a merge patch, and for the objects in it: nothing must be given, and null takes away what need not be there.</summary>
    public static OpenApiSchemaReference Patch(SchemaRepository schemas, string request)
    {
        var name = request[..^"Request".Length];
        if (!schemas.Schemas.ContainsKey(name + "Patch"))
        {
            var body = (OpenApiSchema)schemas.Schemas[request];
            schemas.AddDefinition(name + "Patch", new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = $"Parts of a {name}, merged into what is there (RFC 7396): null takes away, what is left out stays.",
                AdditionalPropertiesAllowed = false,
                Properties = body.Properties!.ToDictionary(property => property.Key, property => Part(schemas, property.Value, body.Required!.Contains(property.Key))),
            });
        }

        return new OpenApiSchemaReference(name + "Patch");
    }

    private static IOpenApiSchema Part(SchemaRepository schemas, IOpenApiSchema whole, bool isRequired)
    {
        var id = (whole as OpenApiSchemaReference ?? whole.OneOf?.OfType<OpenApiSchemaReference>().FirstOrDefault())?.Reference.Id;
        if (id?.EndsWith("Request", StringComparison.Ordinal) != true)
        {
            return whole;
        }

        var part = Patch(schemas, id);
        return isRequired ? part : Nullable(part);
    }

    private static IOpenApiSchema Of(IOpenApiSchema schema, JsonPropertyInfo property, List<IPropertyValidator> rules, bool isRequired, SchemaRepository schemas)
    {
        if (property.PropertyType == typeof(JsonElement?))
        {
            return new OpenApiSchema
            {
                Description = schema.Description,
                OneOf = [GeoJson.Geometry(schemas, "Polygon"), GeoJson.Geometry(schemas, "MultiPolygon"), new OpenApiSchema { Type = JsonSchemaType.Null }],
            };
        }

        var described = ViewSchemas.Bare(schema);
        if (described is OpenApiSchema inline)
        {
            inline.Type &= ~JsonSchemaType.Null;
            var target = IsList(property) ? inline.Items as OpenApiSchema : inline;
            foreach (var rule in rules)
            {
                if (target is not null)
                {
                    Describe(target, rule);
                }
            }

            if (rules.OfType<IBodyRule>().FirstOrDefault(rule => rule.Words is Vocabulary) is { Words: Vocabulary words })
            {
                described = new OpenApiSchemaReference(ViewSchemas.Reference(schemas, words.Name, words).Reference.Id!) { Description = inline.Description };
            }
        }

        return isRequired ? described : Nullable(described);
    }

    private static bool IsList(JsonPropertyInfo property) => property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);

    private static IOpenApiSchema Nullable(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema { Type: not null, Enum: null or { Count: 0 } } simple)
        {
            simple.Type |= JsonSchemaType.Null;
            return simple;
        }

        return schema is OpenApiSchema { OneOf.Count: > 0 } ? schema : new OpenApiSchema { OneOf = [schema, new OpenApiSchema { Type = JsonSchemaType.Null }], Description = schema.Description };
    }

    private static void Describe(OpenApiSchema schema, IPropertyValidator rule)
    {
        switch (rule)
        {
            case IBodyRule body:
                body.Describe(schema);
                if (body.Words is not null and not Vocabulary)
                {
                    schema.Enum = [.. body.Words.Select(word => (JsonNode)JsonValue.Create(word))];
                }

                break;
            case IBetweenValidator between:
                (schema.Minimum, schema.Maximum) = (Text(between.From), Text(between.To));
                break;
            case IComparisonValidator { MemberToCompare: null, Comparison: Comparison.GreaterThan } above:
                schema.ExclusiveMinimum = Text(above.ValueToCompare);
                break;
            case IComparisonValidator { MemberToCompare: null, Comparison: Comparison.GreaterThanOrEqual } from:
                schema.Minimum = Text(from.ValueToCompare);
                break;
            case IRegularExpressionValidator pattern:
                schema.Pattern = pattern.Expression;
                break;
            case ILengthValidator length:
                schema.MaxLength = length.Max;
                break;
        }
    }

    private static string Text(object number) => Convert.ToDecimal(number).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
