using System.Text.Json;
using System.Text.RegularExpressions;
using Chantier.Api.Tests.Axes;
using Chantier.Testing;

namespace Chantier.Api.Tests.Archives;

/// <summary>A tracker that was written at random, archived and restored answers as the one that it was taken of: of every pair of moments, in both senses, and its feed.</summary>
public sealed partial class RestoredAxesTests(RandomWrites writes, PostgresFixture postgres) : IClassFixture<RandomWrites>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Archived_restored_and_archived_again_the_data_are_the_same_bytes_and_every_answer_is_the_same()
    {
        var archive = await ArchiveFile.OfAsync(writes.Connection);
        var restored = await postgres.Databases.CreateAsync(Token);
        await archive.RestoreAsync(restored);
        var (first, second) = (archive.Data(), (await ArchiveFile.OfAsync(restored)).Data());
        Assert.Equal(first.Keys, second.Keys);
        Assert.All(first, file => Assert.True(file.Value.AsSpan().SequenceEqual(second[file.Key]), $"{file.Key} differs"));

        await using var api = await TestApi.StartAsync(restored, Token);
        var ask = new Ask(api.Client);
        async Task<string> AnswerAsync(string path)
        {
            var answer = await ask.GetAsync(path);
            return $"{(int)answer.Status} {answer.Header("Location")}\n{answer.Text}";
        }

        // What was remembered while others wrote, and the same as published until those days.
        Assert.True(writes.Asked.Count > 500, $"{writes.Asked.Count} questions");
        foreach (var asked in writes.Asked.DistinctBy(asked => (asked.Path, asked.Answer)))
        {
            Assert.Equal(asked.Answer, await AnswerAsync(asked.Path));
        }

        var published = writes.Asked.Where(asked => !asked.Path.Contains("/diff", StringComparison.Ordinal))
            .Select(asked => KnownAt().Replace(asked.Path, "publishedUntil=${day}")).Distinct().Where((_, i) => i % 3 == 0).ToList();
        Assert.True(published.Count > 100, $"{published.Count} questions");
        foreach (var path in published.Concat(["/v1/factories?limit=1000&count=exact", "/v1/operators?limit=1000", "/v1/regions?limit=1000", "/v1/sources?limit=1000", "/v1/search?q=site", "/v1/claims?state=standing,ended&limit=1000"]))
        {
            Assert.Equal(await writes.AnswerAsync(path), await AnswerAsync(path));
        }

        // The feed, page by page, with the same cursors.
        var (pages, next) = (0, "/v1/changes?after=0&limit=500");
        while (next is not null)
        {
            var answer = await writes.AnswerAsync(next);
            Assert.Equal(answer, await AnswerAsync(next));
            using var page = JsonDocument.Parse(answer[answer.IndexOf('\n', StringComparison.Ordinal)..]);
            next = page.RootElement.Text("page.next") is { } cursor ? $"/v1/changes?cursor={cursor}&limit=500" : null!;
            pages++;
        }

        Assert.True(pages > 2, $"{pages} pages");
    }

    [GeneratedRegex(@"knownAt=(?<day>\d{4}-\d{2}-\d{2})[^&]*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KnownAt();
}
