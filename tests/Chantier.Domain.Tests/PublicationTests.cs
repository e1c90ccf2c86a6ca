namespace Chantier.Domain.Tests;

/// <summary>When a claim was what had been published.</summary>
public sealed class PublicationTests
{
    private static readonly DateTimeOffset Recorded = new(2026, 1, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly PublishedSource May = new(new DateOnly(2024, 5, 31), null);
    private static readonly PublishedSource June = new(new DateOnly(2024, 6, 1), null);

    [Fact]
    public void A_claim_that_stands_is_published_from_the_latest_day_of_its_earliest_source_on() =>
        Assert.Equal(new PublishedSpan(Day(2024, 5, 31), DateTimeOffset.MaxValue, "published"), Span(Claim(1, sources: [June, May])));

    [Fact]
    public void A_source_without_a_date_counts_from_when_it_was_retrieved_and_else_from_the_recording()
    {
        Assert.Equal((Day(2023, 1, 1), "retrieved"), Publication.Of(new PublishedSource(null, Day(2023, 1, 1)), Recorded));
        Assert.Equal((Day(2023, 1, 1), "retrieved"), Publication.Of(new PublishedSource(DateOnly.MaxValue, Day(2023, 1, 1)), Recorded));
        Assert.Equal((Recorded, "recorded"), Publication.Of(new PublishedSource(null, null), Recorded));
        Assert.Equal((Recorded, "recorded"), Publication.Of(Claim(1)));
        Assert.Equal(new PublishedSpan(Recorded, DateTimeOffset.MaxValue, "recorded"), Span(Claim(1) with { IsInferred = true }));
    }

    [Fact]
    public void What_ended_in_error_was_never_published()
    {
        var span = Span(Claim(1, end: new(Recorded, InError: true, null), sources: [May]));

        Assert.Equal(span.From, span.To);
        Assert.False(span.Contains(span.From));
    }

    [Fact]
    public void What_ended_by_news_was_published_until_the_news_was()
    {
        var first = Claim(1, end: new(Recorded, InError: false, null), sources: [May]);

        Assert.Equal(Day(2024, 6, 1), Span(first, Claim(2, supersedes: 1, sources: [June])).To);
        Assert.Equal(Day(2024, 6, 1), Span(first with { End = new(Recorded, InError: false, June) }).To);
        Assert.Equal(Recorded, Span(first).To);
    }

    [Fact]
    public void News_that_came_out_before_what_it_ends_leaves_no_time_to_it()
    {
        var span = Span(Claim(1, end: new(Recorded, InError: false, null), sources: [June]), Claim(2, supersedes: 1, sources: [May]));

        Assert.Equal((Day(2024, 6, 1), Day(2024, 6, 1)), (span.From, span.To));
    }

    [Fact]
    public void A_source_that_was_taken_back_by_news_had_said_so_and_one_in_error_never_did()
    {
        var inError = May with { NeverCounted = true };

        Assert.Equal(Day(2024, 5, 31), Span(Claim(1, sources: [May, June])).From);
        Assert.Equal(Day(2024, 6, 1), Span(Claim(1, sources: [inError, June])).From);
        Assert.Equal(new PublishedSpan(Recorded, Recorded, "recorded"), Span(Claim(1, sources: [inError])));
        Assert.Equal(new PublishedSpan(Recorded, DateTimeOffset.MaxValue, "recorded"), Span(Claim(1, sources: [inError]) with { IsInferred = true }));
    }

    private static DateTimeOffset Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);

    private static PublishableClaim Claim(long id, long? supersedes = null, ClaimEnd? end = null, params PublishedSource[] sources) =>
        new() { ClaimId = id, RecordedAt = Recorded, Sources = sources, Supersedes = supersedes, End = end };

    private static PublishedSpan Span(PublishableClaim claim, params PublishableClaim[] others) => Publication.Span(claim, [claim, .. others]);
}
