using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;

namespace Chantier.Api.Views;

/// <summary>An operator's part in a factory, as a source states it.</summary>
internal sealed record RoleView
{
    public const string OfFactoriesSql = $"""
        select c.id, f.factory_id, o.slug as operator_slug, v.name as operator_name, r.role, r.share, r.valid,
          c.basis, c.confidence, c.note, c.recorded_by, c.known_from as recorded_at,
          {ClaimEvidenceView.SourceSlugs} as sources
        from unnest(@factories) as f (factory_id)
        join claim c on c.factory_id = any (merged_factory_ids(@knownBy, @knownAt, f.factory_id)) and c.kind = 'role'
          and is_known(@knownBy, @knownAt, c)
        join role r on r.claim_id = c.id and r.valid_from <= @asOf and r.valid_to >= @asOf
        join role_kind k on k.code = r.role
        join operator o on o.id = r.operator_id
        join operator_version v on v.operator_id = o.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        order by f.factory_id, k.rank, v.sort_name, c.id;
        """;

    public required long Id { get; init; }

    public SlugName Operator => new(OperatorSlug, OperatorName);

    [Among(nameof(Vocabularies.RoleKind))]
    public required string Role { get; init; }

    /// <summary>Per cent.</summary>
    public decimal? Share { get; init; }

    /// <summary>An EDTF interval; null where the source gives no dates.</summary>
    public string? Valid { get; init; }

    [Among(nameof(Vocabularies.Basis))]
    public required string Basis { get; init; }

    [Among(nameof(Vocabularies.Confidence))]
    public required string Confidence { get; init; }

    public string? Note { get; init; }

    public string[] Sources { get; init; } = [];

    public required string RecordedBy { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    [JsonIgnore]
    public long FactoryId { get; init; }

    [JsonIgnore]
    public string OperatorSlug { get; init; } = "";

    [JsonIgnore]
    public string OperatorName { get; init; } = "";
}
