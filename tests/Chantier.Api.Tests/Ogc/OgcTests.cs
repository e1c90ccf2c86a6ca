using System.Globalization;
using System.Text.Json;
using Chantier.Testing;

namespace Chantier.Api.Tests.Ogc;

/// <summary>What the standard asks of a server of features, and what the clients there are ask besides.</summary>
public sealed class OgcTests(SettledWorld world, PostgresFixture postgres) : IClassFixture<SettledWorld>
{
    private const string Items = "/ogc/collections/factories/items";
    private const string RegionItems = "/ogc/collections/regions/items";
    private const string Crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
    private const string Epsg4326 = "http://www.opengis.net/def/crs/EPSG/0/4326";
    private const string Epsg3857 = "http://www.opengis.net/def/crs/EPSG/0/3857";
    private const string OpenApi30 = "application/vnd.oai.openapi+json;version=3.0";

    // Those of the world whose place is not known: no box leaves them out.
    private static readonly string[] Placeless = ["contradictoire", "renommee", "sosie-a", "sosie-b", "virgule"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Documents =>
    [
        "/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/openapi-3.0.json", "/ogc/openapi-3.1.json", "/ogc/collections/factories", "/ogc/collections/factories/schema",
        "/ogc/collections/factories/queryables", Items, Items + "/virgule", "/ogc/collections/regions", "/ogc/collections/regions/schema", "/ogc/collections/regions/queryables", RegionItems,
        RegionItems + "/arcadie", "/ogc/tileMatrixSets", "/ogc/tileMatrixSets/WebMercatorQuad", "/ogc/collections/factories/tiles", "/ogc/collections/factories/tiles/WebMercatorQuad",
        "/ogc/collections/factories/tiles/WebMercatorQuad/tilejson.json", "/ogc/collections/regions/tiles", "/ogc/collections/regions/tiles/WebMercatorQuad",
        "/ogc/collections/regions/tiles/WebMercatorQuad/tilejson.json",
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_document_takes_f_is_asked_for_again_and_refuses_what_it_does_not_know(string path)
    {
        var plain = (await world.Ask.GetAsync(path)).Is(200);
        var asked = (await world.Ask.GetAsync(path + "?f=json")).Is(200);
        Assert.Equal(plain.MediaType, asked.MediaType);
        Assert.EndsWith("json", plain.MediaType, StringComparison.Ordinal);
        Assert.Equal("no-cache", plain.Header("Cache-Control"));
        Assert.Equal(plain.Body, (await world.Ask.GetAsync(path)).Body);
        (await world.Ask.GetAsync(path, $"If-None-Match: {plain.Header("ETag")}")).Is(304);
        (await world.Ask.GetAsync(path + "?f=html")).Blames("f");
        (await world.Ask.GetAsync(path + "?unknownQueryParameter=1")).Blames("unknownQueryParameter");
        foreach (var accept in new[] { "*/*", "application/json", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" })
        {
            (await world.Ask.GetAsync(path, $"Accept: {accept}")).Is(200);
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_link_is_absolute_and_leads_to_what_it_says(string path)
    {
        var document = (await world.Ask.GetAsync(path)).Is(200).Json;
        foreach (var link in LinksIn(document).Where(link => link.Text("templated") is null))
        {
            var href = link.Text("href")!;
            Assert.True(href.StartsWith(world.Address.ToString(), StringComparison.Ordinal), href);
            var answer = (await world.Ask.GetAsync(new Uri(href).PathAndQuery)).Is(200);
            Assert.Equal(link.Text("type")!.Split(';')[0], answer.MediaType);
        }
    }

    [Fact]
    public async Task The_landing_page_has_one_description_of_the_type_that_clients_look_for()
    {
        var landing = await world.Ask.JsonAsync("/ogc");
        var links = landing.List("links");
        Assert.Superset(new HashSet<string?> { "self", "service-desc", "conformance", "data" }, links.Select(link => link.Text("rel")).ToHashSet());
        var only = Assert.Single(links, link => link.Text("rel") == "service-desc");
        Assert.Equal(OpenApi30, only.Text("type"));
        var answer = (await world.Ask.GetAsync(new Uri(only.Text("href")!).PathAndQuery)).Is(200);
        Assert.Equal(OpenApi30, answer.Header("Content-Type")!.Replace(" ", "", StringComparison.Ordinal));
        Assert.StartsWith("3.0.", answer.Json.Text("openapi"), StringComparison.Ordinal);
        Assert.StartsWith("3.1.", (await world.Ask.JsonAsync("/ogc/openapi-3.1.json")).Text("openapi"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ogc/openapi-3.0.json")]
    [InlineData("/ogc/openapi-3.1.json")]
    public async Task The_description_has_every_route_and_says_of_each_parameter_how_it_is_written(string path)
    {
        var api = await world.Ask.JsonAsync(path);
        Assert.Equal(world.Address + "ogc", api.List("servers")[0].Text("url"));
        var paths = api.GetProperty("paths");
        var operations = paths.EnumerateObject().Select(p => p.Value.GetProperty("get")).ToList();
        Assert.Distinct(operations.Select(operation => operation.Text("operationId")));
        foreach (var known in new[] { "/", "/conformance", "/collections", "/collections/factories/items/{featureId}", "/collections/regions/tiles/WebMercatorQuad/{z}/{y}/{x}.mvt" })
        {
            Assert.True(paths.TryGetProperty(known, out _), known);
        }

        foreach (var list in new[] { "/collections/factories/items", "/collections/regions/items" })
        {
            var parameters = paths.GetProperty(list).GetProperty("get").List("parameters").ToDictionary(p => p.Text("name")!);
            foreach (var name in new[] { "limit", "bbox", "datetime" })
            {
                Assert.Equal("query", parameters[name].Text("in"));
                Assert.Equal("false", parameters[name].Text("explode"));
                Assert.True(parameters[name].Text("required") is null or "false");
            }

            Assert.Equal(("integer", "1", "10000", "1000"), (parameters["limit"].Text("schema.type"), parameters["limit"].Text("schema.minimum"), parameters["limit"].Text("schema.maximum"), parameters["limit"].Text("schema.default")));
            Assert.Equal(("array", "4", "6", "number"), (parameters["bbox"].Text("schema.type"), parameters["bbox"].Text("schema.minItems"), parameters["bbox"].Text("schema.maxItems"), parameters["bbox"].Text("schema.items.type")));
            Assert.Equal("string", parameters["datetime"].Text("schema.type"));
            Assert.Contains("bbox-crs", parameters.Keys);
        }

        foreach (var reference in References(api))
        {
            var at = api;
            foreach (var part in reference[2..].Split('/'))
            {
                Assert.True(at.TryGetProperty(part, out at), reference);
            }
        }
    }

    [Fact]
    public async Task A_collection_says_how_far_it_reaches_what_its_features_are_and_in_which_systems()
    {
        var collections = (await world.Ask.JsonAsync("/ogc/collections")).List("collections");
        Assert.Equal(["factories", "regions"], collections.Select(collection => collection.Text("id")));
        foreach (var listed in collections)
        {
            var alone = await world.Ask.JsonAsync($"/ogc/collections/{listed.Text("id")}");
            Assert.Equal(listed.GetRawText(), alone.GetRawText());
            Assert.Equal([Crs84, Epsg4326, Epsg3857], alone.List("crs").Select(crs => crs.GetString()!));
            Assert.Single(alone.List("links"), link => link.Text("rel") == "describedby" && link.Text("type") == "application/schema+json");
            Assert.Single(alone.List("links"), link => link.Text("rel") == "describedBy" && link.Text("type") == "application/schema+json");
            Assert.Single(alone.List("links"), link => link.Text("rel") == "items" && link.Text("type") == "application/geo+json");
        }

        Assert.Equal("[[-179.5,-17,179.5,90]]", collections[0].GetProperty("extent").GetProperty("spatial").GetProperty("bbox").GetRawText());
        Assert.Equal("""[["2010-01-01T00:00:00Z",null]]""", collections[0].GetProperty("extent").GetProperty("temporal").GetProperty("interval").GetRawText());
        Assert.Equal("[[-180,-20,180,50]]", collections[1].GetProperty("extent").GetProperty("spatial").GetProperty("bbox").GetRawText());
        (await world.Ask.GetAsync("/ogc/collections/no-such-collection")).IsProblem(404);
        (await world.Ask.GetAsync("/ogc/collections/no-such-collection/items")).IsProblem(404);
    }

    [Fact]
    public async Task The_features_are_those_of_the_list_and_each_is_met_once()
    {
        var whole = await FeaturesAsync(Items);
        Assert.Equal(World.Everything, whole.Select(Id).Order(StringComparer.Ordinal));
        Assert.Equal(await world.Ask.SlugsAsync("/v1/factories"), whole.Select(Id));

        var met = new List<string>();
        for (var path = Items + "?limit=5&bbox=-180,-90,180,90"; path is not null;)
        {
            var page = (await world.Ask.GetAsync(path)).Is(200);
            Assert.Equal("application/geo+json", page.MediaType);
            Assert.Equal(page.Json.List("features").Length, page.Json.GetProperty("numberReturned").GetInt32());
            // The first page says how many there are in all.
            Assert.Equal(met.Count == 0 ? whole.Length.ToString(CultureInfo.InvariantCulture) : null, page.Json.Text("numberMatched"));
            met.AddRange(page.Json.List("features").Select(Id));
            var next = page.Json.List("links").Where(link => link.Text("rel") == "next").ToList();
            Assert.True(next.Count <= 1);
            path = next.Count == 0 ? null! : new Uri(next[0].Text("href")!).PathAndQuery;
            if (path is not null)
            {
                Assert.Equal("application/geo+json", next[0].Text("type"));
                var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(next[0].Text("href")!).Query);
                Assert.Equal(("5", "-180,-90,180,90"), (query["limit"].ToString(), query["bbox"].ToString()));
            }
        }

        Assert.Equal(whole.Select(Id), met);
    }

    [Fact]
    public async Task A_present_that_is_read_like_a_past_has_the_same_features()
    {
        await using var ahead = new SharedWorld(postgres);
        await ahead.InitializeAsync();
        Assert.Equal(World.Everything, (await ahead.Ask.JsonAsync(Items)).List("features").Select(Id).Order(StringComparer.Ordinal));
        Assert.Equal("under_construction", (await ahead.Ask.JsonAsync(Items + "/futur")).Text("properties.status"));
    }

    [Theory]
    [InlineData("10001", 12)]
    [InlineData("2147483647", 12)]
    [InlineData("99999999999999999999", 12)]
    [InlineData("2", 2)]
    public async Task A_limit_above_the_most_is_cut(string limit, int returned) => Assert.Equal(returned, (await FeaturesAsync($"{Items}?limit={limit}")).Length);

    [Theory]
    [InlineData("limit", "0")]
    [InlineData("limit", "-1")]
    [InlineData("limit", "1.5")]
    [InlineData("limit", "")]
    [InlineData("limit", "unlimited")]
    [InlineData("limit", "00000000000000000000")]
    [InlineData("bbox", "1,2,3")]
    [InlineData("bbox", "1,2,3,4,5")]
    [InlineData("bbox", "a,b,c,d")]
    [InlineData("bbox", "NaN,0,1,1")]
    [InlineData("bbox", "1,,2,3")]
    [InlineData("bbox", "10,60,20,50")]
    [InlineData("datetime", "not-a-date")]
    [InlineData("datetime", "2024-13-01T00:00:00Z")]
    [InlineData("datetime", "2024-01-02/2024-01-01")]
    [InlineData("datetime", "2024-01-01/2024-01-02/2024-01-03")]
    [InlineData("datetime", "2018-02-30")]
    [InlineData("crs", Crs84 + "x")]
    [InlineData("bbox-crs", Crs84 + "x")]
    [InlineData("lang", "de")]
    public async Task What_is_malformed_is_refused_by_name(string parameter, string value)
    {
        foreach (var items in new[] { Items, RegionItems })
        {
            (await world.Ask.GetAsync($"{items}?{parameter}={Uri.EscapeDataString(value)}")).Blames(parameter);
        }
    }

    [Theory]
    [InlineData("2,41,3,48", "acierie-elan", "futur", "tardive")]
    [InlineData("2,41,0,3,48,9000", "acierie-elan", "futur", "tardive")]
    [InlineData("177,-20,-177,-10", "fidji-est", "fidji-ouest")]
    [InlineData("179,-20,180,-10", "fidji-est")]
    [InlineData("177,-20,183,-10", "fidji-est", "fidji-ouest")]
    [InlineData("-183,-20,-177,-10", "fidji-est", "fidji-ouest")]
    [InlineData("362,41,363,48", "acierie-elan", "futur", "tardive")]
    [InlineData("190,-20,200,-10")]
    [InlineData("-180,85,180,90", "pole-nord")]
    [InlineData("-180,-90,180,-85")]
    [InlineData("-500,-100,500,100", "acierie-elan", "fidji-est", "fidji-ouest", "futur", "pole-nord", "tardive", "zebre-nord")]
    public async Task A_box_has_what_lies_in_it_and_what_has_no_place(string box, params string[] expected)
    {
        var features = (await FeaturesAsync($"{Items}?bbox={box}")).Select(Id).Order(StringComparer.Ordinal);
        Assert.Equal(expected.Concat(Placeless).Order(StringComparer.Ordinal), features);
    }

    [Theory]
    [InlineData("5,45,6,46", "arcadie")]
    [InlineData("170,-18,-179,-16", "fidji")]
    [InlineData("-179,-18,-178.5,-16", "fidji")]
    [InlineData("178,-18,179,-16", "fidji")]
    [InlineData("0,-18,10,-16")]
    [InlineData("-180,85,180,90")]
    public async Task A_box_has_the_regions_that_it_meets(string box, params string[] expected)
    {
        string[] boundless = ["basse-arcadie", "desert", "haute-arcadie", "val-d-or", "vallee-du-fer"];
        Assert.Equal(expected.Concat(boundless).Order(StringComparer.Ordinal), (await FeaturesAsync($"{RegionItems}?bbox={box}")).Select(Id).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Epsg4326, "41,2,48,3")]
    [InlineData(Epsg3857, "222638.98,5012341.66,333958.47,6106854.83")]
    public async Task A_box_of_another_system_is_the_same_box(string crs, string box) =>
        Assert.Equal(
            (await FeaturesAsync($"{Items}?bbox=2,41,3,48")).Select(Id),
            (await FeaturesAsync($"{Items}?bbox={box}&bbox-crs={Uri.EscapeDataString(crs)}")).Select(Id));

    [Theory]
    [InlineData(Crs84, 2.38, 47.5)]
    [InlineData(Epsg4326, 47.5, 2.38)]
    [InlineData(Epsg3857, 264940.388, 6024072.119)]
    public async Task Coordinates_are_of_the_system_asked_for_in_the_order_of_its_axes(string crs, double first, double second)
    {
        var query = $"?crs={Uri.EscapeDataString(crs)}";
        foreach (var path in new[] { Items + query, Items + "/acierie-elan" + query, RegionItems + query, RegionItems + "/arcadie" + query })
        {
            Assert.Equal($"<{crs}>", (await world.Ask.GetAsync(path)).Is(200).Header("Content-Crs"));
        }

        var point = (await world.Ask.JsonAsync(Items + "/acierie-elan" + query)).GetProperty("geometry").List("coordinates");
        Assert.Equal(first, point[0].GetDouble(), 3);
        Assert.Equal(second, point[1].GetDouble(), 3);
        Assert.Equal($"<{Crs84}>", (await world.Ask.GetAsync(Items)).Header("Content-Crs"));

        // Of a boundary as of a point: its second corner is 10 degrees east, 40 north.
        var corner = (await world.Ask.JsonAsync(RegionItems + "/arcadie" + query)).GetProperty("geometry").List("coordinates")[0][1];
        var (east, north) = crs switch { Crs84 => (10.0, 40.0), Epsg4326 => (40.0, 10.0), _ => (1113194.908, 4865942.280) };
        Assert.Equal(east, corner[0].GetDouble(), 3);
        Assert.Equal(north, corner[1].GetDouble(), 3);
        // A pole lies beyond Web Mercator, but is a number there.
        Assert.All((await world.Ask.JsonAsync(Items + "/pole-nord" + query)).GetProperty("geometry").List("coordinates"), number => Assert.True(double.IsFinite(number.GetDouble())));
    }

    [Theory]
    [InlineData("2012-06-01")]
    [InlineData("2022-03-01T12:00:00Z")]
    [InlineData("2022-03-01t12:00:00z")]
    [InlineData("2022-03-01T12:00:00.123+02:00")]
    [InlineData("2024-06-30")]
    public async Task An_instant_tells_what_held_on_that_day(string instant)
    {
        var day = instant[..10];
        var then = (await world.Ask.ItemsAsync($"/v1/factories?asOf={day}")).Where(item => item.Text("status") is not null).ToDictionary(item => item.Text("slug")!, item => item.Text("status"));
        foreach (var datetime in new[] { instant, "../" + instant, "/" + instant })
        {
            var features = await FeaturesAsync($"{Items}?datetime={Uri.EscapeDataString(datetime)}");
            Assert.Equal(then, features.ToDictionary(Id, feature => feature.Text("properties.status")));
        }

        Assert.NotEmpty(then);
        Assert.True(then.Count < World.Everything.Length || day == "2024-06-30");
    }

    [Theory]
    [InlineData("2024-01-01/..", "2024-01-01", null)]
    [InlineData("2024-01-01/", "2024-01-01", null)]
    [InlineData("2022-01-01T00:00:00Z/2022-12-31T00:00:00Z", "2022-01-01", "2022-12-31")]
    [InlineData("2024-01-01/2999-12-31", "2024-01-01", null)]
    [InlineData("../..", null, null)]
    public async Task An_interval_has_what_began_in_it(string interval, string? start, string? end)
    {
        var all = await world.Ask.ItemsAsync("/v1/factories" + (end is null ? "" : $"?asOf={end}"));
        var expected = all
            .Where(item => end is null || item.Text("status") is not null)
            .Where(item => start is null || item.Text("statusSince") is not { } since || string.CompareOrdinal(First(since), start) >= 0)
            .Select(item => item.Text("slug")!).ToList();
        Assert.Equal(expected, (await FeaturesAsync($"{Items}?datetime={Uri.EscapeDataString(interval)}")).Select(Id));
        Assert.NotEmpty(expected);
        Assert.Equal(8, (await FeaturesAsync($"{RegionItems}?datetime={Uri.EscapeDataString(interval)}")).Length + 1);

        static string First(string edtf) => Domain.Edtf.Parse(edtf).Earliest.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Every_property_is_one_value_of_the_type_that_the_schema_says_and_one_is_a_date()
    {
        foreach (var id in new[] { "factories", "regions" })
        {
            var schema = await world.Ask.JsonAsync($"/ogc/collections/{id}/schema");
            Assert.Equal("primary-geometry", schema.Text("properties.geometry.x-ogc-role"));
            var types = schema.GetProperty("properties").GetProperty("properties").GetProperty("properties").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
            Assert.Equal(id == "factories" ? ["statusDate"] : [], types.Where(type => type.Value.Text("format") is not null).Select(type => type.Key));
            foreach (var property in (await FeaturesAsync($"/ogc/collections/{id}/items")).SelectMany(feature => feature.GetProperty("properties").EnumerateObject()))
            {
                Assert.Equal(types[property.Name].Text("type"), property.Value.ValueKind switch { JsonValueKind.String => "string", JsonValueKind.Number => property.Name.StartsWith("capacity", StringComparison.Ordinal) ? "number" : "integer", JsonValueKind.True or JsonValueKind.False => "boolean", var other => other.ToString() });
                if (types[property.Name].TryGetProperty("enum", out var words))
                {
                    Assert.Contains(property.Value.GetString(), words.EnumerateArray().Select(word => word.GetString()));
                }
            }
        }

        var factory = await world.Ask.JsonAsync(Items + "/acierie-elan");
        Assert.Equal(("Point", "operating", "2015-01-01", "2015", "val-d-or", "elan|fonds|etat"),
            (factory.Text("geometry.type"), factory.Text("properties.status"), factory.Text("properties.statusDate"), factory.Text("properties.statusSince"), factory.Text("properties.region"), factory.Text("properties.operators")));
    }

    [Fact]
    public async Task One_feature_is_the_one_of_the_list_and_old_names_lead_to_it()
    {
        foreach (var listed in (await FeaturesAsync(Items)).Concat(await FeaturesAsync(RegionItems)))
        {
            var path = $"{(listed.GetProperty("properties").TryGetProperty("sector", out _) ? Items : RegionItems)}/{Id(listed)}";
            var alone = await world.Ask.JsonAsync(path);
            Assert.Equal(listed.GetProperty("geometry").GetRawText(), alone.GetProperty("geometry").GetRawText());
            Assert.Equal(listed.GetProperty("properties").GetRawText(), alone.GetProperty("properties").GetRawText());
            Assert.Equal(["self", "collection", "alternate"], alone.List("links").Select(link => link.Text("rel")));
        }

        (await world.Ask.GetAsync(Items + "/no-such-id-7")).IsProblem(404);
        (await world.Ask.GetAsync(Items + "/supprimee")).IsProblem(410);
        Assert.Equal(Items + "/acierie-elan?f=json", (await world.Ask.GetAsync(Items + "/acierie-elan-ter?f=json")).Is(308).Header("Location"));
        Assert.Equal(RegionItems + "/arcadie", (await world.Ask.GetAsync(RegionItems + "/arcadia")).Is(308).Header("Location"));
    }

    [Theory]
    [InlineData("status=operating,idled")]
    [InlineData("stage=active")]
    [InlineData("sector=other")]
    [InlineData("country=FR&status=idled")]
    [InlineData("region=haute-arcadie")]
    [InlineData("region=haute-arcadie,basse-arcadie")]
    [InlineData("operator=elan")]
    [InlineData("q=fidji")]
    [InlineData("minPrecision=site")]
    public async Task The_filters_are_those_of_the_list(string filter)
    {
        var expected = await world.Ask.SlugsAsync("/v1/factories?" + filter);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, (await FeaturesAsync($"{Items}?{filter}")).Select(Id));
    }

    [Theory]
    [InlineData("status=open", "status")]
    [InlineData("sector=nonsense", "sector")]
    [InlineData("region=Nowhere", "region")]
    public async Task What_the_list_refuses_is_refused(string filter, string parameter) => (await world.Ask.GetAsync($"{Items}?{filter}")).Blames(parameter);

    [Fact]
    public async Task Links_are_below_the_public_address_however_it_is_known()
    {
        await using var behind = await TestApi.StartAsync(world.ConnectionString, Token, "--Chantier:Limits:TrustedProxies=127.0.0.0/8,::1");
        string[] forwarded = ["X-Forwarded-Proto: https", "X-Forwarded-Host: sites.example", "X-Forwarded-Prefix: /chantier"];
        var page = await new Ask(behind.Client).JsonAsync(Items + "?limit=1", forwarded);
        Assert.All(page.List("links"), link => Assert.StartsWith("https://sites.example/chantier/ogc/", link.Text("href"), StringComparison.Ordinal));
        Assert.Contains(page.List("links"), link => link.Text("rel") == "next");

        // Whoever is not trusted is not believed.
        Assert.All((await world.Ask.JsonAsync("/ogc", forwarded)).List("links"), link => Assert.StartsWith(world.Address.ToString(), link.Text("href"), StringComparison.Ordinal));

        await using var known = await TestApi.StartAsync(world.ConnectionString, Token, "--Chantier:PublicUrl=https://sites.example/");
        var ask = new Ask(known.Client);
        Assert.All((await ask.JsonAsync("/ogc")).List("links"), link => Assert.StartsWith("https://sites.example/", link.Text("href"), StringComparison.Ordinal));
        Assert.Equal("https://sites.example/ogc", (await ask.JsonAsync("/ogc/openapi-3.0.json")).List("servers")[0].Text("url"));
    }

    [Fact]
    public async Task Labels_come_in_the_language_asked_for()
    {
        Assert.Equal("Upper Arcadia", (await world.Ask.JsonAsync(RegionItems + "/haute-arcadie")).Text("properties.name"));
        Assert.Equal("Haute-Arcadie", (await world.Ask.JsonAsync(RegionItems + "/haute-arcadie", "Accept-Language: fr")).Text("properties.name"));
        Assert.Equal("Haute-Arcadie", (await world.Ask.JsonAsync(RegionItems + "/haute-arcadie?lang=fr")).Text("properties.name"));
    }

    private async Task<JsonElement[]> FeaturesAsync(string path)
    {
        var answer = (await world.Ask.GetAsync(path)).Is(200);
        Assert.Equal("FeatureCollection", answer.Json.Text("type"));
        Assert.All(answer.Json.List("features"), feature => Assert.True(feature.Text("type") == "Feature" && feature.TryGetProperty("geometry", out _) && feature.TryGetProperty("properties", out _)));
        return answer.Json.List("features");
    }

    private static string Id(JsonElement feature) => feature.Text("id")!;

    private static IEnumerable<JsonElement> LinksIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object when element.TryGetProperty("href", out var href) && href.ValueKind == JsonValueKind.String => [element],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => LinksIn(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(LinksIn),
        _ => [],
    };

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => member.Name == "$ref" ? [member.Value.GetString()!] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
