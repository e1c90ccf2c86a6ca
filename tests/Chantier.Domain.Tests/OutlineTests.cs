using System.Globalization;
using System.Text.Json;
using CsCheck;

namespace Chantier.Domain.Tests;

public sealed class OutlineTests
{
    private const string Square = "[[0,0],[4,0],[4,4],[0,4],[0,0]]";
    private const string Hole = "[[1,1],[3,1],[3,3],[1,3],[1,1]]";

    private static readonly Gen<double> Lon = Gen.Double[-179, 179];
    private static readonly Gen<double> Lat = Gen.Double[-80, 80];

    // A star around a centre: any radii in the order of their angles make a ring that does not cross itself.
    private static readonly Gen<(double Lon, double Lat, double[] Radii)> Star = Gen.Select(Gen.Double[-150, 150], Gen.Double[-60, 60], Gen.Double[0.5, 20].Array[3, 40]);

    [Fact]
    public void A_point_is_inside_a_star_exactly_when_it_is_nearer_to_the_centre_than_the_edge_in_its_direction() =>
        Gen.Select(Star, Gen.Double[0, 1], Gen.Int[0, 1000]).Sample((star, part, step) =>
        {
            var outline = Read("Polygon", $"[{Ring(star)}]");
            var corner = step % star.Radii.Length;
            var (x, y) = Corner(star, corner);
            var (inLon, inLat) = (star.Lon + ((x - star.Lon) * part * 0.999), star.Lat + ((y - star.Lat) * part * 0.999));
            var (outLon, outLat) = (star.Lon + ((x - star.Lon) * (1.001 + part)), star.Lat + ((y - star.Lat) * (1.001 + part)));
            return outline.Contains(inLon, inLat) && outline.MetresTo(inLon, inLat) == 0 && !outline.Contains(outLon, outLat) && outline.MetresTo(outLon, outLat) > 0;
        });

    [Fact]
    public void No_corner_is_nearer_than_the_outline() => Gen.Select(Star, Gen.Double[-90, 90], Lat).Sample((star, east, lat) =>
    {
        var lon = star.Lon + east;
        var outline = Read("Polygon", $"[{Ring(star)}]");
        var metres = outline.MetresTo(lon, lat);
        return Enumerable.Range(0, star.Radii.Length).All(i => Corner(star, i) is var (x, y) && Plane(lon, lat, x, y) >= metres - 0.001);
    });

    [Fact]
    public void The_order_of_a_ring_and_where_it_starts_change_nothing() => Gen.Select(Star, Lon, Lat).Sample((star, lon, lat) =>
    {
        var ring = Enumerable.Range(0, star.Radii.Length).Select(i => Corner(star, i)).ToList();
        var turned = ring.Skip(1).Append(ring[0]).Reverse().ToList();
        var (one, two) = (Read("Polygon", $"[{Text(ring)}]"), Read("MultiPolygon", $"[[{Text(turned)}]]"));
        // Whether a point on the very edge is inside, rounding decides.
        return Math.Abs(one.MetresTo(lon, lat) - two.MetresTo(lon, lat)) < 0.01 && (one.Contains(lon, lat) == two.Contains(lon, lat) || Math.Max(one.MetresTo(lon, lat), two.MetresTo(lon, lat)) < 0.01);
    });

    [Fact]
    public void A_hole_is_outside_and_what_lies_in_it_is_as_far_as_its_edge()
    {
        var outline = Read("Polygon", $"[{Square},{Hole}]");

        Assert.True(outline.Contains(0.5, 0.5));
        Assert.False(outline.Contains(2, 2));
        Assert.Equal(Outline.MetresPerDegree, outline.MetresTo(2, 2), 200.0);
        Assert.Equal((0.0, 0.0, 4.0, 4.0), outline.Box);
    }

    [Fact]
    public void Distances_are_metres_on_the_ground_also_across_the_antimeridian()
    {
        var north = Read("Polygon", "[[[10,60],[12,60],[12,61],[10,61],[10,60]]]");
        // A degree of longitude at 60° is half of one at the equator.
        Assert.Equal(Outline.MetresPerDegree / 2, north.MetresTo(9, 60.5), 1000.0);
        var east = Read("Polygon", "[[[178,0],[180,0],[180,2],[178,2],[178,0]]]");
        Assert.Equal(Outline.MetresPerDegree, east.MetresTo(-179, 1), 200.0);
    }

    [Theory]
    [InlineData("Point", "[2,50]", "neither Polygon nor MultiPolygon")]
    [InlineData("Polygon", "[]", "no rings")]
    [InlineData("Polygon", "[[[0,0],[1,0],[0,0]]]", "fewer than four")]
    [InlineData("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]", "not closed")]
    [InlineData("Polygon", "[[[0,0],[200,0],[1,1],[0,0]]]", "not longitude and latitude")]
    [InlineData("Polygon", "[[[0,0],[\"1\",0],[1,1],[0,0]]]", "not longitude and latitude")]
    [InlineData("MultiPolygon", "[[[0,0],[1,0],[1,1],[0,0]]]", "fewer than four")]
    public void What_is_no_boundary_is_refused_with_a_reason(string type, string coordinates, string why)
    {
        using var document = JsonDocument.Parse($$"""{"type":"{{type}}","coordinates":{{coordinates}}}""");
        Assert.False(Outline.TryRead(document.RootElement, out _, out var wrong));
        Assert.Contains(why, wrong, StringComparison.Ordinal);
    }

    private static Outline Read(string type, string coordinates) => Outline.Parse($$"""{"type":"{{type}}","coordinates":{{coordinates}}}""");

    private static (double Lon, double Lat) Corner((double Lon, double Lat, double[] Radii) star, int i)
    {
        var angle = 2 * Math.PI * i / star.Radii.Length;
        return (star.Lon + (star.Radii[i] * Math.Cos(angle)), star.Lat + (star.Radii[i] * Math.Sin(angle)));
    }

    private static string Ring((double Lon, double Lat, double[] Radii) star) => Text([.. Enumerable.Range(0, star.Radii.Length).Select(i => Corner(star, i))]);

    private static string Text(List<(double Lon, double Lat)> ring) => $"[{string.Join(',', ring.Append(ring[0]).Select(p =>
        $"[{p.Lon.ToString("R", CultureInfo.InvariantCulture)},{p.Lat.ToString("R", CultureInfo.InvariantCulture)}]"))}]";

    private static double Plane(double lon, double lat, double x, double y)
    {
        var dx = (x - lon) * Math.Cos(lat * Math.PI / 180);
        return Math.Sqrt((dx * dx) + Math.Pow(y - lat, 2)) * Outline.MetresPerDegree;
    }
}
