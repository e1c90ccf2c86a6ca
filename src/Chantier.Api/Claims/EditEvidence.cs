using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Api.Views;

namespace Chantier.Api.Claims;

/// <summary>POST /v1/claims/{id}/evidence, and DELETE /v1/claims/{id}/evidence/{evidence}: what a claim rests on can grow, and be withdrawn.</summary>
internal static class EditEvidence
{
    private const string ClaimSql = """
        select c.factory_id, c.known_to = 'infinity' as is_open, c.basis = 'inferred' or c.kind = 'merge' as needs_none,
          (select count(*) from evidence e where e.claim_id = c.id and e.known_to = 'infinity')::int as supports,
          (select count(*) from evidence e where e.claim_id = c.id and e.id = @evidence and e.known_to = 'infinity')::int as names_one,
        """ + ClaimDetail.VersionColumn + """
         as version
        from claim c where c.id = @id
        """;

    private const string AddSql = """
        insert into evidence (claim_id, source_id, locator_kind, locator_start, locator_end, note, recorded_by, known_from)
        values (@id, @source, @kind, @start, @end, @note, @by, @at)
        returning id
        """;

    private const string WithdrawSql = "update evidence set known_to = @at, end_reason = 'error' where id = @evidence";

    public static async Task<Outcome> AddAsync(Write write, EvidenceRequest request)
    {
        var id = write.RouteId("claim");
        var claim = await FindAsync(write, id, null);
        var source = (await RecordClaim.SourceIdsAsync(write, [request], _ => "/source"))[0];
        var evidence = (await write.QueryAsync<long>(AddSql, new
        {
            id,
            source,
            kind = request.Locator?.Kind,
            start = request.Locator?.Start,
            end = request.Locator?.End,
            note = request.Note,
            by = write.RecordedBy,
            at = write.At,
        }))[0];
        write.Log("created", "evidence", evidence, factory: claim.FactoryId);
        return Outcome.Created($"/v1/claims/{id}", ClaimDetail.Spec(new TimeAxes(), "c.id = @id", "id", id));
    }

    public static async Task<Outcome> WithdrawAsync(Write write)
    {
        var id = write.RouteId("claim");
        var named = write.Route("evidence");
        var evidence = long.TryParse(named, System.Globalization.NumberStyles.None, null, out var number) ? number : 0;
        var claim = await FindAsync(write, id, evidence);
        if (claim.NamesOne == 0)
        {
            throw new Refusal(Problem.NotFound("standing evidence of this claim", named));
        }

        if (write.IfMatch is { } wanted && wanted != claim.Version)
        {
            throw new Refusal(Problem.Stale($"version {wanted}"));
        }

        if (claim is { Supports: 1, NeedsNone: false })
        {
            throw new Refusal(Problem.Of(409, "last-support", "The claim rests on nothing else", $"A claim needs a source, unless its basis is inferred. POST /v1/claims/{id}/retraction ends it; or add other evidence first."));
        }

        await write.ExecuteAsync(WithdrawSql, new { evidence, at = write.At });
        write.Log("deleted", "evidence", evidence, factory: claim.FactoryId);
        return Outcome.NoContent;
    }

    private static async Task<ClaimRow> FindAsync(Write write, long id, long? evidence)
    {
        var claim = await write.FindAsync<ClaimRow>(ClaimSql, new { id, evidence }) ?? throw new Refusal(Problem.NotFound("claim", $"{id}"));
        return claim.IsOpen ? claim : throw new Refusal(EndClaim.EndedAlready(id));
    }

    private sealed record ClaimRow
    {
        public long? FactoryId { get; init; }

        public required bool IsOpen { get; init; }

        public required bool NeedsNone { get; init; }

        public required int Supports { get; init; }

        public required int NamesOne { get; init; }

        public required int Version { get; init; }
    }
}
