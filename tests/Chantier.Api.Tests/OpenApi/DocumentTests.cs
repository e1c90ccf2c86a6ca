namespace Chantier.Api.Tests.OpenApi;

/// <summary>The API's description changes only where somebody has looked at the change.</summary>
public sealed class DocumentTests(SeededApi api) : IClassFixture<SeededApi>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_description_is_the_one_that_was_agreed_to()
    {
        using var response = await api.Client.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), Token);
        Assert.Equal("application/vnd.oai.openapi+json; version=3.1", response.Content.Headers.ContentType!.ToString());
        await GoldenFile.MatchesAsync(Path.Combine(GoldenFile.Folder(), "v1.json"), await response.Content.ReadAsByteArrayAsync(Token), Token);
    }
}
