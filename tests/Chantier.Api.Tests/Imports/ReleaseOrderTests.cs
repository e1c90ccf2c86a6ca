using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Imports;

/// <summary>The releases of a register come as they are found, the later before the earlier.</summary>
public sealed class ReleaseOrderTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Releases_that_come_in_any_order_are_answered_the_same()
    {
        _ = RealFiles.Path_("repd");
        var database = await postgres.Databases.CreateAsync(Token);
        foreach (var i in new[] { 2, 5, 0, 4, 3 })
        {
            await RealFiles.ImportAsync(database, RealFiles.Releases[i], isBackfill: true);
        }

        await using var source = NpgsqlDataSource.Create(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        var before = await connection.QuerySingleAsync<long>("select max(seq) from change");
        // Again, and one of those in the middle: nothing more is to be said.
        Assert.Equal(0, (await RealFiles.ImportAsync(database, RealFiles.Releases[3], isBackfill: true)).Changes);
        Assert.Equal(before, await connection.QuerySingleAsync<long>("select max(seq) from change"));
        await using var api = await TestApi.StartAsync(database, Token);
        await ReleaseTests.CompareAsync(source, api, [.. RealFiles.Releases.Where(r => r.Release != "2021-12")]);
    }
}
