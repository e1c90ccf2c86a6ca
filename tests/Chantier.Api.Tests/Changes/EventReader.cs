using System.Text.Json;

namespace Chantier.Api.Tests.Changes;

/// <summary>Reads Server-Sent Events as the HTML standard has it, so far as the feed uses them; disposing of it cuts the connection.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;
    private readonly string _type;

    private EventReader(HttpResponseMessage response, StreamReader lines, string type) => (_response, _lines, _type) = (response, lines, type);

    public string? LastId { get; private set; }

    public int Comments { get; private set; }

    public int? Retry { get; private set; }

    public static async Task<EventReader> OpenAsync(HttpClient client, string path, string? lastId, CancellationToken cancellation, string? key = null, string type = "change")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        if (lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync(cancellation)), type);
    }

    /// <summary>The data of the next event; null where the stream ended.</summary>
    public async Task<JsonElement?> NextAsync(CancellationToken cancellation)
    {
        string? data = null;
        while (await _lines.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    using var document = JsonDocument.Parse(data);
                    return document.RootElement.Clone();
                }
            }
            else if (line[0] == ':')
            {
                Comments++;
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                LastId = line[4..];
            }
            else if (line.StartsWith("retry: ", StringComparison.Ordinal))
            {
                Retry = int.Parse(line[7..]);
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = line[6..];
            }
            else
            {
                Assert.Equal($"event: {_type}", line);
            }
        }

        return null;
    }

    /// <summary>Reads on until something holds of what was read so far, events aside.</summary>
    public async Task UntilAsync(Func<EventReader, bool> holds, CancellationToken cancellation)
    {
        while (!holds(this))
        {
            var line = await _lines.ReadLineAsync(cancellation);
            Assert.NotNull(line);
            Assert.False(line.StartsWith("data:", StringComparison.Ordinal), line);
            if (line.StartsWith(':'))
            {
                Comments++;
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                LastId = line[4..];
            }
        }
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }
}
