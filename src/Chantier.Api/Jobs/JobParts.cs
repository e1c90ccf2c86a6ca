using Chantier.Api.Database;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Chantier.Api.Jobs;

/// <summary>
/// The files that a job is given or makes, in parts of one size but the last. They lie in the database, so that any process can read
/// what came to another, and no more than a part is ever in memory.
/// </summary>
internal static class JobParts
{
    public const string Archive = "archive";
    public const string Upload = "upload";
    public const string Report = "report";

    /// <summary>How large a part is, but the last.</summary>
    public const int PartBytes = 1024 * 1024;

    private const string KeepSql = "insert into job_part (job_id, file, part, bytes) values (@job, @file, @part, @bytes)";

    // What is stored outside of its row tells its length without being read.
    private const string LengthSql = "select sum(length(bytes)) from job_part where job_id = @job and file = @file";

    /// <summary>Keeps what a stream holds, to its end; each part is shown before it is kept. Gives how many there are.</summary>
    public static async Task<int> KeepAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, long job, string file, Stream content, Action<ReadOnlyMemory<byte>> seen, CancellationToken cancellation)
    {
        var buffer = new byte[PartBytes];
        var bytes = new NpgsqlParameter<ArraySegment<byte>>("bytes", NpgsqlDbType.Bytea);
        var part = new NpgsqlParameter<int>("part", 0);
        await using var command = new NpgsqlCommand(KeepSql, connection, transaction) { Parameters = { new NpgsqlParameter<long>("job", job), new NpgsqlParameter<string>("file", file), part, bytes } };
        for (; await content.ReadAtLeastAsync(buffer, PartBytes, throwOnEndOfStream: false, cancellation) is > 0 and var read; part.TypedValue++)
        {
            seen(buffer.AsMemory(0, read));
            bytes.TypedValue = new(buffer, 0, read);
            await command.ExecuteNonQueryAsync(cancellation);
        }

        return part.TypedValue;
    }

    /// <summary>Null where it is not there, or no more.</summary>
    public static async Task<PartStream?> OpenAsync(ReadSource source, long job, string file, CancellationToken cancellation)
    {
        await using var connection = await source.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition(LengthSql, new { job, file }, cancellationToken: cancellation)) is { } length
            ? new(source, job, file, length)
            : null;
    }
}

/// <summary>Reads the parts of a file one by one; no connection is held while the reader takes its time.</summary>
internal sealed class PartStream(ReadSource source, long job, string file, long length) : Stream
{
    private const string PartSql = "select bytes from job_part where job_id = @job and file = @file and part = @part";

    private byte[] _bytes = [];
    private long _part = -1;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    private long Wanted => Position / JobParts.PartBytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position < length && Wanted != _part)
        {
            await using var connection = await source.OpenAsync(cancellationToken);
            Turn(await connection.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition(PartSql, new { job, file, part = Wanted }, cancellationToken: cancellationToken)));
        }

        return Take(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>For readers of text, which wait where they stand: a megabyte at a time.</summary>
    public override int Read(Span<byte> buffer)
    {
        if (Position < length && Wanted != _part)
        {
            using var connection = source.Open();
            Turn(connection.QuerySingleOrDefault<byte[]>(PartSql, new { job, file, part = Wanted }));
        }

        return Take(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => length + offset };

    public override void Flush()
    {
        // Nothing is written.
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Turn(byte[]? bytes)
    {
        _bytes = bytes ?? throw new IOException($"The {file} of the job {job} is no longer kept.");
        _part = Wanted;
    }

    private int Take(Span<byte> buffer)
    {
        if (Position >= length)
        {
            return 0;
        }

        var left = _bytes.AsSpan((int)(Position % JobParts.PartBytes));
        var taken = left[..Math.Min(left.Length, buffer.Length)];
        taken.CopyTo(buffer);
        Position += taken.Length;
        return taken.Length;
    }
}
