using System.Globalization;
using System.Text.Json;
using Chantier.Api.Http;

namespace Chantier.Api.Ogc;

/// <summary>GET /ogc, what it conforms to, and its collections.</summary>
internal static class OgcDocuments
{
    private const string Api30 = "application/vnd.oai.openapi+json;version=3.0";
    private const string Api31 = "application/vnd.oai.openapi+json;version=3.1";
    private const string SchemaRel = "http://www.opengis.net/def/rel/ogc/1.0/schema";
    private const string QueryablesRel = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
    private const string TilesRel = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
    private const string MatricesRel = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes";

    private static readonly OgcConformance Conforming = new(
    [
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
        "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    ]);

    // The first day is that of a claim that has not ended.
    private const string FactoryExtentSql = """
        select min(f.lon) as west, min(f.lat) as south, max(f.lon) as east, max(f.lat) as north,
          (select e.earliest from status_event e join claim c on c.id = e.claim_id and c.known_to = 'infinity'
            and c.basis <> 'expected'
           where e.earliest > '-infinity' and e.status is not null order by e.earliest, e.claim_id limit 1) as since
        from factory_current f
        where f.lon is not null
        """;

    private const string RegionExtentSql = """
        select min(case when b.min_lon <= b.max_lon then b.min_lon else -180 end) as west, min(b.min_lat) as south,
          max(case when b.min_lon <= b.max_lon then b.max_lon else 180 end) as east, max(b.max_lat) as north,
            null::date as since
        from region_version v join boundary b on b.id = v.boundary_id
        where v.known_to = 'infinity'
        """;

    public static IResult Landing([AsParameters] OgcQuery query, HttpContext http) => OgcSite.Document(http, new OgcLanding(
        "Chantier",
        "Industrial sites for maps: factories and regions, as OGC API Features and Tiles. All else about them is in the API that this is a view of.",
        [
            OgcSite.Link(http, "self", "/ogc", OgcSite.Json, "This document"),
            // One, and of this very type: it is the one that clients look for.
            OgcSite.Link(http, "service-desc", "/ogc/openapi-3.0.json", Api30, "These routes as OpenAPI 3.0"),
            OgcSite.Link(http, "service-doc", "/docs/index.html", "text/html", "The whole API to read and try"),
            OgcSite.Link(http, "conformance", "/ogc/conformance", OgcSite.Json, "What it conforms to"),
            OgcSite.Link(http, "data", "/ogc/collections", OgcSite.Json, "The collections"),
            OgcSite.Link(http, MatricesRel, "/ogc/tileMatrixSets", OgcSite.Json, "How tiles are cut"),
        ]));

    public static IResult Conformance([AsParameters] OgcQuery query, HttpContext http) => OgcSite.Document(http, Conforming);

    public static IResult Api([AsParameters] OgcQuery query, HttpContext http)
    {
        http.Response.Headers.Link = $"<{OgcSite.Address(http, "/ogc/openapi-3.1.json")}>; rel=\"alternate\"; type=\"{Api31}\"";
        return OgcSite.Document(http, OgcDescription.Of(http, isNew: false), Api30);
    }

    public static IResult NewApi([AsParameters] OgcQuery query, HttpContext http) => OgcSite.Document(http, OgcDescription.Of(http, isNew: true), Api31);

    public static async Task<IResult> Collections([AsParameters] OgcQuery query, Reading reading, HttpContext http)
    {
        var all = new List<OgcCollectionView>();
        foreach (var collection in OgcCollection.All)
        {
            all.Add(await ViewAsync(collection, reading, http));
        }

        return OgcSite.Document(http, new OgcCollections([OgcSite.Link(http, "self", "/ogc/collections", OgcSite.Json)], [.. OgcCrs.All.Select(crs => crs.Uri)], all));
    }

    public static Task<IResult> Factories([AsParameters] OgcQuery query, Reading reading, HttpContext http) => OneAsync(OgcCollection.Factories, reading, http);

    public static Task<IResult> Regions([AsParameters] OgcQuery query, Reading reading, HttpContext http) => OneAsync(OgcCollection.Regions, reading, http);

    public static IResult FactorySchema([AsParameters] OgcQuery query, HttpContext http) => Schema(http, OgcCollection.Factories);

    public static IResult RegionSchema([AsParameters] OgcQuery query, HttpContext http) => Schema(http, OgcCollection.Regions);

    public static IResult FactoryQueryables([AsParameters] OgcQuery query, HttpContext http) => Queryables(
        http,
        OgcCollection.Factories,
        OgcCollection.Factories.Properties.Where(property => property.Name is "status" or "stage" or "sector" or "country" or "region"));

    public static IResult RegionQueryables([AsParameters] OgcQuery query, HttpContext http) => Queryables(http, OgcCollection.Regions, []);

    private static IResult Schema(HttpContext http, OgcCollection collection) =>
        OgcSite.Document(http, JsonSerializer.SerializeToUtf8Bytes(collection.FeatureSchema(OgcSite.Address(http, collection.Path + "/schema"))), OgcSite.Schema);

    private static IResult Queryables(HttpContext http, OgcCollection collection, IEnumerable<OgcProperty> chosen) =>
        OgcSite.Document(http, JsonSerializer.SerializeToUtf8Bytes(collection.Queryables(OgcSite.Address(http, collection.Path + "/queryables"), chosen)), OgcSite.Schema);

    private static async Task<IResult> OneAsync(OgcCollection collection, Reading reading, HttpContext http) => OgcSite.Document(http, await ViewAsync(collection, reading, http));

    private static async Task<OgcCollectionView> ViewAsync(OgcCollection collection, Reading reading, HttpContext http)
    {
        var reach = await reading.FirstAsync<Reach>(collection == OgcCollection.Factories ? FactoryExtentSql : RegionExtentSql, new { });
        OgcLink To(string rel, string rest, string type, string title) => OgcSite.Link(http, rel, collection.Path + rest, type, title);
        return new()
        {
            Id = collection.Id,
            Title = collection.Title,
            Description = collection.About,
            Extent = reach?.ToExtent(),
            Crs = [.. OgcCrs.All.Select(crs => crs.Uri)],
            Links =
            [
                To("self", "", OgcSite.Json, collection.Title),
                To("items", "/items", Format.GeoJson.MediaType, "The features"),
                // Both spellings are looked for.
                To("describedby", "/schema", OgcSite.Schema, "The schema of a feature"),
                To("describedBy", "/schema", OgcSite.Schema, "The schema of a feature"),
                To(SchemaRel, "/schema", OgcSite.Schema, "The schema of a feature"),
                To(QueryablesRel, "/queryables", OgcSite.Schema, "What features can be filtered by"),
                To(TilesRel, "/tiles", OgcSite.Json, "The same as vector tiles"),
                OgcSite.Link(http, "alternate", collection.Resource, OgcSite.Json, "The list in the API proper"),
            ],
        };
    }

    private sealed record Reach
    {
        public double? West { get; init; }

        public double? South { get; init; }

        public double? East { get; init; }

        public double? North { get; init; }

        public DateOnly? Since { get; init; }

        // Where there is nothing, nothing is said of how far it reaches.
        public OgcExtent? ToExtent() => West is null && Since is null ? null : new(
            West is null ? null : new([[West.Value, South!.Value, East!.Value, North!.Value]], OgcCrs.Crs84.Uri),
            Since is null ? null : new([[Since.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "T00:00:00Z", null]], "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"));
    }
}
