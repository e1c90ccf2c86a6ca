using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Chantier.Api.Page;

/// <summary>A file of the page, kept in memory: what a client was given in one document must not change under it while the program runs.</summary>
internal sealed class PageFile
{
    private const string Html = "text/html";

    // Scripts and styles are the page's own; pictures of sites come from where they are published.
    private const string Policy = "default-src 'self'; script-src 'self'; style-src 'self'; worker-src 'self'; img-src 'self' data: blob: https: http:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

    private static readonly FileExtensionContentTypeProvider Types = new();

    private readonly byte[] _content;
    private readonly string _type;
    private readonly EntityTagHeaderValue _etag;

    private PageFile(string path, byte[] content)
    {
        (Path, _content) = (path, content);
        _type = Types.TryGetContentType(path, out var type) ? type : "application/octet-stream";
        // Weak, because the bytes that are sent depend on how they are compressed.
        _etag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"", isWeak: true);
    }

    /// <summary>From the root of the site.</summary>
    public string Path { get; }

    // The build puts a hash of the content into these names.
    private bool IsImmutable => Path.StartsWith("/assets/", StringComparison.Ordinal);

    /// <summary>All there are in a folder and below; none where there is no such folder.</summary>
    public static IReadOnlyList<PageFile> In(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => new PageFile($"/{System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/')}", File.ReadAllBytes(file)))]
        : [];

    public FileContentHttpResult Answer(HttpResponse response)
    {
        var headers = response.Headers;
        headers.CacheControl = IsImmutable ? "public, max-age=31536000, immutable" : "no-cache";
        headers.XContentTypeOptions = "nosniff";
        if (_type == Html)
        {
            headers.ContentSecurityPolicy = Policy;
            // Whoever publishes a picture is not told which site was looked at.
            headers["Referrer-Policy"] = "no-referrer";
        }

        return TypedResults.Bytes(_content, _type, entityTag: _etag);
    }
}
