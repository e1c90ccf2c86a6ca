using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Chantier.Api.Tests.Http;

/// <summary>Reads the sheets of a workbook as far as ours go: the kind of each cell and its text.</summary>
internal sealed partial record Xlsx(IReadOnlyList<IReadOnlyList<(string Kind, string Text)>> Rows, bool IsFrozen, bool HasFormulas)
{
    private static readonly XNamespace Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    public static Xlsx Read(byte[] bytes)
    {
        using var zip = new ZipArchive(new MemoryStream(bytes));
        using var stream = zip.GetEntry("xl/worksheets/sheet1.xml")!.Open();
        var sheet = XDocument.Load(stream, LoadOptions.PreserveWhitespace);
        return new(
            [.. sheet.Descendants(Main + "row").Select(row => (IReadOnlyList<(string, string)>)[.. row.Elements(Main + "c").Select(CellOf)])],
            sheet.Descendants(Main + "pane").Any(pane => (string?)pane.Attribute("state") == "frozen" && (string?)pane.Attribute("ySplit") == "1"),
            sheet.Descendants(Main + "f").Any());
    }

    /// <summary>A day or a stamp, by the number of days that a workbook counts it as.</summary>
    public static DateTime DateOf(string number) => DateTime.FromOADate(double.Parse(number, CultureInfo.InvariantCulture));

    [GeneratedRegex("_x(?<code>[0-9A-F]{4})_", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spelled();

    private static (string Kind, string Text) CellOf(XElement cell) => ((string?)cell.Attribute("t")) switch
    {
        "inlineStr" => ("text", Spelled().Replace((string)cell.Descendants(Main + "t").Single(), found => ((char)int.Parse(found.Groups["code"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString())),
        "b" => ("flag", (string)cell.Element(Main + "v")! == "1" ? "true" : "false"),
        _ when cell.Element(Main + "v") is not { } value => ("empty", ""),
        _ => (cell.Attribute("s") is null ? "number" : "date", (string)cell.Element(Main + "v")!),
    };
}
