using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;

namespace Chantier.Api.Http;

/// <summary>
/// A bookmark in a list: the query it walks and the keys of the last item seen. Opaque to clients, carries no secret, and is
/// checked like any other input when it comes back.
/// </summary>
/// <param name="Path">The list it belongs to.</param>
/// <param name="Query">The query string of the walk, its language included.</param>
/// <param name="Keys">The sort keys of the last item, as text.</param>
/// <param name="Depth">How many items came before, for lists whose depth is capped.</param>
internal sealed record Cursor(
    [property: JsonPropertyName("p")] string Path,
    [property: JsonPropertyName("q")] string Query,
    [property: JsonPropertyName("k")] IReadOnlyList<string> Keys,
    [property: JsonPropertyName("n")] int Depth)
{
    // What a client may change from page to page; everything else is what the walk is.
    private static readonly HashSet<string> Free = ["cursor", "limit", "count", "fields", "include", "format", "f"];

    public static ProblemError Malformed => ProblemError.In("cursor", "malformed", $"is not a cursor of this list; it accepts {CursorText.Accepts}.");

    /// <summary>Whether a parameter is the walk's, and so the cursor to blame for what it says.</summary>
    public static bool Carries(string parameter) => !Free.Contains(parameter);

    public string Encode() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, CursorJson.Default.Cursor));

    public static Cursor? TryDecode(string text)
    {
        try
        {
            return text.Length <= CursorText.Longest
                && JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text), CursorJson.Default.Cursor) is { Path: not null, Query: not null, Keys: not null, Depth: >= 0 } cursor
                && cursor.Keys.All(key => key is not null && !key.Contains('\0', StringComparison.Ordinal))
                    ? cursor
                    : null;
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Unfolds a cursor into the query it stands for, before anything binds; the handlers never see the difference.</summary>
    public static async Task UnfoldAsync(HttpContext http, RequestDelegate next)
    {
        // What is given empty, or where there is no such parameter, is refused with all else that is wrong.
        if (string.IsNullOrEmpty(http.Request.Query["cursor"]) || http.GetEndpoint()?.Metadata.GetMetadata<QueryContract>()?.Parameters.ContainsKey("cursor") != true)
        {
            await next(http);
            return;
        }

        var cursor = http.Request.Query["cursor"] is [{ } text] ? TryDecode(text) : null;
        if (cursor is null || cursor.Path != http.Request.Path)
        {
            await Problem.InvalidParameters(Malformed).ToResult().ExecuteAsync(http);
            return;
        }

        var walk = QueryHelpers.ParseQuery(cursor.Query);
        foreach (var (name, value) in http.Request.Query)
        {
            if (Free.Contains(name))
            {
                walk[name] = value;
            }
            else if (!walk.TryGetValue(name, out var own) || own != value)
            {
                await Problem.InvalidParameters(ProblemError.In(Shown.Of(name), "fixed_by_cursor", "differs from what the cursor carries; leave it out, or start the walk anew without the cursor.")).ToResult().ExecuteAsync(http);
                return;
            }
        }

        http.Features.Set(cursor);
        http.Request.QueryString = QueryString.Create(walk);
        await next(http);
    }

    /// <summary>The query string of a walk: the request's own without what may change, and with the language it was answered in, if in any.</summary>
    public static string WalkOf(HttpRequest request, string? language) => QueryString.Create(request.Query
        .Where(parameter => !Free.Contains(parameter.Key) && parameter.Key != "lang")
        .Concat(language is null ? [] : [new KeyValuePair<string, StringValues>("lang", language)])).Value ?? "";
}

[JsonSerializable(typeof(Cursor))]
internal sealed partial class CursorJson : JsonSerializerContext;

/// <summary>A cursor as a parameter; its content is read before binding.</summary>
internal sealed record CursorText(string Text) : IReadable<CursorText>
{
    public static string Accepts => "the value of page.next, unchanged";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = Longest };

    /// <summary>Longer than any that is given out.</summary>
    public const int Longest = 8000;

    public static CursorText? Read(string text) => text.Length > 0 ? new(text) : null;
}
