using System.Net;
using Chantier.Api.Http;
using Chantier.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Chantier.Api.Tests.Changes;

public sealed class StreamChangesTests(PostgresFixture postgres) : FeedApi(postgres)
{
    private StreamLimit Limit => Api.Services.GetRequiredService<StreamLimit>();

    [Fact]
    public async Task What_is_written_is_told_at_once_and_silence_is_broken_by_comments()
    {
        using var stream = await OpenAsync("/v1/changes/stream");
        await stream.UntilAsync(s => s.Comments >= 2, Token);

        var slug = await MakeFactoryAsync("Tiamat Amiens");
        var (phase, factory) = ((await stream.NextAsync(Token))!.Value, (await stream.NextAsync(Token))!.Value);
        Assert.Equal(("phase", "factory", slug), (phase.Text("resourceType"), factory.Text("resourceType"), factory.Text("slug")));
        Assert.Equal(stream.LastId, factory.Text("seq"));
        Assert.Equal("Tiamat Amiens", factory.Text("after.name"));
    }

    [Fact]
    public async Task A_reader_that_was_cut_off_goes_on_where_it_was()
    {
        using var whole = await OpenAsync("/v1/changes/stream?after=0");
        var all = new List<string?>();
        for (var i = 0; i < 9; i++)
        {
            all.Add((await whole.NextAsync(Token))!.Value.Text("seq"));
        }

        Assert.Equal(2000, whole.Retry);
        using var resumed = await OpenAsync("/v1/changes/stream?after=0", all[3]);
        for (var i = 4; i < 9; i++)
        {
            Assert.Equal(all[i], (await resumed.NextAsync(Token))!.Value.Text("seq"));
        }

        using var ahead = await OpenAsync("/v1/changes/stream", "999999");
        await StateAsync("verkor-dunkerque", "operating");
        Assert.Equal("status_event", (await ahead.NextAsync(Token))!.Value.Text("resourceType"));
        (await Ask.GetAsync("/v1/changes/stream", "Last-Event-ID: abc")).IsProblem(400);
        (await Ask.GetAsync("/v1/changes/stream", "Accept: application/json")).IsProblem(406);
        (await Ask.GetAsync("/v1/changes/stream?region=atlantis")).Blames("region");
        (await Ask.GetAsync("/v1/changes/stream?limit=5")).Blames("limit");
    }

    [Fact]
    public async Task A_filtered_stream_tells_what_left_and_moves_its_id_past_what_does_not_match()
    {
        var slug = await MakeFactoryAsync("Tiamat Amiens");
        using var stream = await OpenAsync("/v1/changes/stream?region=hauts-de-france&types=factory");
        await MakeFactoryAsync("Ailleurs", "france");
        var last = await LastAsync();
        await stream.UntilAsync(s => s.LastId == $"{last}", Token);

        (await WriteAsync("PATCH", $"/v1/factories/{slug}", """{"region":"france"}""", ifMatch: "*")).Is(200);
        var left = (await stream.NextAsync(Token))!.Value;
        Assert.Equal((slug, "[]"), (Assert.Single(left.List("left")).GetString(), left.Text("entered")));
    }

    [Fact]
    public async Task A_stream_outlives_the_connections_of_the_database()
    {
        using var stream = await OpenAsync("/v1/changes/stream");
        await stream.UntilAsync(s => s.Comments >= 1, Token);
        await World.ExecuteAsync(Connection, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");

        // Past the reach of any connection of ours, as a seed or an import would write.
        await World.ExecuteAsync(Connection, """
            with s as (select * from begin_write())
            insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, version)
            select last_seq + 1, recorded_at, 'import', 'imported', 'operator', 1, 1 from s
            """);
        Assert.Equal("import", (await stream.NextAsync(Token))!.Value.Text("actor"));
    }

    [Fact]
    public async Task A_reader_that_goes_leaves_nothing_behind_and_HEAD_ends()
    {
        var streams = new List<EventReader>();
        for (var i = 0; i < 5; i++)
        {
            streams.Add(await OpenAsync("/v1/changes/stream"));
        }

        Assert.Equal(5, Limit.Open);
        streams.ForEach(stream => stream.Dispose());
        Assert.Equal(HttpStatusCode.OK, (await Ask.SendAsync(HttpMethod.Head, "/v1/changes/stream")).Status);
        await WaitUntilAsync(() => Limit.Open == 0);
    }

    [Fact]
    public async Task One_too_many_is_refused_until_another_goes()
    {
        await using var small = await TestApi.StartAsync(Connection, Token, "--Chantier:Changes:MostStreams=1");
        using (await EventReader.OpenAsync(small.Client, "/v1/changes/stream", null, Token))
        {
            var refused = (await new Ask(small.Client).GetAsync("/v1/changes/stream")).IsProblem(503);
            Assert.NotNull(refused.Header("Retry-After"));
        }

        await WaitUntilAsync(() => small.Services.GetRequiredService<StreamLimit>().Open == 0);
        (await EventReader.OpenAsync(small.Client, "/v1/changes/stream", null, Token)).Dispose();
    }

    [Fact]
    public async Task A_service_that_stops_ends_its_streams()
    {
        var going = await TestApi.StartAsync(Connection, Token);
        using var stream = await EventReader.OpenAsync(going.Client, "/v1/changes/stream", null, Token);
        var next = stream.NextAsync(Token);
        var began = TimeProvider.System.GetTimestamp();
        await going.DisposeAsync();

        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5));
        Assert.Null(await EndOfAsync(next));
    }

    private static async Task<System.Text.Json.JsonElement?> EndOfAsync(Task<System.Text.Json.JsonElement?> next)
    {
        try
        {
            return await next;
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task WaitUntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 100 && !holds(); i++)
        {
            await Task.Delay(50, Token);
        }

        Assert.True(holds());
    }

    private Task<EventReader> OpenAsync(string path, string? lastId = null) => EventReader.OpenAsync(Api.Client, path, lastId, Token);
}
