using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Regions;

/// <summary>A country, subdivision, NUTS unit, department, commune, or an industrial cluster.</summary>
[Geometries("Polygon", "MultiPolygon")]
internal record RegionView : ListRow, IPlaced
{
    public const string From = """
        region r
        join region_version v on v.region_id = r.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        left join region p on p.id = v.parent_id
        left join region_version pv on pv.region_id = p.id and is_recorded(
          @knownBy, @knownAt, pv.known_from, pv.known_to)
        left join boundary b on b.id = v.boundary_id
        """;

    public const string Columns = """
        r.id as region_id, r.slug, r.kind, case @lang when 'fr' then v.name_fr else v.name_en end as name, v.name_fr,
          v.name_en, v.name_local, p.slug as parent_slug, case @lang when 'fr' then pv.name_fr else pv.name_en end as parent_name,
          b.min_lon, b.min_lat, b.max_lon, b.max_lat,
          array(select n.scheme from identifier n where n.kind = 'region' and n.resource_id = r.id
                and is_recorded(@knownBy, @knownAt, n.known_from, n.known_to)
                order by n.scheme, n.value) as code_schemes,
          array(select n.value from identifier n where n.kind = 'region' and n.resource_id = r.id
                and is_recorded(@knownBy, @knownAt, n.known_from, n.known_to)
                order by n.scheme, n.value) as code_values,
          v.version, v.known_from as updated_at
        """;

    /// <summary>The boundary, which is large and only read for formats that show it.</summary>
    public const string Boundary = ", b.geometry::text as geometry";

    public static SortTable Sorts { get; } = new(
        "name",
        new SortKey("id", "bigint", "r.id"),
        new SortKey("name", "text", "v.sort_name"),
        new SortKey("updatedAt", "timestamptz", "v.known_from"));

    public required string Slug { get; init; }

    [Among(nameof(Vocabularies.RegionKind))]
    public required string Kind { get; init; }

    /// <summary>The name in the language asked for.</summary>
    public required string Name { get; init; }

    public RegionNames Names => new(NameFr, NameEn, NameLocal);

    /// <summary>Its codes by scheme, such as iso3166-2 or nuts.</summary>
    public IReadOnlyDictionary<string, string> Codes => CodeSchemes.Zip(CodeValues).DistinctBy(c => c.First).ToDictionary(c => c.First, c => c.Second);

    public SlugName? Parent => ParentSlug is null ? null : new(ParentSlug, ParentName ?? ParentSlug);

    /// <summary>The box around its boundary: west, south, east, north; null without a boundary.</summary>
    public double[]? Bbox => MinLon is null ? null : [MinLon.Value, MinLat!.Value, MaxLon!.Value, MaxLat!.Value];

    /// <summary>
    /// The number of factories in it at the time asked for, with those of the regions below it and its members.
    /// </summary>
    public required long FactoryCount { get; set; }

    public required int Version { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    string IPlaced.FeatureId => Slug;

    void IPlaced.WriteGeometry(Utf8JsonWriter writer)
    {
        if (Geometry is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteRawValue(Geometry, skipInputValidation: true);
        }
    }

    [JsonIgnore]
    public long RegionId { get; init; }

    [JsonIgnore]
    public string NameFr { get; init; } = "";

    [JsonIgnore]
    public string NameEn { get; init; } = "";

    [JsonIgnore]
    public string? NameLocal { get; init; }

    [JsonIgnore]
    public string? ParentSlug { get; init; }

    [JsonIgnore]
    public string? ParentName { get; init; }

    [JsonIgnore]
    public double? MinLon { get; init; }

    [JsonIgnore]
    public double? MinLat { get; init; }

    [JsonIgnore]
    public double? MaxLon { get; init; }

    [JsonIgnore]
    public double? MaxLat { get; init; }

    [JsonIgnore]
    public string[] CodeSchemes { get; init; } = [];

    [JsonIgnore]
    public string[] CodeValues { get; init; } = [];

    [JsonIgnore]
    public string? Geometry { get; init; }
}

/// <summary>The names of a region.</summary>
internal sealed record RegionNames(string Fr, string En, string? Local);

/// <summary>A region with the chain of regions that it is in, and the counts of its factories by status.</summary>
internal sealed record RegionDetail : RegionView
{
    /// <summary>The regions that it is in, the nearest first.</summary>
    public IReadOnlyList<SlugName> Ancestors { get; set; } = [];

    public IReadOnlyList<StatusCount> FactoriesByStatus { get; set; } = [];
}

/// <summary>The number of factories with a status; null counts those without any.</summary>
internal sealed record StatusCount
{
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    public required long Factories { get; init; }
}
