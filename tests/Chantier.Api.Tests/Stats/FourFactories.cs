using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests.Stats;

/// <summary>The invented world with four factories beside it of which nothing is known yet: une, deux, trois and quatre.</summary>
public abstract class FourFactories(PostgresFixture postgres) : World(postgres)
{
    private protected string Curator { get; private set; } = "";

    private protected override string Template => "four more";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Curator = await KeyAsync("curator", "curate");
    }

    private protected override async Task FillAsync(string connection)
    {
        await base.FillAsync(connection);
        await using var api = await TestApi.StartAsync(connection, Token);
        var (ask, key) = (new Ask(api.Client), await CreateKey.RunAsync(connection, "maker", "curate", Token));
        foreach (var name in new[] { "Une", "Deux", "Trois", "Quatre" })
        {
            (await ask.WriteAsync("POST", "/v1/factories", $$"""{"name":"{{name}}","sector":"battery_recycling","country":"FR"}""", key)).Is(201);
        }
    }

    private protected async Task BeganAsync(string slug, params (string Status, string Date)[] events)
    {
        foreach (var (status, date) in events)
        {
            await RecordAsync(slug, status, date, "actual");
        }
    }

    private protected async Task<string?> RecordAsync(string slug, string status, string date, string basis, string more = "", string meaning = "began", string source = "registre-2023") => (await Ask.WriteAsync(
        "POST",
        $"/v1/factories/{slug}/status-events",
        $$"""{"status":"{{status}}","date":"{{date}}","dateMeaning":"{{meaning}}","basis":"{{basis}}","sources":[{"source":"{{source}}"}]{{more}}}""",
        Curator)).Is(201).Json.Text("id");

    private protected async Task<string?> FigureAsync(string slug, string what) => (await Ask.WriteAsync(
        "POST", $"/v1/factories/{slug}/figures", $$"""{"property":"capacity","basis":"inferred",{{what}}}""", Curator)).Is(201).Json.Text("id");

    private protected async Task<string?> PhaseAsync(string slug, string name) =>
        (await Ask.WriteAsync("POST", $"/v1/factories/{slug}/phases", $$"""{"name":"{{name}}"}""", Curator)).Is(201).Json.Text("id");
}
