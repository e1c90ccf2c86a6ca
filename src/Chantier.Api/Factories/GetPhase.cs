using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Factories;

/// <summary>GET /v1/phases/{id}.</summary>
internal static class GetPhase
{
    // The factory that stands for it at the moment asked for.
    private const string From = """
        (select coalesce(m.survivor_id, x.factory_id) as factory_id, x.factory_id as member_id
         from phase x left join factory_merged m on m.loser_id = x.factory_id
           and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
         where x.id = @id) b
        """;

    private const string MissingSql = """
        select @slug as now,
          nullif(least(max(v.known_to), (
            select max(f.known_to)
            from phase h join factory_version f on f.factory_id = h.factory_id
            where h.id = @slug::bigint)), 'infinity') as until
        from phase_version v where v.phase_id = @slug::bigint
        having count(*) > 0;
        """;

    public static async Task<IResult> Handle(
        [Description("The id of the phase.")] string id, [AsParameters] TimeAxes axes, [AsParameters] ItemQuery query, Reading reading) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? await reading.ItemAsync(axes, query, Spec(axes, number), snapshot => MissingAsync(snapshot, number, axes))
            : Problem.NotFound("phase", id).ToResult();

    public static ItemSpec<PhaseView> Spec(TimeAxes axes, long id)
    {
        var sql = axes.Bind(new SelectSql()).From(From + PhaseView.FromFactories).And("h.id = @id", "id", id);
        return new() { Axes = axes, Sql = sql.One(PhaseView.Columns), Parameters = sql.Parameters, Version = phase => phase.Version };
    }

    public static Task<IResult> MissingAsync(Snapshot snapshot, long id, TimeAxes axes) =>
        Missing.AnswerAsync(snapshot, MissingSql, "phase", "/v1/phases", id.ToString(CultureInfo.InvariantCulture), "", axes);
}
