using System.Globalization;
using Chantier.Api.Http;
using Chantier.Api.Ogc;

namespace Chantier.Api.Tiles;

/// <summary>WebMercatorQuad, as web maps have it.</summary>
internal static class TileMatrices
{
    public const string Id = "WebMercatorQuad";
    public const string Uri = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
    public const string Crs = "http://www.opengis.net/def/crs/EPSG/0/3857";
    private const int Side = 256;

    // A pixel of 0.28 mm, as the standard takes it.
    private static readonly MatrixSetView Set = new(
        Id,
        "Google Maps Compatible for the World",
        Uri,
        Crs,
        "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        [.. Enumerable.Range(0, TileAddress.MostZoom + 1).Select(zoom =>
        {
            var cell = Mercator.Around / Side / (1 << zoom);
            return new MatrixView(zoom.ToString(CultureInfo.InvariantCulture), cell / 0.00028, cell, [-Mercator.Around / 2, Mercator.Around / 2], Side, Side, 1 << zoom, 1 << zoom);
        })]);

    public static IResult List([AsParameters] OgcQuery query, HttpContext http) =>
        OgcSite.Document(http, new MatrixSetsView([new(Id, Set.Title, Uri, Crs, [OgcSite.Link(http, "self", $"/ogc/tileMatrixSets/{Id}", OgcSite.Json)])]));

    public static IResult One([AsParameters] OgcQuery query, HttpContext http) => OgcSite.Document(http, Set);
}

/// <summary>What tiles there are of a collection, for GIS clients and for web maps.</summary>
internal static class TileDocuments
{
    private const string MatrixRel = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

    private static readonly OgcProperty[] OfRegion =
    [
        new("slug", "string", "Its slug."),
        new("kind", "string", "What it is."),
        new("nameFr", "string", "Its name in French."),
        new("nameEn", "string", "Its name in English."),
    ];

    private static readonly Tileset Factories = new(OgcCollection.Factories, new TileLayer(
        OgcCollection.Factories.Id,
        "Points: one factory each where count is 1, else as many as count says, which stand near each other, and how many of them are in each status.",
        0,
        [
            new("count", "integer", "How many factories it stands for."),
            new("slug", "string", "Of one factory: its slug."),
            new("name", "string", "Of one factory: its name."),
            new("status", "string", "Of one factory: its status; left out where nothing is claimed."),
            new("sector", "string", "Of one factory: its sector."),
            new("country", "string", "Of one factory: its country."),
            .. Domain.Status.All.Select(status => new OgcProperty(status.Code, "integer", $"How many of them are {status.Code}; left out where none is.")),
        ]));

    private static readonly Tileset Regions = new(
        OgcCollection.Regions,
        new(OgcCollection.Regions.Id, "Boundaries, simplified for the zoom: countries, from zoom 4 on their first parts, from zoom 6 on all parts, from zoom 9 on communes too.", 2, OfRegion),
        new(RegionTile.NamesId, "A point for the name of each region, in the one tile where it lies.", 0, [.. OfRegion, new("areaKm2", "integer", "About how large it is, in square kilometres.")]));

    public static IResult FactorySets([AsParameters] OgcQuery query, HttpContext http) => Sets(http, Factories);

    public static IResult RegionSets([AsParameters] OgcQuery query, HttpContext http) => Sets(http, Regions);

    public static IResult FactorySet([AsParameters] OgcQuery query, HttpContext http) => OgcSite.Document(http, Whole(http, Factories));

    public static IResult RegionSet([AsParameters] OgcQuery query, HttpContext http) => OgcSite.Document(http, Whole(http, Regions));

    public static IResult FactoryJson([AsParameters] OgcQuery query, HttpContext http) => Json(http, Factories);

    public static IResult RegionJson([AsParameters] OgcQuery query, HttpContext http) => Json(http, Regions);

    private static string Path(Tileset set) => $"{set.Collection.Path}/tiles/{TileMatrices.Id}";

    private static IResult Sets(HttpContext http, Tileset set) => OgcSite.Document(http, new TilesetsView(
        [OgcSite.Link(http, "self", $"{set.Collection.Path}/tiles", OgcSite.Json)],
        [new TilesetView { Title = set.Collection.Title, Links = Links(http, set) }]));

    private static TilesetView Whole(HttpContext http, Tileset set) => new()
    {
        Title = set.Collection.Title,
        TileMatrixSetLimits = [.. Enumerable.Range(0, TileAddress.MostZoom + 1).Select(zoom => new MatrixLimits(zoom.ToString(CultureInfo.InvariantCulture), 0, (1 << zoom) - 1, 0, (1 << zoom) - 1))],
        Layers =
        [
            .. set.Layers.Select(layer => new TileLayerView(
                layer.Id, layer.About, "vector", layer.Dimension, new("object", layer.Properties.ToDictionary(p => p.Name, p => new TilePropertyView(p.Type, p.About))))),
        ],
        Links = Links(http, set),
    };

    private static List<OgcLink> Links(HttpContext http, Tileset set) =>
    [
        OgcSite.Link(http, "self", Path(set), OgcSite.Json, "The tileset"),
        OgcSite.Link(http, MatrixRel, $"/ogc/tileMatrixSets/{TileMatrices.Id}", OgcSite.Json, "How tiles are cut"),
        OgcSite.Link(http, "describedby", Path(set) + "/tilejson.json", OgcSite.Json, "The tileset as TileJSON"),
        OgcSite.Link(http, "item", Path(set) + "/{tileMatrix}/{tileRow}/{tileCol}.mvt", Format.Mvt.MediaType, "A tile") with { Templated = true },
    ];

    private static IResult Json(HttpContext http, Tileset set) => OgcSite.Document(http, new TileJsonView
    {
        Name = set.Collection.Title,
        Description = set.Layers[0].About,
        Tiles = [OgcSite.Address(http, Path(set) + "/{z}/{y}/{x}.mvt")],
        VectorLayers = [.. set.Layers.Select(layer => new TileJsonLayer(
            layer.Id, layer.About, 0, TileAddress.MostZoom, layer.Properties.ToDictionary(p => p.Name, p => p.Type == "integer" ? "Number" : "String")))],
    });

    private sealed record Tileset(OgcCollection Collection, params IReadOnlyList<TileLayer> Layers);

    private sealed record TileLayer(string Id, string About, int Dimension, IReadOnlyList<OgcProperty> Properties);
}
