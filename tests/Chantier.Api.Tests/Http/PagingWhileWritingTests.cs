using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Chantier.Api.Factories;
using Chantier.Testing;

namespace Chantier.Api.Tests.Http;

/// <summary>Walks through ten thousand factories while a curator records more, by HTTP as anybody would.</summary>
public sealed class PagingWhileWritingTests(PostgresFixture postgres) : World(postgres)
{
    private const int Factories = 10_000;

    private int _written;
    private Task _writer = Task.CompletedTask;

    /// <summary>Every sort that the list takes, the distance included.</summary>
    public static IEnumerable<string> Sorts => [.. FactorySql.Sorts.Accepted.Select(sort => $"sort={sort}"), "near=5,48&radiusKm=2000"];

    private protected override string Template => "ten thousand";

    private protected override Task FillAsync(string connection) => TestDatabases.GenerateAsync(connection, Factories, Token);

    [Fact]
    public async Task Paging_through_10_000_generated_factories_with_any_sort_walks_each_exactly_once_while_another_writer_inserts()
    {
        var key = await KeyAsync("writer", "curate");
        var generated = Enumerable.Range(1, Factories).Select(i => $"generated-{i}").Order(StringComparer.Ordinal).ToList();
        var near = await CountAsync("near=5,48&radiusKm=2000");

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _writer = WriteAsync(key, enough.Token);
        foreach (var sort in Sorts)
        {
            var slugs = (await Walk.AllAsync(Ask, $"/v1/factories?{sort}&limit=1000&fields=slug", OneMoreAsync)).Select(item => item.Text("slug")!).ToList();

            Assert.Equal(slugs.Count, slugs.Distinct().Count());
            var old = slugs.Where(slug => slug.StartsWith("generated-", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
            Assert.Equal(sort.StartsWith("near", StringComparison.Ordinal) ? near : Factories, old.Count);
            Assert.True(sort.StartsWith("near", StringComparison.Ordinal) || generated.SequenceEqual(old));
        }

        await enough.CancelAsync();
        await _writer;
        Assert.True(_written >= Sorts.Count(), $"Only {_written} were written.");
        Assert.Equal(Factories + _written, await CountAsync("sort=name"));
    }

    [Fact]
    public async Task With_the_knowledge_pinned_a_walk_shows_what_there_was_when_it_began_and_nothing_else()
    {
        var key = await KeyAsync("writer", "curate");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _writer = WriteAsync(key, enough.Token);
        foreach (var sort in FactorySql.Sorts.Accepted)
        {
            // The first page says which knowledge it is of.
            var known = (await Ask.JsonAsync($"/v1/factories?sort={sort}&limit=1")).Text("knownAt");
            var count = (await Ask.JsonAsync($"/v1/factories?knownAt={known}&count=exact&limit=1")).Text("page.count");
            var first = await Walk.AllAsync(Ask, $"/v1/factories?sort={sort}&limit=1000&knownAt={known}&fields=slug,status,updatedAt", OneMoreAsync);
            Assert.Equal(count, first.Count.ToString());
            Assert.True(first.Count >= Factories);
            Assert.Equal(first.Count, first.Select(item => item.Text("slug")).Distinct().Count());
            Assert.All(first, item => Assert.True(string.CompareOrdinal(item.Text("updatedAt"), known) <= 0));
        }

        await enough.CancelAsync();
        await _writer;
        Assert.True(_written >= FactorySql.Sorts.Accepted.Count());
    }

    private async Task<int> CountAsync(string query) => (await Ask.JsonAsync($"/v1/factories?{query}&limit=1&count=exact")).GetProperty("page").GetProperty("count").GetInt32();

    /// <summary>Waits until the writer has written again, however slow it is today.</summary>
    private async Task OneMoreAsync()
    {
        for (var before = Volatile.Read(ref _written); Volatile.Read(ref _written) == before;)
        {
            if (_writer.IsCompleted)
            {
                await _writer;
                Assert.Fail("The writer has stopped.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), Token);
        }
    }

    /// <summary>New factories whose names fall all over the alphabet, one after the other.</summary>
    private async Task WriteAsync(string key, CancellationToken enough)
    {
        for (var i = 0; !enough.IsCancellationRequested; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/factories", UriKind.Relative));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            request.Content = new StringContent($$"""{"name":"{{(char)('A' + (i * 7 % 26))}} written {{i}}","sector":"other","country":"FR"}""", Encoding.UTF8, "application/json");
            using var response = await Api.Client.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            Interlocked.Increment(ref _written);
        }
    }
}
