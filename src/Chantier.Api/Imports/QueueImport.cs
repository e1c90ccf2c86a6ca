using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chantier.Api.Http;
using Chantier.Api.Jobs;
using Chantier.Domain;
using FluentValidation;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Chantier.Api.Imports;

/// <summary>When a release was published.</summary>
internal sealed record Publication(Edtf Date) : IReadable<Publication>
{
    public static string Accepts => "a date in EDTF, such as 2022-04-30 or 2022-04, which counts from its latest day";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.String, MaxLength = 60, Examples = ["2022-04-30", "2022-04"] };

    public static Publication? Read(string text) => Edtf.TryParse(text, out var date, out _) ? new(date) : null;
}

/// <summary>How many rows are taken at a time.</summary>
internal sealed record RowsAtATime(int Count) : IReadable<RowsAtATime>
{
    public static string Accepts => "a whole number from 1 to 1000000";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1", Maximum = "1000000", Examples = [1000] };

    public static RowsAtATime? Read(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1_000_000 ? new(count) : null;
}

/// <summary>
/// POST /v1/imports: the body is the file, kept in parts as it comes, and a job is queued to import it. Both are one transaction: of a file
/// that does not come whole, nothing is there.
/// </summary>
internal static class QueueImport
{
    internal sealed record ImportQuery
    {
        [Description("What the columns mean: a mapping that is there, such as repd or chantier. Left out where one of your own comes with the file, as the part mappingFile of a form.")]
        public Given<Codes>? Mapping { get; init; }

        [Description("The slug of the source that says all of it; it is made where it is not there. Or the file is a release of a series.")]
        public Given<Codes>? Source { get; init; }

        [Description("The register that the file is a release of: a later one supersedes what it states otherwise, and says so of what it lists no longer. Default: as the mapping says.")]
        public Given<Codes>? Series { get; init; }

        [Description("Which release it is.")]
        public Given<Codes>? Release { get; init; }

        [Description("When it was published.")]
        public Given<Publication>? Published { get; init; }

        [Description("Only tell, row by row, what would come of it, and change nothing.")]
        public Given<Flag>? DryRun { get; init; }

        [Description("Take a release that is older than one that is there.")]
        public Given<Flag>? Backfill { get; init; }

        [Description("Merge so many rows at a time, and leave out a part that the database refuses. Without it, the import stops there.")]
        public Given<RowsAtATime>? Chunk { get; init; }

        [Description("What the file is called. Default: as the form says, else upload.")]
        public Given<Words>? FileName { get; init; }

        internal sealed class Validator : AbstractValidator<ImportQuery>
        {
            private static readonly Shape Name = new("^[a-z0-9.-]{1,80}$", "up to 80 lower-case letters, digits, hyphens and points, such as 2022-04", "2022-04", Longest: 80);

            public Validator()
            {
                RuleFor(q => q.Mapping).Fits(new Shape("^[a-z0-9-]+$", "the name of one mapping, such as repd", "repd", Longest: 80));
                RuleFor(q => q.Source).Fits(Rules.Slug("the slug of one source", "ministry-list-2024"));
                RuleFor(q => q.Series).Fits(Name with { Accepts = "up to 80 lower-case letters, digits, hyphens and points, such as repd", Example = "repd" });
                RuleFor(q => q.Release).Fits(Name);
            }
        }
    }

    /// <summary>What a body may be.</summary>
    public static Operations.Takes Takes { get; } = new(
        [Format.Csv, Format.NdJson, Format.GeoJson], "mappingFile", "What the columns of the file mean, as a JSON object: the shape of the mappings that are there, which the README shows. It comes before the file.",
        "The body is the file, of up to 1 GB unless the service is set otherwise, not packed and without a Content-Encoding; in which characters it is written, its bytes tell. What is wrong with its rows, the report of the import tells.");

    public static Task<IResult> Handle([AsParameters] ImportQuery query, HttpContext http, IOptions<LimitOptions> limits, IConfiguration configuration) => Writes.StreamAsync(http, async (write, hash) =>
    {
        // Its size is bounded here, where the bound can be told.
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        var cancellation = http.RequestAborted;
        if (http.Request.ContentLength > limits.Value.ImportBytes)
        {
            throw TooLarge(limits.Value.ImportBytes);
        }

        var upload = await UploadedFile.OpenAsync(http.Request, limits.Value.BodyBytes, cancellation);
        if (upload.Mapping is not null)
        {
            hash.AppendData(SHA256.HashData(upload.Mapping));
        }

        var mapping = await MappingOfAsync(query, upload, Mapping.FolderOf(configuration), cancellation);
        var format = FormatOf(upload, mapping);
        var name = query.FileName?.Value.Text ?? upload.FileName ?? $"upload.{format}";
        var queued = new QueuedImport
        {
            FileName = name[(name.LastIndexOfAny(['/', '\\']) + 1)..],
            Format = format,
            Mapping = upload.Mapping is null ? query.Mapping!.Value.Values[0] : mapping.Name,
            OwnMapping = upload.Mapping is null ? null : JsonElement.Parse(upload.Mapping),
            Source = query.Source?.Value.Values[0],
            Series = query.Series?.Value.Values[0],
            Release = query.Release?.Value.Values[0],
            Published = query.Published?.Value.Date.Text,
            IsBackfill = query.Backfill?.Value.IsSet == true,
            IsDryRun = query.DryRun?.Value.IsSet == true,
            Chunk = query.Chunk?.Value.Count,
        };
        // What is wrong with it already will not be right when it is read.
        await write.UseAsync(async (connection, transaction) =>
        {
            try
            {
                await ImportSource.FindAsync(connection, transaction, queued.Asked(), mapping, cancellation);
            }
            catch (ImportException wrong) when (wrong.Option is { } option)
            {
                throw Blame(option, $"is not right: {wrong.Message}");
            }
        });

        var request = (JsonObject)JsonSerializer.SerializeToNode(queued, QueuedImportJson.Default.QueuedImport)!;
        return await EditJob.QueueAsync(write, RunImport.KindName, request, job => write.UseAsync(async (connection, transaction) =>
        {
            var bytes = 0L;
            await UploadedFile.ReadAsync(() => JobParts.KeepAsync(connection, transaction, job, JobParts.Upload, upload.Content, part => Take(part.Span), cancellation));
            await upload.EndAsync(cancellation);
            if (bytes == 0)
            {
                throw Refusal.Of("", "empty", "is empty; it accepts CSV with a header, NDJSON or GeoJSON.");
            }

            void Take(ReadOnlySpan<byte> part)
            {
                if (bytes == 0 && RowFile.PackedAs(part) is { } packed)
                {
                    throw Refusal.Of("", "packed", $"is {packed}, not text; it accepts CSV, NDJSON and GeoJSON, unpacked.");
                }

                bytes += part.Length;
                if (bytes > limits.Value.ImportBytes)
                {
                    throw TooLarge(limits.Value.ImportBytes);
                }

                hash.AppendData(part);
            }
        }));
    });

    private static async Task<Mapping> MappingOfAsync(ImportQuery query, UploadedFile upload, string folder, CancellationToken cancellation)
    {
        try
        {
            return (upload.Mapping, query.Mapping) switch
            {
                ({ } own, null) => Mapping.Parse(own, "that came along"),
                ({ }, _) => throw Blame("mapping", "names one mapping, and another came with the file; it accepts one of the two."),
                (null, { } named) => await Mapping.ReadShippedAsync(named.Value.Values[0], folder, cancellation),
                _ => throw Blame("mapping", $"is missing; it accepts {string.Join(", ", Mapping.Shipped(folder))}. A mapping of your own comes as the part 'mappingFile' of a form, before the file."),
            };
        }
        catch (ImportException wrong)
        {
            throw wrong.Option is null ? Refusal.Of("/mappingFile", "not_accepted", $"is not accepted: {wrong.Message}") : Blame("mapping", wrong.Message);
        }
    }

    private static string FormatOf(UploadedFile upload, Mapping mapping)
    {
        var format = Takes.Formats.FirstOrDefault(f => f.MediaType == upload.MediaType)?.Name;
        if (format is not null && mapping.Format is not null && format != mapping.Format)
        {
            throw UploadedFile.Unsupported($"The file comes as {upload.MediaType}, and the mapping {mapping.Name} is of {mapping.Format}; it accepts {Takes.Formats.First(f => f.Name == mapping.Format).MediaType}.");
        }

        return format ?? mapping.Format ?? RowFile.FormatOf(upload.FileName ?? "")
            ?? throw UploadedFile.Unsupported($"The part 'file' comes as '{Shown.Of(upload.MediaType)}', and its name '{Shown.Of(upload.FileName ?? "")}' tells no more; it accepts {UploadedFile.Accepted}, or a name that ends with .csv, .tsv, .txt, .ndjson, .jsonl or .geojson.");
    }

    private static Refusal Blame(string parameter, string detail) => new(Problem.InvalidParameters(ProblemError.In(parameter, "not_accepted", detail)));

    private static Refusal TooLarge(long limit) => new(Problem.Of(413, "content-too-large", "The body is too large", $"A file may have {limit} bytes; this one has more. Cut it into several, or have it imported on the command line of the service."));
}
