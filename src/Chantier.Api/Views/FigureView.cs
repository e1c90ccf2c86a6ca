using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>One quantity of a phase or of the whole factory that a source states, with its unit.</summary>
internal sealed record FigureView : ListRow
{
    /// <summary>The claims known at a moment about a few factories: those of FactoriesOf.</summary>
    public const string FromFactories = """

        join claim c on c.factory_id = b.member_id and c.kind = 'figure' and is_known(@knownBy, @knownAt, c)
        join figure g on g.claim_id = c.id
        join factory_version f on f.factory_id = b.factory_id
          and is_recorded(@knownBy, @knownAt, f.known_from, f.known_to)
        join factory x on x.id = f.factory_id
        """;

    /// <summary>The columns by which a page is selected, before the columns and joins below are added to it.</summary>
    public const string Chosen = "c.id, f.factory_id, x.slug as factory_slug, f.name as factory_name";

    public const string Columns = $"""
        page.id, page.factory_id, page.factory_slug, page.factory_name, g.phase_id, p.name as phase_name,
          g.property, g.value, g.min, g.max, g.word, g.unit, g.qualifier, g.scope, g.product, g.for_date,
          c.basis, c.confidence, c.note, u.in_force, u.rule, u.weighed_against,
          c.recorded_by, c.known_from as recorded_at,
          {ClaimEvidenceView.SourceSlugs} as sources
        """;

    public const string Joins = """

        join claim c on c.id = page.id
        join figure g on g.claim_id = page.id
        left join phase_version p on p.phase_id = g.phase_id
          and is_recorded(@knownBy, @knownAt, p.known_from, p.known_to)
        join figure_precedence(@knownBy, @knownAt, array(select distinct factory_id from page), @asOf) u on u.claim_id = page.id
        """;

    public static SortTable Sorts { get; } = new(
        "property",
        new SortKey("id", "bigint", "c.id"),
        new SortKey("property", "text", "g.property"),
        new SortKey("recordedAt", "timestamptz", "c.known_from"));

    public required long Id { get; init; }

    public SlugName Factory => new(FactorySlug, FactoryName);

    /// <summary>Null where the figure concerns the whole factory.</summary>
    public long? PhaseId { get; init; }

    public string? PhaseName { get; init; }

    [Among(nameof(Vocabularies.FigureProperty))]
    public required string Property { get; init; }

    public decimal? Value { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    /// <summary>The source's own vague word, where it gives no number.</summary>
    public string? Word { get; init; }

    public required string Unit { get; init; }

    [Among(nameof(Vocabularies.FigureQualifier))]
    public string? Qualifier { get; init; }

    /// <summary>Whether it covers the whole site or phase, a part of it, or several sites together.</summary>
    [Among(nameof(Vocabularies.FigureScope))]
    public required string Scope { get; init; }

    public string? Product { get; init; }

    /// <summary>EDTF: the date for which the value holds or is planned.</summary>
    public string? ForDate { get; init; }

    [Among(nameof(Vocabularies.Basis))]
    public required string Basis { get; init; }

    [Among(nameof(Vocabularies.Confidence))]
    public required string Confidence { get; init; }

    public string? Note { get; init; }

    /// <summary>Whether it is effective among those of its phase, property, product, quantity and qualifier.</summary>
    public bool InForce { get; init; }

    /// <summary>The rule by which it is effective, or is not.</summary>
    [Among(nameof(Vocabularies.ForceRule))]
    public required string Rule { get; init; }

    /// <summary>The claim with which the rule compared it; null where there was none.</summary>
    public long? WeighedAgainst { get; init; }

    public string[] Sources { get; init; } = [];

    public required string RecordedBy { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClaimEvidenceView>? Evidence { get; set; }

    [JsonIgnore]
    public long FactoryId { get; init; }

    [JsonIgnore]
    public string FactorySlug { get; init; } = "";

    [JsonIgnore]
    public string FactoryName { get; init; } = "";
}
