using System.Text.Json;

namespace Chantier.Api.Imports;

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
