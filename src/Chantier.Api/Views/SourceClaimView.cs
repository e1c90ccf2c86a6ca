using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>A claim of any kind with its evidence from one document: the content, and the place in it.</summary>
internal sealed record SourceClaimView : ClaimView
{
    public const string From = """
        evidence e
        join claim c on c.id = e.claim_id and is_known(@knownBy, @knownAt, c)
        left join source_version v on v.source_id = e.source_id
          and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        """ + Joins;

    public const string Columns = $"""
        {ContentColumns},
          e.id as evidence_id, e.locator_kind, e.locator_start, e.locator_end, e.note, {AloneSql} as rests_on_this_alone
        """;

    /// <summary>Whether the claim would end with the source, because no other source supports it.</summary>
    public const string AloneSql = """
        (c.kind <> 'merge' and not exists (
          select from evidence o
          left join source_version ov on ov.source_id = o.source_id
            and is_recorded(@knownBy, @knownAt, ov.known_from, ov.known_to)
          where o.claim_id = c.id and o.source_id <> e.source_id
            and is_recorded(@knownBy, @knownAt, o.known_from, o.known_to)
            and is_published_by(@knownBy, @knownAt, ov.published_latest, ov.retrieved_at, o.known_from)))
        """;

    public static SortTable Sorts { get; } = new("id", new SortKey("evidence", "bigint", "e.id"), new SortKey("id", "bigint", "e.claim_id"));

    public LocatorView? Locator => LocatorKind is null ? null : new(LocatorKind, LocatorStart!.Value, LocatorEnd);

    /// <summary>In the curator's own words.</summary>
    public string? Note { get; init; }

    /// <summary>Whether no other source supports it, so that it would end with the document.</summary>
    public required bool RestsOnThisAlone { get; init; }

    [JsonIgnore]
    public long EvidenceId { get; init; }

    [JsonIgnore]
    public string? LocatorKind { get; init; }

    [JsonIgnore]
    public int? LocatorStart { get; init; }

    [JsonIgnore]
    public int? LocatorEnd { get; init; }
}
