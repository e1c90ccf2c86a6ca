using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Ogc;
using Chantier.Api.Search;
using NetTopologySuite.Features;
using NetTopologySuite.Geometries;

namespace Chantier.Api.Tiles;

/// <summary>
/// GET …/factories/tiles/WebMercatorQuad/{z}/{y}/{x}.mvt: those in a tile, each counted exactly once among all tiles of a zoom. Zoomed
/// out, and wherever there are too many, those in one cell of a grid are taken together and say how many they are. What had been published
/// by some moment is told with today's names and places: a place often comes from a source without a date, and would be on no such map.
/// </summary>
internal static class FactoryTile
{
    // Of a tile of 512 pixels, cells of 32: a circle with a number that can be read has room in each.
    private const int Cells = 16;

    // Whose cells are those of factory_cell: zoomed out so far, a tile shows a large part of the world.
    private const int KeptZoom = 5;

    // A map of a town: from here on, each stands for itself.
    private const int SingleZoom = 12;

    private const int MostSingles = 2000;

    private const string OwnPlace = "\ncross join lateral (select f.lon, f.lat, f.location_precision) place";

    private const string PlaceToday = "\njoin factory_state place on place.factory_id = f.factory_id and place.known_to = 'infinity'";

    private const string InTile = "place.lon >= @west and place.lon < @east and place.lat > @south and place.lat <= @north";

    private const string Placed = """
        f.factory_id, f.status, mercator_x(place.lon) * @across::float8 as x, mercator_y(place.lat) * @across::float8 as y
        """;

    private const string EachHead = "select p.factory_id, 1 as count, p.x, p.y, array[coalesce(p.status, '')] as statuses, array[1] as counts from (";

    private const string EachTail = """

        order by f.factory_id
        limit @most) p;
        """;

    private const string CellsHead = "with placed as (";

    private const string CellsTail = """
        ), part as (
          select least(@cells - 1, greatest(0, floor((x - @column) * @cells)))::int as cell_x, least(@cells - 1, greatest(0, floor((y - @row) * @cells)))::int as cell_y,
            coalesce(status, '') as status, count(*)::int as factories, sum(x) as x, sum(y) as y, min(factory_id) as factory_id
          from placed
          group by 1, 2, 3)
        select min(factory_id) as factory_id, sum(factories)::int as count, sum(x) / sum(factories) as x, sum(y) / sum(factories) as y,
          array_agg(status order by status) as statuses, array_agg(factories order by status) as counts
        from part
        group by cell_x, cell_y
        order by cell_y, cell_x;
        """;

    // Of all factories of the present, from the cells that are kept with the writes; of a cell of several, none is named.
    private const string KeptSql = """
        with part as (
          select cell_y >> @finer as cell_y, cell_x >> @finer as cell_x, status, sum(factories)::int as factories, sum(x) as x, sum(y) as y, sum(ids) as ids
          from factory_cell
          where factories > 0 and cell_y between @row * @side and (@row + 1) * @side - 1 and cell_x between @column * @side and (@column + 1) * @side - 1
          group by 1, 2, 3)
        select case when sum(factories) = 1 then sum(ids)::bigint else 0 end as factory_id, sum(factories)::int as count,
          (sum(x) / sum(factories))::float8 / 4294967296 * @across as x, (sum(y) / sum(factories))::float8 / 4294967296 * @across as y,
          array_agg(status order by status) as statuses, array_agg(factories order by status) as counts
        from part
        group by cell_y, cell_x
        order by cell_y, cell_x;
        """;

    private const string NamesSql = "select f.factory_id, f.slug, f.name, f.sector, f.country from factory_state f where f.factory_id = any (@factories) and f.known_from <= @knownAt and f.known_to > @knownAt;";

    public static Task<IResult> Handle(
        [Description("How far one is zoomed in, from 0 to 14.")] int z,
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
        var words = await SearchedFor.OfAsync("factory", filter.Q, axes, reading);
        SelectSql InTheTile()
        {
            var sql = FactorySql.Over(axes, filter.OnlyRegion, "en");
            _ = axes.IsPublished ? sql.Join(PlaceToday) : sql.Join(OwnPlace);
            (filter.Factories with { MinPrecision = null }).Apply(sql, regionsToo: filter.OnlyRegion is null, words);
            if (filter.MinPrecision is { } precision)
            {
                sql.And("place" + FactoryFilter.IsPrecise, "precision", precision.Value.Values[0]);
            }

            // The last column ends with the world, and has what lies on its edge.
            var east = tile.Column == tile.Across - 1 ? double.BitIncrement(180) : tile.East;
            return sql.And(InTile).With("west", tile.West).With("east", east).With("south", tile.South).With("north", tile.North)
                .With("across", (double)tile.Across).With("column", tile.Column).With("row", tile.Row).With("cells", Cells).With("most", MostSingles + 1);
        }

        Task<List<Spot>> TogetherAsync(Snapshot snapshot)
        {
            var sql = InTheTile();
            return snapshot.QueryAsync<Spot>(sql.Within(CellsHead, Placed, CellsTail), sql.Parameters);
        }

        var isKept = tile.Zoom <= KeptZoom && axes.IsPresent && filter == new OgcFilter();
        return await reading.MakeAsync(
            axes,
            Format.Mvt,
            async (snapshot, _) =>
            {
                if (isKept)
                {
                    var finer = KeptZoom - tile.Zoom;
                    var kept = new { row = tile.Row, column = tile.Column, finer, side = Cells << finer, across = (double)tile.Across };
                    return await EncodeAsync(tile, await snapshot.QueryAsync<Spot>(KeptSql, kept), axes, snapshot);
                }

                if (tile.Zoom >= SingleZoom)
                {
                    var each = InTheTile();
                    var singles = await snapshot.QueryAsync<Spot>(each.Within(EachHead, Placed, EachTail), each.Parameters);
                    if (singles.Count <= MostSingles && await EncodeAsync(tile, singles, axes, snapshot) is { Length: <= TileFile.MostBytes } made)
                    {
                        return made;
                    }
                }

                var together = await TogetherAsync(snapshot);
                return await EncodeAsync(tile, together, axes, snapshot) is { Length: <= TileFile.MostBytes } named ? named : Encode(tile, together, []);
            },
            readsMuch: !isKept,
            () => MakeAsync(tile, filter, axes with { IsAhead = true }, reading));
    }

    // Of those that stand alone, with what they are called.
    private static async Task<byte[]> EncodeAsync(TileAddress tile, IReadOnlyList<Spot> spots, TimeAxes axes, Snapshot snapshot)
    {
        var single = spots.Where(spot => spot.Count == 1).Select(spot => spot.FactoryId).ToArray();
        var names = single.Length == 0 ? [] : (await snapshot.QueryAsync<Named>(NamesSql, new { factories = single, knownAt = axes.IsToldToday ? TimeAxes.NoEndMoment : axes.Known })).ToDictionary(named => named.FactoryId);
        return Encode(tile, spots, names);
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

            return (IFeature)new Feature(TileFile.Shapes.CreatePoint(new Coordinate(Mercator.Lon(spot.X / tile.Across), Mercator.Lat(spot.Y / tile.Across))), attributes);
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
