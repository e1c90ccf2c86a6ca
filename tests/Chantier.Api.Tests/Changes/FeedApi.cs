using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Chantier.Api.Database;
using Chantier.Api.Keys;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Changes;

/// <summary>The service with the seeds, and keys to write with.</summary>
public abstract class FeedApi(PostgresFixture postgres) : IAsyncLifetime
{
    internal const string Sources = """[{"source":"vallee-de-la-batterie-2024-08","locator":{"kind":"paragraph","start":2}}]""";

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected string Connection { get; private set; } = "";

    private protected string Curator { get; private set; } = "";

    private protected string Admin { get; private set; } = "";

    private protected TestApi Api { get; private set; } = null!;

    internal Ask Ask { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Connection = await postgres.SeededAsync("documents", Token);
        Curator = await CreateKey.RunAsync(Connection, "curator", "curate", Token);
        Admin = await CreateKey.RunAsync(Connection, "admin", "admin", Token);
        Api = await StartAsync(Connection);
        Ask = new(Api.Client);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await postgres.Databases.DropAsync(Connection);
        GC.SuppressFinalize(this);
    }

    private protected virtual Task<TestApi> StartAsync(string connection) => TestApi.StartAsync(connection, Token, "--Chantier:Changes:HeartbeatSeconds=0.2");

    /// <summary>A write, by the curator unless another key is given.</summary>
    private protected async Task<Answer> WriteAsync(string method, string path, string? body = null, string? key = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Curator);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await Api.Client.SendAsync(request, Token);
        return new(
            $"{method} {path}\n{body}", response.StatusCode, response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase),
            await response.Content.ReadAsByteArrayAsync(Token));
    }

    private protected async Task<string> MakeFactoryAsync(string name, string region = "hauts-de-france") =>
        (await WriteAsync("POST", "/v1/factories", $$"""{"name":"{{name}}","sector":"battery_cells","country":"FR","region":"{{region}}"}""")).Is(201).Json.Text("slug")!;

    private protected async Task<long> StateAsync(string slug, string status, string date = "2024-02") =>
        (await WriteAsync("POST", $"/v1/factories/{slug}/status-events", $$"""{"status":"{{status}}","date":"{{date}}","dateMeaning":"began","sources":{{Sources}}}""")).Is(201).Json.GetProperty("id").GetInt64();

    private protected async Task<long> LastAsync() => (await Ask.JsonAsync("/v1/changes?sort=-seq&limit=1")).GetProperty("page").GetProperty("after").GetInt64();

    /// <summary>Lets the current day advance, and returns the new one.</summary>
    private protected async Task<string> AdvanceDayAsync(int days = 1)
    {
        await using var source = DataSources.Unpooled(Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        var day = (await DayAsync()).AddDays(days);
        await Projections.AdvanceDayAsync(connection, day, Token);
        return Iso(day);
    }

    private protected async Task<DateOnly> DayAsync()
    {
        await using var source = DataSources.Unpooled(Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        return await connection.QuerySingleAsync<DateOnly>(new CommandDefinition("select day from current_day", cancellationToken: Token));
    }

    private protected static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
