using System.Text.Json;
using Chantier.Testing;

namespace Chantier.Api.Tests.Database;

/// <summary>The end of time is infinity in the database, where every interval has ended: reads stop short of it.</summary>
public sealed class EndOfTimeTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connection = await postgres.SeededAsync("documents", Token);
        _api = await TestApi.StartAsync(connection, Token);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Read_on_either_axis_up_to_its_end_answers_as_the_present_does()
    {
        var present = await StatusesAsync("limit=9");
        var today = TimeProvider.System.GetUtcNow().UtcDateTime.Date;
        foreach (var axes in new[] { $"asOf={today:yyyy-MM-dd}", $"asOf={today.AddDays(1):yyyy-MM-dd}", $"knownAt={today:yyyy-MM-dd}", $"publishedUntil={today:yyyy-MM-dd}", $"publishedUntil={today:yyyy}" })
        {
            Assert.Equal(present, await StatusesAsync(axes));
        }
    }

    private async Task<List<string>> StatusesAsync(string query)
    {
        using var answer = JsonDocument.Parse(await _api.Client.GetStringAsync(new Uri($"/v1/factories?fields=slug,status,lastConfirmedOn&{query}", UriKind.Relative), Token));
        var items = answer.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText()).ToList();
        Assert.Equal(3, items.Count);
        return [.. items];
    }
}
