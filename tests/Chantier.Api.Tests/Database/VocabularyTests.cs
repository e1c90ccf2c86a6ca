using System.Text.RegularExpressions;
using Chantier.Domain;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Database;

/// <summary>The words of the domain stand in C# and in the schema. They are the same words, in the same order.</summary>
public sealed partial class VocabularyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _source = TestDatabases.Source(await postgres.Databases.CreateAsync(Token));

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task The_statuses_are_the_same_with_stage_progress_and_rank()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        var rows = await connection.QueryAsync<(string, string, int, int)>("select code, stage, progress, rollup_rank from status order by progress");
        Assert.Equal(Status.All.Select(t => (t.Code, t.Stage, t.Progress, t.RollUpRank)), rows);
    }

    [Fact]
    public async Task The_milestones_and_identifier_schemes_are_the_same()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        Assert.Equal(Milestone.All, await connection.QueryAsync<string>("select code from milestone order by position"));
        Assert.Equal(Identifiers.Schemes.Select(s => s.Code).Order(StringComparer.Ordinal), await connection.QueryAsync<string>("select code from identifier_scheme order by code collate \"C\""));
    }

    [Theory]
    [InlineData("claim_basis_known", "actual,inferred,expected")]
    [InlineData("claim_confidence_known", "high,medium,low")]
    [InlineData("status_event_date_meaning_known", "began,observed")]
    [InlineData("job_state_known", "queued,running,finished,failed,cancelled")]
    [InlineData("status_stage_check", "planned,building,active,stopped,ended")]
    public async Task The_words_that_a_check_accepts_are_the_same(string constraint, string words)
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        var check = await connection.QuerySingleAsync<string>("select pg_get_constraintdef(oid) from pg_constraint where conname = @constraint", new { constraint });
        IReadOnlyList<string> known = constraint switch
        {
            "claim_basis_known" => Basis.All,
            "claim_confidence_known" => Confidence.All,
            "status_event_date_meaning_known" => DateMeaning.All,
            "job_state_known" => Vocabularies.JobState,
            _ => Stage.All,
        };
        Assert.Equal(words.Split(','), known);
        Assert.Equal(known.Order(StringComparer.Ordinal), Quoted().Matches(check).Select(m => m.Groups["word"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Confidence_ranks_as_its_words_stand_and_actual_sorts_before_inferred()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        Assert.Equal(Confidence.All, await connection.QueryAsync<string>("select w from unnest(@words) w order by confidence_rank(w)", new { words = Confidence.All.Reverse().ToArray() }));
        Assert.Equal([Basis.Actual, Basis.Inferred], await connection.QueryAsync<string>("select w from unnest(@words) w order by w", new { words = new[] { Basis.Inferred, Basis.Actual } }));
    }

    [GeneratedRegex("'(?<word>[a-z_]+)'::text", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();
}
