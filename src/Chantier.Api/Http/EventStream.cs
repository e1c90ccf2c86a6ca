using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Chantier.Api.Http;

/// <summary>Counts the streams that are open.</summary>
internal sealed class StreamLimit(IOptions<StreamOptions> options)
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

/// <summary>Server-Sent Events, until their reader or the service goes, or all is said.</summary>
/// <param name="instead">What to do where too many streams are open, as a part of a sentence.</param>
/// <param name="write">Writes the events.</param>
internal sealed class EventStream(string instead, Func<EventWriter, Task> write) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status200OK;

    /// <summary>The refusal where the client takes no events; null where it does.</summary>
    public static IResult? Unacceptable(HttpContext http, string elsewhere) => Negotiation.FormatOf(http.Request, null, [Format.Events]) is not null
        ? null
        : Problem.Of(406, "not-acceptable", "No acceptable format", $"Accept does not name text/event-stream, which is all that is served here; {elsewhere}").ToResult();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var limit = httpContext.RequestServices.GetRequiredService<StreamLimit>();
        if (!limit.TryEnter())
        {
            await Problem.Of(503, "too-many-streams", "Too many streams are open", $"This process serves as many streams as it may. Try again later, or {instead}.")
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
                var heartbeat = TimeSpan.FromSeconds(services.GetRequiredService<IOptions<StreamOptions>>().Value.HeartbeatSeconds);
                await write(new EventWriter(response.Body, heartbeat, services.GetRequiredService<TimeProvider>(), ending.Token));
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
}

/// <summary>Writes the events of one stream.</summary>
internal sealed class EventWriter(Stream body, TimeSpan heartbeat, TimeProvider clock, CancellationToken ending)
{
    private const int Bytes = 64 * 1024;

    private ArrayBufferWriter<byte> _buffer = Begun();

    public CancellationToken Ending => ending;

    public void Say(string text) => Encoding.UTF8.GetBytes(text, _buffer);

    public async Task WriteAsync<T>(string id, string type, T data, JsonTypeInfo<T> json)
    {
        Say($"id: {id}\nevent: {type}\ndata: ");
        await using (var writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = json.Options.Encoder, SkipValidation = true }))
        {
            JsonSerializer.Serialize(writer, data, json);
        }

        Say("\n\n");
        if (_buffer.WrittenCount > Bytes)
        {
            await body.WriteAsync(_buffer.WrittenMemory, ending);
            _buffer = new();
        }
    }

    public async Task FlushAsync()
    {
        if (_buffer.WrittenCount > 0)
        {
            await body.WriteAsync(_buffer.WrittenMemory, ending);
            await body.FlushAsync(ending);
            _buffer.ResetWrittenCount();
        }
    }

    /// <summary>Waits for what wakes the stream; false where there was silence for so long that the reader should hear that somebody is there.</summary>
    public async Task<bool> WaitAsync(Task woken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var isWoken = await Task.WhenAny(woken, Task.Delay(heartbeat, clock, silence.Token)) == woken;
        ending.ThrowIfCancellationRequested();
        await silence.CancelAsync();
        return isWoken;
    }

    private static ArrayBufferWriter<byte> Begun()
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("retry: 2000\n\n"u8);
        return buffer;
    }
}
