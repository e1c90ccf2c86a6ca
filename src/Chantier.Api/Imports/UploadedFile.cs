using Chantier.Api.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Chantier.Api.Imports;

/// <summary>A file as the body of a request, or as the part 'file' of a form, behind the part 'mappingFile'. It is read once, as it comes.</summary>
internal sealed class UploadedFile
{
    public const string Form = "multipart/form-data";

    private const int LongestBoundary = 70;

    private readonly MultipartReader? _form;

    private UploadedFile(string mediaType, Stream content, MultipartReader? form = null) => (MediaType, Content, _form) = (mediaType, content, form);

    public static string Accepted { get; } = string.Join(", ", QueueImport.Takes.Formats.Select(f => f.MediaType));

    public string MediaType { get; }

    public string? FileName { get; private init; }

    /// <summary>The part 'mappingFile'; null where there is none.</summary>
    public byte[]? Mapping { get; private init; }

    public Stream Content { get; }

    public static async Task<UploadedFile> OpenAsync(HttpRequest request, int longestMapping, CancellationToken cancellation)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            // RFC 9110 §12.5.3: so that nobody takes the type for the cause.
            request.HttpContext.Response.Headers.AcceptEncoding = "identity";
            throw Unsupported($"The Content-Encoding is '{Shown.Of(encoding.ToString())}'; it accepts none: send the file as it is, unpacked.");
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            throw Unsupported($"The Content-Type is '{Shown.Of(request.ContentType ?? "")}'; it accepts {Accepted} and {Form}.");
        }

        var mediaType = type.MediaType.ToString().ToLowerInvariant();
        if (mediaType == Form)
        {
            return await OpenFormAsync(request, HeaderUtilities.RemoveQuotes(type.Boundary).ToString(), longestMapping, cancellation);
        }

        return QueueImport.Takes.Formats.Any(f => f.MediaType == mediaType)
            ? new(mediaType, request.Body)
            : throw Unsupported($"The Content-Type is '{Shown.Of(request.ContentType ?? "")}'; it accepts {Accepted}, and {Form} with a mapping of your own.");
    }

    /// <summary>That nothing comes behind the file.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        if (_form is not null && await ReadAsync(() => _form.ReadNextSectionAsync(cancellation)) is not null)
        {
            throw Malformed("The form has something behind the part 'file'; it accepts 'mappingFile' and 'file', in this order.");
        }
    }

    /// <summary>Reads something of the body. Of a form it is told that it breaks off; of anything else the server tells it.</summary>
    public static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException and not BadHttpRequestException and not ConnectionResetException)
        {
            throw Malformed("The form breaks off, or its parts are not as RFC 7578 has them.");
        }
    }

    public static Refusal Unsupported(string detail) => new(Problem.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The body's type is not accepted", detail));

    private static async Task<UploadedFile> OpenFormAsync(HttpRequest request, string boundary, int longestMapping, CancellationToken cancellation)
    {
        if (boundary.Length is 0 or > LongestBoundary)
        {
            throw Malformed($"The Content-Type has no boundary of 1 to {LongestBoundary} characters, by which the parts of the form are told apart.");
        }

        var form = new MultipartReader(boundary, request.Body);
        byte[]? mapping = null;
        while (await ReadAsync(() => form.ReadNextSectionAsync(cancellation)) is { } part)
        {
            var named = ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) ? disposition : null;
            var name = HeaderUtilities.RemoveQuotes(named?.Name ?? "").ToString();
            if (name == QueueImport.Takes.Part && mapping is null)
            {
                mapping = await ReadAsync(() => ReadMappingAsync(part.Body, longestMapping, cancellation));
            }
            else if (name == "file")
            {
                var fileName = named!.FileNameStar.HasValue ? named.FileNameStar.ToString() : HeaderUtilities.RemoveQuotes(named.FileName).ToString();
                var type = MediaTypeHeaderValue.TryParse(part.ContentType, out var parsed) ? parsed.MediaType.ToString().ToLowerInvariant() : "";
                return new(type, part.Body, form) { Mapping = mapping, FileName = fileName is { Length: > 0 and <= 200 } && !fileName.Any(char.IsControl) ? fileName : null };
            }
            else
            {
                throw Malformed($"The form has a part '{Shown.Of(name)}' where it accepts {(mapping is null ? "'mappingFile' or 'file'" : "'file'")}.");
            }
        }

        throw Malformed("The form has no part 'file'; it accepts 'mappingFile' and 'file', in this order.");
    }

    private static async Task<byte[]> ReadMappingAsync(Stream body, int longest, CancellationToken cancellation)
    {
        var buffer = new byte[longest + 1];
        var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return read <= longest ? buffer[..read] : throw new Refusal(Problem.Of(413, "content-too-large", "The body is too large", $"A mapping may have {longest} bytes; this one has more."));
    }

    private static Refusal Malformed(string detail) => new(Problem.Of(400, "malformed-body", "The body cannot be read", detail));
}
