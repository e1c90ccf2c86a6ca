using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>A claim of any kind, as it rests on one document: what it says, and where that stands.</summary>
internal sealed record SourceClaimView : ClaimView
{
    public const string From = """
        evidence e
        join claim c on c.id = e.claim_id and is_known(@knownBy, @knownAt, c)
        """ + Joins;

    public const string Columns = ContentColumns + ", e.id as evidence_id, e.locator_kind, e.locator_start, e.locator_end, e.note, " + AloneSql + " as rests_on_this_alone";

    /// <summary>Whether the claim would end with the source: what nothing else says.</summary>
    public const string AloneSql = """
        (c.kind <> 'merge' and not exists (
          select from evidence o where o.claim_id = c.id and o.source_id <> e.source_id and is_recorded(@knownBy, @knownAt, o.known_from, o.known_to)))
        """;

    public static SortTable Sorts { get; } = new("id", new SortKey("evidence", "bigint", "e.id"), new SortKey("id", "bigint", "e.claim_id"));

    public LocatorView? Locator => LocatorKind is null ? null : new(LocatorKind, LocatorStart!.Value, LocatorEnd);

    /// <summary>In the curator's own words.</summary>
    public string? Note { get; init; }

    /// <summary>Whether nothing else says it, so that it would end with the document.</summary>
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
