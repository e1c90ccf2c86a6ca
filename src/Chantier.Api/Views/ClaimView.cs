using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>What a claim says, whatever its kind.</summary>
internal abstract record ClaimView : ListRow
{
    /// <summary>From a claim c to its content, and to the factory that it belongs to.</summary>
    protected const string Joins = """

        left join factory_merged m on m.loser_id = c.factory_id
          and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        left join factory_version f on f.factory_id = coalesce(m.survivor_id, c.factory_id)
          and is_recorded(@knownBy, @knownAt, f.known_from, f.known_to)
        left join factory k on k.id = f.factory_id
        left join status_event t on t.claim_id = c.id
        left join figure g on g.claim_id = c.id
        left join role r on r.claim_id = c.id
        left join ownership w on w.claim_id = c.id
        left join location l on l.claim_id = c.id
        left join depiction d on d.claim_id = c.id
        left join membership h on h.claim_id = c.id
        """;

    protected const string ContentColumns = """
        c.id, c.kind, k.slug as factory_slug, f.name as factory_name,
          t.status, t.milestone, t.date, t.date_meaning,
          g.property, g.value, g.min, g.max, g.word, g.unit, g.qualifier, g.scope, g.for_date,
          (select o.slug from operator o where o.id = coalesce(r.operator_id, w.operator_id)) as operator, r.role,
          (select o.slug from operator o where o.id = w.shareholder_id) as shareholder, coalesce(r.share, w.share) as share,
          l.lon, l.lat, d.media_id, (select x.slug from region x where x.id = h.cluster_id) as cluster,
          c.basis, c.confidence, c.note as claim_note, c.recorded_by, c.known_from as recorded_at
        """;

    public required long Id { get; init; }

    /// <summary>status_event, figure, role, ownership, location, depiction, membership or merge.</summary>
    [Among(nameof(Vocabularies.ClaimKind))]
    public required string Kind { get; init; }

    public SlugName? Factory => FactorySlug is null ? null : new(FactorySlug, FactoryName!);

    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    [Among(nameof(Vocabularies.Milestone))]
    public string? Milestone { get; init; }

    /// <summary>EDTF: the date of a status event.</summary>
    public string? Date { get; init; }

    [Among(nameof(Vocabularies.DateMeaning))]
    public string? DateMeaning { get; init; }

    [Among(nameof(Vocabularies.FigureProperty))]
    public string? Property { get; init; }

    public decimal? Value { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Word { get; init; }

    public string? Unit { get; init; }

    [Among(nameof(Vocabularies.FigureQualifier))]
    public string? Qualifier { get; init; }

    /// <summary>What a figure covers: the whole site or phase, a part of it, or several sites together.</summary>
    [Among(nameof(Vocabularies.FigureScope))]
    public string? Scope { get; init; }

    /// <summary>EDTF: the date for which a figure holds or is planned.</summary>
    public string? ForDate { get; init; }

    public string? Operator { get; init; }

    [Among(nameof(Vocabularies.RoleKind))]
    public string? Role { get; init; }

    public string? Shareholder { get; init; }

    public decimal? Share { get; init; }

    public double? Lon { get; init; }

    public double? Lat { get; init; }

    public long? MediaId { get; init; }

    public string? Cluster { get; init; }

    [Among(nameof(Vocabularies.Basis))]
    public required string Basis { get; init; }

    [Among(nameof(Vocabularies.Confidence))]
    public required string Confidence { get; init; }

    public string? ClaimNote { get; init; }

    public required string RecordedBy { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    [JsonIgnore]
    public string? FactorySlug { get; init; }

    [JsonIgnore]
    public string? FactoryName { get; init; }
}
