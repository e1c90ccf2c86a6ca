using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Jobs;

namespace Chantier.Api.Imports;

/// <summary>What a job has to import, as it was asked for.</summary>
internal sealed record QueuedImport
{
    public required string FileName { get; init; }

    /// <summary>csv, ndjson or geojson.</summary>
    public required string Format { get; init; }

    /// <summary>The name of one of Mappings/, or of the one that came along.</summary>
    public required string Mapping { get; init; }

    public JsonElement? OwnMapping { get; init; }

    public string? Source { get; init; }

    public string? Series { get; init; }

    public string? Release { get; init; }

    public string? Published { get; init; }

    public bool IsBackfill { get; init; }

    public bool IsDryRun { get; init; }

    public int? Chunk { get; init; }

    public SourceAsked Asked() => new() { Source = Source, Series = Series, Release = Release, Published = Published, IsBackfill = IsBackfill };
}

/// <summary>The job that imports an upload. The report of a dry run is kept, because nothing else of it is.</summary>
internal sealed class RunImport(string connectionString, string mappings, ReadSource source) : IJobKind
{
    public const string KindName = "import";

    public string Name => KindName;

    public Scope Scope => Scope.Curate;

    public async Task<JsonObject> RunAsync(Job job, CancellationToken cancellation)
    {
        var asked = JsonSerializer.Deserialize(job.RequestJson, QueuedImportJson.Default.QueuedImport)!;
        await using var upload = await JobParts.OpenAsync(source, job.Id, JobParts.Upload, cancellation) ?? throw new JobLostException();
        await using var file = asked.IsDryRun ? TemporaryFile.Open() : null;
        await using var report = file is null ? null : new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        JsonObject? result = null;
        try
        {
            await ImportFile.RunAsync(
                connectionString,
                new()
                {
                    File = asked.FileName,
                    Content = upload,
                    Format = asked.Format,
                    Mapping = asked.OwnMapping is { } own ? Mapping.Parse(Encoding.UTF8.GetBytes(own.GetRawText()), asked.Mapping) : await Mapping.ReadShippedAsync(asked.Mapping, mappings, cancellation),
                    Source = asked.Asked(),
                    IsDryRun = asked.IsDryRun,
                    Chunk = asked.Chunk,
                    Report = report,
                    Asker = new(job.Id, job.RequestedBy, async (connection, transaction, summary) =>
                    {
                        if (file is not null)
                        {
                            await report!.FlushAsync(cancellation);
                            file.Position = 0;
                            await JobParts.KeepAsync(connection, transaction, job.Id, JobParts.Report, file, _ => { }, cancellation);
                        }

                        result = ResultOf(summary);
                        await job.FinishAsync(connection, transaction, result, cancellation);
                    }),
                },
                new Progress(job, upload.Length),
                cancellation);
            return result!;
        }
        catch (ImportException refused)
        {
            throw new Refusal(Problem.Of(422, "import-refused", "The file cannot be imported", refused.Option is null ? refused.Message : $"{refused.Option}: {refused.Message}"));
        }
    }

    private static JsonObject ResultOf(ImportSummary summary) => new()
    {
        ["url"] = $"/v1/imports/{summary.Import}",
        ["reportUrl"] = $"/v1/imports/{summary.Import}/report",
        ["import"] = summary.Import,
        ["source"] = summary.Source,
        ["rows"] = summary.Rows,
        ["created"] = summary.Created,
        ["updated"] = summary.Updated,
        ["unchanged"] = summary.Unchanged,
        ["matched"] = summary.Matched,
        ["rejected"] = summary.Rejected,
        ["omitted"] = summary.Omitted,
        ["remarks"] = summary.Remarks,
        ["noLongerListed"] = summary.NoLongerListed,
    };

    /// <summary>Of what is read nobody knows how many rows it has: there, bytes are counted.</summary>
    private sealed class Progress(Job job, long bytes) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) =>
            job.Report(value.Total is { } total ? new(value.Stage, value.Rows, total) : new($"{value.Stage} bytes", (long)(value.Part * bytes), bytes));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(QueuedImport))]
internal sealed partial class QueuedImportJson : JsonSerializerContext;
