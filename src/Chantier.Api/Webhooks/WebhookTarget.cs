using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Chantier.Api.Webhooks;

/// <summary>
/// The way out to receivers. What a hook's owner names may lead nowhere but to the public Internet: looked at is the very
/// address that is connected to, after the name is resolved, so that no second look-up can give another. Redirects are answers.
/// </summary>
internal sealed class WebhookTarget : IDisposable
{
    // IPv4 that is not public (IANA special-purpose registry, RFC 6890), multicast and reserved included.
    private static readonly Prefix[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(Prefix.Parse),
    ];

    // Of IPv6 only global unicast is public at all, which leaves out mapped, NAT64, unique-local, link-local and multicast; of
    // that not what protocols, documentation and 6to4 have, in which IPv4 can hide.
    private static readonly Prefix Global = Prefix.Parse("2000::/3");
    private static readonly Prefix[] NotGlobal = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(Prefix.Parse)];

    private readonly HttpMessageInvoker _http;
    private readonly TimeSpan _timeout;

    public WebhookTarget(IOptions<WebhookOptions> options)
    {
        _timeout = TimeSpan.FromSeconds(options.Value.TimeoutSeconds);
        var isOpen = options.Value.AllowPrivate;
#pragma warning disable CA2000 // The invoker disposes of its handler.
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = _timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxConnectionsPerServer = 8,
            MaxResponseHeadersLength = 16,
            // Bodies are not read; what little is left of one is drained, else the connection ends.
            MaxResponseDrainSize = 4096,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, isOpen, cancellation),
        });
#pragma warning restore CA2000
    }

    /// <summary>Whether an address is one of the public Internet.</summary>
    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Special.Any(prefix => prefix.Holds(address)),
        AddressFamily.InterNetworkV6 => Global.Holds(address) && !NotGlobal.Any(prefix => prefix.Holds(address)),
        _ => false,
    };

    /// <summary>Sends, and gives the status of the answer or why there is none.</summary>
    public async Task<(int? Status, string? Error, TimeSpan? RetryAfter)> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
            var status = (int)response.StatusCode;
            return (
                status,
                status is >= 200 and < 300 ? null : status is >= 300 and < 400 ? $"It was answered with {status}; redirects are not followed." : $"It was answered with {status}.",
                response.Headers.RetryAfter?.Delta);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"There was no answer within {_timeout.TotalSeconds} seconds.", null);
        }
        catch (HttpRequestException failed)
        {
            return (null, failed.InnerException is ForbiddenAddressException forbidden ? forbidden.Message : Words(failed.HttpRequestError), null);
        }
    }

    public void Dispose() => _http.Dispose();

    // Bit by bit: IPNetwork of .NET 10.0 says that 2000::/3 contains ::ffff:8.8.8.8. A test tells when that is over.
    private sealed record Prefix(byte[] Base, int Length)
    {
        public static Prefix Parse(string text) => new(IPAddress.Parse(text.Split('/')[0]).GetAddressBytes(), int.Parse(text.Split('/')[1]));

        public bool Holds(IPAddress address)
        {
            var bytes = address.GetAddressBytes();
            return bytes.Length == Base.Length && Enumerable.Range(0, Length).All(bit => ((bytes[bit / 8] ^ Base[bit / 8]) & (0x80 >> (bit % 8))) == 0);
        }
    }

    // Not the exception's own words, which can name addresses of our own network.
    private static string Words(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "The name of the host cannot be resolved.",
        HttpRequestError.ConnectionError => "The host does not take the connection.",
        HttpRequestError.SecureConnectionError => "TLS with the host failed.",
        HttpRequestError.ConfigurationLimitExceeded => "The answer is larger than is taken.",
        _ => "The host's answer is not HTTP, or broke off.",
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, bool isOpen, CancellationToken cancellation)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(host.Host, cancellation);
        }
        catch (SocketException unknown)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, unknown.Message, unknown);
        }

        // One that is not public among others is a trap: none of them is tried.
        if (addresses.Length == 0 || (!isOpen && !addresses.All(IsPublic)))
        {
            throw new ForbiddenAddressException();
        }

#pragma warning disable CA2000 // The stream owns it, or it is disposed of below.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
#pragma warning restore CA2000
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The host of a hook leads to an address that is not public.</summary>
internal sealed class ForbiddenAddressException() : IOException("The host leads to an address that is not a public one.");
