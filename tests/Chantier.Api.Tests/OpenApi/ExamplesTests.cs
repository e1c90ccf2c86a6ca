using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chantier.Api.Http.OpenApi;

namespace Chantier.Api.Tests.OpenApi;

/// <summary>The answers that the API's description shows are those that a tracker with the seeds gives.</summary>
public sealed partial class ExamplesTests(SeededApi api) : IClassFixture<SeededApi>
{
    private static readonly string Path = System.IO.Path.Combine(GoldenFile.Folder(), "..", "..", "..", "src", "Chantier.Api", "Http", "OpenApi", Examples.Resource);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_example_answers_as_shown()
    {
        var shown = JsonSerializer.Deserialize<List<Example>>(await File.ReadAllTextAsync(Path, Token), Examples.Json)!;
        var answered = new List<Example>();
        foreach (var example in shown)
        {
            answered.Add(await AskAsync(example));
        }

        await GoldenFile.MatchesAsync(Path, [.. JsonSerializer.SerializeToUtf8Bytes(answered, Examples.Json), (byte)'\n'], Token);
    }

    private async Task<Example> AskAsync(Example example)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, example.Request);
        if (example.Accept is not null)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(example.Accept));
        }

        using var response = await api.Client.SendAsync(request, Token);
        var text = SameWhenever(await response.Content.ReadAsStringAsync(Token));
        var type = response.Content.Headers.ContentType!.MediaType!;
        return example with
        {
            Status = (int)response.StatusCode,
            MediaType = type,
            Value = type.EndsWith("json", StringComparison.Ordinal) && !type.Contains("ndjson", StringComparison.Ordinal) ? JsonNode.Parse(text) : JsonValue.Create(text),
        };
    }

    // When the seeds were loaded and the question was asked is all that differs between two runs.
    private static string SameWhenever(string text) =>
        Today().Replace(Stamp().Replace(text, "2026-11-24T09:00:00.000000Z"), "\"asOf\":\"2026-11-24\"");

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Stamp();

    [GeneratedRegex("\"asOf\":\"[0-9-]{10}\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Today();
}
