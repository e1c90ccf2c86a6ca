using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>One claim about the status of a phase, or a milestone of it.</summary>
internal sealed record StatusEventView : ListRow
{
    /// <summary>The claims known at a moment, under the factory that they belong to then.</summary>
    public const string From = """
        claim c
        join status_event e on e.claim_id = c.id and c.kind = 'status_event' and is_known(@knownBy, @knownAt, c)
        left join factory_merged m on m.loser_id = c.factory_id
          and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        join factory_version f on f.factory_id = coalesce(m.survivor_id, c.factory_id)
          and is_recorded(@knownBy, @knownAt, f.known_from, f.known_to)
        join factory x on x.id = f.factory_id
        """;

    /// <summary>The same, starting from a few factories: those of FactoriesOf.</summary>
    public const string FromFactories = """

        join claim c on c.factory_id = b.member_id and c.kind = 'status_event' and is_known(@knownBy, @knownAt, c)
        join status_event e on e.claim_id = c.id
        join factory_version f on f.factory_id = b.factory_id
          and is_recorded(@knownBy, @knownAt, f.known_from, f.known_to)
        join factory x on x.id = f.factory_id
        """;

    /// <summary>The columns by which a page is selected, before the columns and joins below are added to it.</summary>
    public const string Chosen = "c.id, f.factory_id, x.slug as factory_slug, f.name as factory_name, e.phase_id";

    public const string Columns = $"""
        page.id, page.factory_id, page.factory_slug, page.factory_name, page.phase_id, p.name as phase_name,
          e.status, e.milestone, e.date, e.date_meaning, c.basis, c.confidence, c.note, u.in_force, u.rule, u.weighed_against,
          c.recorded_by, c.known_from as recorded_at,
          {ClaimEvidenceView.SourceSlugs} as sources
        """;

    public const string Joins = """

        join claim c on c.id = page.id
        join status_event e on e.claim_id = page.id
        left join phase_version p on p.phase_id = page.phase_id
          and is_recorded(@knownBy, @knownAt, p.known_from, p.known_to)
        join event_precedence(@knownBy, @knownAt, array(select distinct phase_id from page), @asOf) u
          on u.claim_id = page.id
        """;

    /// <summary>With asOf, only what had happened by then is shown; expectations stay, whatever their date.</summary>
    public const string HappenedByThen = "(c.basis = 'expected' or e.earliest <= @asOf)";

    public static SortTable Sorts { get; } = new(
        "-date",
        new SortKey("id", "bigint", "c.id"),
        new SortKey("date", "date", "e.earliest"),
        new SortKey("recordedAt", "timestamptz", "c.known_from"));

    public required long Id { get; init; }

    public SlugName Factory => new(FactorySlug, FactoryName);

    public required long PhaseId { get; init; }

    public string? PhaseName { get; init; }

    /// <summary>A status, or null where it is a milestone.</summary>
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    [Among(nameof(Vocabularies.Milestone))]
    public string? Milestone { get; init; }

    /// <summary>EDTF, as the source gave it.</summary>
    public required string Date { get; init; }

    [Among(nameof(Vocabularies.DateMeaning))]
    public required string DateMeaning { get; init; }

    [Among(nameof(Vocabularies.Basis))]
    public required string Basis { get; init; }

    [Among(nameof(Vocabularies.Confidence))]
    public required string Confidence { get; init; }

    public string? Note { get; init; }

    /// <summary>Whether it decides the status of its phase on the requested day.</summary>
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
