using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Imports;

/// <summary>Two lists of industry in Europe, with the faults that they have.</summary>
public sealed class IndustryTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Units_become_phases_of_their_plants_and_what_lies_elsewhere_is_named()
    {
        var (database, report, summary) = await ImportAsync("jrc", DataSets.PathOf("industry/jrc-open-units.csv"));
        var rows = RealFiles.Rows(DataSets.PathOf("industry/jrc-open-units.csv")).ToList();

        Assert.Equal(rows.Count, summary.Rows);
        Assert.Equal(rows.Count, summary.Created + summary.Updated + summary.Unchanged + summary.Matched + summary.Rejected);
        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        // Of some plants every row goes by the code of another unit, and is rejected.
        var rejected = report.Rows.Where(r => r[1] == "rejected").ToLookup(r => r[2]);
        var plants = rows.GroupBy(r => r["eic_p"].Trim() is { Length: > 0 } p ? p : r["eic_g"].Trim()).ToList();
        Assert.Equal(plants.Count(p => p.Count() > rejected[p.Key].Count()), await connection.QuerySingleAsync<int>("select count(*)::int from factory"));
        Assert.Equal(summary.Created, await connection.QuerySingleAsync<int>("select count(*)::int from phase"));
        Assert.Equal(4, await connection.QuerySingleAsync<int>(
            "select count(*)::int from phase p join identifier i on i.kind = 'factory' and i.resource_id = p.factory_id where i.value = '11WATKAUN2HRWEAB'") - 1);
        Assert.Contains(report.Rows, r => r[1] == "omitted" && r[7] == "coordinates" && r[8].Contains("lie in Luxembourg", StringComparison.Ordinal));
        Assert.All(report.Rows.Where(r => r[1] == "rejected"), r => Assert.Equal("duplicate", r[7]));

        await using var api = await TestApi.StartAsync(database, Token);
        var found = await new Ask(api.Client).JsonAsync("/v1/lookup?identifier=jrc-eic:54W-KOMAN-G2008E");
        var slug = found.GetProperty("items")[0].GetProperty("slug").GetString();
        var phases = await new Ask(api.Client).JsonAsync($"/v1/factories/{slug}/phases");
        Assert.Contains("KOMANG2", phases.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("name").GetString()));

        Assert.Equal(0, (await RealFiles.ImportAsync(database, "jrc", DataSets.PathOf("industry/jrc-open-units.csv"), r => r with { Source = new() { Source = "jrc" } })).Changes);
    }

    [Fact]
    public async Task Sites_come_in_with_their_sectors_and_those_without_a_place_without_one()
    {
        var (database, report, summary) = await ImportAsync("hotmaps", DataSets.PathOf("industry/hotmaps.csv"));
        var rows = RealFiles.Rows(DataSets.PathOf("industry/hotmaps.csv"), ";").ToList();

        Assert.Equal((rows.Count, rows.Count), (summary.Rows, summary.Created + summary.Rejected));
        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        Assert.Equal(rows.Count(r => r["Subsector"] == "Cement"), await connection.QuerySingleAsync<int>("select count(*)::int from factory_version where sector = 'cement'"));
        var named = report.Rows.Count(r => r[1] == "omitted" && r[7] is "coordinates" or "point");
        Assert.Equal(rows.Count(r => r["geom"].Trim().Length > 0) - named, await connection.QuerySingleAsync<int>("select count(*)::int from location"));
        // Those whose row says a country that they do not lie in.
        var iceland = DataSets.Choose(excerpt: "13", whole: "580");
        Assert.Contains(report.Rows, r => r is [_, "omitted", "579", ..] && r[0] == iceland && r[8].Contains("lie in Iceland", StringComparison.Ordinal));
    }

    private async Task<(string Database, Http.Csv Report, Chantier.Api.Imports.ImportSummary Summary)> ImportAsync(string mapping, string file)
    {
        var database = await postgres.SeededAsync("regions", Token);
        using var report = new StringWriter();
        var summary = await RealFiles.ImportAsync(database, mapping, file, r => r with { Source = new() { Source = mapping }, Report = report });
        return (database, Http.Csv.Read(report.ToString()), summary);
    }
}
