using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Ogc;
using NetTopologySuite.Features;
using NetTopologySuite.Geometries;

namespace Chantier.Api.Tiles;

/// <summary>
/// GET …/factories/tiles/WebMercatorQuad/{z}/{y}/{x}.mvt: the factories in a tile, each in exactly one tile of a zoom.
/// Zoomed out, and wherever there are too many, those in one cell of a grid are one point that says how many they are.
/// </summary>
internal static class FactoryTile
{
    // A cell is 32 of a tile's 512 pixels, so that a circle with a readable number has room in it.
    private const int Cells = 16;

    // A map of a town: from here on, each factory is a point of its own.
    private const int SingleZoom = 12;

    private const int MostSingles = 2000;

    private const string InTile =
        "place.lon >= @west and place.lon < @east and place.lat > @south and place.lat <= @north";

    private const string Placed = """
        f.factory_id, f.status, mercator_x(place.lon) * @across::float8 as x,
          mercator_y(place.lat) * @across::float8 as y
        """;

    private const string EachHead =
        "select p.factory_id, 1 as count, p.x, p.y, array[coalesce(p.status, '')] as statuses, array[1] as counts\nfrom (";

    private const string EachTail = """

        order by f.factory_id
        limit 2001) p;
        """;

    private const string CellsHead = "with placed as (";

    private const string CellsTail = """
        ), part as (
          select least(@cells - 1, greatest(0, floor((x - @column) * @cells)))::int as cell_x,
            least(@cells - 1, greatest(0, floor((y - @row) * @cells)))::int as cell_y,
            coalesce(status, '') as status, count(*)::int as factories, sum(x) as x, sum(y) as y,
              min(factory_id) as factory_id
          from placed
          group by 1, 2, 3)
        select min(factory_id) as factory_id, sum(factories)::int as count, sum(x) / sum(factories) as x,
          sum(y) / sum(factories) as y, array_agg(status order by status) as statuses,
            array_agg(factories order by status) as counts
        from part
        group by cell_x, cell_y
        order by cell_y, cell_x;
        """;

    private const string NamesSql = """
        select f.id as factory_id, f.slug, v.name, v.sector, v.country
        from factory f
        join factory_version v on v.factory_id = f.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        where f.id = any (@factories);
        """;

    public static Task<IResult> Handle(
        [Description("The zoom, from 0 to 14.")] int z,
        [Description("The row, from 0 in the north.")] int y,
        [Description("The column, from 0 in the west.")] int x,
        [AsParameters] OgcFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] TileQuery query,
        Reading reading) => new TileAddress(z, y, x) is { IsThere: true } tile
            ? MakeAsync(tile, filter, axes, reading)
            : Task.FromResult(TileFile.Missing());

    private static async Task<IResult> MakeAsync(TileAddress tile, OgcFilter filter, TimeAxes axes, Reading reading)
    {
        var factories = filter.Factories with { MinPrecision = null };
        var lookup = await FactoryLookup.OfAsync(factories, axes, reading);
        SelectSql InTheTile()
        {
            var sql = FactoryPlaces.Join(FactorySql.Over(axes, "en"), axes);
            factories.Apply(sql, axes.IsPresent, lookup);
            if (filter.MinPrecision is { } precision)
            {
                sql.And("place" + FactoryFilter.IsPrecise, "precision", precision.Value.Values[0]);
            }

            // The last column ends with the world, and has what is on its edge.
            var east = tile.Column == tile.Across - 1 ? double.BitIncrement(180) : tile.East;
            return sql.And(InTile)
                .With("west", tile.West).With("east", east).With("south", tile.South).With("north", tile.North)
                .With("across", (double)tile.Across).With("column", tile.Column).With("row", tile.Row)
                .With("cells", Cells);
        }

        return await reading.MakeAsync(
            axes,
            Format.Mvt,
            async (snapshot, _) =>
            {
                if (tile.Zoom >= SingleZoom)
                {
                    var each = InTheTile();
                    var eachSql = each.Within(EachHead, Placed, EachTail);
                    var singles = await snapshot.QueryAsync<Spot>(eachSql, each.Parameters);
                    if (singles.Count <= MostSingles
                        && await EncodeAsync(tile, singles, axes, snapshot) is { Length: <= TileFile.MostBytes } made)
                    {
                        return made;
                    }
                }

                var cells = InTheTile();
                var cellsSql = cells.Within(CellsHead, Placed, CellsTail);
                var together = await snapshot.QueryAsync<Spot>(cellsSql, cells.Parameters);
                return await EncodeAsync(tile, together, axes, snapshot) is { Length: <= TileFile.MostBytes } named
                    ? named
                    : Encode(tile, together, []);
            },
            readsMuch: true);
    }

    // With the names of factories that are points of their own.
    private static async Task<byte[]> EncodeAsync(
        TileAddress tile, IReadOnlyList<Spot> spots, TimeAxes axes, Snapshot snapshot)
    {
        var factories = spots.Where(spot => spot.Count == 1).Select(spot => spot.FactoryId).ToArray();
        var names = factories.Length == 0
            ? []
            : await snapshot.QueryAsync<Named>(NamesSql, new { factories, knownBy = axes.Sense, knownAt = axes.Known });
        return Encode(tile, spots, names.ToDictionary(named => named.FactoryId));
    }

    private static byte[] Encode(TileAddress tile, IReadOnlyList<Spot> spots, Dictionary<long, Named> names) =>
        TileFile.Of(tile, (OgcCollection.Factories.Id, spots.Select(spot =>
        {
            var attributes = new AttributesTable { { "count", spot.Count } };
            if (spot.Count == 1 && names.TryGetValue(spot.FactoryId, out var named))
            {
                attributes.Add("slug", named.Slug);
                attributes.Add("name", named.Name);
                attributes.Add("sector", named.Sector);
                attributes.Add("country", named.Country);
                if (spot.Statuses[0].Length > 0)
                {
                    attributes.Add("status", spot.Statuses[0]);
                }
            }

            for (var i = 0; i < spot.Statuses.Length; i++)
            {
                if (spot.Statuses[i].Length > 0)
                {
                    attributes.Add(spot.Statuses[i], spot.Counts[i]);
                }
            }

            var place = new Coordinate(Mercator.Lon(spot.X / tile.Across), Mercator.Lat(spot.Y / tile.Across));
            return (IFeature)new Feature(TileFile.Shapes.CreatePoint(place), attributes);
        })));

    private sealed record Named
    {
        public required long FactoryId { get; init; }

        public required string Slug { get; init; }

        public required string Name { get; init; }

        public required string Sector { get; init; }

        public required string Country { get; init; }
    }
}
