using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Database;
using Chantier.Domain;
using Dapper;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Chantier.Api.Http;

/// <summary>
/// The two axes of time of a read: the state of the world on a date (valid time), as it was known at a moment.
/// Knowledge is what this tracker had recorded by the moment (transaction time), or what had been published by a date.
/// </summary>
internal sealed record TimeAxes
{
    /// <summary>The moment that statements compare with where everything known now counts.</summary>
    public static readonly DateTimeOffset NoEndMoment = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    // One request has one day, even if the day changes meanwhile.
    private DateOnly? _today;

    private DateOnly? _horizon;

    [Description("""
        The date in the world whose state is asked for; of a month or a year, its last day. At most one day after the
        current day. Default: the day of knownAt where that is given, else the current day.
        """)]
    public Given<WorldDate>? AsOf { get; init; }

    [Description("""
        Only what this tracker had recorded by this moment counts. A date means the end of that day in UTC. Not later than
        now. Default: now. The answer states the moment that it is as of.
        """)]
    public Given<Moment>? KnownAt { get; init; }

    [Description("""
        Only what had been published by this date counts, however late it was entered; of a month, a quarter or a year,
        its last day. Names, regions and merges are those of today. Not later than today, and not together with knownAt.
        """)]
    public Given<PublicationDate>? PublishedUntil { get; init; }

    [FromServices]
    public CurrentDay Current { get; init; } = new(TimeProvider.System);

    /// <summary>True when nothing but the present is asked for, which factory_current answers.</summary>
    public bool IsPresent => IsOnCurrentDay && PublishedUntil is null;

    /// <summary>True when no day is asked for, so that the current day of the database counts.</summary>
    public bool IsOnCurrentDay => AsOf is null && KnownAt is null;

    /// <summary>True when names, texts and regions are those of today.</summary>
    public bool IsToldToday => KnownAt is null;

    public bool IsPublished => PublishedUntil is not null;

    /// <summary>The kind of knowledge, as statements name it.</summary>
    public string Sense => IsPublished ? "published" : "recorded";

    /// <summary>The day to compare with, which the answer states.</summary>
    public DateOnly Day => AsOf?.Value.Day ?? (KnownAt is null ? _today ??= Current.Day : DayOf(KnownAt.Value.At));

    /// <summary>The last day of which something can be known; later days can only be expected.</summary>
    public DateOnly KnownDay => KnownAt is { } given
        ? DayOf(given.Value.At)
        : StatedPublished is { } published && published < Current.Day ? published : Current.Day;

    /// <summary>
    /// The moment to compare with. Of what was published, midnight of the day, as publications are dated.
    /// </summary>
    public DateTimeOffset Known => (KnownAt, StatedPublished) switch
    {
        ({ } given, _) => given.Value.At,
        (_, { } published) => new(published, TimeOnly.MinValue, TimeSpan.Zero),
        _ => NoEndMoment,
    };

    /// <summary>The day until which publications count, which the answer states; null where all do.</summary>
    public DateOnly? StatedPublished => PublishedUntil?.Value.Latest is not { } latest
        ? null
        : latest < DayOf(Current.Now) ? latest : DayOf(Current.Now);

    /// <summary>The day of a moment, in UTC.</summary>
    public static DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(moment.UtcDateTime);

    /// <summary>The moment that the answer states: never later than the newest entry.</summary>
    public DateTimeOffset StatedKnown(Head head) =>
        KnownAt is { } given && given.Value.At < head.At ? given.Value.At : head.At;

    /// <summary>
    /// Whether the answer can never change: a recorded past, on a day that is stated or follows from it.
    /// </summary>
    public bool IsFinal(Head head) => KnownAt is not null && Known <= head.At;

    /// <summary>Returns the same axes, on which asOf can be as late as a day to come.</summary>
    public TimeAxes UpTo(DateOnly horizon) => this with { _horizon = horizon };

    /// <summary>Every statement about time takes these three.</summary>
    public SelectSql Bind(SelectSql sql) => sql.With("asOf", Day).With("knownAt", Known).With("knownBy", Sense);

    /// <summary>
    /// Takes the current day from a head. True where the parameters were bound with another day, and so are bound anew:
    /// then what was read with them has to be read again.
    /// </summary>
    public bool Follow(Head head, DynamicParameters? parameters = null)
    {
        if (!IsOnCurrentDay || Day == head.Day)
        {
            return false;
        }

        _today = head.Day;
        if (parameters?.ParameterNames.Contains("asOf") != true)
        {
            return false;
        }

        parameters.Add("asOf", Day);
        return true;
    }

    /// <summary>What is later than it may be, by the current day and moment that were read last.</summary>
    public IReadOnlyList<ProblemError> FutureErrors(CurrentDay current)
    {
        var errors = new List<ProblemError>();
        var (last, now) = (_horizon ?? current.Day.AddDays(1), current.Now);
        if (AsOf?.Value.Day > last)
        {
            errors.Add(InFuture(
                "asOf",
                $"is {Iso(AsOf.Value.Day)}, later than the current day, {Iso(current.Day)}; it accepts dates up to {Iso(last)}."));
        }

        if (KnownAt?.Value.First > now)
        {
            errors.Add(InFuture(
                "knownAt",
                $"is {KnownAt.Value.First:yyyy-MM-ddTHH:mm:ssZ}, which is later than now; it accepts moments up to now."));
        }

        if (PublishedUntil?.Value.Earliest > DayOf(now))
        {
            errors.Add(InFuture(
                "publishedUntil",
                $"begins on {Iso(PublishedUntil.Value.Earliest)}, later than today; it accepts dates up to {Iso(DayOf(now))}."));
        }

        return errors;
    }

    private static ProblemError InFuture(string parameter, string detail) =>
        ProblemError.In(parameter, "in_the_future", detail);

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal sealed class Validator : AbstractValidator<TimeAxes>
    {
        public Validator() => RuleFor(axes => axes.PublishedUntil)
            .Must((axes, until) => until is null || axes.KnownAt is null)
            .WithErrorCode("mutually_exclusive")
            .WithMessage("cannot be given together with knownAt; leave out one of them.");
    }
}

/// <summary>A date until which publications count, as a source states its own.</summary>
internal sealed record PublicationDate(DateOnly Earliest, DateOnly Latest) : IReadable<PublicationDate>
{
    public static string Accepts => "an EDTF date such as 2024-08-15, 2024-08, 2024 or the quarter 2024-33";

    public static OpenApiSchema Schema => new()
    {
        Type = JsonSchemaType.String,
        Pattern = WorldDate.Schema.Pattern,
        Examples = ["2023-12-31", "2023-12", "2023"],
    };

    public static PublicationDate? Read(string text) =>
        Edtf.TryParse(text, out var date, out _) && date.Precision != EdtfPrecision.Interval
            ? new(date.Earliest, date.Latest)
            : null;
}

/// <summary>
/// The current day, as this process last read it with the newest entry of the log. The database holds it, and moves it
/// once a day; every answer compares the day that it used with the one in its own snapshot.
/// </summary>
internal sealed class CurrentDay(TimeProvider clock)
{
    private volatile Head? _newest;

    /// <summary>False until something was read.</summary>
    public bool IsRead => _newest is not null;

    public DateOnly Day => _newest?.Day ?? TimeAxes.DayOf(clock.GetUtcNow());

    /// <summary>
    /// Now, by the later of the clock here and the stamp of the newest entry, which the database's clock gave.
    /// </summary>
    public DateTimeOffset Now => clock.GetUtcNow() is var now && _newest?.At > now ? _newest.At : now;

    public void See(Head head)
    {
        // A replica may be behind what was read before.
        if (_newest is not { } known || (head.Day, head.Seq).CompareTo((known.Day, known.Seq)) > 0)
        {
            _newest = head;
        }
    }
}
