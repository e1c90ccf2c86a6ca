namespace Chantier.Domain;

/// <summary>Which day of an imprecise date counts when a timeline is read.</summary>
public enum DateMatch
{
    /// <summary>The earliest day: from then on it can be so.</summary>
    Possible,

    /// <summary>The latest day: from then on it is so for certain.</summary>
    Certain,
}

/// <summary>One status event of a phase, as far as the timeline needs it. Milestones are none.</summary>
public sealed record StatusClaim
{
    /// <summary>Distinct for every claim.</summary>
    public required long ClaimId { get; init; }

    /// <summary>The phase whose status it tells.</summary>
    public required long PhaseId { get; init; }

    /// <summary>A code of <see cref="Domain.Status"/>.</summary>
    public required string Status { get; init; }

    /// <summary>When, as the source states it.</summary>
    public required Edtf Date { get; init; }

    /// <summary>A code of <see cref="Domain.DateMeaning"/>. It says how to read a date and plays no part in what is in force.</summary>
    public required string DateMeaning { get; init; }

    /// <summary>A code of <see cref="Domain.Basis"/>.</summary>
    public required string Basis { get; init; }

    /// <summary>A code of <see cref="Domain.Confidence"/>.</summary>
    public required string Confidence { get; init; }

    /// <summary>When the tracker took it in; decides between claims that are otherwise equal.</summary>
    public required DateTimeOffset RecordedAt { get; init; }
}

/// <summary>The days of [<paramref name="From"/>, <paramref name="To"/>) and the event of the phase in force on them.</summary>
/// <param name="From">The first day; <see cref="DateOnly.MinValue"/> stands for -infinity.</param>
/// <param name="To">The day after the last; <see cref="DateOnly.MaxValue"/> stands for infinity.</param>
/// <param name="Event">The event in force, or of a run the one that began it; null before the first.</param>
public sealed record PhaseSpan(DateOnly From, DateOnly To, StatusClaim? Event)
{
    /// <summary>Whether the day lies in the span. 9999-12-31 stands for infinity and lies in the last one.</summary>
    public bool Contains(DateOnly day) => From <= day && (day < To || To == DateOnly.MaxValue);
}

/// <summary>The days of [<paramref name="From"/>, <paramref name="To"/>) and the rolled-up status of the factory on them.</summary>
/// <param name="From">The first day; <see cref="DateOnly.MinValue"/> stands for -infinity.</param>
/// <param name="To">The day after the last; <see cref="DateOnly.MaxValue"/> stands for infinity.</param>
/// <param name="Status">The status; null while no phase has one. Never that of the span before.</param>
/// <param name="Since">The event that began the run of the phase whose status it is; null where the status is. Its day may be
/// before <paramref name="From"/>: when block 1 is idled in 2020 while block 2 has been under construction since 2019, the factory is
/// under construction from 2020 on, since the event of 2019.</param>
public sealed record FactorySpan(DateOnly From, DateOnly To, string? Status, StatusClaim? Since)
{
    /// <inheritdoc cref="PhaseSpan.Contains"/>
    public bool Contains(DateOnly day) => From <= day && (day < To || To == DateOnly.MaxValue);
}

/// <summary>The rule by which claims become a status: of a phase, then of the factory, on any day.</summary>
/// <remarks>
/// <para>Every method takes the claims that are known and stand, in any order: what is superseded, retracted or not known
/// yet is left out by the caller. Claim ids are distinct.</para>
/// <para><b>Eligible</b> for the status are the actual and inferred events (those of them that the basis filter names);
/// expected events never are.</para>
/// <para>The <b>day</b> of an event is the earliest day of its date, or with <see cref="DateMatch.Certain"/> the latest. A
/// day at infinity is never reached: "2024/.." is certain on no day. A day at -infinity always was.</para>
/// <para>The <b>order</b> of events: later day; then actual before inferred; then higher confidence; then recorded later;
/// then the higher claim id. It is total, so the order of the input never matters.</para>
/// <para><b>In force</b> for a phase as of A is the first in that order of its eligible events whose day is not after A.</para>
/// <para>A <b>run</b> of a phase is a row of events in force that say the same status: saying it again begins nothing, so a run
/// is dated by its first event.</para>
/// <para>The <b>factory's</b> status as of A is that of the run with the best roll-up rank among the runs of its phases on that
/// day; of equal rank (all ended terms have the last) that of the run whose first event comes first in the order.</para>
/// </remarks>
public static class Timeline
{
    /// <summary>The event in force for a phase.</summary>
    /// <param name="claims">The claims of one phase.</param>
    /// <param name="asOf">The day in the world.</param>
    /// <param name="match">Which day of an imprecise date counts.</param>
    /// <param name="basis">The bases that count; null for actual and inferred. Expected never counts, even if named.</param>
    /// <returns>The event, or null before the first.</returns>
    public static StatusClaim? InForce(
        IEnumerable<StatusClaim> claims, DateOnly asOf, DateMatch match = DateMatch.Possible, IReadOnlyCollection<string>? basis = null) =>
        Eligible(claims, match, basis).Where(c => Day(c, match) <= asOf).Max(Order(match));

    /// <summary>Cuts the whole axis of days into the spans of a phase, one for each event that is ever in force.</summary>
    /// <param name="claims">The claims of one phase.</param>
    /// <param name="match">Which day of an imprecise date counts.</param>
    /// <param name="basis">As for <see cref="InForce"/>.</param>
    /// <returns>At least one span, in order of days, without gap or overlap, from -infinity to infinity. Neighbours may have
    /// the same status; each is an event of its own.</returns>
    public static IReadOnlyList<PhaseSpan> Spans(
        IEnumerable<StatusClaim> claims, DateMatch match = DateMatch.Possible, IReadOnlyCollection<string>? basis = null)
    {
        var winners = Eligible(claims, match, basis)
            .GroupBy(c => Day(c, match))
            .OrderBy(g => g.Key)
            .Select(g => (From: g.Key, Event: g.Max(Order(match))))
            .ToList();
        if (winners is not [(var first, _), ..] || first > DateOnly.MinValue) winners.Insert(0, (DateOnly.MinValue, null));
        return [.. winners.Select((w, i) =>
            new PhaseSpan(w.From, i + 1 < winners.Count ? winners[i + 1].From : DateOnly.MaxValue, w.Event))];
    }

    /// <summary>Cuts the whole axis of days into the runs of a phase: its spans, with neighbours of one status merged.</summary>
    /// <param name="claims">The claims of one phase.</param>
    /// <param name="match">Which day of an imprecise date counts.</param>
    /// <param name="basis">As for <see cref="InForce"/>.</param>
    /// <returns>As for <see cref="Spans"/>, and neighbours always differ in status.</returns>
    public static IReadOnlyList<PhaseSpan> Runs(
        IEnumerable<StatusClaim> claims, DateMatch match = DateMatch.Possible, IReadOnlyCollection<string>? basis = null)
    {
        var runs = new List<PhaseSpan>();
        foreach (var span in Spans(claims, match, basis))
        {
            if (runs is [.., var last] && last.Event?.Status == span.Event?.Status) runs[^1] = last with { To = span.To };
            else runs.Add(span);
        }

        return runs;
    }

    /// <summary>Of the runs of a factory's phases on one day, the event that began the one whose status is the factory's.</summary>
    /// <param name="begun">The event that began the run of each phase that has one.</param>
    /// <param name="match">The match by which the runs are cut; it decides between runs of equal rank.</param>
    /// <returns>The event, or null where there is none.</returns>
    public static StatusClaim? RollUp(IEnumerable<StatusClaim> begun, DateMatch match = DateMatch.Possible) =>
        begun.GroupBy(c => Status.Term(c.Status).RollUpRank).MinBy(g => g.Key)?.Max(Order(match));

    /// <summary>The status of a factory on one day; null while no phase has one.</summary>
    /// <param name="claims">The claims of all its phases.</param>
    /// <param name="asOf">The day in the world.</param>
    /// <param name="match">Which day of an imprecise date counts.</param>
    /// <param name="basis">As for <see cref="InForce"/>.</param>
    public static string? FactoryStatus(
        IEnumerable<StatusClaim> claims, DateOnly asOf, DateMatch match = DateMatch.Possible, IReadOnlyCollection<string>? basis = null) =>
        RollUp(
            claims.GroupBy(c => c.PhaseId).Select(phase => Runs(phase, match, basis).Last(run => run.From <= asOf).Event).OfType<StatusClaim>(),
            match)?.Status;

    /// <summary>Cuts the whole axis of days into the spans of a factory's status.</summary>
    /// <param name="claims">The claims of all its phases.</param>
    /// <param name="match">Which day of an imprecise date counts.</param>
    /// <param name="basis">As for <see cref="InForce"/>.</param>
    /// <returns>At least one span, in order of days, without gap or overlap, from -infinity to infinity; neighbours always
    /// differ in status.</returns>
    public static IReadOnlyList<FactorySpan> Factory(
        IEnumerable<StatusClaim> claims, DateMatch match = DateMatch.Possible, IReadOnlyCollection<string>? basis = null)
    {
        var spans = new List<FactorySpan>();
        var begun = new Dictionary<long, StatusClaim>();
        var cuts = claims
            .GroupBy(c => c.PhaseId)
            .SelectMany(phase => Runs(phase, match, basis))
            .GroupBy(run => run.From)
            .OrderBy(g => g.Key);
        foreach (var cut in cuts)
        {
            foreach (var claim in cut.Select(run => run.Event).OfType<StatusClaim>()) begun[claim.PhaseId] = claim;
            var since = RollUp(begun.Values, match);
            if (spans is [.., var last])
            {
                if (last.Status == since?.Status) continue;
                spans[^1] = last with { To = cut.Key };
            }

            spans.Add(new(cut.Key, DateOnly.MaxValue, since?.Status, since));
        }

        return spans.Count > 0 ? spans : [new(DateOnly.MinValue, DateOnly.MaxValue, Status: null, Since: null)];
    }

    /// <summary>The event that last confirms the status that a factory has on a day: its date is the factory's
    /// <c>lastConfirmedOn</c>.</summary>
    /// <param name="claims">The claims of all its phases.</param>
    /// <param name="asOf">The day in the world.</param>
    /// <param name="match">Which day of an imprecise date counts.</param>
    /// <param name="basis">As for <see cref="InForce"/>.</param>
    /// <returns>Of the eligible events of any phase that have the factory's status and whose day is not after
    /// <paramref name="asOf"/>, begun or observed: the one with the latest latest day; then the latest earliest day; then the
    /// first in the order of events. Null where the factory has no status.</returns>
    public static StatusClaim? LastConfirmed(
        IEnumerable<StatusClaim> claims, DateOnly asOf, DateMatch match = DateMatch.Possible, IReadOnlyCollection<string>? basis = null)
    {
        var all = claims.ToList();
        var status = FactoryStatus(all, asOf, match, basis);
        return Eligible(all, match, basis)
            .Where(c => c.Status == status && Day(c, match) <= asOf)
            .OrderByDescending(c => c.Date.Latest)
            .ThenByDescending(c => c.Date.Earliest)
            .ThenByDescending(c => c, Order(match))
            .FirstOrDefault();
    }

    /// <summary>What each phase of a factory is expected to become next.</summary>
    /// <param name="claims">The claims of all its phases.</param>
    /// <param name="asOf">The day in the world; of the expectations' own dates none is asked, so an overdue one stays.</param>
    /// <param name="match">Which day of an imprecise date counts.</param>
    /// <returns>For each phase with an open expectation the last one stated (recorded later, then the higher claim id), by
    /// phase id.</returns>
    /// <remarks>
    /// <para>An expected event is <b>open</b> until an eligible event of the phase with its day not after
    /// <paramref name="asOf"/> has come as far: it has the expected status; or it is planned, building or active, further on
    /// than the expected one, which is so too; or it is idled and planned or building was expected; or it is ended, unless
    /// dismantling was expected.</para>
    /// <para>A return stays open although the phase had come as far before (an idled plant that shall start again): the
    /// event in force has not come as far, and the expected date begins after the day of every event that had, and does not
    /// end before the day of the event in force.</para>
    /// </remarks>
    public static IReadOnlyList<StatusClaim> ExpectedNext(
        IEnumerable<StatusClaim> claims, DateOnly asOf, DateMatch match = DateMatch.Possible) =>
        [.. claims
            .GroupBy(c => c.PhaseId)
            .OrderBy(phase => phase.Key)
            .Select(phase => phase
                .Where(c => c.Basis == Basis.Expected && IsOpen(c, phase, asOf, match))
                .MaxBy(c => (c.RecordedAt, c.ClaimId)))
            .OfType<StatusClaim>()];

    /// <summary>Whether a step from one status to the next goes back in progress. Such a step draws a warning; it is never
    /// refused.</summary>
    /// <param name="from">The status before; null before the first.</param>
    /// <param name="to">The status after.</param>
    /// <returns>True for a step to less <see cref="StatusTerm.Progress"/>, save that of resuming (from suspended, or from idled to
    /// operating); and from a status that says the phase operated to one that says it never did (suspended, cancelled, never
    /// commissioned). Skipping ahead is no step back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A code is no status.</exception>
    public static bool IsImprobable(string? from, string to)
    {
        var after = Status.Term(to);
        if (from is null || from == to) return false;
        var isResuming = from == Status.Suspended || (from == Status.Idled && to == Status.Operating);
        return (after.Progress < Status.Term(from).Progress && !isResuming)
            || (from is Status.Operating or Status.Idled or Status.Closed or Status.Dismantled
                && to is Status.Suspended or Status.Cancelled or Status.NeverCommissioned);
    }

    /// <summary>The order of events, greatest first in force.</summary>
    /// <param name="match">Which day of an imprecise date counts.</param>
    public static IComparer<StatusClaim> Order(DateMatch match) => match == DateMatch.Certain ? ByLatestDay : ByEarliestDay;

    private static readonly Comparer<StatusClaim> ByEarliestDay = Comparer<StatusClaim>.Create((a, b) => Compare(a, b, DateMatch.Possible));
    private static readonly Comparer<StatusClaim> ByLatestDay = Comparer<StatusClaim>.Create((a, b) => Compare(a, b, DateMatch.Certain));

    private static int Compare(StatusClaim a, StatusClaim b, DateMatch match) =>
        Precedence(a, match).CompareTo(Precedence(b, match));

    private static (DateOnly, bool, int, DateTimeOffset, long) Precedence(StatusClaim c, DateMatch match) =>
        (Day(c, match), c.Basis == Basis.Actual, Weight(c.Confidence), c.RecordedAt, c.ClaimId);

    private static int Weight(string confidence) => confidence switch
    {
        Confidence.High => 3,
        Confidence.Medium => 2,
        Confidence.Low => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "This is no confidence."),
    };

    private static DateOnly Day(StatusClaim claim, DateMatch match) =>
        match == DateMatch.Certain ? claim.Date.Latest : claim.Date.Earliest;

    private static IEnumerable<StatusClaim> Eligible(IEnumerable<StatusClaim> claims, DateMatch match, IReadOnlyCollection<string>? basis) =>
        claims.Where(c => c.Basis is Basis.Actual or Basis.Inferred
            && (basis is null || basis.Contains(c.Basis))
            && Day(c, match) < DateOnly.MaxValue);

    private static bool IsOpen(StatusClaim expected, IEnumerable<StatusClaim> phase, DateOnly asOf, DateMatch match)
    {
        var events = Eligible(phase, match, basis: null).Where(c => Day(c, match) <= asOf).ToList();
        var reached = events.Where(c => HasComeAsFar(c.Status, expected.Status)).ToList();
        return reached.Count == 0
            || (events.Max(Order(match)) is { } inForce
                && !HasComeAsFar(inForce.Status, expected.Status)
                && reached.TrueForAll(c => Day(c, match) < expected.Date.Earliest)
                && Day(inForce, match) <= expected.Date.Latest);
    }

    private static bool HasComeAsFar(string status, string expected)
    {
        if (status == expected) return true;
        var (reached, sought) = (Status.Term(status), Status.Term(expected));
        return reached.Stage switch
        {
            Stage.Ended => expected != Status.Dismantled,
            Stage.Stopped => status == Status.Idled && sought.Stage is Stage.Planned or Stage.Building,
            _ => sought.Stage is Stage.Planned or Stage.Building or Stage.Active && reached.Progress > sought.Progress,
        };
    }
}
