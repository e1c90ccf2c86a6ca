using System.Text.Json.Serialization;

namespace Chantier.Api.Ogc;

/// <summary>A link of a document under /ogc; always absolute, as some clients resolve no others.</summary>
internal sealed record OgcLink(string Href, string Rel, string Type, string? Title = null)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Title { get; init; } = Title;

    /// <summary>Whether href has places to fill in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Templated { get; init; }
}

internal sealed record OgcLanding(string Title, string Description, IReadOnlyList<OgcLink> Links);

internal sealed record OgcConformance(IReadOnlyList<string> ConformsTo);

internal sealed record OgcCollections(IReadOnlyList<OgcLink> Links, IReadOnlyList<string> Crs, IReadOnlyList<OgcCollectionView> Collections);

/// <summary>A collection: where its features are, and what they reach over.</summary>
internal sealed record OgcCollectionView
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OgcExtent? Extent { get; init; }

    public string ItemType { get; } = "feature";

    public required IReadOnlyList<string> Crs { get; init; }

    public string StorageCrs { get; } = OgcCrs.Crs84.Uri;

    public required IReadOnlyList<OgcLink> Links { get; init; }
}

internal sealed record OgcExtent(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OgcSpatialExtent? Spatial,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OgcTemporalExtent? Temporal);

internal sealed record OgcSpatialExtent(IReadOnlyList<IReadOnlyList<double>> Bbox, string Crs);

/// <summary>From the first status to now, which has no end.</summary>
internal sealed record OgcTemporalExtent(IReadOnlyList<IReadOnlyList<string?>> Interval, string Trs);
