using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>How a site came to be as it is, drawn.</summary>
public sealed class TimelineTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [Theory]
    [InlineData("/factories/verkor-dunkerque")]
    [InlineData("/factories/britishvolt-blyth?lang=fr")]
    [InlineData("/factories/northvolt-ett")]
    public async Task On_a_phone_no_word_is_cut_off(string path)
    {
        var page = await OpenAsync(path, Screen.Phone);
        await Expect(page.Locator(".timeline .told").First).ToBeVisibleAsync();
        var cut = await page.EvaluateAsync<string[]>("""
            () => {
              const box = document.querySelector('.timeline svg').getBoundingClientRect();
              return [...document.querySelectorAll('.timeline text')]
                .filter(text => { const at = text.getBoundingClientRect(); return at.left < box.left - 1 || at.right > box.right + 1; })
                .map(text => text.textContent);
            }
            """);
        Assert.Empty(cut);
        await Expect(page.Locator(".timeline > p")).Not.ToContainTextAsync("Tab");
    }

    [Fact]
    public async Task Each_status_of_the_band_is_named_and_has_a_colour_of_its_own()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque", Screen.Phone);
        await Expect(page.Locator(".timeline .legend li:has(.band)")).ToHaveTextAsync(["Announced", "Under construction", "Permitted", "Site preparation", "Commissioning"]);
        var colours = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('.timeline .legend .band')].map(band => getComputedStyle(band).backgroundColor)");
        Assert.Equal(5, colours.Distinct(StringComparer.Ordinal).Count());
        await page.Locator(".mark.actual").Nth(1).TapAsync();
        await Expect(page.Locator(".detail h3")).ToContainTextAsync("Under construction was seen so");
    }

    [Fact]
    public async Task Enter_holds_an_entry_so_that_tab_reaches_its_source_and_escape_leads_back()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque");
        var slipped = page.Locator(".mark.slipped").First;
        await slipped.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".detail")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".detail .sources a").First).ToBeFocusedAsync();
        await Expect(page.Locator(".detail h3")).ToContainTextAsync("expected, then put off");
        await page.Keyboard.PressAsync("Escape");
        await Expect(slipped).ToBeFocusedAsync();

        // Where nothing is held, Escape leads nowhere.
        var other = page.Locator(".mark.milestone").First;
        await other.FocusAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(other).ToBeFocusedAsync();

        // What is held stays while one points at others on the way to it.
        await page.Locator(".mark.overdue").First.ClickAsync();
        await slipped.HoverAsync();
        await Expect(page.Locator(".detail h3")).ToContainTextAsync("its date has passed");
    }

    [Fact]
    public async Task What_was_called_off_before_it_started_is_neither_on_time_nor_still_expected()
    {
        var page = await OpenAsync("/factories/britishvolt-blyth");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("Cancelled before it started, first announced for October 2023 – December 2023");
        await Expect(page.Locator(".mark.expected")).ToHaveCountAsync(0);
        await page.Locator(".mark.dropped").ClickAsync();
        await Expect(page.Locator(".detail h3")).ToContainTextAsync("milestone, was expected before the end");
    }

    [Fact]
    public async Task A_date_that_has_passed_without_a_word_is_overdue_and_was_not_before()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque");
        await Expect(page.Locator("dl.facts .late")).ToHaveTextAsync(["overdue", "overdue"]);
        await Expect(page.Locator(".timeline .legend .overdue")).ToBeVisibleAsync();
        var (overdue, expected) = (await ColourAsync(page, ".mark.overdue rect.date"), await ColourAsync(page, ".mark.expected rect.date"));
        Assert.NotEqual(expected, overdue);

        var before = await OpenAsync("/factories/verkor-dunkerque?asOf=2025-12");
        await Expect(before.Locator("dl.facts")).ToContainTextAsync("January 2026 – March 2026");
        await Expect(before.Locator("dl.facts .late")).ToHaveCountAsync(0);

        // Never put off, never started.
        var silent = await OpenAsync("/factories/suez-dunkerque");
        await Expect(silent.Locator("dl.facts")).ToContainTextAsync("overdue, first announced for 2025");
    }

    [Theory]
    [InlineData("/factories/envision-aesc-hauts-de-france?asOf=2024-01", "Under construction", "Permitted")]
    public async Task Of_events_of_one_day_the_band_shows_what_the_status_is_and_the_others_stand_below_it(string path, string status, string outdone)
    {
        var page = await OpenAsync(path);
        await Expect(page.Locator("dl.facts .badge")).ToHaveTextAsync(status);
        await Expect(page.Locator(".timeline .mark:has(rect[height='26'])").Last).ToHaveAttributeAsync("aria-label", new Regex($"^{status} ", RegexOptions.None, TimeSpan.FromSeconds(1)));
        var tab = page.Locator(".mark:has(.tab)");
        await Expect(tab).ToHaveCountAsync(1);
        await tab.HoverAsync();
        await Expect(page.Locator(".detail h3")).ToContainTextAsync(outdone);
        await Expect(page.Locator(".detail")).ToContainTextAsync("another of the same day goes before it");
        await Expect(page.Locator(".detail .sources a").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_less_precise_date_confirms_a_start_and_is_shown_below_it()
    {
        var client = await OwnServiceAsync();
        await RecordStatusAsync(client, date: "2026-11-20");
        await RecordStatusAsync(client, date: "2026");
        var page = await OpenAsync("/factories/verkor-dunkerque");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("since 20 November 2026");
        var tab = page.Locator(".mark:has(.tab)[aria-label='Operating (happened): 2026']");
        await tab.HoverAsync();
        await Expect(page.Locator(".detail")).ToContainTextAsync("confirms a more precise date");
    }

    [Fact]
    public async Task A_site_that_operates_is_overdue_for_nothing_that_was_expected_of_its_start()
    {
        var page = await OpenAsync("/factories/lg-wroclaw");
        await Expect(page.Locator(".mark.expected .told")).ToHaveTextAsync("2018 · said about March 2018");
    }

    [Fact]
    public async Task A_date_that_news_replaced_was_told_all_the_same_and_what_is_concluded_shows_as_such()
    {
        var client = await OwnServiceAsync();
        var told = (await AskAsync("/v1/claims?factory=verkor-dunkerque&kind=status_event&basis=expected&limit=1000")).GetProperty("items").EnumerateArray()
            .Single(claim => claim.GetProperty("date").GetString() == "2026-01/2026-03");
        await RecordStatusAsync(client, basis: "expected", date: "2027", supersedes: new { claim = told.GetProperty("id").GetInt64(), reason = "news" }, phase: told.GetProperty("phaseId").GetInt64());

        var page = await OpenAsync("/factories/verkor-dunkerque");
        await Expect(page.Locator(".mark.replaced .told")).ToHaveTextAsync("January 2026 – March 2026 · said 11 December 2025");
        var write = page.Locator(".changes details").First;
        await Expect(write.Locator("summary")).ToContainTextAsync("by the-other: 1 × Status");
        await write.Locator("summary").ClickAsync();
        await Expect(write.Locator("li")).ToContainTextAsync(["Operating, "]);

        await RecordStatusAsync(client, basis: "inferred");
        await Expect(page.Locator("dl.facts .badge")).ToHaveTextAsync("Operating · concluded");
        var list = await OpenAsync("/?q=verkor%20dunkerque");
        await Expect(list.Locator(".card .badge.inferred")).ToHaveTextAsync("Operating · concluded");
    }

    private static Task<string> ColourAsync(IPage page, string mark) => page.Locator(mark).First.EvaluateAsync<string>("one => getComputedStyle(one).stroke");
}
