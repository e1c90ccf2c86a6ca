using Chantier.Api.Seeding;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Seeding;

/// <summary>Phases of packs: claims without a phase are about the unnamed one, and named ones are found again by their names.</summary>
public sealed class PackPhaseTests(PostgresFixture postgres) : IDisposable
{
    private const string Phases = """ "phases": [{ "id": "one", "name": "Unit 1" }, { "id": "two", "name": "Unit 2", "product": "x" }], """;

    private readonly string _folder = Directory.CreateTempSubdirectory("chantier-pack-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Phases_of_an_existing_factory_are_added_once_and_found_again_after_a_rename()
    {
        var database = await postgres.Databases.CreateAsync(Token);
        await LoadAsync(database, "first", "", Event("a", null, "announced", "2020"));

        var second = await LoadAsync(
            database, "second", Phases, Event("b", null, "permitted", "2021"), Event("c", "one", "operating", "2022"), Event("d", "two", "closed", "2023"));
        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        await connection.ExecuteAsync("""
            with s as (select * from begin_write()), ended as (
              update phase_version v set known_to = s.recorded_at from s where v.name = 'Unit 1' returning v.*, s.recorded_at
            )
            insert into phase_version (phase_id, version, name, position, recorded_by, known_from)
            select phase_id, 2, 'Line 1', position, 'curator', recorded_at from ended
            """);
        var again = await LoadAsync(
            database, "second", Phases, Event("b", null, "permitted", "2021"), Event("c", "one", "operating", "2022"), Event("d", "two", "closed", "2023"),
            Event("e", "one", "idled", "2024"));

        // Two phases, three claims and, of the second pack, nothing else; then one claim more.
        Assert.Equal((5, 1), (second.Created, again.Created));
        Assert.Equal(
            ["1  announced permitted", "2 Line 1 operating idled", "3 Unit 2 closed"],
            await connection.QueryAsync<string>("""
                select v.position || ' ' || coalesce(v.name, '') || ' ' || string_agg(e.status, ' ' order by e.earliest)
                from phase_version v join status_event e on e.phase_id = v.phase_id
                where v.known_to = 'infinity' group by v.position, v.name order by v.position
                """));
    }

    private static string Event(string id, string? phase, string status, string date) =>
        $$"""{ "id": "{{id}}", {{(phase is null ? "" : $"\"phase\": \"{phase}\", ")}}"status": "{{status}}", "date": "{{date}}", "evidence": [{ "source": "s" }] }""";

    private async Task<SeedReport> LoadAsync(string database, string name, string phases, params string[] events)
    {
        var pack = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(pack, "sources.json"), """[{ "slug": "s", "kind": "press", "published": "2024" }]""", Token);
        await File.WriteAllTextAsync(
            Path.Combine(pack, "factories.json"),
            $$"""
            [{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR",
              {{phases}} "statusEvents": [{{string.Join(", ", events)}}] }]
            """,
            Token);
        return Assert.Single(await SeedPacks.LoadAsync(database, _folder, name, Token));
    }
}
