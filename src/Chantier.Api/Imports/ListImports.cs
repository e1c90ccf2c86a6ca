using System.ComponentModel;
using System.Globalization;
using System.Text;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Jobs;
using Dapper;
using FluentValidation;

namespace Chantier.Api.Imports;

/// <summary>GET /v1/imports, one of them, and what came of each of its rows.</summary>
internal static class ListImports
{
    internal sealed record ImportFilter
    {
        [Description("The source, by its slug.")]
        public Given<Codes>? Source { get; init; }

        [Description("The series that the files are releases of.")]
        public Given<Codes>? Series { get; init; }

        [Description("Only dry runs (true), or only the others (false).")]
        public Given<Flag>? IsDryRun { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<ImportFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Source).EachFits(Rules.Slug("slugs of sources", "vallee-de-la-batterie-2024-08"));
                RuleFor(f => f.Sort).AreKeysOf(ImportView.Sorts);
            }
        }
    }

    private sealed record Ended
    {
        public required string File { get; init; }

        public required bool IsDryRun { get; init; }

        public long? Job { get; init; }
    }

    private const string EndedSql = "select i.file, i.state = 'tried' as is_dry_run, i.job_id as job from import i where i.id = @id and " + ImportView.Ended;

    public static Task<IResult> Handle([AsParameters] ImportFilter filter, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = new SelectSql().From(ImportView.From).And(ImportView.Ended)
            .AndAny("coalesce(s.slug, i.source_slug) = @source", "coalesce(s.slug, i.source_slug) = any (@source)", "source", filter.Source?.Value.Values)
            .AndAny("i.release is not null and i.series = @series", "i.release is not null and i.series = any (@series)", "series", filter.Series?.Value.Values);
        if (filter.IsDryRun is { } isDryRun)
        {
            sql.And("(i.state = 'tried') = @isDryRun", "isDryRun", isDryRun.Value.IsSet);
        }

        sql.OrderBy(ImportView.Sorts.For(filter.Sort, reading.Cursor));
        return reading.ListAsync(new ListSpec<ImportView> { Axes = reading.Present, Query = query, Sql = sql, Page = sql.Page(ImportView.Columns, query.PageSize) });
    }

    public static Task<IResult> One([Description("The number of the import.")] string id, [AsParameters] ItemQuery query, Reading reading)
    {
        var sql = new SelectSql().From(ImportView.From).And(ImportView.Ended).And("i.id = @id", "id", NumberOf(id));
        var spec = new ItemSpec<ImportView> { Sql = sql.One(ImportView.Columns), Parameters = sql.Parameters, Version = _ => 1 };
        return reading.ItemAsync(reading.Present, query, spec, _ => Task.FromResult(Problem.NotFound("import", id).ToResult()));
    }

    public static async Task<IResult> Report([Description("The number of the import.")] string id, HttpContext http, ReadSource source)
    {
        var number = NumberOf(id);
        Ended? import;
        await using (var connection = await source.OpenAsync(http.RequestAborted))
        {
            import = await connection.QueryFirstOrDefaultAsync<Ended>(new CommandDefinition(EndedSql, new { id = number }, cancellationToken: http.RequestAborted));
        }

        if (import is null)
        {
            return Problem.NotFound("import", id).ToResult();
        }

        http.Response.Headers.CacheControl = "no-store";
        var name = $"{Path.GetFileNameWithoutExtension(import.File)}-report.csv";
        if (!import.IsDryRun)
        {
            return await Export.TryBeginAsync(http) is { } export
                ? TypedResults.Stream(body => WriteAsync(body, export, number, http.RequestAborted), Format.Csv.MediaType, name)
                : Export.TooMany.ToResult();
        }

#pragma warning disable CA2000 // The answer disposes of what it sends.
        return await JobParts.OpenAsync(source, import.Job ?? 0, JobParts.Report, http.RequestAborted) is { } report
            ? TypedResults.Stream(report, Format.Csv.MediaType, name)
            : Problem.Of(410, "gone", "The report is kept no more", "Something was redacted since that dry run, or it was made elsewhere. Try the file again.").ToResult();
#pragma warning restore CA2000
    }

    private static async Task WriteAsync(Stream body, Export export, long import, CancellationToken cancellation)
    {
        await using (export)
        {
            await using var writer = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 14, leaveOpen: true);
            await ImportReport.WriteAsync(export.Connection, import, writer, cancellation);
        }
    }

    private static long NumberOf(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
