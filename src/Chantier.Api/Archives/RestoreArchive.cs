using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chantier.Api.Database;
using Chantier.Api.Jobs;
using Dapper;
using Npgsql;

namespace Chantier.Api.Archives;

/// <summary>Reads an archive into an empty tracker, all of it or nothing, and derives the projections anew, unless its schema is older.</summary>
internal static class RestoreArchive
{
    private const string SettingsSql = "set local statement_timeout = 0; set local timezone = 'UTC'; set local datestyle = 'ISO'";

    // The rows come as they were taken, so none is refused for the order in which they come; all are held to every constraint before the end.
    private const string StageSql = "create temp table archive_line (line json not null) on commit drop";

    private const string TablesSql = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace";

    private const string HasColumnsSql = """
        select name from unnest(@columns) as c (name)
        where not exists (select from pg_attribute a where a.attrelid = @table::regclass and a.attname = c.name and a.attnum > 0 and not a.attisdropped and a.attgenerated = '')
        """;

    private const string SequencesSql = """
        select format('select setval(%L, coalesce((select max(%I) from %I), 1), exists (select from %I))', pg_get_serial_sequence(quote_ident(c.relname), a.attname), a.attname, c.relname, c.relname)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attidentity <> ''
        where c.oid = any (@tables::regclass[])
        """;

    private const string SchemaSql = "select max(name collate \"C\") from schema_migration";

    /// <summary>The newest migration of the tracker that an archive was taken of.</summary>
    public static Task<string> SchemaOfAsync(Stream input, CancellationToken cancellation) => InZipAsync(input, async zip => (await ManifestOfAsync(zip, cancellation)).Schema, cancellation);

    public static Task<ArchiveManifest> FromAsync(NpgsqlConnection connection, Stream input, IProgress<JobProgress> progress, CancellationToken cancellation) => InZipAsync(
        input,
        async zip =>
        {
            var manifest = await ManifestOfAsync(zip, cancellation);
            await using (var transaction = await connection.BeginTransactionAsync(cancellation))
            {
                await RestoreAsync(connection, transaction, zip, manifest, progress, cancellation);
                await transaction.CommitAsync(cancellation);
            }

            await TableStatistics.RefreshAsync(connection, cancellation);
            return manifest;
        },
        cancellation);

    private static async Task<T> InZipAsync<T>(Stream input, Func<ZipArchive, Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            await using var zip = await ZipArchive.CreateAsync(input, ZipArchiveMode.Read, leaveOpen: true, Encoding.UTF8, cancellation);
            return await read(zip);
        }
        catch (InvalidDataException broken)
        {
            throw new ArchiveException($"The file is no whole zip, perhaps cut off or altered: {broken.Message} Nothing was changed.");
        }
        catch (PostgresException refused) when (refused.SqlState is ['2', '2' or '3', ..])
        {
            throw new ArchiveException($"The archive holds what the schema does not accept{(refused.ConstraintName is null ? "" : $" ({refused.ConstraintName})")}: {refused.MessageText}. Nothing was changed.");
        }
    }

    private static async Task<ArchiveManifest> ManifestOfAsync(ZipArchive zip, CancellationToken cancellation)
    {
        if (zip.GetEntry(ArchiveManifest.FileName) is not { } entry)
        {
            throw new ArchiveException($"The file has no {ArchiveManifest.FileName}: it is no archive of Chantier.");
        }

        try
        {
            await using var stream = await entry.OpenAsync(cancellation);
            var manifest = await JsonSerializer.DeserializeAsync(stream, ArchiveJson.Default.ArchiveManifest, cancellation);
            return manifest?.Format == ArchiveManifest.ThisFormat
                ? manifest
                : throw new ArchiveException($"{ArchiveManifest.FileName} says the format '{manifest?.Format}'; this build reads {ArchiveManifest.ThisFormat}.");
        }
        catch (JsonException malformed)
        {
            throw new ArchiveException($"{ArchiveManifest.FileName} cannot be read: {malformed.Message} Nothing was changed.");
        }
    }

    private static async Task RestoreAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, ZipArchive zip, ArchiveManifest manifest, IProgress<JobProgress> progress, CancellationToken cancellation)
    {
        Task ExecuteAsync(string sql) => connection.ExecuteAsync(new CommandDefinition(sql, null, transaction, commandTimeout: 0, cancellationToken: cancellation));
        async Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) =>
            (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, transaction, commandTimeout: 0, cancellationToken: cancellation))).AsList();

        await ExecuteAsync(SettingsSql);
        var schema = (await QueryAsync<string>(SchemaSql))[0];
        if (manifest.Schema != schema)
        {
            throw new ArchiveException(string.CompareOrdinal(manifest.Schema, schema) > 0
                ? $"The archive is of the schema {manifest.Schema}, and this build knows {schema}: it was made by a newer Chantier. Restore it with that one."
                : $"The archive is of the schema {manifest.Schema}, and the tracker is at {schema} already. Restore it into a new database, which is then brought from the one to the other.");
        }

        // Nobody writes meanwhile, and what is there is seen.
        await ExecuteAsync("select begin_write()");
        // At an older schema, later tables are not there yet.
        var there = (await QueryAsync<string>(TablesSql)).ToHashSet();
        var tables = ArchiveTables.All.Where(table => there.Contains(table.Name)).ToList();
        var full = new List<string>();
        foreach (var table in tables.Where(table => !table.IsVocabulary))
        {
            full.AddRange(await QueryAsync<string>($"select '{table.Name}' where exists (select from \"{table.Name}\")"));
        }

        if (full.Count > 0)
        {
            throw new ArchiveException($"The tracker is not empty: there are rows in {string.Join(", ", full)}. An archive is restored into an empty one alone, before it is served and seeded.");
        }

        if (manifest.Files.GroupBy(file => file.Table).FirstOrDefault(group => group.Count() > 1 || !tables.Exists(table => table.Name == group.Key)) is { } odd)
        {
            throw new ArchiveException($"{ArchiveManifest.FileName} names the table '{odd.Key}', which is none of an archive, or twice.");
        }

        if (tables.Select(table => table.Name).Except(manifest.Files.Select(file => file.Table)).ToList() is { Count: > 0 } missing)
        {
            throw new ArchiveException($"{ArchiveManifest.FileName} does not name these tables: {string.Join(", ", missing)}.");
        }

        foreach (var table in tables.AsEnumerable().Reverse())
        {
            await ExecuteAsync($"delete from \"{table.Name}\"");
        }

        await ExecuteAsync(StageSql);
        var (done, total) = (0L, manifest.Files.Sum(file => file.Rows));
        foreach (var table in tables)
        {
            var file = manifest.Files.First(f => f.Table == table.Name);
            if (await QueryAsync<string>(HasColumnsSql, new { columns = file.Columns.ToArray(), table = $"\"{table.Name}\"" }) is [var unknown, ..])
            {
                throw new ArchiveException($"{file.Name} has the column '{unknown}', which the table {table.Name} does not have.");
            }

            if (file.Columns.Intersect(table.LeftOut).FirstOrDefault() is { } never)
            {
                throw new ArchiveException($"{file.Name} has the column '{never}', which is in no archive.");
            }

            progress.Report(new($"reading {table.Name}", done, total));
            await CopyAsync(connection, zip, file, cancellation);
            var columns = string.Join(", ", file.Columns.Select(column => $"\"{column}\""));
            var values = string.Join(", ", file.Columns.Select(column => $"r.\"{column}\""));
            await ExecuteAsync($"insert into \"{table.Name}\" ({columns}) select {values} from archive_line l, json_populate_record(null::\"{table.Name}\", l.line) r; truncate archive_line");
            done += file.Rows;
        }

        foreach (var sequence in await QueryAsync<string>(SequencesSql, new { tables = tables.Select(table => $"\"{table.Name}\"").ToArray() }))
        {
            await ExecuteAsync(sequence);
        }

        progress.Report(new("checking constraints", done, total));
        await ExecuteAsync("set constraints all immediate");
        progress.Report(new("deriving the projections", done, total));
        // What was never looked at is planned for as if it were next to nothing, which makes minutes of seconds.
        await TableStatistics.RefreshAsync(connection, cancellation);
        // The functions that derive them come with the newest schema. An older one is migrated before they are derived.
        if (schema == Migrations.All[^1].Name)
        {
            await Projections.RebuildAsync(connection, transaction, cancellation);
        }
    }

    // Into the stage, and held to what the manifest says before anything else is done with it.
    private static async Task CopyAsync(NpgsqlConnection connection, ZipArchive zip, ArchiveFile file, CancellationToken cancellation)
    {
        var entry = zip.GetEntry(file.Name) ?? throw new ArchiveException($"{file.Name} is missing, which {ArchiveManifest.FileName} names. Nothing was changed.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (rows, length) = (0L, 0L);
        await using (var stream = await entry.OpenAsync(cancellation))
        await using (var writer = await connection.BeginTextImportAsync($"copy archive_line (line) from stdin ({WriteArchive.Raw})", cancellation))
        {
            var decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false).GetDecoder();
            var (bytes, chars) = (new byte[64 * 1024], new char[(64 * 1024) + 8]);
            int read;
            do
            {
                read = await stream.ReadAsync(bytes, cancellation);
                hash.AppendData(bytes, 0, read);
                rows += bytes.AsSpan(0, read).Count((byte)'\n');
                length += read;
                if (length > file.Bytes)
                {
                    break;
                }

                var decoded = decoder.GetChars(bytes.AsSpan(0, read), chars, flush: read == 0);
                await writer.WriteAsync(chars.AsMemory(0, decoded), cancellation);
            }
            while (read > 0);

            Check(file, "bytes", length, file.Bytes, isAtLeast: length > file.Bytes);
        }

        Check(file, "rows", rows, file.Rows);
        var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (sha256 != file.Sha256)
        {
            throw new ArchiveException($"{file.Name} is altered: its SHA-256 is {sha256}, and {ArchiveManifest.FileName} says {file.Sha256}. Nothing was changed.");
        }
    }

    private static void Check(ArchiveFile file, string what, long has, long said, bool isAtLeast = false)
    {
        if (has != said)
        {
            throw new ArchiveException($"{file.Name} is altered: it has {(isAtLeast ? "more than " + said : has)} {what}, and {ArchiveManifest.FileName} says {said}. Nothing was changed.");
        }
    }
}

/// <summary>An archive cannot be written or restored; the message says why.</summary>
internal sealed class ArchiveException(string message) : Exception(message);
