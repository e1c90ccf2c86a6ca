using Chantier.Domain;

namespace Chantier.Api.Imports;

/// <summary>One cell that was not accepted, or is odd: rejected, omitted or remark.</summary>
internal sealed record CellProblem(int Row, string Kind, string? Column, string? Value, string Rule, string Detail);

/// <summary>What a row says of its factory, and of its phase where the mapping has them.</summary>
internal sealed class StagedRow
{
    public required int Row { get; init; }

    /// <summary>The factory's identifier, as far as it could be read.</summary>
    public string? Owner { get; set; }

    public string? Phase { get; set; }

    public bool IsRejected { get; set; }

    public string Name { get; set; } = "";

    public string Sector { get; set; } = "";

    public string[] Products { get; set; } = [];

    public string Country { get; set; } = "";

    public string? Region { get; set; }

    public string? Locality { get; set; }

    public string? Website { get; set; }

    public string? PhaseName { get; set; }

    public string? PhaseProduct { get; set; }

    public double? Lon { get; set; }

    public double? Lat { get; set; }

    public string? Precision { get; set; }

    public int? UncertaintyMetres { get; set; }

    public string[] Operators { get; set; } = [];

    public Guid Fingerprint { get; set; }

    public List<StagedClaim> Claims { get; } = [];
}

/// <summary>A statement of a row; what its kind does not have is null.</summary>
internal sealed class StagedClaim
{
    public required string Key { get; init; }

    public required string Statement { get; init; }

    /// <summary>Said anew by each release, and never superseded by the next.</summary>
    public bool IsPerRelease { get; init; }

    public bool IsOfPhase { get; init; }

    public required string Kind { get; init; }

    public string Basis { get; init; } = Domain.Basis.Actual;

    public string Confidence { get; init; } = Domain.Confidence.Medium;

    public string? Note { get; init; }

    /// <summary>The columns that say it.</summary>
    public string? Columns { get; init; }

    public string? Status { get; init; }

    public string? Milestone { get; init; }

    public string? DateMeaning { get; init; }

    /// <summary>When it was so; of a figure, the date for which the value holds or is planned.</summary>
    public Edtf? Date { get; init; }

    public string? Property { get; init; }

    public decimal? Value { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Word { get; init; }

    public string? Unit { get; init; }

    public string? Qualifier { get; init; }

    public string? Product { get; init; }

    public string? Scope { get; init; }

    public string? Operator { get; init; }

    public string? OperatorSlug { get; init; }

    public string? Role { get; init; }

    public double? Lon { get; init; }

    public double? Lat { get; init; }

    public string? Precision { get; init; }

    public int? UncertaintyMetres { get; init; }

    public string? Method { get; init; }

    public Guid Fingerprint { get; set; }
}
