using System.Data;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chantier.Api.Database;
using Chantier.Api.Jobs;
using Dapper;
using Npgsql;

namespace Chantier.Api.Archives;

/// <summary>
/// Writes the archive: a zip with a file of NDJSON for each table, all of one snapshot, then dcat.jsonld and manifest.json. The rows
/// come from the database as they go into the file, so that no more of them is ever in memory than a buffer.
/// </summary>
internal static class WriteArchive
{
    // Fixed spellings, whatever the server's settings; and no limit of time.
    private const string SettingsSql = "set local statement_timeout = 0; set local timezone = 'UTC'; set local datestyle = 'ISO'; set local intervalstyle = 'postgres'; set local extra_float_digits = 1";

    private const string ColumnsSql = """
        select a.attname as name, a.attrelid::regclass::text as table, a.atttypid = 'text'::regtype as is_text, coalesce(array_position(i.indkey::int[], a.attnum::int), -1) as key_place
        from pg_attribute a
        join pg_index i on i.indrelid = a.attrelid and i.indisprimary
        where a.attrelid = any (@tables::regclass[]) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attrelid, a.attnum
        """;

    private const string SchemaSql = "select max(name collate \"C\") from schema_migration";

    private const string TrackerSql = "select id from tracker";

    private const string AttributionSql = """
        select v.publisher, v.licence, array_agg(s.slug order by s.slug) as sources
        from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity'
        group by v.publisher, v.licence
        order by v.publisher collate "C", v.licence collate "C"
        """;

    // A part of a sentence that no JSON has in it, so that the lines come as they are.
    internal const string Raw = @"format csv, quote e'\x01', delimiter e'\x02'";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static async Task<ArchiveManifest> ToAsync(NpgsqlConnection connection, Stream output, IProgress<JobProgress> progress, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await connection.ExecuteAsync(new CommandDefinition(SettingsSql, transaction: transaction, cancellationToken: cancellation));
        async Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) =>
            (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, transaction, commandTimeout: 0, cancellationToken: cancellation))).AsList();

        var head = (await QueryAsync<Head>(Head.Sql)).FirstOrDefault();
        var columns = (await QueryAsync<Column>(ColumnsSql, new { tables = ArchiveTables.All.Select(table => $"\"{table.Name}\"").ToArray() })).ToLookup(column => column.Table.Trim('"'));
        var counts = new Dictionary<string, long>();
        foreach (var table in ArchiveTables.All)
        {
            counts[table.Name] = (await QueryAsync<long>($"select count(*) from \"{table.Name}\""))[0];
        }

        var (done, total) = (0L, counts.Values.Sum());
        var files = new List<ArchiveFile>();
        var moment = head?.At ?? DateTimeOffset.UnixEpoch;
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, Utf8, cancellation);
        foreach (var table in ArchiveTables.All)
        {
            var own = columns[table.Name].Where(column => !table.LeftOut.Contains(column.Name)).ToList();
            await using var entry = await CreateAsync(zip, table.FileName, moment, cancellation);
            var before = done;
            var (rows, bytes, sha256) = await CopyAsync(connection, CopySql(table, own), entry, lines => progress.Report(new($"writing {table.Name}", before + lines, total)), cancellation);
            done += rows;
            files.Add(new() { Name = table.FileName, Table = table.Name, Columns = [.. own.Select(column => column.Name)], Rows = rows, Bytes = bytes, Sha256 = sha256 });
        }

        progress.Report(new("writing manifest.json", done, total));
        var manifest = new ArchiveManifest
        {
            Format = ArchiveManifest.ThisFormat,
            Schema = (await QueryAsync<string>(SchemaSql))[0],
            Tracker = (await QueryAsync<Guid>(TrackerSql))[0],
            KnownAt = head?.At.ToUniversalTime(),
            Seq = head?.Seq ?? 0,
            Files = files,
            Attribution = await QueryAsync<Attribution>(AttributionSql),
        };
        await using (var dcat = await CreateAsync(zip, Dcat.FileName, moment, cancellation))
        {
            await dcat.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(Dcat.Of(manifest), DcatJson.Default.JsonObject), cancellation);
        }

        await using (var entry = await CreateAsync(zip, ArchiveManifest.FileName, moment, cancellation))
        {
            await JsonSerializer.SerializeAsync(entry, manifest, ArchiveJson.Default.ArchiveManifest, cancellation);
        }

        return manifest;
    }

    // By the key, in an order that no locale changes.
    private static string CopySql(ArchivedTable table, List<Column> columns)
    {
        var names = string.Join(", ", columns.Select(column => $"\"{column.Name}\""));
        var order = string.Join(", ", columns.Where(column => column.KeyPlace >= 0).OrderBy(column => column.KeyPlace).Select(column => $"r.\"{column.Name}\"{(column.IsText ? " collate \"C\"" : "")}"));
        return $"copy (select row_to_json(r) from (select {names} from \"{table.Name}\") r order by {order}) to stdout ({Raw})";
    }

    private static async Task<(long Rows, long Bytes, string Sha256)> CopyAsync(NpgsqlConnection connection, string sql, Stream entry, Action<long> told, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (chars, bytes) = (new char[64 * 1024], new byte[Utf8.GetMaxByteCount(64 * 1024)]);
        var encoder = Utf8.GetEncoder();
        var (rows, length) = (0L, 0L);
        using var reader = await connection.BeginTextExportAsync(sql, cancellation);
        int read;
        do
        {
            read = await reader.ReadAsync(chars, cancellation);
            var written = encoder.GetBytes(chars.AsSpan(0, read), bytes, flush: read == 0);
            var part = bytes.AsMemory(0, written);
            hash.AppendData(part.Span);
            rows += part.Span.Count((byte)'\n');
            length += written;
            await entry.WriteAsync(part, cancellation);
            told(rows);
        }
        while (read > 0);

        return (rows, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static Task<Stream> CreateAsync(ZipArchive zip, string name, DateTimeOffset moment, CancellationToken cancellation)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
        // The moment of the data, within what a zip can say.
        entry.LastWriteTime = moment.Year < 1980 ? new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero) : moment.ToUniversalTime();
        return entry.OpenAsync(cancellation);
    }

    private sealed record Column
    {
        public required string Table { get; init; }

        public required string Name { get; init; }

        public required bool IsText { get; init; }

        public required int KeyPlace { get; init; }
    }
}
