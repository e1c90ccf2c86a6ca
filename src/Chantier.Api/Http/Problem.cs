using System.Text.Json.Serialization;

namespace Chantier.Api.Http;

/// <summary>An RFC 9457 problem document, the body of every answer from 400 up.</summary>
internal record Problem
{
    public const string MediaType = "application/problem+json";

    /// <summary>Stable: what a program may branch on.</summary>
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public required string Detail { get; init; }

    public string? Instance { get; init; }

    /// <summary>One entry for each thing that was wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProblemError>? Errors { get; init; }

    public static Problem Of(int status, string code, string title, string detail, IReadOnlyList<ProblemError>? errors = null) => new()
    {
        Type = $"urn:chantier:problem:{code}",
        Title = title,
        Status = status,
        Detail = detail,
        Errors = errors,
    };

    public static Problem InvalidParameters(params IReadOnlyList<ProblemError> errors) => Of(
        StatusCodes.Status400BadRequest,
        "invalid-parameter",
        "A parameter is not accepted",
        string.Join(' ', errors.Take(3).Select(e => $"{e.Parameter} {e.Detail}")),
        errors);

    public static Problem InvalidBody(params IReadOnlyList<ProblemError> errors) => Of(
        StatusCodes.Status422UnprocessableEntity,
        "invalid-body",
        "The body is not accepted",
        string.Join(' ', errors.Take(3).Select(e => $"{(string.IsNullOrEmpty(e.Pointer) ? "The body" : e.Pointer)} {e.Detail}")),
        errors);

    /// <summary>A name in a path that nothing has: the slug of some resources, the number of others.</summary>
    public static Problem NotFound(string what, string name) => Of(
        StatusCodes.Status404NotFound, "not-found", "There is no such resource", name.All(char.IsAsciiDigit)
            ? $"No {what} has the number {Shown.Of(name)}. GET the list to find one."
            : $"No {what} has the name '{Shown.Of(name)}'. Slugs are lower case and never change; GET the list to find one.");

    public static Problem Gone(string what, string slug) => Of(
        StatusCodes.Status410Gone, "gone", "The resource was deleted", $"The {what} '{Shown.Of(slug)}' was deleted. Its past stays readable with knownAt.");

    public static Problem Stale(string sent) => Of(
        StatusCodes.Status412PreconditionFailed, "stale", "The resource has changed", $"If-Match names {Shown.Of(sent)}, which is not the present version. GET it again, and decide anew.");

    public static Problem ForStatus(int status) => status switch
    {
        400 => Of(400, "bad-request", "The request cannot be read", "The request is not well-formed HTTP, or its path is not."),
        404 => Of(404, "not-found", "There is no such path", "Nothing is served at this path. GET / links to all that is."),
        405 => Of(405, "method-not-allowed", "The method is not allowed", "This path does not take this method; the Allow header names those it takes."),
        406 => Of(406, "not-acceptable", "No acceptable format", "Nothing that the Accept header names can be served here."),
        408 => Of(408, "request-timeout", "The request took too long to arrive", "The request was not complete in time."),
        413 => Of(413, "content-too-large", "The body is too large", "The body is larger than the server takes."),
        414 => Of(414, "uri-too-long", "The address is too long", "The path and query are longer than the 32 KiB that are taken. Ask in several requests, or by a filter that is shorter."),
        415 => Of(415, "unsupported-media-type", "The body's type is not accepted", "The Content-Type is not one that this path takes."),
        416 => Of(416, "range-not-satisfiable", "There is no such range", "The Range header asks for what lies behind the end; Content-Range tells how long it is."),
        431 => Of(431, "header-fields-too-large", "The headers are too large", "The request headers are larger than the 32 KiB, or more than the 100, that are taken."),
        503 => Of(503, "unavailable", "The service is busy", "The database cannot answer just now. Try again after the time in Retry-After."),
        _ => Of(status, status >= 500 ? "internal" : "error", status >= 500 ? "Something failed here" : "The request failed", status >= 500
            ? "The failure is ours, is logged, and nothing was changed by it." : "The request cannot be served."),
    };

    public IResult ToResult() => new ProblemResult(this);
}

/// <summary>One thing that was wrong: where, a code for programs, and a sentence that says what is accepted.</summary>
internal sealed record ProblemError(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Parameter,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Pointer,
    string Code,
    string Detail)
{
    public static ProblemError In(string parameter, string code, string detail) => new(parameter, null, code, detail);
}

/// <summary>Writes a problem document.</summary>
internal sealed class ProblemResult(Problem problem) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => problem.Status;

    public Problem Problem => problem;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = problem.Status;
        response.ContentType = Problem.MediaType;
        response.Headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status503ServiceUnavailable && response.Headers.RetryAfter.Count == 0)
        {
            response.Headers.RetryAfter = "2";
        }

        await response.WriteAsJsonAsync(
            problem with { Instance = httpContext.Request.Path }, JsonDefaults.Options(httpContext).GetTypeInfo(problem.GetType()), Problem.MediaType, httpContext.RequestAborted);
    }
}
