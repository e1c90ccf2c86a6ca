using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Jobs;
using Dapper;
using Npgsql;

namespace Chantier.Api.Archives;

/// <summary>There is nothing to say.</summary>
internal sealed record ArchiveRequest;

/// <summary>POST /v1/archives, and the job that it asks for: the archive is written into a file, and from there into parts that any process can serve.</summary>
internal sealed class MakeArchive(WriteSource source) : IJobKind
{
    public const string KindName = "archive";

    private const string NoLimitSql = "set local statement_timeout = 0";

    // The newest three stay.
    private const string ForgetSql = """
        delete from job_part p
        where p.file = 'archive' and p.job_id <> @job and p.job_id not in (select j.id from job j where j.kind = 'archive' and j.state = 'finished' order by j.id desc limit 2)
        """;

    public string Name => KindName;

    public Scope Scope => Scope.Admin;

    public static Task<Outcome> AskAsync(Write write, ArchiveRequest request) => EditJob.QueueAsync(write, KindName, []);

    public async Task<JsonObject> RunAsync(Job job, CancellationToken cancellation)
    {
        await using var file = TemporaryFile.Open();
        await using var connection = await source.OpenAsync(cancellation);
        var manifest = await WriteArchive.ToAsync(connection, file, job, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(NoLimitSql, transaction: transaction, cancellationToken: cancellation));
        var sha256 = await KeepAsync(connection, transaction, job, file, cancellation);
        await connection.ExecuteAsync(new CommandDefinition(ForgetSql, new { job = job.Id }, transaction, cancellationToken: cancellation));
        var result = new JsonObject
        {
            ["url"] = $"/v1/archives/{job.Id}",
            ["fileName"] = $"chantier-{(manifest.KnownAt ?? DateTimeOffset.UnixEpoch).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}.zip",
            ["bytes"] = file.Length,
            ["sha256"] = sha256,
            ["rows"] = manifest.Files.Sum(f => f.Rows),
            ["seq"] = manifest.Seq,
            ["knownAt"] = manifest.KnownAt?.UtcDateTime.ToString(TimestampConverter.Format, CultureInfo.InvariantCulture),
        };
        await job.FinishAsync(connection, transaction, result, cancellation);
        await transaction.CommitAsync(cancellation);
        return result;
    }

    private static async Task<string> KeepAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Job job, FileStream file, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        file.Position = 0;
        await JobParts.KeepAsync(
            connection,
            transaction,
            job.Id,
            JobParts.Archive,
            file,
            part =>
            {
                hash.AppendData(part.Span);
                job.Report(new("storing the file", file.Position, file.Length));
            },
            cancellation);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
