using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Chantier.Api.Imports;

/// <summary>
/// A row as its file has it: the cells of the wanted columns in their order, and what is wrong with it as a row. Of JSON also which of the
/// cells are lists (Array), or are things that no cell can be (Object).
/// </summary>
internal readonly record struct FileRow(int Number, string?[] Cells, string? Wrong, JsonValueKind[]? Kinds = null);

/// <summary>A file as a stream of rows, never more than one of them in memory.</summary>
internal interface IRowReader : IDisposable
{
    /// <summary>Which of the wanted columns the file has, as far as it was read.</summary>
    IReadOnlyList<bool> Present { get; }

    /// <summary>How much of the file was read, from 0 to 1.</summary>
    double Part { get; }

    /// <summary>The next row; null at the end. Its cells are those of the row before, overwritten.</summary>
    /// <exception cref="ImportException">The file is not what its type says, or was cut short.</exception>
    ValueTask<FileRow?> NextAsync(CancellationToken cancellation);
}

/// <summary>Tells what a file is by its name and its bytes.</summary>
internal static class RowFile
{
    /// <summary>A longer cell rejects its row; it is read past, not kept.</summary>
    public const int LongestCell = 100_000;

    private const int BufferBytes = 1 << 16;

    // What Windows-1252 leaves undefined.
    private static readonly SearchValues<byte> Undefined = SearchValues.Create([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

    private static readonly (string Name, byte[] Start)[] NotText =
    [
        ("gzip", [0x1f, 0x8b]), ("ZIP (which a spreadsheet is too)", [0x50, 0x4b, 0x03, 0x04]), ("zstd", [0x28, 0xb5, 0x2f, 0xfd]), ("bzip2", "BZh"u8.ToArray()),
        ("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]), ("PDF", "%PDF"u8.ToArray()), ("an old spreadsheet", [0xd0, 0xcf, 0x11, 0xe0]),
    ];

    /// <summary>The format that the name of a file tells; null where it tells none.</summary>
    public static string? FormatOf(string name) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".csv" or ".tsv" or ".txt" => "csv",
        ".ndjson" or ".jsonl" => "ndjson",
        ".geojson" => "geojson",
        _ => null,
    };

    /// <summary>What a file is that is no text, by its first bytes; null where it may be one.</summary>
    public static string? PackedAs(ReadOnlySpan<byte> start)
    {
        foreach (var (name, magic) in NotText)
        {
            if (start.StartsWith(magic))
            {
                return name;
            }
        }

        return null;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The reader that is handed over owns the stream.")]
    public static IRowReader Open(ImportRequest request, IReadOnlyList<string> wanted)
    {
        var (path, mapping) = (request.File, request.Mapping);
        if (request.Content is null && !File.Exists(path))
        {
            throw new ImportException(Directory.Exists(path) ? $"'{path}' is a folder; it accepts one file." : $"There is no file '{path}'.");
        }

        var format = request.Format ?? mapping.Format ?? FormatOf(path)
            ?? throw new ImportException($"What '{Path.GetFileName(path)}' is, '{Path.GetExtension(path).ToLowerInvariant()}' does not tell; it accepts .csv, .tsv, .txt, .ndjson, .jsonl and .geojson, or a mapping that says its format.");
        var stream = request.Content ?? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan | FileOptions.Asynchronous);
        try
        {
            var encoding = EncodingOf(stream, mapping);
            stream.Position = 0;
            return format switch
            {
                "csv" => new CsvRows(new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true, BufferBytes), mapping, wanted),
                "ndjson" => new NdjsonRows(new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true, BufferBytes), wanted),
                _ => new GeoJsonRows(stream, wanted),
            };
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    // Read through once: only the last byte tells that a file is UTF-8, and to guess from its beginning is to garble its end.
    private static Encoding EncodingOf(Stream stream, Mapping mapping)
    {
        var buffer = new byte[BufferBytes];
        var start = buffer.AsSpan(0, stream.ReadAtLeast(buffer, 8, throwOnEndOfStream: false));
        if (start.IsEmpty)
        {
            throw new ImportException("The file is empty; it accepts CSV with a header, NDJSON or GeoJSON.");
        }

        if (PackedAs(start) is { } packed)
        {
            throw new ImportException($"The file is {packed}, not text; it accepts CSV, NDJSON and GeoJSON, unpacked.");
        }

        if (start is [0xff, 0xfe, ..] or [0xfe, 0xff, ..] || mapping.Encoding == "utf-16")
        {
            return start is [0xfe, 0xff, ..] ? Encoding.BigEndianUnicode : Encoding.Unicode;
        }

        var (isUtf8, hasC1, decoder) = (true, false, new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder());
        var chars = new char[BufferBytes + 8];
        stream.Position = 0;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            ReadOnlySpan<byte> part = buffer.AsSpan(0, read);
            if (part.Contains((byte)0))
            {
                throw new ImportException("The file has bytes of value 0, which text has not; it accepts text in UTF-8, UTF-16 with its mark, or Windows-1252.");
            }

            hasC1 |= part.ContainsAny(Undefined);
            isUtf8 = isUtf8 && IsUtf8(decoder, part, chars, flush: false);
        }

        isUtf8 = isUtf8 && IsUtf8(decoder, [], chars, flush: true);
        if (mapping.Encoding == "utf-8" && !isUtf8)
        {
            throw new ImportException("The file is not UTF-8, which the mapping says it is; leave 'encoding' out of the mapping, or save the file as UTF-8.");
        }

        if (isUtf8 && mapping.Encoding != "windows-1252")
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }

        return hasC1
            ? throw new ImportException("The file is neither UTF-8 nor Windows-1252; save it as UTF-8. Was it cut in the middle of a character?")
            : CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
    }

    private static bool IsUtf8(Decoder decoder, ReadOnlySpan<byte> bytes, Span<char> chars, bool flush)
    {
        try
        {
            decoder.GetChars(bytes, chars, flush);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
