using System.Globalization;
using System.IO.Compression;
using Chantier.Testing;

namespace Chantier.Api.Tests.Page;

/// <summary>A service whose page is invented here, so that no build of it is needed.</summary>
public sealed class ServedPage(PostgresFixture postgres) : IAsyncLifetime
{
    internal const string Document = "<!doctype html><title>Chantier</title>";

    internal static readonly string Script = string.Concat(Enumerable.Repeat("console.log('bâtir');\n", 500));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chantier-page-");
    private string _connection = null!;
    private TestApi _api = null!;

    internal Ask Ask { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _folder.CreateSubdirectory("assets");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "index.html"), Document, Token);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "favicon.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>", Token);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "assets", "index-Ab_1-xY9.js"), Script, Token);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "assets", "index-Cd2.css"), "body{margin:0}", Token);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "assets", "worker-Ef3.mjs"), "onmessage = () => {};", Token);
        _connection = await postgres.Databases.CreateAsync(Token);
        _api = await StartAsync();
        Ask = new(_api.Client);
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Another service with the same page.</summary>
    internal Task<TestApi> StartAsync(params string[] settings) => TestApi.StartAsync(_connection, Token, [$"--Chantier:PageFolder={_folder.FullName}", .. settings]);
}

/// <summary>How the page is served, whatever stands on it.</summary>
public sealed class PageTests(ServedPage page) : IClassFixture<ServedPage>
{
    private const string Browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
    private const string Document = ServedPage.Document;

    private readonly Ask _ask = page.Ask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Browser)]
    [InlineData("Accept: text/html")]
    [InlineData("Accept: text/html, application/json;q=0.9")]
    public async Task Who_asks_for_html_at_the_root_gets_the_page(string accept)
    {
        var answer = (await _ask.GetAsync("/", accept)).Is(200);
        Assert.Equal(("text/html", Document), (answer.MediaType, answer.Text));
        Assert.Contains("Accept", VaryOf(answer));
    }

    [Theory]
    [InlineData()]
    [InlineData("Accept: */*")]
    [InlineData("Accept: application/json")]
    [InlineData("Accept: application/json, text/html;q=0.9")]
    [InlineData("Accept: application/json, text/html")]
    [InlineData("Accept: text/html;q=0, */*")]
    [InlineData("Accept: nonsense")]
    public async Task Everybody_else_gets_the_landing_document(params string[] headers)
    {
        var answer = (await _ask.GetAsync("/", headers)).Is(200);
        Assert.Equal("application/json", answer.MediaType);
        Assert.NotEmpty(answer.Json.List("links"));
        Assert.Contains("Accept", VaryOf(answer));
    }

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard?asOf=2024-08-31&lang=fr")]
    [InlineData("/factories/verkor-dunkerque")]
    [InlineData("/sources/no-such-source?from=factory")]
    public async Task Each_path_of_the_page_is_the_same_document(string path)
    {
        var answer = (await _ask.GetAsync(path, "Accept: application/json")).Is(200);
        Assert.Equal(("text/html", Document), (answer.MediaType, answer.Text));
    }

    [Theory]
    [InlineData("/factories", 200)]
    [InlineData("/factories/", 200)]
    [InlineData("/operators/verkor", 200)]
    [InlineData("/regions/france?lang=fr", 200)]
    [InlineData("/x/y/z", 404)]
    [InlineData("/operators", 404)]
    [InlineData("/dashboard/more", 404)]
    [InlineData("/factories/verkor-dunkerque/more", 404)]
    public async Task A_browser_gets_the_page_where_it_leads_on_or_says_that_there_is_nothing_and_a_program_a_problem(string path, int status)
    {
        var answer = (await _ask.GetAsync(path, Browser)).Is(status);
        Assert.Equal(("text/html", Document, "no-cache"), (answer.MediaType, answer.Text, answer.Header("Cache-Control")));
        Assert.Contains("Accept", VaryOf(answer));
        foreach (var accept in new[] { "Accept: application/json", "Accept: */*" })
        {
            Assert.Contains("Accept", VaryOf((await _ask.GetAsync(path, accept)).IsProblem(404)));
        }
    }

    [Fact]
    public async Task The_document_is_asked_after_each_time_and_not_sent_again_while_it_is_the_same()
    {
        foreach (var (path, headers) in new (string, string[])[] { ("/", [Browser]), ("/", [Browser, "Accept-Encoding: br"]), ("/dashboard", []) })
        {
            var first = (await _ask.GetAsync(path, headers)).Is(200);
            Assert.Equal("no-cache", first.Header("Cache-Control"));
            var again = (await _ask.GetAsync(path, [.. headers, $"If-None-Match: {first.Header("ETag")}"])).Is(304);
            Assert.Empty(again.Body);
            Assert.Equal((first.Header("ETag"), "no-cache"), (again.Header("ETag"), again.Header("Cache-Control")));
        }

        (await _ask.GetAsync("/", Browser, "If-None-Match: W/\"another\"")).Is(200);
    }

    [Fact]
    public async Task The_document_lets_only_its_own_scripts_run_and_tells_nobody_who_looks()
    {
        var answer = (await _ask.GetAsync("/", Browser)).Is(200);
        var policy = answer.Header("Content-Security-Policy")!.Split(';', StringSplitOptions.TrimEntries);
        foreach (var rule in new[] { "default-src 'self'", "script-src 'self'", "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'self'" })
        {
            Assert.Contains(rule, policy);
        }

        Assert.Equal(("no-referrer", "nosniff"), (answer.Header("Referrer-Policy"), answer.Header("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("/assets/index-Ab_1-xY9.js", "text/javascript", "public, max-age=31536000, immutable")]
    [InlineData("/assets/index-Cd2.css", "text/css", "public, max-age=31536000, immutable")]
    [InlineData("/assets/worker-Ef3.mjs", "text/javascript", "public, max-age=31536000, immutable")]
    [InlineData("/favicon.svg", "image/svg+xml", "no-cache")]
    [InlineData("/index.html", "text/html", "no-cache")]
    public async Task A_file_has_its_type_and_is_kept_for_ever_where_its_name_has_a_hash(string path, string type, string caching)
    {
        var answer = (await _ask.GetAsync(path)).Is(200);
        Assert.Equal((type, caching, "nosniff"), (answer.MediaType, answer.Header("Cache-Control"), answer.Header("X-Content-Type-Options")));
        (await _ask.GetAsync(path, $"If-None-Match: {answer.Header("ETag")}")).Is(304);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_script_is_compressed_for_who_takes_it(string encoding)
    {
        var answer = (await _ask.GetAsync("/assets/index-Ab_1-xY9.js", $"Accept-Encoding: {encoding}")).Is(200);
        Assert.Equal(encoding, answer.Header("Content-Encoding"));
        Assert.Contains("Accept-Encoding", VaryOf(answer));
        using var sent = new MemoryStream(answer.Body);
        await using Stream stream = encoding == "br" ? new BrotliStream(sent, CompressionMode.Decompress) : new GZipStream(sent, CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        Assert.Equal(ServedPage.Script, await reader.ReadToEndAsync(Token));
    }

    [Theory]
    [InlineData("/", Browser)]
    [InlineData("/dashboard")]
    [InlineData("/assets/index-Cd2.css")]
    public async Task Head_says_the_same_without_the_content(string path, params string[] headers)
    {
        var get = (await _ask.GetAsync(path, headers)).Is(200);
        var head = (await _ask.SendAsync(HttpMethod.Head, path, headers)).Is(200);
        Assert.Empty(head.Body);
        Assert.Equal((get.MediaType, get.Header("ETag"), get.Body.Length.ToString(CultureInfo.InvariantCulture)), (head.MediaType, head.Header("ETag"), head.Header("Content-Length")));
    }

    [Theory]
    [InlineData("/assets/index-Old.js")]
    [InlineData("/assets/")]
    [InlineData("/assets/../index.html/..%2f..%2fChantier.Api.dll")]
    [InlineData("/Chantier.Api.dll")]
    [InlineData("/v1/nothing")]
    [InlineData("/ogc/nothing")]
    [InlineData("/openapi/nothing")]
    [InlineData("/docs/nothing")]
    [InlineData("/health/nothing")]
    public async Task What_is_not_of_the_page_is_not_found_as_elsewhere(string path) => (await _ask.GetAsync(path, Browser)).IsProblem(404);

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/assets/index-Cd2.css")]
    public async Task The_page_takes_nothing(string path)
    {
        var answer = (await _ask.WriteAsync("POST", path, "{}", key: null)).IsProblem(405);
        Assert.Equal("GET, HEAD", answer.Header("Allow"));
    }

    [Fact]
    public async Task Neither_the_page_nor_its_files_count_against_the_limit_of_requests()
    {
        await using var api = await page.StartAsync("--Chantier:Limits:RequestsPerSecond=1", "--Chantier:Limits:Burst=1");
        var ask = new Ask(api.Client);
        for (var i = 0; i < 20; i++)
        {
            (await ask.GetAsync("/", Browser)).Is(200);
            (await ask.GetAsync("/dashboard")).Is(200);
            (await ask.GetAsync("/assets/index-Cd2.css")).Is(200);
        }

        (await ask.GetAsync("/v1/factories")).Is(200);
    }

    [Fact]
    public async Task The_description_of_the_api_has_nothing_of_the_page()
    {
        var paths = (await _ask.JsonAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        Assert.Contains("/v1/factories", paths);
        Assert.DoesNotContain(paths, path => path.StartsWith("/assets", StringComparison.Ordinal) || path is "/dashboard" or "/index.html" or "/factories/{slug}" or "/sources/{slug}");
    }

    [Fact]
    public async Task Without_the_page_the_landing_document_is_for_everybody_and_the_rest_says_why_it_is_not_there()
    {
        await using var api = await page.StartAsync("--Chantier:PageFolder=nowhere");
        var ask = new Ask(api.Client);
        Assert.Equal("application/json", (await ask.GetAsync("/", Browser)).Is(200).MediaType);
        foreach (var path in new[] { "/dashboard", "/factories/verkor-dunkerque", "/sources/any" })
        {
            Assert.Contains("not part of this build", (await ask.GetAsync(path, Browser)).IsProblem(404).Json.Text("detail"), StringComparison.Ordinal);
        }

        (await ask.GetAsync("/index.html", Browser)).IsProblem(404);
        (await ask.GetAsync("/v1/factories")).Is(200);
    }

    private static string[] VaryOf(Answer answer) => [.. answer.Header("Vary")!.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
}
