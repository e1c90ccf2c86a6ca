using System.Text.Json;

namespace Chantier.Api.Tests.Http;

/// <summary>RFC 7946, as far as a collection of features goes: what a strict reader refuses, this refuses.</summary>
internal static class GeoJsonRules
{
    /// <summary>The features of a valid collection.</summary>
    public static JsonElement[] Features(JsonElement collection)
    {
        Assert.Equal("FeatureCollection", collection.Text("type"));
        // §7.1: what belongs to other types must not stand here; §4: no coordinate system but WGS 84.
        foreach (var foreign in new[] { "geometry", "properties", "coordinates", "geometries", "crs" })
        {
            Assert.False(collection.TryGetProperty(foreign, out _), foreign);
        }

        var features = collection.List("features");
        foreach (var feature in features)
        {
            CheckFeature(feature);
        }

        Assert.Equal(features.Length, features.Select(feature => feature.Text("id")).Distinct().Count());
        return features;
    }

    private static void CheckFeature(JsonElement feature)
    {
        Assert.Equal("Feature", feature.Text("type"));
        Assert.Contains(feature.GetProperty("id").ValueKind, new[] { JsonValueKind.String, JsonValueKind.Number });
        Assert.Contains(feature.GetProperty("properties").ValueKind, new[] { JsonValueKind.Object, JsonValueKind.Null });
        foreach (var foreign in new[] { "features", "coordinates", "geometries", "crs" })
        {
            Assert.False(feature.TryGetProperty(foreign, out _), foreign);
        }

        var geometry = feature.GetProperty("geometry");
        if (geometry.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        Assert.Equal(["coordinates", "type"], geometry.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        var coordinates = geometry.GetProperty("coordinates");
        switch (geometry.Text("type"))
        {
            case "Point":
                CheckPosition(coordinates);
                break;
            case "Polygon":
                CheckPolygon(coordinates);
                break;
            case "MultiPolygon":
                Assert.NotEqual(0, coordinates.GetArrayLength());
                Assert.All(coordinates.EnumerateArray(), CheckPolygon);
                break;
            case var other:
                Assert.Fail($"A geometry of type {other}.");
                break;
        }
    }

    // §3.1.6: closed rings of four positions or more; the outer one runs anticlockwise, the holes clockwise.
    private static void CheckPolygon(JsonElement rings)
    {
        Assert.NotEqual(0, rings.GetArrayLength());
        var isOuter = true;
        foreach (var ring in rings.EnumerateArray())
        {
            var positions = ring.EnumerateArray().ToArray();
            Assert.True(positions.Length >= 4, "A ring has four positions or more.");
            Assert.All(positions, CheckPosition);
            Assert.Equal(positions[0].GetRawText(), positions[^1].GetRawText());
            var area = positions.Zip(positions.Skip(1), (a, b) => a[0].GetDouble() * b[1].GetDouble() - b[0].GetDouble() * a[1].GetDouble()).Sum();
            Assert.True(isOuter ? area > 0 : area < 0, "A ring runs the wrong way round.");
            // §3.1.9: what crosses the antimeridian is cut there.
            Assert.All(positions.Zip(positions.Skip(1)), pair => Assert.True(Math.Abs(pair.First[0].GetDouble() - pair.Second[0].GetDouble()) <= 180));
            isOuter = false;
        }
    }

    // §3.1.1: longitude before latitude, and nothing after the altitude.
    private static void CheckPosition(JsonElement position)
    {
        Assert.InRange(position.GetArrayLength(), 2, 3);
        Assert.InRange(position[0].GetDouble(), -180, 180);
        Assert.InRange(position[1].GetDouble(), -90, 90);
    }
}
