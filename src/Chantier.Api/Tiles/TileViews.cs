using System.Text.Json.Serialization;
using Chantier.Api.Ogc;

namespace Chantier.Api.Tiles;

/// <summary>The tilesets of a collection; there is one for each way that tiles are cut.</summary>
internal sealed record TilesetsView(IReadOnlyList<OgcLink> Links, IReadOnlyList<TilesetView> Tilesets);

/// <summary>A tileset (OGC 17-083r4 §7).</summary>
internal sealed record TilesetView
{
    public required string Title { get; init; }

    public string DataType { get; } = "vector";

    public string Crs { get; } = "http://www.opengis.net/def/crs/EPSG/0/3857";

    public string TileMatrixSetURI { get; } = TileMatrices.Uri;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MatrixLimits>? TileMatrixSetLimits { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TileLayerView>? Layers { get; init; }

    public required IReadOnlyList<OgcLink> Links { get; init; }
}

internal sealed record MatrixLimits(string TileMatrix, int MinTileRow, int MaxTileRow, int MinTileCol, int MaxTileCol);

internal sealed record TileLayerView(string Id, string Title, string DataType, int GeometryDimension, TileSchemaView PropertiesSchema);

internal sealed record TileSchemaView(string Type, IReadOnlyDictionary<string, TilePropertyView> Properties);

internal sealed record TilePropertyView(string Type, string Description);

/// <summary>The same for web maps (TileJSON 3.0.0).</summary>
internal sealed record TileJsonView
{
    public string Tilejson { get; } = "3.0.0";

    public required string Name { get; init; }

    public required string Description { get; init; }

    public string Scheme { get; } = "xyz";

    public required IReadOnlyList<string> Tiles { get; init; }

    public int Minzoom { get; }

    public int Maxzoom { get; } = TileAddress.MostZoom;

    public IReadOnlyList<double> Bounds { get; } = [-180, -Mercator.MostLat, 180, Mercator.MostLat];

    [JsonPropertyName("vector_layers")]
    public required IReadOnlyList<TileJsonLayer> VectorLayers { get; init; }
}

internal sealed record TileJsonLayer(string Id, string Description, int Minzoom, int Maxzoom, IReadOnlyDictionary<string, string> Fields);

internal sealed record MatrixSetsView(IReadOnlyList<MatrixSetItem> TileMatrixSets);

internal sealed record MatrixSetItem(string Id, string Title, string Uri, string Crs, IReadOnlyList<OgcLink> Links);

/// <summary>How tiles are cut (OGC 17-083r4 §6).</summary>
internal sealed record MatrixSetView(string Id, string Title, string Uri, string Crs, string WellKnownScaleSet, IReadOnlyList<MatrixView> TileMatrices);

internal sealed record MatrixView(
    string Id, double ScaleDenominator, double CellSize, IReadOnlyList<double> PointOfOrigin, int TileWidth, int TileHeight, int MatrixWidth, int MatrixHeight);
