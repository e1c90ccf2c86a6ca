namespace Chantier.Api.Http;

/// <summary>What an operation gives, for OpenAPI: said once for each kind of operation.</summary>
internal static class Operations
{
    /// <summary>The view that an operation shows, alone or as the items of a list, and the formats that it offers.</summary>
    internal sealed record Offers(Type View, bool IsList, IReadOnlyList<Format> Formats)
    {
        /// <summary>Of a stream, what its events are, as the beginning of a sentence.</summary>
        public string? About { get; init; }

        /// <summary>Of a stream, whether it is taken up by the id of the last event.</summary>
        public bool IsResumed { get; init; }
    }

    /// <summary>That an operation changes something, and by which method.</summary>
    internal sealed record Changes(string Method);

    /// <summary>That an operation takes a file, in one of these formats, or in a form with another part before it.</summary>
    internal sealed record Takes(IReadOnlyList<Format> Formats, string Part, string About, string Description);

    /// <summary>The part of the API that an operation stands in.</summary>
    internal sealed record Room(string Name, string About);

    public static TBuilder InRoom<TBuilder>(this TBuilder routes, string name, string about)
        where TBuilder : IEndpointConventionBuilder => routes.WithTags(name).WithMetadata(new Room(name, about));

    public static RouteHandlerBuilder ListsOf<T>(this RouteHandlerBuilder route, string id, string summary, IReadOnlyList<Format>? formats = null)
        where T : ListRow => route
        .WithName(id)
        .WithSummary(summary)
        .WithCheckedQuery()
        .WithMetadata(new Offers(typeof(T), IsList: true, formats ?? Format.Plain))
        .Produces<Page<T>>(StatusCodes.Status200OK, Format.Json.MediaType)
        .Produces(StatusCodes.Status304NotModified)
        .Fails(400, 401, 406, 429, 503);

    /// <summary>One resource, which may not be there.</summary>
    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder route, string id, string summary) => route.Answers<T>(id, summary).OfOne();

    /// <summary>An answer that there always is.</summary>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder route, string id, string summary) => route
        .WithName(id)
        .WithSummary(summary)
        .WithCheckedQuery()
        .WithMetadata(new Offers(typeof(T), IsList: false, [Format.Json]))
        .Produces<T>(StatusCodes.Status200OK, Format.Json.MediaType)
        .Produces(StatusCodes.Status304NotModified)
        .Fails(400, 401, 406, 429, 503);

    /// <summary>A stream of events. What they are begins a sentence that ends with their data.</summary>
    public static RouteHandlerBuilder Streams<T>(this RouteHandlerBuilder route, string id, string summary, string about, bool isResumed = false) => route
        .WithName(id)
        .WithSummary(summary)
        .WithCheckedQuery()
        .WithMetadata(new Offers(typeof(T), IsList: false, [Format.Events]) { About = about, IsResumed = isResumed })
        .WithMetadata(new Microsoft.AspNetCore.Http.Timeouts.DisableRequestTimeoutAttribute())
        .Produces<T>(StatusCodes.Status200OK, Format.Events.MediaType)
        .Fails(400, 401, 406, 429, 503);

    /// <summary>A file that was made before, whole or in ranges.</summary>
    public static RouteHandlerBuilder Downloads(this RouteHandlerBuilder route, string id, string summary, Format format) => route
        .WithName(id)
        .WithSummary(summary)
        .WithCheckedQuery()
        .WithMetadata(new Offers(typeof(Stream), IsList: false, [format]))
        // As long as the client takes it.
        .WithMetadata(new Microsoft.AspNetCore.Http.Timeouts.DisableRequestTimeoutAttribute())
        .Produces(StatusCodes.Status200OK, contentType: format.MediaType)
        .Fails(400, 401, 429, 503)
        .OfOne();

    /// <summary>A POST whose body is a file, of any length that is taken, and makes something of it. Which types it accepts it says itself; routing would refuse others without a word.</summary>
    public static RouteHandlerBuilder Uploads<T>(this RouteHandlerBuilder route, string id, string summary, string pattern, Scope scope, Takes takes) => route
        .WithName(id)
        .WithSummary(summary)
        .WithDescription(takes.Description)
        .WithCheckedQuery()
        .WithMetadata(new Requires(scope), takes)
        // As long as the client takes to send it, which the server sees to that it does.
        .WithMetadata(new Microsoft.AspNetCore.Http.Timeouts.DisableRequestTimeoutAttribute())
        .Creates<T>()
        .Writes("POST", pattern);

    /// <summary>Something that needs no database.</summary>
    public static RouteHandlerBuilder Tells(this RouteHandlerBuilder route, string id, string summary) => route.WithName(id).WithSummary(summary).Fails(401, 429);

    /// <summary>What is under or of one resource, which may not be there.</summary>
    public static RouteHandlerBuilder OfOne(this RouteHandlerBuilder route) => route.Fails(404);

    public static RouteHandlerBuilder MayBeDeleted(this RouteHandlerBuilder route) => route.Fails(410);

    /// <summary>A resource whose old names lead to a new one.</summary>
    public static RouteHandlerBuilder MayHaveMoved(this RouteHandlerBuilder route) => route.Produces(StatusCodes.Status308PermanentRedirect);

    /// <summary>A read that not everybody may do.</summary>
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder route, Scope scope) => route.WithMetadata(new Requires(scope)).Fails(403);

    /// <summary>What every write can answer, whatever it writes: by its method, and by whether its path names something, which may not be there.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder route, string method, string pattern)
    {
        route.WithMetadata(new Changes(method)).Fails(401, 403, 429, 503);
        if (method != "DELETE")
        {
            route.Fails(400, 413, 415, 422);
        }

        if (method != "POST")
        {
            route.Fails(412, 428);
        }

        if (pattern.Contains('{', StringComparison.Ordinal))
        {
            route.OfOne();
        }

        return pattern.Contains("{slug}", StringComparison.Ordinal) ? route.MayBeDeleted().MayHaveMoved() : route;
    }

    /// <summary>A write that things as they stand may forbid: what is taken, has ended, or has something standing on it.</summary>
    public static RouteHandlerBuilder MayConflict(this RouteHandlerBuilder route) => route.Fails(409);

    /// <summary>A POST that makes something.</summary>
    public static RouteHandlerBuilder Creates<T>(this RouteHandlerBuilder route) => route.Produces<T>(StatusCodes.Status201Created, Format.Json.MediaType);

    /// <summary>A write that changes or ends something that is there.</summary>
    public static RouteHandlerBuilder Revises<T>(this RouteHandlerBuilder route) => route.Produces<T>(StatusCodes.Status200OK, Format.Json.MediaType);

    /// <summary>A DELETE.</summary>
    public static RouteHandlerBuilder Removes(this RouteHandlerBuilder route) => route.Produces(StatusCodes.Status204NoContent);

    /// <summary>A POST that asks, and changes nothing.</summary>
    public static RouteHandlerBuilder Asks<T>(this RouteHandlerBuilder route) => route
        .Produces<T>(StatusCodes.Status200OK, Format.Json.MediaType)
        .Fails(400, 401, 413, 415, 422, 429, 503);

    private static RouteHandlerBuilder Fails(this RouteHandlerBuilder route, params IEnumerable<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<Problem>(status, Problem.MediaType);
        }

        return route;
    }
}
