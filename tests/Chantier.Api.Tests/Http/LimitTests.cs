using System.Diagnostics;
using System.Globalization;
using System.Text;
using Chantier.Api.Database;
using Chantier.Api.Keys;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Http;

/// <summary>Bounds on rate, size and time, each with the service set so that they are soon met.</summary>
public sealed class LimitTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_too_much_gets_429_and_is_served_again_after_the_time_it_names()
    {
        var connection = await postgres.WorldAsync(Token);
        var key = await CreateKey.RunAsync(connection, "reader", "read", Token);
        await using var api = await TestApi.StartAsync(connection, Token, "--Chantier:Limits:RequestsPerSecond=1", "--Chantier:Limits:Burst=3");
        var ask = new Ask(api.Client);

        for (var i = 0; i < 3; i++)
        {
            (await ask.GetAsync("/v1/statuses")).Is(200);
        }

        var refused = (await ask.GetAsync("/v1/statuses")).IsProblem(429);
        var wait = int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture);
        Assert.InRange(wait, 1, 5);
        // A key has a share of its own; whether the service lives, anybody may always ask.
        (await ask.GetAsync("/v1/statuses", $"Authorization: Bearer {key}")).Is(200);
        (await ask.GetAsync("/health/live")).Is(200);
        // Guessing keys is asking too.
        (await ask.GetAsync("/v1/statuses", "Authorization: Bearer ck_1_guess")).IsProblem(429);

        await Task.Delay(TimeSpan.FromSeconds(wait + 0.2), Token);
        (await ask.GetAsync("/v1/statuses")).Is(200);
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_each_client_has_its_own_share_and_nobody_else_is_believed()
    {
        var connection = await postgres.WorldAsync(Token);
        string[] tight = ["--Chantier:Limits:RequestsPerSecond=1", "--Chantier:Limits:Burst=1"];
        await using (var behind = await TestApi.StartAsync(connection, Token, [.. tight, "--Chantier:Limits:TrustedProxies=127.0.0.0/8,::1"]))
        {
            var ask = new Ask(behind.Client);
            (await ask.GetAsync("/v1/statuses", "X-Forwarded-For: 192.0.2.1")).Is(200);
            (await ask.GetAsync("/v1/statuses", "X-Forwarded-For: 192.0.2.2")).Is(200);
            (await ask.GetAsync("/v1/statuses", "X-Forwarded-For: 192.0.2.1")).IsProblem(429);
            // Of one subscriber of IPv6.
            (await ask.GetAsync("/v1/statuses", "X-Forwarded-For: 2001:db8::1")).Is(200);
            (await ask.GetAsync("/v1/statuses", "X-Forwarded-For: 2001:db8::2")).IsProblem(429);
        }

        await using var open = await TestApi.StartAsync(connection, Token, tight);
        var other = new Ask(open.Client);
        (await other.GetAsync("/v1/statuses", "X-Forwarded-For: 192.0.2.1")).Is(200);
        (await other.GetAsync("/v1/statuses", "X-Forwarded-For: 192.0.2.2")).IsProblem(429);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_503_and_its_statement_is_stopped()
    {
        var connection = await postgres.WorldAsync(Token);
        await using var api = await TestApi.StartAsync(connection, Token, "--Chantier:Limits:RequestTimeoutSeconds=1");
        await using var source = DataSources.Unpooled(connection);
        await using var other = await source.OpenConnectionAsync(Token);
        await using var transaction = await other.BeginTransactionAsync(Token);
        await other.ExecuteAsync(new CommandDefinition("lock table factory_current in access exclusive mode", transaction: transaction, cancellationToken: Token));

        var watch = Stopwatch.StartNew();
        var refused = (await new Ask(api.Client).GetAsync("/v1/factories")).IsProblem(503);

        Assert.NotNull(refused.Header("Retry-After"));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 10);
        Assert.Equal(0, await other.ExecuteScalarAsync<int>(new CommandDefinition(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'", transaction: transaction, cancellationToken: Token)));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_413_whether_its_length_is_said_or_not()
    {
        var connection = await postgres.WorldAsync(Token);
        var key = await CreateKey.RunAsync(connection, "curator", "curate", Token);
        await using var api = await TestApi.StartAsync(connection, Token, "--Chantier:Limits:BodyBytes=2000");
        var body = "{\"name\":\"" + new string('x', 3000) + "\"}";

        (await new Ask(api.Client).WriteAsync("POST", "/v1/factories", body, key)).IsProblem(413);

        using var chunked = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/factories", UriKind.Relative));
        chunked.Content = new StringContent(body, Encoding.UTF8, "application/json");
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        using var answer = await api.Client.SendAsync(chunked, Token);
        Assert.Equal(413, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("--Chantier:Limits:RequestsPerSecond=-1", "RequestsPerSecond")]
    [InlineData("--Chantier:Limits:TrustedProxies=the proxy", "TrustedProxies")]
    public async Task A_limit_that_is_none_ends_the_start_with_its_name(string setting, string name)
    {
        var connection = await postgres.WorldAsync(Token);

        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await (await TestApi.StartAsync(connection, Token, setting)).DisposeAsync());

        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }
}
