using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>The evidence of a claim: the source, the place in it, and a note of the curator.</summary>
internal sealed record ClaimEvidenceView
{
    /// <summary>Whether evidence e, with the version v of its source, was known and published at the moment.</summary>
    public const string IsVisible = """
        is_recorded(@knownBy, @knownAt, e.known_from, e.known_to)
          and is_published_by(@knownBy, @knownAt, v.published_latest, v.retrieved_at, e.known_from)
        """;

    /// <summary>The slugs of the sources of a claim c, each looked up, as a join could read all sources for one.</summary>
    public const string SourceSlugs = $"""
        array(
            select distinct s.slug
            from evidence e
            cross join lateral (select x.slug from source x where x.id = e.source_id offset 0) s
            left join lateral (
              select w.published_latest, w.retrieved_at from source_version w
              where w.source_id = e.source_id and is_recorded(@knownBy, @knownAt, w.known_from, w.known_to)
              offset 0) v on true
            where e.claim_id = c.id and {IsVisible}
            order by s.slug)
        """;

    public const string OfClaimsSql = $"""
        select c.id as claim_id, c.kind as claim_kind, s.slug as source_slug,
          coalesce(v.title, v.publisher, s.slug) as source_name, v.url, v.published,
          e.id as evidence_id, e.locator_kind, e.locator_start, e.locator_end, e.note, e.recorded_by,
          e.known_from as recorded_at
        from unnest(@claims) as k (id)
        join claim c on c.id = k.id
        join evidence e on e.claim_id = c.id
        join source s on s.id = e.source_id
        left join source_version v on v.source_id = s.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        where {IsVisible}
        order by c.id, e.id;
        """;

    /// <summary>What include= embeds in claims, and the list that has it for formats without nested items.</summary>
    public static IReadOnlyDictionary<string, string> Included(Given<Codes>? include) =>
        include is null ? new Dictionary<string, string>() : new() { ["evidence"] = "/v1/sources/{slug}/claims" };

    /// <summary>The id by which it is withdrawn.</summary>
    public required long EvidenceId { get; init; }

    public required long ClaimId { get; init; }

    [Among(nameof(Vocabularies.ClaimKind))]
    public required string ClaimKind { get; init; }

    public SlugName Source => new(SourceSlug, SourceName);

    public string? Url { get; init; }

    public string? Published { get; init; }

    public LocatorView? Locator => LocatorKind is null ? null : new(LocatorKind, LocatorStart!.Value, LocatorEnd);

    /// <summary>In the curator's own words.</summary>
    public string? Note { get; init; }

    public required string RecordedBy { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    [JsonIgnore]
    public string SourceSlug { get; init; } = "";

    [JsonIgnore]
    public string SourceName { get; init; } = "";

    [JsonIgnore]
    public string? LocatorKind { get; init; }

    [JsonIgnore]
    public int? LocatorStart { get; init; }

    [JsonIgnore]
    public int? LocatorEnd { get; init; }
}
