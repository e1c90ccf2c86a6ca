using System.Buffers;
using System.Text.Json;
using Chantier.Api.Http;

namespace Chantier.Api.Ogc;

/// <summary>Geometries in the coordinate reference system asked for.</summary>
internal static class OgcGeometry
{
    public static void Write(Utf8JsonWriter writer, IPlaced place, OgcCrs crs)
    {
        if (crs.Kind == OgcCrs.Axes.LonLat)
        {
            place.WriteGeometry(writer);
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var stored = new Utf8JsonWriter(buffer))
        {
            place.WriteGeometry(stored);
        }

        using var geometry = JsonDocument.Parse(buffer.WrittenMemory);
        if (geometry.RootElement.ValueKind == JsonValueKind.Null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, geometry.RootElement.GetProperty("type").GetString());
        writer.WritePropertyName("coordinates"u8);
        WritePositions(writer, geometry.RootElement.GetProperty("coordinates"), crs);
        writer.WriteEndObject();
    }

    private static void WritePositions(Utf8JsonWriter writer, JsonElement coordinates, OgcCrs crs)
    {
        writer.WriteStartArray();
        if (coordinates[0].ValueKind == JsonValueKind.Number)
        {
            var (first, second) = crs.Of(coordinates[0].GetDouble(), coordinates[1].GetDouble());
            writer.WriteNumberValue(first);
            writer.WriteNumberValue(second);
        }
        else
        {
            foreach (var inner in coordinates.EnumerateArray())
            {
                WritePositions(writer, inner, crs);
            }
        }

        writer.WriteEndArray();
    }
}

/// <summary>What is said around features: GeoJSON with links.</summary>
internal static class OgcFeatures
{
    public static void WriteLinks(Utf8JsonWriter writer, IEnumerable<OgcLink> links)
    {
        writer.WriteStartArray("links"u8);
        foreach (var link in links)
        {
            writer.WriteStartObject();
            writer.WriteString("rel"u8, link.Rel);
            writer.WriteString("type"u8, link.Type);
            writer.WriteString("href"u8, link.Href);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

/// <summary>A page of features.</summary>
internal sealed class FeaturesResult<T>(OgcCollection<T> collection, Page<T> page, OgcCrs crs) : IResult, IStatusCodeHttpResult
    where T : ListRow, IPlaced
{
    private const int Enough = 256 * 1024;

    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        response.ContentType = Format.GeoJson.MediaType;
        response.Headers["Content-Crs"] = $"<{crs.Uri}>";
        await using var writer = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = JsonDefaults.Options(httpContext).Encoder, SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("type"u8, "FeatureCollection"u8);
        var own = request.Query.Where(parameter => parameter.Key != "cursor").ToList();
        List<OgcLink> links =
        [
            OgcSite.Link(httpContext, "self", $"{collection.Path}/items{request.QueryString}", Format.GeoJson.MediaType),
            OgcSite.Link(httpContext, "collection", collection.Path, OgcSite.Json),
        ];
        if (page.Info.Next is { } next)
        {
            // What the walk is stands there once more: clients look for their filters in it. Typed, or some stop here without a word.
            links.Add(OgcSite.Link(httpContext, "next", $"{collection.Path}/items{QueryString.Create([.. own, new("cursor", next)])}", Format.GeoJson.MediaType));
        }

        OgcFeatures.WriteLinks(writer, links);
        if (page.Info.Count is { } count)
        {
            writer.WriteNumber("numberMatched"u8, count);
        }

        writer.WriteNumber("numberReturned"u8, page.Items.Count);
        writer.WriteStartArray("features"u8);
        var flushed = 0L;
        foreach (var item in page.Items)
        {
            collection.Write(writer, item, crs, links: null);
            if (writer.BytesPending + writer.BytesCommitted - flushed > Enough)
            {
                await writer.FlushAsync(httpContext.RequestAborted);
                await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
                flushed = writer.BytesCommitted;
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(httpContext.RequestAborted);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}

/// <summary>One feature.</summary>
internal sealed class FeatureResult<T>(OgcCollection<T> collection, T item, OgcCrs crs) : IResult, IStatusCodeHttpResult
    where T : ListRow, IPlaced
{
    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = Format.GeoJson.MediaType;
        response.Headers["Content-Crs"] = $"<{crs.Uri}>";
        await using var writer = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = JsonDefaults.Options(httpContext).Encoder, SkipValidation = true });
        collection.Write(writer, item, crs,
        [
            OgcSite.Link(httpContext, "self", $"{collection.Path}/items/{item.FeatureId}", Format.GeoJson.MediaType),
            OgcSite.Link(httpContext, "collection", collection.Path, OgcSite.Json),
            OgcSite.Link(httpContext, "alternate", $"{collection.Resource}/{item.FeatureId}", OgcSite.Json),
        ]);
        await writer.FlushAsync(httpContext.RequestAborted);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}
