using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace Chantier.Api.Imports;

/// <summary>import FILE --mapping M --source S: a file becomes claims, or on a dry run a report of what would.</summary>
internal static class ImportCommand
{
    public delegate Task<int> WithDatabase(ParseResult parsed, Func<string, IConfiguration, Task<int>> run, CancellationToken cancellation);

    public static Command Make(WithDatabase withDatabase)
    {
        var file = new Argument<string>("file") { Description = "A file of CSV (any delimiter), NDJSON or GeoJSON." };
        var mapping = new Option<string>("--mapping") { Required = true, Description = "What its columns mean: chantier, hotmaps, jrc, repd, or the path of a mapping of your own." };
        var source = new Option<string?>("--source") { Description = "The slug of the source that says it; it is made where it is not there." };
        var series = new Option<string?>("--series") { Description = "The register that it is a release of. A later release supersedes what it states otherwise." };
        var release = new Option<string?>("--release") { Description = "Which release it is, such as 2022-04." };
        var published = new Option<string?>("--published") { Description = "When it was published, such as 2022-04-30." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what would come of it, and change nothing." };
        var backfill = new Option<bool>("--backfill") { Description = "Enter a release that is older than one that is there." };
        var report = new Option<string?>("--report") { Description = "A file for what came of each row, as CSV." };
        var chunk = new Option<int?>("--chunk") { Description = "Merge so many rows at a time, and leave out a part that the database refuses. Without it, the import stops there." };
        var command = new Command("import", "Import a file as sourced claims, and end.") { file, mapping, source, series, release, published, dryRun, backfill, report, chunk };
        command.SetAction((parsed, token) => withDatabase(
            parsed,
            async (connectionString, configuration) =>
            {
                if (parsed.GetValue(chunk) is < 1)
                {
                    throw new ImportException($"--chunk is {parsed.GetValue(chunk)}; it accepts a whole number from 1 on.");
                }

                var path = parsed.GetValue(report);
                await using var writer = path is null ? null : OpenReport(path);
                var summary = await RunAsync(
                    connectionString,
                    new()
                    {
                        File = parsed.GetValue(file)!,
                        Mapping = await Mapping.ReadAsync(parsed.GetValue(mapping)!, Mapping.FolderOf(configuration), token),
                        Source = new()
                        {
                            Source = parsed.GetValue(source),
                            Series = parsed.GetValue(series),
                            Release = parsed.GetValue(release),
                            Published = parsed.GetValue(published),
                            IsBackfill = parsed.GetValue(backfill),
                        },
                        IsDryRun = parsed.GetValue(dryRun),
                        Chunk = parsed.GetValue(chunk),
                        Report = writer,
                    },
                    Console.IsErrorRedirected ? null : new Bar(),
                    token);
                foreach (var line in Lines(summary, parsed.GetValue(dryRun), path))
                {
                    await Console.Out.WriteLineAsync(line);
                }

                return 0;
            },
            token));
        return command;
    }

    private static async Task<ImportSummary> RunAsync(string connectionString, ImportRequest request, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            return await ImportFile.RunAsync(connectionString, request, progress, cancellation);
        }
        catch (ImportException wrong) when (wrong.Option is not null)
        {
            throw new ImportException($"--{wrong.Option}: {wrong.Message}");
        }
    }

    private static StreamWriter OpenReport(string path)
    {
        try
        {
            return new StreamWriter(path, append: false);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"The report cannot be written to '{path}': {wrong.Message}");
        }
    }

    private static IEnumerable<string> Lines(ImportSummary summary, bool isDryRun, string? report)
    {
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{(isDryRun ? "Would import" : "Imported")} {summary.Source}: {summary.Rows} rows, of which {summary.Created} created, {summary.Updated} updated, {summary.Unchanged} unchanged, {summary.Matched} matched, {summary.Rejected} rejected.");
        if (summary.Omitted + summary.Remarks + summary.NoLongerListed > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"  {summary.Omitted} cells were left out, {summary.Remarks} remarks; {summary.NoLongerListed} rows of the release before are listed no longer.");
        }

        foreach (var note in summary.Notes)
        {
            yield return $"  {note}";
        }

        yield return string.Create(CultureInfo.InvariantCulture,
            $"  {summary.Changes} changes{(isDryRun ? " would be" : "")} recorded; staged in {summary.Staged.TotalSeconds:0.0} s, other writes waited for {summary.Locked.TotalSeconds:0.0} s at most.");
        if (report is not null)
        {
            yield return $"  What came of each row is in {report}.";
        }
        else if (summary.Rejected + summary.Omitted > 0)
        {
            yield return "  --report FILE tells of each row.";
        }
    }

    /// <summary>A line that is written over itself.</summary>
    private sealed class Bar : IProgress<ImportProgress>
    {
        private const int Width = 30;
        private long _last;

        public void Report(ImportProgress value)
        {
            if (value.Part < 1 && Stopwatch.GetElapsedTime(_last) < TimeSpan.FromMilliseconds(100))
            {
                return;
            }

            _last = Stopwatch.GetTimestamp();
            var full = (int)(Width * Math.Clamp(value.Part, 0, 1));
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture,
                $"\r{value.Stage,-29} [{new string('#', full)}{new string('.', Width - full)}] {value.Rows,9} rows{(value.Part >= 1 ? "\n" : "")}"));
        }
    }
}
