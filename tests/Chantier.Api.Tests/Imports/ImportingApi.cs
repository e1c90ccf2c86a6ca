using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Chantier.Api.Keys;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Imports;

/// <summary>A service with the seeds and a key for each scope, shared by tests whose rows have names of their own.</summary>
public sealed class ImportingApi(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>A mapping of one's own, for files of any format.</summary>
    public const string OwnMapping = """
        {
          "name": "own", "source": { "kind": "official" },
          "factory": {
            "identifier": { "scheme": "own-id", "columns": ["id"] },
            "name": { "columns": ["name"] }, "sector": { "constant": "other" }, "country": { "columns": ["country"] }
          },
          "events": [{ "id": "status", "status": { "columns": ["status"] }, "date": { "columns": ["date"] } }]
        }
        """;

    private readonly Dictionary<string, string> _keys = [];
    private TestApi _api = null!;

    public string ConnectionString { get; private set; } = "";

    internal Ask Ask { get; private set; } = null!;

    internal TestApi Api => _api;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await DatabaseAsync(postgres);
        foreach (var scope in new[] { "contribute", "curate", "admin" })
        {
            _keys[scope] = await CreateKey.RunAsync(ConnectionString, scope, scope, Token);
        }

        _api = await TestApi.StartAsync(ConnectionString, Token, "--Chantier:Jobs:LookEverySeconds=0.3");
        Ask = new(_api.Client);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    public static async Task<string> DatabaseAsync(PostgresFixture postgres)
    {
        var connection = await postgres.SeededAsync("documents", Token);
        await World.ExecuteAsync(connection, "insert into identifier_scheme (code) values ('own-id')");
        return connection;
    }

    internal string Key(string scope = "curate") => _keys[scope];

    /// <summary>A file in a form, with a mapping of one's own.</summary>
    internal static MultipartFormDataContent Form(string file, string name, string? type, string? mapping = OwnMapping)
    {
        var form = new MultipartFormDataContent();
        if (mapping is not null)
        {
            form.Add(new StringContent(mapping, Encoding.UTF8, "application/json"), "mappingFile");
        }

        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(file));
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        form.Add(content, "file", name);
        return form;
    }

    internal static HttpContent Csv(string text, string type = "text/csv") => new ByteArrayContent(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    internal Task<Answer> UploadAsync(string query, HttpContent content, params string[] headers) => UploadAsync(_api.Client, query, content, Key(), headers);

    internal static async Task<Answer> UploadAsync(HttpClient client, string query, HttpContent content, string? key, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/imports?{query}", UriKind.Relative)) { Content = content };
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            _ = request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim()) || content.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim());
        }

        using var response = await client.SendAsync(request, Token);
        var said = new[] { response.Headers, (HttpHeaders)response.Content.Headers }.SelectMany(all => all).ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        return new($"POST /v1/imports?{query}", response.StatusCode, said, await response.Content.ReadAsByteArrayAsync(Token));
    }

    /// <summary>Uploads, and waits until the job has ended.</summary>
    internal async Task<JsonElement> ImportAsync(string query, HttpContent content, params string[] headers) =>
        await UntilAsync((await UploadAsync(query, content, headers)).Is(201).Header("Location")!, job => job.Text("endedAt") is not null);

    internal Task<Answer> GetAsync(string path) => Ask.GetAsync(path, $"Authorization: Bearer {Key()}");

    internal Task<JsonElement> UntilAsync(string job, Func<JsonElement, bool> holds) => UntilAsync(Ask, Key(), job, holds);

    internal static async Task<JsonElement> UntilAsync(Ask ask, string key, string job, Func<JsonElement, bool> holds)
    {
        JsonElement told = default;
        for (var i = 0; i < 1500; i++)
        {
            told = (await ask.GetAsync(job, $"Authorization: Bearer {key}")).Is(200).Json;
            if (holds(told))
            {
                return told;
            }

            await Task.Delay(20, Token);
        }

        Assert.Fail($"The job never was so: {told}");
        return default;
    }

    internal Task<T> AskDatabaseAsync<T>(string sql) => AskDatabaseAsync<T>(ConnectionString, sql);

    internal static async Task<T> AskDatabaseAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        return (await connection.ExecuteScalarAsync<T>(new CommandDefinition(sql, cancellationToken: Token)))!;
    }

    /// <summary>What is staged, uploaded or under way.</summary>
    internal static Task<long> LeftAsync(string connectionString) => AskDatabaseAsync<long>(connectionString, """
        select (select count(*) from import_staged_row) + (select count(*) from import_staged_claim) + (select count(*) from job_part where file = 'upload')
          + (select count(*) from import where state not in ('finished', 'tried')) + (select count(*) from import_problem p where not exists (select from import i where i.id = p.import_id))
        """);
}
