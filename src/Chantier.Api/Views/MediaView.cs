using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>An image, video, satellite view or document that depicts a site. The tracker links to it and does not copy it.</summary>
internal sealed record MediaView : ListRow
{
    /// <summary>The media known at a moment. A medium is published when a claim that it shows a factory is.</summary>
    public const string From = """
        media a
        join media_version v on v.media_id = a.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          and (@knownBy = 'recorded' or exists (
            select from depiction d join claim c on c.id = d.claim_id and is_known(@knownBy, @knownAt, c)
            where d.media_id = a.id))
        """;

    public const string Columns = $"""
        a.id, v.url, v.kind, v.title, v.caption_fr, v.caption_en, v.alt_text, v.credit, v.licence, v.captured, v.mime,
          v.width, v.height, v.sha256, v.link_state, v.link_checked_at, v.version, v.known_from as updated_at,
          array(select x.slug {Depicted} group by x.slug, t.name order by x.slug) as factory_slugs,
          array(select t.name {Depicted} group by x.slug, t.name order by x.slug) as factory_names,
          array(
            select distinct s.slug
            from depiction d
            join claim c on c.id = d.claim_id and is_known(@knownBy, @knownAt, c)
            join evidence e on e.claim_id = c.id
            join source s on s.id = e.source_id
            left join source_version v on v.source_id = s.id
              and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
            where d.media_id = a.id and {ClaimEvidenceView.IsVisible}
            order by s.slug) as sources
        """;

    /// <summary>With asOf, a medium captured later is left out: it does not show that day.</summary>
    public const string CapturedByThen = "(v.captured_earliest is null or v.captured_earliest <= @asOf)";

    /// <summary>Only media that depict one of these factories, or the one into which it was merged.</summary>
    public const string OfFactory = """
        a.id in (select d.media_id from slug g
          left join factory_merged m on m.loser_id = g.resource_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          cross join lateral unnest(merged_factory_ids(@knownBy, @knownAt, coalesce(m.survivor_id, g.resource_id))) as f (id)
          join claim c on c.factory_id = f.id and c.kind = 'depiction' and is_known(@knownBy, @knownAt, c)
          join depiction d on d.claim_id = c.id
          where g.kind = 'factory' and g.slug = any (@factory))
        """;

    private const string Depicted = """
        from depiction d
            join claim c on c.id = d.claim_id and is_known(@knownBy, @knownAt, c)
            left join factory_merged m on m.loser_id = c.factory_id
              and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
            join factory_version t on t.factory_id = coalesce(m.survivor_id, c.factory_id)
              and is_recorded(@knownBy, @knownAt, t.known_from, t.known_to)
            join factory x on x.id = t.factory_id
            where d.media_id = a.id
        """;

    public static SortTable Sorts { get; } = new("id", new SortKey("id", "bigint", "a.id"), new SortKey("id", "bigint", "a.id"));

    public required long Id { get; init; }

    public required string Url { get; init; }

    [Among(nameof(Vocabularies.MediaKind))]
    public required string Kind { get; init; }

    public string? Title { get; init; }

    public Bilingual? Caption => Bilingual.Of(CaptionFr, CaptionEn);

    public string? AltText { get; init; }

    public string? Credit { get; init; }

    /// <summary>An SPDX identifier, a rights statement, or unknown.</summary>
    public required string Licence { get; init; }

    public string? Captured { get; init; }

    public string? Mime { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    public string? Sha256 { get; init; }

    [Among(nameof(Vocabularies.LinkState))]
    public required string LinkState { get; init; }

    public DateTimeOffset? LinkCheckedAt { get; init; }

    public IEnumerable<SlugName> Factories => FactorySlugs.Zip(FactoryNames, (slug, name) => new SlugName(slug, name));

    public string[] Sources { get; init; } = [];

    public required int Version { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore]
    public long FactoryId { get; init; }

    [JsonIgnore]
    public string? CaptionFr { get; init; }

    [JsonIgnore]
    public string? CaptionEn { get; init; }

    [JsonIgnore]
    public string[] FactorySlugs { get; init; } = [];

    [JsonIgnore]
    public string[] FactoryNames { get; init; } = [];
}
