using System.ComponentModel;
using System.Data;
using System.Text.Json.Serialization.Metadata;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Npgsql;

namespace Chantier.Api.Changes;

/// <summary>
/// GET /v1/changes/stream: the feed as Server-Sent Events. Each stream reads the log by itself, a page at a time and no
/// faster than its client reads, so a slow client costs no memory and misses nothing.
/// </summary>
internal static class StreamChanges
{
    private const int Together = 100;

    internal sealed record Start
    {
        [Description("Start after this entry; the header Last-Event-ID takes precedence. Default: only entries from now on.")]
        public Given<Seq>? After { get; init; }
    }

    public static async Task<IResult> Handle([AsParameters] FeedFilter filter, [AsParameters] FactoryFilter factories, [AsParameters] Start start, HttpContext http, ChangeSignal signal, ReadSource source)
    {
        if (EventStream.Unacceptable(http, "GET /v1/changes has other formats.") is { } unacceptable)
        {
            return unacceptable;
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
            // A number beyond the end of the log is from a tracker that has lost entries since.
            from = Math.Min(last.Length > 0 ? Seq.Read(last)!.Number : start.After?.Value.Number ?? head.Seq, head.Seq);
        }

        var type = (JsonTypeInfo<FeedEntryView>)JsonDefaults.Options(http).GetTypeInfo(typeof(FeedEntryView));
        return new EventStream("poll GET /v1/changes", events => WriteAsync(events, feed, from, signal, source, type));
    }

    private static async Task WriteAsync(EventWriter events, Feed feed, long start, ChangeSignal signal, ReadSource source, JsonTypeInfo<FeedEntryView> type)
    {
        var (from, told) = (start, start);
        while (true)
        {
            var woken = signal.Next;
            var page = await TryReadAsync(feed, source, from, events.Ending);
            foreach (var entry in page?.Entries ?? [])
            {
                await events.WriteAsync($"{entry.Seq}", "change", entry, type);
                told = entry.Seq;
            }

            from = page?.Through ?? from;
            await events.FlushAsync();
            if (page?.HasMore != true && !await events.WaitAsync(woken))
            {
                // An id without data is no event, but the client resumes from it, so entries that did not match are not
                // examined again.
                events.Say(told == from ? ": still here\n\n" : $": still here\nid: {from}\n\n");
                told = from;
            }
        }
    }

    // Null while the database does not answer.
    private static async Task<FeedPage?> TryReadAsync(Feed feed, ReadSource source, long after, CancellationToken cancellation)
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
}
