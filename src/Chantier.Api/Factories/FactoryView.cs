using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Factories;

/// <summary>A factory in a list: flat, and the same in every format.</summary>
[Geometries("Point")]
internal record FactoryView : ListRow, IPlaced
{
    private CapacitySum? _sum;

    [JsonIgnore]
    public long FactoryId { get; init; }

    public required string Slug { get; init; }

    public required string Name { get; init; }

    public required string Sector { get; init; }

    public string[] Products { get; init; } = [];

    public required string Country { get; init; }

    public SlugName? Region => RegionSlug is null ? null : new(RegionSlug, RegionName!);

    public string? Locality { get; init; }

    public LocationView? Location => Lon is null ? null : new(Lon.Value, Lat!.Value, LocationPrecision!, LocationUncertaintyM);

    /// <summary>
    /// Those whose role is valid on the date asked for, operators first; once each, however many claims say so.
    /// </summary>
    public IEnumerable<RoleRef> Operators => OperatorSlugs.Select((slug, i) => new RoleRef(slug, OperatorNames[i], OperatorRoles[i]));

    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    [Among(nameof(Vocabularies.Stage))]
    public string? Stage { get; init; }

    /// <summary>EDTF, as the source gave it.</summary>
    public string? StatusSince { get; init; }

    [Among(nameof(Vocabularies.DateMeaning))]
    public string? StatusDateMeaning { get; init; }

    [Among(nameof(Vocabularies.Basis))]
    public string? StatusBasis { get; init; }

    public string? LastConfirmedOn { get; init; }

    /// <summary>One entry for each product and physical quantity, the first product of the factory first.</summary>
    public IReadOnlyList<CapacityView> Capacity => Sum.Entries;

    /// <summary>
    /// phases where the capacity is the sum of phases, site where a figure is of the whole site; null where none is
    /// known.
    /// </summary>
    [Among(nameof(Vocabularies.CapacityBasis))]
    public string? CapacityBasis => Sum.Basis;

    /// <summary>Whether a phase that counts has no figure, so that the capacity is at least this.</summary>
    public bool CapacityIsPartial => Sum.IsPartial;

    public int PhaseCount { get; init; }

    public int MediaCount { get; init; }

    public int SourceCount { get; init; }

    /// <summary>Kilometres from the point that near= named; left out without it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DistanceKm { get; init; }

    public int Version { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SlugName>? Regions { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RoleView>? Roles { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PhaseView>? Phases { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StatusEventView>? StatusEvents { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FigureView>? Figures { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MediaView>? Media { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SourceView>? Sources { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ValueEvidenceView>? Evidence { get; set; }

    string IPlaced.FeatureId => Slug;

    void IPlaced.WriteGeometry(Utf8JsonWriter writer)
    {
        if (Lon is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, "Point"u8);
        writer.WriteStartArray("coordinates"u8);
        writer.WriteNumberValue(Lon.Value);
        writer.WriteNumberValue(Lat!.Value);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // The columns that the nested properties above are made of.
    [JsonIgnore]
    public DateOnly AsOf { get; init; }

    [JsonIgnore]
    public string? RegionSlug { get; init; }

    [JsonIgnore]
    public string? RegionName { get; init; }

    [JsonIgnore]
    public double? Lon { get; init; }

    [JsonIgnore]
    public double? Lat { get; init; }

    [JsonIgnore]
    public string? LocationPrecision { get; init; }

    [JsonIgnore]
    public int? LocationUncertaintyM { get; init; }

    [JsonIgnore]
    public string[] OperatorSlugs { get; init; } = [];

    [JsonIgnore]
    public string[] OperatorNames { get; init; } = [];

    [JsonIgnore]
    public string[] OperatorRoles { get; init; } = [];

    /// <summary>The capacity as factory_current holds it, as JSON.</summary>
    [JsonIgnore]
    public string? CapacityEntries { get; init; }

    /// <summary>The first entry of the capacity, for formats that have room for one.</summary>
    [JsonIgnore]
    public CapacityView? MainCapacity => Capacity is [var main, ..] ? main : null;

    [JsonIgnore]
    public string? EntriesBasis { get; init; }

    [JsonIgnore]
    public bool EntriesArePartial { get; init; }

    /// <summary>The parts of the capacity of a past day, as JSON; null where the entries are given.</summary>
    [JsonIgnore]
    public string? CapacityParts { get; init; }

    private CapacitySum Sum => _sum ??= CapacityParts is null
        ? CapacitySum.OfEntries(CapacityEntries, EntriesBasis, EntriesArePartial)
        : CapacitySum.OfParts(CapacityParts, Products, AsOf);
}
