using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;

namespace Chantier.Api.Recording;

/// <summary>Appends a claim of any kind, with its sources; ends the one it supersedes.</summary>
internal static class RecordClaim
{
    private const string SourcesSql = """
        select s.slug, s.id, v.retracted is not null as is_retracted
        from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity'
        where s.slug = any (@slugs)
        """;

    private const string NextIdSql = "select nextval(pg_get_serial_sequence('claim', 'id'));\n";

    private const string ClaimSql = """
        insert into claim (id, kind, factory_id, basis, confidence, note, supersedes_id, recorded_by, known_from)
        values (@claim, @kind, @factory, @basis, @confidence, @note, @supersedes, @by, @at)
        """;

    private const string EvidenceSql = """
        insert into evidence (claim_id, source_id, locator_kind, locator_start, locator_end, note, recorded_by, known_from)
        select @claim, e.source, e.kind, e.start, e.stop, e.note, @by, @at
        from unnest(@sources::bigint[], @locatorKinds::text[], @locatorStarts::int[], @locatorEnds::int[], @notes::text[]) as e (source, kind, start, stop, note)
        """;

    /// <summary>The content is inserted by a statement of the kind's own, for @claim. Claims of companies and regions have no factory.</summary>
    public static async Task<Outcome> AppendAsync(
        Write write, string kind, long? factory, ClaimRequest request, [ConstantExpected] string contentSql, object content)
    {
        var evidence = request.Sources ?? [];
        var (ids, found) = await write.Snapshot.QueryAsync<long, SourceRow>(
            NextIdSql + SourcesSql, new { slugs = SlugsOf(evidence) });
        var (id, sources) = (ids[0], IdsOf(evidence, found, i => $"/sources/{i}/source"));
        if (request.Supersedes is { } supersedes)
        {
            var ending = new Ending("superseded", supersedes.Reason!, supersedes.Reason == "news" && sources is [var first, ..] ? first : null, Note: null);
            await EndClaim.ByNextAsync(write, supersedes.Claim!.Value, ending, kind);
        }

        var parameters = new
        {
            claim = id,
            kind,
            factory,
            basis = request.Basis ?? Basis.Actual,
            confidence = request.Confidence ?? Confidence.Medium,
            note = request.Note,
            supersedes = request.Supersedes?.Claim,
            by = write.RecordedBy,
            sources = sources.ToArray(),
            locatorKinds = request.Sources?.Select(e => e.Locator?.Kind).ToArray() ?? [],
            locatorStarts = request.Sources?.Select(e => e.Locator?.Start).ToArray() ?? [],
            locatorEnds = request.Sources?.Select(e => e.Locator?.End).ToArray() ?? [],
            notes = request.Sources?.Select(e => e.Note).ToArray() ?? [],
        };
        write.Then(ClaimSql, parameters);
        write.Then(EvidenceSql, parameters);
        write.Then(contentSql, content, new { claim = id });
        if (request.Supersedes is not null)
        {
            EndClaim.CheckSubject(write, request.Supersedes, id);
        }

        write.Log(kind == "merge" ? "merged" : "created", kind, id, factory: factory);
        return Outcome.Created($"/v1/claims/{id}", ClaimDetail.Spec(new TimeAxes(), "c.id = @id", "id", id));
    }

    /// <summary>The ids of the sources that evidence names, in its order; refuses those that are not there or were taken back.</summary>
    public static async Task<List<long>> SourceIdsAsync(
        Write write, IReadOnlyList<EvidenceRequest> evidence, Func<int, string> pointer) =>
        IdsOf(evidence, await write.QueryAsync<SourceRow>(SourcesSql, new { slugs = SlugsOf(evidence) }), pointer);

    private static string[] SlugsOf(IReadOnlyList<EvidenceRequest> evidence) => [.. evidence.Select(e => e.Source!).Distinct()];

    private static List<long> IdsOf(IReadOnlyList<EvidenceRequest> evidence, List<SourceRow> found, Func<int, string> pointer)
    {
        var known = found.ToDictionary(s => s.Slug);
        return [.. evidence.Select((e, i) => known.TryGetValue(e.Source!, out var source)
            ? source.IsRetracted
                ? throw Refusal.Of(pointer(i), "retracted_source", $"is '{e.Source}', which was retracted; nothing can rest on it any more.")
                : source.Id
            : throw Refusal.Of(pointer(i), "unknown_slug", $"is '{Shown.Of(e.Source!)}', which no source has; /v1/sources lists them, and POST there makes one."))];
    }

    private sealed record SourceRow
    {
        public required string Slug { get; init; }

        public required long Id { get; init; }

        public required bool IsRetracted { get; init; }
    }
}

/// <summary>How a claim ends: superseded or retracted; in error or by news; by news of which source.</summary>
internal sealed record Ending(string Cause, string Reason, long? Source, string? Note);

/// <summary>Ends a claim. Its content stays.</summary>
internal static class EndClaim
{
    private const string FindSql = "select c.kind, c.factory_id, c.known_to = 'infinity' as is_open from claim c where c.id = @id";

    // Whether the next claim is about the same factory, company or cluster; and whether about the very same thing in it.
    private const string SubjectSql = """
        select
          case n.kind
            when 'ownership' then w.operator_id = pw.operator_id
            when 'membership' then b.cluster_id = pb.cluster_id
            else coalesce((select m.survivor_id from factory_merged m where m.loser_id = p.factory_id and m.known_to = 'infinity'), p.factory_id)
              = coalesce((select m.survivor_id from factory_merged m where m.loser_id = n.factory_id and m.known_to = 'infinity'), n.factory_id) end as is_of_same,
          case n.kind
            when 'status_event' then t.phase_id = pt.phase_id and t.milestone is not distinct from pt.milestone
            when 'figure' then g.phase_id is not distinct from pg.phase_id and g.property = pg.property and g.product is not distinct from pg.product
            when 'role' then r.operator_id = pr.operator_id
            when 'ownership' then w.shareholder_id = pw.shareholder_id
            when 'membership' then b.region_id is not distinct from pb.region_id and n.factory_id is not distinct from p.factory_id
            when 'depiction' then d.media_id = pd.media_id
            else true end as is_same
        from claim n
        join claim p on p.id = n.supersedes_id
        left join status_event t on t.claim_id = n.id left join status_event pt on pt.claim_id = p.id
        left join figure g on g.claim_id = n.id left join figure pg on pg.claim_id = p.id
        left join role r on r.claim_id = n.id left join role pr on pr.claim_id = p.id
        left join ownership w on w.claim_id = n.id left join ownership pw on pw.claim_id = p.id
        left join membership b on b.claim_id = n.id left join membership pb on pb.claim_id = p.id
        left join depiction d on d.claim_id = n.id left join depiction pd on pd.claim_id = p.id
        where n.id = @next
        """;

    private const string EndSql = """
        update claim set known_to = @at, end_cause = @cause, end_reason = @reason, end_source_id = @source, end_note = @note, ended_by = @by
        where id = @id and known_to = 'infinity'
        """;

    /// <summary>By the claim that takes its place, which must be of the same kind.</summary>
    public static async Task ByNextAsync(Write write, long id, Ending ending, string kind)
    {
        var there = await write.FindAsync<Row>(FindSql, new { id }) ?? throw Refusal.Of("/supersedes/claim", "unknown_claim", $"is {id}, which no claim has.");
        if (there.Kind != kind)
        {
            throw Refusal.Of("/supersedes/claim", "another_kind", $"is {id}, a {there.Kind}; a claim supersedes one of its own kind, here a {kind}.");
        }

        End(write, id, there, ending);
    }

    /// <summary>News is about the very same thing. An error may have been in what the claim was about, but never in which factory, company or cluster.</summary>
    public static void CheckSubject(Write write, SupersedesRequest supersedes, long next) => write.Then<Subject>(SubjectSql, new { next }, subject =>
    {
        if (!subject.IsOfSame)
        {
            throw Refusal.Of("/supersedes/claim", "another_subject", $"is {supersedes.Claim}, a claim about another factory, company or cluster; retract it there, and record this one by itself.");
        }

        if (supersedes.Reason == "news" && !subject.IsSame)
        {
            throw Refusal.Of(
                "/supersedes/claim",
                "another_subject",
                $"is {supersedes.Claim}, which news about something else does not end: by news, a claim supersedes one about the same phase and milestone, property and product, operator, shareholder, medium or member. What was filed wrongly is superseded with reason error.");
        }
    });

    /// <summary>By a request about the claim itself.</summary>
    public static async Task ByRequestAsync(Write write, long id, Ending ending)
    {
        var there = await write.FindAsync<Row>(FindSql, new { id }) ?? throw new Refusal(Problem.NotFound("claim", $"{id}"));
        // Who may not merge may not undo it.
        if (there.Kind == "merge" && write.Caller.Scope < Scope.Admin)
        {
            throw new Refusal(Problem.Of(403, "scope-too-narrow", "The key may not do this", $"The claim {id} is a merge; undoing it needs the scope admin."));
        }

        End(write, id, there, ending);
    }

    private static void End(Write write, long id, Row there, Ending ending)
    {
        if (!there.IsOpen)
        {
            throw new Refusal(EndedAlready(id));
        }

        write.Then(EndSql, new { id, cause = ending.Cause, reason = ending.Reason, source = ending.Source, note = ending.Note, by = write.RecordedBy });
        write.Log(there.Kind == "merge" ? "unmerged" : ending.Cause, there.Kind, id, factory: there.FactoryId);
    }

    public static Problem EndedAlready(long id) =>
        Problem.Of(409, "claim-ended", "The claim has ended already", $"The claim {id} was superseded or retracted before; GET /v1/claims/{id} tells by what.");

    private sealed record Row
    {
        public required string Kind { get; init; }

        public long? FactoryId { get; init; }

        public required bool IsOpen { get; init; }
    }

    private sealed record Subject
    {
        public required bool IsOfSame { get; init; }

        public required bool IsSame { get; init; }
    }
}
