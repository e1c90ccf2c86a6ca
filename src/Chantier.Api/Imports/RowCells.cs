using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Chantier.Api.Http;
using Chantier.Domain;

namespace Chantier.Api.Imports;

/// <summary>The cells of one row, read by the fields of a mapping: what each means, or what is wrong with it.</summary>
internal sealed partial class RowCells(Mapping mapping, IReadOnlyList<string> wanted)
{
    private readonly Mapping _mapping = mapping;
    private readonly Dictionary<string, int> _place = wanted.Select((name, i) => (name, i)).ToDictionary(x => x.name, x => x.i);
    private readonly HashSet<string> _empty = new(mapping.Empty, StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Field, Dictionary<string, string>> _values = new(ReferenceEqualityComparer.Instance);
    private readonly string[] _dates = [.. mapping.Dates.Where(d => d != "edtf")];

    private JsonValueKind[]? _kinds;

    public int Row { get; private set; }

    public string?[] Cells { get; private set; } = [];

    /// <summary>How much of it costs the whole row.</summary>
    public int Rejections { get; private set; }

    /// <summary>What is wrong or odd, of this row and of those before it that nobody has taken away.</summary>
    public List<CellProblem> Problems { get; } = [];

    public static bool IsSlug(string text) => text.Length <= 120 && Slug().IsMatch(text);

    public void Take(FileRow file)
    {
        (Row, Cells, _kinds, Rejections) = (file.Number, file.Cells, file.Kinds, 0);
        if (file.Wrong is not null)
        {
            Reject(null, null, "row", file.Wrong);
        }
    }

    /// <param name="mapped">Where it is read.</param>
    /// <param name="within">The identifier of that which this is a part of; null where it is a whole.</param>
    /// <param name="column">The column that says it.</param>
    public string? Identifier(MappedIdentifier mapped, string? within, out string? column)
    {
        column = null;
        foreach (var name in mapped.Columns)
        {
            if (Raw(name) is not { } cell)
            {
                continue;
            }

            column = name;
            if (Unfit(name, cell, isList: false) is { } unfit)
            {
                Reject(name, cell, unfit.Rule, unfit.Detail);
                return null;
            }

            if (mapped.Scheme == "slug")
            {
                if (IsSlug(cell))
                {
                    return cell;
                }

                Reject(name, cell, "identifier", "is no slug; it accepts lower-case letters and digits, in words with '-' between them.");
                return null;
            }

            if (Identifiers.TryNormalise(mapped.Scheme, cell, out var normalised, out var wrong))
            {
                // Only what is in the first column is unique by itself.
                return within is not null && name != mapped.Columns[0] ? $"{within}/{normalised}" : normalised;
            }

            Reject(name, cell, "identifier", wrong);
            return null;
        }

        return null;
    }

    // The cell without what spreadsheets and people leave around it; null where it says nothing.
    private string? Raw(string column)
    {
        var cell = _place.TryGetValue(column, out var i) ? Cells[i] : null;
        if (cell is null)
        {
            return null;
        }

        var trimmed = cell.Trim();
        return trimmed.Length == 0 || _empty.Contains(trimmed) ? null : trimmed;
    }

    // What is no text, or none that can be read.
    private (string Rule, string Detail)? Unfit(string column, string cell, bool isList) => (_kinds?[_place[column]], isList) switch
    {
        (JsonValueKind.Object, _) => ("type", "is an object, or a list of such; it accepts a text or a number."),
        (JsonValueKind.Array, false) => ("type", "is a list; it accepts one text or number."),
        _ when cell.AsSpan().ContainsAny(Rules.Unseen) => ("characters", "has control characters, or such as turn the direction of a text; it accepts text that reads as it is."),
        _ => null,
    };

    public string? Cell(Field field, out string? column) => Cell(field, out column, out _);

    /// <summary>What a field means: the cell translated, the constant where it says nothing.</summary>
    public string? Cell(Field field, out string? column, out string? cell)
    {
        (column, cell) = (null, null);
        foreach (var name in field.Columns)
        {
            if (Raw(name) is not { } text)
            {
                continue;
            }

            (column, cell) = (name, text);
            if (Unfit(name, text, isList: field.Separator is not null) is { } unfit)
            {
                Wrong(field, name, text, unfit.Rule, unfit.Detail);
                return null;
            }

            if (field.Values.Count == 0)
            {
                return text;
            }

            if (Values(field).TryGetValue(text, out var code))
            {
                return code.Length == 0 ? null : code;
            }

            switch (field.Otherwise)
            {
                case "keep" or "note": return text;
                case "constant": return field.Constant;
                case "omit":
                    Problems.Add(new(Row, "omitted", name, text, "vocabulary", NotListed(field)));
                    return null;
                default:
                    Reject(name, text, "vocabulary", NotListed(field));
                    return null;
            }
        }

        return field.Constant;
    }

    private static string NotListed(Field field) => $"is not among the values of the mapping; it accepts {string.Join(", ", field.Values.Keys.Take(40))}.";

    private Dictionary<string, string> Values(Field field)
    {
        if (!_values.TryGetValue(field, out var values))
        {
            _values[field] = values = new(StringComparer.OrdinalIgnoreCase);
            foreach (var (cell, code) in field.Values)
            {
                values[cell.Trim()] = code;
            }
        }

        return values;
    }

    public string? Text(Field field, int longest, out string? column)
    {
        if (Cell(field, out column) is not { } text)
        {
            return null;
        }

        return White().Replace(text, " ").Trim() is var plain && IsShort(field, column, plain, longest) ? plain : null;
    }

    private bool IsShort(Field field, string? column, string text, int longest)
    {
        if (text.Length > longest)
        {
            Wrong(field, column, text, "length", $"has {text.Length} characters; it accepts {longest} at most.");
        }

        return text.Length <= longest;
    }

    public string[] List(Field field)
    {
        if (field.Separator is not { } separator)
        {
            return Text(field, MapRows.LongestName, out _) is { } one ? [one] : [];
        }

        var parts = Cell(field, out var column) is { } several ? CsvText.Parted(several, separator) : [];
        return Array.TrueForAll(parts, part => IsShort(field, column, part, MapRows.LongestName)) ? parts : [];
    }

    public decimal? Number(Field field, out string? column, out string? text)
    {
        text = Cell(field, out column);
        if (text is null)
        {
            return null;
        }

        var plain = _mapping.Decimal == "," ? text.Replace(',', '.') : text;
        if (PlainNumber().IsMatch(plain) && !(_mapping.Decimal == "," && text.Contains('.', StringComparison.Ordinal))
            && decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        var hint = _mapping.Decimal == "." && text.Contains(',', StringComparison.Ordinal) ? " If its comma stands before decimals, the mapping has to say \"decimal\": \",\"." : "";
        Wrong(field, column, text, "number", $"is no number; it accepts digits with '{_mapping.Decimal}' before the decimals, and nothing between thousands.{hint}");
        return null;
    }

    public Edtf? Date(Field field, out string? column)
    {
        if (Cell(field, out column) is not { } text)
        {
            return null;
        }

        if (_dates.Length > 0)
        {
            if (DateOnly.TryParseExact(text, _dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                return Edtf.Parse(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }

            if (!_mapping.Dates.Contains("edtf"))
            {
                // A constant is the mapping's own, and EDTF.
                if (column is null && Edtf.TryParse(text, out var constant, out _))
                {
                    return constant;
                }

                Wrong(field, column, text, "date", $"is no date; it accepts {string.Join(" or ", _dates)}, as the mapping says.");
                return null;
            }
        }

        if (Edtf.TryParse(text, out var date, out var wrong))
        {
            return date;
        }

        Wrong(field, column, text, "date", $"is no date: {wrong} If a column has them otherwise, the mapping has to say so in \"dates\", such as dd/MM/yyyy.");
        return null;
    }

    public void Wrong(Field field, string? column, string? value, string rule, string detail)
    {
        if ((field.Wrong ?? _mapping.Wrong) == "omit")
        {
            Problems.Add(new(Row, "omitted", column, Shown(value), rule, detail));
        }
        else
        {
            Reject(column, value, rule, detail);
        }
    }

    public void Reject(string? column, string? value, string rule, string detail)
    {
        Rejections++;
        Problems.Add(new(Row, "rejected", column, Shown(value), rule, detail));
    }

    private static string? Shown(string? value) => (value is { Length: > 200 } ? $"{value.AsSpan(0, 200)}…" : value)?.Replace("\0", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlainNumber();

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Slug();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex White();
}
