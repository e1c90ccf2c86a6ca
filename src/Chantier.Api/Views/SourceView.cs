using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>A document that says something.</summary>
internal record SourceView : ListRow
{
    /// <summary>The sources known and published at a moment. Without any date, one counts from its recording.</summary>
    public const string From = """
        source s
        join source_version v on v.source_id = s.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        join source_version r on r.source_id = s.id and r.version = 1
          and is_published_by(@knownBy, @knownAt, v.published_latest, v.retrieved_at, r.known_from)
        """;

    public const string Columns = """
        s.id as source_id, s.slug, v.kind, v.title, v.publisher, v.url, v.archive_url, v.published, v.retrieved_at,
          v.language, v.licence, v.text_sha256, v.series, v.release, v.retracted, v.retraction_note,
          v.version, v.known_from as updated_at
        """;

    /// <summary>Only sources of claims about this factory, or about the one into which it was merged.</summary>
    public const string OfFactory = $"""
        s.id in (select e.source_id from slug g
          left join factory_merged m on m.loser_id = g.resource_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          cross join lateral unnest(merged_factory_ids(@knownBy, @knownAt, coalesce(m.survivor_id, g.resource_id))) as f (id)
          join claim c on c.factory_id = f.id and is_known(@knownBy, @knownAt, c)
          join evidence e on e.claim_id = c.id
          left join source_version v on v.source_id = e.source_id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where g.kind = 'factory' and g.slug = @factory and {ClaimEvidenceView.IsVisible})
        """;

    /// <summary>Joins the factories of @factories about which a source has claims: x, with factory_id.</summary>
    public const string OfFactories = $"""

        join (
          select distinct f.factory_id, e.source_id from unnest(@factories) as f (factory_id)
          join claim c on c.factory_id = any (merged_factory_ids(@knownBy, @knownAt, f.factory_id))
            and is_known(@knownBy, @knownAt, c)
          join evidence e on e.claim_id = c.id
          left join source_version v on v.source_id = e.source_id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where {ClaimEvidenceView.IsVisible}) x on x.source_id = s.id
        """;

    public static SortTable Sorts { get; } = new(
        "name",
        new SortKey("id", "bigint", "s.id"),
        new SortKey("name", "text", "v.sort_name"),
        new SortKey("published", "date", "coalesce(v.published_latest, 'infinity')", "coalesce(v.published_latest, '-infinity')"),
        new SortKey("updatedAt", "timestamptz", "v.known_from"));

    [JsonIgnore]
    public long SourceId { get; init; }

    public required string Slug { get; init; }

    [Among(nameof(Vocabularies.SourceKind))]
    public required string Kind { get; init; }

    public string? Title { get; init; }

    public string? Publisher { get; init; }

    public string? Url { get; init; }

    public string? ArchiveUrl { get; init; }

    /// <summary>EDTF, as precise as it is known.</summary>
    public string? Published { get; init; }

    public DateTimeOffset? RetrievedAt { get; init; }

    public string? Language { get; init; }

    public string? Licence { get; init; }

    /// <summary>A hash of the document's text, which is not kept here.</summary>
    public string? TextSha256 { get; init; }

    public string? Series { get; init; }

    public string? Release { get; init; }

    /// <summary>Why it was taken back; null while it stands.</summary>
    [Among(nameof(Vocabularies.EndReason))]
    public string? Retracted { get; init; }

    /// <summary>In the words of whoever took it back.</summary>
    public string? RetractionNote { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore]
    public long FactoryId { get; init; }
}
