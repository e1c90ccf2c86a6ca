using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>A date in the world, and what was known on it.</summary>
public sealed class PastTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [Fact]
    public async Task What_was_known_then_leaves_out_what_was_said_later_and_stays_from_view_to_view()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque?asOf=2024-01");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("January 2026");
        // What stands here is what the first view asks for last.
        await Expect(page.Locator(".shares .sources").First).ToBeVisibleAsync();
        var asked = new ConcurrentQueue<string>();
        page.Request += (_, request) => asked.Enqueue(request.Url);

        await page.GetByRole(AriaRole.Checkbox, new() { Name = "using only what was published by then" }).CheckAsync();
        await AssertAtAsync(page, "asOf=2024-01&known=then");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("then for 2025, postponed once");
        await Expect(page.Locator("dl.facts")).Not.ToContainTextAsync("2026");
        await Expect(page.Locator(".timeline")).Not.ToContainTextAsync("said 11 December 2025");

        AssertAllAskThen();

        asked.Clear();
        var tile = page.WaitForRequestAsync(request => IsTile(request.Url));
        await page.GetByRole(AriaRole.Link, new() { Name = "Sites", Exact = true }).ClickAsync();
        await AssertAtAsync(page, "/?asOf=2024-01&known=then");
        await Expect(page.Locator(".found p")).ToHaveTextAsync($"{await CountAsync("asOf=2024-01&publishedUntil=2024-01")} sites");
        await Expect(page.Locator(".map .note")).ToHaveTextAsync("Places as they are known today.");
        await tile;
        AssertAllAskThen();
        Assert.Contains(asked, IsTile);
        Assert.All(asked.Where(IsTile), url => Assert.EndsWith("?asOf=2024-01&publishedUntil=2024-01", url, StringComparison.Ordinal));

        // The address alone shows the same to somebody else, and today nothing of it is left.
        var other = await OpenAsync("/factories/verkor-dunkerque?asOf=2024-01&known=then");
        await Expect(other.GetByRole(AriaRole.Checkbox)).ToBeCheckedAsync();
        await Expect(other.Locator("dl.facts")).ToContainTextAsync("postponed once");
        await other.GetByRole(AriaRole.Button, new() { Name = "Back to today" }).ClickAsync();
        var slip = (await AskAsync("/v1/stats/slippage?slug=verkor-dunkerque")).GetProperty("items")[0];
        await Expect(other.Locator("dl.facts")).ToContainTextAsync($"postponed {slip.GetProperty("postponements")} times");
        Assert.DoesNotContain("known", other.Url, StringComparison.Ordinal);

        static bool IsTile(string url) => url.Contains("/ogc/collections/factories/tiles/", StringComparison.Ordinal);

        void AssertAllAskThen() => Assert.All(
            asked.Where(url => url.Contains("asOf=2024-01", StringComparison.Ordinal) && url.Contains("/v1/", StringComparison.Ordinal)),
            url => Assert.Contains("publishedUntil=2024-01", url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_date_before_they_were_announced_nothing_is_known()
    {
        var page = await OpenAsync("/?asOf=2015");
        await Expect(page.Locator(".card .badge.none").First).ToHaveTextAsync("nothing known of that date");
        var client = await ClientAsync();
        var without = (await (await client.GetAsync("/v1/stats/factories?groupBy=status&asOf=2015")).JsonAsync())!.Value.GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("status").ValueKind == System.Text.Json.JsonValueKind.Null).GetProperty("factories").GetInt32();
        Assert.True(without > 1);
        await Expect(page.Locator(".filter")).ToContainTextAsync($"Of {without} sites nothing is known of that date.");
        await Expect(page.Locator(".map .legend")).ToContainTextAsync("nothing known of that date");
        await Expect(page.Locator("main")).Not.ToContainTextAsync("No source says.");
    }

    [Fact]
    public async Task A_site_that_nobody_told_of_yet_says_so_and_leads_to_what_is_known_today()
    {
        ExpectFailure("404");
        var page = await OpenAsync("/factories/verkor-dunkerque?asOf=2015-01&known=then");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Nothing was known of it then");
        await page.GetByRole(AriaRole.Link, new() { Name = "Show it as it is known today" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Verkor Dunkerque");
        await AssertAtAsync(page, "?asOf=2015-01");
    }

    [Fact]
    public async Task A_date_in_the_future_is_refused_and_the_way_on_leaves_it_out()
    {
        ExpectFailure("400");
        var year = TimeProvider.System.GetUtcNow().UtcDateTime.Year + 4;
        var page = await OpenAsync($"/factories/verkor-dunkerque?asOf={year}");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Invalid request");
        await Expect(page.Locator(".time output")).ToHaveTextAsync($"{year}");
        await page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Link, new() { Name = "To the sites" }).ClickAsync();
        await Expect(page.Locator(".card").First).ToBeVisibleAsync();
        Assert.DoesNotContain("asOf", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_map_of_a_site_is_of_the_same_date()
    {
        var tiles = new ConcurrentQueue<string>();
        var page = await OpenAsync("/sources/eb-cfnews");
        page.Request += (_, request) =>
        {
            if (request.Url.Contains("/ogc/collections/factories/tiles/", StringComparison.Ordinal))
            {
                tiles.Enqueue(request.Url);
            }
        };
        await page.GotoAsync("/factories/verkor-dunkerque?asOf=2018-06");
        await Expect(page.Locator(".map")).ToHaveAttributeAsync("data-ready", "true");
        Assert.NotEmpty(tiles);
        Assert.All(tiles, url => Assert.Contains("asOf=2018-06", url, StringComparison.Ordinal));
    }

    private async Task<int> CountAsync(string time)
    {
        var client = await ClientAsync();
        return (await (await client.GetAsync($"/v1/factories?limit=1&count=exact&{time}")).JsonAsync())!.Value.GetProperty("page").GetProperty("count").GetInt32();
    }
}
