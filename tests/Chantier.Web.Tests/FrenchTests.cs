using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>French all through: words, units, dates and the space before a colon.</summary>
public sealed class FrenchTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [Fact]
    public async Task A_site_is_told_in_french()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque?lang=fr");
        await Expect(page.Locator(".figures")).ToContainTextAsync("GWh/an");
        await Expect(page.Locator(".figures")).ToContainTextAsync("unités/an");
        await Expect(page.Locator(".figures")).ToContainTextAsync("m²");
        await Expect(page.Locator(".pictures").First).ToContainTextAsync("Crédit\u202f:");
        await Expect(page.Locator(".timeline .row", new() { HasText = "En activité\u202f: attendu" }).First).ToBeVisibleAsync();
        await Expect(page.Locator(".sources.many")).ToContainTextAsync("presse");
        // The name of a phase is as its source has it.
        var text = (await page.Locator("main").InnerTextAsync()).Replace("Plant 1, 16 GWh/year", "", StringComparison.Ordinal);
        Assert.DoesNotContain("/year", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" press\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tables_of_the_dashboard_have_words_and_not_codes()
    {
        var page = await OpenAsync("/dashboard?lang=fr");
        await Expect(page.Locator(".slips")).ToContainTextAsync("Verkor Dunkerque");
        foreach (var table in await page.Locator("summary").AllAsync())
        {
            await table.ClickAsync();
        }

        var cells = page.Locator("td");
        await Expect(page.Locator("td:visible", new() { HasText = "En construction" }).First).ToBeVisibleAsync();
        var text = string.Join('\n', await cells.AllInnerTextsAsync());
        Assert.DoesNotMatch(@"\b\w+_\w+\b", text);
        Assert.DoesNotMatch(@"\d{4}-\d{2}|\d{4}/\d{4}", text);
        Assert.DoesNotMatch(@"\d\.\d", text);
        Assert.Matches(@"\d,\d", text);
    }
}
