using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Net.Http.Headers;

namespace Chantier.Api.Http;

/// <summary>A way to write an answer.</summary>
internal sealed record Format(string Name, string MediaType)
{
    public static readonly Format Json = new("json", "application/json");
    public static readonly Format GeoJson = new("geojson", "application/geo+json");
    public static readonly Format Csv = new("csv", "text/csv");
    public static readonly Format NdJson = new("ndjson", "application/x-ndjson");
    public static readonly Format Xlsx = new("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");

    public static readonly Format Html = new("html", "text/html");
    public static readonly Format Atom = new("atom", "application/atom+xml");
    public static readonly Format Events = new("events", "text/event-stream");
    public static readonly Format Mvt = new("mvt", "application/vnd.mapbox-vector-tile");
    public static readonly Format Zip = new("zip", "application/zip");

    public static readonly IReadOnlyList<Format> Plain = [Json, Csv, NdJson, Xlsx];
    public static readonly IReadOnlyList<Format> WithPlaces = [Json, GeoJson, Csv, NdJson, Xlsx];
    public static readonly IReadOnlyList<Format> OfFeeds = [Json, NdJson, Atom];
}

/// <summary>What the client asked for besides the data: format, language and encoding.</summary>
internal static class Negotiation
{
    private static readonly string Build = typeof(Negotiation).Assembly.ManifestModule.ModuleVersionId.ToString("N");

    /// <summary>The format by ?format=, else by Accept; null where none of those offered is acceptable.</summary>
    public static Format? FormatOf(HttpRequest request, Given<Codes>? asked, IReadOnlyList<Format> offered)
    {
        if (asked is not null)
        {
            return offered.FirstOrDefault(f => asked.Value.Values is [var only] && only == f.Name);
        }

        if (request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
        {
            return offered[0];
        }

        // The most specific range decides how much a format is wanted (RFC 9110 §12.5.1); ties go to our own order.
        return offered
            .Select(format => (Format: format, Quality: QualityOf(format, accepted)))
            .Where(choice => choice.Quality > 0)
            .OrderByDescending(choice => choice.Quality)
            .Select(choice => choice.Format)
            .FirstOrDefault();
    }

    public static string LanguageOf(HttpRequest request, Given<Codes>? asked)
    {
        if (asked is not null)
        {
            return asked.Value.Values[0];
        }

        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptLanguage, out var wanted))
        {
            return "en";
        }

        return wanted.Where(w => (w.Quality ?? 1) > 0).OrderByDescending(w => w.Quality ?? 1)
            .Select(w => w.Value.Value is { Length: >= 2 } tag ? tag[..2].ToLowerInvariant() : "")
            .FirstOrDefault(tag => tag is "en" or "fr") ?? "en";
    }

    /// <summary>
    /// What distinguishes one representation of the same data from another. The path is that of the resource, where the
    /// request names another.
    /// </summary>
    public static string Representation(HttpContext http, Format format, string language, string? path = null)
    {
        http.Response.ContentType = format.MediaType;
        var compression = http.RequestServices.GetService<IResponseCompressionProvider>()?.GetCompressionProvider(http);
        var encoding = compression?.EncodingName ?? "identity";
        return Hash($"{format.Name}|{language}|{encoding}|{Build}|{path ?? $"{http.Request.Path}{http.Request.QueryString}"}");
    }

    private static double QualityOf(Format format, IList<MediaTypeHeaderValue> accepted) => accepted
        .Where(range => range.MatchesAllTypes || (range.MatchesAllSubTypes
            ? format.MediaType.StartsWith($"{range.Type}/", StringComparison.OrdinalIgnoreCase)
            // Exactly: a type with the suffix +json is not what application/json names (RFC 9110 §12.5.1).
            : range.MediaType.Equals(format.MediaType, StringComparison.OrdinalIgnoreCase)))
        .OrderByDescending(range => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2)
        .Select(range => range.Quality ?? 1)
        .FirstOrDefault();

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
}
