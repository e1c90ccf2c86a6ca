namespace Chantier.Domain;

/// <summary>One status event of a phase, as far as the timeline needs it. Milestones are none.</summary>
public sealed record StatusClaim
{
    /// <summary>Distinct for every claim.</summary>
    public required long ClaimId { get; init; }

    /// <summary>The named phase that the event is about; 0 for the whole site.</summary>
    public required long PhaseId { get; init; }

    /// <summary>A code of <see cref="Domain.Status"/>.</summary>
    public required string Status { get; init; }

    /// <summary>The date as the source states it.</summary>
    public required Edtf Date { get; init; }

    /// <summary>A code of <see cref="Domain.DateMeaning"/>.</summary>
    public required string DateMeaning { get; init; }

    /// <summary>A code of <see cref="Domain.Basis"/>.</summary>
    public required string Basis { get; init; }

    /// <summary>A code of <see cref="Domain.Confidence"/>.</summary>
    public required string Confidence { get; init; }

    /// <summary>When the tracker recorded it; decides between claims that are otherwise equal.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>The day from which the event counts.</summary>
    internal DateOnly Day => Date.Earliest;

    /// <summary>Whether the event can start a status: it is actual or inferred, and its day is a day.</summary>
    internal bool IsEligible => Basis is Domain.Basis.Actual or Domain.Basis.Inferred && Day < DateOnly.MaxValue;
}

/// <summary>The days of [<paramref name="From"/>, <paramref name="To"/>) and the effective event of the phase on them.</summary>
/// <param name="From">The first day; <see cref="DateOnly.MinValue"/> means -infinity.</param>
/// <param name="To">The day after the last; <see cref="DateOnly.MaxValue"/> means infinity.</param>
/// <param name="Event">The effective event, or of a run the one that started it; null before the first.</param>
public sealed record PhaseSpan(DateOnly From, DateOnly To, StatusClaim? Event)
{
    /// <summary>Whether the day is in the span. 9999-12-31 means infinity and is in the last one.</summary>
    public bool Contains(DateOnly day) => From <= day && (day < To || To == DateOnly.MaxValue);
}

/// <summary>The days of [<paramref name="From"/>, <paramref name="To"/>) and the rolled-up status of the factory on them.</summary>
/// <param name="From">The first day; <see cref="DateOnly.MinValue"/> means -infinity.</param>
/// <param name="To">The day after the last; <see cref="DateOnly.MaxValue"/> means infinity.</param>
/// <param name="Status">The status; null while no phase has one. It differs from that of the span before.</param>
/// <param name="Since">The event that started the run of the phase whose status it is; null where the status is. Its day may be
/// before <paramref name="From"/>: when block 1 is idled in 2020 while block 2 has been under construction since 2019, the factory is
/// under construction from 2020 on, since the event of 2019.</param>
public sealed record FactorySpan(DateOnly From, DateOnly To, string? Status, StatusClaim? Since)
{
    /// <inheritdoc cref="PhaseSpan.Contains"/>
    public bool Contains(DateOnly day) => From <= day && (day < To || To == DateOnly.MaxValue);
}

/// <summary>The rule by which claims become a status: of a phase, then of the factory, on any day.</summary>
/// <remarks>
/// <para>Every method takes the claims that are known at one moment, in any order. The caller leaves out what is superseded, retracted
/// or not known yet. Claim ids are distinct.</para>
/// <para><b>Eligible</b> for the status are the actual and inferred events; expected events never are.</para>
/// <para>An actual event <b>confirms</b> another where its date contains that of the other, of the same phase, status and date meaning
/// ("2023" and "December 2023"). It then starts nothing and is never effective, but it still counts for the last confirmation.</para>
/// <para>The <b>day</b> of an event is the earliest day of its date. A day at -infinity always was.</para>
/// <para>The <b>order</b> of events: later day; then actual before inferred; then higher confidence; then recorded later;
/// then the higher claim id. It is total, so the order of the input never matters.</para>
/// <para><b>Effective</b> for a phase as of A is the first in that order of its eligible events that only confirm nothing and whose day is
/// not after A.</para>
/// <para>A <b>run</b> of a phase is a row of effective events with the same status: the same status again starts nothing, so a run
/// is dated by its first event.</para>
/// <para>The <b>factory's</b> status as of A is that of the run with the best roll-up rank among the runs of its phases on that
/// day; of equal rank (all ended terms have the last) that of the run whose first event comes first in the order.</para>
/// </remarks>
public static class Timeline
{
    private static readonly Comparer<StatusClaim> ByPrecedence = Comparer<StatusClaim>.Create(Compare);

    /// <summary>The order of events, greatest first effective.</summary>
    public static IComparer<StatusClaim> Order => ByPrecedence;

    /// <summary>The effective event of a phase.</summary>
    /// <param name="claims">The claims of one phase.</param>
    /// <param name="asOf">The day in the world.</param>
    /// <returns>The event, or null before the first.</returns>
    public static StatusClaim? InForce(IEnumerable<StatusClaim> claims, DateOnly asOf) =>
        Starting(Sorted(claims)).FindLast(c => c.Day <= asOf);

    /// <summary>Cuts the whole axis of days into the spans of a phase, one for each event that is ever effective.</summary>
    /// <param name="claims">The claims of one phase.</param>
    /// <returns>At least one span, in order of days, without gap or overlap, from -infinity to infinity. Neighbours may have
    /// the same status; each is an event of its own.</returns>
    public static IReadOnlyList<PhaseSpan> Spans(IEnumerable<StatusClaim> claims) => Spans(Starting(Sorted(claims)), ofRuns: false);

    /// <summary>Cuts the whole axis of days into the runs of a phase: its spans, with neighbours of one status merged.</summary>
    /// <param name="claims">The claims of one phase.</param>
    /// <returns>As for <see cref="Spans(IEnumerable{StatusClaim})"/>, and neighbours always differ in status.</returns>
    public static IReadOnlyList<PhaseSpan> Runs(IEnumerable<StatusClaim> claims) => Spans(Starting(Sorted(claims)), ofRuns: true);

    /// <summary>The same from the eligible events of one phase in ascending order.</summary>
    internal static IReadOnlyList<PhaseSpan> RunsOfSorted(List<StatusClaim> sorted) => Spans(Starting(sorted), ofRuns: true);

    /// <summary>Of the runs of a factory's phases on one day, the event that started the one whose status is the factory's.</summary>
    /// <param name="begun">The event that started the run of each phase that has one.</param>
    /// <returns>The event, or null where there is none.</returns>
    public static StatusClaim? RollUp(IEnumerable<StatusClaim> begun)
    {
        StatusClaim? best = null;
        var bestRank = int.MaxValue;
        foreach (var claim in begun)
        {
            var rank = Status.Term(claim.Status).RollUpRank;
            if (rank < bestRank || (rank == bestRank && Compare(claim, best!) > 0)) (best, bestRank) = (claim, rank);
        }

        return best;
    }

    /// <summary>The status of a factory on one day; null while no phase has one.</summary>
    /// <param name="claims">The claims of all its phases.</param>
    /// <param name="asOf">The day in the world.</param>
    public static string? FactoryStatus(IEnumerable<StatusClaim> claims, DateOnly asOf) =>
        Factory(claims).Last(span => span.From <= asOf).Status;

    /// <summary>Cuts the whole axis of days into the spans of a factory's status.</summary>
    /// <param name="claims">The claims of all its phases.</param>
    /// <returns>At least one span, in order of days, without gap or overlap, from -infinity to infinity; neighbours always
    /// differ in status.</returns>
    public static IReadOnlyList<FactorySpan> Factory(IEnumerable<StatusClaim> claims) =>
        Factory([.. claims.GroupBy(c => c.PhaseId).Select(phase => (phase.Key, Runs(phase)))]);

    /// <summary>The same from the runs of each phase.</summary>
    internal static List<FactorySpan> Factory(IReadOnlyList<(long PhaseId, IReadOnlyList<PhaseSpan> Runs)> phases)
    {
        // The runs of a single phase differ in status from their neighbours, as spans do.
        if (phases is [var (_, single)])
        {
            return [.. single.Select(run => new FactorySpan(run.From, run.To, run.Event?.Status, run.Event))];
        }

        var spans = new List<FactorySpan>();
        var begun = new Dictionary<long, StatusClaim>();
        var cuts = phases.SelectMany(phase => phase.Runs.Select(run => (phase.PhaseId, run.From, run.Event))).ToList();
        if (phases.Count > 1) cuts.Sort((a, b) => a.From.CompareTo(b.From));
        for (var i = 0; i < cuts.Count;)
        {
            var day = cuts[i].From;
            for (; i < cuts.Count && cuts[i].From == day; i++)
            {
                if (cuts[i].Event is { } started) begun[cuts[i].PhaseId] = started;
            }

            var since = RollUp(begun.Values);
            if (spans is [.., var last])
            {
                if (last.Status == since?.Status) continue;
                spans[^1] = last with { To = day };
            }

            spans.Add(new(day, DateOnly.MaxValue, since?.Status, since));
        }

        return spans.Count > 0 ? spans : [new(DateOnly.MinValue, DateOnly.MaxValue, Status: null, Since: null)];
    }

    /// <summary>The event that last confirms the status that a factory has on a day: its date is the factory's
    /// <c>lastConfirmedOn</c>.</summary>
    /// <param name="claims">The claims of all its phases.</param>
    /// <param name="asOf">The day in the world.</param>
    /// <returns>Of the eligible events of any phase that have the factory's status and whose day is not after
    /// <paramref name="asOf"/>, began, observed or confirming: the one with the latest latest day; then the latest earliest day; then the
    /// first in the order of events. Null where the factory has no status.</returns>
    public static StatusClaim? LastConfirmed(IReadOnlyCollection<StatusClaim> claims, DateOnly asOf) =>
        LastConfirmed(claims, FactoryStatus(claims, asOf), asOf);

    /// <summary>The same where the status of the factory is known already.</summary>
    internal static StatusClaim? LastConfirmed(IEnumerable<StatusClaim> claims, string? status, DateOnly asOf)
    {
        StatusClaim? last = null;
        foreach (var claim in claims)
        {
            if (claim.Status != status || !claim.IsEligible || claim.Day > asOf) continue;
            if (last is null || Confirmation(claim).CompareTo(Confirmation(last)) is var order && (order > 0 || (order == 0 && Compare(claim, last) > 0)))
            {
                last = claim;
            }
        }

        return last;

        static (DateOnly, DateOnly) Confirmation(StatusClaim claim) => (claim.Date.Latest, claim.Date.Earliest);
    }

    /// <summary>What each phase of a factory is expected to become next.</summary>
    /// <param name="claims">The claims of all its phases.</param>
    /// <param name="asOf">The day in the world; of the expectations' own dates none is asked, so an overdue one stays.</param>
    /// <returns>For each phase with an open expectation the last one stated (recorded later, then the higher claim id), by
    /// phase id.</returns>
    /// <remarks>
    /// <para>An expected event is <b>open</b> until an eligible event of the phase with its day not after
    /// <paramref name="asOf"/> has come as far: it has the expected status; or it is planned, building or active, further on
    /// than the expected one, which is so too; or it is idled and planned or building was expected; or it is ended, unless
    /// dismantling was expected.</para>
    /// <para>A return stays open although the phase had come as far before (an idled plant that shall start again): the
    /// effective event has not come as far, and the expected date begins after the day of every event that had, and does not
    /// end before the day of the effective event.</para>
    /// </remarks>
    public static IReadOnlyList<StatusClaim> ExpectedNext(
        IEnumerable<StatusClaim> claims, DateOnly asOf) =>
        [.. claims
            .GroupBy(c => c.PhaseId)
            .OrderBy(phase => phase.Key)
            .Select(phase => phase
                .Where(c => c.Basis == Basis.Expected && IsOpen(c, phase, asOf))
                .MaxBy(c => (c.RecordedAt, c.ClaimId)))
            .OfType<StatusClaim>()];

    /// <summary>Turns what is expected to happen after a day into events that decide the status like any other.</summary>
    /// <param name="claims">The claims of all phases of a factory.</param>
    /// <param name="day">The last day that is known.</param>
    /// <returns>For each expected event that counts, an inferred event on the first day on which it can happen.</returns>
    /// <remarks>
    /// <para>Of each phase, the open expected events count. Two of them contradict each other where the first has come
    /// as far as the second, as for <see cref="ExpectedNext"/>; then the one stated later counts.</para>
    /// <para>An imprecise date counts from its earliest day, or from the day after <paramref name="day"/> where that is
    /// later. An event is overdue once <paramref name="day"/> has reached its last day. Then it does not count, since
    /// nobody says when it will happen instead.</para>
    /// </remarks>
    public static IReadOnlyList<StatusClaim> Projected(IEnumerable<StatusClaim> claims, DateOnly day)
    {
        var projected = new List<StatusClaim>();
        foreach (var phase in claims.GroupBy(c => c.PhaseId).OrderBy(phase => phase.Key))
        {
            var counting = new List<StatusClaim>();
            var expected = phase.Where(c => c.Basis == Basis.Expected);
            foreach (var c in expected.OrderByDescending(c => (c.RecordedAt, c.ClaimId)))
            {
                var isReplaced = counting.Exists(later =>
                    c.Day <= later.Day ? HasComeAsFar(c.Status, later.Status) : HasComeAsFar(later.Status, c.Status));
                if (!isReplaced && IsOpen(c, phase, day)) counting.Add(c);
            }

            projected.AddRange(counting.Where(c => c.Date.Latest > day).Select(c => c with
            {
                Basis = Basis.Inferred,
                Date = c.Day > day ? c.Date : Edtf.Parse($"{day.AddDays(1):O}"),
            }));
        }

        return projected;
    }

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

    /// <summary>The eligible events of one phase, in ascending order.</summary>
    internal static List<StatusClaim> Sorted(IEnumerable<StatusClaim> claims)
    {
        List<StatusClaim> sorted = [.. claims.Where(c => c.IsEligible)];
        sorted.Sort(Compare);
        return sorted;
    }

    /// <summary>Those of the eligible events of one phase, in ascending order, that do not only confirm another.</summary>
    internal static List<StatusClaim> Starting(List<StatusClaim> sorted)
    {
        // Only a date of several days can contain another.
        if (!sorted.Exists(c => c.Date.Latest > c.Day && c.Basis == Basis.Actual)) return sorted;

        var starting = new List<StatusClaim>(sorted.Count);
        // Of the events with a later day, the first of the latest days by status and meaning.
        var ends = new Dictionary<(string, string), DateOnly>();
        for (var last = sorted.Count - 1; last >= 0;)
        {
            var first = last;
            while (first > 0 && sorted[first - 1].Day == sorted[last].Day) first--;
            var sameDay = sorted.GetRange(first, last - first + 1);
            for (var i = last; i >= first; i--)
            {
                if (!IsConfirming(sorted[i])) starting.Add(sorted[i]);
            }

            foreach (var c in sameDay.Where(c => c.Basis == Basis.Actual))
            {
                var key = (c.Status, c.DateMeaning);
                ends[key] = ends.TryGetValue(key, out var end) && end < c.Date.Latest ? end : c.Date.Latest;
            }

            last = first - 1;

            bool IsConfirming(StatusClaim c) => c.Basis == Basis.Actual
                && ((ends.TryGetValue((c.Status, c.DateMeaning), out var end) && end <= c.Date.Latest)
                    || sameDay.Exists(o => o.Basis == Basis.Actual && o.Status == c.Status && o.DateMeaning == c.DateMeaning && o.Date.Latest < c.Date.Latest));
        }

        starting.Reverse();
        return starting;
    }

    /// <summary>The spans or runs of one phase from its starting events in ascending order.</summary>
    internal static List<PhaseSpan> Spans(List<StatusClaim> starting, bool ofRuns)
    {
        var spans = new List<PhaseSpan>();
        if (starting is not [var first, ..] || first.Day > DateOnly.MinValue) spans.Add(new(DateOnly.MinValue, DateOnly.MaxValue, null));
        for (var i = 0; i < starting.Count; i++)
        {
            // Of several events of one day the last in the order is effective.
            if (i + 1 < starting.Count && starting[i + 1].Day == starting[i].Day) continue;
            if (spans is [.., var last])
            {
                if (ofRuns && last.Event?.Status == starting[i].Status) continue;
                spans[^1] = last with { To = starting[i].Day };
            }

            spans.Add(new(starting[i].Day, DateOnly.MaxValue, starting[i]));
        }

        return spans;
    }

    private static int Compare(StatusClaim a, StatusClaim b)
    {
        var order = a.Day.CompareTo(b.Day);
        if (order == 0) order = (a.Basis == Basis.Actual).CompareTo(b.Basis == Basis.Actual);
        if (order == 0) order = Confidence.Weight(a.Confidence).CompareTo(Confidence.Weight(b.Confidence));
        if (order == 0) order = a.RecordedAt.CompareTo(b.RecordedAt);
        return order == 0 ? a.ClaimId.CompareTo(b.ClaimId) : order;
    }

    private static bool IsOpen(StatusClaim expected, IEnumerable<StatusClaim> phase, DateOnly asOf)
    {
        var events = Starting(Sorted(phase)).Where(c => c.Day <= asOf).ToList();
        var reached = events.Where(c => HasComeAsFar(c.Status, expected.Status)).ToList();
        return reached.Count == 0
            || (events is [.., var effective]
                && !HasComeAsFar(effective.Status, expected.Status)
                && reached.TrueForAll(c => c.Day < expected.Date.Earliest)
                && effective.Day <= expected.Date.Latest);
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
