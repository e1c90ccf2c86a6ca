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
        var (first, middle, last) = (RealFiles.Releases[0], RealFiles.Releases[3], RealFiles.Releases[5]);
        foreach (var release in new[] { last, first, middle })
        {
            await RealFiles.ImportAsync(database, release, isBackfill: true);
        }

        await using var source = NpgsqlDataSource.Create(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        var before = await connection.QuerySingleAsync<long>("select max(seq) from change");
        // Again: nothing more is to be said.
        Assert.Equal(0, (await RealFiles.ImportAsync(database, middle, isBackfill: true)).Changes);
        Assert.Equal(before, await connection.QuerySingleAsync<long>("select max(seq) from change"));
        await using var api = await TestApi.StartAsync(database, Token);
        await ReleaseTests.CompareAsync(source, api, [first, middle, last]);
    }
}
