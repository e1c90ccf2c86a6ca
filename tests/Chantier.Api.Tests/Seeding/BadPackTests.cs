using Chantier.Api.Seeding;
using Chantier.Testing;

namespace Chantier.Api.Tests.Seeding;

/// <summary>A pack that is not what it should be is refused whole, with a sentence that says where and why.</summary>
public sealed class BadPackTests(PostgresFixture postgres) : IDisposable
{
    private const string Source = """[{ "slug": "s", "kind": "press", "published": "2024" }]""";

    private readonly string _folder = Directory.CreateTempSubdirectory("chantier-pack-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("[", "well-formed")]
    [InlineData("""[{ "slug": "f", "nmae": "F" }]""", "factories.json")]
    [InlineData("""[{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR", "statusEvents": [{ "id": "e", "status": "open", "date": "2024", "evidence": [{ "source": "s" }] }] }]""", "under_construction")]
    [InlineData("""[{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR", "statusEvents": [{ "id": "e", "status": "operating", "date": "01/02/2024", "evidence": [{ "source": "s" }] }] }]""", "01/02/2024")]
    [InlineData("""[{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR", "statusEvents": [{ "id": "e", "status": "operating", "date": "2024" }] }]""", "no evidence")]
    [InlineData("""[{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR", "statusEvents": [{ "id": "e", "status": "operating", "date": "2024", "evidence": [{ "source": "nowhere" }] }] }]""", "nowhere")]
    [InlineData("""[{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR", "region": "atlantis" }]""", "atlantis")]
    [InlineData("""[{ "slug": "F!", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR" }]""", "slug_well_formed")]
    [InlineData("""[{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "nothing_such", "country": "FR" }]""", "sector")]
    [InlineData("""
        [{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR",
          "figures": [{ "id": "g", "property": "jobs", "value": 1, "unit": "jobs", "scope": "most", "evidence": [{ "source": "s" }] }] }]
        """, "whole, part, group")]
    [InlineData("""
        [{ "slug": "f", "name": "F", "names": [{"text":"F","lang":"fr","kind":"official"}], "sector": "other", "country": "FR",
          "figures": [{ "id": "g", "phase": "one", "property": "jobs", "value": 1, "unit": "jobs", "evidence": [{ "source": "s" }] }] }]
        """, "phase 'one'")]
    public async Task A_bad_pack_is_refused_with_its_reason(string factories, string reason)
    {
        var pack = Directory.CreateDirectory(Path.Combine(_folder, "bad")).FullName;
        await File.WriteAllTextAsync(Path.Combine(pack, "sources.json"), Source, Token);
        await File.WriteAllTextAsync(Path.Combine(pack, "factories.json"), factories, Token);
        var connection = await postgres.Databases.CreateAsync(Token);

        var refused = await Assert.ThrowsAsync<SeedException>(() => SeedPacks.LoadAsync(connection, _folder, pack: null, Token));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        await using var source = TestDatabases.Source(connection);
        await using var count = source.CreateCommand("select (select count(*) from source) + (select count(*) from factory) + (select count(*) from change)");
        Assert.Equal(0L, await count.ExecuteScalarAsync(Token));
    }
}
