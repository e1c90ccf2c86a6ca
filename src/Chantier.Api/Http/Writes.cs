using System.Data;
using System.Security.Cryptography;
using System.Text;
using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>
/// Every write takes this way: who may, a body that holds its rules, one transaction under the one order of writes, the answer
/// rendered and kept with it. Handlers only say what is written.
/// </summary>
internal static class Writes
{
    public delegate Task<Outcome> Handler<in TBody>(Write write, TBody body);

    public static RouteHandlerBuilder MapWrite<TBody>(
        this IEndpointRouteBuilder routes, string method, string pattern, string id, string summary, Handler<TBody> handle,
        Scope scope = Scope.Curate, bool orProposed = true, Turn turn = Turn.First)
        where TBody : class
    {
        var requires = new Requires(scope, orProposed && scope == Scope.Curate);
        return Mapped(routes, method, pattern, id, summary, requires, turn, (bytes, services) =>
        {
            var body = Bodies.Bind<TBody>(Bodies.Parse(bytes), JsonDefaults.Options(services));
            Bodies.Validate(body, services);
            return new(write => handle(write, body));
        }).Accepts<TBody>(Format.Json.MediaType);
    }

    /// <summary>
    /// Maps a merge patch of a resource. It is applied to what a PUT would send to leave the resource unchanged, which
    /// current reads, so that the result is also validated before the lock.
    /// </summary>
    public static RouteHandlerBuilder MapPatch<TBody>(
        this IEndpointRouteBuilder routes, string pattern, string id, string summary,
        Func<Write, Func<TBody, TBody>, Task<Outcome>> handle, Func<Write, Task<TBody>> current, bool orProposed = true)
        where TBody : class =>
        Mapped(routes, "PATCH", pattern, id, summary, new(Scope.Curate, orProposed), Turn.First, (bytes, services) =>
        {
            var patch = Bodies.Parse(bytes);
            return new(write => handle(write, Patched), async write => Patched(await current(write)));

            TBody Patched(TBody before)
            {
                var options = JsonDefaults.Options(services);
                var there = System.Text.Json.JsonSerializer.SerializeToNode(before, options.GetTypeInfo(typeof(TBody)));
                // The patch is used twice, and a node has one parent.
                var body = Bodies.Bind<TBody>(Bodies.Merge(there, patch.DeepClone())!, options);
                Bodies.Validate(body, services);
                return body;
            }
        }).Accepts<TBody>(Bodies.MergePatch, Format.Json.MediaType);

    public static RouteHandlerBuilder MapRemoval(
        this IEndpointRouteBuilder routes, string pattern, string id, string summary, Func<Write, Task<Outcome>> handle,
        bool orProposed = true) =>
        Mapped(
            routes, "DELETE", pattern, id, summary, new(Scope.Curate, orProposed), Turn.First, (_, _) => new(handle));

    private static RouteHandlerBuilder Mapped(
        IEndpointRouteBuilder routes, string method, string pattern, string id, string summary, Requires requires, Turn turn,
        Func<byte[], IServiceProvider, BoundWrite> bind)
    {
        var operation = new WriteOperation(id, method, requires, turn, bind);
        return routes
            .MapMethods(pattern, [method], (Delegate)((HttpContext http) => RunAsync(() => CommitAsync(http, operation))))
            .WithName(id)
            .WithSummary(summary)
            .WithMetadata(requires, operation)
            .Writes(method, pattern);
    }

    /// <summary>
    /// The same for a body that is too long to be held. What it says is recorded as it comes, and put into a hash, by which the request
    /// is known when it comes again under one Idempotency-Key; then what was recorded of it anew is undone.
    /// </summary>
    public static Task<IResult> StreamAsync(HttpContext http, Func<Write, IncrementalHash, Task<Outcome>> handle) => RunAsync(async () =>
    {
        var (caller, key, cancellation) = (Caller.Of(http), KeyOf(http.Request), http.RequestAborted);
        await using var connection = await http.RequestServices.GetRequiredService<WriteSource>().OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        var write = new Write(caller, RouteOf(http), null, connection, transaction, http.RequestServices, cancellation);
        using var hash = Idempotency.Begin(http.Request);
        var outcome = await handle(write, hash);
        return key is not null && await Idempotency.FirstAnswerAsync(connection, transaction, caller, key, hash.GetHashAndReset(), cancellation) is { } first
            ? first
            : await AnswerAsync(http, write, outcome, key);
    });

    // What is refused is told here; leaving the transaction undoes all of it.
    private static async Task<IResult> RunAsync(Func<Task<IResult>> write)
    {
        try
        {
            return await write();
        }
        catch (Refusal refusal)
        {
            return refusal.Answer;
        }
        catch (PostgresException broken) when (Constraints.Explain(broken) is { } problem)
        {
            return problem.ToResult();
        }
    }

    private static async Task<IResult> CommitAsync(HttpContext http, WriteOperation operation)
    {
        if (http.Request.Query.Count > 0)
        {
            var unknown = http.Request.Query.Keys.Select(name => ProblemError.In(
                Shown.Of(name),
                "unknown_parameter",
                "is not a parameter here; a write takes none, what it says stands in its body."));
            throw new Refusal(Problem.InvalidParameters([.. unknown]));
        }

        var caller = Caller.Of(http);
        var method = operation.Method;
        var mediaType = method == "PATCH" ? Bodies.MergePatch : Format.Json.MediaType;
        var bytes = method != "DELETE" ? await Bodies.ReadAsync(http, mediaType) : [];
        var ifMatch = method is "PUT" or "PATCH" or "DELETE" ? IfMatchOf(http.Request) : null;
        var key = method == "POST" ? KeyOf(http.Request) : null;

        await using var connection =
            await http.RequestServices.GetRequiredService<WriteSource>().OpenAsync(http.RequestAborted);
        var request = new WriteRequest(http, operation, caller, bytes, ifMatch, key);
        try
        {
            return await CommitAsync(request, connection, operation.Turn);
        }
        catch (PostgresException overtaken) when (overtaken.SqlState == Write.Overtaken)
        {
            return await CommitAsync(request, connection, Turn.First);
        }
    }

    private static async Task<IResult> CommitAsync(WriteRequest request, NpgsqlConnection connection, Turn turn)
    {
        var (http, operation, caller, bytes, ifMatch, key) = request;
        var cancellation = http.RequestAborted;
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        if (key is not null)
        {
            using var hash = Idempotency.Begin(http.Request);
            hash.AppendData(bytes);
            if (await Idempotency.FirstAnswerAsync(connection, transaction, caller, key, hash.GetHashAndReset(), cancellation) is { } first)
            {
                return first;
            }
        }

        var bound = operation.Bind(bytes, http.RequestServices);
        var write = new Write(caller, RouteOf(http), ifMatch, connection, transaction, http.RequestServices, cancellation);
        var isProposed = caller.Scope < operation.Requires.Scope;
        if (turn == Turn.First || (turn == Turn.Last && isProposed))
        {
            if (bound.Check is { } check)
            {
                await check(write);
            }

            await write.TakeStampAsync();
        }

        var outcome = isProposed
            ? await Proposing.FileAsync(write, operation, bound, http.Request.Path, bytes)
            : await bound.Handle(write);
        // A claim stays as it was recorded, so its answer can be read when others may write again.
        var rendersLate = operation.Turn == Turn.Last && key is null;
        await write.FinishAsync(commits: rendersLate);
        if (!rendersLate)
        {
            return await AnswerAsync(http, write, outcome, key);
        }

        await write.CommitAsync();
        var rendered = await outcome.Render!(Reading.Of(http), write);
        return new Answer
        {
            Status = outcome.Status,
            ContentType = Format.Json.MediaType,
            Location = outcome.Location,
            Etag = rendered.ETag,
            Body = rendered.Body,
        };
    }

    // The answer is of the transaction, and kept in it.
    private static async Task<IResult> AnswerAsync(HttpContext http, Write write, Outcome outcome, string? key)
    {
        var rendered = outcome.Render is null ? null : await outcome.Render(Reading.Of(http), write);
        var answer = new Answer
        {
            Status = outcome.Status,
            ContentType = rendered is null ? null : Format.Json.MediaType,
            Location = outcome.Location,
            Etag = rendered?.ETag,
            Body = rendered?.Body,
        };
        if (key is not null)
        {
            await Idempotency.KeepAsync(write, key, answer);
        }

        await write.CommitAsync();
        return answer;
    }

    /// <summary>
    /// Makes the write of an operation with its answer, and rolls it back. The first write of a process is slow, because
    /// code is compiled and statements are planned for it. A rehearsal gives up where another write holds the lock.
    /// </summary>
    public static async Task RehearseAsync(
        WriteOperation operation, Caller caller, HttpContext http, byte[] body, CancellationToken cancellation)
    {
        var source = http.RequestServices.GetRequiredService<WriteSource>();
        await using var connection = await source.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        var write = new Write(caller, RouteOf(http), null, connection, transaction, http.RequestServices, cancellation);
        await write.ExecuteAsync("set local lock_timeout = '100ms'", new { });
        var outcome = await operation.Bind(body, http.RequestServices).Handle(write);
        await write.FinishAsync();
        await outcome.Render!(Reading.Of(http), write);
    }

    /// <summary>
    /// Makes a write, looks at it, and undoes it: nobody else ever sees it. What it would be refused for is told instead. The
    /// order of writes is held until both are done.
    /// </summary>
    public static async Task<(T? Seen, IResult? Refused)> RehearseAsync<T>(HttpContext http, Func<Write, Task> make, Func<Write, Task<T>> look)
    {
        var cancellation = http.RequestAborted;
        await using var connection = await http.RequestServices.GetRequiredService<WriteSource>().OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        var write = new Write(Caller.Of(http), RouteOf(http), null, connection, transaction, http.RequestServices, cancellation);
        try
        {
            await write.TakeStampAsync();
            await make(write);
            await write.FinishAsync();
            await write.ExecuteAsync("set constraints all immediate", new { });
            return (await look(write), null);
        }
        catch (Refusal refusal)
        {
            return (default, refusal.Answer);
        }
        catch (PostgresException broken) when (Constraints.Explain(broken) is { } problem)
        {
            return (default, problem.ToResult());
        }
    }

    private static Dictionary<string, string> RouteOf(HttpContext http) => http.Request.RouteValues.ToDictionary(part => part.Key, part => part.Value?.ToString() ?? "");

    // A weak or an unknown tag never matches; * asks only that it is there.
    private static int? IfMatchOf(HttpRequest request)
    {
        var header = request.Headers.IfMatch.ToString();
        if (header.Length == 0)
        {
            throw new Refusal(Problem.Of(428, "condition-needed", "A condition is needed", "Say which version this changes, with the header If-Match and the ETag of the last GET; so nobody's work is lost."));
        }

        return header == "*" ? null : Caching.VersionIn(header) ?? throw new Refusal(Problem.Stale(header));
    }

    private static string? KeyOf(HttpRequest request) => request.Headers["Idempotency-Key"] switch
    {
        [] => null,
        [{ Length: >= 1 and <= 255 } key] when key.All(c => c is >= ' ' and <= '~') => key,
        _ => throw new Refusal(Problem.Of(400, "bad-idempotency-key", "The Idempotency-Key is not accepted", "Idempotency-Key accepts one value of 1 to 255 printable ASCII characters.")),
    };
}

/// <summary>
/// The write of a route. Bind parses and validates a body, and returns the write of it. When a proposal is accepted, its
/// operation is found by the id.
/// </summary>
internal sealed record WriteOperation(
    string Id, string Method, Requires Requires, Turn Turn, Func<byte[], IServiceProvider, BoundWrite> Bind);

/// <summary>A write whose body is valid in itself.</summary>
/// <param name="Handle">Makes the write.</param>
/// <param name="Check">Checks before the lock what depends on the current state; null where Handle checks all of it.</param>
internal sealed record BoundWrite(Func<Write, Task<Outcome>> Handle, Func<Write, Task>? Check = null);

/// <summary>A request to write, with what it sends.</summary>
internal sealed record WriteRequest(
    HttpContext Http, WriteOperation Operation, Caller Caller, byte[] Body, int? IfMatch, string? IdempotencyKey);

/// <summary>When a write takes its place in the one order of writes, which nobody else has until it is committed.</summary>
internal enum Turn
{
    /// <summary>Before its handler, which then reads what nobody changes meanwhile.</summary>
    First,

    /// <summary>After its handler, which has left all that it writes to be sent then.</summary>
    Last,

    /// <summary>Never, as it records nothing.</summary>
    None,
}

/// <summary>The answer to a write, as it is sent and as it is kept for the same request coming again.</summary>
internal sealed record Answer : IResult
{
    public required int Status { get; init; }

    public string? ContentType { get; init; }

    public string? Location { get; init; }

    public string? Etag { get; init; }

    public byte[]? Body { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        if (Location is not null)
        {
            response.Headers.Location = httpContext.Request.PathBase + Location;
        }

        if (Etag is not null)
        {
            response.Headers.ETag = Etag;
        }

        if (Body is not null)
        {
            response.ContentType = ContentType;
            await response.Body.WriteAsync(Body, httpContext.RequestAborted);
        }
    }
}

/// <summary>Idempotency-Key: the same request again gets the first answer again, for a day.</summary>
internal static class Idempotency
{
    // The insert waits for whoever holds the same key; then it finds that one's answer, or, where that one failed, goes ahead.
    private const string ClaimSql = """
        delete from idempotency where created_at < clock_timestamp() - interval '24 hours';
        insert into idempotency (api_key_id, key, request) values (@keyId, @key, @request) on conflict do nothing returning 1;
        """;

    private const string KeptSql = "select request, status, content_type, location, etag, body from idempotency where api_key_id = @keyId and key = @key";

    private const string KeepSql = """
        update idempotency set status = @status, content_type = @contentType, location = @location, etag = @etag, body = @body
        where api_key_id = @keyId and key = @key
        """;

    /// <summary>What a request is known by: where it goes, and behind that its body.</summary>
    public static IncrementalHash Begin(HttpRequest request)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        return hash;
    }

    public static async Task<IResult?> FirstAnswerAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Caller caller, string key, byte[] hash, CancellationToken cancellation)
    {
        if (await connection.ExecuteScalarAsync<int?>(new CommandDefinition(ClaimSql, new { keyId = caller.KeyId, key, request = hash }, transaction, cancellationToken: cancellation)) is 1)
        {
            return null;
        }

        var kept = await connection.QuerySingleAsync<Kept>(new CommandDefinition(KeptSql, new { keyId = caller.KeyId, key }, transaction, cancellationToken: cancellation));
        return kept.Request.AsSpan().SequenceEqual(hash)
            ? new Answer { Status = kept.Status!.Value, ContentType = kept.ContentType, Location = kept.Location, Etag = kept.Etag, Body = kept.Body }
            : throw new Refusal(Problem.Of(422, "idempotency-key-reused", "The Idempotency-Key was used for another request", "This key came before with another path or body. Take a new key for a new request."));
    }

    public static Task KeepAsync(Write write, string key, Answer answer) => write.ExecuteAsync(
        KeepSql, new { keyId = write.Caller.KeyId, key, status = answer.Status, contentType = answer.ContentType, location = answer.Location, etag = answer.Etag, body = answer.Body });

    private sealed record Kept
    {
        public required byte[] Request { get; init; }

        public int? Status { get; init; }

        public string? ContentType { get; init; }

        public string? Location { get; init; }

        public string? Etag { get; init; }

        public byte[]? Body { get; init; }
    }
}
