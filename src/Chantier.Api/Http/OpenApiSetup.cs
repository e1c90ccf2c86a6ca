namespace Chantier.Api.Http;

/// <summary>The API's own description, by Swashbuckle: OpenAPI 3.1 at /openapi/v1.json, and a page to try it at /docs.</summary>
internal static class OpenApiSetup
{
    public static void AddOpenApiDocument(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen();
    }

    public static void MapOpenApi(this WebApplication app)
    {
        app.MapSwagger("/openapi/{documentName}.json");
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "docs";
            ui.SwaggerEndpoint("/openapi/v1.json", "Chantier v1");
            ui.DocumentTitle = "Chantier API";
        });
    }
}
