using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Views;

/// <summary>One claim of any kind: what it says, what it rests on, and whether and why it ended.</summary>
internal sealed record ClaimDetail : ClaimView
{
    /// <summary>A claim never changes; its evidence grows and is withdrawn, and it ends once.</summary>
    public const string VersionColumn = """
        (1 + (c.known_to <> 'infinity')::int + (
          select count(*) filter (where v.known_from > c.known_from) + count(*) filter (where v.known_to <> 'infinity') from evidence v where v.claim_id = c.id))::int
        """;

    private const string OneFrom = """
        claim c
        left join factory_merged m on m.loser_id = c.factory_id and m.known_to = 'infinity'
        left join factory_state f on f.factory_id = coalesce(m.survivor_id, c.factory_id) and f.known_to = 'infinity'
        left join status_event t on t.claim_id = c.id
        left join figure g on g.claim_id = c.id
        left join role r on r.claim_id = c.id
        left join ownership w on w.claim_id = c.id
        left join location l on l.claim_id = c.id
        left join depiction d on d.claim_id = c.id
        left join membership b on b.claim_id = c.id
        left join merge y on y.claim_id = c.id
        """;

    private const string OneColumns = ContentColumns + """
        ,
          coalesce(m.survivor_id, c.factory_id) as factory_id, coalesce(t.phase_id, g.phase_id) as phase_id, g.product, coalesce(r.valid, w.valid) as valid, w.share_min, w.share_max,
          l.precision, l.uncertainty_m as uncertainty_metres, l.method, (select x.slug from factory x where x.id = y.survivor_id) as survivor,
          c.supersedes_id as supersedes, (select n.id from claim n where n.supersedes_id = c.id order by n.id limit 1) as superseded_by,
          c.end_cause, c.end_reason, (select s.slug from source s where s.id = c.end_source_id) as end_source, c.end_note, c.ended_by,
          nullif(c.known_to, 'infinity') as ended_at, nullif(c.published_from, 'infinity') as published_from, nullif(c.published_to, 'infinity') as published_to, c.published_basis,
        """ + VersionColumn + " as version";

    private const string RulingSql = """
        select u.in_force, u.rule, u.weighed_against from event_ruling(@knownBy, @knownAt, array[@phase::bigint], @asOf, @dateMatch) u where u.claim_id = @id
        union all
        select u.in_force, u.rule, u.weighed_against from figure_ruling(@knownBy, @knownAt, array[@factory::bigint], @asOf) u where u.claim_id = @id
        """;

    public long? PhaseId { get; init; }

    /// <summary>Of a status event or a figure that stands: whether it is the one that counts.</summary>
    public bool? InForce { get; set; }

    /// <summary>The rule by which it is in force, or is not.</summary>
    [Among(nameof(Vocabularies.ForceRule))]
    public string? Rule { get; set; }

    /// <summary>The claim that the rule decided against, or for.</summary>
    public long? WeighedAgainst { get; set; }

    public string? Product { get; init; }

    /// <summary>An EDTF interval.</summary>
    public string? Valid { get; init; }

    public decimal? ShareMin { get; init; }

    public decimal? ShareMax { get; init; }

    [Among(nameof(Vocabularies.LocationPrecision))]
    public string? Precision { get; init; }

    public int? UncertaintyMetres { get; init; }

    public string? Method { get; init; }

    /// <summary>Of a merge: the slug of the factory that goes on.</summary>
    public string? Survivor { get; init; }

    /// <summary>The claim that this one took the place of.</summary>
    public long? Supersedes { get; init; }

    /// <summary>The claim that took the place of this one.</summary>
    public long? SupersededBy { get; init; }

    /// <summary>superseded or retracted; null while it stands.</summary>
    public string? EndCause { get; init; }

    /// <summary>error or news.</summary>
    [Among(nameof(Vocabularies.EndReason))]
    public string? EndReason { get; init; }

    public string? EndSource { get; init; }

    public string? EndNote { get; init; }

    public string? EndedBy { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Since when some source had said so; null where it never was published.</summary>
    public DateTimeOffset? PublishedFrom { get; init; }

    public DateTimeOffset? PublishedTo { get; init; }

    /// <summary>What publishedFrom rests on: published, retrieved or recorded.</summary>
    public string? PublishedBasis { get; init; }

    /// <summary>Grows with each addition to what it rests on, each withdrawal, and its end.</summary>
    public required int Version { get; init; }

    public IReadOnlyList<ClaimEvidenceView> Evidence { get; set; } = [];

    public static ItemSpec<ClaimDetail> Spec(TimeAxes axes, [ConstantExpected] string which, string name, object value)
    {
        var sql = axes.Bind(new SelectSql()).From(OneFrom).And(which, name, value);
        return new()
        {
            Sql = sql.One(OneColumns),
            Parameters = sql.Parameters,
            Version = claim => claim.Version,
            Embed = async (snapshot, claim) =>
            {
                claim.Evidence = await snapshot.QueryAsync<ClaimEvidenceView>(ClaimEvidenceView.OfClaimsSql, new { claims = new[] { claim.Id }, knownBy = axes.Sense, knownAt = axes.Known });
                if (claim.Kind is "status_event" or "figure" && await snapshot.QueryAsync<Ruling>(RulingSql, new
                {
                    id = claim.Id,
                    phase = claim.PhaseId,
                    factory = claim.FactoryId,
                    knownBy = axes.Sense,
                    knownAt = axes.Known,
                    asOf = axes.Day,
                    dateMatch = axes.IsCertain ? "certain" : "possible",
                }) is [var ruling])
                {
                    (claim.InForce, claim.Rule, claim.WeighedAgainst) = (ruling.InForce, ruling.Rule, ruling.WeighedAgainst);
                }
            },
        };
    }

    [JsonIgnore]
    public long? FactoryId { get; init; }

    private sealed record Ruling
    {
        public required bool InForce { get; init; }

        public required string Rule { get; init; }

        public long? WeighedAgainst { get; init; }
    }
}
