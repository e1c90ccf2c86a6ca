using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Chantier.Api.Tests.Webhooks;

/// <summary>Somebody's server on loopback, which answers as a test wants and keeps what it got.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _all = new();

    private Receiver(WebApplication app, string address) => (_app, Address) = (app, address);

    public string Address { get; private set; }

    public int Port => new Uri(Address).Port;

    /// <summary>What the next request is answered with; 204 where nothing is said.</summary>
    public Func<HttpContext, int> Answer { get; set; } = _ => 204;

    public IReadOnlyList<Received> All => [.. _all];

    public static async Task<Receiver> StartAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new Receiver(app, "");
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            var status = receiver.Answer(http);
            receiver._all.Enqueue(new(http.Request.Path, http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), body.ToArray(), status));
            http.Response.StatusCode = status;
        });
        await app.StartAsync(cancellation);
        receiver.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return receiver;
    }

    /// <summary>What came, once it is so much.</summary>
    public async Task<IReadOnlyList<Received>> WaitForAsync(int count, CancellationToken cancellation)
    {
        for (var i = 0; i < 200 && _all.Count < count; i++)
        {
            await Task.Delay(50, cancellation);
        }

        Assert.True(_all.Count >= count, $"{_all.Count} came, not {count}.");
        return All;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body, int Answered)
{
    private JsonElement? _json;

    public JsonElement Json => _json ??= JsonDocument.Parse(Body).RootElement;

    public long Seq => Json.GetProperty("data").GetProperty("seq").GetInt64();
}

/// <summary>A clock that stands still until it is told to go on.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<Waiting> _timers = [];
    private DateTimeOffset _now = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow()
    {
        lock (_timers)
        {
            return _now;
        }
    }

    public void Advance(TimeSpan by)
    {
        List<Waiting> due;
        lock (_timers)
        {
            _now += by;
            due = [.. _timers.Where(t => t.At <= _now)];
            _timers.RemoveAll(due.Contains);
        }

        due.ForEach(t => t.Run());
    }

    /// <summary>Waits until somebody waits for that moment, or one before it; a clock that jumps before would leave them behind.</summary>
    public async Task AlarmAsync(DateTimeOffset at, CancellationToken cancellation)
    {
        for (var i = 0; i < 400; i++)
        {
            lock (_timers)
            {
                if (_timers.Exists(t => t.At < at + TimeSpan.FromSeconds(1)))
                {
                    return;
                }
            }

            await Task.Delay(50, cancellation);
        }

        Assert.Fail($"Nobody waits for {at:O}.");
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Waiting(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Waiting(ManualTime time, Action run) : ITimer
    {
        public DateTimeOffset At { get; private set; }

        public Action Run => run;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._timers)
            {
                time._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    At = time._now + dueTime;
                    time._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._timers)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
