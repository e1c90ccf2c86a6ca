using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>Figures of a site, and its capacity.</summary>
public sealed class FigureTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    private const string Site = "envision-aesc-hauts-de-france";

    [Fact]
    public async Task Capacity_lists_each_product_on_the_page_of_a_site_and_the_first_in_the_list_of_sites()
    {
        var capacity = (await AskAsync($"/v1/factories/{Site}")).GetProperty("capacity").EnumerateArray().ToList();
        Assert.Equal(2, capacity.Count);

        var page = await OpenAsync($"/factories/{Site}");
        var lines = page.Locator("dl.facts div", new() { HasText = "Capacity" }).Locator("li");
        await Expect(lines).ToHaveCountAsync(capacity.Count);
        for (var i = 0; i < capacity.Count; i++)
        {
            await Expect(lines.Nth(i)).ToContainTextAsync(UnitOf(capacity[i]));
        }

        var list = await OpenAsync("/?q=envision%20aesc");
        var card = list.Locator($".card[href='/factories/{Site}']");
        await Expect(card).ToContainTextAsync(UnitOf(capacity[0]));
        await Expect(card).Not.ToContainTextAsync(UnitOf(capacity[1]));

        static string UnitOf(JsonElement entry) => entry.GetProperty("unit").GetString()!;
    }

    [Fact]
    public async Task Figures_of_a_part_are_marked_and_decide_nothing()
    {
        var client = await OwnServiceAsync();
        await RecordFigureAsync(client, value: 345, qualifier: "announced", scope: "part");
        var page = await OpenAsync("/factories/enchem-dunkerque");
        var part = page.Locator(".figures article", new() { HasText = "345 t/year" });
        await Expect(part.Locator("h3")).ToHaveTextAsync("Capacity a part of the site");
        await Expect(part.Locator(".disagreeing")).ToHaveCountAsync(0);
        await Expect(page.Locator("dl.facts")).Not.ToContainTextAsync("345 t/year");
        await page.Locator(".changes details summary").First.ClickAsync();
        await Expect(page.Locator(".changes details").First).ToContainTextAsync("Capacity: 345 t/year, a part of the site");
    }

    [Fact]
    public async Task Installed_figures_hold_one_after_the_other()
    {
        var client = await OwnServiceAsync();
        await RecordFigureAsync(client, value: 111, qualifier: "installed", forDate: "2025-01");
        await RecordFigureAsync(client, value: 222, qualifier: "installed", forDate: "2025-09");

        var page = await OpenAsync("/factories/enchem-dunkerque");
        var latest = page.Locator(".figures article", new() { HasText = "222 t/year" });
        await Expect(latest).ToContainTextAsync("for September 2025");
        await Expect(latest.Locator(".disagreeing h4")).ToHaveTextAsync("Earlier figures");
        await Expect(latest.Locator(".disagreeing")).ToContainTextAsync("111 t/year");

        var section = page.Locator("section", new() { Has = page.Locator("#figures") });
        await page.GotoAsync("/factories/enchem-dunkerque?asOf=2025-05");
        await Expect(section).ToContainTextAsync("111 t/year");
        await Expect(section).Not.ToContainTextAsync("222 t/year");

        await page.GotoAsync("/factories/enchem-dunkerque?asOf=2024-06");
        await Expect(section.Locator(".figures, .empty")).ToBeVisibleAsync();
        await Expect(section).Not.ToContainTextAsync("111 t/year");
    }

    private static async Task RecordFigureAsync(IAPIRequestContext client, int value, string qualifier, string? scope = null, string? forDate = null)
    {
        var answer = await client.PostAsync("/v1/factories/enchem-dunkerque/figures", new()
        {
            DataObject = new
            {
                property = "capacity",
                value,
                unit = "t/year",
                qualifier,
                scope,
                forDate,
                sources = new[] { new { source = "vallee-de-la-batterie-2024-08" } },
            },
        });
        Assert.True(answer.Ok, await answer.TextAsync());
    }
}
