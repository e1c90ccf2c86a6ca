using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Nodes;
using FluentValidation;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Chantier.Api.Http.OpenApi;

/// <summary>
/// Completes what Swashbuckle found: parameters from the query records and their validators, answers in every format with their
/// headers, problems, and the examples that a seeded tracker gives.
/// </summary>
internal sealed class Description(IServiceProvider services, IOptions<JsonOptions> json) : IDocumentFilter
{
    private static readonly (int Status, string Name, string Text)[] Answers =
    [
        (304, "NotModified", "Nothing changed since the answer whose ETag If-None-Match names. No content."),
        (308, "Moved", "The resource has another name now, in Location. Ask there."),
        (400, "InvalidParameter", "A parameter is unknown or not accepted, or a body cannot be read; errors names each place and what it accepts."),
        (401, "KeyNeeded", "There is no key, or it is not good."),
        (403, "ScopeTooNarrow", "The key may not do this."),
        (404, "NotFound", "There is no such resource, or it was not known at the moment asked for."),
        (406, "NotAcceptable", "Accept names no format that is served here."),
        (409, "Conflict", "It cannot be done as things stand: something like it is there, it has ended before, or something stands on it. The type says which."),
        (410, "Gone", "The resource was deleted. Its past stays readable with knownAt."),
        (412, "Stale", "If-Match names a version that is not the present one. GET it again, and decide anew."),
        (413, "TooLarge", "The body is larger than the service takes."),
        (415, "UnsupportedMediaType", "The body has another Content-Type than is accepted."),
        (422, "InvalidBody", "The body is well-formed, and says what is not accepted; errors names each place as a JSON pointer, and what it accepts. Or the Idempotency-Key came before with another request."),
        (428, "ConditionNeeded", "If-Match is missing."),
        (429, "TooManyRequests", "This key, or this address without one, has asked for more than its share. Try again after Retry-After."),
        (503, "Unavailable", "The database does not answer, or the query took too long. Try again after Retry-After."),
    ];

    /// <summary>The name of the security scheme.</summary>
    public const string Key = "Key";

    private readonly IReadOnlyList<Example> _examples = Examples.Read();

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        AddHeaders(swaggerDoc);
        AddAnswers(swaggerDoc, context);
        foreach (var api in context.ApiDescriptions)
        {
            var operation = swaggerDoc.Paths["/" + api.RelativePath!.TrimEnd('/')].Operations![new HttpMethod(api.HttpMethod!)];
            var offers = Metadata<Operations.Offers>(api);
            operation.Parameters = [.. Parameters(api, offers, swaggerDoc, context)];
            Answer(operation, api, offers, swaggerDoc, context);
            Ask(operation, api, context);
            if (Metadata<Requires>(api) is { } requires)
            {
                var also = requires.OrProposed ? $"; with {Access.CodeOf(Scope.Contribute)}, it is filed as a proposal" : "";
                operation.Description = $"{operation.Description}\n\nNeeds a key with the scope {Access.CodeOf(requires.Scope)}{also}.".Trim();
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, swaggerDoc)] = [] }];
            }
        }

        swaggerDoc.Tags = context.ApiDescriptions.Select(Metadata<Operations.Room>).OfType<Operations.Room>().Distinct()
            .Select(room => new OpenApiTag { Name = room.Name, Description = room.About }).ToHashSet();
        swaggerDoc.Components!.Schemas = context.SchemaRepository.Schemas.OrderBy(schema => schema.Key, StringComparer.Ordinal).ToDictionary();
    }

    private static void AddHeaders(OpenApiDocument document)
    {
        void Add(string name, string description, string example) => document.AddComponent(name, new OpenApiHeader
        {
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Examples = [example] },
        });

        Add("ETag", "Names this very answer: data, format, language and encoding. Send it back in If-None-Match.", "\"v1-19-5b3ac1a0f2c4\"");
        Add("Cache-Control", "no-cache: keep it, and ask with If-None-Match before using it again. What can never change may be kept for a day.", "no-cache");
        Add("Vary", "The request headers that the answer depends on.", "Accept, Accept-Language, Accept-Encoding");
        Add("Link", "The next page and the first (RFC 8288). Left out where the list fits one page.", "</v1/factories?cursor=eyJwIjoi&limit=2>; rel=\"next\"; type=\"application/json\"");
        Add("Location", "Of what moved, the path and query to ask instead; of what was made, where it is.", "/v1/factories/verkor-dunkerque");
        Add("Retry-After", "Seconds to wait before asking again.", "2");
    }

    private void AddAnswers(OpenApiDocument document, DocumentFilterContext context)
    {
        var problem = ViewSchemas.Bare(context.SchemaGenerator.GenerateSchema(typeof(Problem), context.SchemaRepository));
        foreach (var (status, name, text) in Answers)
        {
            var response = new OpenApiResponse { Description = text };
            string[] headers = status switch { 304 => ["ETag", "Cache-Control", "Vary"], 308 => ["Location"], 429 or 503 => ["Cache-Control", "Retry-After"], _ => ["Cache-Control"] };
            response.Headers = Headers(document, headers);
            if (status >= 400)
            {
                response.Content = ProblemContent(problem, _examples.Where(e => e.Status == status));
            }

            document.AddComponent(name, response);
        }

        document.AddComponent("Problem", new OpenApiResponse
        {
            Description = "Any other failure, such as 405 for a method that the path does not take, 414 for too long an address, and 500 where the failure is ours.",
            Headers = Headers(document, "Cache-Control"),
            Content = ProblemContent(problem, []),
        });
    }

    private static Dictionary<string, IOpenApiMediaType> ProblemContent(IOpenApiSchema problem, IEnumerable<Example> examples) => new()
    {
        [Problem.MediaType] = new OpenApiMediaType { Schema = problem, Examples = Named(examples) },
    };

    private void Answer(OpenApiOperation operation, ApiDescription api, Operations.Offers? offers, OpenApiDocument document, DocumentFilterContext context)
    {
        var examples = _examples.Where(e => e.Operation == operation.OperationId && e.Status < 300).ToList();
        var write = Metadata<WriteOperation>(api);
        // What needs a scope is kept by nobody, so that nobody asks whether it still stands.
        string[] validators = Metadata<Requires>(api) is null ? ["ETag", "Cache-Control", "Vary"] : ["ETag", "Cache-Control"];
        var responses = new OpenApiResponses();
        foreach (var (status, response) in operation.Responses!.Where(answer => answer.Key != "304" || Metadata<Requires>(api) is null))
        {
            var isProblem = response.Content?.ContainsKey(Problem.MediaType) == true;
            if (Answers.FirstOrDefault(a => a.Status.ToString() == status) is { Name: { } name } && (isProblem || status[0] == '3'))
            {
                responses[status] = new OpenApiResponseReference(name, document);
                continue;
            }

            var own = (OpenApiResponse)response;
            if (write is not null)
            {
                own.Description = status switch { "201" => "It was made; this is how it is read.", "204" => "It was done. No content.", _ => "It was done; this is how it is read." };
                own.Headers = Headers(document, status switch { "201" => ["Location", "ETag", "Cache-Control"], "204" => ["Cache-Control"], _ => ["ETag", "Cache-Control"] });
                if (own.Content?.TryGetValue(Format.Json.MediaType, out var body) == true)
                {
                    own.Content = new Dictionary<string, IOpenApiMediaType>
                    {
                        [Format.Json.MediaType] = new OpenApiMediaType { Schema = ViewSchemas.Bare(body.Schema!), Examples = Named(examples) },
                    };
                }
            }
            else if (status == "200")
            {
                own.Description = offers switch { null => "The answer.", { Formats: [var only] } when only == Format.Events => "Events, until either side ends it.", { IsList: true } => "A page of the list, in the format asked for.", _ => "The resource." };
                own.Headers = offers is null || offers.Formats[0] == Format.Events ? null : Headers(document, offers.IsList ? [.. validators, "Link"] : validators);
                own.Content = (offers?.Formats ?? [Format.Json]).ToDictionary(format => format.MediaType, format => (IOpenApiMediaType)new OpenApiMediaType
                {
                    Schema = format == Format.Json ? ViewSchemas.Bare(own.Content![Format.Json.MediaType].Schema!) : Body(format, offers!.View, context),
                    Examples = Named(examples.Where(e => e.MediaType == format.MediaType)),
                });
            }
            else
            {
                own.Description = api.SupportedResponseTypes.First(r => r.StatusCode.ToString() == status).Description ?? "Not now.";
            }

            responses[status] = own;
        }

        if (Metadata<Requires>(api) is { OrProposed: true } && write is not null)
        {
            responses["202"] = new OpenApiResponse
            {
                Description = "It was tried, is right, and waits for a curator.",
                Headers = Headers(document, "Location", "Cache-Control"),
                Content = new Dictionary<string, IOpenApiMediaType>
                {
                    [Format.Json.MediaType] = new OpenApiMediaType { Schema = ViewSchemas.Bare(context.SchemaGenerator.GenerateSchema(typeof(Filed), context.SchemaRepository)) },
                },
            };
        }

        responses["default"] = new OpenApiResponseReference("Problem", document);
        operation.Responses = responses;
    }

    // What a request carries: a body that its validator describes, shown by what the examples send.
    private void Ask(OpenApiOperation operation, ApiDescription api, DocumentFilterContext context)
    {
        if (operation.RequestBody is not OpenApiRequestBody { Content: { Count: > 0 } content } body)
        {
            return;
        }

        body.Required = true;
        var schema = content.Values.First().Schema!;
        if (api.HttpMethod == "PATCH" && schema is OpenApiSchemaReference whole)
        {
            schema = RequestSchemas.Patch(context.SchemaRepository, whole.Reference.Id!);
        }

        var examples = _examples.Where(e => e.Operation == operation.OperationId && e.Body is not null && e.Status < 300).Take(1)
            .ToDictionary(e => e.Name, e => (IOpenApiExample)new OpenApiExample { Summary = $"{e.Method} {e.Request}", Value = e.Body!.DeepClone() });
        body.Content = content.Keys.ToDictionary(type => type, _ => (IOpenApiMediaType)new OpenApiMediaType { Schema = ViewSchemas.Bare(schema), Examples = examples.Count == 0 ? null : examples });
    }

    private IOpenApiSchema Body(Format format, Type view, DocumentFilterContext context)
    {
        var name = SchemaNames.Of(view);
        if (format == Format.GeoJson)
        {
            return GeoJson.Collection(context, view, name);
        }

        if (format == Format.Atom)
        {
            return new OpenApiSchema { Type = JsonSchemaType.String, ContentMediaType = format.MediaType, Description = "RFC 4287, with the links of RFC 5005 to the next page." };
        }

        if (format == Format.Events)
        {
            return new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                ContentMediaType = format.MediaType,
                Description = $"Server-Sent Events. Each event has the type change, as its id the number of the entry, and as its data one {name} as JSON. Comments come while there is silence; an id without data says how far what did not match has been looked at.",
            };
        }

        var text = format == Format.Csv
            ? $"RFC 4180, with a header line. One row for each {name}; the columns are always {ViewFields.Columns(view, json.Value.SerializerOptions)}."
            : $"One {name} as JSON on each line.";
        return new OpenApiSchema { Type = JsonSchemaType.String, ContentMediaType = format.MediaType, Description = text };
    }

    private IEnumerable<IOpenApiParameter> Parameters(ApiDescription api, Operations.Offers? offers, OpenApiDocument document, DocumentFilterContext context)
    {
        var handler = Metadata<MethodInfo>(api)!;
        foreach (var name in PathNames(api))
        {
            yield return PathParameter(api, name, handler.GetParameters().FirstOrDefault(p => p.Name == name)?.GetCustomAttribute<DescriptionAttribute>()?.Description);
        }

        if (Metadata<WriteOperation>(api) is { Method: var method })
        {
            yield return method == "POST"
                ? Header(document, "Idempotency-Key", "A name for this very request, 1 to 255 printable ASCII characters: sent again within a day, it gets the first answer again.", "5a1c2f6e-create-verkor")
                : Header(document, "If-Match", "The ETag of the version that this changes; * for whatever is there.", "\"v1-19-5b3ac1a0f2c4\"", isRequired: true);
        }

        var contract = Metadata<QueryContract>(api);
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

        if (offers?.Formats[0] == Format.Events)
        {
            yield return Header(document, "Last-Event-ID", "The id of the last event that was received: go on behind it.", "17");
            yield break;
        }

        if (Metadata<Requires>(api) is null)
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
        var request = _examples.FirstOrDefault(e => e.Operation == Id(api) && e.Status < 300)?.Request;
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
            "fields" => ViewFields.Names(offers.View, json.Value.SerializerOptions),
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

    private static Dictionary<string, IOpenApiHeader> Headers(OpenApiDocument document, params IEnumerable<string> names) =>
        names.ToDictionary(name => name, name => (IOpenApiHeader)new OpenApiHeaderReference(name, document));

    private static Dictionary<string, IOpenApiExample>? Named(IEnumerable<Example> examples)
    {
        // Of several of one kind, the first is shown; the others only prepare for what comes after them.
        var named = examples.DistinctBy(e => e.Name).ToList();
        return named.Count == 0 ? null : named.ToDictionary(e => e.Name, e => (IOpenApiExample)e.ToOpenApi());
    }

    private static string Id(ApiDescription api) => Metadata<IEndpointNameMetadata>(api)!.EndpointName;

    private static T? Metadata<T>(ApiDescription api)
        where T : class => api.ActionDescriptor.EndpointMetadata.OfType<T>().LastOrDefault();
}
