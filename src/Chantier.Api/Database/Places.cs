using Chantier.Domain;

namespace Chantier.Api.Database;

/// <summary>A point with the country, and the most specific region, that its factory is said to be in.</summary>
internal sealed record StatedPlace(double Lon, double Lat, int? UncertaintyMetres, string Country, long? Region);

/// <summary>What the boundaries say of a place: why it is refused; or what is odd about it, and the slug of the most specific region of its country that it lies in,
/// or nearly so.</summary>
internal sealed record PlaceFinding(string? Refusal, (string Code, string Detail)? Warning, string? Region);

/// <summary>A region near a place, with its boundary.</summary>
internal sealed record Area
{
    /// <summary>Which of the places, from 0.</summary>
    public required int Place { get; init; }

    public required long BoundaryId { get; init; }

    public required string Slug { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required string Geometry { get; init; }

    /// <summary>How many regions it lies in, itself included.</summary>
    public required int Level { get; init; }

    /// <summary>How many steps above the factory's own region; null where that does not lie in it.</summary>
    public int? Depth { get; init; }

    /// <summary>The code of the country that it is or lies in.</summary>
    public string? Country { get; init; }

    public bool IsCountry => Kind == "country";
}

/// <summary>Holds places against the boundaries of regions.</summary>
internal static class Places
{
    // Boundaries are simplified: within this of its country, a point at the border is not judged.
    private const double Slack = 0.05 * Outline.MetresPerDegree;

    /// <summary>The code of the country that a region r is or lies in.</summary>
    public const string CountryCode = """
        (select i.value
          from region_closure c
          join region a on a.id = c.ancestor_id and a.kind = 'country'
          join identifier i on i.kind = 'region' and i.resource_id = a.id and i.scheme = 'iso3166-1' and i.known_to = 'infinity'
          where c.region_id = r.id and c.known_to = 'infinity'
          order by c.depth
          limit 1)
        """;

    /// <summary>The boundaries that have a point in their box, those of the stated countries, and those of the regions that are stated.</summary>
    public const string AreasSql = $"""
        select p.ordinal::int - 1 as place, b.id as boundary_id, r.slug, r.kind, v.name_en as name, b.geometry::text as geometry, own.depth,
          (select count(*) from region_closure c where c.region_id = r.id and c.known_to = 'infinity')::int as level, {CountryCode} as country
        from unnest(@lons, @lats, @countries, @regions) with ordinality as p (lon, lat, country, region, ordinal)
        cross join region_version v
        join region r on r.id = v.region_id and r.kind <> 'cluster'
        join boundary b on b.id = v.boundary_id
        left join region_closure own on own.region_id = p.region and own.ancestor_id = r.id and own.known_to = 'infinity'
        where v.known_to = 'infinity'
          and ((p.lon between b.min_lon and b.max_lon and p.lat between b.min_lat and b.max_lat) or own.depth is not null
            or (r.kind = 'country' and exists (select from identifier i
              where i.kind = 'region' and i.resource_id = r.id and i.scheme = 'iso3166-1' and i.value = p.country and i.known_to = 'infinity')))
        order by p.ordinal, own.depth nulls last, r.id
        """;

    public static object Parameters(IReadOnlyList<StatedPlace> places) => new
    {
        lons = places.Select(p => p.Lon).ToArray(),
        lats = places.Select(p => p.Lat).ToArray(),
        countries = places.Select(p => p.Country).ToArray(),
        regions = places.Select(p => p.Region).ToArray(),
    };

    public static List<PlaceFinding> Judge(IReadOnlyList<StatedPlace> places, IReadOnlyList<Area> areas)
    {
        var near = areas.ToLookup(a => a.Place);
        var outlines = areas.DistinctBy(a => a.BoundaryId).ToDictionary(a => a.BoundaryId, a => Outline.Parse(a.Geometry));
        return [.. places.Select((place, n) => Judge(place, [.. near[n]], outlines))];
    }

    public static PlaceFinding Judge(StatedPlace place, List<Area> areas, Dictionary<long, Outline> outlines)
    {
        double MetresTo(Area area) => outlines[area.BoundaryId].MetresTo(place.Lon, place.Lat);

        var slack = Math.Max(place.UncertaintyMetres ?? 0, Slack);
        var stated = areas.Find(a => a.IsCountry && a.Country == place.Country);
        var around = areas.FindAll(a => outlines[a.BoundaryId].Contains(place.Lon, place.Lat));
        if (stated is not null && MetresTo(stated) > slack && around.Find(a => a.IsCountry) is { } other)
        {
            return new($"lie in {other.Name}, {MetresTo(stated) / 1000:0} km from {stated.Name}, which the factory is said to be in.", null, null);
        }

        // The most specific region that it is said to lie in and whose boundary is known.
        var own = areas.Find(a => a is { Depth: not null, IsCountry: false });
        (string, string)? warning =
            stated is null ? ("place_not_checked", $"No boundary of {place.Country} is known here, so whether the place lies in it was not checked.")
            : around.Count == 0 ? ("in_no_region", "The place lies in no region whose boundary is known here: on a coast, or offshore, or it is wrong.")
            : own is not null && MetresTo(own) > slack && around.Find(a => a.Kind == own.Kind) is { } elsewhere
                ? ("in_another_region", $"The place lies in {elsewhere.Name}; the factory is said to be in {own.Name}.")
            : null;
        // On a coast, the nearest: boundaries are simplified there too.
        var within = areas.FindAll(a => a.Country == place.Country).ConvertAll(a => (Area: a, Metres: MetresTo(a))).FindAll(a => a.Metres <= slack);
        return new(null, warning, within.OrderBy(a => a.Metres).ThenByDescending(a => a.Area.Level).FirstOrDefault().Area?.Slug);
    }
}
