using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Database;

public sealed class HeadTests(PostgresFixture postgres)
{
    private const string SettingsSql = "select concat_ws(', ', current_setting('plan_cache_mode'), current_setting('work_mem'), current_setting('hash_mem_multiplier'));";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_reads_much_is_planned_anew_with_room_and_the_next_on_the_same_connection_is_not()
    {
        var only = new NpgsqlConnectionStringBuilder(await postgres.WorldAsync(Token)) { MaxPoolSize = 1 }.ConnectionString;
        await using var source = DataSources.Read(only, TimeSpan.FromSeconds(30));
        foreach (var (readsMuch, settings) in new[] { (true, "force_custom_plan, 32MB, 8"), (false, "auto, 4MB, 2"), (true, "force_custom_plan, 32MB, 8") })
        {
            await using (var connection = await source.OpenAsync(Token))
            {
                await using var grid = await connection.QueryMultipleAsync(new CommandDefinition(Head.Of(readsMuch) + SettingsSql, cancellationToken: Token));
                Assert.True((await grid.ReadSingleAsync<Head>()).Seq > 0);
                Assert.Equal(settings, await grid.ReadSingleAsync<string>());
            }

            await using var next = await source.OpenAsync(Token);
            Assert.Equal("auto, 4MB, 2", await next.QuerySingleAsync<string>(new CommandDefinition(SettingsSql, cancellationToken: Token)));
        }
    }

    [Fact]
    public async Task Who_gives_more_room_keeps_it()
    {
        var roomy = new NpgsqlConnectionStringBuilder(await postgres.WorldAsync(Token)) { Options = "-c work_mem=64MB -c hash_mem_multiplier=16" }.ConnectionString;
        await using var source = DataSources.Read(roomy, TimeSpan.FromSeconds(30));
        await using var connection = await source.OpenAsync(Token);
        await using var grid = await connection.QueryMultipleAsync(new CommandDefinition(Head.Of(readsMuch: true) + SettingsSql, cancellationToken: Token));
        Assert.NotNull(await grid.ReadSingleAsync<Head>());
        Assert.Equal("force_custom_plan, 64MB, 16", await grid.ReadSingleAsync<string>());
    }
}
