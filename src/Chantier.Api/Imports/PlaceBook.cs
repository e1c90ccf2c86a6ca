using Chantier.Api.Database;
using Chantier.Domain;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>A region as rows name it: its own name, the code of its country, and the slugs of all that it lies in, itself first.</summary>
internal sealed record KnownRegion
{
    public required string Slug { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public string? Country { get; init; }

    public required string[] Chain { get; init; }
}

/// <summary>Every region and boundary of the tracker, read once, to hold the places of a file against: by the rule that writes have.</summary>
internal sealed class PlaceBook
{
    // Farther than any country's economic zone reaches.
    private const double FarMetres = 400_000;

    private const string AreasSql = $"""
        select 0 as place, b.id as boundary_id, r.slug, r.kind, v.name_en as name, b.geometry::text as geometry, null::int as depth,
          (select count(*) from region_closure c where c.region_id = r.id and c.known_to = 'infinity')::int as level,
          {Places.CountryCode} as country
        from region_version v
        join region r on r.id = v.region_id and r.kind <> 'cluster'
        join boundary b on b.id = v.boundary_id
        where v.known_to = 'infinity'
        order by r.id
        """;

    private const string RegionsSql = $"""
        select r.slug, r.kind, v.name_en as name, {Places.CountryCode} as country, array(
            select a.slug from region_closure c join region a on a.id = c.ancestor_id where c.region_id = r.id and c.known_to = 'infinity' order by c.depth) as chain
        from region r
        join region_version v on v.region_id = r.id and v.known_to = 'infinity'
        """;

    private readonly List<(Area Area, Outline Outline)> _areas;
    private readonly Dictionary<long, Outline> _outlines;
    private readonly Dictionary<string, KnownRegion> _regions;
    private readonly Dictionary<string, string> _countries;

    private PlaceBook(List<(Area, Outline)> areas, List<KnownRegion> regions)
    {
        _areas = areas;
        _outlines = _areas.DistinctBy(a => a.Area.BoundaryId).ToDictionary(a => a.Area.BoundaryId, a => a.Outline);
        _regions = regions.ToDictionary(r => r.Slug);
        _countries = regions.Where(r => r is { Kind: "country", Country: not null }).ToDictionary(r => r.Country!, r => r.Name);
    }

    public static async Task<PlaceBook> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var areas = await connection.QueryAsync<Area>(new CommandDefinition(AreasSql, cancellationToken: cancellation));
        var regions = await connection.QueryAsync<KnownRegion>(new CommandDefinition(RegionsSql, cancellationToken: cancellation));
        return new([.. areas.Select(a => (a with { Geometry = "" }, Outline.Parse(a.Geometry)))], regions.AsList());
    }

    public KnownRegion? Region(string slug) => _regions.GetValueOrDefault(slug);

    /// <summary>What a country is called; its code where it is not known here.</summary>
    public string NameOf(string country) => _countries.GetValueOrDefault(country, country);

    /// <summary>What the boundaries say of a place, and whether it is in none of them and far from its country.</summary>
    public (string? Refusal, string? Region, string? Elsewhere, bool IsFarOff) Judge(double lon, double lat, int? uncertaintyMetres, string country, string? region)
    {
        var chain = region is null ? [] : Region(region)?.Chain ?? [];
        var near = new List<Area>();
        foreach (var (area, outline) in _areas)
        {
            var (box, depth) = (outline.Box, Array.IndexOf(chain, area.Slug));
            // What is judged as near has to be at hand too.
            if ((lon >= box.West - 0.1 && lon <= box.East + 0.1 && lat >= box.South - 0.1 && lat <= box.North + 0.1) || (area.IsCountry && area.Country == country) || depth >= 0)
            {
                near.Add(depth >= 0 ? area with { Depth = depth } : area);
            }
        }

        near = [.. near.OrderBy(a => a.Depth ?? int.MaxValue)];
        var found = Places.Judge(new(lon, lat, uncertaintyMetres, country, null), near, _outlines);
        var stated = found.Warning?.Code == "in_no_region" ? near.Find(a => a.IsCountry && a.Country == country) : null;
        return (
            found.Refusal, found.Region, found.Warning is { Code: "in_another_region", Detail: var detail } ? detail : null,
            stated is not null && _outlines[stated.BoundaryId].MetresTo(lon, lat) > FarMetres);
    }

    public bool LiesIn(double lon, double lat, string country) => _areas.Exists(a => a.Area.IsCountry && a.Area.Country == country && a.Outline.Contains(lon, lat));
}
