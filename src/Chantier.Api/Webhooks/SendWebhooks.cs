using System.Data;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chantier.Api.Changes;
using Chantier.Api.Database;
using Chantier.Api.Hosting;
using Chantier.Api.Http;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Chantier.Api.Webhooks;

/// <summary>
/// Sends the feed to webhooks. Entries that match are first written into the log of deliveries and then sent from there, each
/// only once the one before has arrived: at least once, in order. A hook belongs to one process at a time, by a lease that the
/// others see; no lock is held while a receiver answers.
/// </summary>
internal sealed class SendWebhooks(
    ReadSource reads, WriteSource writes, ChangeSignal signal, WebhookTarget target, TrackerId tracker, TimeProvider clock, IOptions<WebhookOptions> options,
    IServiceProvider services, ILogger<SendWebhooks> logger) : BackgroundService
{
    private const int Together = 50;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const string LeaseSql = """
        update webhook set lease = @lease, leased_until = @until
        where id = (
          select w.id from webhook w
          where w.deleted_at is null and w.leased_until <= @now
            and exists (select from api_key k where k.id = w.api_key_id and k.revoked_at is null)
            and (w.disabled_at is null and w.next_try_at <= @now
                  and (w.last_seq < (select seq from change_head) or exists (select from webhook_delivery d where d.webhook_id = w.id and d.status = 'pending'))
                or exists (select from webhook_delivery d where d.webhook_id = w.id and d.status = 'pending' and d.seq is null))
          order by w.next_try_at, w.id
          limit 1
          for update skip locked)
        returning id, url, filter, secret, last_seq, disabled_at is null and next_try_at <= @now as is_due, failing_since
        """;

    // Of those that wait for a moment, not for an entry: the first of these moments.
    private const string DueSql = """
        select min(greatest(w.next_try_at, w.leased_until)) as at from webhook w
        where w.deleted_at is null and w.disabled_at is null and greatest(w.next_try_at, w.leased_until) > @now
        """;

    private const string PendingSql = """
        select d.id, d.seq, d.attempts from webhook_delivery d
        where d.webhook_id = @hook and d.status = 'pending' and (@isDue or d.seq is null)
        order by d.seq nulls first, d.id limit @limit
        """;

    private const string QueueSql = """
        insert into webhook_delivery (webhook_id, seq, created_at)
        select @hook, s.seq, @now from unnest(@seqs) as s (seq) order by s.seq
        on conflict do nothing;
        update webhook set last_seq = greatest(last_seq, @through), leased_until = @until where id = @hook and lease = @lease;
        """;

    private const string ArrivedSql = """
        update webhook_delivery set status = 'delivered', attempts = attempts + 1, response = @response, error = null, tried_at = @now, delivered_at = @now, next_try_at = null
        where id = @delivery;
        update webhook set failing_since = null, next_try_at = '-infinity', leased_until = @until where id = @hook and lease = @lease;
        """;

    private const string FailedSql = """
        update webhook_delivery set attempts = attempts + 1, response = @response, error = @error, tried_at = @now, next_try_at = @next, status = case when seq is null then 'failed' else status end
        where id = @delivery;
        """;

    private const string FailingSql = """
        update webhook set failing_since = coalesce(failing_since, @now), next_try_at = @next,
          disabled_at = case when @why is null then disabled_at else @now end, disabled_why = coalesce(@why, disabled_why)
        where id = @hook and lease = @lease
        """;

    private const string ReleaseSql = "update webhook set lease = null, leased_until = '-infinity' where id = @hook and lease = @lease";

    private const string ForgetSql = "delete from webhook_delivery where status <> 'pending' and created_at < @before";

    /// <summary>How long to wait after so many attempts in vain: four times as long each time up to six hours, and never all at once.</summary>
    public static TimeSpan BackOff(int attempts, double random) =>
        TimeSpan.FromSeconds(Math.Min(5 * Math.Pow(4, Math.Min(attempts, 20) - 1), TimeSpan.FromHours(6).TotalSeconds) * (0.75 + (random / 2)));

    /// <summary>The signature of Standard Webhooks: of id, moment and body together.</summary>
    public static string Sign(byte[] secret, string id, long moment, byte[] body) =>
        $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{moment.ToString(CultureInfo.InvariantCulture)}."), .. body]))}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var busy = new List<Task>();
        var forgotten = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            var woken = signal.Next;
            var pause = Idle;
            try
            {
                while (busy.Count < options.Value.AtOnce && await LeaseAsync(stoppingToken) is { } hook)
                {
                    busy.Add(SendAsync(hook, stoppingToken));
                }

                var now = clock.GetUtcNow();
                if (now - forgotten > TimeSpan.FromHours(1))
                {
                    await ExecuteAsync(ForgetSql, new { before = now - Kept }, stoppingToken);
                    forgotten = now;
                }

                if (await QueryAsync<Due>(DueSql, new { now }, stoppingToken) is [{ At: { } due }] && due - now < pause)
                {
                    pause = due - now;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever goes wrong with sending must not end the service, which a hosted service that fails does.
            catch (Exception lost)
#pragma warning restore CA1031
            {
                Log.WebhooksWait(logger, lost);
                pause = TimeSpan.FromSeconds(1);
            }

            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny([woken, Task.Delay(pause, clock, ending.Token), .. busy]);
            await ending.CancelAsync();
            busy.RemoveAll(task => task.IsCompleted);
        }

        await Task.WhenAll(busy);
    }

    private async Task<Hook?> LeaseAsync(CancellationToken cancellation)
    {
        var (lease, now) = (Guid.NewGuid(), clock.GetUtcNow());
        return await QueryAsync<Hook>(LeaseSql, new { lease, now, until = now + Lease }, cancellation) is [var hook] ? hook with { Lease = lease } : null;
    }

    private async Task SendAsync(Hook hook, CancellationToken cancellation)
    {
        try
        {
            await SendDueAsync(hook, cancellation);
            await ExecuteAsync(ReleaseSql, new { hook = hook.Id, lease = hook.Lease }, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // So that another process need not wait for the lease to run out.
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await ExecuteAsync(ReleaseSql, new { hook = hook.Id, lease = hook.Lease }, soon.Token);
            }
            catch (Exception late) when (late is NpgsqlException or OperationCanceledException)
            {
                Log.WebhooksWait(logger, late);
            }
        }
#pragma warning disable CA1031 // The lease runs out by itself, and what was not noted is sent again.
        catch (Exception lost)
#pragma warning restore CA1031
        {
            Log.WebhooksWait(logger, lost);
        }
    }

    private async Task SendDueAsync(Hook hook, CancellationToken cancellation)
    {
        var (feed, errors) = WebhookFilter.Read(hook.Filter, services);
        if (errors.Count > 0)
        {
            // A filter that was good when it was taken, before an upgrade.
            await FailAsync(hook, "Its filter is no longer accepted: " + errors[0].Detail, cancellation);
            return;
        }

        if (hook.IsDue && (await PendingAsync(hook, 1, cancellation)).Count == 0)
        {
            await QueueAsync(hook, feed, cancellation);
        }

        var pending = await PendingAsync(hook, Together, cancellation);
        var entries = await EntriesAsync(feed, [.. pending.Select(d => d.Seq).OfType<long>()], cancellation);
        foreach (var delivery in pending)
        {
            var entry = delivery.Seq is { } seq ? entries[seq] : null;
            var (status, error, retryAfter) = await PostAsync(hook, delivery, entry, cancellation);
            var now = clock.GetUtcNow();
            if (error is null)
            {
                if (await ExecuteAsync(ArrivedSql, new { delivery = delivery.Id, response = status, hook = hook.Id, lease = hook.Lease, now, until = now + Lease }, cancellation) < 2)
                {
                    return; // Another process has the lease by now.
                }

                continue;
            }

            var wait = BackOff(delivery.Attempts + 1, RandomNumberGenerator.GetInt32(1000) / 1000.0);
            var next = now + (retryAfter > wait && retryAfter < TimeSpan.FromHours(6) ? retryAfter.Value : wait);
            await ExecuteAsync(FailedSql, new { delivery = delivery.Id, response = status, error, now, next = delivery.Seq is null ? (DateTimeOffset?)null : next }, cancellation);
            if (delivery.Seq is not null)
            {
                var since = hook.FailingSince ?? now;
                var why = status == StatusCodes.Status410Gone ? "It was answered with 410: gone."
                    : now - since >= TimeSpan.FromHours(options.Value.DisableAfterHours) ? $"Nothing has arrived since {since:yyyy-MM-ddTHH:mm:ssZ}." : null;
                await NoteFailingAsync(hook, next, why, cancellation);
                return;
            }
        }
    }

    private Task FailAsync(Hook hook, string why, CancellationToken cancellation) => NoteFailingAsync(hook, clock.GetUtcNow(), why, cancellation);

    private async Task NoteFailingAsync(Hook hook, DateTimeOffset next, string? why, CancellationToken cancellation)
    {
        await ExecuteAsync(FailingSql, new { hook = hook.Id, lease = hook.Lease, now = clock.GetUtcNow(), next, why }, cancellation);
        if (why is not null)
        {
            Log.WebhookDisabled(logger, hook.Id, why);
        }
    }

    private Task<List<Delivery>> PendingAsync(Hook hook, int limit, CancellationToken cancellation) =>
        QueryAsync<Delivery>(PendingSql, new { hook = hook.Id, isDue = hook.IsDue, limit }, cancellation);

    private async Task QueueAsync(Hook hook, Feed feed, CancellationToken cancellation)
    {
        var page = await InSnapshotAsync(async (snapshot, head) => await feed.ReadAsync(snapshot, head, hook.LastSeq, isNewestFirst: false, Together), cancellation);
        var now = clock.GetUtcNow();
        await ExecuteAsync(
            QueueSql,
            new
            {
                hook = hook.Id,
                lease = hook.Lease,
                // An advanced day is no news for a receiver.
                seqs = page.Entries.Where(e => e.ResourceType != Feed.DayType).Select(e => e.Seq).ToArray(),
                through = page.Through,
                now,
                until = now + Lease,
            },
            cancellation);
    }

    private async Task<Dictionary<long, FeedEntryView>> EntriesAsync(Feed feed, IReadOnlyList<long> seqs, CancellationToken cancellation) =>
        seqs.Count == 0 ? [] : (await InSnapshotAsync((snapshot, _) => feed.OfAsync(snapshot, seqs), cancellation)).ToDictionary(e => e.Seq);

    private async Task<(int? Status, string? Error, TimeSpan? RetryAfter)> PostAsync(Hook hook, Delivery delivery, FeedEntryView? entry, CancellationToken cancellation)
    {
        var body = await BodyAsync(delivery, entry, cancellation);
        var id = $"msg_{delivery.Id}";
        var moment = clock.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, hook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json", "utf-8");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Chantier", "1.0"));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", moment.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", Sign(hook.Secret, id, moment, body));
        return await target.SendAsync(request, cancellation);
    }

    // CloudEvents 1.0, structured: source and id together name the entry, whoever sends it.
    private async Task<byte[]> BodyAsync(Delivery delivery, FeedEntryView? entry, CancellationToken cancellation)
    {
        var json = JsonDefaults.Options(services);
        using var body = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = json.Encoder }))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", entry is null ? $"ping-{delivery.Id}" : entry.Seq.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("source", TrackerId.UrnOf(await tracker.GetAsync(cancellation)));
            writer.WriteString("type", entry is null ? "chantier.ping" : $"chantier.{entry.ResourceType}.{entry.Cause}");
            writer.WriteString("time", (entry?.At ?? clock.GetUtcNow()).UtcDateTime.ToString(TimestampConverter.Format, CultureInfo.InvariantCulture));
            if (entry is not null)
            {
                writer.WriteString("subject", entry.Url ?? $"{entry.ResourceType}:{entry.ResourceId}");
                // The extension by which a receiver sorts and resumes.
                writer.WriteString("sequence", entry.Seq.ToString("D19", CultureInfo.InvariantCulture));
                writer.WriteString("datacontenttype", Format.Json.MediaType);
                writer.WritePropertyName("data");
                JsonSerializer.Serialize(writer, entry, json.GetTypeInfo(typeof(FeedEntryView)));
            }

            writer.WriteEndObject();
        }

        return body.ToArray();
    }

    private async Task<T> InSnapshotAsync<T>(Func<Snapshot, Head, Task<T>> read, CancellationToken cancellation)
    {
        await using var connection = await reads.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var snapshot = new Snapshot(connection, transaction, cancellation);
        return await read(snapshot, (await snapshot.QueryAsync<Head>(Head.Sql, new { })).FirstOrDefault() ?? Head.Empty);
    }

    private async Task<List<T>> QueryAsync<T>(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await writes.OpenAsync(cancellation);
        return (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))).AsList();
    }

    private async Task<int> ExecuteAsync(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await writes.OpenAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
    }

    private sealed record Hook
    {
        public required long Id { get; init; }

        public required string Url { get; init; }

        public required string Filter { get; init; }

        public required byte[] Secret { get; init; }

        public required long LastSeq { get; init; }

        public required bool IsDue { get; init; }

        public DateTimeOffset? FailingSince { get; init; }

        public Guid Lease { get; init; }
    }

    private sealed record Due
    {
        public DateTimeOffset? At { get; init; }
    }

    private sealed record Delivery
    {
        public required long Id { get; init; }

        public long? Seq { get; init; }

        public required int Attempts { get; init; }
    }
}
