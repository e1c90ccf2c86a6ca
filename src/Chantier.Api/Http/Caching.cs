using System.Globalization;
using Chantier.Api.Database;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>The validators of one answer, and how long whom may keep it.</summary>
internal sealed class Caching(HttpContext http)
{
    // What needs a scope is not the world's and not in its log, so no head of it can tell whether an answer still
    // holds.
    private bool IsPrivate => http.GetEndpoint()?.Metadata.GetMetadata<Requires>() is not null;

    /// <summary>
    /// The head of the log when something was looked up ahead of the answer, which may be older than what the answer
    /// was read with.
    /// </summary>
    public Head? LookedUp { get; set; }

    // If-Match will compare the version alone; If-None-Match compares the whole.
    public static string ETag(int? version, Head head, string representation)
    {
        var data = $"{head.Seq:x}.{head.Day.DayNumber:x}-{representation}";
        return version is null ? $"\"{data}\"" : $"\"v{version}-{data}\"";
    }

    /// <summary>The version in a tag that If-Match sends; null where there is none.</summary>
    public static int? VersionIn(string? header) =>
        header is ['"', 'v', .. var rest] && rest.IndexOf('-', StringComparison.Ordinal) is > 0 and var end
        && int.TryParse(rest.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    // By the head of the log alone, without the query. The version in a tag follows from the rest of it, so it need not
    // be read.
    public async Task<IResult?> IsUnchangedAsync(
        NpgsqlConnection connection, TimeAxes axes, string representation, CancellationToken cancellation)
    {
        if (IsPrivate)
        {
            return null;
        }

        var sent = TagsSent().Where(tag => tag.Length > 2 && tag.EndsWith($"-{representation}\"", StringComparison.Ordinal)).ToList();
        if (sent.Count == 0)
        {
            return null;
        }

        var head = await connection.QuerySingleAsync<Head>(new CommandDefinition(Head.Sql, cancellationToken: cancellation));
        var current = ETag(null, head, representation)[1..];
        if (sent.Find(IsCurrent) is not { } matched)
        {
            return null;
        }

        SetHeaders(axes, head, matched);
        return TypedResults.StatusCode(StatusCodes.Status304NotModified);

        bool IsCurrent(string tag) => tag[1..] == current
            || (tag[1] == 'v' && tag.EndsWith("-" + current, StringComparison.Ordinal)
                && tag.AsSpan(2, tag.Length - current.Length - 3).IndexOfAnyExceptInRange('0', '9') < 0);
    }

    /// <summary>
    /// The validators of an answer, which is 304 after all where the client asked for anything but what there is.
    /// </summary>
    public StatusCodeHttpResult? Set(TimeAxes axes, Head head, string representation, int? version)
    {
        // What rests on something older is validated as that.
        var etag = ETag(version, LookedUp is { } before && before.Seq < head.Seq ? before : head, representation);
        SetHeaders(axes, head, etag);
        return !IsPrivate && TagsSent().Any(tag => tag == "*" || tag == etag)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : null;
    }

    /// <summary>
    /// The tags of If-None-Match that a GET compares, which is weakly: W/ means nothing (RFC 9110 §13.1.2).
    /// </summary>
    private IEnumerable<string> TagsSent() => http.Request.Headers.IfNoneMatch
        .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Select(tag => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag);

    private void SetHeaders(TimeAxes axes, Head head, string etag)
    {
        var headers = http.Response.Headers;
        headers.ETag = etag;
        if (IsPrivate)
        {
            headers.CacheControl = "no-store";
            return;
        }

        // A final answer could be kept for ever, but a redaction must reach every cache within a day.
        headers.CacheControl = axes.IsFinal(head) ? "public, max-age=86400, immutable" : "no-cache";
        headers.Vary = "Accept, Accept-Language, Accept-Encoding";
    }
}
