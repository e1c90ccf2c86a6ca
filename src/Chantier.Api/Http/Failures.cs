using Chantier.Api.Hosting;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>Turns what was thrown, and answers without a body, into problem documents. Database text and stack traces stay in the log.</summary>
internal static class Failures
{
    public static async Task HandleAsync(HttpContext http)
    {
        var thrown = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        var logger = http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Chantier.Api.Requests");
        await Of(thrown, http, logger).ToResult().ExecuteAsync(http);
    }

    public static Task FillAsync(StatusCodeContext context)
    {
        var response = context.HttpContext.Response;
        // Routing does not know that HEAD is answered wherever GET is.
        if (response.Headers.Allow.ToString().Split(", ") is { } methods && methods.Contains("GET") && !methods.Contains("HEAD"))
        {
            response.Headers.Allow = string.Join(", ", methods.Append("HEAD").Order(StringComparer.Ordinal));
        }

        return Problem.ForStatus(response.StatusCode).ToResult().ExecuteAsync(context.HttpContext);
    }

    private static Problem Of(Exception? thrown, HttpContext http, ILogger logger)
    {
        switch (thrown)
        {
            case BadHttpRequestException bad:
                return Problem.ForStatus(bad.StatusCode);
            case PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } timeout:
                Log.DatabaseUnavailable(logger, http.Request.Method, http.Request.Path, timeout.MessageText);
                return Problem.Of(503, "query-too-dear", "The query took too long", "The statement was stopped at its time limit. Narrow the filter, or ask for fewer items.");
            case PostgresException { SqlState: "22021" or "22P05" }:
                return Problem.Of(400, "bad-text", "The text cannot be searched", "A value has a character that the database cannot hold, such as U+0000.");
            // No server, one that cannot just now, or one that does not let us in.
            case NpgsqlException database when database.IsTransient
                || database.SqlState is null or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification:
                Log.DatabaseUnavailable(logger, http.Request.Method, http.Request.Path, database.Message);
                return Problem.ForStatus(503);
            default:
                Log.RequestFailed(logger, thrown ?? new InvalidOperationException("No exception was kept."), http.Request.Method, http.Request.Path);
                return Problem.ForStatus(500);
        }
    }
}
