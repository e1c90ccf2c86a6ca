using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Chantier.Api.Tests;

/// <summary>Requests in one line, and what came back; who lends the service is told of what may have written.</summary>
internal sealed class Ask(HttpClient client, Action? wrote = null)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The answer, whatever it is. Headers are "Name: value".</summary>
    public Task<Answer> GetAsync(string path, params string[] headers) => SendAsync(HttpMethod.Get, path, headers);

    public Task<Answer> SendAsync(HttpMethod method, string path, params string[] headers) => SendAsync(new Sent(method.Method, path, Headers: headers));

    /// <summary>With a key and a body, as those who write send.</summary>
    public Task<Answer> WriteAsync(string method, string path, string? body, string? key, params string[] headers) => SendAsync(new Sent(method, path, key, body, Headers: headers));

    public async Task<Answer> SendAsync(Sent sent)
    {
        using var request = new HttpRequestMessage(new HttpMethod(sent.Method), new Uri(sent.Path, UriKind.Relative));
        request.Content = sent.Body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(sent.Body)) { Headers = { ContentType = new(sent.Type) } };
        request.Headers.Authorization = sent.Key is null ? null : new("Bearer", sent.Key);
        foreach (var header in sent.Headers ?? [])
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim());
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        if (sent.Method is not ("GET" or "HEAD" or "OPTIONS") && (int)response.StatusCode is < 400 or >= 500)
        {
            wrote?.Invoke();
        }

        // A stream has no end to wait for.
        var body = response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? [] : await response.Content.ReadAsByteArrayAsync(Token);
        return new($"{sent.Method} {sent.Path} {string.Join(' ', sent.Headers ?? [])}", response.StatusCode, Read(response.Headers, response.Content.Headers), body);
    }

    /// <summary>The body of an answer that must be 200.</summary>
    public async Task<JsonElement> JsonAsync(string path, params string[] headers) => (await GetAsync(path, headers)).Is(200).Json;

    /// <summary>The items of a list.</summary>
    public async Task<JsonElement[]> ItemsAsync(string path, params string[] headers) => (await GetAsync(path, headers)).Is(200).Items;

    /// <summary>The slugs of a list's items, in its order.</summary>
    public async Task<string[]> SlugsAsync(string path, params string[] headers) => [.. (await ItemsAsync(path, headers)).Select(item => item.Text("slug")!)];

    /// <summary>What one member says in each of a list's items.</summary>
    public async Task<string?[]> TextsAsync(string path, string member) => [.. (await ItemsAsync(path)).Select(item => item.Text(member))];

    private static Dictionary<string, string[]> Read(params HttpHeaders[] headers) =>
        headers.SelectMany(all => all).ToDictionary(header => header.Key, header => header.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
}

/// <summary>A request. Headers are "Name: value".</summary>
internal sealed record Sent(string Method, string Path, string? Key = null, string? Body = null, string Type = "application/json", string[]? Headers = null);

/// <summary>An answer, with what tests ask of one.</summary>
internal sealed record Answer(string Request, HttpStatusCode Status, IReadOnlyDictionary<string, string[]> Headers, byte[] Body)
{
    private JsonElement? _json;

    public string Text => Encoding.UTF8.GetString(Body);

    public string? MediaType => Header("Content-Type")?.Split(';')[0];

    public JsonElement Json => _json ??= JsonDocument.Parse(Body).RootElement;

    public JsonElement[] Items => [.. Json.GetProperty("items").EnumerateArray()];

    public string[] Slugs => [.. Items.Select(item => item.Text("slug")!)];

    public string? Next => Json.GetProperty("page").Text("next");

    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? string.Join(", ", values) : null;

    /// <summary>Fails with the request and the answer in the message.</summary>
    public Answer Is(int status)
    {
        Assert.True((int)Status == status, $"{Request}\nanswered {(int)Status}, not {status}: {Text[..Math.Min(Text.Length, 800)]}");
        return this;
    }

    /// <summary>A problem document of that status, with every member that each one has.</summary>
    public Answer IsProblem(int status)
    {
        Is(status);
        Assert.True(MediaType == "application/problem+json", $"{Request}\nanswered {MediaType}: {Text}");
        Assert.StartsWith("urn:chantier:problem:", Json.Text("type"), StringComparison.Ordinal);
        Assert.NotEqual("", Json.Text("title"));
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.NotEqual("", Json.Text("detail"));
        return this;
    }

    /// <summary>A 400 that blames exactly these parameters.</summary>
    public Answer Blames(params string[] parameters)
    {
        IsProblem(400);
        var errors = Json.TryGetProperty("errors", out var found) ? found.EnumerateArray().ToArray() : [];
        Assert.True(
            parameters.Order(StringComparer.Ordinal).SequenceEqual(errors.Select(e => e.Text("parameter")!).Distinct().Order(StringComparer.Ordinal)),
            $"{Request}\nblames other parameters than {string.Join(", ", parameters)}: {Text}");
        Assert.All(errors, e => Assert.False(string.IsNullOrEmpty(e.Text("code")) || string.IsNullOrEmpty(e.Text("detail"))));
        return this;
    }
}

/// <summary>Short ways into a JSON document.</summary>
internal static class JsonReading
{
    /// <summary>A member as text: of a string its content, of null and of what is missing null, else as it is written.</summary>
    public static string? Text(this JsonElement element, string path)
    {
        foreach (var member in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(member, out element))
            {
                return null;
            }
        }

        return element.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => element.GetString(),
            _ => element.GetRawText(),
        };
    }

    public static JsonElement[] List(this JsonElement element, string member) => [.. element.GetProperty(member).EnumerateArray()];
}
