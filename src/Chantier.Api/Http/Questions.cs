using System.Text.Json;
using Chantier.Api.Database;

namespace Chantier.Api.Http;

/// <summary>A POST that only reads: its question is too long for an address. It takes a body as writes do, and changes nothing.</summary>
internal static class Questions
{
    public static RouteHandlerBuilder MapQuestion<TBody, TView>(
        this IEndpointRouteBuilder routes, string pattern, string id, string summary, Func<Snapshot, TBody, Task<TView>> handle)
        where TBody : class => routes
        .MapPost(pattern, (HttpContext http, CancellationToken cancellation) => AnswerAsync(http, handle, cancellation))
        .WithName(id)
        .WithSummary(summary)
        .Accepts<TBody>(Format.Json.MediaType)
        .Asks<TView>()
        .ExcludeFromDescription();

    private static async Task<IResult> AnswerAsync<TBody, TView>(HttpContext http, Func<Snapshot, TBody, Task<TView>> handle, CancellationToken cancellation)
        where TBody : class
    {
        try
        {
            var body = Bodies.Bind<TBody>(Bodies.Parse(await Bodies.ReadAsync(http, Format.Json.MediaType)), JsonDefaults.Options(http));
            Bodies.Validate(body, http.RequestServices);
            await using var connection = await http.RequestServices.GetRequiredService<ReadSource>().OpenAsync(cancellation);
            var answer = JsonSerializer.SerializeToUtf8Bytes(
                await handle(new Snapshot(connection, null, cancellation), body), JsonDefaults.Options(http).GetTypeInfo(typeof(TView)));
            http.Response.Headers.CacheControl = "no-store";
            return TypedResults.Bytes(answer, Format.Json.MediaType);
        }
        catch (Refusal refusal)
        {
            return refusal.Answer;
        }
    }
}
