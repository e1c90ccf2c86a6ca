using System.Net;
using Chantier.Api.Tests.Changes;
using Chantier.Api.Webhooks;
using Microsoft.Extensions.Options;

namespace Chantier.Api.Tests.Webhooks;

/// <summary>Which addresses are on the internet.</summary>
public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.170")]
    [InlineData("192.0.2.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.9")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::a00:1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void These_addresses_are_not_public(string address) => Assert.False(WebhookTarget.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("192.0.1.1")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4007::1")]
    public void These_are(string address) => Assert.True(WebhookTarget.IsPublic(IPAddress.Parse(address)));
}

public sealed class WebhookTargetTests(PostgresFixture postgres) : FeedApi(postgres)
{
    [Theory]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://localhost/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://[64:ff9b::a00:1]/")]
    [InlineData("http://192.168.0.1/")]
    public async Task A_hook_to_such_an_address_is_refused(string url)
    {
        var refused = (await WriteAsync("POST", "/v1/webhooks", $$"""{"url":"{{url}}"}""")).IsProblem(422);
        Assert.Equal(("/url", "not_public"), (refused.Json.List("errors")[0].Text("pointer"), refused.Json.List("errors")[0].Text("code")));
    }

    [Fact]
    public async Task A_name_that_leads_to_one_is_not_connected_to()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        using var target = new WebhookTarget(Options.Create(new WebhookOptions()));
        // Names of this very machine, as its resolver knows them.
        foreach (var name in new[] { "localhost", Dns.GetHostName(), "127.0.0.1" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{name}:{receiver.Port}/");
            Assert.Equal((null, "The host leads to an address that is not a public one."), await target.SendAsync(request, Token) is var (status, error, _) ? (status, error) : default);
        }

        Assert.Empty(receiver.All);
    }

    [Fact]
    public async Task A_delivery_by_a_name_that_leads_to_one_fails_and_says_so()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        var hook = (await WriteAsync("POST", "/v1/webhooks", $$"""{"url":"http://{{Dns.GetHostName()}}:{{receiver.Port}}/"}""")).Is(201).Json.Text("id");
        (await WriteAsync("POST", $"/v1/webhooks/{hook}/ping", "{}")).Is(201);
        System.Text.Json.JsonElement delivery = default;
        for (var i = 0; i < 100 && delivery.Text("status") != "failed"; i++)
        {
            await Task.Delay(50, Token);
            delivery = (await WriteAsync("GET", $"/v1/webhooks/{hook}/deliveries")).Is(200).Items[0];
        }

        Assert.Equal(("failed", "The host leads to an address that is not a public one."), (delivery.Text("status"), delivery.Text("error")));
        Assert.Empty(receiver.All);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_an_endless_answer_is_not_read()
    {
        await using var receiver = await Receiver.StartAsync(Token);
        using var target = new WebhookTarget(Options.Create(new WebhookOptions { AllowPrivate = true, TimeoutSeconds = 2 }));
        receiver.Answer = http =>
        {
            http.Response.Headers.Location = $"{receiver.Address}/inside";
            return 307;
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, receiver.Address + "/hook");
        Assert.Equal((307, "It was answered with 307; redirects are not followed."), await target.SendAsync(request, Token) is var (status, error, _) ? (status, error) : default);
        Assert.Equal(["/hook"], receiver.All.Select(r => r.Path));

        receiver.Answer = http =>
        {
            Thread.Sleep(3000);
            return 200;
        };
        using var slow = new HttpRequestMessage(HttpMethod.Post, receiver.Address + "/slow");
        Assert.Equal("There was no answer within 2 seconds.", (await target.SendAsync(slow, Token)).Error);
    }
}
