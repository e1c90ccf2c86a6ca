using Chantier.Api.Imports;
using Chantier.Testing;
using Microsoft.VisualBasic.FileIO;

namespace Chantier.Api.Tests.Imports;

/// <summary>Imports files of registers as they were published, or excerpts of them, and reads them by a reader that is not ours.</summary>
internal static class RealFiles
{
    public static readonly string Mappings = Path.Combine(AppContext.BaseDirectory, "mappings");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The releases in order, and the days that they are taken to be published on.</summary>
    public static (string Release, string Published)[] Releases { get; } =
    [
        ("2021-09", "2021-09-30"), ("2021-12", "2021-12-31"), ("2022-04", "2022-04-30"), ("2022-07", "2022-07-31"), ("2022-10", "2022-10-31"), ("2023-01", "2023-01-31"),
    ];

    public static async Task<ImportSummary> ImportAsync(string database, string mapping, string file, Func<ImportRequest, ImportRequest> with) => await ImportFile.RunAsync(
        database, with(new() { File = file, Mapping = await Mapping.ReadAsync(mapping, Mappings, Token) }), progress: null, Token);

    /// <summary>Imports a release, or a file of a part of it.</summary>
    public static Task<ImportSummary> ImportAsync(string database, (string Release, string Published) release, TextWriter? report = null, bool isBackfill = false, string? file = null) =>
        ImportAsync(database, "repd", file ?? FileOf(release.Release), r => r with { Source = new() { Series = "repd", Release = release.Release, Published = release.Published, IsBackfill = isBackfill }, Report = report });

    public static string FileOf(string release) => DataSets.PathOf($"repd/{release}.csv");

    /// <summary>The identifier of a row, whose column was renamed.</summary>
    public static string IdOf(Dictionary<string, string> row) => (row.TryGetValue("Ref ID", out var later) ? later : row["Ref"]).Trim();

    /// <summary>The rows by the name of their columns, read by a reader that is not ours.</summary>
    public static IEnumerable<Dictionary<string, string>> Rows(string file, string delimiter = ",") => Records(file, delimiter).Select(record => record.Row);

    /// <summary>Writes those rows of a file that are chosen into another.</summary>
    public static void WritePart(string file, string part, Func<Dictionary<string, string>, bool> isChosen)
    {
        using var writer = new StreamWriter(part);
        foreach (var (fields, _) in Records(file, ",", withHeader: true).Where((record, n) => n == 0 || isChosen(record.Row)))
        {
            writer.WriteLine(string.Join(',', fields.Select(field => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")));
        }
    }

    private static IEnumerable<(string[] Fields, Dictionary<string, string> Row)> Records(string file, string delimiter, bool withHeader = false)
    {
        using var parser = new TextFieldParser(file, System.Text.Encoding.UTF8) { Delimiters = [delimiter], HasFieldsEnclosedInQuotes = true };
        var header = parser.ReadFields()!;
        for (var fields = withHeader ? header : parser.ReadFields(); fields is not null; fields = parser.ReadFields())
        {
            var row = new Dictionary<string, string>();
            for (var i = 0; i < header.Length; i++)
            {
                row.TryAdd(header[i], i < fields.Length ? fields[i] : "");
            }

            yield return (fields, row);
        }
    }
}
