using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Imports;

/// <summary>What this tracker exports, another takes in and exports again; and what is like something that is there is not made twice.</summary>
public sealed class OwnExportTests(PostgresFixture postgres)
{
    private const string Columns = "slug,name,sector,country,locality,location,operators,status,statusSince,statusDateMeaning,capacity";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_that_is_imported_is_exported_the_same()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("chantier-export-").FullName, "factories.csv");
        var there = await postgres.SeededAsync(null, Token);
        string export;
        await using (var api = await TestApi.StartAsync(there, Token))
        {
            export = (await new Ask(api.Client).GetAsync($"/v1/factories?format=csv&limit=1000&fields={Columns}")).Is(200).Text;
        }

        await File.WriteAllTextAsync(path, export, Token);
        var here = await postgres.SeededAsync("regions", Token);
        var summary = await RealFiles.ImportAsync(here, "chantier", path, r => r with { Source = new() { Source = "another-tracker" } });
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

        Assert.Equal((53, 53), (summary.Rows, summary.Created));
        await using (var api = await TestApi.StartAsync(here, Token))
        {
            Assert.Equal(Sorted(export), Sorted((await new Ask(api.Client).GetAsync($"/v1/factories?format=csv&limit=1000&fields={Columns}")).Is(200).Text));
        }

        // The part of a company is not among the columns, and so neither is the order of several.
        static List<string> Sorted(string csv) =>
            [.. Http.Csv.Read(csv) is var table ? table.Rows.Select(r => string.Join(';', r.Select((cell, i) => table.Header[i] == "operators" ? string.Join('|', cell.Split('|').Order(StringComparer.Ordinal)) : cell))) : []];
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

        await using var source = NpgsqlDataSource.Create(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        // Of two rows that mean one factory, the likelier is attached; the other is not glued to it, and somebody decides.
        Assert.Equal((1, 3), (summary.Matched, summary.Created));
        Assert.Equal(1, await connection.QuerySingleAsync<int>("select count(*)::int from identifier i join factory f on f.id = i.resource_id where i.scheme = 'hotmaps' and f.slug = 'verkor-dunkerque'"));
        var proposed = (await connection.QueryAsync<(string Operation, string Into)>("select operation, body ->> 'into' from proposal order by id")).AsList();
        Assert.Contains(("MergeFactory", "verkor-dunkerque"), proposed);
        Assert.Equal("other", await connection.QuerySingleAsync<string>("select sector from factory_version v join factory f on f.id = v.factory_id where f.slug = 'fromagerie-martin'"));

        // A curator accepts it: both are one site.
        var key = await Chantier.Api.Keys.CreateKey.RunAsync(database, "curator", "admin", Token);
        var id = await connection.QuerySingleAsync<long>("select min(id) from proposal");
        await using var api = await TestApi.StartAsync(database, Token);
        var accepted = await new Ask(api.Client).WriteAsync("POST", $"/v1/proposals/{id}/acceptance", "{}", key);
        Assert.Equal("accepted", accepted.Is(200).Json.GetProperty("state").GetString());
    }
}
