using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>What a claim rests on: the source, where in it, and what the curator noted.</summary>
internal sealed record ClaimEvidenceView
{
    public const string OfClaimsSql = Select + """
        from unnest(@claims) as k (id)
        join claim c on c.id = k.id
        """ + Rest + "order by c.id, e.id;";

    private const string Select = """
        select c.id as claim_id, c.kind as claim_kind, s.slug as source_slug, coalesce(v.title, v.publisher, s.slug) as source_name, v.url, v.published,
          e.locator_kind, e.locator_start, e.locator_end, e.note, e.recorded_by, e.known_from as recorded_at

        """;

    private const string Rest = """

        join evidence e on e.claim_id = c.id and is_recorded(@knownBy, @knownAt, e.known_from, e.known_to)
        join source s on s.id = e.source_id
        left join source_version v on v.source_id = s.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)

        """;

    /// <summary>What include= embeds in claims, and where that is a list of its own.</summary>
    public static IReadOnlyDictionary<string, string> Included(Given<Codes>? include) =>
        include is null ? new Dictionary<string, string>() : new() { ["evidence"] = "/v1/sources/{slug}/claims" };

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
