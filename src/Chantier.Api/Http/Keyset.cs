using System.Globalization;
using System.Text;

namespace Chantier.Api.Http;

/// <summary>
/// A key that a list can be sorted by. Both expressions are never null, so that one comparison of rows continues a walk
/// and an index serves it: where the value can be missing, each puts the missing last in its own direction.
/// </summary>
internal sealed record SortKey(string Name, string Type, string Ascending, string Descending)
{
    public SortKey(string name, string type, string expression)
        : this(name, type, expression, expression)
    {
    }

    /// <summary>A key whose value can be missing, which then comes last in either direction.</summary>
    public static SortKey WithMissing(string name, string type, string expression, string join = "") =>
        new(name, type, $"coalesce({expression}, 'infinity')", $"coalesce({expression}, '-infinity')") { Join = join };

    /// <summary>
    /// What the source has to be joined with to have the value; a join that leaves out no row and adds none.
    /// </summary>
    public string Join { get; init; } = "";
}

/// <summary>The keys of one list. The tie is unique and ends every order.</summary>
internal sealed record SortTable(string Default, SortKey Tie, params IReadOnlyList<SortKey> Keys)
{
    /// <summary>What a sort parameter may name: each key, and descending with a leading -.</summary>
    public IEnumerable<string> Accepted => Keys.SelectMany(key => new[] { key.Name, "-" + key.Name });

    public Keyset For(Given<Codes>? sort, Cursor? cursor) => new(this, sort?.Value.Values ?? Default.Split(','), cursor?.Keys);
}

/// <summary>One order of a list, and where in it to go on.</summary>
internal sealed class Keyset
{
    // As PostgreSQL writes them, in UTC.
    private static readonly string[] Stamps = ["yyyy-MM-dd HH:mm:sszz", "yyyy-MM-dd HH:mm:ss.FFFFFFzz"];

    private readonly List<(string Expression, string Type, bool Descends)> _keys;

    public Keyset(SortTable table, IReadOnlyList<string> sort, IReadOnlyList<string>? after)
    {
        _keys = [.. sort.Select(text =>
        {
            var descends = text[0] == '-';
            var key = table.Keys.First(k => k.Name == text.TrimStart('-'));
            return (descends ? key.Descending : key.Ascending, key.Type, descends);
        })];
        // The tie follows the last key's direction, so that a two-column index serves both directions.
        _keys.Add((table.Tie.Ascending, table.Tie.Type, _keys[^1].Descends));

        Joins = string.Concat(sort.Select(text => table.Keys.First(k => k.Name == text.TrimStart('-')).Join).Distinct());
        OrderBy = string.Join(", ", _keys.Select(k => k.Expression + (k.Descends ? " desc" : "")));
        KeysColumn = $"array[{string.Join(", ", _keys.Select(k => $"({k.Expression})::text"))}]";
        if (after is not null)
        {
            if (after.Count != _keys.Count || !_keys.Zip(after).All(pair => Fits(pair.First.Type, pair.Second)))
            {
                throw new CursorException();
            }

            Values = [.. after.Select((value, i) => ($"key{i}", (object)value))];
            After = Compare();
        }
    }

    public string Joins { get; }

    public string OrderBy { get; }

    public string KeysColumn { get; }

    public string? After { get; }

    public IReadOnlyList<(string Name, object Value)> Values { get; } = [];

    private static bool Fits(string type, string value) => type switch
    {
        "bigint" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "numeric" => value is "Infinity" or "-Infinity"
            || decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        "float8" => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number),
        "date" => value is "infinity" or "-infinity"
            || DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "timestamptz" => DateTimeOffset.TryParseExact(value, Stamps, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        _ => true,
    };

    private string Compare()
    {
        string Value(int i) => $"@key{i}::{_keys[i].Type}";

        if (_keys.TrueForAll(k => k.Descends == _keys[0].Descends))
        {
            var sign = _keys[0].Descends ? "<" : ">";
            return $"({string.Join(", ", _keys.Select(k => k.Expression))}) {sign} ({string.Join(", ", _keys.Select((_, i) => Value(i)))})";
        }

        // Directions differ: the first key bounds the scan, and the rest is spelled out.
        var text = new StringBuilder($"{_keys[0].Expression} {(_keys[0].Descends ? "<=" : ">=")} {Value(0)} and (");
        for (var i = 0; i < _keys.Count; i++)
        {
            text.Append(i == 0 ? "" : " or ").Append('(');
            for (var j = 0; j < i; j++)
            {
                text.Append($"{_keys[j].Expression} = {Value(j)} and ");
            }

            text.Append($"{_keys[i].Expression} {(_keys[i].Descends ? "<" : ">")} {Value(i)})");
        }

        return text.Append(')').ToString();
    }
}

/// <summary>A cursor whose keys do not belong to the list's order.</summary>
internal sealed class CursorException : Exception;
