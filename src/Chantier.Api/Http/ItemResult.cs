using System.Text.Json;

namespace Chantier.Api.Http;

/// <summary>Writes one resource.</summary>
internal sealed class ItemResult<T>(T item, FieldSet<T> fields) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = Format.Json.MediaType;
        await using var writer = new Utf8JsonWriter(
            httpContext.Response.BodyWriter, new JsonWriterOptions { Encoder = JsonDefaults.Options(httpContext).Encoder, SkipValidation = true });
        fields.Write(writer, item);
        await writer.FlushAsync(httpContext.RequestAborted);
        await httpContext.Response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}

/// <summary>308 to the name that a thing has now; the query goes along.</summary>
internal sealed class MovedResult(string path) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status308PermanentRedirect;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        httpContext.Response.Headers.Location = httpContext.Request.PathBase + path + httpContext.Request.QueryString;
        return Task.CompletedTask;
    }
}
