using Chantier.Api.Database;
using Chantier.Domain;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>Every boundary of the tracker, read once, to hold the places of a file against: by the rule that writes have.</summary>
internal sealed class PlaceBook
{
    // Farther than any country's economic zone reaches.
    private const double FarMetres = 400_000;

    private const string AreasSql = """
        select 0 as place, b.id as boundary_id, r.slug, r.kind, v.name_en as name, b.geometry::text as geometry, null::int as depth,
          (select count(*) from region_closure c where c.region_id = r.id and c.known_to = 'infinity')::int as level,
          (select i.value
           from region_closure c
           join region a on a.id = c.ancestor_id and a.kind = 'country'
           join identifier i on i.kind = 'region' and i.resource_id = a.id and i.scheme = 'iso3166-1' and i.known_to = 'infinity'
           where c.region_id = r.id and c.known_to = 'infinity'
           order by c.depth
           limit 1) as country
        from region_version v
        join region r on r.id = v.region_id and r.kind <> 'cluster'
        join boundary b on b.id = v.boundary_id
        where v.known_to = 'infinity'
        order by r.id
        """;

    private readonly List<(Area Area, Outline Outline)> _areas;
    private readonly Dictionary<long, Outline> _outlines;

    private PlaceBook(List<(Area, Outline)> areas)
    {
        _areas = areas;
        _outlines = _areas.DistinctBy(a => a.Area.BoundaryId).ToDictionary(a => a.Area.BoundaryId, a => a.Outline);
    }

    public static async Task<PlaceBook> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        new([.. (await connection.QueryAsync<Area>(new CommandDefinition(AreasSql, cancellationToken: cancellation))).Select(a => (a with { Geometry = "" }, Outline.Parse(a.Geometry)))]);

    /// <summary>What the boundaries say of a place, and whether it is in none of them and far from its country.</summary>
    public (string? Refusal, string? Region, bool IsFarOff) Judge(double lon, double lat, int? uncertaintyMetres, string country)
    {
        var near = new List<Area>();
        foreach (var (area, outline) in _areas)
        {
            var box = outline.Box;
            // What is judged as near has to be at hand too.
            if ((lon >= box.West - 0.1 && lon <= box.East + 0.1 && lat >= box.South - 0.1 && lat <= box.North + 0.1) || (area.IsCountry && area.Country == country))
            {
                near.Add(area);
            }
        }

        var found = Places.Judge(new(lon, lat, uncertaintyMetres, country, null), near, _outlines);
        var stated = found.Warning?.Code == "in_no_region" ? near.Find(a => a.IsCountry && a.Country == country) : null;
        return (found.Refusal, found.Region, stated is not null && _outlines[stated.BoundaryId].MetresTo(lon, lat) > FarMetres);
    }

    public bool LiesIn(double lon, double lat, string country) => _areas.Exists(a => a.Area.IsCountry && a.Area.Country == country && a.Outline.Contains(lon, lat));
}
