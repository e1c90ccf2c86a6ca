using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Chantier.Api.Http;

/// <summary>Writes one page in the format that was negotiated.</summary>
internal sealed class ListResult<T>(Page<T> page, FieldSet<T> fields, Format format) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = format == Format.Csv ? "text/csv; charset=utf-8; header=present" : format.MediaType;
        AddLinks(httpContext);

        if (format == Format.Csv)
        {
            await WriteCsvAsync(httpContext);
            return;
        }

        await using var writer = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = JsonDefaults.Options(httpContext).Encoder, SkipValidation = true });
        if (format == Format.NdJson)
        {
            WriteLines(writer, response.BodyWriter);
        }
        else if (format == Format.GeoJson)
        {
            WriteFeatures(writer, JsonDefaults.Options(httpContext));
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            foreach (var item in page.Items)
            {
                fields.Write(writer, item);
            }

            writer.WriteEndArray();
            WriteTail(writer, JsonDefaults.Options(httpContext));
            writer.WriteEndObject();
        }

        await writer.FlushAsync(httpContext.RequestAborted);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private void WriteLines(Utf8JsonWriter writer, IBufferWriter<byte> body)
    {
        foreach (var item in page.Items)
        {
            fields.Write(writer, item);
            writer.Flush();
            body.Write("\n"u8);
            writer.Reset();
        }
    }

    private void WriteFeatures(Utf8JsonWriter writer, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "FeatureCollection"u8);
        writer.WriteStartArray("features"u8);
        foreach (var item in page.Items)
        {
            var place = (IPlaced)(object)item!;
            writer.WriteStartObject();
            writer.WriteString("type"u8, "Feature"u8);
            writer.WriteString("id"u8, place.FeatureId);
            writer.WritePropertyName("geometry"u8);
            place.WriteGeometry(writer);
            writer.WritePropertyName("properties"u8);
            fields.Write(writer, item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteTail(writer, options);
        writer.WriteEndObject();
    }

    private void WriteTail(Utf8JsonWriter writer, JsonSerializerOptions options)
    {
        writer.WritePropertyName("page"u8);
        JsonSerializer.Serialize(writer, page.Info, options.GetTypeInfo(typeof(PageInfo)));
        writer.WritePropertyName("asOf"u8);
        JsonSerializer.Serialize(writer, page.AsOf, options.GetTypeInfo(typeof(DateOnly)));
        writer.WritePropertyName("knownAt"u8);
        JsonSerializer.Serialize(writer, page.KnownAt, options.GetTypeInfo(typeof(DateTimeOffset)));
    }

    private async Task WriteCsvAsync(HttpContext http)
    {
        var table = new CsvTable<T>(JsonDefaults.Options(http), fields);
        await using var writer = new StreamWriter(http.Response.BodyWriter.AsStream(leaveOpen: true), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync(table.Header);
        foreach (var item in page.Items)
        {
            await writer.WriteLineAsync(table.Row(item));
        }
    }

    // Formats without an envelope need the links in the header; the others carry them too (RFC 8288).
    private void AddLinks(HttpContext http)
    {
        var links = new List<string>();
        if (page.Info.Next is { } next)
        {
            links.Add($"<{http.Request.PathBase}{http.Request.Path}?cursor={next}{Kept(http.Request, "limit")}{Kept(http.Request, "fields")}{Kept(http.Request, "include")}{Kept(http.Request, "format")}>; rel=\"next\"; type=\"{format.MediaType}\"");
        }

        if (page.Info.Next is not null || http.Features.Get<Cursor>() is not null)
        {
            links.Add($"<{http.Request.PathBase}{http.Request.Path}{FirstQuery(http.Request)}>; rel=\"first\"; type=\"{format.MediaType}\"");
        }

        if (links.Count > 0)
        {
            http.Response.Headers.Link = links.ToArray();
        }
    }

    private static string Kept(HttpRequest request, string name) => request.Query[name] is { Count: > 0 } values ? $"&{name}={Uri.EscapeDataString(values.ToString())}" : "";

    private static string FirstQuery(HttpRequest request) => QueryString.Create(request.Query.Where(parameter => parameter.Key != "cursor")).Value ?? "";
}
