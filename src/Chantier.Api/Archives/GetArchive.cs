using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Dapper;
using Microsoft.Net.Http.Headers;

namespace Chantier.Api.Archives;

/// <summary>GET /v1/archives/{id}: the file that the job of this number made.</summary>
internal static class GetArchive
{
    private const string FindSql = """
        select j.state, j.ended_at, (j.result ->> 'bytes')::bigint as bytes, j.result ->> 'sha256' as sha256, j.result ->> 'fileName' as file_name,
          exists (select from archive_part p where p.job_id = j.id) and not exists (select from change c where c.cause = 'redacted' and c.seq > (j.result ->> 'seq')::bigint) as is_there
        from job j where j.id = @id and j.kind = 'archive'
        """;

    public static async Task<IResult> Handle([Description("The number of the job that made it.")] string id, HttpContext http, ReadSource source)
    {
        var number = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? found : 0;
        Found? archive;
        await using (var connection = await source.OpenAsync(http.RequestAborted))
        {
            archive = await connection.QueryFirstOrDefaultAsync<Found>(new CommandDefinition(FindSql, new { id = number }, cancellationToken: http.RequestAborted));
        }

        if (archive is null)
        {
            return Problem.NotFound("archive", id).ToResult();
        }

        if (archive.State != "finished")
        {
            return Problem.Of(409, "no-archive", "There is no archive yet, or none will come", $"The job that makes the archive is {archive.State}; GET /v1/jobs/{number} tells more.").ToResult();
        }

        if (!archive.IsThere)
        {
            return Problem.Of(410, "gone", "The archive is kept no more", "Newer archives took its place, or something was redacted since. POST /v1/archives makes a new one.").ToResult();
        }

        http.Response.Headers.CacheControl = "no-store";
#pragma warning disable CA2000 // The answer disposes of what it sends.
        return new Ranged(TypedResults.Stream(
            new PartStream(source, number, archive.Bytes!.Value), Format.Zip.MediaType, archive.FileName, archive.EndedAt, new EntityTagHeaderValue($"\"{archive.Sha256}\""), enableRangeProcessing: true));
#pragma warning restore CA2000
    }

    /// <summary>Tells of a range that lies behind the end as of any other failure.</summary>
    private sealed class Ranged(IResult file) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await file.ExecuteAsync(httpContext);
            if (httpContext.Response.StatusCode == StatusCodes.Status416RangeNotSatisfiable)
            {
                httpContext.Response.ContentLength = null;
                await Problem.ForStatus(416).ToResult().ExecuteAsync(httpContext);
            }
        }
    }

    private sealed record Found
    {
        public required string State { get; init; }

        public DateTimeOffset? EndedAt { get; init; }

        public long? Bytes { get; init; }

        public string? Sha256 { get; init; }

        public string? FileName { get; init; }

        public required bool IsThere { get; init; }
    }
}

/// <summary>Reads the parts of an archive one by one; no connection is held while the client takes its time.</summary>
internal sealed class PartStream(ReadSource source, long job, long length) : Stream
{
    private const string PartSql = "select bytes from archive_part where job_id = @job and part = @part";

    private byte[] _bytes = [];
    private long _part = -1;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= length)
        {
            return 0;
        }

        var part = Position / MakeArchive.PartBytes;
        if (part != _part)
        {
            await using var connection = await source.OpenAsync(cancellationToken);
            _bytes = await connection.QuerySingleAsync<byte[]>(new CommandDefinition(PartSql, new { job, part }, cancellationToken: cancellationToken));
            _part = part;
        }

        var left = _bytes.AsMemory((int)(Position % MakeArchive.PartBytes));
        var taken = left[..Math.Min(left.Length, buffer.Length)];
        taken.CopyTo(buffer);
        Position += taken.Length;
        return taken.Length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => length + offset };

    public override void Flush()
    {
        // Nothing is written.
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
