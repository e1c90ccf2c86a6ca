using Xunit.Sdk;

namespace Chantier.Web.Tests;

/// <summary>That the tests of the page would see it fail.</summary>
public sealed class HarnessTests(BrowserFixture fixture) : BrowserTest(fixture)
{
    [Theory]
    [InlineData("setTimeout(() => { throw new Error('thrown here') })", "thrown here")]
    [InlineData("Promise.reject(new Error('rejected here'))", "rejected here")]
    [InlineData("console.error('logged here')", "logged here")]
    [InlineData("document.head.append(Object.assign(document.createElement('script'), { textContent: '1' }))", "Content Security Policy")]
    [InlineData("document.body.setAttribute('style', 'color: red')", "Content Security Policy")]
    [InlineData("fetch('https://elsewhere.example/')", "Content Security Policy")]
    [InlineData("fetch('/nothing')", "GET {address}nothing: 404")]
    public async Task What_goes_wrong_in_the_page_fails_its_test(string script, string seen)
    {
        var page = await OpenAsync("/dashboard");
        // The test fails where this does not come.
        ExpectFailure(seen.Replace("{address}", Address.ToString(), StringComparison.Ordinal));
        if (script.StartsWith("fetch('https", StringComparison.Ordinal))
        {
            ExpectFailure("Failed to fetch");
        }
        else if (script.StartsWith("fetch", StringComparison.Ordinal))
        {
            ExpectFailure("Failed to load resource");
        }

        await page.EvaluateAsync($"() => {{ {script} }}");
    }

    [Fact]
    public async Task A_picture_of_another_host_is_seen_and_not_fetched()
    {
        var page = await OpenAsync("/dashboard");
        var loaded = await page.EvaluateAsync<bool>("() => new Promise(done => { const image = new Image(); image.onload = () => done(true); image.onerror = () => done(false); image.src = 'https://192.0.2.1/picture.jpg'; })");
        Assert.False(loaded);
        Assert.Equal(["https://192.0.2.1/picture.jpg"], Abroad);
    }

    [Fact]
    public async Task What_is_not_accessible_is_found_and_named()
    {
        var page = await OpenAsync("/dashboard");
        await page.EvaluateAsync("() => document.body.append(document.createElement('button'))");
        var found = await Assert.ThrowsAsync<TrueException>(() => AssertAccessibleAsync(page));
        Assert.Contains("button-name", found.Message, StringComparison.Ordinal);
        Assert.Contains("at body > button", found.Message, StringComparison.Ordinal);
    }
}
