using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Chantier.Domain;

/// <summary>The boundary of an area on the earth: one or more polygons with holes, WGS 84 degrees, longitude first.</summary>
/// <remarks>
/// Edges are straight in longitude and latitude (RFC 7946 §3.1.1), so an area across the antimeridian is cut there into two polygons,
/// as §3.1.9 asks. Distances are those of a plane laid at the point that is asked about: within 100 km they are right to a part in a
/// hundred, which is finer than simplified boundaries are.
/// </remarks>
public sealed class Outline
{
    /// <summary>What is read, for messages and documentation.</summary>
    public const string Accepted = "a GeoJSON Polygon or MultiPolygon in WGS 84 whose rings are closed and have at least four positions";

    /// <summary>Metres of one degree of a great circle (mean radius, IUGG).</summary>
    public const double MetresPerDegree = 6_371_008.8 * Math.PI / 180;

    private readonly (double Lon, double Lat)[][][] areas;

    private Outline((double Lon, double Lat)[][][] polygons)
    {
        areas = polygons;
        var positions = polygons.SelectMany(rings => rings).SelectMany(ring => ring).ToList();
        Box = (positions.Min(p => p.Lon), positions.Min(p => p.Lat), positions.Max(p => p.Lon), positions.Max(p => p.Lat));
    }

    /// <summary>The box around it.</summary>
    public (double West, double South, double East, double North) Box { get; }

    /// <summary>Reads a geometry, or says in <paramref name="wrong"/> what is wrong with it. Never throws.</summary>
    public static bool TryRead(JsonElement geometry, [NotNullWhen(true)] out Outline? outline, [NotNullWhen(false)] out string? wrong)
    {
        outline = null;
        wrong = null;
        if (geometry.ValueKind != JsonValueKind.Object || !geometry.TryGetProperty("type", out var type) || !geometry.TryGetProperty("coordinates", out var coordinates))
        {
            wrong = "it has no type or no coordinates";
            return false;
        }

        (double, double)[][][]? read = (type.ValueKind == JsonValueKind.String ? type.GetString() : null) switch
        {
            "Polygon" => Rings(coordinates, ref wrong) is { } rings ? [rings] : null,
            "MultiPolygon" => Each<(double, double)[][]>(coordinates, "polygons", Rings, ref wrong),
            _ => null,
        };
        wrong ??= read is null ? "its type is neither Polygon nor MultiPolygon" : null;
        outline = wrong is null ? new Outline(read!) : null;
        return outline is not null;
    }

    /// <summary>Reads a geometry that was checked before.</summary>
    /// <exception cref="FormatException">It is none after all.</exception>
    public static Outline Parse(string geometry)
    {
        using var document = JsonDocument.Parse(geometry);
        return TryRead(document.RootElement, out var outline, out var wrong) ? outline : throw new FormatException(wrong);
    }

    /// <summary>Whether the point lies inside, and in no hole.</summary>
    public bool Contains(double lon, double lat) =>
        lon >= Box.West && lon <= Box.East && lat >= Box.South && lat <= Box.North
        && areas.Any(rings => Crossings(rings[0], lon, lat) && !rings.Skip(1).Any(hole => Crossings(hole, lon, lat)));

    /// <summary>Metres from the point to the area; 0 inside.</summary>
    public double MetresTo(double lon, double lat) => Contains(lon, lat)
        ? 0
        : areas.SelectMany(rings => rings).Min(ring => Enumerable.Range(0, ring.Length - 1).Min(i => MetresToEdge(ring[i], ring[i + 1], lon, lat)));

    // A ray to the east crosses the ring an odd number of times from inside.
    private static bool Crossings((double Lon, double Lat)[] ring, double lon, double lat)
    {
        var inside = false;
        for (var i = 0; i < ring.Length - 1; i++)
        {
            var (a, b) = (ring[i], ring[i + 1]);
            if (a.Lat > lat != b.Lat > lat && lon < ((b.Lon - a.Lon) * (lat - a.Lat) / (b.Lat - a.Lat)) + a.Lon)
            {
                inside = !inside;
            }
        }

        return inside;
    }

    private static double MetresToEdge((double Lon, double Lat) a, (double Lon, double Lat) b, double lon, double lat)
    {
        var scale = Math.Cos(lat * Math.PI / 180);
        // The edge is laid where it is nearest, whichever way around the earth; it is never longer than half of that.
        var shift = Math.Round((((a.Lon + b.Lon) / 2) - lon) / 360) * 360;
        var (ax, ay) = ((a.Lon - shift - lon) * scale, a.Lat - lat);
        var (bx, by) = ((b.Lon - shift - lon) * scale, b.Lat - lat);
        var (dx, dy) = (bx - ax, by - ay);
        var length = (dx * dx) + (dy * dy);
        var along = length == 0 ? 0 : Math.Clamp(-((ax * dx) + (ay * dy)) / length, 0, 1);
        return Math.Sqrt(Math.Pow(ax + (along * dx), 2) + Math.Pow(ay + (along * dy), 2)) * MetresPerDegree;
    }

    private delegate T? Reader<T>(JsonElement json, ref string? wrong)
        where T : class;

    private static T[]? Each<T>(JsonElement json, string what, Reader<T> read, ref string? wrong)
        where T : class
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() == 0)
        {
            wrong ??= $"it has no {what} where they belong";
            return null;
        }

        var all = new List<T>(json.GetArrayLength());
        foreach (var item in json.EnumerateArray())
        {
            if (read(item, ref wrong) is not { } one)
            {
                return null;
            }

            all.Add(one);
        }

        return [.. all];
    }

    private static (double Lon, double Lat)[][]? Rings(JsonElement json, ref string? wrong) => Each<(double Lon, double Lat)[]>(json, "rings", Ring, ref wrong);

    private static (double Lon, double Lat)[]? Ring(JsonElement json, ref string? wrong)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() < 4)
        {
            wrong ??= "a ring has fewer than four positions";
            return null;
        }

        var ring = new List<(double Lon, double Lat)>(json.GetArrayLength());
        foreach (var position in json.EnumerateArray())
        {
            if (position.ValueKind != JsonValueKind.Array || position.GetArrayLength() is < 2 or > 3
                || position[0].ValueKind != JsonValueKind.Number || position[1].ValueKind != JsonValueKind.Number
                || position[0].GetDouble() is not (>= -180 and <= 180) || position[1].GetDouble() is not (>= -90 and <= 90))
            {
                wrong ??= "a position is not longitude and latitude in degrees";
                return null;
            }

            ring.Add((position[0].GetDouble(), position[1].GetDouble()));
        }

        if (ring[0] != ring[^1])
        {
            wrong ??= "a ring is not closed: its first and last positions differ";
            return null;
        }

        return [.. ring];
    }
}
