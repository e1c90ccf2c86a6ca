using System.Buffers;

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

    private static bool IsFormula(string text) => text.AsSpan().TrimStart('\'') is [var first, ..] && Begins.Contains(first);
}
