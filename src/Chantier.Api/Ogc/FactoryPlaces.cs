using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Ogc;

/// <summary>
/// Joins the places of factories f as place, with lon, lat and location_precision. Published knowledge is shown at the
/// places of today, since a place often comes from a source without a date.
/// </summary>
internal static class FactoryPlaces
{
    private const string Own = "\ncross join lateral (select f.lon, f.lat, f.location_precision) place";

    private const string Today = "\nleft join factory_current place on place.factory_id = f.factory_id";

    private const string Recorded = """

        left join (
          select distinct on (coalesce(m.survivor_id, c.factory_id))
            coalesce(m.survivor_id, c.factory_id) as factory_id,
            l.lon, l.lat, l.precision as location_precision
          from location l
          join claim c on c.id = l.claim_id and is_known(@knownBy, @knownAt, c)
          join location_precision lp on lp.code = l.precision
          left join factory_merged m on m.loser_id = c.factory_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          order by coalesce(m.survivor_id, c.factory_id), lp.rank, c.basis, confidence_rank(c.confidence),
            c.known_from desc, c.id desc) place on place.factory_id = f.factory_id
        """;

    public static SelectSql Join(SelectSql sql, TimeAxes axes) => (axes.IsPresent, axes.IsToldToday) switch
    {
        (true, _) => sql.Join(Own),
        (_, true) => sql.Join(Today),
        _ => sql.Join(Recorded),
    };
}
