using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>The sites as numbers.</summary>
public sealed class DashboardTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [Fact]
    public async Task Status_is_told_by_country_by_region_and_of_a_chosen_country_by_its_regions()
    {
        var page = await OpenAsync("/dashboard");
        await Expect(page.Locator("canvas[aria-label=Country]")).ToBeVisibleAsync();
        await page.GetByLabel("Group by").SelectOptionAsync("region");
        await AssertAtAsync(page, "by=region");
        await Expect(page.Locator("canvas[aria-label=Region]")).ToBeVisibleAsync();
        await Expect(page.Locator("#groups")).ToHaveTextAsync("Status by region");

        var french = await OpenAsync("/dashboard?country=FR");
        var table = french.Locator("section", new() { Has = french.Locator("#groups") });
        await table.Locator("summary").ClickAsync();
        var client = await ClientAsync();
        var count = (await (await client.GetAsync("/v1/factories?region=hauts-de-france&limit=1&count=exact")).JsonAsync())!.Value.GetProperty("page").GetProperty("count").GetInt32();
        var row = table.Locator("tr", new() { HasText = "Hauts-de-France" }).Locator("td.number");
        await Expect(row).ToHaveCountAsync(5);
        Assert.Equal(count, (await row.AllInnerTextsAsync()).Sum(cell => int.Parse(cell, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task On_a_past_date_no_country_is_listed_for_nothing()
    {
        var page = await OpenAsync("/dashboard?asOf=2016");
        var section = page.Locator("section", new() { Has = page.Locator("#groups") });
        await Expect(section).ToContainTextAsync("sites nothing is known of that date.");
        await section.Locator("summary").ClickAsync();
        var rows = await section.Locator("tbody tr").AllAsync();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            Assert.Contains(await row.Locator("td.number").AllInnerTextsAsync(), cell => cell != "0");
        }
    }

    [Fact]
    public async Task Each_start_that_moved_is_shown_late_or_early_on_an_axis_with_years()
    {
        var slips = (await AskAsync("/v1/stats/slippage?limit=1000")).GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("slipMonths")).Where(months => months.ValueKind == System.Text.Json.JsonValueKind.Number).Select(months => months.GetDouble()).ToList();
        var (late, early) = (slips.Count(months => months > 0), slips.Count(months => months < 0));
        Assert.True(late > 25 && early > 0);

        var page = await OpenAsync("/dashboard");
        var rows = page.Locator(".slips li:not(.axis)");
        await Expect(rows).ToHaveCountAsync(25);
        var section = page.Locator("section", new() { Has = page.Locator("#slippage") });
        var all = (await AskAsync("/v1/stats/slippage/groups")).GetProperty("items")[0];
        await Expect(section).ToContainTextAsync($"Of {all.GetProperty("factories")} sites with an announced start {all.GetProperty("started")} have started on a known date, {all.GetProperty("late")} are later");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Show all {late + early}" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(late + early);
        await Expect(rows.Nth(25).Locator("a")).ToBeFocusedAsync();
        await Expect(rows.Last).ToContainTextAsync("earlier");
        await Expect(page.Locator(".slips .axis")).ToContainTextAsync("2024");
        await Expect(section.Locator(".legend")).ToContainTextAsync("overdue");
        await Expect(rows.Filter(new() { HasText = "SVOLT Überherrn" })).ToContainTextAsync("cancelled");
    }

    [Fact]
    public async Task Capacity_says_what_it_leaves_out_and_tells_a_range_as_one()
    {
        var page = await OpenAsync("/dashboard");
        var section = page.Locator("section", new() { Has = page.Locator("#capacity") });
        await Expect(section).ToContainTextAsync("sites with a figure in GWh/year");
        await Expect(section).ToContainTextAsync("with another unit or product");
        await Expect(section).ToContainTextAsync("GWh/year is reported as installed.");
        await section.Locator("summary").ClickAsync();
        await Expect(section.Locator("tbody tr").Last).ToContainTextAsync(new Regex(@"\d – \d", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await section.GetByLabel("Unit").SelectOptionAsync("t/year");
        await AssertAtAsync(page, "unit=t%2Fyear");
        await Expect(section).ToContainTextAsync("sites with a figure in t/year");
    }
}
