using System.Buffers;
using System.ComponentModel;
using System.Data;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Chantier.Api.Changes;

/// <summary>
/// GET /v1/changes/stream: the feed as Server-Sent Events. Each stream reads the log for itself, a page at a time and no faster
/// than its reader takes it, so that a slow one costs no memory and none can lag behind what others have seen.
/// </summary>
internal static class StreamChanges
{
    internal sealed record Start
    {
        [Description("Begin behind this entry; the header Last-Event-ID goes before it. Default: with what comes from now on.")]
        public Given<Seq>? After { get; init; }
    }

    public static async Task<IResult> Handle([AsParameters] FeedFilter filter, [AsParameters] FactoryFilter factories, [AsParameters] Start start, HttpContext http, StreamLimit limit, ReadSource source)
    {
        if (Negotiation.FormatOf(http.Request, null, [Format.Events]) is null)
        {
            return Problem.Of(406, "not-acceptable", "No acceptable format", "Accept does not name text/event-stream, which is all that is served here; GET /v1/changes has other formats.").ToResult();
        }

        var last = http.Request.Headers["Last-Event-ID"].ToString();
        if (last.Length > 0 && Seq.Read(last) is null)
        {
            return Problem.Of(400, "bad-last-event-id", "The Last-Event-ID is not accepted", $"Last-Event-ID is '{Shown.Of(last)}'; it accepts the id of an event of this stream, which is {Seq.Accepts}.").ToResult();
        }

        var feed = new Feed(filter, factories);
        long from;
        await using (var connection = await source.OpenAsync(http.RequestAborted))
        {
            var snapshot = new Snapshot(connection, null, http.RequestAborted);
            if (factories.CheckNames() is { } check && await check(snapshot) is { } instead)
            {
                return instead;
            }

            var head = (await snapshot.QueryAsync<Head>(Head.Sql, new { })).FirstOrDefault() ?? Head.Empty;
            // What lies ahead of the log was said by a tracker that has lost it since.
            from = Math.Min(last.Length > 0 ? Seq.Read(last)!.Number : start.After?.Value.Number ?? head.Seq, head.Seq);
        }

        return new StreamResult(feed, from, limit);
    }
}

/// <summary>Counts the streams that are open.</summary>
internal sealed class StreamLimit(IOptions<FeedOptions> options)
{
    private int _open;

    public int Open => Volatile.Read(ref _open);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= options.Value.MostStreams)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _open);
}

/// <summary>Writes a stream until its reader, or the service, goes.</summary>
internal sealed class StreamResult(Feed feed, long start, StreamLimit limit) : IResult, IStatusCodeHttpResult
{
    private const int Together = 100;
    private const int Bytes = 64 * 1024;

    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (!limit.TryEnter())
        {
            await Problem.Of(503, "too-many-streams", "Too many streams are open", "This process serves as many streams as it may. Try again later, or poll GET /v1/changes.")
                .ToResult().ExecuteAsync(httpContext);
            return;
        }

        try
        {
            await StreamAsync(httpContext);
        }
        finally
        {
            limit.Leave();
        }
    }

    private async Task StreamAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        var response = httpContext.Response;
        response.ContentType = Format.Events.MediaType;
        response.Headers.CacheControl = "no-store";
        // Proxies that gather answers would hold the events back.
        response.Headers["X-Accel-Buffering"] = "no";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await response.StartAsync(ending.Token);
            if (!HeadRequests.IsHead(httpContext))
            {
                await WriteAsync(
                    response.Body, services.GetRequiredService<ReadSource>(), services.GetRequiredService<ChangeSignal>(),
                    TimeSpan.FromSeconds(services.GetRequiredService<IOptions<FeedOptions>>().Value.HeartbeatSeconds), services.GetRequiredService<TimeProvider>(),
                    (JsonTypeInfo<FeedEntryView>)JsonDefaults.Options(services).GetTypeInfo(typeof(FeedEntryView)), ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader has gone, or the service stops: the stream ends here, and is taken up by its last id.
        }
        catch (IOException) when (ending.IsCancellationRequested)
        {
        }
    }

    private async Task WriteAsync(
        Stream body, ReadSource source, ChangeSignal signal, TimeSpan heartbeat, TimeProvider clock, JsonTypeInfo<FeedEntryView> type, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Say(buffer, "retry: 2000\n\n");
        var (from, told) = (start, start);
        while (true)
        {
            var woken = signal.Next;
            var page = await TryReadAsync(source, from, cancellation);
            foreach (var entry in page?.Entries ?? [])
            {
                Say(buffer, $"id: {entry.Seq}\nevent: change\ndata: ");
                await using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = type.Options.Encoder, SkipValidation = true }))
                {
                    JsonSerializer.Serialize(json, entry, type);
                }

                Say(buffer, "\n\n");
                told = entry.Seq;
                if (buffer.WrittenCount > Bytes)
                {
                    await body.WriteAsync(buffer.WrittenMemory, cancellation);
                    buffer = new();
                }
            }

            from = page?.Through ?? from;
            if (buffer.WrittenCount > 0)
            {
                await body.WriteAsync(buffer.WrittenMemory, cancellation);
                await body.FlushAsync(cancellation);
                buffer.ResetWrittenCount();
            }

            if (page?.HasMore == true)
            {
                continue;
            }

            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (await Task.WhenAny(woken, Task.Delay(heartbeat, clock, silence.Token)) != woken)
            {
                cancellation.ThrowIfCancellationRequested();
                // An id without data is no event, but is what the reader resumes from: what did not match is not looked at again.
                Say(buffer, told == from ? ": still here\n\n" : $": still here\nid: {from}\n\n");
                told = from;
            }

            await silence.CancelAsync();
        }
    }

    // Null while the database does not answer; the stream waits for it.
    private async Task<FeedPage?> TryReadAsync(ReadSource source, long after, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            var snapshot = new Snapshot(connection, transaction, cancellation);
            var head = (await snapshot.QueryAsync<Head>(Head.Sql, new { })).FirstOrDefault() ?? Head.Empty;
            return head.Seq <= after ? null : await feed.ReadAsync(snapshot, head, after, isNewestFirst: false, Together);
        }
        catch (NpgsqlException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static void Say(ArrayBufferWriter<byte> buffer, string text) => Encoding.UTF8.GetBytes(text, buffer);
}
