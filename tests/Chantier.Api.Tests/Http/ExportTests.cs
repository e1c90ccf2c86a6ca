using System.Text;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Keys;
using Chantier.Testing;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chantier.Api.Tests.Http;

/// <summary>Whole lists in one answer, of 35,000 invented factories.</summary>
public sealed class ExportTests(GeneratedFactories generated) : IClassFixture<GeneratedFactories>
{
    private const int Factories = GeneratedFactories.Count;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Ask Ask => generated.Ask;

    [Fact]
    public async Task All_is_every_row_of_the_list_in_its_order_in_every_format_but_JSON()
    {
        const string Path = "/v1/factories?fields=slug,name,location&sort=-name";
        var slugs = new List<string>();
        for (string? next = $"{Path}&limit=1000&format=json"; next is not null;)
        {
            var page = (await Ask.GetAsync(next)).Is(200);
            slugs.AddRange(page.Slugs);
            next = page.Next is { } cursor ? $"/v1/factories?cursor={cursor}&limit=1000&fields=slug,name,location" : null;
        }

        Assert.Equal(Factories, slugs.Distinct().Count());
        var lines = (await Ask.GetAsync($"{Path}&limit=all&format=ndjson")).Is(200);
        Assert.Equal(slugs, lines.Text.Split('\n')[..^1].Select(line => System.Text.Json.JsonElement.Parse(line).Text("slug")));
        Assert.Equal(slugs, Csv.Read((await Ask.GetAsync($"{Path}&limit=all&format=csv")).Is(200).Text)["slug"]);
        var map = (await Ask.GetAsync($"{Path}&limit=all", "Accept: application/geo+json")).Is(200);
        Assert.Equal(slugs, GeoJsonRules.Features(map.Json).Select(feature => feature.Text("id")!));
        Assert.Equal(($"{Factories}", null), (map.Json.Text("page.count"), map.Json.Text("page.next")));
        var sheet = Xlsx.Read((await Ask.GetAsync($"{Path}&limit=all", $"Accept: {Format.Xlsx.MediaType}")).Is(200).Body);
        Assert.Equal(slugs, sheet.Rows.Skip(1).Select(row => row[0].Text));

        Assert.Equal((null, "no-store", null), (lines.Header("ETag"), lines.Header("Cache-Control"), lines.Header("Link")));
        Assert.Contains("ndjson", (await Ask.GetAsync($"{Path}&limit=all")).Blames("limit").Text, StringComparison.Ordinal);
        (await Ask.GetAsync("/v1/changes?limit=all&format=ndjson")).Blames("limit");
        (await Ask.GetAsync("/v1/factories?limit=ALL&format=csv")).Blames("limit");
    }

    [Theory]
    [InlineData("/v1/factories?region=land-3&status=operating,closed&asOf=2021-06&sort=-statusSince")]
    [InlineData("/v1/factories?country=FR&publishedUntil=2021-03-01&asOf=2021")]
    [InlineData("/v1/regions/land-7/factories?sort=name")]
    [InlineData("/v1/status-events?region=land-4&basis=actual")]
    [InlineData("/v1/operators?sort=name")]
    [InlineData("/v1/claims?kind=figure&sort=-id")]
    public async Task Filters_and_axes_are_those_of_the_pages(string path)
    {
        var lines = new StringBuilder();
        var isNear = path.Contains("claims", StringComparison.Ordinal);
        for (string? next = $"{path}&limit=1000&format=ndjson"; next is not null && lines.Length < 20_000_000;)
        {
            var page = (await Ask.GetAsync(next)).Is(200);
            lines.Append(page.Text);
            next = page.Header("Link")?.Split(", ").FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal)) is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.True(lines.Length > 1000, path);
        var all = (await Ask.GetAsync($"{path}&limit=all&format=ndjson")).Is(200).Text;
        Assert.True(isNear ? all.StartsWith(lines.ToString(), StringComparison.Ordinal) : all == lines.ToString(), $"{path}: {all.Length} and {lines.Length} characters");
    }

    [Fact]
    public async Task What_is_embedded_comes_along_and_a_name_that_is_wrong_is_still_told()
    {
        const string Path = "/v1/factories?region=land-5&include=operators,phases";
        var page = (await Ask.GetAsync($"{Path}&limit=1000&format=ndjson")).Is(200).Text;
        Assert.Equal(page, string.Concat((await Ask.GetAsync($"{Path}&limit=all&format=ndjson")).Is(200).Text.Split('\n').Take(1000).Select(line => line + "\n")));
        (await Ask.GetAsync("/v1/factories?region=atlantis&limit=all&format=csv")).Blames("region");
        (await Ask.GetAsync("/v1/regions/atlantis/factories?limit=all&format=csv")).IsProblem(404);
        (await Ask.GetAsync($"{Path}&limit=all&format=xlsx")).Blames("include");
    }

    [Fact]
    public async Task What_is_written_meanwhile_is_not_in_it()
    {
        using var response = await OpenAsync(generated.Api, "/v1/factories?limit=all&format=ndjson");
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        using var copy = new MemoryStream();
        var begun = new byte[1000];
        await body.ReadExactlyAsync(begun, Token);
        copy.Write(begun);
        var key = await CreateKey.RunAsync(generated.Connection, "writer", "curate", Token);
        (await Ask.WriteAsync("POST", "/v1/factories", """{"slug":"meanwhile","name":"zz Meanwhile","sector":"other","country":"FR"}""", key)).Is(201);

        await body.CopyToAsync(copy, Token);
        Assert.Equal(Factories, copy.GetBuffer().AsSpan(0, (int)copy.Length).Count((byte)'\n'));
        Assert.DoesNotContain("Meanwhile", Encoding.UTF8.GetString(copy.GetBuffer(), 0, (int)copy.Length), StringComparison.Ordinal);
        (await Ask.WriteAsync("DELETE", "/v1/factories/meanwhile", null, key, "If-Match: *")).Is(204);
    }

    /// <summary>In a process of its own, which may have less memory than the rows would take.</summary>
    [Fact]
    public async Task Memory_does_not_grow_with_the_rows()
    {
        await using var api = await ApiProcess.StartAsync(generated.Connection, Token, ("DOTNET_gcServer", "0"), ("DOTNET_GCgen0size", "400000"), ("DOTNET_GCHeapHardLimit", "4000000"));
        string[] formats = ["ndjson", "csv", "geojson", "xlsx"];
        for (var i = 0; i < 5; i++)
        {
            foreach (var format in formats)
            {
                await LengthAsync($"/v1/factories?limit=all&region=land-3&format={format}");
            }
        }

        var (before, length) = (api.PeakBytes, 0L);
        foreach (var format in formats)
        {
            length += await LengthAsync($"/v1/factories?limit=all&format={format}");
        }

        var growth = api.PeakBytes - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{length} bytes were sent; the peak was {before} bytes and grew by {growth}");
        Assert.True(length > 40_000_000, $"{length} bytes");
        Assert.True(growth < length / 2, $"The peak of {before} bytes grew by {growth} while {length} were sent.");

        async Task<long> LengthAsync(string path)
        {
            using var response = await generated.Api.Client.GetAsync(new Uri(api.Address, path), HttpCompletionOption.ResponseHeadersRead, Token);
            Assert.True(response.IsSuccessStatusCode, path);
            await using var body = await response.Content.ReadAsStreamAsync(Token);
            var (buffer, read) = (new byte[64 * 1024], 0L);
            for (int count; (count = await body.ReadAsync(buffer, Token)) > 0;)
            {
                read += count;
            }

            return read;
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_the_query()
    {
        var response = await OpenAsync(generated.Api, "/v1/factories?limit=all&format=ndjson&include=operators,statusEvents,sources");
        var body = await response.Content.ReadAsStreamAsync(Token);
        Assert.NotEqual(0, await body.ReadAsync(new byte[1000], Token));
        await WaitUntilAsync(async () => (await RunningAsync()).Count > 0);
        await WaitUntilAsync(() => Task.FromResult(generated.Api.Services.GetRequiredService<ExportLimit>().Running == 1));
        await body.DisposeAsync();
        response.Dispose();

        await WaitUntilAsync(async () => (await RunningAsync()).Count == 0 && generated.Api.Services.GetRequiredService<ExportLimit>().Running == 0);
        (await Ask.GetAsync("/v1/factories?limit=1")).Is(200);
    }

    [Fact]
    public async Task A_client_that_goes_away_while_the_database_still_works_ends_the_statement()
    {
        // Another session holds what the statement needs, so that it has not answered anything yet.
        await using var source = DataSources.Unpooled(generated.Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await connection.ExecuteAsync("lock table factory_current in access exclusive mode", transaction: transaction);
        using var gone = new CancellationTokenSource();
        var asked = generated.Api.Client.GetAsync(new Uri("/v1/factories?limit=all&format=csv", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, gone.Token);
        await WaitUntilAsync(async () => (await WaitingAsync()).Count > 0);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        await WaitUntilAsync(async () => (await WaitingAsync()).Count == 0);
    }

    [Fact]
    public async Task The_limits_of_time_do_not_cut_a_running_export_short()
    {
        await using var api = await TestApi.StartAsync(generated.Connection, Token, "--Chantier:StatementTimeoutSeconds=1", "--Chantier:Limits:RequestTimeoutSeconds=1");
        using var response = await OpenAsync(api, "/v1/factories?limit=all&format=ndjson");
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        var (buffer, lines, began) = (new byte[256 * 1024], 0, TimeProvider.System.GetTimestamp());
        for (int count; (count = await body.ReadAsync(buffer, Token)) > 0;)
        {
            lines += buffer.AsSpan(0, count).Count((byte)'\n');
            if (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(4))
            {
                await Task.Delay(100, Token);
            }
        }

        Assert.InRange(lines, Factories, Factories + 10);
        Assert.True(TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(2), "it took longer than either limit");
    }

    [Fact]
    public async Task One_too_many_is_refused_until_another_ends()
    {
        await using var api = await TestApi.StartAsync(generated.Connection, Token, "--Chantier:Limits:Exports=1");
        var ask = new Ask(api.Client);
        using (var response = await OpenAsync(api, "/v1/factories?limit=all&format=ndjson"))
        {
            Assert.NotNull((await ask.GetAsync("/v1/operators?limit=all&format=csv")).IsProblem(503).Header("Retry-After"));
            (await ask.GetAsync("/v1/operators?limit=5&format=csv")).Is(200);
        }

        await WaitUntilAsync(() => Task.FromResult(api.Services.GetRequiredService<ExportLimit>().Running == 0));
        (await ask.GetAsync("/v1/operators?limit=all&format=csv")).Is(200);
    }

    private static async Task<HttpResponseMessage> OpenAsync(TestApi api, string path)
    {
        var response = await api.Client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.True(response.IsSuccessStatusCode, path);
        return response;
    }

    private Task<List<string>> RunningAsync() => ActivityAsync("a.application_name = 'chantier' and a.state like 'idle in transaction%'");

    private Task<List<string>> WaitingAsync() => ActivityAsync("a.application_name = 'chantier' and a.wait_event_type = 'Lock'");

    private async Task<List<string>> ActivityAsync(string condition)
    {
        await using var source = DataSources.Unpooled(generated.Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        return (await connection.QueryAsync<string>($"select a.query from pg_stat_activity a where a.datname = current_database() and a.pid <> pg_backend_pid() and {condition}")).AsList();
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(50, Token);
        }

        Assert.Fail("It never came to hold.");
    }
}

/// <summary>The service over 35,000 factories.</summary>
public sealed class GeneratedFactories(PostgresFixture postgres) : IAsyncLifetime
{
    internal const int Count = 35_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public string Connection { get; private set; } = "";

    public TestApi Api { get; private set; } = null!;

    internal Ask Ask { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Connection = await postgres.Databases.CreateAsync(Token);
        await TestDatabases.GenerateAsync(Connection, Count, Token);
        Api = await TestApi.StartAsync(Connection, Token);
        Ask = new(Api.Client);
    }

    public ValueTask DisposeAsync() => Api.DisposeAsync();
}
