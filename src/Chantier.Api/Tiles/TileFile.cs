using Chantier.Api.Http;
using NetTopologySuite.Features;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO.VectorTiles;
using NetTopologySuite.IO.VectorTiles.Mapbox;

namespace Chantier.Api.Tiles;

/// <summary>A tile as it is sent: Mapbox Vector Tile 2.1.</summary>
internal static class TileFile
{
    /// <summary>The most bytes of a tile.</summary>
    public const int MostBytes = 500_000;

    /// <summary>Makes shapes in degrees, WGS 84.</summary>
    public static GeometryFactory Shapes { get; } = new(new PrecisionModel(), 4326);

    /// <summary>
    /// Of shapes in degrees. A layer with nothing in it is left out, and a tile without layers is empty, as the format
    /// has it.
    /// </summary>
    public static byte[] Of(TileAddress tile, params IEnumerable<(string Name, IEnumerable<IFeature> Features)> layers)
    {
        var made = new VectorTile { TileId = new NetTopologySuite.IO.VectorTiles.Tiles.Tile(tile.Column, tile.Row, tile.Zoom).Id };
        foreach (var (name, features) in layers)
        {
            var layer = new Layer { Name = name };
            foreach (var feature in features)
            {
                layer.Features.Add(feature);
            }

            if (layer.Features.Count > 0)
            {
                made.Layers.Add(layer);
            }
        }

        if (made.Layers.Count == 0)
        {
            return [];
        }

        using var stream = new MemoryStream();
        made.Write(stream, minLinealExtent: 1, minPolygonalExtent: 1);
        return stream.ToArray();
    }

    public static IResult Missing() => Problem.Of(
        404, "not-found", "There is no such tile", $"WebMercatorQuad has zooms 0 to {TileAddress.MostZoom} here, and at zoom z rows and columns 0 to 2^z - 1. Deeper, enlarge the tile of zoom {TileAddress.MostZoom}.").ToResult();
}
