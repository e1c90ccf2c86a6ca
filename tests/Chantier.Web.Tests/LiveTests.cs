using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>An open page, while others write.</summary>
public sealed class LiveTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    // Without a screen, each tab says that it is seen.
    private const string CanBeHidden = "Object.defineProperty(document, 'visibilityState', { get: () => window.isBehind ? 'hidden' : 'visible' })";

    [Fact]
    public async Task Seven_tabs_of_one_browser_all_load()
    {
        var page = await OpenAsync("/sources/eb-cfnews");
        await page.Context.AddInitScriptAsync(CanBeHidden);
        for (var left = 7; left > 0; left--)
        {
            var tab = await page.Context.NewPageAsync();
            var stream = tab.WaitForRequestAsync("**/v1/changes/stream?*");
            await tab.GotoAsync("/dashboard");
            await Expect(tab.Locator(".numbers li").First).ToBeVisibleAsync();
            await stream;
            await SeeAsync(tab, isSeen: false);
        }
    }

    [Fact]
    public async Task A_dashboard_shows_what_somebody_else_records_at_once_and_what_it_missed_when_it_is_seen_again()
    {
        var client = await OwnServiceAsync();
        var page = await OpenAsync("/sources/eb-cfnews");
        await page.Context.AddInitScriptAsync(CanBeHidden);
        var stream = page.WaitForRequestAsync("**/v1/changes/stream?*");
        await page.GotoAsync("/dashboard?q=verkor%20dunkerque");
        var number = page.Locator(".numbers .badge");
        await Expect(number).ToHaveTextAsync("Commissioning");
        await stream;
        await RecordStatusAsync(client);
        await Expect(number).ToHaveTextAsync("Operating");

        // What happened while nobody looked is asked for once: the site as a whole stops, and its plant is still commissioned.
        await SeeAsync(page, isSeen: false);
        await RecordStatusAsync(client, "idled", date: "2026-11-20");
        await SeeAsync(page, isSeen: true);
        await Expect(number).ToHaveTextAsync("Commissioning");
    }

    [Fact]
    public async Task A_stream_that_is_refused_is_tried_again_and_what_cannot_be_renewed_stays()
    {
        ExpectFailure("503");
        var client = await OwnServiceAsync();
        var page = await OpenAsync("/sources/eb-cfnews");
        await page.Clock.InstallAsync();
        var isRefused = new TaskCompletionSource();
        await page.RouteAsync("**/v1/changes/stream?*", async route =>
        {
            if (isRefused.TrySetResult())
            {
                await route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = "{}" });
            }
            else
            {
                await route.ContinueAsync();
            }
        });
        await page.GotoAsync("/factories/verkor-dunkerque");
        var badge = page.Locator("dl.facts .badge");
        await Expect(badge).ToHaveTextAsync("Commissioning");
        await isRefused.Task;
        await page.RouteAsync("**/v1/factories/verkor-dunkerque?*", route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = "{}" }));
        await RecordStatusAsync(client);
        await page.Clock.FastForwardAsync(20_000);

        var notice = page.Locator(".notice");
        await Expect(notice).ToContainTextAsync("This could not be brought up to date.");
        await Expect(badge).ToHaveTextAsync("Commissioning");
        await page.UnrouteAsync("**/v1/factories/verkor-dunkerque?*");
        await notice.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Expect(badge).ToHaveTextAsync("Operating");
        await Expect(notice).ToHaveCountAsync(0);
    }

    private static async Task SeeAsync(IPage page, bool isSeen) =>
        await page.EvaluateAsync("isSeen => { window.isBehind = !isSeen; document.dispatchEvent(new Event('visibilitychange')); }", isSeen);
}
