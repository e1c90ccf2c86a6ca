using System.Text.Json;
using Chantier.Api.Seeding;
using Chantier.Domain;
using Chantier.Testing;
using Dapper;
using NetTopologySuite.Geometries;
using Npgsql;

namespace Chantier.Api.Tests.Seeding;

/// <summary>The countries of Europe and their parts, with boundaries that hold together.</summary>
public sealed class RegionsPackTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string Seeds = Path.Combine(AppContext.BaseDirectory, "seeds");

    private string _database = "";
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.SeededAsync("regions", Token);
        _source = TestDatabases.Source(_database);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task Every_region_has_a_boundary_and_lies_in_a_country_that_has_a_code()
    {
        Assert.Equal(
            [("country", 46), ("department", 96), ("subdivision", 1585)],
            await QueryAsync<(string, int)>("select kind, count(*)::int from region group by kind order by kind"));
        Assert.Empty(await QueryAsync<string>("select r.slug from region r join region_version v on v.region_id = r.id where v.boundary_id is null"));
        Assert.Empty(await QueryAsync<string>("""
            select r.slug from region r
            where not exists (
              select from region_closure c
              join region a on a.id = c.ancestor_id and a.kind = 'country'
              join identifier i on i.kind = 'region' and i.resource_id = a.id and i.scheme = 'iso3166-1'
              where c.region_id = r.id)
            """));
    }

    [Fact]
    public async Task The_departments_of_France_lie_in_its_regions_with_their_codes()
    {
        Assert.Equal(
            ["aisne FR-02 02 FRE21", "nord FR-59 59 FRE11", "oise FR-60 60 FRE22", "pas-de-calais FR-62 62 FRE12", "somme FR-80 80 FRE23"],
            await QueryAsync<string>("""
                select r.slug || ' ' || string_agg(i.value, ' ' order by array_position(array['iso3166-2', 'insee', 'nuts'], i.scheme))
                from region r join region_version v on v.region_id = r.id join region p on p.id = v.parent_id and p.slug = 'hauts-de-france'
                join identifier i on i.kind = 'region' and i.resource_id = r.id
                group by r.slug order by r.slug
                """));
        Assert.Equal(
            ["FR france", "FR-HDF hauts-de-france", "32 hauts-de-france", "32 gers"],
            await QueryAsync<string>("""
                select i.value || ' ' || r.slug from identifier i join region r on r.id = i.resource_id
                where (i.scheme, i.value) in (('iso3166-1', 'FR'), ('iso3166-2', 'FR-HDF'), ('insee-region', '32'), ('insee', '32'))
                order by array_position(array['iso3166-1', 'iso3166-2', 'insee-region', 'insee'], i.scheme)
                """));
        Assert.Empty(await QueryAsync<string>("""
            select r.slug from region r where r.kind = 'department' and (select count(*) from identifier i where i.resource_id = r.id and i.kind = 'region' and i.scheme in ('insee', 'nuts', 'iso3166-2')) < 3
            """));
    }

    // Neighbours that share no line would leave gaps and overlaps: of points all over Europe, each lies in at most one country, and of
    // those in France, each in one region and one department of it.
    [Fact]
    public async Task Boundaries_neither_overlap_nor_leave_gaps()
    {
        var rows = await QueryAsync<(string Slug, string Kind, string Country, string Geometry)>("""
            select r.slug, r.kind, a.slug, b.geometry::text
            from region r join region_version v on v.region_id = r.id join boundary b on b.id = v.boundary_id
            join region_closure c on c.region_id = r.id join region a on a.id = c.ancestor_id and a.kind = 'country'
            where r.kind = 'country' or a.slug = 'france'
            """);
        var regions = rows.ConvertAll(r => (r.Slug, r.Kind, r.Country, Outline: Outline.Parse(r.Geometry)));
        var random = new Random(20261124);
        var (inCountries, inFrance) = (0, 0);
        for (var i = 0; i < 4000; i++)
        {
            var (lon, lat) = (-10 + (40 * random.NextDouble()), 36 + (26 * random.NextDouble()));
            var around = regions.FindAll(r => r.Outline.Contains(lon, lat));
            var countries = around.FindAll(r => r.Kind == "country");
            Assert.True(countries.Count <= 1, $"{lon}, {lat} lies in {string.Join(" and ", countries.Select(c => c.Slug))}");
            inCountries += countries.Count;
            if (countries is [("france", _, _, _)])
            {
                inFrance++;
                Assert.Equal(["country", "department", "subdivision"], around.Select(r => r.Kind).Order(StringComparer.Ordinal));
            }
        }

        Assert.True(inCountries > 1500 && inFrance > 150, $"{inCountries} points lay in countries, {inFrance} in France");
    }

    // As another library has it, for boxes of every size, a country's and a street's.
    [Fact]
    public async Task A_box_meets_the_boundaries_themselves_with_their_holes_and_not_the_boxes_around_them()
    {
        var shapes = (await QueryAsync<(long Id, string Geometry)>("select id, geometry::text from boundary order by id")).ConvertAll(b => (b.Id, Shape: Shape(b.Geometry)));
        var random = new Random(20261128);
        var (met, near) = (0, 0);
        for (var i = 0; i < 80; i++)
        {
            var (west, south, side) = (-10 + (40 * random.NextDouble()), 36 + (26 * random.NextDouble()), Math.Pow(10, -3 + (4 * random.NextDouble())));
            var (east, north) = (west + side, south + (side / 2));
            var envelope = new Envelope(west, east, south, north);
            var expected = shapes.FindAll(b => b.Shape.Intersects(Shapes.ToGeometry(envelope))).ConvertAll(b => b.Id);
            Assert.Equal(expected, await QueryAsync<long>(FormattableString.Invariant($"select id from boundary where boundary_meets(geometry, {west}, {south}, {east}, {north}) order by id")));
            met += expected.Count;
            near += shapes.Count(b => b.Shape.EnvelopeInternal.Intersects(envelope));
        }

        Assert.True(met > 200 && near > met + 100, $"{met} were met, and of {near} the boxes");

        await using var api = await TestApi.StartAsync(_database, Token);
        async Task<string[]> InAsync(string box) => [.. (await new Ask(api.Client).JsonAsync($"/ogc/collections/regions/items?limit=100&bbox={box}")).List("features").Select(f => f.Text("id")!)];
        // Berlin lies in a hole of Brandenburg; the Bay of Biscay in the box around France.
        Assert.Equal(["allemagne", "berlin"], (await InAsync("13.38,52.50,13.42,52.53")).Order(StringComparer.Ordinal));
        Assert.Empty(await InAsync("-4.5,44.5,-4,45"));
    }

    private static GeometryFactory Shapes { get; } = new();

    private static MultiPolygon Shape(string geometry)
    {
        using var document = JsonDocument.Parse(geometry);
        var coordinates = document.RootElement.GetProperty("coordinates");
        LinearRing Ring(JsonElement ring) => Shapes.CreateLinearRing([.. ring.EnumerateArray().Select(p => new Coordinate(p[0].GetDouble(), p[1].GetDouble()))]);
        Polygon Area(JsonElement rings) => Shapes.CreatePolygon(Ring(rings[0]), [.. rings.EnumerateArray().Skip(1).Select(Ring)]);
        return Shapes.CreateMultiPolygon(document.RootElement.GetProperty("type").GetString() == "Polygon" ? [Area(coordinates)] : [.. coordinates.EnumerateArray().Select(Area)]);
    }

    [Fact]
    public async Task Whichever_of_two_packs_comes_first_their_regions_are_the_same_and_end_whole()
    {
        var other = await postgres.SeededAsync("documents", Token);
        var later = Assert.Single(await SeedPacks.LoadAsync(other, Seeds, "regions", Token));
        await SeedPacks.LoadAsync(_database, Seeds, "documents", Token);

        Assert.Equal((2, 0), (later.Filled, later.Unchanged));
        await using var second = TestDatabases.Source(other);
        const string Sql = """
            select r.slug || ' ' || r.kind || ' ' || coalesce(p.slug, '') || ' ' || v.name_fr || ' ' || (v.boundary_id is not null)
              || ' ' || (select count(*) from region_closure c where c.region_id = r.id and c.known_to = 'infinity')
              || ' ' || coalesce((select string_agg(i.scheme || ':' || i.value, ' ' order by i.scheme) from identifier i where i.kind = 'region' and i.resource_id = r.id), '')
            from region r join region_version v on v.region_id = r.id and v.known_to = 'infinity' left join region p on p.id = v.parent_id
            order by r.slug
            """;
        await using var connection = await second.OpenConnectionAsync(Token);
        Assert.Equal(await QueryAsync<string>(Sql), await connection.QueryAsync<string>(Sql));
        Assert.Equal(
            ["france revised 2", "hauts-de-france revised 2"],
            await connection.QueryAsync<string>("select r.slug || ' ' || x.cause || ' ' || x.version from change x join region r on r.id = x.resource_id where x.resource_type = 'region' and x.version > 1 order by 1"));

        Assert.All(await SeedPacks.LoadAsync(other, Seeds, "regions", Token), again => Assert.Equal((0, 0), (again.Created, again.Filled)));
        Assert.All(await SeedPacks.LoadAsync(other, Seeds, "documents", Token), again => Assert.Equal((0, 0, 25), (again.Created, again.Filled, again.Unchanged)));
    }

    [Fact]
    public async Task What_a_curator_has_revised_is_not_filled_in()
    {
        var database = await postgres.SeededAsync("documents", Token);
        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        await connection.ExecuteAsync("update region_version set recorded_by = 'curator' where region_id = (select id from region where slug = 'france')");

        Assert.Equal(1, Assert.Single(await SeedPacks.LoadAsync(database, Seeds, "regions", Token)).Filled);
        Assert.Null(await connection.QuerySingleAsync<long?>("select boundary_id from region_version where region_id = (select id from region where slug = 'france') and known_to = 'infinity'"));
    }

    [Fact]
    public async Task A_factory_without_a_region_lies_in_that_of_its_place_and_what_is_odd_is_said()
    {
        var report = await LoadAsync(
            Factory("in-the-north", "FR", 3.06, 50.63), Factory("off-sines", "PT", -8.85, 37.9), Factory("vaguely", "FR", 3.06, 50.63, precision: "region"),
            Factory("elsewhere", "FR", 4.85, 45.75, region: "hauts-de-france"), Factory("at-sea", "FR", -7, 47));

        Assert.Equal(
            ["at-sea", "elsewhere hauts-de-france", "in-the-north nord", "off-sines setubal", "vaguely"],
            await QueryAsync<string>("""
                select concat_ws(' ', f.slug, r.slug) from factory_current f left join region r on r.id = f.region_id order by f.slug
                """));
        Assert.Equal(2, report.Warnings.Count(w => w.Contains("in no region", StringComparison.Ordinal)));
        Assert.Equal("elsewhere: The place lies in Auvergne-Rhône-Alpes; the factory is said to be in Hauts-de-France.", Assert.Single(report.Warnings, w => w.StartsWith("elsewhere", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_place_in_another_country_refuses_the_pack_with_both_names()
    {
        var refused = await Assert.ThrowsAsync<SeedException>(() => LoadAsync(Factory("fine", "FR", 3.06, 50.63), Factory("in-berlin", "FR", 13.4, 52.5)));

        Assert.Contains("in-berlin", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Germany", refused.Message, StringComparison.Ordinal);
        Assert.Contains("France", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await QueryAsync<string>("select slug from factory"));
    }

    private static string Factory(string slug, string country, double lon, double lat, string? region = null, string precision = "municipality") => $$"""
        { "slug": "{{slug}}", "name": "{{slug}}", "names": [{"text":"{{slug}}","lang":"fr","kind":"official"}], "sector": "other", "country": "{{country}}",
          "region": {{JsonSerializer.Serialize(region)}},
          "locations": [{ "id": "{{slug}}-place", "lon": {{JsonSerializer.Serialize(lon)}}, "lat": {{JsonSerializer.Serialize(lat)}}, "precision": "{{precision}}", "evidence": [{ "source": "s" }] }] }
        """;

    private async Task<SeedReport> LoadAsync(params string[] factories)
    {
        var folder = Directory.CreateTempSubdirectory("chantier-pack-").FullName;
        try
        {
            var pack = Directory.CreateDirectory(Path.Combine(folder, "places")).FullName;
            await File.WriteAllTextAsync(Path.Combine(pack, "sources.json"), """[{ "slug": "s", "kind": "press", "published": "2024" }]""", Token);
            await File.WriteAllTextAsync(Path.Combine(pack, "factories.json"), $"[{string.Join(",", factories)}]", Token);
            return Assert.Single(await SeedPacks.LoadAsync(_database, folder, "places", Token));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<List<T>> QueryAsync<T>(string sql)
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        return (await connection.QueryAsync<T>(sql)).AsList();
    }
}
