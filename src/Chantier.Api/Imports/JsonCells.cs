using System.Globalization;
using System.Text.Json;
using Chantier.Api.Http;

namespace Chantier.Api.Imports;

/// <summary>JSON objects as cells: what is nested has its path as column ("location.lon", of a list of things
/// "operators.name"), and a list is joined by "|". "capacity.0.value" is the value of the first item alone.</summary>
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
            var end = path.IndexOf('.', StringComparison.Ordinal);
            var first = path.AsSpan(0, Math.Max(end, 0));
            if (int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                return index >= row.GetArrayLength() || Find(row[index], path[(end + 1)..], ref kind, out text);
            }

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
