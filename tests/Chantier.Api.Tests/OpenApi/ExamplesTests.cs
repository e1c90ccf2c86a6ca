using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Imports;
using Chantier.Api.Keys;
using Chantier.Api.Webhooks;
using Chantier.Testing;

namespace Chantier.Api.Tests.OpenApi;

/// <summary>The answers that the API's description shows are those that a tracker with the seeds gives.</summary>
public sealed partial class ExamplesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string Path = System.IO.Path.Combine(GoldenFile.Folder(), "..", "..", "..", "src", "Chantier.Api", "Http", "OpenApi", Examples.Resource);

    private readonly Dictionary<string, string> _keys = [];
    private string _connection = "";
    private Example? _queued;
    private TestApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connection = _connection = await postgres.SeededAsync("documents", Token);
        foreach (var scope in new[] { "admin", "contribute" })
        {
            _keys[scope] = await CreateKey.RunAsync(connection, scope, scope, Token);
        }

        // Nothing is sent and no job is run: what a receiver would answer, and how long something takes, is no example of ours.
        _api = await TestApi.StartAsync(connection, services => services.Remove(services.Single(service => service.ImplementationType == typeof(SendWebhooks))), Token, "--Chantier:Jobs:Run=false");
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Every_example_answers_as_shown()
    {
        var shown = JsonSerializer.Deserialize<List<Example>>(await File.ReadAllTextAsync(Path, Token), Examples.Json)!;
        var answered = new List<Example>();
        foreach (var example in shown.Where(e => e.Method is null))
        {
            answered.Add(await AskAsync(example));
        }

        // Three proposals to decide on.
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(new() { Operation = "PatchFactory", Method = "PATCH", Request = "/v1/factories/verkor-dunkerque", As = "contribute", Body = new JsonObject { ["website"] = "https://verkor.com" } });
        }

        foreach (var example in shown.Where(e => e.Method is not null))
        {
            if (example.Operation == "ListImports")
            {
                await ImportAsync();
            }

            answered.Add(await AskAsync(example));
        }

        await GoldenFile.MatchesAsync(Path, [.. JsonSerializer.SerializeToUtf8Bytes(answered, Examples.Json), (byte)'\n'], Token);
    }

    // What the job would do that nobody runs here.
    private async Task ImportAsync()
    {
        var asked = _queued!;
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(asked.Body!.GetValue<string>()));
        await ImportFile.RunAsync(
            _connection,
            new()
            {
                File = "list.csv",
                Content = file,
                Mapping = await Mapping.ReadShippedAsync("chantier", System.IO.Path.Combine(AppContext.BaseDirectory, "mappings"), Token),
                Source = new() { Source = "example-list", Published = "2026-10" },
                Asker = new(2, "admin", (_, _, _) => Task.CompletedTask),
            },
            null,
            Token);
    }

    private async Task<Example> AskAsync(Example example)
    {
        using var request = new HttpRequestMessage(new HttpMethod(example.Method ?? "GET"), example.Request);
        if (example.Accept is not null)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(example.Accept));
        }

        if (example.Method is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _keys[example.As ?? "admin"]);
            request.Content = example.Body is null ? null
                : example.Type is { } type ? new StringContent(example.Body.GetValue<string>(), Encoding.UTF8, type) : new StringContent(example.Body.ToJsonString(), Encoding.UTF8, "application/json");
            _queued = example.Type is null ? _queued : example;
            if (example.Method is "PUT" or "PATCH" or "DELETE")
            {
                request.Headers.TryAddWithoutValidation("If-Match", "*");
            }
        }

        using var response = await _api.Client.SendAsync(request, Token);
        var text = SameHoweverLong(SameWhenever(await response.Content.ReadAsStringAsync(Token)));
        var answered = response.Content.Headers.ContentType?.MediaType;
        return example with
        {
            Status = (int)response.StatusCode,
            MediaType = answered,
            Value = answered is null ? null
                : answered.EndsWith("json", StringComparison.Ordinal) && !answered.Contains("ndjson", StringComparison.Ordinal) ? JsonNode.Parse(text) : JsonValue.Create(text),
        };
    }

    // When the seeds were loaded and the question was asked, and what a key is, is all that differs between two runs.
    private static string SameWhenever(string text) =>
        Signing().Replace(
            Key().Replace(Today().Replace(Stamp().Replace(text, "2026-11-24T09:00:00.000000Z"), "\"asOf\":\"2026-11-24\""), "${key}_0000000000000000000000000000000000000000000000000000000000000000"),
            "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");

    // How long something took is no example either.
    private static string SameHoweverLong(string text) => Took().Replace(text, "\"${what}Ms\":20");

    [GeneratedRegex("\"(?<what>staged|locked)Ms\":[0-9]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Took();

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Stamp();

    [GeneratedRegex("(?<key>ck_[0-9]+)_[0-9a-f]{64}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Key();

    [GeneratedRegex("whsec_[A-Za-z0-9+/]{43}=", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Signing();

    [GeneratedRegex("\"asOf\":\"[0-9-]{10}\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Today();
}
