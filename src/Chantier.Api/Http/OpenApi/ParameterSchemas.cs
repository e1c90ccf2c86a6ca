using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Chantier.Api.Http.OpenApi;

/// <summary>The parameters of an operation: those of its path, those of its query records with what their validators accept, and its headers.</summary>
internal sealed class ParameterSchemas(IServiceProvider services, JsonSerializerOptions json, IReadOnlyList<Example> examples)
{
    public IEnumerable<IOpenApiParameter> Of(ApiDescription api, Operations.Offers? offers, OpenApiDocument document, DocumentFilterContext context)
    {
        var handler = Description.Metadata<MethodInfo>(api)!;
        foreach (var name in PathNames(api))
        {
            yield return PathParameter(api, name, handler.GetParameters().FirstOrDefault(p => p.Name == name)?.GetCustomAttribute<DescriptionAttribute>()?.Description);
        }

        if (Description.Metadata<Operations.Changes>(api) is { Method: var method })
        {
            yield return method == "POST"
                ? Header(document, "Idempotency-Key", "A name for this very request, 1 to 255 printable ASCII characters: sent again within a day, it gets the first answer again.", "5a1c2f6e-create-verkor")
                : Header(document, "If-Match", "The ETag of the version that this changes; * for whatever is there.", "\"v1-19-5b3ac1a0f2c4\"", isRequired: true);
        }

        var contract = Description.Metadata<QueryContract>(api);
        if (contract is null)
        {
            yield break;
        }

        foreach (var (name, property) in contract.Parameters)
        {
            var parameter = QueryParameter(name, property, offers!, context);
            // What every list or resource takes is said once.
            if (property.DeclaringType == typeof(TimeAxes) || property.DeclaringType is { Name: nameof(ListQuery) or nameof(ItemQuery) } && name is not ("fields" or "format"))
            {
                document.Components!.Parameters ??= new Dictionary<string, IOpenApiParameter>();
                document.Components.Parameters[name] = parameter;
                yield return new OpenApiParameterReference(name, document);
            }
            else
            {
                yield return parameter;
            }
        }

        if (offers?.Formats[0] == Format.Events && !offers.IsResumed)
        {
            yield break;
        }

        if (offers?.Formats[0] == Format.Events)
        {
            yield return Header(document, "Last-Event-ID", "The id of the last event that was received: go on behind it.", "17");
            yield break;
        }

        if (Description.Metadata<Requires>(api) is null)
        {
            yield return Header(document, "If-None-Match", "The ETag of an answer kept from before: 304 if it still stands.", "\"v1-19-5b3ac1a0f2c4\"");
        }

        if (contract.Parameters.ContainsKey("lang"))
        {
            yield return Header(document, "Accept-Language", "The language of labels where lang is not given: en or fr.", "fr");
        }
    }

    private static IEnumerable<string> PathNames(ApiDescription api) => api.RelativePath!.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}'));

    private OpenApiParameter PathParameter(ApiDescription api, string name, string? description)
    {
        var template = ("/" + api.RelativePath).Split('/');
        var at = Array.IndexOf(template, $"{{{name}}}");
        // What sends to somewhere else has no example that can be tried.
        var request = examples.FirstOrDefault(e => e.Operation == Id(api) && e.Status < 300)?.Request;
        var example = request?.Split('?')[0].Split('/')[at] ?? "1";
        return new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Path,
            Required = true,
            Description = description ?? $"The {(name == "slug" ? "slug" : "id")} of the {OneOf(template[at - 1])}.",
            Schema = name == "slug"
                ? new OpenApiSchema { Type = JsonSchemaType.String, Pattern = Rules.Slug("", "").Pattern, MaxLength = 120, Examples = [example] }
                : new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "1", Examples = [long.Parse(example)] },
        };
    }

    private static string OneOf(string many) => many switch
    {
        "factories" => "factory",
        "media" => "medium",
        "evidence" => "piece of evidence",
        _ => many.TrimEnd('s'),
    };

    private OpenApiParameter QueryParameter(string name, PropertyInfo property, Operations.Offers offers, DocumentFilterContext context)
    {
        var rules = RulesOf(property);
        var kind = property.PropertyType;
        IOpenApiSchema schema = (OpenApiSchema)kind.GetProperty(nameof(Given<>.Schema))!.GetValue(null)!;
        var description = property.GetCustomAttribute<DescriptionAttribute>()!.Description;
        if (kind == typeof(Given<Codes>))
        {
            schema = WithWords((OpenApiSchema)schema, name, rules.OfType<IAccepting>().FirstOrDefault(), offers, context);
        }
        else
        {
            description += $" Accepts {kind.GetProperty(nameof(Given<>.Accepts))!.GetValue(null)}.";
        }

        if (property.GetCustomAttribute<DefaultValueAttribute>() is { Value: { } @default })
        {
            ((OpenApiSchema)schema).Default = JsonValue.Create(Convert.ToDouble(@default));
        }

        return new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Query,
            Description = description,
            Required = rules.Any(rule => rule is FluentValidation.Validators.INotNullValidator),
            Style = schema is OpenApiSchema { Type: JsonSchemaType.Array } ? ParameterStyle.Form : null,
            Explode = schema is not OpenApiSchema { Type: JsonSchemaType.Array },
            Schema = schema,
        };
    }

    private IOpenApiSchema WithWords(OpenApiSchema schema, string name, IAccepting? rule, Operations.Offers offers, DocumentFilterContext context)
    {
        var words = name switch
        {
            "fields" => ViewFields.Names(offers.View, json),
            "format" => [.. offers.Formats.Select(format => format.Name)],
            _ => rule?.Words,
        };
        var isOne = rule?.IsOne == true || name == "format";
        IOpenApiSchema value = words is not null
            ? ViewSchemas.Reference(context.SchemaRepository, NameOf(words, name, offers), words)
            : rule?.Shape is { } shape
                ? new OpenApiSchema { Type = JsonSchemaType.String, Pattern = shape.Pattern, MaxLength = shape.Longest, Examples = [shape.Example] }
                : schema.Items!;
        JsonNode? @default = rule?.Default is null ? null : isOne ? rule.Default : new JsonArray([.. rule.Default.Split(',').Select(word => JsonValue.Create(word))]);
        if (isOne)
        {
            if (value is OpenApiSchemaReference word)
            {
                word.Reference.Default = @default;
            }

            return value;
        }

        schema.Items = value;
        schema.Default = @default;
        return schema;
    }

    private static string NameOf(IReadOnlyList<string> words, string parameter, Operations.Offers offers) => words is Domain.Vocabulary vocabulary
        ? vocabulary.Name
        : parameter == "format"
            ? words.Contains(Format.Atom.Name) ? "FeedFormat" : words.Contains(Format.GeoJson.Name) ? "MapFormat" : "Format"
            : SchemaNames.Of(offers.View) + parameter switch { "fields" => "Field", "sort" => "SortKey", _ => char.ToUpperInvariant(parameter[0]) + parameter[1..] };

    private List<FluentValidation.Validators.IPropertyValidator> RulesOf(PropertyInfo property) =>
        services.GetService(typeof(IValidator<>).MakeGenericType(property.DeclaringType!)) is IValidator validator
            ? [.. validator.CreateDescriptor().GetValidatorsForMember(property.Name).Select(rule => rule.Validator)]
            : [];

    private static OpenApiParameterReference Header(OpenApiDocument document, string name, string description, string example, bool isRequired = false)
    {
        document.Components!.Parameters ??= new Dictionary<string, IOpenApiParameter>();
        document.Components.Parameters[name] = new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Required = isRequired,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Examples = [example] },
        };
        return new OpenApiParameterReference(name, document);
    }

    private static string Id(ApiDescription api) => Description.Metadata<IEndpointNameMetadata>(api)!.EndpointName;
}
