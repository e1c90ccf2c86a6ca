using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Views;

/// <summary>One claim of any kind, with its evidence and the rule by which it is effective.</summary>
internal sealed record ClaimDetail : ClaimRecordView
{
    /// <summary>A claim never changes; its evidence grows and is withdrawn, and it ends once.</summary>
    public const string VersionColumn = """
        (1 + (c.known_to <> 'infinity')::int + (
          select count(*) filter (where v.known_from > c.known_from) + count(*) filter (where v.known_to <> 'infinity') from evidence v where v.claim_id = c.id))::int
        """;

    private const string OneColumns = Columns + """
        ,
          coalesce(m.survivor_id, c.factory_id) as factory_id,
          nullif(c.published_from, 'infinity') as published_from, nullif(c.published_to, 'infinity') as published_to, c.published_basis,
        """ + VersionColumn + " as version";

    private const string EventRulingSql = """
        select u.in_force, u.rule, u.weighed_against
        from event_precedence(@knownBy, @knownAt, array[@phase::bigint], @asOf) u where u.claim_id = @id
        """;

    private const string FigureRulingSql = """
        select u.in_force, u.rule, u.weighed_against
        from figure_precedence(@knownBy, @knownAt, array[@factory::bigint], @asOf) u where u.claim_id = @id
        """;

    private const string NoRulingSql = "select false as in_force, '' as rule, null::bigint as weighed_against where false";

    /// <summary>Of a status event or a figure that has not ended: whether it is the effective one.</summary>
    public bool? InForce { get; set; }

    /// <summary>The rule by which it is effective, or is not.</summary>
    [Among(nameof(Vocabularies.ForceRule))]
    public string? Rule { get; set; }

    /// <summary>The claim with which the rule compared it; null where there was none.</summary>
    public long? WeighedAgainst { get; set; }

    /// <summary>The moment from which a source had said so; null where it never was published.</summary>
    public DateTimeOffset? PublishedFrom { get; init; }

    public DateTimeOffset? PublishedTo { get; init; }

    /// <summary>The kind of date on which publishedFrom is based: published, retrieved or recorded.</summary>
    public string? PublishedBasis { get; init; }

    /// <summary>Grows with each addition of evidence, each withdrawal, and the end of the claim.</summary>
    public required int Version { get; init; }

    public IReadOnlyList<ClaimEvidenceView> Evidence { get; set; } = [];

    public static ItemSpec<ClaimDetail> Spec(TimeAxes axes, [ConstantExpected] string which, string name, object value)
    {
        var sql = axes.Bind(new SelectSql()).From(From).And(which, name, value);
        return new()
        {
            Sql = sql.One(OneColumns),
            Parameters = sql.Parameters,
            Version = claim => claim.Version,
            Embed = async (snapshot, claim) =>
            {
                var parameters = new
                {
                    id = claim.Id,
                    claims = new[] { claim.Id },
                    phase = claim.PhaseId,
                    factory = claim.FactoryId,
                    knownBy = axes.Sense,
                    knownAt = axes.Known,
                    asOf = axes.Day,
                };
                var ruling = claim.Kind switch
                {
                    "status_event" => EventRulingSql,
                    "figure" => FigureRulingSql,
                    _ => NoRulingSql,
                };
                (claim.Evidence, var rulings) =
                    await snapshot.QueryAsync<ClaimEvidenceView, Ruling>(ClaimEvidenceView.OfClaimsSql + ruling, parameters);
                if (rulings is [var ruled])
                {
                    (claim.InForce, claim.Rule, claim.WeighedAgainst) = (ruled.InForce, ruled.Rule, ruled.WeighedAgainst);
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
