using CsCheck;

namespace Chantier.Domain.Tests;

public sealed class BritishGridTests
{
    // Ordnance Survey, "A guide to coordinate systems in Great Britain", annex C: the worked example.
    [Fact]
    public void The_worked_example_of_Ordnance_Survey_comes_out()
    {
        var (lon, lat) = BritishGrid.ToAiry(651409.903, 313177.270);

        Assert.Equal(52 + (39 / 60d) + (27.2531 / 3600), lat, 1e-8);
        Assert.Equal(1 + (43 / 60d) + (4.5177 / 3600), lon, 1e-8);
    }

    // The same tower as satellites find it, by the same guide: the seven parameters are right to about 5 m.
    [Fact]
    public void The_tower_is_where_satellites_find_it()
    {
        var (lon, lat) = BritishGrid.ToWgs84(651409.903, 313177.270);

        Assert.True(Metres(lon, lat, 1 + (42 / 60d) + (57.8663 / 3600), 52 + (39 / 60d) + (28.8282 / 3600)) < 5);
    }

    [Fact]
    public void Steps_of_a_kilometre_on_the_grid_are_a_kilometre_on_the_ground() =>
        Gen.Select(Gen.Double[100000, 650000], Gen.Double[10000, 1200000]).Sample((east, north) =>
        {
            var (a, b) = (BritishGrid.ToWgs84(east, north), BritishGrid.ToWgs84(east + 600, north + 800));
            return Math.Abs(Metres(a.Lon, a.Lat, b.Lon, b.Lat) - 1000) < 5;
        });

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(452000, 100000, true)]
    [InlineData(708047, 312194, true)]
    [InlineData(4520000, 100000, false)]
    [InlineData(double.NaN, 1, false)]
    public void The_grid_has_bounds(double east, double north, bool has) => Assert.Equal(has, BritishGrid.Has(east, north));

    private static double Metres(double lonA, double latA, double lonB, double latB)
    {
        var north = (latB - latA) * Outline.MetresPerDegree;
        var east = (lonB - lonA) * Outline.MetresPerDegree * Math.Cos((latA + latB) / 2 * Math.PI / 180);
        return Math.Sqrt((north * north) + (east * east));
    }
}
