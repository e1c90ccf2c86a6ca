using System.Text.Json;
using Chantier.Api.Database;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Http;

/// <summary>What the description promises is what is answered: each code of each operation, and no other is promised.</summary>
public sealed class StatusCodeTests(SharedWorld world, PostgresFixture postgres) : IClassFixture<SharedWorld>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string, int>> Cases => StatusCodes.All.Where(one => !one.IsStrait).Select(one => new TheoryDataRow<string, int>(one.Operation, one.Status));

    [Fact]
    public async Task Every_documented_status_code_of_every_operation_is_in_the_table_and_no_other()
    {
        var documented = new HashSet<string>();
        foreach (var path in (await world.Ask.JsonAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("operationId", out _)))
            {
                // "default" is every other code: of malformed HTTP, of paths that are none, and of failures of ours.
                documented.UnionWith(operation.Value.GetProperty("responses").EnumerateObject().Where(response => response.Name != "default").Select(response => $"{operation.Value.Text("operationId")} {response.Name}"));
            }
        }

        var tested = StatusCodes.All.Select(one => one.ToString()).ToList();
        Assert.Distinct(tested);
        var untested = documented.Except(tested).Order(StringComparer.Ordinal).ToList();
        var undocumented = tested.Except(documented).Order(StringComparer.Ordinal).ToList();
        Assert.True(untested.Count == 0 && undocumented.Count == 0, $"documented and not in the table: {string.Join(", ", untested)}\nin the table and not documented: {string.Join(", ", undocumented)}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_documented_status_code_is_answered(string operation, int status)
    {
        var one = StatusCodes.All.Single(one => one.Operation == operation && one.Status == status);
        if (operation == "GetArchive")
        {
            await KeepArchiveAsync();
        }

        Check(one, await world.Ask.SendAsync(await PrepareAsync(world, one)));
    }

    /// <summary>By a service that takes little, or seldom; what prepares for it another service has done.</summary>
    [Theory]
    [InlineData(413, "--Chantier:Limits:BodyBytes=1024", "--Chantier:Limits:ImportBytes=1024")]
    [InlineData(429, "--Chantier:Limits:RequestsPerSecond=1", "--Chantier:Limits:Burst=1")]
    public async Task What_is_too_much_is_refused_by_every_operation_that_says_so(int status, params string[] settings)
    {
        await using var api = await TestApi.StartAsync(world.ConnectionString, Token, settings);
        var ask = new Ask(api.Client);
        foreach (var one in StatusCodes.All.Where(one => one.Status == status))
        {
            var request = await PrepareAsync(world, one);
            var answer = await ask.SendAsync(request);
            // Each second, one is let through.
            for (var again = 0; status == 429 && (int)answer.Status != 429 && again < 5; again++)
            {
                answer = await ask.SendAsync(request);
            }

            Check(one, answer);
            Assert.Equal(status == 429, answer.Header("Retry-After") is not null);
        }
    }

    /// <summary>Another session holds what every operation needs; the service gives up at its time limit, all operations at once.</summary>
    [Fact]
    public async Task A_database_that_does_not_answer_in_time_is_503()
    {
        await using var own = new SharedWorld(postgres);
        await own.InitializeAsync();
        // A read has its statement's time, on a busy machine too; a write may take as long as its request.
        await using var reading = await TestApi.StartAsync(
            own.ConnectionString, Token, "--Chantier:StatementTimeoutSeconds=1", "--Chantier:Limits:RequestTimeoutSeconds=60", "--Logging:LogLevel:Default=Critical");
        await using var writing = await TestApi.StartAsync(
            own.ConnectionString, Token, "--Chantier:StatementTimeoutSeconds=1", "--Chantier:Limits:RequestTimeoutSeconds=4", "--Logging:LogLevel:Default=Critical");
        var (ask, write) = (new Ask(reading.Client), new Ask(writing.Client));
        var requests = new List<(StatusCase Case, Sent Sent)>();
        foreach (var one in StatusCodes.All.Where(one => one.Status == 503))
        {
            requests.Add((one, await PrepareAsync(own, one)));
        }

        await using var source = DataSources.Unpooled(own.ConnectionString);
        await using (var connection = await source.OpenConnectionAsync(Token))
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await connection.ExecuteAsync("lock table change, change_head, factory_current, job, import in access exclusive mode", transaction: transaction);
            var answers = await Task.WhenAll(requests.Select(async one => (one.Case, one.Sent.Method, Answer: await (one.Sent.Method == "GET" ? ask : write).SendAsync(one.Sent))));
            foreach (var (one, method, answer) in answers.Where(pair => pair.Case.Operation != "GetReadiness"))
            {
                Check(one, answer);
                Assert.Contains(answer.Json.Text("type"), method == "GET" ? ["urn:chantier:problem:query-too-dear"] : new[] { "urn:chantier:problem:query-too-dear", "urn:chantier:problem:timeout" });
                Assert.Equal("2", answer.Header("Retry-After"));
                Assert.Contains("no-store", answer.Header("Cache-Control"), StringComparison.Ordinal);
            }

            var readiness = answers.Single(pair => pair.Case.Operation == "GetReadiness").Answer;
            Assert.Equal("unhealthy", readiness.Is(503).Json.Text("status"));
            (await ask.GetAsync("/health/live")).Is(200);
            (await ask.GetAsync("/v1/factories?limit=0")).IsProblem(400);
        }

        // They gave up on the requests, not on themselves.
        (await ask.GetAsync("/v1/factories")).Is(200);
        (await write.GetAsync("/v1/factories")).Is(200);
        (await ask.GetAsync("/health/ready")).Is(200);
    }

    [Fact]
    public async Task A_database_that_is_gone_is_503_and_its_text_never_shows()
    {
        await using var own = new SharedWorld(postgres);
        await own.InitializeAsync();
        await using var api = await TestApi.StartAsync(own.ConnectionString, Token, "--Logging:LogLevel:Default=Critical");
        var ask = new Ask(api.Client);
        (await ask.GetAsync("/v1/factories")).Is(200);
        var key = await own.KeyAsync("read");

        var name = new NpgsqlConnectionStringBuilder(own.ConnectionString).Database!;
        await using (var source = DataSources.Unpooled(world.ConnectionString))
        {
            await using var drop = source.CreateCommand($"drop database {name} with (force)");
            await drop.ExecuteNonQueryAsync(Token);
        }

        foreach (var path in new[] { "/v1/factories", "/v1/factories/acierie-elan", "/v1/operators", "/v1/statuses" })
        {
            var answer = (await ask.GetAsync(path, "Origin: https://maps.example")).IsProblem(503);
            Assert.DoesNotContain(name, answer.Text, StringComparison.Ordinal);
            Assert.Equal(("2", "*"), (answer.Header("Retry-After"), answer.Header("Access-Control-Allow-Origin")));
        }

        (await ask.GetAsync("/health/ready")).Is(503);
        (await ask.GetAsync("/health/live")).Is(200);
        // Whose key it is, nobody can say now.
        (await ask.GetAsync("/health/live", $"Authorization: Bearer {key}")).Is(200);
    }

    [Theory]
    [InlineData("/nothing", 404)]
    [InlineData("/v1/nothing", 404)]
    [InlineData("/v1/factories/acierie-elan/nothing", 404)]
    [InlineData("/v1/Factories/Nobody", 404)]
    [InlineData("/v1/media/first", 404)]
    public async Task A_path_that_is_none_is_a_problem_too(string path, int status) => (await world.Ask.GetAsync(path)).IsProblem(status);

    /// <summary>Does what comes before a case's last request, and gives that one as it is to be sent.</summary>
    private static async Task<Sent> PrepareAsync(World there, StatusCase one)
    {
        // Far from one another, so that what is named by them is not alike.
        var number = 100_000_000 + (StatusCodes.All.TakeWhile(other => other != one).Count() * 500_009L);
        var made = "";
        foreach (var request in one.Requests[..^1])
        {
            var answer = await there.Ask.SendAsync(await FillAsync(request));
            Assert.True((int)answer.Status < 300, $"{one}: its preparation {answer.Request}\nanswered {(int)answer.Status}: {answer.Text}");
            made = answer.Header("Location") ?? made;
        }

        return await FillAsync(one.Requests[^1]);

        async Task<Sent> FillAsync(Sent sent) => sent with
        {
            Path = Fill(sent.Path),
            Key = sent.Key is null ? null : await there.KeyAsync(sent.Key),
            Body = sent.Body is null ? null : Fill(sent.Body),
            Headers = sent.Headers?.Select(Fill).ToArray(),
        };

        string Fill(string text) => text
            .Replace("{made}", made, StringComparison.Ordinal).Replace("{id}", made.Split('/')[^1], StringComparison.Ordinal)
            .Replace("{n}", $"{number}", StringComparison.Ordinal).Replace("{m}", $"{number + 1}", StringComparison.Ordinal);
    }

    // Any case that redacts has all archives forgotten.
    private async Task KeepArchiveAsync()
    {
        await using var connection = new NpgsqlConnection(world.ConnectionString);
        await connection.ExecuteAsync(new CommandDefinition("insert into job_part (job_id, file, part, bytes) values (20003, 'archive', 0, 'PK..') on conflict do nothing", cancellationToken: Token));
    }

    private static void Check(StatusCase one, Answer answered)
    {
        var answer = answered with { Request = $"{one}: {answered.Request}" };
        if (one.Status >= 400)
        {
            answer.IsProblem(one.Status);
            return;
        }

        answer.Is(one.Status);
        if (one.Status is 304 or 308 or 204)
        {
            Assert.Empty(answer.Body);
        }
    }
}
