using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>What is imported, and how.</summary>
internal sealed record ImportRequest
{
    /// <summary>The path of the file; where its content is given, only its name.</summary>
    public required string File { get; init; }

    /// <summary>Where it is no file of this machine.</summary>
    public Stream? Content { get; init; }

    /// <summary>csv, ndjson or geojson; without it, the mapping or the name of the file tells.</summary>
    public string? Format { get; init; }

    public required Mapping Mapping { get; init; }

    /// <summary>What it is said to be.</summary>
    public SourceAsked Source { get; init; } = new();

    /// <summary>Tells what would come of it, and changes nothing.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Rows at a time: a part that the database refuses is left out. Without it, the import stops there.</summary>
    public int? Chunk { get; init; }

    /// <summary>Where the row report goes, as CSV.</summary>
    public TextWriter? Report { get; init; }

    /// <summary>Who has it done, where a job does it.</summary>
    public ImportAsker? Asker { get; init; }
}

/// <summary>A job that imports.</summary>
/// <param name="Job">Its number.</param>
/// <param name="RequestedBy">The handle of whoever asked for it.</param>
/// <param name="FinishAsync">What is committed together with the merge, or with the note of a dry run. It may refuse, and then nothing is.</param>
internal sealed record ImportAsker(long Job, string RequestedBy, Func<NpgsqlConnection, NpgsqlTransaction, ImportSummary, Task> FinishAsync);

/// <summary>How far an import is: of its bytes while it is read, of its rows while it is merged.</summary>
/// <param name="Stage">What it does now.</param>
/// <param name="Rows">How many rows it has done that with.</param>
/// <param name="Part">How much of the stage is done, from 0 to 1.</param>
/// <param name="Total">How many rows there are, once that is known.</param>
internal sealed record ImportProgress(string Stage, int Rows, double Part, int? Total = null);

/// <summary>What came of an import. Created, updated, unchanged, matched and rejected add up to the rows.</summary>
internal sealed record ImportSummary
{
    /// <summary>Null of a dry run that nobody is told of but who made it.</summary>
    public required long? Import { get; init; }

    public required string Source { get; init; }

    public required int Rows { get; init; }

    public required int Created { get; init; }

    public required int Updated { get; init; }

    public required int Unchanged { get; init; }

    public required int Matched { get; init; }

    public required int Rejected { get; init; }

    /// <summary>Cells that were left out of rows that were taken.</summary>
    public required int Omitted { get; init; }

    public required int Remarks { get; init; }

    /// <summary>Rows of the release before that this one does not list.</summary>
    public required int NoLongerListed { get; init; }

    public required int Changes { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public required TimeSpan Staged { get; init; }

    /// <summary>How long the write lock was held.</summary>
    public required TimeSpan Locked { get; init; }
}
