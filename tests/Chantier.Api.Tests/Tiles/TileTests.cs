using System.Globalization;
using System.Text.Json;
using Chantier.Testing;
using NetTopologySuite.Features;
using NetTopologySuite.IO.VectorTiles.Mapbox;
using Tile = NetTopologySuite.IO.VectorTiles.Tiles.Tile;

namespace Chantier.Api.Tests.Tiles;

/// <summary>Three thousand invented factories, nine in ten of which have a place.</summary>
public sealed class ManyFactories(PostgresFixture postgres) : World(postgres)
{
    private protected override string Template => "three thousand";

    private protected override Task FillAsync(string connection) => TestDatabases.GenerateAsync(connection, 3000, Token);
}

/// <summary>What a map shows is what the list has, at every zoom.</summary>
public sealed class TileTests(ManyFactories world, SettledWorld settled, PostgresFixture postgres) : IClassFixture<ManyFactories>, IClassFixture<SettledWorld>
{
    private const string Factories = "/ogc/collections/factories/tiles/WebMercatorQuad";
    private const string Regions = "/ogc/collections/regions/tiles/WebMercatorQuad";

    [Theory]
    [InlineData(0, "")]
    [InlineData(3, "")]
    [InlineData(5, "")]
    [InlineData(7, "")]
    [InlineData(4, "status=cancelled")]
    [InlineData(4, "sector=battery_cells&country=FR,DE")]
    [InlineData(4, "region=land-3")]
    [InlineData(4, "asOf=2015-06-30")]
    [InlineData(4, "asOf=2015-06-30&region=land-3")]
    [InlineData(4, "knownAt=now")]
    [InlineData(6, "knownAt=now&minPrecision=municipality")]
    [InlineData(4, "q=batterie")]
    [InlineData(4, "minPrecision=site")]
    public async Task The_tiles_of_a_zoom_count_each_factory_that_has_a_place_once(int zoom, string filter)
    {
        filter = filter.Replace("=now", "=" + (await world.Ask.JsonAsync("/v1/factories?limit=1")).Text("knownAt"), StringComparison.Ordinal);
        var found = await DescendAsync(world.Ask, zoom, filter);
        Assert.Equal(await CountAsync(filter), found.Sum(feature => Number(feature, "count")));
        Assert.True(zoom > 0 || found.Count <= 16 * 16);
        // Each says how many of it are in each status; in the past, of some nothing is claimed yet.
        var unclaimed = found.Sum(feature => Number(feature, "count") - Domain.Status.All.Sum(status => Number(feature, status.Code)));
        Assert.Equal(filter.StartsWith("asOf", StringComparison.Ordinal), unclaimed > 0);
        Assert.All(found, feature => Assert.InRange(Domain.Status.All.Sum(status => Number(feature, status.Code)), unclaimed > 0 ? 0 : Number(feature, "count"), Number(feature, "count")));
        Assert.All(found, feature => Assert.Equal(Number(feature, "count") == 1, feature.Attributes.Exists("slug")));
        foreach (var status in filter.Length == 0 ? ["operating", "suspended"] : Array.Empty<string>())
        {
            Assert.Equal(await CountAsync($"status={status}"), found.Sum(feature => Number(feature, status)));
        }
    }

    [Fact]
    public async Task Zoomed_in_each_factory_stands_for_itself_where_it_is()
    {
        foreach (var item in (await world.Ask.ItemsAsync("/v1/factories?limit=200")).Where(item => item.Text("location") is not null).Take(12))
        {
            var (lon, lat) = (item.GetProperty("location").GetProperty("lon").GetDouble(), item.GetProperty("location").GetProperty("lat").GetDouble());
            var across = 1 << 14;
            var (column, row) = ((int)((lon + 180) / 360 * across), (int)((1 - (Math.Asinh(Math.Tan(lat * Math.PI / 180)) / Math.PI)) / 2 * across));
            var feature = Assert.Single(await DecodeAsync(world.Ask, 14, row, column), feature => (string?)feature.Attributes["slug"] == item.Text("slug"));
            foreach (var member in new[] { "name", "status", "sector", "country" })
            {
                Assert.Equal(item.Text(member), feature.Attributes[member]);
            }

            Assert.Equal(1, Number(feature, "count"));
            // To the 4096th part of a tile of 0.022 degrees.
            Assert.Equal(lon, feature.Geometry.Coordinate.X, 5);
            Assert.Equal(lat, feature.Geometry.Coordinate.Y, 5);
        }
    }

    [Fact]
    public async Task So_many_at_one_place_are_one_that_says_how_many()
    {
        await using var own = new ManyFactories(postgres);
        await own.InitializeAsync();
        await World.ExecuteAsync(own.ConnectionString, "update factory_current set lon = 2.35 + factory_id * 1e-7, lat = 48.85");
        var answer = (await own.Ask.GetAsync($"{Factories}/14/5637/8298.mvt")).Is(200);
        Assert.InRange(answer.Body.Length, 1, 500_000);
        var features = Decode(answer, 14, 5637, 8298);
        Assert.InRange(features.Count, 1, 4);
        Assert.Equal(3000, features.Sum(feature => Number(feature, "count")));

        // Half as many are few enough to be told apart.
        await World.ExecuteAsync(own.ConnectionString, "delete from factory_current where factory_id > 1500");
        Assert.Equal(1500, (await DecodeAsync(own.Ask, 14, 5637, 8298)).Count);
    }

    [Fact]
    public async Task A_tile_is_asked_for_again_and_has_two_names()
    {
        foreach (var (ask, path) in new[] { (world.Ask, $"{Factories}/4/5/8"), (settled.Ask, $"{Regions}/0/0/0") })
        {
            var tile = (await ask.GetAsync(path + ".mvt")).Is(200);
            Assert.Equal("application/vnd.mapbox-vector-tile", tile.MediaType);
            Assert.Equal("no-cache", tile.Header("Cache-Control"));
            Assert.NotEmpty(tile.Body);
            (await ask.GetAsync(path + ".mvt", $"If-None-Match: {tile.Header("ETag")}")).Is(304);
            Assert.Equal(tile.Body, (await ask.GetAsync(path + ".pbf")).Is(200).Body);
            Assert.Equal(tile.Body, (await ask.GetAsync(path + ".mvt?f=mvt")).Is(200).Body);
            (await ask.GetAsync(path + ".mvt?colour=red")).Blames("colour");
            Assert.Empty((await ask.GetAsync(path.Replace("/4/5/8", "/9/0/0", StringComparison.Ordinal).Replace("/0/0/0", "/9/0/0", StringComparison.Ordinal) + ".mvt")).Is(200).Body);
        }

        (await world.Ask.GetAsync($"{Factories}/4/5/8.mvt?status=open")).Blames("status");
        (await world.Ask.GetAsync($"{Factories}/4/5/8.mvt?asOf=yesterday")).Blames("asOf");
    }

    [Theory]
    [InlineData("15/0/0")]
    [InlineData("2/4/0")]
    [InlineData("2/0/4")]
    [InlineData("-1/0/0")]
    [InlineData("1/-1/0")]
    [InlineData("99999999999/0/0")]
    [InlineData("a/0/0")]
    public async Task There_are_no_tiles_outside_the_world(string tile)
    {
        (await world.Ask.GetAsync($"{Factories}/{tile}.mvt")).IsProblem(404);
        (await world.Ask.GetAsync($"{Regions}/{tile}.pbf")).IsProblem(404);
    }

    [Fact]
    public async Task What_was_written_is_on_the_map_at_once()
    {
        await using var own = new SettledWorld(postgres);
        await own.InitializeAsync();
        var before = Decode((await own.Ask.GetAsync($"{Factories}/0/0/0.mvt")).Is(200), 0, 0, 0);
        var place = """{"lon":-70.5,"lat":-20.25,"precision":"site","basis":"inferred"}""";
        (await own.Ask.WriteAsync("POST", "/v1/factories/virgule/locations", place, await own.KeyAsync("curate"))).Is(201);
        var after = Decode((await own.Ask.GetAsync($"{Factories}/0/0/0.mvt")).Is(200), 0, 0, 0);
        Assert.Equal(before.Sum(feature => Number(feature, "count")) + 1, after.Sum(feature => Number(feature, "count")));
        Assert.Single(after, feature => feature.Attributes.Exists("slug") && (string)feature.Attributes["slug"] == "virgule");
    }

    [Fact]
    public async Task What_was_recorded_by_then_is_on_the_map_as_it_was()
    {
        await using var own = new SettledWorld(postgres);
        await own.InitializeAsync();
        var curator = await own.KeyAsync("curate");
        async Task<string> MoveAsync(int lon)
        {
            (await own.Ask.WriteAsync("POST", "/v1/factories/virgule/locations", $$"""{"lon":{{lon}},"lat":-20.25,"precision":"site","basis":"inferred"}""", curator)).Is(201);
            return (await own.Ask.JsonAsync("/v1/factories?limit=1")).Text("knownAt")!;
        }

        var first = await MoveAsync(-10);
        await MoveAsync(-20);
        Assert.Equal(-20, await LonAsync(""), 1);
        Assert.Equal(-10, await LonAsync($"knownAt={first}"), 1);
        var final = (await own.Ask.GetAsync($"{Factories}/0/0/0.mvt?asOf=2020-01-01&knownAt={first}")).Is(200);
        Assert.Contains("immutable", final.Header("Cache-Control"), StringComparison.Ordinal);

        async Task<double> LonAsync(string filter) =>
            (await DecodeAsync(own.Ask, 0, 0, 0, filter: filter)).Single(feature => feature.Attributes.Exists("slug") && (string)feature.Attributes["slug"] == "virgule").Geometry.Coordinate.X;
    }

    [Theory]
    [InlineData("publishedUntil=2021-06-01")]
    [InlineData("asOf=2015&publishedUntil=2020-12-31")]
    public async Task What_was_published_by_then_is_on_the_map_at_the_places_of_today(string then)
    {
        then += "&country=FR";
        var today = (await world.Ask.ItemsAsync("/v1/factories?limit=1000&country=FR")).Where(item => item.Text("location") is not null).Select(item => item.Text("slug")).ToHashSet();
        var known = await world.Ask.ItemsAsync($"/v1/factories?limit=1000&{then}");
        var found = await DescendAsync(world.Ask, 4, then);
        Assert.Equal(known.Count(item => today.Contains(item.Text("slug"))), found.Sum(feature => Number(feature, "count")));
        Assert.Contains(known, item => item.Text("location") is null && today.Contains(item.Text("slug")));
        // All places are those of a municipality, that are not known then too.
        Assert.Equal(found.Sum(feature => Number(feature, "count")), (await DescendAsync(world.Ask, 4, then + "&minPrecision=municipality")).Sum(feature => Number(feature, "count")));
        Assert.Empty(await DescendAsync(world.Ask, 4, then + "&minPrecision=site"));
        Assert.Equal(known.Count(item => item.Text("status") == "under_construction" && today.Contains(item.Text("slug"))), found.Sum(feature => Number(feature, "under_construction")));
    }

    [Fact]
    public async Task A_present_that_is_read_like_a_past_has_the_same_tiles()
    {
        await using var ahead = new SharedWorld(postgres);
        await ahead.InitializeAsync();
        Assert.Equal((await settled.Ask.GetAsync($"{Factories}/0/0/0.mvt")).Is(200).Body, (await ahead.Ask.GetAsync($"{Factories}/0/0/0.mvt")).Is(200).Body);
    }

    [Fact]
    public async Task Boundaries_are_cut_to_the_tile_and_cover_what_they_cover()
    {
        var world0 = await DecodeAsync(settled.Ask, 0, 0, 0, Regions);
        Assert.Equal(["arcadie", "fidji"], world0.Select(feature => (string)feature.Attributes["slug"]));
        Assert.Equal(("country", "Arcadie", "Arcadia"), ((string)world0[0].Attributes["kind"], (string)world0[0].Attributes["nameFr"], (string)world0[0].Attributes["nameEn"]));
        // To a pixel of 0.088 degrees along each of its sides.
        Assert.Equal(100, world0[0].Geometry.Area, 3.5);
        Assert.Equal(25, world0[1].Geometry.Area, 1.5);

        // From 0 to 11.25 degrees east, 40.98 to 48.92 north: cut, but for its own edge in the east, a little beyond.
        var part = Assert.Single(await DecodeAsync(settled.Ask, 5, 11, 16, Regions)).Geometry.EnvelopeInternal;
        Assert.Equal(0, part.MinX, 0.01);
        Assert.Equal(10, part.MaxX, 0.01);
        Assert.Equal(40.98 - (7.93 / 64), part.MinY, 0.02);
        Assert.Equal(48.92 + (7.93 / 64), part.MaxY, 0.02);
        // Within, it is all there is.
        Assert.Equal(0.703 * 1.03, Assert.Single(await DecodeAsync(settled.Ask, 9, 180, 260, Regions)).Geometry.EnvelopeInternal.Width, 0.01);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task Each_region_has_one_point_for_its_name_within_its_boundary(int zoom)
    {
        foreach (var (slug, shape) in (await DecodeAsync(settled.Ask, 0, 0, 0, Regions)).Select(f => ((string)f.Attributes["slug"], f.Geometry)))
        {
            var across = 1 << zoom;
            int Column(double lon) => Math.Clamp((int)((lon + 180) / 360 * across), 0, across - 1);
            int Row(double lat) => Math.Clamp((int)((1 - (Math.Asinh(Math.Tan(lat * Math.PI / 180)) / Math.PI)) / 2 * across), 0, across - 1);
            var box = shape.EnvelopeInternal;
            var found = new List<IFeature>();
            for (var row = Row(box.MaxY); row <= Row(box.MinY); row++)
            {
                for (var column = Column(box.MinX); column <= Column(box.MaxX); column++)
                {
                    var answer = (await settled.Ask.GetAsync($"{Regions}/{zoom}/{row}/{column}.mvt")).Is(200);
                    found.AddRange(Decode(answer, zoom, row, column, "region_names").Where(feature => (string)feature.Attributes["slug"] == slug));
                }
            }

            var name = Assert.Single(found);
            Assert.True(shape.Contains(name.Geometry));
            Assert.InRange(Number(name, "areaKm2"), 0.8 * shape.Area * 111 * 111 * Math.Cos(shape.Centroid.Y * Math.PI / 180), 1.2 * shape.Area * 111 * 111);
        }
    }

    [Fact]
    public async Task What_is_said_of_the_tiles_is_so()
    {
        foreach (var (ask, id) in new[] { (world.Ask, "factories"), (settled.Ask, "regions") })
        {
            var sets = await ask.JsonAsync($"/ogc/collections/{id}/tiles");
            var listed = Assert.Single(sets.List("tilesets"));
            var set = await ask.JsonAsync(PathOf(listed, "self"));
            Assert.Equal(("vector", "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"), (set.Text("dataType"), set.Text("tileMatrixSetURI")));
            Assert.Equal("15", set.List("tileMatrixSetLimits").Length.ToString(CultureInfo.InvariantCulture));
            var template = PathOf(set, "item");
            var byTemplate = (await ask.GetAsync(template.Replace("{tileMatrix}", "4", StringComparison.Ordinal).Replace("{tileRow}", "5", StringComparison.Ordinal).Replace("{tileCol}", "8", StringComparison.Ordinal))).Is(200);

            var json = await ask.JsonAsync(PathOf(set, "describedby"));
            Assert.Equal(("3.0.0", "0", "14"), (json.Text("tilejson"), json.Text("minzoom"), json.Text("maxzoom")));
            var url = Uri.UnescapeDataString(new Uri(json.List("tiles")[0].GetString()!).PathAndQuery);
            var byJson = (await ask.GetAsync(url.Replace("{z}", "4", StringComparison.Ordinal).Replace("{y}", "5", StringComparison.Ordinal).Replace("{x}", "8", StringComparison.Ordinal))).Is(200);
            Assert.Equal(byTemplate.Body, byJson.Body);

            var layers = json.List("vector_layers");
            Assert.Equal(id == "factories" ? [id] : [id, "region_names"], layers.Select(layer => layer.Text("id")));
            Assert.Equal(layers.Select(layer => layer.Text("id")), set.List("layers").Select(layer => layer.Text("id")));
            foreach (var layer in layers)
            {
                var fields = layer.GetProperty("fields").EnumerateObject().Select(field => field.Name).ToHashSet();
                Assert.All(Decode(byJson, 4, 5, 8, layer.Text("id")), feature => Assert.Subset(fields, feature.Attributes.GetNames().ToHashSet()));
            }
        }

        var matrices = (await world.Ask.JsonAsync("/ogc/tileMatrixSets/WebMercatorQuad")).List("tileMatrices");
        // As the registry of OGC has them.
        Assert.Equal(559082264.028717, matrices[0].GetProperty("scaleDenominator").GetDouble(), 1e-3);
        Assert.Equal(156543.033928041, matrices[0].GetProperty("cellSize").GetDouble(), 1e-8);
    }

    private async Task<long> CountAsync(string filter) =>
        (await world.Ask.JsonAsync($"/v1/factories?bbox=-180,-85.05,180,85.05&limit=1&fields=slug&count=exact&{filter}".TrimEnd('&'))).GetProperty("page").GetProperty("count").GetInt64();

    // From the one tile of the world to those of a zoom, leaving out what is empty.
    private static async Task<List<IFeature>> DescendAsync(Ask ask, int zoom, string filter)
    {
        var tiles = new List<(int Row, int Column)> { (0, 0) };
        var found = new List<IFeature>();
        for (var at = 0; at <= zoom; at++)
        {
            found = [];
            var next = new List<(int Row, int Column)>();
            foreach (var (row, column) in tiles)
            {
                var features = await DecodeAsync(ask, at, row, column, Factories, filter);
                found.AddRange(features);
                if (features.Count > 0)
                {
                    next.AddRange([(row * 2, column * 2), (row * 2, (column * 2) + 1), ((row * 2) + 1, column * 2), ((row * 2) + 1, (column * 2) + 1)]);
                }
            }

            tiles = next;
        }

        return found;
    }

    private static async Task<IList<IFeature>> DecodeAsync(Ask ask, int zoom, int row, int column, string tiles = Factories, string filter = "")
    {
        var answer = (await ask.GetAsync($"{tiles}/{zoom}/{row}/{column}.mvt?{filter}".TrimEnd('?'))).Is(200);
        Assert.InRange(answer.Body.Length, 0, 500_000);
        return Decode(answer, zoom, row, column);
    }

    private static IList<IFeature> Decode(Answer answer, int zoom, int row, int column, string? layer = null)
    {
        using var stream = new MemoryStream(answer.Body);
        var layers = new MapboxTileReader().Read(stream, new Tile(column, row, zoom)).Layers;
        return (layer is null ? layers.FirstOrDefault() : layers.SingleOrDefault(l => l.Name == layer))?.Features ?? [];
    }

    private static long Number(IFeature feature, string name) => feature.Attributes.Exists(name) ? Convert.ToInt64(feature.Attributes[name], CultureInfo.InvariantCulture) : 0;

    private static string PathOf(JsonElement tileset, string relation) =>
        Uri.UnescapeDataString(new Uri(tileset.List("links").Single(link => link.Text("rel") == relation).Text("href")!).PathAndQuery);
}
