using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Imports;

/// <summary>A file that was imported, or tried on a dry run. Created, updated, unchanged, matched and rejected add up to its rows.</summary>
internal sealed record ImportView : ListRow
{
    public const string From = "import i left join source s on s.id = i.source_id";

    public const string Ended = "i.state in ('finished', 'tried')";

    public const string Columns = """
        i.id, i.file, i.mapping, i.state = 'tried' as is_dry_run, coalesce(s.slug, i.source_slug, i.series) as source, s.id is not null as has_source, case when i.release is not null then i.series end as series, i.release,
          i.rows, i.created, i.updated, i.unchanged, i.matched, i.rejected, i.omitted, i.remarks, i.no_longer_listed, i.changes, i.notes,
          i.requested_by, i.started_at, i.finished_at, i.staged_ms, i.locked_ms, i.job_id as job
        """;

    public static SortTable Sorts { get; } = new("-id", new SortKey("id", "bigint", "i.id"), new SortKey("id", "bigint", "i.id"));

    public required long Id { get; init; }

    /// <summary>The name of the file.</summary>
    public required string File { get; init; }

    /// <summary>The name of the mapping that said what its columns mean.</summary>
    public required string Mapping { get; init; }

    /// <summary>Whether it was only told what would come of it, and nothing was changed.</summary>
    public required bool IsDryRun { get; init; }

    /// <summary>The slug of the source of all that it says; of a dry run, also of one that it would make.</summary>
    public required string Source { get; init; }

    /// <summary>The register that it is a release of.</summary>
    public string? Series { get; init; }

    public string? Release { get; init; }

    public required int Rows { get; init; }

    public required int Created { get; init; }

    public required int Updated { get; init; }

    public required int Unchanged { get; init; }

    /// <summary>Rows that were attached to a factory that they are like.</summary>
    public required int Matched { get; init; }

    public required int Rejected { get; init; }

    /// <summary>Cells that were left out of rows that were taken.</summary>
    public required int Omitted { get; init; }

    /// <summary>Cells that are odd, and were taken.</summary>
    public required int Remarks { get; init; }

    /// <summary>Rows of the release before that this one does not list.</summary>
    public int? NoLongerListed { get; init; }

    /// <summary>How many entries it left in the log of changes.</summary>
    public int? Changes { get; init; }

    /// <summary>What holds of the file as a whole, in sentences.</summary>
    public required string[] Notes { get; init; }

    /// <summary>The handle of whoever asked for it; null by the command line.</summary>
    public string? RequestedBy { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>For how many milliseconds it was read.</summary>
    public int? StagedMs { get; init; }

    /// <summary>For how many milliseconds at most other writes had to wait.</summary>
    public int? LockedMs { get; init; }

    /// <summary>The number of the job that did it; null by the command line.</summary>
    public long? Job { get; init; }

    /// <summary>What came of each row, as CSV.</summary>
    public string ReportUrl => $"/v1/imports/{Id}/report";

    /// <summary>The source, with all that rests on it; null where there is none.</summary>
    public string? SourceUrl => HasSource ? $"/v1/sources/{Source}" : null;

    public string? JobUrl => Job is null ? null : $"/v1/jobs/{Job}";

    [JsonIgnore]
    public bool HasSource { get; init; }
}
