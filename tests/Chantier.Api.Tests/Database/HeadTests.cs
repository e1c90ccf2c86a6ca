using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Database;

public sealed class HeadTests(PostgresFixture postgres)
{
    private const string ModeSql = "select current_setting('plan_cache_mode');";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_reads_much_is_planned_anew_and_the_next_on_the_same_connection_is_not()
    {
        var only = new NpgsqlConnectionStringBuilder(await postgres.WorldAsync(Token)) { MaxPoolSize = 1 }.ConnectionString;
        await using var source = DataSources.Read(only, TimeSpan.FromSeconds(30));
        foreach (var (isPlannedAnew, mode) in new[] { (true, "force_custom_plan"), (false, "auto"), (true, "force_custom_plan") })
        {
            await using (var connection = await source.OpenAsync(Token))
            {
                await using var grid = await connection.QueryMultipleAsync(new CommandDefinition(Head.Of(withTurn: false, isPlannedAnew) + ModeSql, cancellationToken: Token));
                Assert.True((await grid.ReadSingleAsync<Head>()).Seq > 0);
                Assert.Equal(mode, await grid.ReadSingleAsync<string>());
            }

            await using var next = await source.OpenAsync(Token);
            Assert.Equal("auto", await next.QuerySingleAsync<string>(new CommandDefinition(ModeSql, cancellationToken: Token)));
        }
    }
}
