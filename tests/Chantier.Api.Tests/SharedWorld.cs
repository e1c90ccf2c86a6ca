using Chantier.Api.Database;

namespace Chantier.Api.Tests;

/// <summary>The invented world for tests that only read: one service for all of a class.</summary>
public sealed class SharedWorld(PostgresFixture postgres) : World(postgres);

/// <summary>
/// The same without the one claim that is dated in the year 2999, because of which the present is read like a past: here the
/// projections of the present hold and are read.
/// </summary>
public sealed class SettledWorld(PostgresFixture postgres) : World(postgres)
{
    private protected override string Template => "settled";

    internal static async Task SettleAsync(string connection)
    {
        await FillWorldAsync(connection);
        await ExecuteAsync(connection, """
            delete from evidence where claim_id = 1402;
            delete from status_event where claim_id = 1402;
            delete from claim where id = 1402;
            """);
        await Projections.RebuildAsync(connection, Token);
    }

    private protected override Task FillAsync(string connection) => SettleAsync(connection);
}
