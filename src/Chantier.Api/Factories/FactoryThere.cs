using Chantier.Api.Http;

namespace Chantier.Api.Factories;

/// <summary>The factory in the path of a write: there, under its own name.</summary>
internal sealed record FactoryThere
{
    // Where the first phase was deleted, the next stands for the plant.
    private const string Sql = """
        select f.id, v.country, v.region_id, p.id as first_phase_id, (
            select h.id from phase h join phase_version hv on hv.phase_id = h.id and hv.known_to = 'infinity'
            where h.id = @phase and h.factory_id = any (merged_factory_ids('recorded', '9999-12-31Z', f.id))) as phase_id
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

    public required long Id { get; init; }

    public required long FirstPhaseId { get; init; }

    /// <summary>The phase that the claim names; null where it names none.</summary>
    public long? PhaseId { get; init; }

    public required string Country { get; init; }

    public long? RegionId { get; init; }

    public static async Task<FactoryThere> FindAsync(Write write, string rest, long? phase = null)
    {
        var slug = write.Route("slug");
        var there = await write.FindAsync<FactoryThere>(Sql, new { slug, phase })
            ?? throw new Refusal(await FactoryNames.MissingAsync(write.Snapshot, slug, rest, new TimeAxes()));
        return there.PhaseId == phase
            ? there
            : throw Refusal.Of(
                "/phase",
                "unknown_phase",
                $"is {phase}, which is no phase of this factory; /v1/factories/{slug}/phases lists them.");
    }
}
