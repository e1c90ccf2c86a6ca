using System.Net.Sockets;
using System.Text;

namespace Chantier.Api.Tests;

/// <summary>Requests byte by byte, for those that no client library would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends bytes as they are, and reads the answer until the server closes.</summary>
    public static async Task<Answer> SendAsync(Uri server, byte[] request, CancellationToken cancellation)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port, cancellation);
        await using var stream = socket.GetStream();
        var received = new MemoryStream();
        try
        {
            await stream.WriteAsync(request, cancellation);
            await stream.CopyToAsync(received, cancellation);
        }
        catch (IOException) when (received.Length > 0)
        {
            // The server closed before it had read all of a request that it refused.
        }

        return Parse(Encoding.Latin1.GetString(request.AsSpan(0, Math.Min(300, request.Length))), received.ToArray());
    }

    /// <summary>A GET of a target as it stands, then the connection ends.</summary>
    public static Task<Answer> GetAsync(Uri server, string target, IEnumerable<string> headers, CancellationToken cancellation) => SendAsync(
        server, Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n"), cancellation);

    private static Answer Parse(string request, byte[] received)
    {
        var end = received.AsSpan().IndexOf("\r\n\r\n"u8);
        Assert.True(end > 0, $"{request}\nwas answered with no HTTP: {Encoding.Latin1.GetString(received)}");
        var lines = Encoding.Latin1.GetString(received.AsSpan(0, end)).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(header => header.Key, header => header.Select(pair => pair[1].Trim()).ToArray(), StringComparer.OrdinalIgnoreCase);
        var body = received[(end + 4)..];
        if (headers.TryGetValue("Transfer-Encoding", out var encoding) && encoding is ["chunked"])
        {
            body = Unchunked(body);
        }

        return new(request, (System.Net.HttpStatusCode)int.Parse(lines[0].Split(' ')[1]), headers, body);
    }

    private static byte[] Unchunked(ReadOnlySpan<byte> chunks)
    {
        var whole = new MemoryStream();
        while (chunks.IndexOf("\r\n"u8) is > 0 and var line)
        {
            var size = Convert.ToInt32(Encoding.ASCII.GetString(chunks[..line]), 16);
            whole.Write(chunks.Slice(line + 2, size));
            chunks = chunks[(line + 2 + size + 2)..];
        }

        return whole.ToArray();
    }
}
