using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Domain;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;

namespace Chantier.Api.Http;

/// <summary>The two axes of time, bound once for every read: what was so on a date, as it was known at a moment.</summary>
internal sealed record TimeAxes
{
    // Npgsql sends the last day, and the last moment, as infinity, where every interval has ended: the ones before it are meant.
    private static readonly DateOnly NoEnd = DateOnly.MaxValue.AddDays(-1);

    /// <summary>Of what is known now, the end of time.</summary>
    public static readonly DateTimeOffset NoEndMoment = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    // One request, one day, even over midnight.
    private DateOnly? _today;

    [Description("The date in the world whose state is asked for; of a month or a year, its last day. Default: today.")]
    public Given<WorldDate>? AsOf { get; init; }

    [Description("The moment of knowledge: nothing that became known later counts. A date means the end of that day in UTC. Default: now. Later than the newest entry, it is answered as of that entry, whose stamp the answer gives.")]
    public Given<Moment>? KnownAt { get; init; }

    [Description("The sense of knownAt: recorded, what this tracker had recorded by then (final for the past); or published, what had been published by then, however late it was entered, told with today's names and regions.")]
    public Given<Codes>? KnownBy { get; init; }

    [Description("How an imprecise date counts: possible, from its earliest day; or certain, from its latest.")]
    public Given<Codes>? DateMatch { get; init; }

    [FromServices]
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Set where the projections of states do not hold today, because something is dated after it.</summary>
    internal bool IsAhead { get; init; }

    /// <summary>True when nothing but the present is asked for, which the current projections answer.</summary>
    public bool IsPresent => IsToday && KnownAt is null;

    /// <summary>True when what was known by some moment is asked for as it is today, which the projections of states hold.</summary>
    public bool IsToday => AsOf is null && !IsCertain && !IsAhead && !IsPublishedLater;

    // What is yet to be published may turn before today without having been ahead when it was.
    private bool IsPublishedLater => IsPublished && (KnownAt is null || Known > Clock.GetUtcNow());

    /// <summary>True when names and places are those of today: nothing else was asked, and the published sense speaks with them.</summary>
    public bool IsToldToday => KnownAt is null || IsPublished;

    public bool IsPublished => KnownBy?.Value.Values[0] == "published";

    public bool IsCertain => DateMatch?.Value.Values[0] == "certain";

    /// <summary>The day to compare with, which the answer states; without asOf, today where the day begins first (UTC+14), so that what is dated today anywhere counts.</summary>
    public DateOnly Day => AsOf is not { } given ? _today ??= DayOf(Clock.GetUtcNow()) : given.Value.Day < NoEnd ? given.Value.Day : NoEnd;

    /// <summary>The day of a moment, where the day begins first.</summary>
    public static DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(moment.UtcDateTime.AddHours(14));

    /// <summary>The moment to compare with; without knownAt, the end of time.</summary>
    public DateTimeOffset Known => KnownAt is { } given && given.Value.At < NoEndMoment ? given.Value.At : NoEndMoment;

    public string Sense => IsPublished ? "published" : "recorded";

    /// <summary>The moment that the answer states: never later than what there was to know.</summary>
    public DateTimeOffset StatedKnown(Head head) => KnownAt is { } given && given.Value.At < head.At ? given.Value.At : head.At;

    /// <summary>Whether the answer can never change: a recorded past, on a stated day.</summary>
    public bool IsFinal(Head head) => AsOf is not null && KnownAt is not null && !IsPublished && Known <= head.At;

    /// <summary>Every statement about time takes these four.</summary>
    public SelectSql Bind(SelectSql sql) => sql.With("asOf", Day).With("knownAt", Known).With("knownBy", Sense).With("dateMatch", IsCertain ? "certain" : "possible");

    internal sealed class Validator : AbstractValidator<TimeAxes>
    {
        public Validator()
        {
            RuleFor(axes => axes.KnownBy).IsOneOf(Vocabularies.KnowledgeSense, "recorded");
            RuleFor(axes => axes.DateMatch).IsOneOf(Vocabularies.DateMatch, "possible");
        }
    }
}
