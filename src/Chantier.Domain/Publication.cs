namespace Chantier.Domain;

/// <summary>When a document came out, as far as it is known.</summary>
/// <param name="Latest">The last day that its date of publication can mean; null where none is stated, and
/// <see cref="DateOnly.MaxValue"/> where it is open.</param>
/// <param name="RetrievedAt">When somebody fetched it; null where that is not known.</param>
/// <param name="NeverCounted">Whether it was taken back in error; by news it had said what it said.</param>
public sealed record PublishedSource(DateOnly? Latest, DateTimeOffset? RetrievedAt, bool NeverCounted = false);

/// <summary>A claim as far as its publication needs it.</summary>
public sealed record PublishableClaim
{
    /// <summary>Distinct for every claim.</summary>
    public required long ClaimId { get; init; }

    /// <summary>When the tracker took it in.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>The sources that it rests on, or rested on until they were taken back.</summary>
    public required IReadOnlyList<PublishedSource> Sources { get; init; }

    /// <summary>Whether it needs none.</summary>
    public bool IsInferred { get; init; }

    /// <summary>The claim that it took the place of.</summary>
    public long? Supersedes { get; init; }

    /// <summary>How it ended; null while it stands.</summary>
    public ClaimEnd? End { get; init; }
}

/// <summary>How a claim ended.</summary>
/// <param name="At">When the tracker recorded that.</param>
/// <param name="InError">Whether it was an error of ours; else it was news.</param>
/// <param name="Source">The source of the news, where one is named.</param>
public sealed record ClaimEnd(DateTimeOffset At, bool InError, PublishedSource? Source);

/// <summary>The moments of [<paramref name="From"/>, <paramref name="To"/>) at which a claim was what had been published.</summary>
/// <param name="From">Since when some source had said so.</param>
/// <param name="To">Until when; <see cref="DateTimeOffset.MaxValue"/> while it still is. Equal to <paramref name="From"/> where it never was.</param>
/// <param name="Basis">What <paramref name="From"/> rests on: published, retrieved or recorded.</param>
public sealed record PublishedSpan(DateTimeOffset From, DateTimeOffset To, string Basis)
{
    /// <summary>Whether the moment lies in the span.</summary>
    public bool Contains(DateTimeOffset at) => From <= at && at < To;
}

/// <summary>The rule by which claims are known in the published sense, however late they were entered.</summary>
/// <remarks>
/// <para>A source was published at the start of the latest day that its date can mean, in UTC. Where it states none, or one without
/// an end, it counts from when it was retrieved, and where that is not known, from when the claim was recorded.</para>
/// <para>A claim was published by its <b>earliest</b> source that counts; inferred without a source, when it was recorded. One whose sources
/// were all taken back in error never was. A source that was taken back by news had said so, which stays for the past.</para>
/// <para>It was so <b>until</b>: for ever, while it stands; never, where it ended in error; else until the claim that took its place was
/// published, else until the source of the news was, else until its end was recorded; but not before it was published itself.</para>
/// <para>What ended in error ends nothing else by that: what went before it stays ended as it was.</para>
/// </remarks>
public static class Publication
{
    /// <summary>When a source was published, and what that rests on.</summary>
    /// <param name="source">The source; null for none.</param>
    /// <param name="recordedAt">When the claim, or its end, was recorded.</param>
    public static (DateTimeOffset At, string Basis) Of(PublishedSource? source, DateTimeOffset recordedAt) => source switch
    {
        { Latest: { } day } when day < DateOnly.MaxValue => (new(day, TimeOnly.MinValue, TimeSpan.Zero), "published"),
        { RetrievedAt: { } retrieved } => (retrieved, "retrieved"),
        _ => (recordedAt, "recorded"),
    };

    /// <summary>When a claim was published, and what that rests on.</summary>
    /// <param name="claim">The claim.</param>
    public static (DateTimeOffset At, string Basis) Of(PublishableClaim claim) => claim.Sources.Where(source => !source.NeverCounted)
        .Select(source => Of(source, claim.RecordedAt)).DefaultIfEmpty(Of(source: null, claim.RecordedAt)).MinBy(found => (found.At, Rank(found.Basis)));

    /// <summary>When a claim was what had been published.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="all">All claims; those that took its place are among them.</param>
    public static PublishedSpan Span(PublishableClaim claim, IEnumerable<PublishableClaim> all)
    {
        var (from, basis) = Of(claim);
        if (!claim.IsInferred && claim.Sources.All(source => source.NeverCounted))
        {
            return new(from, from, basis);
        }

        if (claim.End is not { } end)
        {
            return new(from, DateTimeOffset.MaxValue, basis);
        }

        if (end.InError)
        {
            return new(from, from, basis);
        }

        var successors = all.Where(c => c.Supersedes == claim.ClaimId).Select(c => Of(c).At).ToList();
        var until = successors.Count > 0 ? successors.Min() : Of(end.Source, end.At).At;
        return new(from, until > from ? until : from, basis);
    }

    private static int Rank(string basis) => basis switch { "published" => 1, "retrieved" => 2, _ => 3 };
}
