using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chantier.Web.Tests;

/// <summary>Which source says so, whatever is told.</summary>
public sealed class EvidenceTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [Fact]
    public async Task A_source_tells_each_claim_once_with_every_place_in_it_and_names_what_it_is_about()
    {
        var client = await ClientAsync();
        var rows = (await (await client.GetAsync("/v1/sources/vallee-de-la-batterie-2024-08/claims?limit=1000")).JsonAsync())!.Value.GetProperty("items").EnumerateArray().ToList();
        var page = await OpenAsync("/sources/vallee-de-la-batterie-2024-08");
        await Expect(page.Locator(".claims article > ul > li")).ToHaveCountAsync(rows.Select(row => row.GetProperty("id").GetInt64()).Distinct().Count());
        await Expect(page.Locator(".claims .sources > li")).ToHaveCountAsync(rows.Count);
        var runs = page.Locator(".claims article", new() { HasText = "Verkor Dunkerque" }).Locator("li", new() { HasText = "Verkor: operator" });
        await Expect(runs.Locator(".sources li")).ToContainTextAsync(["paragraph 1 ", "paragraph 10 "]);
        await Expect(page.Locator(".claims")).ToContainTextAsync("Part of Battery Valley");
        await Expect(page.Locator("main")).Not.ToContainTextAsync("undefined");
    }

    [Fact]
    public async Task A_source_on_who_holds_whom_names_both()
    {
        var page = await OpenAsync("/sources/eb-stv-acc24");
        var company = page.Locator(".claims article", new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = "ACC (Automotive Cells Company)" }) });
        await Expect(company).ToContainTextAsync("Shareholder: Stellantis, 45 %");
    }

    [Fact]
    public async Task Companies_their_holders_and_the_place_tell_what_they_rest_on()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque");
        await Expect(page.Locator("dl.facts div", new() { HasText = "Place" }).Locator(".sources a").First).ToHaveTextAsync("Admin Express: centroids of communes");
        var runs = page.Locator(".operators > li").First;
        await Expect(runs.Locator("> .sources")).ToContainTextAsync("Gigafactory francais Verkor");
        var holder = runs.Locator(".shares > li", new() { HasText = "Renault Group" });
        await Expect(holder).ToContainTextAsync("20 %");
        var source = holder.Locator(".sources a").First;
        await Expect(source).ToContainTextAsync("Cela ne se passe jamais comme prevu");
        await source.ClickAsync();
        await AssertAtAsync(page, "/sources/eb-frandroid-verkor");
        await Expect(page.Locator("h1")).ToContainTextAsync("Cela ne se passe jamais comme prevu");
    }

    [Fact]
    public async Task The_number_of_sources_leads_to_as_many_in_the_page()
    {
        var page = await OpenAsync("/factories/verkor-dunkerque");
        var link = page.Locator("dl.facts a", new() { HasText = "sources" });
        var count = int.Parse((await link.InnerTextAsync()).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        await Expect(page.Locator(".sources.many li")).ToHaveCountAsync(count);
        await link.ClickAsync();
        await AssertAtAsync(page, "/factories/verkor-dunkerque#sources");
        await Expect(page.Locator("#sources")).ToBeInViewportAsync();
        await page.Locator(".sources.many a").First.ClickAsync();
        await AssertAtAsync(page, "/sources/");
    }
}
