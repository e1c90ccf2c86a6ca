using Chantier.Api.Ogc;
using NetTopologySuite.Geometries;

namespace Chantier.Api.Tiles;

/// <summary>
/// A tile of WebMercatorQuad: how far one is zoomed in, and the row and column from the north-west corner of the world.
/// </summary>
internal sealed record TileAddress(int Zoom, int Row, int Column)
{
    /// <summary>Deeper, clients enlarge: no place here is known better.</summary>
    public const int MostZoom = 14;

    public bool IsThere => Zoom is >= 0 and <= MostZoom && Row >= 0 && Row < Across && Column >= 0 && Column < Across;

    /// <summary>The number of tiles on a side of the world.</summary>
    public int Across => 1 << Zoom;

    public double West => Mercator.Lon((double)Column / Across);

    public double East => Mercator.Lon((double)(Column + 1) / Across);

    public double North => Mercator.Lat((double)Row / Across);

    public double South => Mercator.Lat((double)(Row + 1) / Across);

    /// <summary>True for a place, in degrees, that is in this tile and in none of its neighbours.</summary>
    public bool Has(Coordinate place) => place.X >= West && place.X < East && place.Y > South && place.Y <= North;
}
