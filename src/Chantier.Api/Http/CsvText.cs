using System.Buffers;
using System.Text;

namespace Chantier.Api.Http;

/// <summary>
/// How a text becomes a cell of CSV, and a cell a text again. Spreadsheets take a cell that begins with = + - @, a tab or a carriage
/// return for a formula, so such a text is put behind a '. So is one that begins with one or more ' and goes on like that: then
/// nothing is lost, and a reader takes one ' away from exactly the cells that got one. Numbers are no texts, and stay as they are.
/// </summary>
internal static class CsvText
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");
    private static readonly SearchValues<char> Begins = SearchValues.Create("=+-@\t\r");

    public static string Guarded(string text) => IsFormula(text) ? "'" + text : text;

    /// <summary>What was said before it was guarded.</summary>
    public static string Unguarded(string cell) => cell.StartsWith('\'') && IsFormula(cell) ? cell[1..] : cell;

    /// <summary>As RFC 4180 has it.</summary>
    public static string Escaped(string text) => text.AsSpan().ContainsAny(Quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    /// <summary>Several texts as one. What is joined can be parted again: a "|" within a text has a \ before it, and so has a \.</summary>
    public static string Joined(IEnumerable<string> texts) =>
        string.Join('|', texts.Select(text => text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal)));

    /// <summary>The texts that were joined by a separator, without those that say nothing.</summary>
    public static string[] Parted(string joined, string separator)
    {
        var (texts, text) = (new List<string>(), new StringBuilder());
        for (var i = 0; i < joined.Length; i++)
        {
            var rest = joined.AsSpan(i);
            if (rest.StartsWith(separator, StringComparison.Ordinal))
            {
                texts.Add(text.ToString());
                text.Clear();
                i += separator.Length - 1;
                continue;
            }

            if (rest is ['\\', '\\', ..] || (rest[0] == '\\' && rest[1..].StartsWith(separator, StringComparison.Ordinal)))
            {
                i++;
            }

            text.Append(joined[i]);
        }

        return [.. texts.Append(text.ToString()).Select(t => t.Trim()).Where(t => t.Length > 0)];
    }

    private static bool IsFormula(string text) => text.AsSpan().TrimStart('\'') is [var first, ..] && Begins.Contains(first);
}
