namespace Chantier.Api.Ogc;

/// <summary>Web Mercator (EPSG:3857) as a square of side 1, from its north-west corner.</summary>
internal static class Mercator
{
    /// <summary>Where the square ends; the poles lie beyond.</summary>
    public const double MostLat = 85.051128779806604;

    /// <summary>The length of the equator in metres, on the sphere that the projection takes.</summary>
    public const double Around = 2 * Math.PI * 6_378_137;

    public static double X(double lon) => (lon + 180) / 360;

    public static double Y(double lat) =>
        0.5 - (Math.Log(Math.Tan((Math.PI / 4) + (Math.Clamp(lat, -MostLat, MostLat) * Math.PI / 360))) / (2 * Math.PI));

    public static double Lon(double x) => (x * 360) - 180;

    public static double Lat(double y) => (Math.Atan(Math.Exp((0.5 - y) * 2 * Math.PI)) * 360 / Math.PI) - 90;

    /// <summary>Metres from the middle of a place on a side.</summary>
    public static double Metres(double share) => (share - 0.5) * Around;

    /// <summary>The place on a side that is so many metres from its middle.</summary>
    public static double Share(double metres) => (metres / Around) + 0.5;
}
