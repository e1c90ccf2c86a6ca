using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Views;

/// <summary>A claim of any kind with its whole content, its sources, and how and why it ended.</summary>
internal record ClaimRecordView : ClaimView
{
    public const string From = "claim c" + RecordJoins;

    /// <summary>The same, starting from a few factories: those of FactoriesOf.</summary>
    public const string FromFactories = "\njoin claim c on c.factory_id = b.member_id" + RecordJoins;

    /// <summary>Standing at the moment of knowledge.</summary>
    public const string Stands = "is_known(@knownBy, @knownAt, c)";

    /// <summary>Ended by then. A claim that never was published has not ended in published knowledge either.</summary>
    public const string HasEnded = """
        case @knownBy when 'published' then c.published_from < c.published_to and c.published_to <= @knownAt
          else c.known_to <= @knownAt end
        """;

    // The end is shown only once it is known, so that the answer for a past moment stays the same.
    public const string Columns = $"""
        {ContentColumns},
          coalesce(t.phase_id, g.phase_id) as phase_id, g.product, coalesce(r.valid, w.valid) as valid, w.share_min, w.share_max,
          l.precision, l.uncertainty_m as uncertainty_metres, l.method,
          (select x.slug from factory x where x.id = y.survivor_id) as survivor,
          c.supersedes_id as supersedes, (
            select n.id from claim n
            where n.supersedes_id = c.id
              and case @knownBy when 'published' then n.published_from else n.known_from end <= @knownAt
            order by n.id limit 1) as superseded_by,
          ending.end_cause, ending.end_reason,
          (select s.slug from source s where s.id = ending.end_source_id) as end_source,
          ending.end_note, ending.ended_by, ending.known_to as ended_at,
          {ClaimEvidenceView.SourceSlugs} as sources
        """;

    private const string RecordJoins = Joins + """

        left join merge y on y.claim_id = c.id
        left join lateral (
          select c.end_cause, c.end_reason, c.end_source_id, c.end_note, c.ended_by, c.known_to
          where c.known_to < 'infinity'
            and case @knownBy when 'published' then c.published_to else c.known_to end <= @knownAt) ending on true
        """;

    public static SortTable Sorts { get; } = new("id", new SortKey("id", "bigint", "c.id"), new SortKey("id", "bigint", "c.id"));

    public long? PhaseId { get; init; }

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

    /// <summary>The slugs of its sources.</summary>
    public string[] Sources { get; init; } = [];

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
}
