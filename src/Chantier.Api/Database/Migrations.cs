using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace Chantier.Api.Database;

/// <summary>Brings a database up to the schema of this build, under one lock.</summary>
/// <remarks>
/// <para>
/// The files of migrations/ create the tables. Each is applied once, in order, in a transaction of its own, and is never
/// edited afterwards. A function that a column, an index or a trigger uses is part of the tables and is created there.
/// </para>
/// <para>
/// The files of migrations/functions/ create all other functions, one a file, named as the file. After the tables, they
/// are applied together whenever one of them has changed, so edit them freely. Their order does not matter, because
/// PostgreSQL checks a body when it runs.
/// </para>
/// </remarks>
internal static class Migrations
{
    // Any constant will do, as long as every process takes the same.
    private const long LockKey = 4891234567002;

    private const string TablesSql = """
        create table if not exists schema_migration (
          name       text primary key,
          sha256     text not null,
          applied_at timestamptz not null default now());
        create table if not exists schema_function (
          name       text primary key,
          sha256     text not null,
          applied_at timestamptz not null default now());
        """;

    private const string AppliedSql = "select name, sha256 from schema_migration";

    private const string AppliedFunctionsSql = "select name, sha256 from schema_function";

    private const string RecordSql = "insert into schema_migration (name, sha256) values (@name, @sha256)";

    // "create or replace" cannot change what a function returns, and would keep an old list of parameters beside the new.
    private const string DropFunctionsSql = """
        select coalesce(string_agg(format('drop function %s;', p.oid::regprocedure), ' '), '')
        from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname = any (@names)
        """;

    private const string ForgetFunctionsSql = "delete from schema_function where name = any (@names)";

    private const string RecordFunctionsSql = """
        insert into schema_function (name, sha256) select u.name, u.sha256 from unnest(@names, @hashes) as u (name, sha256)
        """;

    public static IReadOnlyList<Migration> All { get; } = ReadAll("migrations/", keepExtension: true);

    public static IReadOnlyList<Migration> Functions { get; } = ReadAll("functions/", keepExtension: false);

    /// <summary>Returns the names that were applied; none when the schema was current.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="cancellation">Stops before the next file.</param>
    /// <param name="last">The last file of tables to apply, for an archive of an older schema; its functions come with the rest.</param>
    public static async Task<IReadOnlyList<string>> ApplyAsync(string connectionString, CancellationToken cancellation, string? last = null)
    {
        await using var source = DataSources.Unpooled(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);

        // A session lock, because it must outlive the transaction of each file. It ends with the connection.
        await ExecuteAsync(connection, "select pg_advisory_lock(@LockKey)", new { LockKey }, cancellation);
        await ExecuteAsync(connection, TablesSql, null, cancellation);
        var applied = await AppliedAsync(connection, AppliedSql, cancellation);
        Check(applied);
        var pending = All.Where(m => !applied.ContainsKey(m.Name) && (last is null || string.CompareOrdinal(m.Name, last) <= 0)).ToList();
        foreach (var migration in pending)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await ExecuteAsync(connection, migration.Sql, null, cancellation);
            await ExecuteAsync(connection, RecordSql, new { name = migration.Name, sha256 = migration.Sha256 }, cancellation);
            await transaction.CommitAsync(cancellation);
        }

        var functions = applied.Count + pending.Count < All.Count ? [] : await ApplyFunctionsAsync(connection, cancellation);
        return [.. pending.Select(m => m.Name), .. functions];
    }

    /// <summary>Returns how many functions were added, changed or removed, as a text; none where there was nothing to do.</summary>
    private static async Task<IReadOnlyList<string>> ApplyFunctionsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var applied = await AppliedAsync(connection, AppliedFunctionsSql, cancellation);
        var changed = Functions.Where(f => applied.GetValueOrDefault(f.Name) != f.Sha256).ToList();
        string[] names = [.. changed.Select(f => f.Name), .. applied.Keys.Except(Functions.Select(f => f.Name), StringComparer.Ordinal)];
        if (names.Length == 0)
        {
            return [];
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // They may call each other in any order.
        await ExecuteAsync(connection, "set local check_function_bodies = off", null, cancellation);
        var drops = await connection.QuerySingleAsync<string>(new CommandDefinition(DropFunctionsSql, new { names }, cancellationToken: cancellation));
        await ExecuteAsync(connection, $"{drops} {string.Join('\n', changed.Select(f => f.Sql))}", null, cancellation);
        await ExecuteAsync(connection, ForgetFunctionsSql, new { names }, cancellation);
        await ExecuteAsync(
            connection, RecordFunctionsSql, new { names = changed.Select(f => f.Name).ToArray(), hashes = changed.Select(f => f.Sha256).ToArray() }, cancellation);
        await transaction.CommitAsync(cancellation);
        return [$"{names.Length} functions"];
    }

    private static void Check(Dictionary<string, string> applied)
    {
        foreach (var (name, sha256) in applied)
        {
            var known = All.FirstOrDefault(m => m.Name == name) ?? throw new MigrationException(
                $"The database has the migration {name}, which this build does not have: a newer Chantier applied it. Run that version, or use another database.");
            if (known.Sha256 != sha256)
            {
                throw new MigrationException(
                    $"The migration {name} was applied with other content than this build has. An applied migration is never edited: restore the file, and put the change in a new one.");
            }
        }

        var lastApplied = applied.Keys.Max(StringComparer.Ordinal);
        if (All.FirstOrDefault(m => !applied.ContainsKey(m.Name) && string.CompareOrdinal(m.Name, lastApplied) < 0) is { } late)
        {
            throw new MigrationException($"The migration {late.Name} comes before {lastApplied}, which is applied already. Give it a later number.");
        }
    }

    private static Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, object? parameters, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(sql, parameters, commandTimeout: 0, cancellationToken: cancellation));

    private static async Task<Dictionary<string, string>> AppliedAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation) =>
        (await connection.QueryAsync<(string Name, string Sha256)>(new CommandDefinition(sql, cancellationToken: cancellation)))
            .ToDictionary(row => row.Name, row => row.Sha256);

    private static Migration[] ReadAll(string folder, bool keepExtension) => [.. typeof(Migrations).Assembly.GetManifestResourceNames()
        .Where(resource => resource.StartsWith(folder, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(resource => Migration.Read(resource, keepExtension ? Path.GetFileName(resource) : Path.GetFileNameWithoutExtension(resource)))];

    /// <summary>One file of migrations/ or of migrations/functions/.</summary>
    internal sealed record Migration(string Name, string Sql, string Sha256)
    {
        public static Migration Read(string resource, string name)
        {
            using var reader = new StreamReader(typeof(Migrations).Assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            // Git may change the line ends; that is no change of the file.
            var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
            return new(name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
        }
    }
}

/// <summary>The schema cannot be brought up to date; the message says what to do.</summary>
internal sealed class MigrationException(string message) : Exception(message);
