using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Chantier.Api.Keys;
using Chantier.Api.Tests.Changes;
using Chantier.Api.Webhooks;
using Chantier.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Chantier.Api.Tests.Webhooks;

public sealed class WebhookTests(PostgresFixture postgres) : FeedApi(postgres)
{
    private readonly ManualTime _time = new();
    private Receiver _receiver = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _receiver = await Receiver.StartAsync(Token);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private protected override Task<TestApi> StartAsync(string connection) => TestApi.StartAsync(
        connection, services => services.AddSingleton<TimeProvider>(_time), Token, "--Chantier:Webhooks:AllowPrivate=true");

    [Fact]
    public async Task Each_entry_arrives_signed_in_order_and_is_in_the_log()
    {
        var (id, secret) = await HookAsync("types=factory,status_event");
        var slug = await MakeFactoryAsync("Tiamat Amiens");
        await StateAsync(slug, "announced");
        await StateAsync(slug, "planning", "2024-03");

        var came = await _receiver.WaitForAsync(3, Token);
        Assert.Equal(["chantier.factory.created", "chantier.status_event.created", "chantier.status_event.created"], came.Select(r => r.Json.Text("type")));
        Assert.Equal(came.Select(r => r.Seq).Order(), came.Select(r => r.Seq));
        Assert.Equal(3, came.Select(r => r.Headers["webhook-id"]).Distinct().Count());
        Assert.All(came, received => AssertSigned(received, secret));
        Assert.All(came, received =>
        {
            Assert.StartsWith("application/cloudevents+json", received.Headers["content-type"], StringComparison.Ordinal);
            Assert.Equal(("1.0", "application/json"), (received.Json.Text("specversion"), received.Json.Text("datacontenttype")));
            Assert.Equal(received.Json.Text("id"), received.Json.Text("data.seq"));
            Assert.StartsWith("urn:uuid:", received.Json.Text("source"), StringComparison.Ordinal);
        });
        // The same entry, as the feed tells it.
        Assert.Equal((await Ask.ItemsAsync($"/v1/changes?after={came[0].Seq - 1}&limit=1"))[0].GetRawText(), came[0].Json.GetProperty("data").GetRawText());

        var log = await DeliveriesAsync(id, all => all.All(d => d.Text("status") == "delivered"));
        Assert.Equal(3, log.Length);
        Assert.All(log, d => Assert.Equal(("1", "204", null), (d.Text("attempts"), d.Text("response"), d.Text("error"))));
    }

    [Fact]
    public async Task What_fails_is_tried_again_after_a_while_and_nothing_overtakes_it()
    {
        var refuse = 2;
        _receiver.Answer = _ => refuse-- > 0 ? 500 : 204;
        var (id, _) = await HookAsync("types=factory");
        var (first, second) = (await MakeFactoryAsync("Première"), await MakeFactoryAsync("Seconde"));

        await _receiver.WaitForAsync(1, Token);
        var waiting = (await DeliveriesAsync(id, all => all.Any(d => d.Text("attempts") == "1"))).Single(d => d.Text("attempts") == "1");
        Assert.Equal(("pending", "500", "It was answered with 500."), (waiting.Text("status"), waiting.Text("response"), waiting.Text("error")));
        Assert.InRange(waiting.GetProperty("nextTryAt").GetDateTimeOffset() - _time.GetUtcNow(), TimeSpan.FromSeconds(3.5), TimeSpan.FromSeconds(6.5));
        await _time.AlarmAsync(waiting.GetProperty("nextTryAt").GetDateTimeOffset(), Token);
        _time.Advance(TimeSpan.FromSeconds(3));
        await Task.Delay(300, Token);
        Assert.Single(_receiver.All);

        _time.Advance(TimeSpan.FromSeconds(4));
        await _receiver.WaitForAsync(2, Token);
        var again = (await DeliveriesAsync(id, all => all.Any(d => d.Text("attempts") == "2"))).Single(d => d.Text("attempts") == "2");
        Assert.NotNull((await HookOfAsync(id)).Text("failingSince"));
        await _time.AlarmAsync(again.GetProperty("nextTryAt").GetDateTimeOffset(), Token);
        _time.Advance(TimeSpan.FromSeconds(26));
        var came = await _receiver.WaitForAsync(4, Token);
        Assert.Equal([first, first, first, second], came.Select(r => r.Json.Text("data.slug")));
        Assert.Single(came.Take(3).Select(r => r.Headers["webhook-id"]).Distinct());
        await DeliveriesAsync(id, all => all.All(d => d.Text("status") == "delivered"));
        Assert.Null((await HookOfAsync(id)).Text("failingSince"));
    }

    [Fact]
    public async Task A_hook_that_fails_for_days_is_disabled_and_goes_on_where_it_ended_when_it_is_taken_up_again()
    {
        _receiver.Answer = _ => 503;
        var (id, _) = await HookAsync("types=factory");
        await MakeFactoryAsync("Première");
        for (var tries = 1; (await HookOfAsync(id)).Text("active") == "true"; tries++)
        {
            Assert.True(tries < 40);
            var tried = (await DeliveriesAsync(id, all => all.Any(d => d.Text("attempts") == $"{tries}"))).Single(d => d.Text("attempts") == $"{tries}");
            if ((await HookOfAsync(id)).Text("active") == "true")
            {
                await _time.AlarmAsync(tried.GetProperty("nextTryAt").GetDateTimeOffset(), Token);
            }

            _time.Advance(TimeSpan.FromHours(8));
            await _receiver.WaitForAsync(Math.Min(tries + 1, 10), Token);
        }

        Assert.StartsWith("Nothing has arrived since", (await HookOfAsync(id)).Text("disabledWhy"), StringComparison.Ordinal);
        var before = _receiver.All.Count;
        await MakeFactoryAsync("Seconde");
        _time.Advance(TimeSpan.FromDays(1));
        await Task.Delay(300, Token);
        Assert.Equal(before, _receiver.All.Count);

        _receiver.Answer = _ => 204;
        (await WriteAsync("PATCH", $"/v1/webhooks/{id}", """{"active":true}""", ifMatch: "*")).Is(200);
        var came = await _receiver.WaitForAsync(before + 2, Token);
        Assert.Equal(["premiere", "seconde"], came.Skip(before).Select(r => r.Json.Text("data.slug")));
    }

    [Fact]
    public async Task Gone_disables_at_once()
    {
        _receiver.Answer = _ => 410;
        var (id, _) = await HookAsync("types=factory");
        await MakeFactoryAsync("Première");
        await _receiver.WaitForAsync(1, Token);
        await DeliveriesAsync(id, all => all.Any(d => d.Text("attempts") == "1"));
        await UntilAsync(async () => (await HookOfAsync(id)).Text("active") == "false");
    }

    [Fact]
    public async Task A_filter_of_factories_is_sent_what_left_it()
    {
        var slug = await MakeFactoryAsync("Tiamat Amiens");
        await HookAsync("region=hauts-de-france&types=factory");
        await MakeFactoryAsync("Ailleurs", "france");
        (await WriteAsync("PATCH", $"/v1/factories/{slug}", """{"region":"france"}""", ifMatch: "*")).Is(200);

        var came = Assert.Single(await _receiver.WaitForAsync(1, Token));
        Assert.Equal([slug], came.Json.GetProperty("data").List("left").Select(s => s.GetString()!));
    }

    [Fact]
    public async Task Advanced_day_is_not_sent()
    {
        var (id, _) = await HookAsync("");
        await AdvanceDayAsync();
        var slug = await MakeFactoryAsync("Tiamat Amiens");

        var came = await _receiver.WaitForAsync(2, Token);
        Assert.Equal(["chantier.phase.created", "chantier.factory.created"], came.Select(r => r.Json.Text("type")));
        Assert.Equal(2, (await DeliveriesAsync(id, all => all.All(d => d.Text("status") == "delivered"))).Length);
        Assert.Equal(slug, came[1].Json.Text("data.slug"));
    }

    [Fact]
    public async Task Two_processes_send_each_entry_once()
    {
        await using var other = await TestApi.StartAsync(Connection, Token, "--Chantier:Webhooks:AllowPrivate=true");
        var (id, _) = await HookAsync("types=factory");
        await HookAsync("types=factory", "/second");
        var names = Enumerable.Range(0, 20).Select(i => $"Usine {i}").ToList();
        await Task.WhenAll(names.Select(name => MakeFactoryAsync(name)));

        var came = await _receiver.WaitForAsync(40, Token);
        await DeliveriesAsync(id, all => all.Length == 20 && all.All(d => d.Text("status") == "delivered"));
        await Task.Delay(300, Token);
        Assert.Equal(40, _receiver.All.Count);
        foreach (var hook in came.GroupBy(r => r.Path))
        {
            Assert.Equal(20, hook.Select(r => r.Seq).Distinct().Count());
            Assert.Equal(hook.Select(r => r.Seq).Order(), hook.Select(r => r.Seq));
        }
    }

    [Fact]
    public async Task It_goes_on_after_the_database_was_away()
    {
        await HookAsync("types=factory");
        await World.ExecuteAsync(Connection, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await UntilAsync(async () => (int)(await WriteAsync("POST", "/v1/factories", """{"name":"Après","sector":"battery_cells","country":"FR"}""")).Status == 201);

        Assert.Equal("apres", (await _receiver.WaitForAsync(1, Token))[0].Json.Text("data.slug"));
    }

    [Fact]
    public async Task A_ping_is_sent_at_once_and_what_arrived_can_be_sent_once_more()
    {
        var (id, secret) = await HookAsync("types=factory");
        var ping = (await WriteAsync("POST", $"/v1/webhooks/{id}/ping", "{}")).Is(201);
        var came = await _receiver.WaitForAsync(1, Token);
        Assert.Equal("chantier.ping", came[0].Json.Text("type"));
        AssertSigned(came[0], secret);
        Assert.Equal($"/v1/webhooks/{id}/deliveries/{ping.Json.Text("id")}", ping.Header("Location"));

        await MakeFactoryAsync("Tiamat Amiens");
        await _receiver.WaitForAsync(2, Token);
        var delivery = (await DeliveriesAsync(id, all => all.Length == 2 && all.All(d => d.Text("status") == "delivered")))[0].Text("id");
        (await WriteAsync("POST", $"/v1/webhooks/{id}/deliveries/{delivery}/retry", "{}")).Is(200);
        came = await _receiver.WaitForAsync(3, Token);
        Assert.Equal(came[1].Headers["webhook-id"], came[2].Headers["webhook-id"]);
        (await WriteAsync("POST", $"/v1/webhooks/{id}/deliveries/999/retry", "{}")).IsProblem(404);
    }

    [Fact]
    public async Task A_hook_is_its_owners_and_its_secret_is_shown_once()
    {
        var (id, secret) = await HookAsync("");
        var other = await CreateKey.RunAsync(Connection, "other", "curate", Token);
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Null((await HookOfAsync(id)).Text("secret"));
        (await WriteAsync("GET", $"/v1/webhooks/{id}", key: other)).IsProblem(404);
        (await WriteAsync("GET", $"/v1/webhooks/{id}/deliveries", key: other)).IsProblem(404);
        (await WriteAsync("PATCH", $"/v1/webhooks/{id}", """{"active":false}""", other, "*")).IsProblem(404);
        (await WriteAsync("DELETE", $"/v1/webhooks/{id}", key: other, ifMatch: "*")).IsProblem(404);
        Assert.Empty((await WriteAsync("GET", "/v1/webhooks", key: other)).Is(200).Items);
        Assert.Single((await WriteAsync("GET", "/v1/webhooks", key: Admin)).Is(200).Items);
        (await Ask.GetAsync("/v1/webhooks")).IsProblem(401);

        (await WriteAsync("PATCH", $"/v1/webhooks/{id}", """{"active":false}""")).IsProblem(428);
        (await WriteAsync("DELETE", $"/v1/webhooks/{id}", ifMatch: "\"v7-0-0\"")).IsProblem(412);
        (await WriteAsync("DELETE", $"/v1/webhooks/{id}", ifMatch: "*")).Is(204);
        (await WriteAsync("GET", $"/v1/webhooks/{id}")).IsProblem(404);
    }

    [Theory]
    [InlineData("""{"url":"ftp://example.com/"}""", "/url")]
    [InlineData("""{"url":"https://user@example.com/"}""", "/url")]
    [InlineData("""{"filter":"types=factory"}""", "/url")]
    [InlineData("""{"url":"https://example.com/","filter":"types=plant"}""", "/filter")]
    [InlineData("""{"url":"https://example.com/","filter":"limit=5"}""", "/filter")]
    [InlineData("""{"url":"https://example.com/","filter":"region=atlantis"}""", "/filter")]
    public async Task A_hook_that_is_not_right_is_refused_with_its_place(string body, string place)
    {
        var refused = (await WriteAsync("POST", "/v1/webhooks", body)).IsProblem(422);
        Assert.Equal(place, refused.Json.List("errors")[0].Text("pointer"));
    }

    [Fact]
    public void Waits_grow_fourfold_up_to_six_hours_and_are_spread()
    {
        Assert.Equal([3.75, 15, 60, 240], Enumerable.Range(1, 4).Select(n => SendWebhooks.BackOff(n, 0).TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(6.25), SendWebhooks.BackOff(1, 1));
        Assert.Equal(TimeSpan.FromHours(6), SendWebhooks.BackOff(50, 0.5));
    }

    private static void AssertSigned(Received received, string secret)
    {
        var signed = Encoding.UTF8.GetBytes($"{received.Headers["webhook-id"]}.{received.Headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(received.Body)}");
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        Assert.Equal($"v1,{Convert.ToBase64String(hmac.ComputeHash(signed))}", received.Headers["webhook-signature"]);
        Assert.InRange(long.Parse(received.Headers["webhook-timestamp"], CultureInfo.InvariantCulture), 1_700_000_000, long.MaxValue);
    }

    private async Task<(long Id, string Secret)> HookAsync(string filter, string path = "/hook")
    {
        var made = (await WriteAsync("POST", "/v1/webhooks", $$"""{"url":"{{_receiver.Address}}{{path}}","filter":"{{filter}}"}""")).Is(201).Json;
        return (made.GetProperty("id").GetInt64(), made.Text("secret")!);
    }

    private async Task<System.Text.Json.JsonElement> HookOfAsync(long id) => (await WriteAsync("GET", $"/v1/webhooks/{id}")).Is(200).Json;

    private async Task<System.Text.Json.JsonElement[]> DeliveriesAsync(long id, Func<System.Text.Json.JsonElement[], bool> hold)
    {
        System.Text.Json.JsonElement[] all = [];
        await UntilAsync(async () => hold(all = (await WriteAsync("GET", $"/v1/webhooks/{id}/deliveries")).Is(200).Items));
        return all;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(50, Token);
        }

        Assert.Fail("It does not come to hold.");
    }
}
