using System.Diagnostics;

namespace Chantier.Api.Tests.Imports;

/// <summary>Imports into a tracker with many companies, and what others notice of an import.</summary>
public sealed class ImportGrowthTests(ImportingApi api) : IClassFixture<ImportingApi>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Mapping { get; } = ImportingApi.OwnMapping.Replace(
        "\"events\"", "\"roles\": [{ \"id\": \"o\", \"role\": \"owner\", \"operator\": { \"columns\": [\"owner\"] } }], \"events\"", StringComparison.Ordinal);

    [Fact]
    public async Task Companies_are_found_by_an_index_however_many_there_are()
    {
        await World.ExecuteAsync(api.ConnectionString, """
            insert into operator (slug) select 'growth-' || i from generate_series(1, 30000) i;
            insert into slug (kind, slug, resource_id) select 'operator', slug, id from operator where slug like 'growth-%';
            insert into operator_version (operator_id, version, name, recorded_by, known_from)
            select id, 1, md5(slug) || ' Growth SA', 'test', now() from operator where slug like 'growth-%';
            analyze operator, operator_version, slug;
            """);
        // Every third company is one of these, written otherwise.
        var rows = Enumerable.Range(1, 300).Select(i => $"growth-{i};Plant {i};AU;{(i % 3 == 0 ? $"md5-{i}" : $"New {i} Steel")}").ToList();
        for (var i = 3; i <= 300; i += 3)
        {
            var name = await api.AskDatabaseAsync<string>($"select upper(md5('growth-{i}')) || ' growth, s.a.'");
            rows[i - 1] = rows[i - 1].Replace($"md5-{i}", name, StringComparison.Ordinal);
        }

        var clock = Stopwatch.StartNew();
        var job = await api.ImportAsync(
            "source=growth", ImportingApi.Form($"id;name;country;owner\n{string.Join('\n', rows)}\n", "growth.csv", "text/csv", Mapping));

        Assert.Equal(("finished", "300"), (job.Text("state"), job.Text("result.created")));
        // One name at a time, without an index, took more than 200 s.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        const string Counts = """
            select count(*) filter (where o.slug like 'growth-%') || ' ' || count(distinct o.id) from role r join operator o on o.id = r.operator_id
            join claim c on c.id = r.claim_id where c.recorded_by = 'import:growth'
            """;
        Assert.Equal("100 300", await api.AskDatabaseAsync<string>(Counts));
    }

    [Fact]
    public async Task Others_write_while_an_import_runs()
    {
        var rows = Enumerable.Range(1, 4000).Select(i => $"beside-{i};Plant {i};AU;Owner {i}");
        var form = ImportingApi.Form($"id;name;country;owner\n{string.Join('\n', rows)}\n", "beside.csv", "text/csv", Mapping);
        var import = api.ImportAsync("source=others", form);
        var longest = TimeSpan.Zero;
        for (var i = 0; !import.IsCompleted; i++)
        {
            var clock = Stopwatch.StartNew();
            (await api.Ask.WriteAsync("POST", "/v1/operators", $$"""{"slug":"writer-{{i}}","name":"Writer {{i}}"}""", api.Key())).Is(201);
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
            await Task.Delay(20, Token);
        }

        Assert.Equal("4000", (await import).Text("result.created"));
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        const string Between = """
            select exists (
              select from change w join operator o on w.resource_type = 'operator' and o.id = w.resource_id and o.slug like 'writer-%'
              where w.seq > (select min(seq) from change where actor = 'import:others')
                and w.seq < (select max(seq) from change where actor = 'import:others'))
            """;
        Assert.True(await api.AskDatabaseAsync<bool>(Between), "Nobody wrote between two portions.");
    }
}
