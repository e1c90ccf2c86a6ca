using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>What readers come for, by real clicks through the real API.</summary>
public sealed class ReaderTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [Fact]
    public async Task A_site_is_found_by_typing_with_a_slip_of_the_finger()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Searchbox).PressSequentiallyAsync("dunkerke verkor");
        await Expect(page.Locator(".found p")).ToHaveTextAsync("1 site");
        await page.Locator(".card").ClickAsync();
        await AssertAtAsync(page, "/factories/verkor-dunkerque");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Verkor Dunkerque");
    }

    [Theory]
    [InlineData(190)]
    [InlineData(205)]
    [InlineData(220)]
    public async Task No_letter_is_lost_to_what_is_asked_for_while_typing(int milliseconds)
    {
        var page = await OpenAsync();
        var box = page.GetByRole(AriaRole.Searchbox);
        await box.PressSequentiallyAsync("fos sur mer ", new() { Delay = milliseconds });
        await Expect(box).ToHaveValueAsync("fos sur mer ");
        await AssertAtAsync(page, "/?q=fos+sur+mer");
        await Expect(box).ToHaveValueAsync("fos sur mer ");
    }

    [Fact]
    public async Task A_filter_leaves_what_it_says_it_will_and_is_in_the_address()
    {
        var page = await OpenAsync();
        var active = page.GetByRole(AriaRole.Button, new() { Name = "active" });
        await Expect(active.Locator("b")).Not.ToBeEmptyAsync();
        var count = await active.Locator("b").InnerTextAsync();
        await active.ClickAsync();
        await Expect(active).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator(".found p")).ToHaveTextAsync($"{count} sites");
        await Expect(page.Locator(".card .badge:not(.active)")).ToHaveCountAsync(0);
        Assert.Contains("stage=active", page.Url, StringComparison.Ordinal);

        // The address alone shows the same to somebody else.
        var other = await OpenAsync(new Uri(page.Url).PathAndQuery);
        await Expect(other.Locator(".found p")).ToHaveTextAsync($"{count} sites");
        await other.GetByRole(AriaRole.Button, new() { Name = "Clear the filter" }).ClickAsync();
        await Expect(other.Locator(".found p")).Not.ToHaveTextAsync($"{count} sites");
    }

    [Fact]
    public async Task The_list_of_statuses_leaves_those_of_one_and_clearing_it_leads_back_to_the_search()
    {
        var count = (await AskAsync("/v1/factories?status=operating&limit=1&count=exact")).GetProperty("page").GetProperty("count").GetInt32();
        var page = await OpenAsync("/?stage=planned");
        var statuses = page.Locator(".selects select").First;
        await statuses.SelectOptionAsync("announced");
        await AssertAtAsync(page, "/?status=announced");
        await page.GotoAsync("/");
        await statuses.SelectOptionAsync(new SelectOptionValue { Label = $"Operating ({count})" });
        await Expect(page.Locator(".found p")).ToHaveTextAsync($"{count} sites");
        Assert.All(await page.Locator(".card .badge").AllInnerTextsAsync(), status => Assert.Equal("Operating", status));
        await page.GetByRole(AriaRole.Button, new() { Name = "Clear the filter" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
    }

    [Fact]
    public async Task What_stands_on_no_date_says_so_and_what_the_service_refuses_is_told_in_its_words()
    {
        var page = await OpenAsync("/?q=qwxzkjv");
        await Expect(page.Locator(".empty")).ToHaveTextAsync("No site is like that.");

        ExpectFailure("400");
        var refused = await OpenAsync("/?sort=weather");
        await Expect(refused.GetByRole(AriaRole.Alert)).ToContainTextAsync("it accepts name");

        ExpectFailure("404");
        var missing = await OpenAsync("/factories/no-such-site");
        await Expect(missing.GetByRole(AriaRole.Alert).First).ToContainTextAsync("There is no such entry");
    }

    [Fact]
    public async Task The_date_moves_and_the_counts_with_it()
    {
        var page = await OpenAsync();
        var active = page.GetByRole(AriaRole.Button, new() { Name = "active" }).Locator("b");
        await Expect(active).Not.ToBeEmptyAsync();
        var today = await active.InnerTextAsync();
        await page.Locator("#as-of").FillAsync($"{(2018 - 2010) * 12}");
        await AssertAtAsync(page, "asOf=2018-01");
        await Expect(active).Not.ToHaveTextAsync(today);
        await Expect(page.Locator(".time output")).ToHaveTextAsync("January 2018");
        await page.GetByRole(AriaRole.Button, new() { Name = "Back to today" }).ClickAsync();
        await Expect(active).ToHaveTextAsync(today);
    }

    [Fact]
    public async Task The_date_is_moved_by_keyboard_month_by_month_and_none_is_lost()
    {
        var page = await OpenAsync("/dashboard?asOf=2018-06");
        var slider = page.Locator("#as-of");
        await Expect(page.Locator(".time output")).ToHaveTextAsync("June 2018");
        await slider.FocusAsync();
        // About as long between them as the slider waits before it asks.
        for (var left = 6; left > 0; left--)
        {
            await page.Keyboard.PressAsync("ArrowLeft", new() { Delay = 75 });
            await page.WaitForTimeoutAsync(75);
        }

        await AssertAtAsync(page, "asOf=2017-12");
        await Expect(slider).ToHaveAttributeAsync("aria-valuetext", "December 2017");
        await page.GetByRole(AriaRole.Button, new() { Name = "Back to today" }).ClickAsync();
        await Expect(slider).ToBeFocusedAsync();

        // At the end of the slider too, what is asked for is told.
        var today = TimeProvider.System.GetUtcNow().UtcDateTime;
        await page.GotoAsync($"/dashboard?asOf={today:yyyy-MM-dd}");
        await Expect(page.Locator(".time output")).ToHaveTextAsync(today.ToString("d MMMM yyyy", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_timeline_tells_what_slipped_and_leads_to_its_source_by_keyboard_alone()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("18 months");
        var slipped = page.Locator(".mark.slipped").First;
        await slipped.FocusAsync();
        await Expect(page.Locator(".detail h3")).ToContainTextAsync("expected, then put off");
        // The latest date has passed without a word: that is not the same as put off.
        await Expect(page.Locator(".mark.overdue").First).ToHaveAttributeAsync("aria-label", "Operating (expected, and its date has passed): January 2026 – March 2026 · said 11 December 2025");
        var source = page.Locator(".detail .sources a").First;
        var name = await source.InnerTextAsync();
        await source.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync(name);
        await Expect(page.Locator(".claims h3").First).ToHaveTextAsync("Verkor Dunkerque");
        await page.GoBackAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Verkor Dunkerque");
    }

    [Fact]
    public async Task A_picture_of_unknown_licence_is_asked_for_only_after_a_click()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque");
        var show = page.Locator(".pictures button").First;
        await Expect(show).ToContainTextAsync("pbs.twimg.com");
        Assert.Empty(Abroad);
        await show.ClickAsync();
        // No host but our own is reached from here, so that the picture is missed, and its place says so.
        await Expect(page.Locator(".pictures .empty")).ToHaveTextAsync("The picture could not be loaded from its origin. Picture at pbs.twimg.com ↗");
        await Expect(page.Locator(".pictures figure").First).ToBeFocusedAsync();
        await Expect(page.Locator(".pictures figure .sources a").First).ToBeVisibleAsync();
        Assert.Equal(["https://pbs.twimg.com/media/GTZpgMSWsAAWFqT.jpg"], Abroad);
    }

    [Fact]
    public async Task An_open_page_shows_what_somebody_else_records()
    {
        var client = await OwnServiceAsync();
        var page = await OpenAsync("/factories/verkor-dunkerque");
        await Expect(page.Locator("dl.facts .badge")).ToHaveTextAsync("Commissioning");
        var list = await OpenAsync("/?q=verkor%20dunkerque");
        await Expect(list.Locator(".card .badge")).ToHaveTextAsync("Commissioning");
        // Both listen by now, so that it is the stream that tells them.
        await page.WaitForTimeoutAsync(1000);

        await RecordStatusAsync(client);

        await Expect(page.Locator("dl.facts .badge")).ToHaveTextAsync("Operating");
        await Expect(list.Locator(".card .badge")).ToHaveTextAsync("Operating");
    }

    [Fact]
    public async Task What_is_recorded_between_reading_and_listening_is_shown_too()
    {
        var client = await OwnServiceAsync();
        var page = await OpenAsync("/sources/vallee-de-la-batterie-2024-08");
        var isRecorded = new TaskCompletionSource();
        await page.RouteAsync("**/v1/changes/stream*", async route =>
        {
            await isRecorded.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync("/factories/verkor-dunkerque");
        await Expect(page.Locator("dl.facts .badge")).ToHaveTextAsync("Commissioning");
        await RecordStatusAsync(client);
        isRecorded.SetResult();
        await Expect(page.Locator("dl.facts .badge")).ToHaveTextAsync("Operating");
    }

    [Fact]
    public async Task The_language_is_the_browsers_until_another_is_chosen_and_stays()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque", locale: "fr-FR");
        await Expect(page.Locator("#timeline")).ToHaveTextAsync("Chronologie");
        await Expect(page.Locator(".lead")).ToContainTextAsync("Gigafactory de batteries");
        await page.GetByRole(AriaRole.Button, new() { Name = "EN", Exact = true }).ClickAsync();
        await Expect(page.Locator("#timeline")).ToHaveTextAsync("Timeline");
        await page.GetByRole(AriaRole.Link, new() { Name = "Dashboard" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Dashboard");
        await page.GotoAsync("/");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
    }

    [Fact]
    public async Task The_dashboard_draws_and_its_numbers_are_those_of_the_service()
    {
        var page = await OpenAsync("/dashboard?country=FR");
        await Expect(page.Locator("canvas")).ToHaveCountAsync(2);
        var client = await ClientAsync();
        var count = (await (await client.GetAsync("/v1/factories?country=FR&limit=1&count=exact")).JsonAsync())!.Value.GetProperty("page").GetProperty("count").GetInt32();
        await Expect(page.Locator(".numbers li").First).ToHaveTextAsync($"{count} sites");
        await Expect(page.Locator(".slips")).ToContainTextAsync("Verkor Dunkerque");
        await page.Locator(".slips a", new() { HasText = "Verkor Dunkerque" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Verkor Dunkerque");
    }

    [Fact]
    public async Task A_site_on_the_map_leads_to_its_page()
    {
        // Zoomed in on one that stands alone.
        var page = await OpenAsync("/?q=verkor%20dunkerque#map=10/50.94246/2.20357");
        await Expect(page.Locator(".map")).ToHaveAttributeAsync("data-ready", "true");
        var map = page.Locator(".map canvas");
        await UntilAsync(async () =>
        {
            await map.HoverAsync();
            await Expect(page.Locator(".tip")).ToContainTextAsync("Verkor Dunkerque", new() { Timeout = 1000 });
        });
        await map.ClickAsync();
        await AssertAtAsync(page, "/factories/verkor-dunkerque");
    }

    [Fact]
    public async Task Sites_that_lie_on_each_other_are_told_apart_by_a_list()
    {
        var page = await OpenAsync("/#map=13/51.03412/2.35604");
        var map = page.Locator(".map canvas");
        await UntilAsync(async () =>
        {
            await map.HoverAsync();
            await Expect(page.Locator(".tip")).ToHaveTextAsync("4 sites here", new() { Timeout = 1000 });
        });
        await map.ClickAsync();
        var sites = page.Locator(".pile a");
        await Expect(sites).ToHaveCountAsync(4);
        await Expect(sites.First).ToBeFocusedAsync();
        await AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");
        await Expect(sites).ToHaveCountAsync(0);
        await Expect(map).ToBeFocusedAsync();

        // A place that is written into the address of the open page is followed, and the list stays with the one that it was of.
        await map.ClickAsync();
        await Expect(sites).ToHaveCountAsync(4);
        await page.EvaluateAsync("() => { location.hash = '#map=12.5/51.03412/2.35604' }");
        await Expect(sites).ToHaveCountAsync(0);
        await UntilAsync(async () =>
        {
            await map.ClickAsync();
            await Expect(sites).ToHaveCountAsync(4, new() { Timeout = 1000 });
        });
        await page.GetByRole(AriaRole.Link, new() { Name = "Enchem Dunkerque" }).Last.ClickAsync();
        await AssertAtAsync(page, "/factories/enchem-dunkerque");
    }

    [Fact]
    public async Task Who_does_not_mind_motion_sees_the_same()
    {
        var page = await OpenAsync(isStill: false);
        await Expect(page.Locator(".map")).ToHaveAttributeAsync("data-ready", "true");
        await page.GetByRole(AriaRole.Link, new() { Name = "Dashboard" }).ClickAsync();
        await Expect(page.Locator("canvas")).ToHaveCountAsync(2);
        await Expect(page.Locator(".slips")).ToContainTextAsync("Verkor Dunkerque");
    }

    private static async Task UntilAsync(Func<Task> step)
    {
        // Tiles come when they come: the step is tried until it holds.
        for (var left = 15; ; left--)
        {
            try
            {
                await step();
                return;
            }
            catch (Exception failure) when (failure is PlaywrightException && left > 0)
            {
                await Task.Delay(300, Token);
            }
        }
    }
}
