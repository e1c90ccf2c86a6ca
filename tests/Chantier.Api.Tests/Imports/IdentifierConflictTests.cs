using System.Text;
using Chantier.Api.Imports;

namespace Chantier.Api.Tests.Imports;

/// <summary>Rows whose identifier belongs to a factory already: is it the same site?</summary>
public sealed class IdentifierConflictTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Header = "nr,name,cc,lon,lat,owner\n";
    private const string CoralBay = Header + "77000001,Coral Bay Diesel,TO,-175.2,-21.14,Island Power\n";

    private string _database = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.SeededAsync("regions", Token);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("slug", CoralBay, Header + "77000001,Fjordelv Kraftverk,NO,7.0,61.0,Fjord Kraft AS\n", "TO")]
    [InlineData("wikidata", Header + "Q990001,Kauri Mill,NZ,175.2,-38.1,Kauri Ltd\n", Header + "Q990001,Birkenau Zementwerk,DE,10.0,50.0,Birk AG\n", "NZ")]
    public async Task Row_about_a_site_in_another_country_is_rejected(string scheme, string first, string second, string country)
    {
        await ImportAsync(scheme, first);
        var (summary, line) = await ImportAsync(scheme, second);

        Assert.Equal((0, 0, 1), (summary.Created, summary.Updated, summary.Rejected));
        Assert.Equal(("rejected", "nr", "identifier_conflict"), (line[1], line[5], line[7]));
        Assert.Contains($"in {country} (the factory ", line[8], StringComparison.Ordinal);
        Assert.Equal(country, await AskAsync("select country from factory_current"));
        Assert.Equal("1 1 1", await AskAsync("select concat_ws(' ', (select count(*) from location), (select count(*) from role), (select count(*) from operator))"));
    }

    [Theory]
    [InlineData("skip", "unchanged", "TO")]
    [InlineData("update", "updated", "NO")]
    public async Task Mapping_chooses_what_becomes_of_such_a_row(string conflict, string outcome, string country)
    {
        await ImportAsync("slug", CoralBay);
        using var report = new StringWriter();
        var second = Header + "77000001,Fjordelv Kraftverk,NO,7.0,61.0,Fjord Kraft AS\n";
        var (tried, _) = await ImportAsync("slug", second, conflict, with: r => r with { IsDryRun = true });
        var (summary, line) = await ImportAsync("slug", second, conflict, report: report);

        Assert.Equal((tried.Updated, tried.Unchanged, tried.Changes), (summary.Updated, summary.Unchanged, summary.Changes));
        Assert.Equal((0, 1), (summary.Rejected, summary.Remarks));
        Assert.Equal(outcome, line[1]);
        Assert.Contains("2,remark,77000001,", report.ToString(), StringComparison.Ordinal);
        Assert.Contains(",nr,77000001,identifier_conflict,", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(country, await AskAsync("select country from factory_current"));
        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync("slug", second, "ignore"));
        Assert.Contains("identifierConflict is 'ignore'; it accepts reject, skip, update.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Other Mill,FR,4.8,45.7", "rejected", 0)]
    [InlineData("Moulin Vert Lyon,FR,4.8,45.7", "updated", 0)]
    [InlineData("Other Mill,FR,2.31,48.9", "updated", 0)]
    [InlineData("Other Mill,FR,,", "updated", 1)]
    [InlineData("Moulin Vert SA,FR,,", "updated", 0)]
    public async Task In_one_country_another_name_at_another_place_is_a_conflict(string row, string outcome, int remarks)
    {
        await ImportAsync("slug", Header + "mill,Moulin Vert,FR,2.3,48.8,Vert\n");
        var (summary, line) = await ImportAsync("slug", $"{Header}mill,{row},Vert\n");

        Assert.Equal((outcome, remarks), (line[1], summary.Remarks));
    }

    [Fact]
    public async Task Name_that_the_factory_has_as_an_alias_is_no_conflict()
    {
        await ImportAsync("slug", Header + "mill,Moulin Vert,FR,2.3,48.8,Vert\n");
        await World.ExecuteAsync(_database, """
            update factory_version set names = names || '[{"text": "Other Mill", "lang": "en", "kind": "alias"}]'
            """);
        var (_, line) = await ImportAsync("slug", Header + "mill,Other Mill,FR,4.8,45.7,Vert\n");

        Assert.Equal("updated", line[1]);
    }

    private async Task<string> AskAsync(string sql) => (await ImportingApi.AskDatabaseAsync<string>(_database, sql))!;

    private async Task<(ImportSummary Summary, string[] Line)> ImportAsync(
        string scheme, string text, string conflict = "reject", StringWriter? report = null, Func<ImportRequest, ImportRequest>? with = null)
    {
        var mapping = Mapping.Parse(
            Encoding.UTF8.GetBytes($$"""
                {
                  "name": "nr", "identifierConflict": "{{conflict}}",
                  "factory": {
                    "identifier": { "scheme": "{{scheme}}", "columns": ["nr"] }, "name": { "columns": ["name"] },
                    "sector": { "constant": "other" }, "country": { "columns": ["cc"] }
                  },
                  "location": { "x": { "columns": ["lon"] }, "y": { "columns": ["lat"] } },
                  "roles": [{ "id": "o", "role": "owner", "operator": { "columns": ["owner"] } }]
                }
                """),
            "nr");
        using var own = new StringWriter();
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var request = new ImportRequest { File = "rows.csv", Content = content, Mapping = mapping, Source = new() { Source = "s" }, Report = report ?? own };
        var summary = await ImportFile.RunAsync(_database, with?.Invoke(request) ?? request, progress: null, Token);
        return (summary, [.. Http.Csv.Read(request.Report!.ToString()!).Rows[0]]);
    }
}
