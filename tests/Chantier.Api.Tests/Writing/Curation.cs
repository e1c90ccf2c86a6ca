using System.Text.Json;
using Chantier.Testing;

namespace Chantier.Api.Tests.Writing;

/// <summary>A service of one's own with the seeds, and a key for each scope.</summary>
public abstract class Curation(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>What a claim of the tests rests on, unless they care.</summary>
    protected const string Source = """[{"source":"vallee-de-la-batterie-2024-08","locator":{"kind":"paragraph","start":2}}]""";

    private LentApi _lent = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected string Connection => _lent.Own().Connection;

    protected IServiceProvider Services => _lent.Services;

    public async ValueTask InitializeAsync() => _lent = await postgres.LendAsync("documents", () => postgres.SeededAsync("documents", Token));

    public async ValueTask DisposeAsync()
    {
        await postgres.TakeBackAsync(_lent);
        GC.SuppressFinalize(this);
    }

    private protected Task<Answer> GetAsync(string path) => _lent.Ask.GetAsync(path);

    private protected Task<JsonElement> JsonAsync(string path) => _lent.Ask.JsonAsync(path);

    private protected Task<JsonElement[]> ItemsAsync(string path) => _lent.Ask.ItemsAsync(path);

    private protected async Task<Answer> SendAsync(string method, string path, string? body, string? scope, params string[] headers) =>
        await _lent.Ask.WriteAsync(method, path, body, scope is null ? null : await _lent.KeyAsync(scope, scope), headers);

    private protected Task<Answer> PostAsync(string path, string body) => SendAsync("POST", path, body, "curate");

    private protected Task<Answer> PatchAsync(string path, string body, string ifMatch = "*") => SendAsync("PATCH", path, body, "curate", $"If-Match: {ifMatch}");

    private protected Task<Answer> PutAsync(string path, string body, string ifMatch = "*") => SendAsync("PUT", path, body, "curate", $"If-Match: {ifMatch}");

    private protected Task<Answer> DeleteAsync(string path, string ifMatch = "*") => SendAsync("DELETE", path, null, "curate", $"If-Match: {ifMatch}");

    /// <summary>What was made, which must have been.</summary>
    private protected async Task<JsonElement> MadeAsync(string path, string body) => (await PostAsync(path, body)).Is(201).Json;

    protected async Task<string> SourceAsync(string slug, string published)
    {
        await MadeAsync("/v1/sources", $$"""{"slug":"{{slug}}","kind":"press","title":"{{slug}}","published":"{{published}}"}""");
        return $$"""[{"source":"{{slug}}"}]""";
    }

    /// <summary>A factory about which nothing is said yet.</summary>
    protected async Task<string> FactoryAsync(string name = "Usine")
    {
        var made = await MadeAsync("/v1/factories", $$"""{"name":"{{name}}","sector":"battery_cells","country":"FR","region":"hauts-de-france"}""");
        return $"/v1/factories/{made.Text("slug")}";
    }

    protected async Task<T?> AskDatabaseAsync<T>(string sql)
    {
        await using var source = TestDatabases.Source(Connection);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Token) is T value ? value : default;
    }
}
