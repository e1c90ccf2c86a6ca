using Chantier.Api.Database;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Axes;

/// <summary>What was answered about a past pair of moments is answered for ever, whatever is written later, by however many.</summary>
public sealed class ImmutablePastTests(RandomWrites writes) : IClassFixture<RandomWrites>
{
    // Everything that is derived, row by row, without the number of the write that last touched a factory.
    private const string Projected = """
        select 'factory_current' as place, (to_jsonb(t) - 'stamp')::text as content from factory_current t
        union all select 'status_span', to_jsonb(t)::text from status_span t
        union all select 'capacity_span', to_jsonb(t)::text from capacity_span t
        union all select 'region_closure', to_jsonb(t)::text from region_closure t
        union all select 'factory_merged', to_jsonb(t)::text from factory_merged t
        union all select 'factory_text', to_jsonb(t)::text from factory_text t
        union all select 'claim', to_jsonb(t)::text from (select id, published_from, published_to, published_basis from claim) t
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_thousand_writes_of_every_kind_were_made_and_none_failed_in_another_way_than_it_may()
    {
        var said = string.Join('\n', writes.Outcomes.OrderBy(o => o.Key).Select(o => $"{o.Key.Kind} {o.Key.Status}: {o.Value}"));
        Assert.Equal(1000, writes.Outcomes.Where(o => o.Key.Status < 300).Sum(o => o.Value));
        Assert.All(
            ["create", "edit", "event", "figure", "location", "role", "correct", "retract", "source", "takeback", "merge", "unmerge", "delete"],
            (string kind) => Assert.True(writes.Outcomes.Any(o => o.Key.Kind == kind && o.Key.Status is 200 or 201 or 204), $"no {kind}:\n{said}"));
        // A site may have been merged or deleted by another writer, a claim ended, a version passed.
        Assert.All(writes.Outcomes.Keys, outcome => Assert.True(outcome.Status is 200 or 201 or 204 or 308 or 409 or 410 or 412 or 422, said));
    }

    [Fact]
    public async Task What_was_answered_of_a_past_pair_is_answered_again_byte_for_byte()
    {
        Assert.True(writes.Asked.Count > 500, $"{writes.Asked.Count} questions");
        foreach (var (path, _, answer) in writes.Asked.DistinctBy(asked => (asked.Path, asked.Answer)))
        {
            var again = await writes.AnswerAsync(path);
            Assert.True(answer == again, $"{path}\nwas answered\n{Around(answer, again)}\nand later\n{Around(again, answer)}");
        }
    }

    [Fact]
    public async Task What_the_writes_derived_is_what_a_rebuild_from_the_claims_derives()
    {
        await using var source = TestDatabases.Source(writes.Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await connection.ExecuteAsync("create temp table written as " + Projected, transaction: transaction);
        await Projections.RebuildAsync(connection, transaction, Token);
        await connection.ExecuteAsync("create temp table rebuilt as " + Projected, transaction: transaction);
        Assert.Empty(await connection.QueryAsync<string>("select 'only written: ' || place || ' ' || content from (select * from written except all select * from rebuilt) w limit 5", transaction: transaction));
        Assert.Empty(await connection.QueryAsync<string>("select 'only rebuilt: ' || place || ' ' || content from (select * from rebuilt except all select * from written) r limit 5", transaction: transaction));
    }

    private static string Around(string text, string other)
    {
        var at = text.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"… {text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 200)]} …";
    }
}
