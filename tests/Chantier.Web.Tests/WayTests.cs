using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>From view to view and back, and what is said where there is no way on.</summary>
public sealed class WayTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [Fact]
    public async Task A_step_to_another_view_is_announced_and_the_way_back_leads_to_where_one_was()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show more" }).ClickAsync();
        var last = page.Locator(".card").Last;
        await Expect(page.Locator(".card")).Not.ToHaveCountAsync(40);
        await last.ScrollIntoViewIfNeededAsync();
        var name = await last.Locator("strong").InnerTextAsync();
        await last.ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync(name);
        await Expect(page.Locator("h1")).ToBeFocusedAsync();
        await page.GoBackAsync();
        await Expect(page.Locator(".card", new() { HasText = name })).ToBeInViewportAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Dashboard" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeFocusedAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Dashboard");
    }

    [Fact]
    public async Task On_a_phone_the_way_back_leads_to_where_one_was_too()
    {
        var page = await OpenAsync(screen: Screen.Phone);
        var card = page.Locator(".card").Nth(30);
        await card.ScrollIntoViewIfNeededAsync();
        var name = await card.Locator("strong").InnerTextAsync();
        await card.ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync(name);
        await page.GoBackAsync();
        await Expect(page.Locator(".card", new() { HasText = name })).ToBeInViewportAsync();
    }

    [Theory]
    [InlineData("/operators/verkor?lang=fr", "/?lang=fr&operator=verkor", "De l'entreprise\u202f: Verkor")]
    [InlineData("/regions/vallee-de-la-batterie?asOf=2025", "/?asOf=2025&region=vallee-de-la-batterie", "In the region: Battery Valley")]
    public async Task A_company_and_a_region_lead_to_their_sites_by_name(string path, string to, string chip)
    {
        var page = await OpenAsync(path);
        await AssertAtAsync(page, to);
        await Expect(page.Locator(".chip.on")).ToContainTextAsync(chip);
        await Expect(page.Locator(".card").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_link_to_a_company_keeps_the_date_and_the_language()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque?asOf=2025-06&lang=fr");
        await page.Locator(".operators > li > a").First.ClickAsync();
        await AssertAtAsync(page, "/?asOf=2025-06&lang=fr&operator=verkor");
    }

    [Fact]
    public async Task Where_there_is_nothing_the_page_says_so_and_leads_back()
    {
        ExpectFailure("404");
        var page = await OpenAsync("/x/y/z?lang=fr");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Il n'y a rien à cette adresse.");
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Vers les sites" }).ClickAsync();
        await Expect(page.Locator(".card").First).ToBeVisibleAsync();
        Assert.Equal(404, (await (await ClientAsync(("Accept", "application/json"))).GetAsync("/x/y/z")).Status);
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_readers_language()
    {
        ExpectFailure("400");
        var page = await OpenAsync("/?sort=weather&lang=fr");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Requête invalide");
        await Expect(page.GetByRole(AriaRole.Alert)).Not.ToContainTextAsync("accepts");
        await page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Link, new() { Name = "Vers les sites" }).ClickAsync();
        await Expect(page.Locator(".card").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_asked_again_at_a_click()
    {
        ExpectFailure("503");
        ExpectFailure("ERR_FAILED");
        var page = await OpenAsync("/sources/eb-cfnews?lang=fr");
        // Without the words for what there is, no view shows codes in their place.
        await page.RouteAsync("**/v1/statuses?*", route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = "{}" }));
        await page.GotoAsync("/?lang=fr");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Le service ne peut pas répondre maintenant");
        await page.UnrouteAllAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Réessayer" }).ClickAsync();
        await Expect(page.Locator(".card").First).ToBeVisibleAsync();

        await page.RouteAsync("**/v1/factories?*", route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = """{"title":"The service is busy","detail":"English"}""" }));
        await page.GotoAsync("/?lang=fr");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Le service ne peut pas répondre maintenant");
        await Expect(page.GetByRole(AriaRole.Alert)).Not.ToContainTextAsync("English");
        await page.UnrouteAllAsync();
        await page.RouteAsync("**/v1/factories?*", route => route.AbortAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Réessayer" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Le service ne répond pas");
        await page.UnrouteAllAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Réessayer" }).ClickAsync();
        await Expect(page.Locator(".card").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Nothing_is_asked_twice_and_the_address_of_the_map_is_the_readers_alone()
    {
        var asked = new ConcurrentQueue<string>();
        var page = await OpenAsync("/sources/eb-cfnews");
        page.Request += (_, request) => asked.Enqueue(request.Url);
        await page.GotoAsync("/");
        await Expect(page.Locator(".map")).ToHaveAttributeAsync("data-ready", "true");
        // As long as what the stream has to tell would take to be asked after.
        await page.WaitForTimeoutAsync(1500);
        var lists = asked.Where(url => url.Contains("/v1/factories?", StringComparison.Ordinal) || url.Contains("/v1/stats/", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, lists.Count);
        Assert.Equal(4, lists.Distinct(StringComparer.Ordinal).Count());
        var tiles = asked.Where(url => url.EndsWith(".mvt", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(tiles);
        Assert.Equal(tiles.Distinct(StringComparer.Ordinal), tiles);
        Assert.Contains(asked, url => url.Contains("/v1/changes/stream?after=", StringComparison.Ordinal));
        Assert.DoesNotContain("#", page.Url, StringComparison.Ordinal);

        // A filter moves the map, until a reader does.
        var scale = page.Locator(".maplibregl-ctrl-scale");
        var whole = await scale.InnerTextAsync();
        await page.GetByLabel("Country").SelectOptionAsync("HU");
        await Expect(scale).Not.ToHaveTextAsync(whole);
        Assert.DoesNotContain("#", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Zoom in" }).ClickAsync();
        await AssertAtAsync(page, "#map=");
        var own = await scale.InnerTextAsync();
        await page.GetByLabel("Country").SelectOptionAsync("SE");
        await Expect(page.Locator(".card").First).ToContainTextAsync("Sweden");
        await Expect(scale).ToHaveTextAsync(own);
    }

    [Fact]
    public async Task What_is_chosen_while_the_map_is_made_is_what_it_shows()
    {
        var asked = new ConcurrentQueue<string>();
        var page = await OpenAsync("/sources/eb-cfnews");
        page.Request += (_, request) => asked.Enqueue(request.Url);
        await page.GotoAsync("/");
        await page.GetByLabel("Country").SelectOptionAsync("HU");
        await page.GetByLabel("Country").SelectOptionAsync("");
        await page.GetByLabel("Country").SelectOptionAsync("SE");
        await Expect(page.Locator(".map")).ToHaveAttributeAsync("data-ready", "true");
        await Expect(page.Locator(".card").First).ToContainTextAsync("Sweden");
        for (var tries = 0; !asked.LastOrDefault(url => url.Contains("/factories/tiles/", StringComparison.Ordinal), "").EndsWith("country=SE", StringComparison.Ordinal); tries++)
        {
            Assert.True(tries < 100, string.Join('\n', asked));
            await page.WaitForTimeoutAsync(100);
        }
    }
}
