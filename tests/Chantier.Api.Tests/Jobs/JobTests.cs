using System.Text.Json;
using System.Text.Json.Nodes;
using Chantier.Api.Http;
using Chantier.Api.Jobs;
using Chantier.Api.Keys;
using Chantier.Api.Tests.Changes;
using Chantier.Testing;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chantier.Api.Tests.Jobs;

/// <summary>Jobs of a kind of our own, over HTTP: queued, followed, cancelled, and begun anew where their process ended.</summary>
public sealed class JobTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly Dictionary<string, string> _keys = [];
    private string _connection = "";
    private TestApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await postgres.Databases.CreateAsync(Token);
        await World.ExecuteAsync(_connection, Rehearsal.TablesSql);
        foreach (var scope in new[] { "contribute", "curate", "admin" })
        {
            _keys[scope] = await CreateKey.RunAsync(_connection, scope, scope, Token);
        }

        _api = await StartAsync("first");
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_job_is_run_and_told_step_by_step_until_it_has_ended()
    {
        using var stream = await FollowAsync(await QueueAsync(steps: 5, pauseMs: 300));
        var told = new List<JsonElement>();
        while (await stream.NextAsync(Token) is { } job)
        {
            told.Add(job);
        }

        Assert.Equal("finished", told[^1].Text("state"));
        Assert.Equal(("5", "5", "5", "1"), (told[^1].Text("done"), told[^1].Text("total"), told[^1].Text("result.steps"), told[^1].Text("attempts")));
        Assert.NotNull(told[^1].Text("endedAt"));
        var counts = told.Select(job => job.GetProperty("done").GetInt64()).ToList();
        Assert.True(counts.Distinct().Count() > 2, $"progress was told as {string.Join(", ", counts)}");
        Assert.Equal(counts.Order(), counts);
        Assert.All(told[..^1], job => Assert.True(job.Text("state") is "queued" or "running"));
        // Who follows it later is told how it ended, and no more.
        using var later = await FollowAsync(told[0].GetProperty("id").GetInt64());
        Assert.Equal("finished", (await later.NextAsync(Token))?.Text("state"));
        Assert.Null(await later.NextAsync(Token));
    }

    [Fact]
    public async Task Silence_is_broken_by_comments_and_jobs_run_one_after_the_other()
    {
        var first = await QueueAsync(steps: 1, pauseMs: 1500);
        var second = await QueueAsync(steps: 1, pauseMs: 0);
        using var stream = await FollowAsync(second);
        Assert.Equal("queued", (await stream.NextAsync(Token))?.Text("state"));
        await stream.UntilAsync(s => s.Comments >= 2, Token);
        Assert.Equal("running", (await JobAsync(first)).Text("state"));
        await EndedAsync(second);

        Assert.Equal([first, second], await ColumnAsync<long>("select job_id from rehearsed order by at"));
    }

    [Fact]
    public async Task Lists_are_filtered_and_show_each_caller_what_he_may_start()
    {
        var good = await QueueAsync(steps: 0, pauseMs: 0);
        var bad = await QueueAsync(steps: 0, pauseMs: 0, fails: "refused");
        await EndedAsync(good);
        await EndedAsync(bad);
        await World.ExecuteAsync(_connection, "insert into job (kind, request, requested_by) values ('other', '{}', 'somebody')");

        Assert.Equal([$"{bad}", $"{good}"], await IdsAsync("/v1/jobs", "curate"));
        Assert.Equal([$"{good}"], await IdsAsync("/v1/jobs?state=finished", "curate"));
        Assert.Equal(["other", "rehearsal", "rehearsal"], (await GetAsync("/v1/jobs", "admin")).Is(200).Items.Select(job => job.Text("kind")!));
        Assert.Empty(await IdsAsync("/v1/jobs?kind=other", "curate"));
        (await GetAsync("/v1/jobs", "contribute")).IsProblem(403);
        (await GetAsync("/v1/jobs?state=lost", "curate")).Blames("state");
        var other = (await IdsAsync("/v1/jobs?kind=other", "admin"))[0];
        foreach (var path in new[] { $"/v1/jobs/{other}", $"/v1/jobs/{other}/stream", "/v1/jobs/x" })
        {
            (await GetAsync(path, "curate")).IsProblem(404);
        }

        (await PostAsync($"/v1/jobs/{other}/cancellation", "curate")).IsProblem(404);
    }

    [Fact]
    public async Task A_queued_job_is_cancelled_before_it_begins_and_again_changes_nothing()
    {
        var first = await QueueAsync(steps: 1, pauseMs: 2000);
        var second = await QueueAsync(steps: 1, pauseMs: 0);
        await UntilAsync(first, "running");

        var cancelled = (await PostAsync($"/v1/jobs/{second}/cancellation", "curate")).Is(200);
        Assert.Equal("cancelled", cancelled.Json.Text("state"));
        Assert.Equal(cancelled.Text, (await PostAsync($"/v1/jobs/{second}/cancellation", "curate")).Is(200).Text);
        await EndedAsync(first);
        await EndedAsync(await QueueAsync(steps: 0, pauseMs: 0));
        Assert.Equal([first], await ColumnAsync<long>("select distinct job_id from rehearsed"));
        Assert.Equal("job-ended", (await PostAsync($"/v1/jobs/{first}/cancellation", "curate")).IsProblem(409).Json.Text("type")!.Split(':')[^1]);
    }

    [Fact]
    public async Task A_running_job_that_is_cancelled_stops_and_leaves_nothing()
    {
        var job = await QueueAsync(steps: 1000, pauseMs: 50);
        using var stream = await FollowAsync(job);
        await UntilAsync(job, "running");
        Assert.Equal("cancelled", (await PostAsync($"/v1/jobs/{job}/cancellation", "curate")).Is(200).Json.Text("state"));

        string? last = null;
        while (await stream.NextAsync(Token) is { } told)
        {
            last = told.Text("state");
        }

        Assert.Equal("cancelled", last);
        // The next one begins, so this one has stopped.
        await EndedAsync(await QueueAsync(steps: 0, pauseMs: 0));
        var steps = (await ColumnAsync<long>($"select count(*) from rehearsed where job_id = {job}"))[0];
        await Task.Delay(300, Token);
        Assert.Equal(steps, (await ColumnAsync<long>($"select count(*) from rehearsed where job_id = {job}"))[0]);
        Assert.DoesNotContain(job, await ColumnAsync<long>("select job_id from applied"));
    }

    [Theory]
    [InlineData("refused", 422, "/steps is wrong.")]
    [InlineData("database", 500, "The failure is ours, is logged, and nothing was changed by it.")]
    [InlineData("the secret of Npgsql.Something", 500, "The failure is ours, is logged, and nothing was changed by it.")]
    public async Task A_failure_is_told_as_a_problem_without_what_is_ours(string fails, int status, string detail)
    {
        var ended = await EndedAsync(await QueueAsync(steps: 1, pauseMs: 0, fails));

        Assert.Equal("failed", ended.Text("state"));
        Assert.Equal(($"{status}", detail), (ended.Text("problem.status"), ended.Text("problem.detail")));
        Assert.DoesNotContain("no_such_table", ended.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("Npgsql", ended.GetProperty("problem").GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", ended.GetProperty("problem").GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chantier listens")]
    [InlineData("rehearsal of first")]
    public async Task A_job_whose_connection_is_lost_begins_anew_and_is_applied_once(string application)
    {
        var job = await QueueAsync(steps: 8, pauseMs: 200);
        // Running it is before its work has connected.
        while (await ColumnAsync<int>($"select step from rehearsed where job_id = {job}") is [])
        {
            await Task.Delay(20, Token);
        }

        Assert.NotEmpty(await ColumnAsync<bool>($"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = '{application}'"));

        var ended = await EndedAsync(job);
        Assert.Equal(("finished", "2"), (ended.Text("state"), ended.Text("attempts")));
        Assert.Equal([job], await ColumnAsync<long>("select job_id from applied"));
        Assert.Equal(2, (await ColumnAsync<int>("select step from rehearsed where step = 1")).Count);
    }

    [Fact]
    public async Task A_job_whose_process_is_gone_is_taken_up_by_another_and_given_up_after_five_times()
    {
        // As a process leaves it that was killed: running, and its lock free.
        await World.ExecuteAsync(_connection, """
            insert into job (id, kind, state, request, requested_by, run, attempts, started_at) values
              (1001, 'rehearsal', 'running', '{"steps":1,"pauseMs":0}', 'somebody', gen_random_uuid(), 1, now()),
              (1002, 'rehearsal', 'running', '{"steps":1,"pauseMs":0}', 'somebody', gen_random_uuid(), 5, now())
            """);

        Assert.Equal(("finished", "2"), (await EndedAsync(1001)) is var first ? (first.Text("state"), first.Text("attempts")) : default);
        var second = await EndedAsync(1002);
        Assert.Equal(("failed", "urn:chantier:problem:job-given-up"), (second.Text("state"), second.Text("problem.type")));
        Assert.Equal([1001], await ColumnAsync<long>("select job_id from applied"));
    }

    [Fact]
    public async Task A_run_that_lost_its_job_applies_nothing_more()
    {
        await World.ExecuteAsync(_connection, """
            insert into job (id, kind, state, request, requested_by, run, attempts, started_at) values (1001, 'elsewhere', 'running', '{}', 'somebody', gen_random_uuid(), 2, now())
            """);
        var stale = new Job { Id = 1001, Kind = "elsewhere", RequestedBy = "somebody", Attempts = 1, Run = Guid.NewGuid(), RequestJson = "{}" };

        await using var source = TestDatabases.Source(_connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await Assert.ThrowsAsync<JobLostException>(() => stale.FinishAsync(connection, transaction, [], Token));
    }

    [Fact]
    public async Task A_service_that_stops_gives_its_job_back_to_another()
    {
        var job = await QueueAsync(steps: 20, pauseMs: 100);
        await UntilAsync(job, "running");
        var first = _api;
        _api = await StartAsync("second");
        await first.DisposeAsync();

        var ended = await EndedAsync(job);
        Assert.Equal(("finished", "1"), (ended.Text("state"), ended.Text("attempts")));
        Assert.Equal(["second"], await ColumnAsync<string>("select process from applied"));
    }

    [Fact]
    public async Task Two_services_run_each_job_once()
    {
        await using var second = await StartAsync("second");
        await using var third = await StartAsync("third");
        var jobs = new List<long>();
        for (var i = 0; i < 40; i++)
        {
            jobs.Add(await QueueAsync(steps: 1, pauseMs: 10));
        }

        foreach (var job in jobs)
        {
            Assert.Equal("1", (await EndedAsync(job)).Text("attempts"));
        }

        Assert.Equal(jobs, await ColumnAsync<long>("select job_id from applied order by job_id"));
        Assert.Equal(jobs, await ColumnAsync<long>("select job_id from rehearsed order by job_id"));
        Assert.True((await ColumnAsync<string>("select distinct process from applied")).Count > 1);
    }

    [Fact]
    public async Task What_is_asked_for_in_a_write_that_is_undone_is_never_queued()
    {
        await using var source = TestDatabases.Source(_connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await EditJob.QueueAsync(connection, transaction, new Rehearsal(_connection, ""), [], Caller.Anonymous, Token);
        }

        Assert.Empty(await IdsAsync("/v1/jobs", "admin"));
    }

    private Task<TestApi> StartAsync(string process) => TestApi.StartAsync(
        _connection, services => services.AddSingleton<IJobKind>(new Rehearsal(_connection, process)), Token,
        "--Chantier:Jobs:LookEverySeconds=0.3", "--Chantier:Changes:HeartbeatSeconds=0.2", "--Logging:LogLevel:Default=None");

    private async Task<long> QueueAsync(int steps, int pauseMs, string? fails = null)
    {
        await using var source = TestDatabases.Source(_connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        var request = new JsonObject { ["steps"] = steps, ["pauseMs"] = pauseMs, ["fails"] = fails };
        return await EditJob.QueueAsync(connection, null, new Rehearsal(_connection, ""), request, new Caller(1, "curate", Scope.Curate), Token);
    }

    private Task<Answer> GetAsync(string path, string scope) => new Ask(_api.Client).GetAsync(path, $"Authorization: Bearer {_keys[scope]}");

    private Task<Answer> PostAsync(string path, string scope) => new Ask(_api.Client).WriteAsync("POST", path, "{}", _keys[scope]);

    private async Task<string[]> IdsAsync(string path, string scope) => [.. (await GetAsync(path, scope)).Is(200).Items.Select(job => job.Text("id")!)];

    private async Task<JsonElement> JobAsync(long id) => (await GetAsync($"/v1/jobs/{id}", "admin")).Is(200).Json;

    private Task<EventReader> FollowAsync(long id) => EventReader.OpenAsync(_api.Client, $"/v1/jobs/{id}/stream", null, Token, _keys["curate"], "job");

    private async Task<JsonElement> UntilAsync(long id, params string[] states)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await JobAsync(id) is var job && states.Contains(job.Text("state")))
            {
                return job;
            }

            await Task.Delay(50, Token);
        }

        Assert.Fail($"The job never was {string.Join(" or ", states)}: {await JobAsync(id)}");
        return default;
    }

    private Task<JsonElement> EndedAsync(long id) => UntilAsync(id, "finished", "failed", "cancelled");

    private async Task<List<T>> ColumnAsync<T>(string sql)
    {
        await using var source = TestDatabases.Source(_connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        return (await connection.QueryAsync<T>(sql)).AsList();
    }
}
