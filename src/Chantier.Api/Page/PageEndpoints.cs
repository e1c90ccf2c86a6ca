using Chantier.Api.Hosting;
using Chantier.Api.Http;
using Microsoft.Extensions.Options;

namespace Chantier.Api.Page;

/// <summary>The page for people: one document, which tells its paths apart itself, and the files that it asks for.</summary>
internal static class PageEndpoints
{
    private const string Document = "/index.html";

    private static readonly string[] Paths = ["/factories/{slug}", "/sources/{slug}", "/dashboard"];

    // Where programs ask, a browser too is answered as they are.
    private static readonly string[] Rooms = ["v1", "ogc", "openapi", "docs", "health", "assets"];

    /// <summary>Comes before routing, because who asks for / decides what it is.</summary>
    public static void MapPage(this WebApplication app)
    {
        var files = PageFile.In(app.Services.GetRequiredService<IOptions<ChantierOptions>>().Value.PageFolder ?? Path.Combine(AppContext.BaseDirectory, "web"));
        // Files cost no more than the refusal of one would, so they are not counted, and take as long as the client does.
        var page = app.MapGroup("");
        page.ExcludeFromDescription().DisableRateLimiting().DisableRequestTimeout().AllowAnonymous();

        if (files.FirstOrDefault(file => file.Path == Document) is not { } document)
        {
            Log.PageMissing(app.Logger);
            foreach (var path in Paths)
            {
                page.MapGet(path, () => Problem.Of(404, "not-found", "There is no page here", "The page for people is not part of this build. GET / links to all that is served.").ToResult());
            }

            return;
        }

        app.Use(LeadPeopleAsync);
        foreach (var file in files)
        {
            page.MapGet(file.Path, file.Answer);
        }

        foreach (var path in Paths)
        {
            page.MapGet(path, document.Answer);
        }
    }

    /// <summary>
    /// Who wants HTML more than JSON, as browsers do, gets the page at /, where it leads on by itself, and where nothing is, which it
    /// then says. Everybody else gets the landing document at /, and elsewhere a problem.
    /// </summary>
    private static Task LeadPeopleAsync(HttpContext http, RequestDelegate next)
    {
        var parts = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isPage = parts is [] or ["factories"] or ["operators" or "regions", _];
        if ((isPage || IsNowhere(parts)) && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)))
        {
            http.Response.Headers.Vary = "Accept";
            if (Negotiation.FormatOf(http.Request, null, [Format.Json, Format.Html]) == Format.Html)
            {
                http.Request.Path = Document;
                http.Response.StatusCode = isPage ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
            }
        }

        return next(http);
    }

    // What looks like a file is asked for by no reader.
    private static bool IsNowhere(string[] parts) =>
        !(parts is ["factories" or "sources", _] or ["dashboard"] || Rooms.Contains(parts[0], StringComparer.OrdinalIgnoreCase) || parts[^1].Contains('.', StringComparison.Ordinal));
}
