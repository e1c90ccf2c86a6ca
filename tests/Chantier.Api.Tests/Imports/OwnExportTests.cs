using Chantier.Api.Imports;
using Chantier.Api.Keys;
using Chantier.Api.Seeding;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Imports;

/// <summary>What this tracker exports, another takes in and exports again; and what is like something that is there is not made twice.</summary>
public sealed class OwnExportTests(PostgresFixture postgres)
{
    // All that the list states of a site. The rest depends on the tracker: what it counts, its versions and stamps, and how its regions are called.
    private const string Columns = "slug,name,sector,products,country,region,locality,location,operators,status,stage,statusSince,statusDateMeaning,statusBasis,lastConfirmedOn,capacity";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_that_is_imported_is_exported_the_same_and_every_format_says_so()
    {
        var there = await postgres.CopyOfAsync("packs and industry", FillAsync, Token);
        var here = await postgres.SeededAsync("regions", Token);
        var export = await ExportAsync(there, "csv");
        using var report = new StringWriter();
        var summary = await ImportAsync("csv", report);

        var rows = Http.Csv.Read(export).Rows.Count;
        Assert.True((rows, rows, 0) == (summary.Rows, summary.Created, summary.Omitted), $"Of {rows} rows: {summary}\n{string.Concat(report.ToString().Take(2000))}");
        Assert.Contains("cement", Assert.Single(summary.Notes), StringComparison.Ordinal);
        Assert.Equal(export.Split("\r\n"), (await ExportAsync(here, "csv")).Split("\r\n"));
        foreach (var format in new[] { "csv", "ndjson", "geojson" })
        {
            var again = await ImportAsync(format, null);
            Assert.Equal((rows, 0), (again.Rows, again.Changes));
        }

        async Task<ImportSummary> ImportAsync(string format, TextWriter? report)
        {
            var folder = Directory.CreateTempSubdirectory("chantier-export-");
            var path = Path.Combine(folder.FullName, $"factories.{format}");
            await File.WriteAllTextAsync(path, await ExportAsync(there, format), Token);
            var imported = await RealFiles.ImportAsync(here, "chantier", path, r => r with { Source = new() { Source = "another-tracker" }, Report = report });
            folder.Delete(recursive: true);
            return imported;
        }
    }

    private static async Task FillAsync(string database)
    {
        await SeedPacks.LoadAsync(database, Path.Combine(AppContext.BaseDirectory, "seeds"), null, Token);
        // A quarter of the register, or all of an excerpt: all of either is imported by IndustryTests.
        var part = Path.Combine(Directory.CreateTempSubdirectory("chantier-part-").FullName, "hotmaps.csv");
        var lines = await File.ReadAllLinesAsync(DataSets.PathOf("industry/hotmaps.csv"), Token);
        await File.WriteAllLinesAsync(part, lines.Where((_, n) => !DataSets.AreWhole || n % 4 == 0), Token);
        await RealFiles.ImportAsync(database, "hotmaps", part, r => r with { Source = new() { Source = "hotmaps" } });
        Directory.Delete(Path.GetDirectoryName(part)!, recursive: true);

        // What a spreadsheet would take for a formula, and what stands between the parts of a cell.
        await using var api = await TestApi.StartAsync(database, Token);
        var (ask, key) = (new Ask(api.Client), await CreateKey.RunAsync(database, "curator", "curate", Token));
        (await ask.WriteAsync("POST", "/v1/operators", """{"slug":"either-or","name":"Either | Or \\ Both"}""", key)).Is(201);
        (await ask.WriteAsync("POST", "/v1/factories", """{"slug":"formula","name":"=SUM(A1)","sector":"other","country":"FR","region":"france","products":["-x","a|b"]}""", key)).Is(201);
        foreach (var role in new[] { "owner", "customer" })
        {
            (await ask.WriteAsync("POST", "/v1/factories/formula/roles", $$"""{"operator":"either-or","role":"{{role}}","sources":[{"source":"vallee-de-la-batterie-2024-08"}]}""", key)).Is(201);
        }
    }

    private static async Task<string> ExportAsync(string database, string format)
    {
        await using var api = await TestApi.StartAsync(database, Token);
        return (await new Ask(api.Client).GetAsync($"/v1/factories?format={format}&limit=all&fields={Columns}")).Is(200).Text;
    }

    [Fact]
    public async Task What_is_like_a_factory_that_is_there_is_attached_and_what_is_somewhat_like_it_is_proposed()
    {
        var database = await postgres.SeededAsync(null, Token);
        var path = Path.Combine(Directory.CreateTempSubdirectory("chantier-match-").FullName, "sites.csv");
        await File.WriteAllTextAsync(
            path,
            """
            SiteID;CompanyName;SiteName;City;Country;geom;Subsector
            1;Verkor;Gigafactory Verkor;Dunkerque;France;;Other non-classified
            2;Verkor;Verkor Dunkerque;Dunkerque;France;;Other non-classified
            3;Somebody Else;Dunkerque Verkor storage;Lyon;France;;Other non-classified
            4;Fromagerie Martin;Fromagerie Martin;Aurillac;France;;Other non-classified
            """,
            Token);

        var summary = await RealFiles.ImportAsync(database, "hotmaps", path, r => r with { Source = new() { Source = "hotmaps" } });
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        // Of two rows that mean one factory, the likelier is attached; the other is not glued to it, and somebody decides.
        Assert.Equal((1, 3), (summary.Matched, summary.Created));
        Assert.Equal(1, await connection.QuerySingleAsync<int>("select count(*)::int from identifier i join factory f on f.id = i.resource_id where i.scheme = 'hotmaps' and f.slug = 'verkor-dunkerque'"));
        var proposed = (await connection.QueryAsync<(string Operation, string Into)>("select operation, body ->> 'into' from proposal order by id")).AsList();
        Assert.Contains(("MergeFactory", "verkor-dunkerque"), proposed);
        Assert.Equal("other", await connection.QuerySingleAsync<string>("select sector from factory_version v join factory f on f.id = v.factory_id where f.slug = 'fromagerie-martin'"));

        // A curator accepts it: both are one site.
        var key = await CreateKey.RunAsync(database, "curator", "admin", Token);
        var id = await connection.QuerySingleAsync<long>("select min(id) from proposal");
        await using var api = await TestApi.StartAsync(database, Token);
        var accepted = await new Ask(api.Client).WriteAsync("POST", $"/v1/proposals/{id}/acceptance", "{}", key);
        Assert.Equal("accepted", accepted.Is(200).Json.GetProperty("state").GetString());
    }
}
