namespace Chantier.Api.Http;

/// <summary>How long an address and the headers may be.</summary>
internal static class RequestSize
{
    /// <summary>Bytes, of the address and of the headers each: a hundred of the longest slugs and a cursor fit.</summary>
    public const int Longest = 32 * 1024;

    public const int MostHeaders = 100;

    public static Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.Value!.Length + (http.Request.QueryString.Value?.Length ?? 0) > Longest)
        {
            return Problem.ForStatus(StatusCodes.Status414UriTooLong).ToResult().ExecuteAsync(http);
        }

        var size = 0;
        foreach (var (name, values) in http.Request.Headers)
        {
            foreach (var value in values)
            {
                size += name.Length + (value?.Length ?? 0) + 4;
            }
        }

        return size > Longest || http.Request.Headers.Count > MostHeaders
            ? Problem.ForStatus(StatusCodes.Status431RequestHeaderFieldsTooLarge).ToResult().ExecuteAsync(http)
            : next(http);
    }
}
