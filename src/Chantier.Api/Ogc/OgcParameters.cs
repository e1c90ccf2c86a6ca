using System.Globalization;
using System.Text.Json.Nodes;
using Chantier.Api.Http;
using Microsoft.OpenApi;

namespace Chantier.Api.Ogc;

/// <summary>How many features a page has. More than the most is cut, not refused: clients ask for what they like best.</summary>
internal sealed record OgcLimit(int Count) : IReadable<OgcLimit>
{
    public const int Default = 1000;
    public const int Most = 10_000;

    public static string Accepts => "a whole number from 1; above 10000, it is taken for 10000";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = Most.ToString(CultureInfo.InvariantCulture), Default = JsonValue.Create(Default) };

    public static OgcLimit? Read(string text) => text.All(char.IsAsciiDigit) && text.Any(digit => digit != '0')
        ? new(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Math.Min(count, Most) : Most)
        : null;
}

/// <summary>A box as it was sent, in the coordinates of whatever system bbox-crs names. Heights are taken, and mean nothing here.</summary>
internal sealed record OgcBox(double First, double Second, double Third, double Fourth) : IReadable<OgcBox>
{
    public static string Accepts => "four numbers, the two of one corner and the two of the other, or six with heights";

    public static OpenApiSchema Schema => new()
    {
        Type = JsonSchemaType.Array,
        Items = new OpenApiSchema { Type = JsonSchemaType.Number },
        MinItems = 4,
        MaxItems = 6,
    };

    public static OgcBox? Read(string text)
    {
        var sides = text.Split(',', StringSplitOptions.TrimEntries)
            .Select(side => double.TryParse(side, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : (double?)null)
            .ToArray();
        return sides switch
        {
            [{ } a, { } b, { } c, { } d] => new(a, b, c, d),
            [{ } a, { } b, { }, { } c, { } d, { }] => new(a, b, c, d),
            _ => null,
        };
    }
}

/// <summary>An instant or an interval, either end of which may be open; what happened has a day here, so days are compared.</summary>
/// <param name="Start">From this day on; null: from ever.</param>
/// <param name="End">Up to this day; null: up to now.</param>
internal sealed record OgcDatetime(DateOnly? Start, DateOnly? End) : IReadable<OgcDatetime>
{
    public static string Accepts => "a date such as 2024-08-15, a moment such as 2024-08-15T00:00:00Z, or an interval of two with .. for an open end, such as 2024-01-01/..";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.String };

    public static OgcDatetime? Read(string text)
    {
        if (text.Split('/') is not { Length: <= 2 } parts)
        {
            return null;
        }

        var moments = new Moment?[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var isOpen = parts.Length == 2 && parts[i] is ".." or "";
            if (!isOpen && (moments[i] = Moment.Read(parts[i])) is null)
            {
                return null;
            }
        }

        return moments switch
        {
            [var only] => new(null, DayOf(only)),
            [{ } start, { } end] when start.First > end.At => null,
            [var start, var end] => new(DayOf(start), DayOf(end)),
            _ => null,
        };
    }

    private static DateOnly? DayOf(Moment? moment) => moment is null ? null : DateOnly.FromDateTime(moment.First.UtcDateTime);
}

/// <summary>A coordinate reference system (OGC API Features Part 2).</summary>
/// <param name="Uri">Its name.</param>
/// <param name="Kind">What its coordinates are.</param>
internal sealed record OgcCrs(string Uri, OgcCrs.Axes Kind) : IReadable<OgcCrs>
{
    internal enum Axes
    {
        /// <summary>Degrees, longitude first.</summary>
        LonLat,

        /// <summary>Degrees, latitude first.</summary>
        LatLon,

        /// <summary>Metres of Web Mercator, east first.</summary>
        Mercator,
    }

    public static OgcCrs Crs84 { get; } = new("http://www.opengis.net/def/crs/OGC/1.3/CRS84", Axes.LonLat);

    public static IReadOnlyList<OgcCrs> All { get; } =
    [
        Crs84,
        new("http://www.opengis.net/def/crs/EPSG/0/4326", Axes.LatLon),
        new("http://www.opengis.net/def/crs/EPSG/0/3857", Axes.Mercator),
    ];

    public static string Accepts => string.Join(", ", All.Select(crs => crs.Uri));

    public static OpenApiSchema Schema => new()
    {
        Type = JsonSchemaType.String,
        Format = "uri",
        Enum = [.. All.Select(crs => (JsonNode)JsonValue.Create(crs.Uri))],
        Default = JsonValue.Create(Crs84.Uri),
    };

    public static OgcCrs? Read(string text) => All.FirstOrDefault(crs => crs.Uri == text);

    /// <summary>The coordinates of a place, in this system's order.</summary>
    public (double First, double Second) Of(double lon, double lat) => Kind switch
    {
        Axes.LonLat => (lon, lat),
        Axes.LatLon => (lat, lon),
        _ => (Mercator.Metres(Mercator.X(lon)), -Mercator.Metres(Mercator.Y(lat))),
    };

    /// <summary>A box of this system in degrees; null where its south is above its north. West above east crosses the antimeridian.</summary>
    public Box? Degrees(OgcBox box)
    {
        var (west, south, east, north) = Kind switch
        {
            Axes.LonLat => (box.First, box.Second, box.Third, box.Fourth),
            Axes.LatLon => (box.Second, box.First, box.Fourth, box.Third),
            _ => (Mercator.Lon(Mercator.Share(box.First)), Mercator.Lat(Mercator.Share(-box.Second)), Mercator.Lon(Mercator.Share(box.Third)), Mercator.Lat(Mercator.Share(-box.Fourth))),
        };
        // Clients send boxes that are somewhat larger than the world; and maps that were moved around it, those that reach beyond its edge.
        if (east - west >= 360)
        {
            (west, east) = (-180, 180);
        }

        return south <= north ? new(Around(west), Math.Clamp(south, -90, 90), Around(east), Math.Clamp(north, -90, 90)) : null;
    }

    private static double Around(double lon) => Math.Abs(lon) <= 180 ? lon : Math.IEEERemainder(lon, 360);
}
