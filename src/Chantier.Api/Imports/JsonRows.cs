using System.Text;
using System.Text.Json;
using Chantier.Api.Http;

namespace Chantier.Api.Imports;

/// <summary>JSON objects as cells: what is nested has its path as column ("location.lon", of a list of things "operators.name"), and a list is joined by "|".</summary>
internal sealed class JsonCells(IReadOnlyList<string> wanted)
{
    private readonly string?[] _cells = new string?[wanted.Count];
    private readonly JsonValueKind[] _kinds = new JsonValueKind[wanted.Count];
    private readonly bool[] _present = new bool[wanted.Count];

    public IReadOnlyList<bool> Present => _present;

    /// <summary>A row that says nothing that can be read.</summary>
    public FileRow Wrong(int number, string wrong)
    {
        Array.Clear(_cells);
        return new(number, _cells, wrong);
    }

    public FileRow Row(int number, JsonElement row)
    {
        Array.Clear(_kinds);
        for (var i = 0; i < wanted.Count; i++)
        {
            // What is null is there, and says nothing.
            _present[i] |= Find(row, wanted[i], ref _kinds[i], out _cells[i]);
        }

        return new(number, _cells, null, _kinds);
    }

    /// <summary>What is beside the others, where they do not have it.</summary>
    public void Add(string column, string? cell)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            if (wanted[i] == column && _cells[i] is null)
            {
                (_cells[i], _present[i]) = (cell, true);
            }
        }
    }

    private static bool Find(JsonElement row, string path, ref JsonValueKind kind, out string? text)
    {
        text = null;
        if (row.ValueKind == JsonValueKind.Array)
        {
            text = Joined(row, path, ref kind);
            return true;
        }

        if (row.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (row.TryGetProperty(path, out var whole))
        {
            text = Text(whole, ref kind);
            return true;
        }

        var dot = path.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && row.TryGetProperty(path[..dot], out var inner) && Find(inner, path[(dot + 1)..], ref kind, out text);
    }

    // What each item is; or what it has there.
    private static string Joined(JsonElement list, string? path, ref JsonValueKind kind)
    {
        var parts = new List<string>();
        kind = JsonValueKind.Array;
        foreach (var item in list.EnumerateArray())
        {
            var part = path is null ? Text(item, ref kind) : Find(item, path, ref kind, out var there) ? there : null;
            parts.Add(part ?? "");
        }

        return CsvText.Joined(parts);
    }

    private static string? Text(JsonElement value, ref JsonValueKind kind)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null: return null;
            case JsonValueKind.String: return value.GetString();
            case JsonValueKind.Object when value.TryGetProperty("slug", out var slug) && slug.ValueKind == JsonValueKind.String: return slug.GetString();
            case JsonValueKind.Array when kind == JsonValueKind.Undefined: return Joined(value, null, ref kind);
            case JsonValueKind.Array or JsonValueKind.Object:
                kind = JsonValueKind.Object;
                return value.GetRawText();
            default: return value.GetRawText();
        }
    }
}

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

/// <summary>The features of a FeatureCollection, read as a stream. A feature's id is the column "id", its geometry "geometry", where it is a
/// point; its properties are the other columns. Rows count as features.</summary>
internal sealed class GeoJsonRows(Stream stream, IReadOnlyList<string> wanted) : IRowReader
{
    // Boundaries of areas can be long; points, which are what is read, are not.
    private const int LongestFeature = 32_000_000;

    private readonly JsonCells _cells = new(wanted);
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isFinal;
    private bool _isInside;
    private bool _hasFeatures;
    private bool _isDone;
    private bool _isSkipping;
    private bool _isSkipped;
    private JsonReaderState _state;
    private int _number;

    public IReadOnlyList<bool> Present => _cells.Present;

    public double Part => (double)stream.Position / Math.Max(1, stream.Length);

    public ValueTask<FileRow?> NextAsync(CancellationToken cancellation)
    {
        if (_isDone)
        {
            return ValueTask.FromResult<FileRow?>(null);
        }

        try
        {
            while (true)
            {
                var (moved, feature) = Step();
                if (feature is not null)
                {
                    using (feature)
                    {
                        return ValueTask.FromResult<FileRow?>(Row(feature.RootElement));
                    }
                }

                if (_isSkipped)
                {
                    _isSkipped = false;
                    return ValueTask.FromResult<FileRow?>(_cells.Wrong(++_number, $"has more than {LongestFeature} bytes."));
                }

                if (_isDone)
                {
                    return _hasFeatures
                        ? ValueTask.FromResult<FileRow?>(null)
                        : throw new ImportException("The file is not GeoJSON with features: it has no \"features\" list.");
                }

                if (!moved && !Fill())
                {
                    throw new ImportException($"The file ends within feature {_number + 1}: it was cut short.");
                }
            }
        }
        catch (JsonException wrong)
        {
            throw new ImportException(_number == 0
                ? $"The file is not GeoJSON: {wrong.Message}"
                : $"After feature {_number} the file is not well-formed JSON; was it cut short? {wrong.Message}");
        }
    }

    public void Dispose() => stream.Dispose();

    private (bool Moved, JsonDocument? Feature) Step()
    {
        var span = _buffer.AsSpan(_start, _end - _start);
        if (_start == 0 && _number == 0 && span.StartsWith("\uFEFF"u8))
        {
            _start = 3;
            return (true, null);
        }

        var reader = new Utf8JsonReader(span, _isFinal, _state);
        while (true)
        {
            var before = reader;
            if (!reader.Read())
            {
                if (_isFinal && reader.CurrentDepth == 0 && reader.BytesConsumed == span.Length && span.Length > 0)
                {
                    _isDone = true;
                }

                Keep(before);
                return (false, null);
            }

            if (_isSkipping)
            {
                // A token is small, whatever it is a part of.
                while (reader.CurrentDepth > 2 || reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
                {
                    before = reader;
                    if (!reader.Read())
                    {
                        Keep(before);
                        return (false, null);
                    }
                }

                (_isSkipping, _isSkipped) = (false, true);
                Keep(reader);
                return (true, null);
            }

            if (_isInside)
            {
                if (reader.TokenType == JsonTokenType.EndArray)
                {
                    _isInside = false;
                    continue;
                }

                if (JsonDocument.TryParseValue(ref reader, out var feature))
                {
                    Keep(reader);
                    return (true, feature);
                }

                Keep(before);
                return (false, null);
            }

            if (reader.TokenType == JsonTokenType.StartArray && reader.CurrentDepth == 0)
            {
                throw new ImportException("The file is a JSON list, not GeoJSON; it accepts a FeatureCollection.");
            }

            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                var isFeatures = reader.ValueTextEquals("features"u8);
                var property = reader;
                if (isFeatures)
                {
                    if (!property.Read())
                    {
                        Keep(before);
                        return (false, null);
                    }

                    if (property.TokenType != JsonTokenType.StartArray)
                    {
                        throw new ImportException("The file is not GeoJSON: \"features\" is not a list.");
                    }

                    (_isInside, _hasFeatures) = (true, true);
                    Keep(property);
                    return (true, null);
                }

                if (!property.TrySkip())
                {
                    Keep(before);
                    return (false, null);
                }

                reader = property;
            }

            if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0)
            {
                _isDone = true;
                Keep(reader);
                return (true, null);
            }
        }

        void Keep(Utf8JsonReader at)
        {
            _start += (int)at.BytesConsumed;
            _state = at.CurrentState;
        }
    }

    private bool Fill()
    {
        if (_isFinal)
        {
            return false;
        }

        var kept = _end - _start;
        if (kept == _buffer.Length)
        {
            if (_buffer.Length >= LongestFeature && _isInside && !_isSkipping)
            {
                // Read past, not kept.
                return _isSkipping = true;
            }

            if (_buffer.Length >= LongestFeature)
            {
                throw new ImportException($"Feature {_number + 1} has more than {LongestFeature} bytes.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        (_start, _end) = (0, kept);
        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _isFinal = read == 0;
        return true;
    }

    private FileRow Row(JsonElement feature)
    {
        _number++;
        if (feature.ValueKind != JsonValueKind.Object)
        {
            return _cells.Wrong(_number, "is not a feature.");
        }

        var row = _cells.Row(_number, feature.TryGetProperty("properties", out var properties) ? properties : default);
        if (feature.TryGetProperty("id", out var id))
        {
            _cells.Add("id", id.ToString());
        }

        if (feature.TryGetProperty("geometry", out var geometry) && geometry.ValueKind == JsonValueKind.Object)
        {
            _cells.Add("geometry", Point(geometry));
        }

        return row;
    }

    // What is not a point says so in its cell, which then is not accepted as one.
    private static string Point(JsonElement geometry) =>
        geometry.TryGetProperty("type", out var type) && type.ToString() == "Point" && geometry.TryGetProperty("coordinates", out var at)
        && at.ValueKind == JsonValueKind.Array && at.GetArrayLength() >= 2
            ? $"POINT({at[0]} {at[1]})"
            : $"a {type}";
}
