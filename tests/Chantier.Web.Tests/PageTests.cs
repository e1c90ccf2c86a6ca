using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>The page as the build makes it and the service serves it.</summary>
public sealed class PageTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    public static TheoryData<string, string> Views => new()
    {
        { "/", "en-GB" }, { "/", "fr-FR" }, { "/dashboard", "en-GB" }, { "/factories/verkor-dunkerque", "en-GB" }, { "/sources/vallee-de-la-batterie-2024-08", "fr-FR" },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Each_view_opens_by_its_address_in_the_readers_language_and_asks_no_other_host(string path, string locale)
    {
        var page = await OpenAsync(path, locale: locale);
        await Expect(page.Locator("h1").First).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", locale[..2]);
        await page.WaitForLoadStateAsync(LoadState.Load);
        Assert.Empty(Abroad);
    }

    [Fact]
    public async Task The_map_is_drawn_under_the_pages_policy()
    {
        var page = await OpenAsync();
        await Expect(page.Locator(".map")).ToHaveAttributeAsync("data-ready", "true");
        await ScreenshotAsync(page, "map");
    }

    [Fact]
    public async Task Clients_that_are_no_browsers_still_get_the_landing_document()
    {
        var client = await ClientAsync();
        var answer = await client.GetAsync("/");
        Assert.Equal(200, answer.Status);
        Assert.StartsWith("application/json", answer.Headers["content-type"], StringComparison.Ordinal);
        Assert.NotNull((await answer.JsonAsync())?.GetProperty("links"));
    }

    [Fact]
    public async Task All_that_the_page_is_made_of_is_kept_for_ever()
    {
        var page = await OpenAsync();
        var parts = await page.EvaluateAsync<string[]>("() => performance.getEntriesByType('resource').map(one => new URL(one.name).pathname).filter(path => path.startsWith('/assets/'))");
        Assert.NotEmpty(parts);
        var client = await ClientAsync();
        foreach (var part in parts)
        {
            Assert.Equal("public, max-age=31536000, immutable", (await client.GetAsync(part)).Headers["cache-control"]);
        }
    }
}
