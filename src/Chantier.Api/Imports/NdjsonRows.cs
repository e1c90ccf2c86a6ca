using System.Text;
using System.Text.Json;

namespace Chantier.Api.Imports;

/// <summary>A JSON object a line. Rows count as lines.</summary>
internal sealed class NdjsonRows(StreamReader reader, IReadOnlyList<string> wanted) : IRowReader
{
    private const int LongestLine = 4_000_000;

    private readonly JsonCells _cells = new(wanted);
    private readonly char[] _buffer = new char[1 << 15];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _length;
    private int _number;

    public IReadOnlyList<bool> Present => _cells.Present;

    public double Part => (double)reader.BaseStream.Position / Math.Max(1, reader.BaseStream.Length);

    public ValueTask<FileRow?> NextAsync(CancellationToken cancellation)
    {
        while (ReadLine(out var isClosed, out var tooLong))
        {
            _number++;
            if (tooLong)
            {
                return ValueTask.FromResult<FileRow?>(_cells.Wrong(_number, $"has more than {LongestLine} characters."));
            }

            var line = _line.ToString();
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(line);
                if (document.RootElement.ValueKind != JsonValueKind.Object)
                {
                    return ValueTask.FromResult<FileRow?>(_cells.Wrong(_number, "is not a JSON object."));
                }

                return ValueTask.FromResult<FileRow?>(_cells.Row(_number, document.RootElement));
            }
            catch (JsonException wrong)
            {
                if (_number == 1)
                {
                    throw new ImportException($"The file is not NDJSON: its first line is no JSON object ({wrong.Message})");
                }

                if (!isClosed)
                {
                    throw new ImportException($"Row {_number}, the last, breaks off within its JSON object and has no end of line: the file was cut short.");
                }

                return ValueTask.FromResult<FileRow?>(_cells.Wrong(_number, "is not well-formed JSON."));
            }
        }

        return ValueTask.FromResult<FileRow?>(null);
    }

    public void Dispose() => reader.Dispose();

    private bool ReadLine(out bool isClosed, out bool tooLong)
    {
        _line.Clear();
        (isClosed, tooLong) = (false, false);
        var any = false;
        while (true)
        {
            if (_at == _length)
            {
                (_at, _length) = (0, reader.Read(_buffer, 0, _buffer.Length));
                if (_length == 0)
                {
                    return any;
                }
            }

            any = true;
            var rest = _buffer.AsSpan(_at, _length - _at);
            var end = rest.IndexOf('\n');
            var part = end < 0 ? rest : rest[..end];
            tooLong |= _line.Length + part.Length > LongestLine;
            if (!tooLong)
            {
                _line.Append(part);
            }

            _at += end < 0 ? rest.Length : end + 1;
            if (end >= 0)
            {
                isClosed = true;
                return true;
            }
        }
    }
}
