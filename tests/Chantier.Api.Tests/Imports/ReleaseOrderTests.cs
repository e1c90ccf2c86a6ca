using System.Globalization;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Imports;

/// <summary>The releases of a register come as they are found, the later before the earlier.</summary>
public sealed class ReleaseOrderTests(PostgresFixture postgres) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chantier-releases-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Releases_that_come_in_any_order_are_answered_the_same()
    {
        var (first, middle, last) = (RealFiles.Releases[0], RealFiles.Releases[3], RealFiles.Releases[5]);
        foreach (var (release, _) in new[] { first, middle, last })
        {
            // The same quarter of the projects of each; of an excerpt, all.
            RealFiles.WritePart(RealFiles.FileOf(release), FileOf(release), row => !DataSets.AreWhole || int.Parse(RealFiles.IdOf(row), CultureInfo.InvariantCulture) % 4 == 0);
        }

        var database = await postgres.Databases.CreateAsync(Token);
        foreach (var release in new[] { last, first, middle })
        {
            await RealFiles.ImportAsync(database, release, isBackfill: true, file: FileOf(release.Release));
        }

        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        var before = await connection.QuerySingleAsync<long>("select max(seq) from change");
        // Again: nothing more is to be said.
        Assert.Equal(0, (await RealFiles.ImportAsync(database, middle, isBackfill: true, file: FileOf(middle.Release))).Changes);
        Assert.Equal(before, await connection.QuerySingleAsync<long>("select max(seq) from change"));
        await using var api = await TestApi.StartAsync(database, Token);
        Assert.Equal(DataSets.Choose(excerpt: 346, whole: 5_723), await ReleaseTests.CompareAsync(source, api, [first, middle, last], FileOf));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string FileOf(string release) => Path.Combine(_folder.FullName, $"{release}.csv");
}
