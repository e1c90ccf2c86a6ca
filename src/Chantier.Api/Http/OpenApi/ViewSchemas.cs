using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Chantier.Domain;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Chantier.Api.Http.OpenApi;

/// <summary>Says of a view's property which vocabulary its words are from.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AmongAttribute(string vocabulary) : Attribute
{
    /// <summary>The name of the property of <see cref="Vocabularies"/>.</summary>
    public string Vocabulary => vocabulary;

    public Vocabulary Words => (Vocabulary)typeof(Vocabularies).GetProperty(vocabulary)!.GetValue(null)!;
}

/// <summary>
/// Makes a view's schema say what the JSON writer does: what is always written is required, what is left out when it is null is
/// optional and never null, what may be null says so, and words come from their vocabulary.
/// </summary>
internal sealed class ViewSchemas(IOptions<JsonOptions> json) : ISchemaFilter
{
    // "-name" is no name in any language. Generators take one from here: NSwag from the first, most others from the second.
    private static readonly string[] NameKeys = ["x-enumNames", "x-enum-varnames"];

    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    public static OpenApiSchema Words(IReadOnlyList<string> words)
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))] };
        if (words.Any(word => word[0] == '-'))
        {
            schema.Extensions = NameKeys.ToDictionary(
                key => key, _ => (IOpenApiExtension)new JsonNodeExtension(new JsonArray([.. words.Select(word => JsonValue.Create(NameOf(word)))])));
        }

        return schema;
    }

    private static string NameOf(string word) => word[0] == '-' ? $"{char.ToUpperInvariant(word[1])}{word[2..]}Descending" : char.ToUpperInvariant(word[0]) + word[1..];

    public static OpenApiSchemaReference Reference(SchemaRepository schemas, string name, IReadOnlyList<string> words)
    {
        if (!schemas.Schemas.ContainsKey(name))
        {
            schemas.AddDefinition(name, Words(words));
        }

        return new OpenApiSchemaReference(name);
    }

    /// <summary>The reference alone: what the schema says of itself need not be said again wherever it is referred to.</summary>
    public static IOpenApiSchema Bare(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchemaReference reference)
        {
            return new OpenApiSchemaReference(reference.Reference.Id!);
        }

        if (schema is OpenApiSchema { Items: OpenApiSchemaReference item } list)
        {
            list.Items = Bare(item);
        }

        return schema;
    }

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties.Count: > 0 } view || context.MemberInfo is not null || RequestSchemas.Concerns(context.Type))
        {
            return;
        }

        // A client must bear with properties that it does not know: adding one is compatible.
        view.AdditionalPropertiesAllowed = true;
        view.Required = new SortedSet<string>(StringComparer.Ordinal);
        var written = new Dictionary<string, IOpenApiSchema>();
        foreach (var property in _json.GetTypeInfo(context.Type).Properties.Where(p => p.Get is not null))
        {
            var isConditional = property.ShouldSerialize is not null;
            if (!isConditional)
            {
                view.Required.Add(property.Name);
            }

            written[property.Name] = Of(view.Properties[property.Name], property, isConditional, context.SchemaRepository);
        }

        view.Properties = written;
    }

    private static IOpenApiSchema Of(IOpenApiSchema schema, JsonPropertyInfo property, bool isConditional, SchemaRepository schemas)
    {
        schema = Bare(schema);
        if (schema is OpenApiSchema inline)
        {
            inline.ReadOnly = false;
            inline.Type &= ~JsonSchemaType.Null;
        }

        if ((property.AttributeProvider as PropertyInfo)?.GetCustomAttribute<AmongAttribute>() is { } among)
        {
            var own = schema.Description;
            schema = new OpenApiSchemaReference(Reference(schemas, among.Words.Name, among.Words).Reference.Id!) { Description = own };
        }

        if (isConditional || !(property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null))
        {
            return schema;
        }

        if (schema is OpenApiSchema { Type: not null } simple)
        {
            simple.Type |= JsonSchemaType.Null;
            return simple;
        }

        // A reference has no type of its own to widen.
        return new OpenApiSchema { OneOf = [schema, new OpenApiSchema { Type = JsonSchemaType.Null }] };
    }
}
