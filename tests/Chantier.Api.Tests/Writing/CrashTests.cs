using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests.Writing;

/// <summary>The service as a process of its own, killed in the middle of its work.</summary>
public sealed class CrashTests(PostgresFixture postgres)
{
    private const int Posts = 1000;
    private const int Clients = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_thousand_keyed_posts_each_is_made_exactly_once_though_the_service_is_killed_in_between()
    {
        var connection = await postgres.Databases.CreateAsync(Token);
        var key = await CreateKey.RunAsync(connection, "importer", "curate", Token);
        var api = await ApiProcess.StartAsync(connection, Token);
        using var client = Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var answers = new ConcurrentDictionary<int, string>();
        var lost = 0;
        try
        {
            var left = new ConcurrentQueue<int>(Enumerable.Range(0, Posts));
            var address = api.Address;
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
            {
                while (left.TryDequeue(out var number))
                {
                    while (await TryPostAsync(client, Volatile.Read(ref address), number) is var answer)
                    {
                        if (answer is not null)
                        {
                            answers[number] = answer;
                            break;
                        }

                        Interlocked.Increment(ref lost);
                        await Task.Delay(50, Token);
                    }
                }
            }).Append(Task.Run(
                async () =>
                {
                    while (answers.Count < Posts / 3)
                    {
                        await Task.Delay(1, Token);
                    }

                    await api.KillAsync();
                    await api.DisposeAsync();
                    api = await ApiProcess.StartAsync(connection, Token);
                    Volatile.Write(ref address, api.Address);
                },
                Token)));

            Assert.InRange(lost, 1, int.MaxValue);
            Assert.Equal(Posts, answers.Count);
            // A key that comes again gets the first answer, whichever process gave it.
            Assert.Equal(answers[0], await TryPostAsync(client, api.Address, 0));

            var slugs = new List<string>();
            var created = new List<string>();
            await foreach (var item in ItemsAsync(client, new Uri(api.Address, "/v1/factories?limit=1000&fields=slug")))
            {
                slugs.Add(item.Text("slug")!);
            }

            Assert.Equal(Enumerable.Range(0, Posts).Select(Name).Order(StringComparer.Ordinal), slugs.Order(StringComparer.Ordinal));
            for (var (after, some) = (0L, 1); some > 0;)
            {
                using var feed = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri(api.Address, $"/v1/changes?limit=1000&after={after}"), Token));
                var entries = feed.RootElement.List("items");
                created.AddRange(entries.Select(change => $"{change.Text("factory")} {change.Text("cause")} {change.Text("resourceType")}"));
                (after, some) = (feed.RootElement.GetProperty("page").GetProperty("after").GetInt64(), entries.Length);
            }

            Assert.Equal(Enumerable.Range(0, Posts).SelectMany(number => new[] { $"{Name(number)} created factory", $"{Name(number)} created phase" }).Order(StringComparer.Ordinal), created.Order(StringComparer.Ordinal));
        }
        finally
        {
            await api.DisposeAsync();
        }
    }

    // Names that are not like one another: whoever creates a factory is told what it may be.
    private static string Name(int number) => $"{unchecked((uint)number * 2654435761):x8}";

    // Null where no answer came: the client cannot know whether it was made.
    private static async Task<string?> TryPostAsync(HttpClient client, Uri address, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/v1/factories"));
        request.Headers.Add("Idempotency-Key", $"post {number}");
        request.Content = new StringContent($$"""{"name":"{{Name(number)}}","sector":"other","country":"FR"}""", Encoding.UTF8, "application/json");
        try
        {
            using var response = await client.SendAsync(request, Token);
            var body = await response.Content.ReadAsStringAsync(Token);
            Assert.True((int)response.StatusCode == 201, body);
            return $"{response.Headers.Location} {response.Headers.ETag} {body}";
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async IAsyncEnumerable<JsonElement> ItemsAsync(HttpClient client, Uri list)
    {
        using var document = JsonDocument.Parse(await client.GetByteArrayAsync(list, Token));
        foreach (var item in document.RootElement.List("items"))
        {
            yield return item;
        }
    }

#pragma warning disable RS0030 // One client for the test, on loopback.
    private static HttpClient Client() => new();
#pragma warning restore RS0030
}
