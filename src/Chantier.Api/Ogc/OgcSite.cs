using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Chantier.Api.Hosting;
using Chantier.Api.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Chantier.Api.Ogc;

/// <summary>Where the service is for whoever asks, and how documents that are no data are answered.</summary>
internal static class OgcSite
{
    public const string Json = "application/json";
    public const string Schema = "application/schema+json";

    /// <summary>An absolute address: below the public one if that is configured, else below the one asked, as trusted proxies forward it.</summary>
    public static string Address(HttpContext http, string path)
    {
        var known = http.RequestServices.GetRequiredService<IOptions<ChantierOptions>>().Value.PublicUrl;
        return (known is null ? $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}" : known.TrimEnd('/')) + path;
    }

    public static OgcLink Link(HttpContext http, string rel, string path, string type, string? title = null) => new(Address(http, path), rel, type, title);

    public static IResult Document<T>(HttpContext http, T document, string type = Json) =>
        Document(http, JsonSerializer.SerializeToUtf8Bytes(document, (JsonTypeInfo<T>)JsonDefaults.Options(http).GetTypeInfo(typeof(T))), type);

    /// <summary>A document that tells by its own bytes whether it is the one that a client has.</summary>
    public static IResult Document(HttpContext http, byte[] document, string type)
    {
        // Kept by whoever likes, but asked for again: some clients keep on disk what nobody forbids, without an end.
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.Vary = "Accept-Encoding";
        return TypedResults.Bytes(document, type, entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(document).AsSpan(0, 8))}\""));
    }
}
