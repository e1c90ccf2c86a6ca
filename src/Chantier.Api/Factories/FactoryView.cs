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

    /// <summary>Those whose role held on the date asked for, operators first; once each, however many claims say so.</summary>
    public IEnumerable<RoleRef> Operators => OperatorSlugs
        .Select((slug, i) => (Role: new RoleRef(slug, OperatorNames[i], OperatorRoles[i]), From: OperatorFroms[i], To: OperatorTos[i]))
        .Where(part => part.From <= AsOf && part.To >= AsOf)
        .Select(part => part.Role)
        .Distinct();

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

    public CapacityView? Capacity => CapacityUnit is null
        ? null
        : new(CapacityValue, CapacityMin, CapacityMax, CapacityWord, CapacityUnit, CapacityQualifier, CapacityProduct);

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

    [JsonIgnore]
    public DateOnly[] OperatorFroms { get; init; } = [];

    [JsonIgnore]
    public DateOnly[] OperatorTos { get; init; } = [];

    [JsonIgnore]
    public decimal? CapacityValue { get; init; }

    [JsonIgnore]
    public decimal? CapacityMin { get; init; }

    [JsonIgnore]
    public decimal? CapacityMax { get; init; }

    [JsonIgnore]
    public string? CapacityWord { get; init; }

    [JsonIgnore]
    public string? CapacityUnit { get; init; }

    [JsonIgnore]
    public string? CapacityQualifier { get; init; }

    [JsonIgnore]
    public string? CapacityProduct { get; init; }
}
