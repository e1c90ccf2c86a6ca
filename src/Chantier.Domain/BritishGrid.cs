namespace Chantier.Domain;

/// <summary>The National Grid of Great Britain (EPSG:27700) in WGS 84 degrees.</summary>
/// <remarks>
/// The inverse of the grid's transverse Mercator projection, and the seven-parameter transformation from OSGB36 to WGS 84 (EPSG:1314), both
/// as in Ordnance Survey, "A guide to coordinate systems in Great Britain", annexes B and C and §6.6. The transformation is right to about
/// 5 m, far below what a register of sites knows. Written here, because the libraries at hand are under the LGPL.
/// </remarks>
public static class BritishGrid
{
    /// <summary>What is read, for messages and documentation.</summary>
    public const string Accepted = "metres on the National Grid and off its coasts: eastings from -100000 to 800000, northings from -100000 to 1400000, and not 0, 0";

    // Airy 1830.
    private const double A = 6377563.396;
    private const double B = 6356256.909;
    private const double E2 = 1 - (B * B / (A * A));

    private const double Scale = 0.9996012717;
    private const double OriginLat = 49 * Degree;
    private const double OriginLon = -2 * Degree;
    private const double OriginEasting = 400000;
    private const double OriginNorthing = -100000;

    private const double Degree = Math.PI / 180;
    private const double Second = Degree / 3600;

    /// <summary>Whether the grid, or what it can be drawn on to with reason, has such a point.</summary>
    public static bool Has(double easting, double northing) => easting is >= -100000 and <= 800000 && northing is >= -100000 and <= 1400000 && (easting != 0 || northing != 0);

    /// <summary>Degrees, WGS 84.</summary>
    public static (double Lon, double Lat) ToWgs84(double easting, double northing)
    {
        var (lon, lat) = ToAiry(easting, northing);
        return Shift(lon, lat);
    }

    /// <summary>Degrees on the ellipsoid of Airy, which the grid is drawn on (OSGB36).</summary>
    public static (double Lon, double Lat) ToAiry(double easting, double northing)
    {
        const double n = (A - B) / (A + B);
        var lat = OriginLat;
        double arc = 0;
        do
        {
            lat += (northing - OriginNorthing - arc) / (A * Scale);
            var (minus, plus) = (lat - OriginLat, lat + OriginLat);
            arc = B * Scale * (
                ((1 + n + (5d / 4 * n * n) + (5d / 4 * n * n * n)) * minus)
                - (((3 * n) + (3 * n * n) + (21d / 8 * n * n * n)) * Math.Sin(minus) * Math.Cos(plus))
                + (((15d / 8 * n * n) + (15d / 8 * n * n * n)) * Math.Sin(2 * minus) * Math.Cos(2 * plus))
                - (35d / 24 * n * n * n * Math.Sin(3 * minus) * Math.Cos(3 * plus)));
        }
        while (Math.Abs(northing - OriginNorthing - arc) >= 0.00001);

        var (sin, cos, tan) = (Math.Sin(lat), Math.Cos(lat), Math.Tan(lat));
        var nu = A * Scale / Math.Sqrt(1 - (E2 * sin * sin));
        var rho = A * Scale * (1 - E2) / Math.Pow(1 - (E2 * sin * sin), 1.5);
        var eta2 = (nu / rho) - 1;
        var (t2, t4, t6) = (tan * tan, Math.Pow(tan, 4), Math.Pow(tan, 6));
        var e = easting - OriginEasting;

        // VII to XIIA of annex C.
        var vii = tan / (2 * rho * nu);
        var viii = tan / (24 * rho * Math.Pow(nu, 3)) * (5 + (3 * t2) + eta2 - (9 * t2 * eta2));
        var ix = tan / (720 * rho * Math.Pow(nu, 5)) * (61 + (90 * t2) + (45 * t4));
        var x = 1 / (cos * nu);
        var xi = 1 / (cos * 6 * Math.Pow(nu, 3)) * ((nu / rho) + (2 * t2));
        var xii = 1 / (cos * 120 * Math.Pow(nu, 5)) * (5 + (28 * t2) + (24 * t4));
        var xiia = 1 / (cos * 5040 * Math.Pow(nu, 7)) * (61 + (662 * t2) + (1320 * t4) + (720 * t6));
        return (
            (OriginLon + (x * e) - (xi * Math.Pow(e, 3)) + (xii * Math.Pow(e, 5)) - (xiia * Math.Pow(e, 7))) / Degree,
            (lat - (vii * e * e) + (viii * Math.Pow(e, 4)) - (ix * Math.Pow(e, 6))) / Degree);
    }

    private static (double Lon, double Lat) Shift(double lonDegrees, double latDegrees)
    {
        var (lon, lat) = (lonDegrees * Degree, latDegrees * Degree);
        var nu = A / Math.Sqrt(1 - (E2 * Math.Sin(lat) * Math.Sin(lat)));
        var (x, y, z) = (nu * Math.Cos(lat) * Math.Cos(lon), nu * Math.Cos(lat) * Math.Sin(lon), nu * (1 - E2) * Math.Sin(lat));

        const double scale = 1 - 20.4894e-6;
        const double rx = 0.1502 * Second;
        const double ry = 0.2470 * Second;
        const double rz = 0.8421 * Second;
        (x, y, z) = (446.448 + (scale * x) - (rz * y) + (ry * z), -125.157 + (rz * x) + (scale * y) - (rx * z), 542.060 - (ry * x) + (rx * y) + (scale * z));

        // WGS 84.
        const double a = 6378137;
        const double b = 6356752.3142;
        const double e2 = 1 - (b * b / (a * a));
        var p = Math.Sqrt((x * x) + (y * y));
        var shifted = Math.Atan2(z, p * (1 - e2));
        for (var i = 0; i < 5; i++)
        {
            var v = a / Math.Sqrt(1 - (e2 * Math.Sin(shifted) * Math.Sin(shifted)));
            shifted = Math.Atan2(z + (e2 * v * Math.Sin(shifted)), p);
        }

        return (Math.Atan2(y, x) / Degree, shifted / Degree);
    }
}
