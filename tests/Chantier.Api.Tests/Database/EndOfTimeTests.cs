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

    [Theory]
    [InlineData("knownBy=published")]
    [InlineData("dateMatch=certain")]
    [InlineData("knownAt=2999-01-01")]
    [InlineData("knownAt=9999-12-31T23:59:59.9999999Z")]
    [InlineData("asOf=9999-12-31")]
    [InlineData("asOf=9999-12-31&dateMatch=certain&knownBy=published")]
    public async Task A_read_on_either_axis_up_to_its_end_answers_as_the_present_does(string axes) =>
        Assert.Equal(await StatusesAsync("limit=9"), await StatusesAsync(axes));

    private async Task<List<string>> StatusesAsync(string query)
    {
        using var answer = JsonDocument.Parse(await _api.Client.GetStringAsync(new Uri($"/v1/factories?fields=slug,status,lastConfirmedOn&{query}", UriKind.Relative), Token));
        var items = answer.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText()).ToList();
        Assert.Equal(3, items.Count);
        return [.. items];
    }
}
