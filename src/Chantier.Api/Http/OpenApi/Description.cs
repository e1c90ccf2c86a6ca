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
            operation.Parameters = [.. new ParameterSchemas(services, json.Value.SerializerOptions, _examples).Of(api, offers, swaggerDoc, context)];
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
        var write = Metadata<Operations.Changes>(api);
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
                own.Description = offers switch { null => "The answer.", { Formats: [var only] } when only == Format.Events => "Events, until either side ends it.", { Formats: [var only] } when only == Format.Zip => "The file; 206 with the part that Range asks for.", { View: var view } when view == typeof(Stream) => "The file.", { IsList: true } => "A page of the list, in the format asked for.", _ => "The resource." };
                own.Headers = offers is null || offers.Formats[0] == Format.Events ? null : offers.View == typeof(Stream) && offers.Formats[0] != Format.Zip ? Headers(document, "Cache-Control") : Headers(document, offers.IsList ? [.. validators, "Link"] : validators);
                own.Content = (offers?.Formats ?? [Format.Json]).ToDictionary(format => format.MediaType, format => (IOpenApiMediaType)new OpenApiMediaType
                {
                    Schema = format == Format.Json ? ViewSchemas.Bare(own.Content![Format.Json.MediaType].Schema!) : Body(format, offers!.View, offers.About, context),
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
        if (Metadata<Operations.Takes>(api) is { } takes)
        {
            var example = _examples.FirstOrDefault(e => e.Operation == operation.OperationId && e.Type is not null && e.Status < 300);
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = Files(takes, example) };
            return;
        }

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

    // A file is what it is by its type; in a form it is a part behind another.
    private static Dictionary<string, IOpenApiMediaType> Files(Operations.Takes takes, Example? example)
    {
        var content = takes.Formats.ToDictionary(format => format.MediaType, format => (IOpenApiMediaType)new OpenApiMediaType
        {
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, ContentMediaType = format.MediaType },
            Examples = example?.Type == format.MediaType
                ? new Dictionary<string, IOpenApiExample> { [example.Name] = new OpenApiExample { Summary = $"{example.Method} {example.Request}", Value = example.Body!.DeepClone() } }
                : null,
        });
        content["multipart/form-data"] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new SortedSet<string>(StringComparer.Ordinal) { "file" },
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    [takes.Part] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = takes.About },
                    ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "The file, whose Content-Type or name tells its format." },
                },
            },
        };
        return content;
    }

    private IOpenApiSchema Body(Format format, Type view, string? about, DocumentFilterContext context)
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

        if (view == typeof(Stream))
        {
            return new OpenApiSchema { Type = JsonSchemaType.String, Format = format == Format.Zip ? "binary" : null, ContentMediaType = format.MediaType };
        }

        if (format == Format.Events)
        {
            return new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                ContentMediaType = format.MediaType,
                Description = $"Server-Sent Events. {about} as its data one {name} as JSON. Comments come while there is silence.",
            };
        }

        if (format == Format.Xlsx)
        {
            return new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", ContentMediaType = format.MediaType, Description = "A workbook with the rows and columns of CSV. Numbers, days and stamps are that, and no text is a formula." };
        }

        var text = format == Format.Csv
            ? $"RFC 4180, with a header line. A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a carriage return) is put behind a ', as is one that begins with a ' and goes on so; take one away where that is. One row for each {name}; the columns are always {ViewFields.Columns(view, json.Value.SerializerOptions)}."
            : $"One {name} as JSON on each line.";
        return new OpenApiSchema { Type = JsonSchemaType.String, ContentMediaType = format.MediaType, Description = text };
    }

    private static Dictionary<string, IOpenApiHeader> Headers(OpenApiDocument document, params IEnumerable<string> names) =>
        names.ToDictionary(name => name, name => (IOpenApiHeader)new OpenApiHeaderReference(name, document));

    private static Dictionary<string, IOpenApiExample>? Named(IEnumerable<Example> examples)
    {
        // Of several of one kind, the first is shown; the others only prepare for what comes after them.
        var named = examples.DistinctBy(e => e.Name).ToList();
        return named.Count == 0 ? null : named.ToDictionary(e => e.Name, e => (IOpenApiExample)e.ToOpenApi());
    }

    internal static T? Metadata<T>(ApiDescription api)
        where T : class => api.ActionDescriptor.EndpointMetadata.OfType<T>().LastOrDefault();
}
