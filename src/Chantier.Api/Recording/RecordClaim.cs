using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using Dapper;

namespace Chantier.Api.Recording;

/// <summary>Appends a claim of any kind, with its sources; ends the one it supersedes.</summary>
internal static class RecordClaim
{
    private const string SourcesSql = """
        select s.slug, s.id from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity' where s.slug = any (@slugs)
        """;

    private const string ClaimSql = """
        insert into claim (id, kind, factory_id, basis, confidence, note, supersedes_id, recorded_by, known_from)
        values (@claim, @kind, @factory, @basis, @confidence, @note, @supersedes, @by, @at);
        insert into evidence (claim_id, source_id, locator_kind, locator_start, locator_end, note, recorded_by, known_from)
        select @claim, e.source, e.kind, e.start, e.stop, e.note, @by, @at
        from unnest(@sources::bigint[], @locatorKinds::text[], @locatorStarts::int[], @locatorEnds::int[], @notes::text[]) as e (source, kind, start, stop, note);

        """;

    private const string NextIdSql = "select nextval(pg_get_serial_sequence('claim', 'id'))";

    /// <summary>The content is inserted by a statement of the kind's own, for @claim. Claims of companies and regions have no factory.</summary>
    public static async Task<Outcome> AppendAsync(
        Write write, string kind, long? factory, ClaimRequest request, [ConstantExpected] string contentSql, object content)
    {
        var sources = await SourceIdsAsync(write, request.Sources ?? []);
        if (request.Supersedes is { } supersedes)
        {
            var ending = new Ending("superseded", supersedes.Reason!, supersedes.Reason == "news" && sources is [var first, ..] ? first : null, Note: null);
            await EndClaim.ByNextAsync(write, supersedes.Claim!.Value, ending, kind, factory);
        }

        var id = (await write.QueryAsync<long>(NextIdSql, new { }))[0];
        var parameters = new DynamicParameters(content);
        parameters.AddDynamicParams(new
        {
            claim = id,
            kind,
            factory,
            basis = request.Basis ?? Basis.Actual,
            confidence = request.Confidence ?? Confidence.Medium,
            note = request.Note,
            supersedes = request.Supersedes?.Claim,
            by = write.RecordedBy,
            at = write.At,
            sources = sources.ToArray(),
            locatorKinds = request.Sources?.Select(e => e.Locator?.Kind).ToArray() ?? [],
            locatorStarts = request.Sources?.Select(e => e.Locator?.Start).ToArray() ?? [],
            locatorEnds = request.Sources?.Select(e => e.Locator?.End).ToArray() ?? [],
            notes = request.Sources?.Select(e => e.Note).ToArray() ?? [],
        });
        await write.ExecuteAsync(ClaimSql + contentSql, parameters);
        write.Log(kind == "merge" ? "merged" : "created", kind, id, factory: factory);
        return Outcome.Created($"/v1/claims/{id}", ClaimDetail.Spec(new TimeAxes(), "c.id = @id", "id", id));
    }

    private static async Task<List<long>> SourceIdsAsync(Write write, IReadOnlyList<EvidenceRequest> evidence)
    {
        var known = (await write.QueryAsync<SourceRow>(SourcesSql, new { slugs = evidence.Select(e => e.Source!).Distinct().ToArray() })).ToDictionary(s => s.Slug, s => s.Id);
        return [.. evidence.Select((e, i) => known.TryGetValue(e.Source!, out var id)
            ? id
            : throw Refusal.Of($"/sources/{i}/source", "unknown_slug", $"is '{Shown.Of(e.Source!)}', which no source has; /v1/sources lists them, and POST there makes one."))];
    }

    private sealed record SourceRow
    {
        public required string Slug { get; init; }

        public required long Id { get; init; }
    }
}

/// <summary>How a claim ends: superseded or retracted; in error or by news; by news of which source.</summary>
internal sealed record Ending(string Cause, string Reason, long? Source, string? Note);

/// <summary>Ends a claim. Its content stays.</summary>
internal static class EndClaim
{
    private const string FindSql = """
        select c.kind, c.factory_id, c.known_to = 'infinity' as is_open, coalesce(m.survivor_id, c.factory_id) as stands_for
        from claim c left join factory_merged m on m.loser_id = c.factory_id and m.known_to = 'infinity'
        where c.id = @id
        """;

    private const string EndSql = """
        update claim set known_to = @at, end_cause = @cause, end_reason = @reason, end_source_id = @source, end_note = @note, ended_by = @by
        where id = @id and known_to = 'infinity'
        """;

    /// <summary>By the claim that takes its place, which must be of the same kind and about the same thing.</summary>
    public static async Task ByNextAsync(Write write, long id, Ending ending, string kind, long? factory)
    {
        var there = await write.FindAsync<Row>(FindSql, new { id }) ?? throw Refusal.Of("/supersedes/claim", "unknown_claim", $"is {id}, which no claim has.");
        if (there.Kind != kind || (there.StandsFor != factory && there.FactoryId != factory))
        {
            throw Refusal.Of("/supersedes/claim", "another_subject", $"is {id}, a {there.Kind} about something else; a claim supersedes one of its own kind and of the same factory.");
        }

        await EndAsync(write, id, there, ending);
    }

    /// <summary>By a request about the claim itself.</summary>
    public static async Task ByRequestAsync(Write write, long id, Ending ending)
    {
        var there = await write.FindAsync<Row>(FindSql, new { id }) ?? throw new Refusal(Problem.NotFound("claim", $"{id}"));
        // Who may not merge may not undo it.
        if (there.Kind == "merge" && write.Caller.Scope < Scope.Admin)
        {
            throw new Refusal(Problem.Of(403, "scope-too-narrow", "The key may not do this", $"The claim {id} is a merge; undoing it needs the scope admin."));
        }

        await EndAsync(write, id, there, ending);
    }

    private static async Task EndAsync(Write write, long id, Row there, Ending ending)
    {
        if (!there.IsOpen)
        {
            throw new Refusal(Problem.Of(409, "claim-ended", "The claim has ended already", $"The claim {id} was superseded or retracted before; GET /v1/claims/{id} tells by what."));
        }

        await write.ExecuteAsync(EndSql, new { id, at = write.At, cause = ending.Cause, reason = ending.Reason, source = ending.Source, note = ending.Note, by = write.RecordedBy });
        write.Log(there.Kind == "merge" ? "unmerged" : ending.Cause, there.Kind, id, factory: there.FactoryId);
    }

    private sealed record Row
    {
        public required string Kind { get; init; }

        public long? FactoryId { get; init; }

        public long? StandsFor { get; init; }

        public required bool IsOpen { get; init; }
    }
}
