using System.Security.Cryptography;
using Chantier.Api.Database;
using Dapper;

namespace Chantier.Api.Changes;

/// <summary>What tells this tracker, and each entry of its log, from any other in the world.</summary>
internal sealed class TrackerId(ReadSource source)
{
    private Guid? _id;

    public static string UrnOf(Guid id) => $"urn:uuid:{id}";

    /// <summary>The name of an entry, which follows from the tracker's and its number (RFC 9562 §5.5, version 5).</summary>
    public static Guid EntryOf(Guid tracker, long seq)
    {
#pragma warning disable CA5350 // What version 5 is made of; it protects nothing.
        var hash = SHA1.HashData([.. tracker.ToByteArray(bigEndian: true), .. System.Text.Encoding.ASCII.GetBytes($"change:{seq}")]);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new(hash.AsSpan(0, 16), bigEndian: true);
    }

    public async Task<Guid> GetAsync(CancellationToken cancellation)
    {
        if (_id is { } known)
        {
            return known;
        }

        await using var connection = await source.OpenAsync(cancellation);
        _id = await connection.QuerySingleAsync<Guid>(new CommandDefinition("select id from tracker", cancellationToken: cancellation));
        return _id.Value;
    }
}
