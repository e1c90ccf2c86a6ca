using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Chantier.Benchmarks;

/// <summary>
/// Sends requests over one connection that stays open. It reads no more of HTTP than where an answer ends, because what
/// a client spends is taken from the service on the same cores.
/// </summary>
internal sealed class HttpConnection(Socket socket, string authority) : IDisposable
{
    private readonly byte[] _buffer = new byte[1 << 21];

    public static async Task<HttpConnection> OpenAsync(Uri address, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, cancellation);
        return new(socket, address.Authority);
    }

    public Task GetAsync(string path, CancellationToken cancellation) =>
        SendAsync("GET", path, "", "", cancellation);

    public Task PostAsync(string path, string json, string key, CancellationToken cancellation) => SendAsync(
        "POST", path, $"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n", json, cancellation);

    /// <summary>Sends a merge patch for any version.</summary>
    public Task PatchAsync(string path, string json, string key, CancellationToken cancellation) => SendAsync(
        "PATCH",
        path,
        $"Authorization: Bearer {key}\r\nContent-Type: application/merge-patch+json\r\nIf-Match: *\r\n",
        json,
        cancellation);

    /// <summary>Returns how many milliseconds a request takes.</summary>
    public static async Task<double> TimeAsync(Func<Task> send)
    {
        var sent = Stopwatch.GetTimestamp();
        await send();
        return Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
    }

    public void Dispose() => socket.Dispose();

    private async Task SendAsync(
        string method, string path, string headers, string body, CancellationToken cancellation)
    {
        var length = body.Length == 0 ? "" : $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        var request = $"{method} {path} HTTP/1.1\r\nHost: {authority}\r\n{headers}{length}\r\n{body}";
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), SocketFlags.None, cancellation);
        await ReadAnswerAsync($"{method} {path} {body}", cancellation);
    }

    private async Task ReadAnswerAsync(string request, CancellationToken cancellation)
    {
        var filled = 0;
        var headEnd = -1;
        var length = -1;
        var head = "";
        while (true)
        {
            if (filled == _buffer.Length)
            {
                throw new InvalidOperationException($"The answer to {request} is larger than the buffer.");
            }

            var read = await socket.ReceiveAsync(_buffer.AsMemory(filled), SocketFlags.None, cancellation);
            if (read == 0)
            {
                throw new InvalidOperationException($"The service closed the connection during {request}.");
            }

            filled += read;
            if (headEnd < 0 && (headEnd = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) >= 0)
            {
                head = Encoding.ASCII.GetString(_buffer, 0, headEnd);
                length = LengthIn(head);
            }

            var isWhole = length < 0
                ? _buffer.AsSpan(0, filled).EndsWith("0\r\n\r\n"u8)
                : filled >= headEnd + 4 + length;
            if (headEnd >= 0 && isWhole)
            {
                break;
            }
        }

        if (!head.StartsWith("HTTP/1.1 2", StringComparison.Ordinal))
        {
            var answer = Encoding.UTF8.GetString(_buffer, 0, filled);
            throw new InvalidOperationException($"{request} was answered: {answer}");
        }
    }

    private static int LengthIn(string head)
    {
        const string Field = "Content-Length: ";
        var line = head.Split("\r\n")
            .FirstOrDefault(line => line.StartsWith(Field, StringComparison.OrdinalIgnoreCase));
        return line is null ? -1 : int.Parse(line.AsSpan(Field.Length), CultureInfo.InvariantCulture);
    }
}
