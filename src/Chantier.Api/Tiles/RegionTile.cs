using System.ComponentModel;
using System.Text.Json;
using Chantier.Api.Http;
using Chantier.Api.Ogc;
using NetTopologySuite.Features;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;
using NetTopologySuite.Simplify;

namespace Chantier.Api.Tiles;

/// <summary>
/// GET …/regions/tiles/WebMercatorQuad/{z}/{y}/{x}.mvt: boundaries, cut to the tile and no finer than it can show; and
/// beside them a point for the name of each region, in the one tile where it lies, as a map would else write it in each
/// tile that a region is in.
/// </summary>
internal static class RegionTile
{
    public const string NamesId = "region_names";

    // Of a tile's side: how far shapes reach beyond it, so that their cut edges are not seen, and what cannot be told
    // apart.
    private const double Margin = 1.0 / 64;
    private const double Finest = 1.0 / 2048;

    private const double KmOfDegree = 111.2;

    private static readonly string[] Countries = ["country"];
    private static readonly string[] FirstParts = [.. Countries, "subdivision", "nuts1"];
    private static readonly string[] Parts = [.. FirstParts, "nuts2", "nuts3", "department", "cluster"];
    private static readonly string[] All = [.. Parts, "commune"];

    private const string Sql = """
        select r.slug, r.kind, v.name_fr, v.name_en, b.geometry::text as geometry
        from region r
        join region_version v on v.region_id = r.id and v.known_to = 'infinity'
        join boundary b on b.id = v.boundary_id
        where r.kind = any (@kinds) and b.min_lat <= @north and b.max_lat >= @south
          and case when b.min_lon <= b.max_lon then b.min_lon <= @east and b.max_lon >= @west else b.min_lon <= @east
            or b.max_lon >= @west end
        order by r.id;
        """;

    public static Task<IResult> Handle(
        [Description("The zoom, from 0 to 14.")] int z,
        [Description("The row, from 0 in the north.")] int y,
        [Description("The column, from 0 in the west.")] int x,
        [AsParameters] TileQuery query,
        Reading reading) => new TileAddress(z, y, x) is { IsThere: true } tile
            ? reading.MakeAsync(reading.Present, Format.Mvt, (snapshot, _) => MakeAsync(tile, snapshot), readsMuch: false)
            : Task.FromResult(TileFile.Missing());

    private static async Task<byte[]> MakeAsync(TileAddress tile, Snapshot snapshot)
    {
        var (aside, above) = ((tile.East - tile.West) * Margin, (tile.North - tile.South) * Margin);
        var window = new Envelope(tile.West - aside, tile.East + aside, Math.Max(tile.South - above, -Mercator.MostLat), Math.Min(tile.North + above, Mercator.MostLat));
        var rows = await snapshot.QueryAsync<Row>(Sql, new
        {
            kinds = tile.Zoom switch { < 4 => Countries, < 6 => FirstParts, < 9 => Parts, _ => All },
            west = window.MinX,
            east = window.MaxX,
            south = window.MinY,
            north = window.MaxY,
        });
        var frame = TileFile.Shapes.ToGeometry(window);
        var regions = rows.ConvertAll(row =>
        {
            var boundary = Read(row.Geometry);
            return new Region(row, Cut(boundary, window, frame, (tile.East - tile.West) * Finest), Middle(boundary), AreaKm2(boundary));
        });
        // The largest first, as the others lie upon them; and where there are too many to be sent, the smallest are
        // hardly seen.
        for (var most = regions.Count; ; most /= 2)
        {
            var made = Encode(tile, regions.OrderByDescending(region => region.AreaKm2).Take(most));
            if (made.Length <= TileFile.MostBytes || most <= 1)
            {
                return made;
            }
        }
    }

    private static byte[] Encode(TileAddress tile, IEnumerable<Region> regions)
    {
        var drawn = regions.ToList();
        return TileFile.Of(
            tile,
            (OgcCollection.Regions.Id, drawn.Where(region => !region.Shape.IsEmpty)
                .Select(region => (IFeature)new Feature(region.Shape, new AttributesTable(Attributes(region.Row))))),
            (NamesId, drawn.Where(region => tile.Has(region.Middle.Coordinate))
                .Select(region => (IFeature)new Feature(region.Middle, new AttributesTable(Attributes(region.Row)) { { "areaKm2", region.AreaKm2 } }))));
    }

    private static Dictionary<string, object> Attributes(Row row) => new() { ["slug"] = row.Slug, ["kind"] = row.Kind, ["nameFr"] = row.NameFr, ["nameEn"] = row.NameEn };

    // Of a country with islands, on its mainland.
    private static Point Middle(MultiPolygon boundary) => boundary.Geometries.MaxBy(part => part.Area)!.InteriorPoint;

    private static int AreaKm2(MultiPolygon boundary) => (int)boundary.Geometries.Sum(part => part.Area * KmOfDegree * KmOfDegree * Math.Cos(part.Centroid.Y * Math.PI / 180));

    private static MultiPolygon Cut(Geometry boundary, Envelope window, Geometry frame, double finest)
    {
        // What is simplified is made valid again, and of what that leaves only areas are drawn.
        var simple = DouglasPeuckerSimplifier.Simplify(boundary, finest);
        var cut = window.Contains(simple.EnvelopeInternal) ? simple : OverlayNGRobust.Overlay(simple, frame, SpatialFunction.Intersection);
        return TileFile.Shapes.CreateMultiPolygon([.. PolygonExtracter.GetPolygons(cut).Cast<Polygon>().Where(polygon => !polygon.IsEmpty)]);
    }

    private static MultiPolygon Read(string geometry)
    {
        using var document = JsonDocument.Parse(geometry);
        var coordinates = document.RootElement.GetProperty("coordinates");
        return TileFile.Shapes.CreateMultiPolygon(document.RootElement.GetProperty("type").GetString() == "Polygon"
            ? [Area(coordinates)]
            : [.. coordinates.EnumerateArray().Select(Area)]);
    }

    private static Polygon Area(JsonElement rings) =>
        TileFile.Shapes.CreatePolygon(Ring(rings[0]), [.. rings.EnumerateArray().Skip(1).Select(Ring)]);

    private static LinearRing Ring(JsonElement positions) =>
        TileFile.Shapes.CreateLinearRing([.. positions.EnumerateArray().Select(position => new Coordinate(position[0].GetDouble(), position[1].GetDouble()))]);

    private sealed record Region(Row Row, MultiPolygon Shape, Point Middle, int AreaKm2);

    private sealed record Row
    {
        public required string Slug { get; init; }

        public required string Kind { get; init; }

        public required string NameFr { get; init; }

        public required string NameEn { get; init; }

        public required string Geometry { get; init; }
    }
}
