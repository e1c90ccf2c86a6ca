using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Chantier.Api.Http;

/// <summary>How much anybody may ask for: configuration under Chantier:Limits (environment: Chantier__Limits__RequestsPerSecond and so on).</summary>
internal sealed class LimitOptions : IValidatableObject
{
    public const string Section = "Chantier:Limits";

    /// <summary>What a key, or an address without one, may ask for over time; 0 for no limit.</summary>
    [Range(0, 1_000_000, ErrorMessage = Section + ":RequestsPerSecond is out of range: it accepts 0 (no limit) to 1000000.")]
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>How many requests may come at once before that.</summary>
    [Range(1, 1_000_000, ErrorMessage = Section + ":Burst is out of range: it accepts 1 to 1000000.")]
    public int Burst { get; init; } = 1000;

    /// <summary>How long a request may take, its statements included.</summary>
    [Range(1, 3600, ErrorMessage = Section + ":RequestTimeoutSeconds is out of range: it accepts 1 to 3600.")]
    public int RequestTimeoutSeconds { get; init; } = 30;

    /// <summary>How many whole lists (limit=all) this process writes at once.</summary>
    [Range(0, 10_000, ErrorMessage = Section + ":Exports is out of range: it accepts 0 to 10000.")]
    public int Exports { get; init; } = 8;

    /// <summary>One answer with basis=expected derives no more factories anew than this.</summary>
    [Range(0, 10_000_000, ErrorMessage = Section + ":ExpectedFactories is out of range: it accepts 0 to 10000000.")]
    public int ExpectedFactories { get; init; } = 50_000;

    /// <summary>How large the body of a write may be.</summary>
    [Range(1024, 1024 * 1024 * 1024, ErrorMessage = Section + ":BodyBytes is out of range: it accepts 1024 to 1073741824.")]
    public int BodyBytes { get; init; } = 1024 * 1024;

    /// <summary>How large a file may be that is to be imported.</summary>
    [Range(1024L, 1024L * 1024 * 1024 * 1024, ErrorMessage = Section + ":ImportBytes is out of range: it accepts 1024 to 1099511627776.")]
    public long ImportBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>The proxies whose word on the client's address is taken: addresses or networks such as 10.0.0.0/8, separated by commas.</summary>
    public string? TrustedProxies { get; init; }

    internal IEnumerable<string> Proxies => TrustedProxies?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Proxies
        .Where(proxy => !IPAddress.TryParse(proxy, out _) && !System.Net.IPNetwork.TryParse(proxy, out _))
        .Select(proxy => new ValidationResult($"{Section}:TrustedProxies has '{proxy}': it accepts addresses such as 192.0.2.1 and networks such as 192.0.2.0/24, separated by commas."));
}

/// <summary>Bounds on size, time and rate; each refusal says so.</summary>
internal static class Limits
{
    public static void AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ExportLimit>();
        var limits = builder.Configuration.GetSection(LimitOptions.Section).Get<LimitOptions>() ?? new();

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = limits.BodyBytes);
        builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = TimeSpan.FromSeconds(limits.RequestTimeoutSeconds),
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
            WriteTimeoutResponse = http =>
            {
                // The token that has just stopped the request would stop this answer too.
                http.RequestAborted = CancellationToken.None;
                var advice = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
                    ? "Narrow it, or try again later."
                    : "Another write, such as that of an import, may have held it up: try again later.";
                return Problem.Of(503, "timeout", "The request took too long", $"It was stopped after {limits.RequestTimeoutSeconds} s, and changed nothing. {advice}").ToResult().ExecuteAsync(http);
            },
        });
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => limits.RequestsPerSecond == 0
                ? RateLimitPartition.GetNoLimiter("")
                : RateLimitPartition.GetTokenBucketLimiter(AskerOf(http), _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = limits.Burst,
                    TokensPerPeriod = limits.RequestsPerSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                }));
            limiter.OnRejected = RefuseAsync;
        });
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedPrefix;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in limits.Proxies)
            {
                if (System.Net.IPNetwork.TryParse(proxy, out var network))
                {
                    forwarded.KnownIPNetworks.Add(network);
                }
                else if (IPAddress.TryParse(proxy, out var address))
                {
                    forwarded.KnownProxies.Add(address);
                }
            }
        });
    }

    /// <summary>Takes the client's address from the proxies that are trusted. First, before anything reads it.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        // Without a known proxy the middleware would believe anybody.
        if (app.Services.GetRequiredService<IOptions<LimitOptions>>().Value.Proxies.Any())
        {
            app.UseForwardedHeaders();
        }
    }

    private static async ValueTask RefuseAsync(OnRejectedContext context, CancellationToken cancellation)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
        context.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        await Problem.Of(429, "too-many-requests", "Too many requests", $"This {(Caller.Of(context.HttpContext).KeyId is null ? "address" : "key")} has asked for more than its share. Try again after {wait} s.").ToResult().ExecuteAsync(context.HttpContext);
    }

    // An IPv6 subscriber has a /64 to itself.
    private static string AskerOf(HttpContext http) => Caller.Of(http).KeyId is { } key
        ? $"key {key}"
        : http.Connection.RemoteIpAddress switch
        {
            { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } six => Convert.ToHexString(six.GetAddressBytes().AsSpan(0, 8)),
            var four => four?.MapToIPv4().ToString() ?? "",
        };
}
