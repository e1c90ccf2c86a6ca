using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>Each view as its readers see it, on a desk and on a phone: all can use it, and nothing is cut off.</summary>
public sealed class LookTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    public static TheoryData<string, string, bool> Views => new()
    {
        { "/", "sites", false }, { "/", "sites-phone", true },
        { "/factories/verkor-dunkerque", "factory", false }, { "/factories/verkor-dunkerque", "factory-phone", true },
        { "/dashboard", "dashboard", false }, { "/dashboard", "dashboard-phone", true },
        { "/sources/eb-cud22b", "source", false }, { "/sources/vallee-de-la-batterie-2024-08?lang=fr", "source-phone", true },
        { "/?asOf=2020&known=then", "past", false }, { "/?asOf=2020&known=then&lang=fr", "past-phone", true },
        { "/factories/britishvolt-blyth?lang=fr", "cancelled-phone", true }, { "/factories/verkor-dunkerque?asOf=2024-01&known=then", "factory-past", false },
        { "/dashboard?country=FR&lang=fr", "dashboard-fr", false },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Each_view_is_accessible_and_as_wide_as_its_screen(string path, string name, bool isPhone)
    {
        var page = await OpenAsync(path, isPhone ? Screen.Phone : Screen.Desktop);
        await Expect(page.Locator("h1").First).ToBeVisibleAsync();
        await page.WaitForLoadStateAsync(LoadState.Load);
        await Expect(page.Locator(".loading")).ToHaveCountAsync(0);
        if (await page.Locator(".map").CountAsync() > 0)
        {
            await Expect(page.Locator(".map")).ToHaveAttributeAsync("data-ready", "true");
        }

        await AssertAccessibleAsync(page);
        var (wide, screen) = (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), await page.EvaluateAsync<int>("() => document.documentElement.clientWidth"));
        Assert.True(wide <= screen, $"The view is {wide} pixels wide on a screen of {screen}.");
        await ScreenshotAsync(page, name);
    }
}
