using System.Text.Json;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Http;

/// <summary>What the description promises is what is answered: each code of each operation, and no other is promised.</summary>
public sealed class StatusCodeTests(SharedWorld world, PostgresFixture postgres) : IClassFixture<SharedWorld>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string, int>> Cases => StatusCodes.All.Where(one => !one.IsLocked).Select(one => new TheoryDataRow<string, int>(one.Operation, one.Status));

    // Writes, and reads that need a scope: their codes are provoked by the tests of their topics, and have no row of their own yet.
    private static readonly HashSet<string> TestedByTopic =
    [
        "AcceptProposal",
        "AddEvidence",
        "CreateFactory",
        "CreateKey",
        "CreateMedium",
        "CreateOperator",
        "CreatePhase",
        "CreateRegion",
        "CreateSource",
        "CreateWebhook",
        "DeleteFactory",
        "DeleteMedium",
        "DeleteOperator",
        "DeletePhase",
        "DeleteRegion",
        "DeleteSource",
        "DeleteWebhook",
        "GetClaim",
        "GetPhase",
        "GetDelivery",
        "GetProposal",
        "GetWebhook",
        "ListChanges",
        "ListDeliveries",
        "ListKeys",
        "ListProposals",
        "ListWebhooks",
        "MatchFactory",
        "MergeFactory",
        "PatchFactory",
        "PatchMedium",
        "PatchOperator",
        "PatchPhase",
        "PatchRegion",
        "PatchSource",
        "PatchWebhook",
        "PingWebhook",
        "PreviewProposal",
        "RecordDepiction",
        "RecordFigure",
        "RecordLocation",
        "RecordMembership",
        "RecordOwnership",
        "RecordRole",
        "RecordStatusEvent",
        "RedactContent",
        "RejectProposal",
        "ReplaceFactory",
        "ReplaceMedium",
        "ReplaceOperator",
        "ReplacePhase",
        "ReplaceRegion",
        "ReplaceSource",
        "RetractClaim",
        "RetractSource",
        "RetryDelivery",
        "RevokeKey",
        "StreamChanges",
        "WithdrawEvidence",
        "WithdrawProposal",
    ];

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

        Assert.Equal(TestedByTopic.Order(StringComparer.Ordinal), documented.Select(one => one.Split(' ')[0]).Distinct().Where(TestedByTopic.Contains).Order(StringComparer.Ordinal));
        documented.RemoveWhere(one => TestedByTopic.Contains(one.Split(' ')[0]));
        Assert.Equal(documented.Order(StringComparer.Ordinal), StatusCodes.All.Select(one => one.ToString()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_documented_status_code_is_answered(string operation, int status)
    {
        var requests = StatusCodes.All.Single(one => one.Operation == operation && one.Status == status).Requests;
        await using var own = requests.All(request => request.Method == "GET") ? null : new SharedWorld(postgres);
        if (own is not null)
        {
            await own.InitializeAsync();
        }

        var there = own ?? world;
        Answer? answer = null;
        foreach (var request in requests)
        {
            answer = await there.Ask.SendAsync(request.Key is null ? request : request with { Key = await there.KeyAsync(request.Key) });
        }

        Check(answer!, status);
    }

    /// <summary>Another session holds what every operation needs; the service gives up at its time limit, all operations at once.</summary>
    [Fact]
    public async Task A_database_that_does_not_answer_in_time_is_503()
    {
        await using var own = new SharedWorld(postgres);
        await own.InitializeAsync();
        await using var api = await TestApi.StartAsync(own.ConnectionString, Token, "--Chantier:StatementTimeoutSeconds=1", "--Logging:LogLevel:Default=Critical");
        var ask = new Ask(api.Client);

        await using var source = new NpgsqlDataSourceBuilder(own.ConnectionString) { ConnectionStringBuilder = { Pooling = false } }.Build();
        await using (var connection = await source.OpenConnectionAsync(Token))
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await connection.ExecuteAsync("lock table change in access exclusive mode", transaction: transaction);
            var answers = await Task.WhenAll(StatusCodes.All.Where(one => one.IsLocked).Select(async one => (Case: one, Answer: await ask.SendAsync(
                one.Requests[^1].Key is { } scope ? one.Requests[^1] with { Key = await own.KeyAsync(scope) } : one.Requests[^1]))));
            foreach (var (_, answer) in answers.Where(pair => pair.Case.Operation != "GetReadiness"))
            {
                Check(answer, 503);
                Assert.Equal("urn:chantier:problem:query-too-dear", answer.Json.Text("type"));
                Assert.Equal("2", answer.Header("Retry-After"));
                Assert.Contains("no-store", answer.Header("Cache-Control"), StringComparison.Ordinal);
            }

            var readiness = answers.Single(pair => pair.Case.Operation == "GetReadiness").Answer;
            Assert.Equal("unhealthy", readiness.Is(503).Json.Text("status"));
            (await ask.GetAsync("/health/live")).Is(200);
            (await ask.GetAsync("/v1/factories?limit=0")).IsProblem(400);
        }

        // It gave up on the requests, not on itself.
        (await ask.GetAsync("/v1/factories")).Is(200);
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

        var name = new NpgsqlConnectionStringBuilder(own.ConnectionString).Database!;
        await using (var source = new NpgsqlDataSourceBuilder(world.ConnectionString) { ConnectionStringBuilder = { Pooling = false } }.Build())
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
    }

    [Theory]
    [InlineData("/nothing", 404)]
    [InlineData("/v1/nothing", 404)]
    [InlineData("/v1/factories/acierie-elan/nothing", 404)]
    [InlineData("/v1/Factories/Nobody", 404)]
    [InlineData("/v1/media/first", 404)]
    public async Task A_path_that_is_none_is_a_problem_too(string path, int status) => (await world.Ask.GetAsync(path)).IsProblem(status);

    private static void Check(Answer answer, int status)
    {
        if (status >= 400)
        {
            answer.IsProblem(status);
            return;
        }

        answer.Is(status);
        if (status is 304 or 308 or 204)
        {
            Assert.Empty(answer.Body);
        }
    }
}
