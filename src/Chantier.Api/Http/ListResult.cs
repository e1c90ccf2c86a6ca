namespace Chantier.Api.Http;

/// <summary>Writes one page in the format that was negotiated; of an export, part after part until there is no more.</summary>
internal sealed class ListResult<T>(Page<T> page, FieldSet<T> fields, Format format, IAsyncEnumerable<IReadOnlyList<T>>? rest = null) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancellation) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = format == Format.Csv ? "text/csv; charset=utf-8; header=present" : format.MediaType;
        AddLinks(httpContext);
        if (format == Format.Xlsx)
        {
            response.Headers.ContentDisposition = $"attachment; filename=\"{httpContext.Request.Path.Value!.Split('/')[^1]}.xlsx\"";
            // A workbook holds the moment when it was made: the same data are not the same bytes.
            response.Headers.ETag = response.Headers.ETag is [{ } tag] ? "W/" + tag : default;
        }

        await using var writer = RowWriter<T>.Of(format, fields, httpContext);
        await writer.WriteAsync(page.Items, cancellation);
        var count = page.Items.Count;
        if (rest is not null && !HeadRequests.IsHead(httpContext))
        {
            await foreach (var items in rest.WithCancellation(cancellation))
            {
                await writer.WriteAsync(items, cancellation);
                count += items.Count;
            }
        }

        await writer.EndAsync(rest is null ? page : page with { Info = page.Info with { Limit = count, Count = count, CountKind = "exact" } }, cancellation);
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
