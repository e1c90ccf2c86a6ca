
namespace Chantier.Api.Tests.Factories;

/// <summary>What a factory is expected to become, beside what it is; the plans of the past stay readable at their date.</summary>
public sealed class ExpectationTests(PostgresFixture postgres) : World(postgres)
{
    private string _curator = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _curator = await KeyAsync("curator", "curate");
        (await Ask.WriteAsync("POST", "/v1/factories", """{"name":"Nouvelle","sector":"battery_cells","country":"FR"}""", _curator)).Is(201);
    }

    [Fact]
    public async Task The_last_plan_is_expected_next_until_it_has_come_and_never_moves_the_status()
    {
        await RecordAsync("under_construction", "2023-05", "actual");
        await RecordAsync("operating", "2025", "expected");
        var slipped = await RecordAsync("operating", "2026", "expected");

        var before = await Ask.JsonAsync("/v1/factories/nouvelle");
        Assert.Equal("under_construction", before.Text("status"));
        var next = Assert.Single(before.List("expectedNext"));
        Assert.Equal(("operating", "2026", slipped), (next.Text("status"), next.Text("date"), next.Text("statusEventId")));
        Assert.Equal(("under_construction", "1"), (before.List("statusCounts")[0].Text("status"), before.List("statusCounts")[0].Text("phases")));

        await RecordAsync("operating", "2026-03", "actual");

        Assert.Empty((await Ask.JsonAsync("/v1/factories/nouvelle")).List("expectedNext"));
        var then = await Ask.JsonAsync($"/v1/factories/nouvelle?knownAt={before.Text("updatedAt")}");
        Assert.Equal("2026", Assert.Single(then.List("expectedNext")).Text("date"));
        Assert.Equal("under_construction", (await Ask.JsonAsync("/v1/factories/nouvelle?asOf=2026-02-28")).List("statusCounts")[0].Text("status"));
    }

    private async Task<string?> RecordAsync(string status, string date, string basis) => (await Ask.WriteAsync(
        "POST",
        "/v1/factories/nouvelle/status-events",
        $$"""{"status":"{{status}}","date":"{{date}}","dateMeaning":"began","basis":"{{basis}}","sources":[{"source":"registre-2023"}]}""",
        _curator)).Is(201).Json.Text("id");
}
