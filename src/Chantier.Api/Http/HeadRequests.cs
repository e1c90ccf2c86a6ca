namespace Chantier.Api.Http;

/// <summary>Answers HEAD as GET without the content (RFC 9110 §9.3.2), for every route at once.</summary>
internal static class HeadRequests
{
    private static readonly object Mark = new();

    /// <summary>Whether it is HEAD that is answered: for what would write without an end.</summary>
    public static bool IsHead(HttpContext http) => http.Items.ContainsKey(Mark);

    public static async Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await next(http);
            return;
        }

        var body = http.Response.Body;
        http.Response.Body = Stream.Null;
        http.Request.Method = HttpMethods.Get;
        http.Items[Mark] = true;
        // The server decides by the method whether a body follows, so it must see HEAD again before the headers go out.
        http.Response.OnStarting(() =>
        {
            http.Request.Method = HttpMethods.Head;
            return Task.CompletedTask;
        });
        try
        {
            await next(http);
        }
        finally
        {
            http.Request.Method = HttpMethods.Head;
            http.Response.Body = body;
        }
    }
}
