using System.Security.Cryptography;
using System.Text;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;

namespace Chantier.Api.Http.OpenApi;

/// <summary>The API's own description, by Swashbuckle: OpenAPI 3.1 at /openapi/v1.json, and a page to try it at /docs.</summary>
internal static class OpenApiSetup
{
    public const string MediaType = "application/vnd.oai.openapi+json;version=3.1";

    private const string About = """
        An open, evidence-first tracker of industrial sites: what the status of each was on a date, as it was known at a moment,
        and which source says so.

        **Two axes of time.** `asOf` is the date in the world, `knownAt` the moment of knowledge, `knownBy` its sense. What was
        claimed is never overwritten, so every past answer can be asked for again.

        **Dates** of claims are EDTF (ISO 8601-2) as the source gave them: `2024`, `2024-08`, `2024-08-15`, `2024~`,
        `2024-03/2024-06`. They are never padded. Stamps are RFC 3339 in UTC with microseconds.

        **Lists** answer a page and, in `page.next` and the `Link` header, the cursor of the next. Several values of a filter, separated
        by commas or the parameter repeated, mean "or"; several filters mean "and". An unknown parameter is refused, not ignored.

        **Formats** by `Accept` or `format`: JSON, CSV, NDJSON, and GeoJSON where items have a place. With `fields`, an answer carries
        only the properties named, whatever its schema requires.

        **Errors** are problem documents (RFC 9457). Their `type` is stable, and `errors` says of each parameter what was wrong and what
        is accepted.

        **Caching**: every answer with data has an `ETag`; send it back in `If-None-Match`, and 304 says that nothing changed. HEAD is
        answered wherever GET is. Any origin may read.

        **Writing** needs a key: `Authorization: Bearer ck_…`. What is said of the world is a claim: it is appended with its sources, and
        ends by being superseded or retracted, *in error* (it was ours, and never held) or *by news* (it held until a newer source).
        What is said of a resource itself is edited: `If-Match` names the version that a PUT, PATCH or DELETE changes. A POST with an
        `Idempotency-Key` can be sent again, and gets the first answer again, for a day. A key with the scope `contribute` files by the
        same requests what a curator then accepts or rejects: 202, and where the proposal is. What is stored although it looks odd is
        said in `warnings`.
        """;

    public static void AddOpenApiDocument(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "Chantier",
                Version = "1.0",
                Summary = "Industrial sites: what was so on a date, as known at a moment, and who says so",
                Description = About,
                License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
            });
            options.AddServer(new OpenApiServer { Url = "/" });
            options.AddSecurityDefinition(Description.Key, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "ck_<number>_<secret>",
                Description = "A key with a scope; each includes those before it: read, contribute (file proposals), curate (claims and edits), admin (merge, redact, keys).",
            });
            // Nothing is asked for where nothing is said: reading is open.
            options.AddSecurityRequirement(_ => []);
            options.OrderActionsBy(operation => operation.RelativePath);
            options.CustomSchemaIds(SchemaNames.Of);
            options.MapType<Given<Codes>>(() => Given<Codes>.Schema);
            options.IncludeXmlComments(typeof(OpenApiSetup).Assembly);
            options.SchemaFilter<ViewSchemas>();
            options.SchemaFilter<RequestSchemas>();
            options.DocumentFilter<Description>();
        });
        services.AddSingleton<OpenApiText>();
    }

    public static void MapOpenApi(this WebApplication app)
    {
        app.MapGet("/openapi/v1.json", (OpenApiText text, HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(text.Json.Value, MediaType, entityTag: text.ETag.Value);
        }).ExcludeFromDescription();
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "docs";
            ui.SwaggerEndpoint("/openapi/v1.json", "Chantier v1");
            ui.DocumentTitle = "Chantier API";
        });
    }
}

/// <summary>The document as it is sent. It follows from the program alone, so it is made once.</summary>
internal sealed class OpenApiText
{
    public OpenApiText(ISwaggerProvider provider)
    {
        Json = new(() =>
        {
            using var text = new StringWriter();
            provider.GetSwagger("v1").SerializeAsV31(new OpenApiJsonWriter(text));
            return Encoding.UTF8.GetBytes(text.ToString() + "\n");
        });
        ETag = new(() => new($"\"{Convert.ToHexStringLower(SHA256.HashData(Json.Value).AsSpan(0, 8))}\""));
    }

    public Lazy<byte[]> Json { get; }

    public Lazy<Microsoft.Net.Http.Headers.EntityTagHeaderValue> ETag { get; }
}

/// <summary>What the document calls a type.</summary>
internal static class SchemaNames
{
    public static string Of(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Page<>)
        ? Of(type.GetGenericArguments()[0]) + "Page"
        : type.Name.EndsWith("View", StringComparison.Ordinal) ? type.Name[..^"View".Length] : type.Name;
}
