using System.Text.RegularExpressions;
using Chantier.Api.Database;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Database;

/// <summary>Tables are created once and functions are kept up to date; both are written in one style.</summary>
public sealed partial class MigrationsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private string _connection = null!;
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await postgres.Databases.CreateAsync(Token);
        _source = TestDatabases.Source(_connection);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task A_current_schema_is_left_alone() => Assert.Empty(await Migrations.ApplyAsync(_connection, Token));

    [Fact]
    public async Task A_changed_function_is_replaced_with_its_signature_and_a_removed_one_is_dropped()
    {
        await ExecuteAsync("""
            drop function months_between; create function months_between(a date, b date, c date) returns text language sql as $$ select 'old' $$;
            update schema_function set sha256 = 'old' where name = 'months_between';
            create function removed() returns int language sql as $$ select 1 $$;
            insert into schema_function (name, sha256) values ('removed', 'old');
            """);
        Assert.Equal(["2 functions"], await Migrations.ApplyAsync(_connection, Token));
        await using var connection = await _source.OpenConnectionAsync(Token);
        Assert.Equal(
            ["months_between(date,date)"],
            await connection.QueryAsync<string>("select oid::regprocedure::text from pg_proc where proname in ('months_between', 'removed')"));
        Assert.Equal(13, await connection.QuerySingleAsync<int>("select months_between('2020-01-31', '2021-02-01')"));
        Assert.Empty(await Migrations.ApplyAsync(_connection, Token));
    }

    [Fact]
    public async Task Every_function_can_be_dropped_and_created_again()
    {
        await ExecuteAsync("update schema_function set sha256 = 'old'");
        Assert.Equal([$"{Migrations.Functions.Count} functions"], await Migrations.ApplyAsync(_connection, Token));
    }

    [Theory]
    [InlineData("update schema_migration set sha256 = 'other' where name = '0003_claims.sql'", "The migration 0003_claims.sql was applied with other content")]
    [InlineData("insert into schema_migration (name, sha256) values ('9999_newer.sql', 'x')", "The database has the migration 9999_newer.sql, which this build does not have")]
    [InlineData("delete from schema_migration where name = '0003_claims.sql'", "The migration 0003_claims.sql comes before")]
    public async Task A_database_of_another_build_is_refused(string change, string message)
    {
        await ExecuteAsync(change);
        var refused = await Assert.ThrowsAsync<MigrationException>(() => Migrations.ApplyAsync(_connection, Token));
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_function_has_a_file_of_its_name_that_begins_with_what_it_does() => Assert.All(Migrations.Functions, function =>
    {
        Assert.Matches("^-- [A-Z]", function.Sql);
        Assert.Equal(function.Name, Assert.Single(Created().Matches(function.Sql)).Groups["name"].Value);
    });

    [Fact]
    public void Every_table_begins_with_what_it_holds() => Assert.All(Migrations.All, file =>
        Assert.Equal(Table().Count(file.Sql), DescribedTable().Count(file.Sql)));

    [Fact]
    public void Lines_end_at_120_columns() => Assert.All(Migrations.All.Concat(Migrations.Functions), file =>
        Assert.DoesNotContain(file.Sql.Split('\n'), line => line.Length > 120));

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        await connection.ExecuteAsync(sql);
    }

    [GeneratedRegex(@"^create or replace function (?<name>\w+)\(", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Created();

    [GeneratedRegex("^create table ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Table();

    [GeneratedRegex(@"^-- This table holds [^\n]*\n(--[^\n]*\n)*create table ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DescribedTable();
}
