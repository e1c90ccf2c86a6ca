using System.Runtime.InteropServices;

namespace Chantier.Domain;

/// <summary>Something that was known from one moment until another.</summary>
/// <param name="From">The first moment; <see cref="DateTime.MinValue"/> means -infinity.</param>
/// <param name="To">The moment from which it is no longer known; <see cref="DateTime.MaxValue"/> means infinity.</param>
/// <param name="Value">What was known.</param>
public readonly record struct Known<T>(DateTime From, DateTime To, T Value)
{
    /// <summary>Whether it was known at a moment.</summary>
    public bool Contains(DateTime at) => From <= at && at < To;
}

/// <summary>Everything that decides the status and the capacity of one factory in one kind of knowledge.</summary>
public sealed record FactoryFacts
{
    /// <summary>When the factory existed; the intervals do not overlap.</summary>
    public required IReadOnlyList<(DateTime From, DateTime To)> Existence { get; init; }

    /// <summary>The status events of the factory and of those merged into it.</summary>
    public required IReadOnlyList<Known<StatusClaim>> Events { get; init; }

    /// <summary>Its figures of capacity, of the whole of their phase or site.</summary>
    public required IReadOnlyList<Known<CapacityFigure>> Figures { get; init; }
}

/// <summary>A period in which a factory had one status.</summary>
public sealed record StatusPeriod(DateOnly From, DateOnly To, string? Status, long? SinceClaimId)
{
    /// <summary>Returns a hash that tells the periods of one factory apart, and is cheap.</summary>
    public override int GetHashCode() => HashCode.Combine(From, SinceClaimId);
}

/// <summary>A period in which a part of a factory's capacity was the same. Without a unit, the part has no figure.</summary>
public sealed record CapacityPeriod(
    DateOnly From, DateOnly To, long? PhaseId, string Status, bool IsCounted, bool IsAlone, string? Product, string? Unit, decimal? Value, decimal? Min, decimal? Max,
    string? Word, string? Qualifier)
{
    /// <summary>Returns a hash that tells the parts of one factory apart, and is cheap.</summary>
    public override int GetHashCode() => HashCode.Combine(From, PhaseId, Unit);
}

/// <summary>What a factory is as known at one moment.</summary>
/// <param name="Events">The events that are known and can decide the status.</param>
/// <param name="Spans">The spans of its status.</param>
/// <param name="Parts">The parts of its capacity.</param>
public sealed record FactorySlice(
    IEnumerable<StatusClaim> Events, IReadOnlyList<FactorySpan> Spans, IReadOnlyList<CapacityPart> Parts)
{
    /// <summary>The event that last confirms the status of a day; null where the factory has none.</summary>
    public StatusClaim? LastConfirmed(DateOnly day) =>
        Spans.First(span => span.Contains(day)).Status is { } status ? Timeline.LastConfirmed(Events, status, day) : null;

    /// <summary>The periods of its status that do not end before a day.</summary>
    public IEnumerable<StatusPeriod> Statuses(DateOnly fromDay) => Spans.Where(span => span.To >= fromDay)
        .Select(span => new StatusPeriod(span.From, span.To, span.Status, span.Since?.ClaimId));

    /// <summary>The periods of the parts of its capacity that do not end before a day.</summary>
    public IEnumerable<CapacityPeriod> Capacities(DateOnly fromDay) => Parts.Where(part => part.To >= fromDay).Select(part => new CapacityPeriod(
        part.From, part.To, part.PhaseId == 0 ? null : part.PhaseId, part.Status, part.IsCounted, part.IsAlone, part.Figure?.Product, part.Figure?.Unit,
        part.Figure?.Value, part.Figure?.Min, part.Figure?.Max, part.Figure?.Word, part.Figure?.Qualifier));
}

/// <summary>Derives the periods of a factory's status and capacity for every moment of knowledge.</summary>
public static class FactoryHistory
{
    /// <summary>What is known at one moment; null where the factory does not exist then.</summary>
    public static FactorySlice? At(FactoryFacts facts, DateTime at) => new Slicer(facts).At(at);

    /// <summary>The same with what is expected to happen after a day; null where nothing is, too.</summary>
    public static FactorySlice? Projected(FactoryFacts facts, DateTime at, DateOnly day)
    {
        var events = facts.Events.Where(known => known.Contains(at)).Select(known => known.Value);
        var projected = Timeline.Projected(events, day).Select(e => new Known<StatusClaim>(at, DateTime.MaxValue, e)).ToList();
        return projected.Count == 0 ? null : At(facts with { Events = [.. facts.Events, .. projected] }, at);
    }

    /// <summary>Derives all periods that are known at or after a moment, each with the moments from and until which it is known.</summary>
    /// <param name="facts">The facts of one factory in one kind of knowledge.</param>
    /// <param name="since">The first moment that matters; <see cref="DateTime.MinValue"/> for all.</param>
    /// <param name="carriedStatuses">The periods that were known just before that moment, with their first moment.</param>
    /// <param name="carriedCapacities">The same for capacity.</param>
    /// <param name="fromDay">Periods that end before this day are left out.</param>
    public static (List<Known<StatusPeriod>> Statuses, List<Known<CapacityPeriod>> Capacities) Derive(
        FactoryFacts facts, DateTime since, IEnumerable<Known<StatusPeriod>> carriedStatuses, IEnumerable<Known<CapacityPeriod>> carriedCapacities,
        DateOnly fromDay)
    {
        var statuses = new Sweep<StatusPeriod>(carriedStatuses);
        var capacities = new Sweep<CapacityPeriod>(carriedCapacities);
        var slicer = new Slicer(facts);
        foreach (var at in Moments(facts, since))
        {
            var slice = slicer.At(at);
            statuses.Advance(at, slice?.Statuses(fromDay) ?? []);
            capacities.Advance(at, slice?.Capacities(fromDay) ?? []);
        }

        return (statuses.End(), capacities.End());
    }

    private static SortedSet<DateTime> Moments(FactoryFacts facts, DateTime since)
    {
        var moments = new SortedSet<DateTime>();
        if (since > DateTime.MinValue) moments.Add(since);
        Add(facts.Existence);
        Add(facts.Events.Select(known => (known.From, known.To)));
        Add(facts.Figures.Select(known => (known.From, known.To)));
        return moments;

        void Add(IEnumerable<(DateTime From, DateTime To)> times)
        {
            foreach (var (from, to) in times)
            {
                if (from >= since) moments.Add(from);
                if (to >= since && to < DateTime.MaxValue) moments.Add(to);
            }
        }
    }

    /// <summary>Cuts facts at moments. Events are sorted only once, since there can be many moments.</summary>
    private sealed class Slicer(FactoryFacts facts)
    {
        private readonly List<(long PhaseId, List<Known<StatusClaim>> Events)> _phases =
        [
            .. facts.Events.Where(known => known.Value.IsEligible)
                .GroupBy(known => known.Value.PhaseId)
                .Select(phase => (phase.Key, phase.OrderBy(known => known.Value, Timeline.Order).ToList())),
        ];

        public FactorySlice? At(DateTime at)
        {
            if (!facts.Existence.Any(time => time.From <= at && at < time.To)) return null;
            var phases = _phases.ConvertAll(phase => (phase.PhaseId, Events: KnownAt(phase.Events, at)));
            phases.RemoveAll(phase => phase.Events.Count == 0);
            List<(long, IReadOnlyList<PhaseSpan>)> runs =
                phases.ConvertAll(phase => (phase.PhaseId, Timeline.RunsOfSorted(phase.Events)));
            var spans = Timeline.Factory(runs);
            return new(phases.SelectMany(phase => phase.Events), spans, Capacity.Parts(runs, spans, KnownAt(facts.Figures, at)));
        }

        private static List<T> KnownAt<T>(IEnumerable<Known<T>> facts, DateTime at) =>
            [.. facts.Where(known => known.Contains(at)).Select(known => known.Value)];
    }

    // Periods that hold from moment to moment are one, whatever else changes.
    private sealed class Sweep<T>(IEnumerable<Known<T>> carried)
        where T : class
    {
        private readonly Dictionary<T, (DateTime From, DateTime SeenAt)> _open =
            carried.ToDictionary(known => known.Value, known => (known.From, known.From));

        private readonly List<Known<T>> _closed = [];

        public void Advance(DateTime at, IEnumerable<T> periods)
        {
            foreach (var period in periods)
            {
                ref var open = ref CollectionsMarshal.GetValueRefOrAddDefault(_open, period, out var wasOpen);
                open = (wasOpen ? open.From : at, at);
            }

            foreach (var (period, (from, seenAt)) in _open)
            {
                if (seenAt == at) continue;
                _closed.Add(new(from, at, period));
                _open.Remove(period);
            }
        }

        public List<Known<T>> End()
        {
            _closed.AddRange(_open.Select(open => new Known<T>(open.Value.From, DateTime.MaxValue, open.Key)));
            return _closed;
        }
    }
}
