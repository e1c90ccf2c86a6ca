using Chantier.Api.Http;

namespace Chantier.Api.Factories;

/// <summary>The factory in the path of a write: there, under its own name.</summary>
internal sealed record FactoryThere
{
    // Where the first phase was deleted, the next stands for the plant.
    private const string Sql = """
        select f.id, v.country, v.region_id, p.id as first_phase_id
        from factory f
        join factory_version v on v.factory_id = f.id and v.known_to = 'infinity'
        cross join lateral (
          select h.id from phase h join phase_version hv on hv.phase_id = h.id and hv.known_to = 'infinity'
          where h.factory_id = f.id
          order by h.id <> f.first_phase_id, hv.position, h.id
          limit 1) p
        where f.slug = @slug
          and not exists (select from factory_merged m where m.loser_id = f.id and m.known_to = 'infinity')
        """;

    private const string PhaseSql = """
        select h.id from phase h join phase_version v on v.phase_id = h.id and v.known_to = 'infinity'
        where h.id = @phase
          and h.factory_id = any (array(select member_id from with_merged_factories_at('recorded', '9999-12-31Z', array[@id])))
        """;

    public required long Id { get; init; }

    public required long FirstPhaseId { get; init; }

    public required string Country { get; init; }

    public long? RegionId { get; init; }

    public static async Task<FactoryThere> FindAsync(Write write, string rest)
    {
        var slug = write.Route("slug");
        return await write.FindAsync<FactoryThere>(Sql, new { slug })
            ?? throw new Refusal(await FactoryNames.MissingAsync(write.Snapshot, slug, rest, new TimeAxes()));
    }

    /// <summary>The phase that a claim names; the first where it names none.</summary>
    public async Task<long> PhaseAsync(Write write, long? phase) => phase is null
        ? FirstPhaseId
        : await write.QueryAsync<long>(PhaseSql, new { phase, id = Id }) is [var id]
            ? id
            : throw Refusal.Of(
                "/phase",
                "unknown_phase",
                $"is {phase}, which is no phase of this factory; /v1/factories/{write.Route("slug")}/phases lists them.");
}
