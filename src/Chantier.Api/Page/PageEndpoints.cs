using Chantier.Api.Hosting;
using Chantier.Api.Http;
using Microsoft.Extensions.Options;

namespace Chantier.Api.Page;

/// <summary>The page for people: one document, which tells its paths apart itself, and the files that it asks for.</summary>
internal static class PageEndpoints
{
    private const string Document = "/index.html";

    private static readonly string[] Paths = ["/factories/{slug}", "/sources/{slug}", "/dashboard"];

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

    /// <summary>/ is the page to who wants HTML more than JSON, as browsers do, and the landing document to everybody else.</summary>
    private static Task LeadPeopleAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path == "/" && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)))
        {
            http.Response.Headers.Vary = "Accept";
            if (Negotiation.FormatOf(http.Request, null, [Format.Json, Format.Html]) == Format.Html)
            {
                http.Request.Path = Document;
            }
        }

        return next(http);
    }
}
