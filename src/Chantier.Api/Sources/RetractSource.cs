using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Api.Views;

namespace Chantier.Api.Sources;

/// <summary>A claim that ended with its source.</summary>
internal sealed record EndedClaim(long Id, string Kind, SlugName? Factory);

/// <summary>A source that was taken back, and what became of the claims that rested on it.</summary>
internal sealed record RetractedSource : SourceView
{
    /// <summary>How many claims rested on it alone, and ended with it.</summary>
    public int EndedCount { get; set; }

    /// <summary>The first thousand of them.</summary>
    public IReadOnlyList<EndedClaim> Ended { get; set; } = [];

    /// <summary>How many claims rest on other sources still, and no longer on this one.</summary>
    public int FreedCount { get; set; }

    /// <summary>The ids of the first thousand of them.</summary>
    public IReadOnlyList<long> Freed { get; set; } = [];
}

/// <summary>
/// POST /v1/sources/{slug}/retraction: what rests on it alone ends with it; GET …/claims?restsOnThisAlone=true tells before what that
/// is. By news, what it had said stays published for the past; in error, it never counted.
/// </summary>
internal static class RetractSource
{
    private const string FindSql = """
        select s.id, v.version, v.retracted is not null as is_retracted from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity' where s.slug = @slug
        """;

    // A merge is a decision of ours, and outlives its sources. Where this one never counted, but another had said it until news
    // ended that, the claim ends by that news.
    private const string EndSql = """
        with ending as (
          select c.id, case when @reason = 'error' and told.id is not null then 'news' else @reason end as reason,
            case when @reason = 'error' then told.end_source_id else @news::bigint end as news
          from claim c
          left join lateral (
            select o.id, o.end_source_id from evidence o
            where o.claim_id = c.id and o.source_id <> @id and o.end_reason = 'news' order by o.known_to desc, o.id desc limit 1) told on true
          where c.known_to = 'infinity' and c.kind <> 'merge'
            and c.id in (select e.claim_id from evidence e where e.source_id = @id and e.known_to = 'infinity')
            and not exists (select from evidence o where o.claim_id = c.id and o.source_id <> @id and o.known_to = 'infinity')
        ), ended as (
          update claim c set known_to = @at, end_cause = 'retracted', end_reason = g.reason, end_source_id = g.news, end_note = @note, ended_by = @by
          from ending g where g.id = c.id
          returning c.id, c.kind, c.factory_id
        )
        select e.id, e.kind, e.factory_id, f.slug as factory_slug, v.name as factory_name
        from ended e
        left join factory f on f.id = e.factory_id
        left join lateral (select n.name from factory_version n where n.factory_id = f.id order by n.version desc limit 1) v on true
        order by e.id
        """;

    // What has ended keeps what it rested on.
    private const string FreeSql = """
        with freed as (
          update evidence e set known_to = @at, end_reason = @reason, end_source_id = @news from claim c
          where e.source_id = @id and e.known_to = 'infinity' and c.id = e.claim_id and c.known_to = 'infinity'
          returning e.id, e.claim_id, c.factory_id
        )
        select id, claim_id, factory_id from freed order by id
        """;

    private const string MarkSql = """
        update source_version set known_to = @at where source_id = @id and version = @version;
        insert into source_version (source_id, version, kind, title, publisher, sort_name, url, archive_url, published, published_earliest, published_latest,
          retrieved_at, language, licence, text_sha256, series, release, retracted, retraction_note, recorded_by, known_from)
        select source_id, version + 1, kind, title, publisher, sort_name, url, archive_url, published, published_earliest, published_latest,
          retrieved_at, language, licence, text_sha256, series, release, @reason, @note, @by, @at
        from source_version where source_id = @id and version = @version;
        """;

    public static async Task<Outcome> Handle(Write write, RetractionRequest request)
    {
        var slug = write.Route("slug");
        var there = await write.FindAsync<Present>(FindSql, new { slug }) ?? throw new Refusal(await ListSources.MissingAsync(write.Snapshot, slug, "/retraction", new TimeAxes()));
        if (there.IsRetracted)
        {
            throw new Refusal(Problem.Of(409, "source-retracted", "The source was retracted before", $"The source '{slug}' was retracted already; GET /v1/sources/{slug} tells why."));
        }

        var parameters = new
        {
            id = there.Id,
            version = there.Version,
            at = write.At,
            by = write.RecordedBy,
            reason = request.Reason,
            note = request.Note,
            news = request.Source is null ? (long?)null : await write.IdOfAsync("source", request.Source, "/source"),
        };
        var ended = await write.QueryAsync<Ended>(EndSql, parameters);
        var freed = await write.QueryAsync<Freed>(FreeSql, parameters);
        await write.ExecuteAsync(MarkSql, parameters);
        ended.ForEach(claim => write.Log("retracted", claim.Kind, claim.Id, factory: claim.FactoryId));
        freed.ForEach(evidence => write.Log("deleted", "evidence", evidence.Id, factory: evidence.FactoryId));
        write.Log("retracted", "source", there.Id, there.Version + 1);

        var spec = ListSources.Over<RetractedSource>(new TimeAxes(), "s.id = @id", "id", there.Id);
        return Outcome.Ok(spec with
        {
            Embed = (_, source) =>
            {
                var freedClaims = freed.Select(evidence => evidence.ClaimId).Distinct().ToList();
                (source.EndedCount, source.FreedCount) = (ended.Count, freedClaims.Count);
                source.Ended = [.. ended.Take(1000).Select(claim => new EndedClaim(claim.Id, claim.Kind, claim.FactorySlug is null ? null : new(claim.FactorySlug, claim.FactoryName!)))];
                source.Freed = [.. freedClaims.Take(1000)];
                return Task.CompletedTask;
            },
        });
    }

    private sealed record Present
    {
        public required long Id { get; init; }

        public required int Version { get; init; }

        public required bool IsRetracted { get; init; }
    }

    private sealed record Ended
    {
        public required long Id { get; init; }

        public required string Kind { get; init; }

        public long? FactoryId { get; init; }

        public string? FactorySlug { get; init; }

        public string? FactoryName { get; init; }
    }

    private sealed record Freed
    {
        public required long Id { get; init; }

        public required long ClaimId { get; init; }

        public long? FactoryId { get; init; }
    }
}
