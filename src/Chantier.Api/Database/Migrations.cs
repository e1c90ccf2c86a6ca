using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace Chantier.Api.Database;

/// <summary>Brings a database up to the schema of this build: each file once, in order, in a transaction of its own, under one lock.</summary>
internal static class Migrations
{
    // Any constant will do, as long as every starter takes the same.
    private const long LockKey = 4891234567002;

    private const string TableSql = """
        create table if not exists schema_migration (
          name       text primary key,
          sha256     text not null,
          applied_at timestamptz not null default now());
        """;

    private const string AppliedSql = "select name, sha256 from schema_migration order by name";

    private const string RecordSql = "insert into schema_migration (name, sha256) values (@name, @sha256)";

    public static IReadOnlyList<Migration> All { get; } = [.. typeof(Migrations).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith("migrations/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(Migration.Read)];

    /// <summary>Returns the names that were applied; none when the schema was current. As far as the last that is asked for.</summary>
    public static async Task<IReadOnlyList<string>> ApplyAsync(string connectionString, CancellationToken cancellation, string? last = null)
    {
        await using var source = DataSources.Unpooled(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);

        // A session lock, not a transaction's: it must outlive each migration's own transaction. It goes with the connection.
        await connection.ExecuteAsync(new CommandDefinition("select pg_advisory_lock(@LockKey)", new { LockKey }, commandTimeout: 0, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(TableSql, cancellationToken: cancellation));
        var applied = (await connection.QueryAsync<(string Name, string Sha256)>(new CommandDefinition(AppliedSql, cancellationToken: cancellation)))
            .ToDictionary(row => row.Name, row => row.Sha256);

        Check(applied);
        var pending = All.Where(m => !applied.ContainsKey(m.Name) && (last is null || string.CompareOrdinal(m.Name, last) <= 0)).ToList();
        foreach (var migration in pending)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await connection.ExecuteAsync(new CommandDefinition(migration.Sql, transaction: transaction, commandTimeout: 0, cancellationToken: cancellation));
            await connection.ExecuteAsync(new CommandDefinition(
                RecordSql, new { name = migration.Name, sha256 = migration.Sha256 }, transaction, cancellationToken: cancellation));
            await transaction.CommitAsync(cancellation);
        }

        return [.. pending.Select(m => m.Name)];
    }

    private static void Check(Dictionary<string, string> applied)
    {
        foreach (var (name, sha256) in applied)
        {
            var known = All.FirstOrDefault(m => m.Name == name) ?? throw new MigrationException(
                $"The database has the migration {name}, which this build does not know: it was made by a newer Chantier. Run that one, or another database.");
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

    /// <summary>One file of migrations/.</summary>
    internal sealed record Migration(string Name, string Sql, string Sha256)
    {
        public static Migration Read(string resource)
        {
            using var reader = new StreamReader(typeof(Migrations).Assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            // Line ends are git's business, not a change of the migration.
            var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
            return new(resource["migrations/".Length..], sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
        }
    }
}

/// <summary>The schema cannot be brought up to date; the message says what to do.</summary>
internal sealed class MigrationException(string message) : Exception(message);
