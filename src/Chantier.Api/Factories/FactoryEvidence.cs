using System.Text.Json.Serialization;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Views;
using Chantier.Domain;

namespace Chantier.Api.Factories;

/// <summary>A value that a factory shows: the claim that it comes from, with its sources, and the claims that say otherwise.</summary>
internal sealed record ValueEvidenceView
{
    /// <summary>What it is the value of. A status is that of one phase, or of the whole site.</summary>
    [Among(nameof(Vocabularies.EvidencedField))]
    public required string Field { get; init; }

    public required StatedView Claim { get; init; }

    /// <summary>Claims that stand beside it, about the same thing at the same time, with another value.</summary>
    public required IReadOnlyList<StatedView> Disagreeing { get; init; }
}

/// <summary>The content of one claim, as far as its kind has it, and its evidence.</summary>
internal sealed record StatedView
{
    public required long Id { get; init; }

    /// <summary>Null, or left out, where it concerns the whole factory.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PhaseId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    /// <summary>EDTF: the date of a status, as the source gave it; the period of a role.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Date { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Among(nameof(Vocabularies.DateMeaning))]
    public string? DateMeaning { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Among(nameof(Vocabularies.FigureProperty))]
    public string? Property { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Value { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Min { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Max { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Word { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Among(nameof(Vocabularies.FigureQualifier))]
    public string? Qualifier { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Product { get; init; }

    /// <summary>EDTF: the date for which a figure holds or is planned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ForDate { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Operator { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Among(nameof(Vocabularies.RoleKind))]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Share { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LocationView? Location { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MediaId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cluster { get; init; }

    [Among(nameof(Vocabularies.Basis))]
    public required string Basis { get; init; }

    [Among(nameof(Vocabularies.Confidence))]
    public required string Confidence { get; init; }

    public string? Note { get; init; }

    public required string RecordedBy { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Its sources, and the place in each; empty where it is inferred.</summary>
    public required IReadOnlyList<ClaimEvidenceView> Evidence { get; init; }
}

/// <summary>A claim that a value is based on, or that disagrees with it, with one of its sources.</summary>
internal sealed record EvidenceRow
{
    /// <summary>
    /// The effective claims at a point of time, each by the same rule as the value itself, and those that disagree:
    /// another status of the same day, or another beginning of it; another figure for a time that overlaps; a place
    /// farther away than both are uncertain; another share of a role.
    /// </summary>
    public const string Sql = $"""
        with standing as materialized (
          select b.factory_id, c.id, c.kind, c.basis, c.confidence, c.known_from
          from with_merged_factories_at(@knownBy, @knownAt, @factories) b
          join claim c on c.factory_id = b.member_id and is_known(@knownBy, @knownAt, c)
        ), named as materialized (
          select p.phase_id from phase_version p
          where is_recorded(@knownBy, @knownAt, p.known_from, p.known_to) and p.name is not null
            and p.phase_id in (
              select e.phase_id from standing s join status_event e on e.claim_id = s.id
              union all
              select f.phase_id from standing s join figure f on f.claim_id = s.id)
        ), event as materialized (
          -- Unnamed phases are one: the whole site.
          select s.factory_id, s.id, n.phase_id, e.status, t.stage, e.date_meaning, e.earliest, e.latest,
            u.in_force, u.rule
          from standing s
          join status_event e on e.claim_id = s.id
          join status t on t.code = e.status
          join event_precedence(@knownBy, @knownAt, array(
            select distinct x.phase_id from standing y join status_event x on x.claim_id = y.id), @asOf) u
            on u.claim_id = s.id
          left join named n on n.phase_id = e.phase_id
          where s.basis <> 'expected'
        ), status as materialized (
          select e.* from event e where e.in_force
        ), amount as materialized (
          select i.*, f.for_date_earliest, f.for_date_latest
          from effective_figures(@knownBy, @knownAt, @factories, @asOf) i
          join figure f on f.claim_id = i.claim_id
        ), place as materialized (
          select distinct on (s.factory_id) s.factory_id, l.*
          from standing s join location l on l.claim_id = s.id join location_precision p on p.code = l.precision
          order by s.factory_id, p.rank, s.basis, confidence_rank(s.confidence), s.known_from desc, s.id desc
        ), part as materialized (
          select s.factory_id, r.*
          from standing s join role r on r.claim_id = s.id and r.valid_from <= @asOf and r.valid_to >= @asOf
          where s.basis <> 'expected'
        ), value as (
          select factory_id, 1 as place, 'status' as field, id as of_claim, id as claim_id from status
          union all
          select v.factory_id, 1, 'status', v.id, e.id
          from status v
          join event e on e.factory_id = v.factory_id and e.phase_id is not distinct from v.phase_id
            and e.earliest = v.earliest and e.status <> v.status and e.rule <> 'confirms'
          union all
          -- Both of the same status, and it began after it was so already: only a stop between them lets both be true.
          select v.factory_id, 1, 'status', v.id, e.id
          from status v
          join event e on e.factory_id = v.factory_id and e.phase_id is not distinct from v.phase_id
            and e.status = v.status
          where (e.date_meaning = 'began' and e.earliest > v.latest or v.date_meaning = 'began' and v.earliest > e.latest)
            and not exists (
              select from event x
              where x.factory_id = v.factory_id and x.phase_id is not distinct from v.phase_id
                and x.stage in ('stopped', 'ended')
                and x.earliest > least(v.earliest, e.earliest) and x.earliest < greatest(v.earliest, e.earliest))
          union all
          select factory_id, 2, 'location', claim_id, claim_id from place
          union all
          select v.factory_id, 2, 'location', v.claim_id, l.claim_id
          from place v join standing s on s.factory_id = v.factory_id join location l on l.claim_id = s.id
          where distance_km(sphere_point(v.lon, v.lat), sphere_point(l.lon, l.lat))
            > uncertain_km(v.precision, v.uncertainty_m) + uncertain_km(l.precision, l.uncertainty_m)
          union all
          select factory_id, 3, 'role', claim_id, claim_id from part
          union all
          select v.factory_id, 3, 'role', v.claim_id, p.claim_id
          from part v join part p on p.factory_id = v.factory_id and p.operator_id = v.operator_id and p.role = v.role and p.share <> v.share
          union all
          select factory_id, 4, 'figure', claim_id, claim_id from amount
          union all
          select v.factory_id, 4, 'figure', v.claim_id, s.id
          from amount v
          join standing s on s.factory_id = v.factory_id and s.kind = 'figure'
          join figure f on f.claim_id = s.id and f.property = v.property and f.scope = 'whole'
            and f.qualifier is not distinct from v.qualifier and f.product is not distinct from v.product
          join unit w on w.code = f.unit and w.reference_unit = v.reference_unit
          left join named n on n.phase_id = f.phase_id
          where n.phase_id is not distinct from v.phase_id
            and (f.value * w.factor, f.min * w.factor, f.max * w.factor, f.word)
              is distinct from (v.value * v.factor, v.min * v.factor, v.max * v.factor, v.word)
            and (f.for_date_earliest is null or v.for_date_earliest is null
              or f.for_date_earliest <= v.for_date_latest and f.for_date_latest >= v.for_date_earliest)
          union all
          select s.factory_id, case s.kind when 'depiction' then 5 else 6 end, s.kind, s.id, s.id
          from standing s where s.kind in ('depiction', 'membership')
        )
        select x.factory_id, x.field, x.of_claim, c.id, c.kind as claim_kind, coalesce(t.phase_id, g.phase_id) as phase_id,
          t.status, coalesce(t.date, r.valid) as date, t.date_meaning,
          g.property, g.value, g.min, g.max, g.word, g.unit, g.qualifier, g.product, g.for_date,
          (select o.slug from operator o where o.id = r.operator_id) as operator, r.role, r.share,
          l.lon, l.lat, l.precision, l.uncertainty_m, d.media_id, (select k.slug from region k where k.id = b.cluster_id) as cluster,
          c.basis, c.confidence, c.note, c.recorded_by, c.known_from as recorded_at,
          s.slug as source_slug, coalesce(v.title, v.publisher, s.slug) as source_name, v.url, v.published,
          e.id as evidence_id, e.locator_kind, e.locator_start, e.locator_end, e.note as evidence_note,
          e.recorded_by as evidence_by, e.known_from as evidence_at
        from value x
        join claim c on c.id = x.claim_id
        left join status_event t on t.claim_id = c.id
        left join figure g on g.claim_id = c.id
        left join role r on r.claim_id = c.id
        left join location l on l.claim_id = c.id
        left join depiction d on d.claim_id = c.id
        left join membership b on b.claim_id = c.id
        left join (
          evidence e
          left join source_version v on v.source_id = e.source_id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        ) on e.claim_id = c.id and {ClaimEvidenceView.IsVisible}
        left join source s on s.id = e.source_id
        order by x.factory_id, x.place, x.of_claim, x.claim_id, e.id;
        """;

    public required long FactoryId { get; init; }

    public required string Field { get; init; }

    /// <summary>The claim that the value comes from: this one, or the one that this one disagrees with.</summary>
    public required long OfClaim { get; init; }

    public required long Id { get; init; }

    public required string ClaimKind { get; init; }

    public long? PhaseId { get; init; }

    public string? Status { get; init; }

    public string? Date { get; init; }

    public string? DateMeaning { get; init; }

    public string? Property { get; init; }

    public decimal? Value { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Word { get; init; }

    public string? Unit { get; init; }

    public string? Qualifier { get; init; }

    public string? Product { get; init; }

    public string? ForDate { get; init; }

    public string? Operator { get; init; }

    public string? Role { get; init; }

    public decimal? Share { get; init; }

    public double? Lon { get; init; }

    public double? Lat { get; init; }

    public string? Precision { get; init; }

    public int? UncertaintyM { get; init; }

    public long? MediaId { get; init; }

    public string? Cluster { get; init; }

    public required string Basis { get; init; }

    public required string Confidence { get; init; }

    public string? Note { get; init; }

    public required string RecordedBy { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    public string? SourceSlug { get; init; }

    public string? SourceName { get; init; }

    public string? Url { get; init; }

    public string? Published { get; init; }

    public long? EvidenceId { get; init; }

    public string? LocatorKind { get; init; }

    public int? LocatorStart { get; init; }

    public int? LocatorEnd { get; init; }

    public string? EvidenceNote { get; init; }

    public string? EvidenceBy { get; init; }

    public DateTimeOffset? EvidenceAt { get; init; }

    /// <summary>The values of one factory, from its rows in their order.</summary>
    public static IReadOnlyList<ValueEvidenceView> Values(IEnumerable<EvidenceRow> rows) =>
        [.. rows.GroupBy(row => (row.Field, row.OfClaim)).Select(value =>
        {
            var claims = value.GroupBy(row => row.Id).ToDictionary(claim => claim.Key, claim => Stated([.. claim]));
            return new ValueEvidenceView
            {
                Field = value.Key.Field,
                Claim = claims[value.Key.OfClaim],
                Disagreeing = [.. claims.Values.Where(claim => claim.Id != value.Key.OfClaim)],
            };
        })];

    private static StatedView Stated(IReadOnlyList<EvidenceRow> rows)
    {
        var claim = rows[0];
        return new()
        {
            Id = claim.Id,
            PhaseId = claim.PhaseId,
            Status = claim.Status,
            Date = claim.Date,
            DateMeaning = claim.DateMeaning,
            Property = claim.Property,
            Value = claim.Value,
            Min = claim.Min,
            Max = claim.Max,
            Word = claim.Word,
            Unit = claim.Unit,
            Qualifier = claim.Qualifier,
            Product = claim.Product,
            ForDate = claim.ForDate,
            Operator = claim.Operator,
            Role = claim.Role,
            Share = claim.Share,
            Location = claim.Lon is null ? null : new(claim.Lon.Value, claim.Lat!.Value, claim.Precision!, claim.UncertaintyM),
            MediaId = claim.MediaId,
            Cluster = claim.Cluster,
            Basis = claim.Basis,
            Confidence = claim.Confidence,
            Note = claim.Note,
            RecordedBy = claim.RecordedBy,
            RecordedAt = claim.RecordedAt,
            Evidence = [.. rows.Where(row => row.SourceSlug is not null).Select(row => new ClaimEvidenceView
            {
                EvidenceId = row.EvidenceId!.Value,
                ClaimId = row.Id,
                ClaimKind = row.ClaimKind,
                SourceSlug = row.SourceSlug!,
                SourceName = row.SourceName!,
                Url = row.Url,
                Published = row.Published,
                LocatorKind = row.LocatorKind,
                LocatorStart = row.LocatorStart,
                LocatorEnd = row.LocatorEnd,
                Note = row.EvidenceNote,
                RecordedBy = row.EvidenceBy!,
                RecordedAt = row.EvidenceAt!.Value,
            })],
        };
    }
}
