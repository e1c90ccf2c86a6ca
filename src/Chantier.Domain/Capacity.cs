namespace Chantier.Domain;

/// <summary>A unit in terms of the reference unit of its physical quantity: value × factor is the value in the reference unit.</summary>
/// <param name="Reference">The code of the reference unit, which stands for the quantity. Every currency is its own.</param>
/// <param name="Factor">Above zero.</param>
public sealed record UnitOfMeasure(string Reference, decimal Factor);

/// <summary>One figure of capacity about a whole phase or a whole site, as known at one moment.</summary>
public sealed record CapacityFigure
{
    /// <summary>Distinct for every claim.</summary>
    public required long ClaimId { get; init; }

    /// <summary>The named phase that the figure is about; 0 for the whole site.</summary>
    public required long PhaseId { get; init; }

    /// <summary>What is produced; null where the source does not say.</summary>
    public string? Product { get; init; }

    /// <summary>A code of the units.</summary>
    public required string Unit { get; init; }

    /// <summary>What the unit measures, and its factor.</summary>
    public required UnitOfMeasure Measure { get; init; }

    /// <summary>The exact value; null where the source gives a range or words.</summary>
    public decimal? Value { get; init; }

    /// <summary>The lower bound; null where there is none.</summary>
    public decimal? Min { get; init; }

    /// <summary>The upper bound; null where there is none.</summary>
    public decimal? Max { get; init; }

    /// <summary>The source's own words, where it gives no number.</summary>
    public string? Word { get; init; }

    /// <summary>A code of the qualifiers, or null.</summary>
    public string? Qualifier { get; init; }

    /// <summary>The first day of the date for which the value holds or is planned; null where the source does not say.</summary>
    public DateOnly? ForDate { get; init; }

    /// <summary>The first day of the latest visible publication of its sources; null where none has a date.</summary>
    public DateOnly? Said { get; init; }

    /// <summary>A code of <see cref="Domain.Confidence"/>.</summary>
    public required string Confidence { get; init; }

    /// <summary>When the tracker recorded it.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Whether it gives a number.</summary>
    internal bool HasNumber => Value is not null || Min is not null || Max is not null;

    /// <summary>Returns a hash of the claim, since the rules put figures into many sets.</summary>
    public override int GetHashCode() => ClaimId.GetHashCode();
}

/// <summary>A part of the capacity of a factory over the days of [<paramref name="From"/>, <paramref name="To"/>).</summary>
/// <param name="From">The first day; <see cref="DateOnly.MinValue"/> means -infinity.</param>
/// <param name="To">The day after the last; <see cref="DateOnly.MaxValue"/> means infinity.</param>
/// <param name="PhaseId">The named phase; 0 for the whole site.</param>
/// <param name="Status">The status of that phase, or of the site.</param>
/// <param name="IsCounted">Whether it belongs to the capacity of the factory on those days: its stage is that of the site.</param>
/// <param name="IsAlone">Whether the factory has no other part on those days.</param>
/// <param name="Figure">The figure that gives it; null where the phase, or the site, has none.</param>
public sealed record CapacityPart(
    DateOnly From, DateOnly To, long PhaseId, string Status, bool IsCounted, bool IsAlone, CapacityFigure? Figure);

/// <summary>The capacity of a factory on one day.</summary>
/// <param name="Totals">One for each product and physical quantity, the first product of the factory first.</param>
/// <param name="Basis"><c>phases</c> where it is the sum of phases, <c>site</c> where a figure is of the whole site; null where there is none.</param>
/// <param name="IsPartial">Whether a phase has no figure that is part of it.</param>
public sealed record CapacityOnDay(IReadOnlyList<CapacityTotal> Totals, string? Basis, bool IsPartial);

/// <summary>The capacity of one product in one physical quantity.</summary>
/// <param name="Product">What is produced; null where the sources do not say.</param>
/// <param name="Unit">The unit of the parts, or where they differ the reference unit.</param>
/// <param name="Value">The sum where every part is exact.</param>
/// <param name="Min">The least that inexact parts add up to.</param>
/// <param name="Max">The most that they add up to; null where one has no upper bound.</param>
/// <param name="Word">The words of a single part without a number.</param>
/// <param name="Qualifier">The least certain of the parts' qualifiers.</param>
/// <param name="Reference">The reference unit.</param>
/// <param name="InReference">The value, else a bound, in the reference unit; null where there is no number.</param>
public sealed record CapacityTotal(
    string? Product, string Unit, decimal? Value, decimal? Min, decimal? Max, string? Word, string? Qualifier, string Reference, decimal? InReference);

/// <summary>The rule by which figures become the capacity of a factory on any day.</summary>
/// <remarks>
/// <para>Figures compete within a phase (or the whole site), product, physical quantity and qualifier. <b>Effective</b> is the one said
/// last; then the one of higher confidence; then the one recorded later; then the higher claim id. A figure in words loses to any number.</para>
/// <para>An <b>installed</b> figure holds from the first day of its date (always, where it has none) until the next.</para>
/// <para>The <b>nameplate</b> is the effective figure of the first qualifier that exists: installed, none, under construction, permitted,
/// announced, target.</para>
/// <para>Operating, stopped and ended phases have the installed figure of the day, else the nameplate; planned and building ones the
/// nameplate. Counted are the phases in the stage of the site, where planned and building are one. If each of them has a figure of a
/// product and quantity, the capacity is their sum; else it is the figure of the whole site, if there is one; else the sum of what is known.</para>
/// </remarks>
public static class Capacity
{
    private static readonly string?[] Qualifiers = ["installed", null, "under_construction", "permitted", "announced", "target"];
    private static readonly string?[] Certainty = ["installed", "under_construction", "permitted", "announced", "target", null];

    /// <summary>Cuts the axis of days into the parts of a factory's capacity.</summary>
    /// <param name="runs">The runs of each named phase, and under 0 of the whole site.</param>
    /// <param name="factory">The spans of the factory.</param>
    /// <param name="figures">The figures of capacity that are known, of the whole of their phase or site.</param>
    /// <returns>The parts in no particular order; none on days on which the factory has no status.</returns>
    public static IReadOnlyList<CapacityPart> Parts(
        IReadOnlyList<(long PhaseId, IReadOnlyList<PhaseSpan> Runs)> runs, IReadOnlyList<FactorySpan> factory, IReadOnlyList<CapacityFigure> figures)
    {
        var plates = figures.GroupBy(f => f.PhaseId).ToDictionary(phase => phase.Key, phase => new Plates([.. phase]));
        List<DateOnly> installed = [.. plates.Values.SelectMany(plate => plate.Days).Distinct().Order()];
        List<DateOnly> days = [.. factory.Select(span => span.From), .. installed];
        foreach (var (_, phase) in runs) days.AddRange(phase.Select(run => run.From));
        days.Sort();

        var open = new Dictionary<(long, string, bool, CapacityFigure?), DateOnly>();
        var parts = new List<CapacityPart>();
        // Days with the same statuses and installed figures have the same parts, and a long history repeats few of them.
        var known = new Dictionary<(int, string), HashSet<(long, string, bool, CapacityFigure?)>>();
        HashSet<(long, string, bool, CapacityFigure?)> before = [];
        var (span, place) = (0, 0);
        var at = new int[runs.Count];
        foreach (var day in days)
        {
            while (place < installed.Count && installed[place] <= day) place++;
            while (span + 1 < factory.Count && factory[span + 1].From <= day) span++;
            for (var i = 0; i < at.Length; i++)
            {
                while (at[i] + 1 < runs[i].Runs.Count && runs[i].Runs[at[i] + 1].From <= day) at[i]++;
            }

            var status = factory[span].Status;
            var statuses = runs.Count > 1 ? string.Join(' ', runs.Select((phase, i) => phase.Runs[at[i]].Event?.Status)) : status ?? "";
            if (!known.TryGetValue((place, statuses), out var now))
            {
                known[(place, statuses)] = now = status is null
                    ? []
                    : OnDay(day, status, runs.Select((phase, i) => (phase.PhaseId, phase.Runs[at[i]].Event?.Status)), plates);
            }

            if (now == before) continue;
            var wasAlone = before.Count == 1;
            var isAlone = now.Count == 1;
            foreach (var (key, from) in open.Where(part => wasAlone != isAlone || !now.Contains(part.Key)).ToList())
            {
                parts.Add(new(from, day, key.Item1, key.Item2, key.Item3, wasAlone, key.Item4));
                open.Remove(key);
            }

            foreach (var key in now) open.TryAdd(key, day);
            before = now;
        }

        parts.AddRange(open.Select(part => new CapacityPart(
            part.Value, DateOnly.MaxValue, part.Key.Item1, part.Key.Item2, part.Key.Item3, open.Count == 1, part.Key.Item4)));
        return parts;
    }

    /// <summary>Adds up the parts that are counted on a day.</summary>
    /// <param name="parts">The parts of one factory, of any days.</param>
    /// <param name="products">The products of the factory, the first of which comes first.</param>
    /// <param name="day">The day in the world.</param>
    public static CapacityOnDay OnDay(IEnumerable<CapacityPart> parts, IReadOnlyList<string> products, DateOnly day)
    {
        var counted = parts.Where(part => part.IsCounted && part.From <= day && (day < part.To || part.To == DateOnly.MaxValue)).ToList();
        var figures = counted.Where(part => part.Figure is not null).ToList();
        List<CapacityTotal> totals = [.. figures.Select(part => part.Figure!).GroupBy(Key)
            .OrderBy(group => Place(group.Key.Item1)).ThenBy(group => group.Key.Item1, StringComparer.Ordinal).ThenBy(group => group.Key.Item2, StringComparer.Ordinal)
            .Select(group => Total([.. group]))];
        var basis = figures.Count == 0 ? null : figures.Exists(part => part.PhaseId == 0) ? "site" : "phases";
        return new(totals, basis, counted.Exists(part => part.Figure is null && part.PhaseId != 0));

        int Place(string? product) => product is not null && products.ToList().IndexOf(product) is >= 0 and var place ? place : products.Count;
    }

    private static CapacityTotal Total(List<CapacityFigure> figures)
    {
        var unit = figures.TrueForAll(f => f.Unit == figures[0].Unit) ? figures[0].Unit : figures[0].Measure.Reference;
        var numbers = figures.FindAll(f => f.HasNumber);
        decimal In(CapacityFigure figure, decimal value) => figure.Unit == unit ? value : value * figure.Measure.Factor;
        var isExact = numbers.Count > 0 && numbers.TrueForAll(f => f.Value is not null);
        decimal? value = isExact ? numbers.Sum(f => In(f, f.Value!.Value)) : null;
        decimal? min = isExact || numbers.Count == 0 ? null : numbers.Sum(f => In(f, f.Value ?? f.Min ?? 0));
        decimal? max = isExact || numbers.Count == 0 || numbers.Exists(f => f.Value is null && f.Max is null) ? null : numbers.Sum(f => In(f, f.Value ?? f.Max!.Value));
        if (min == 0 && numbers.TrueForAll(f => f.Value is null && f.Min is null)) min = null;
        var factor = unit == figures[0].Measure.Reference ? 1 : figures[0].Measure.Factor;
        return new(
            figures[0].Product, unit, value, min, max, figures.Count == 1 ? figures[0].Word : null,
            figures.Select(f => f.Qualifier).MaxBy(q => Array.IndexOf(Certainty, q)), figures[0].Measure.Reference, (value ?? min ?? max) * factor);
    }

    private static HashSet<(long Phase, string Status, bool IsCounted, CapacityFigure? Figure)> OnDay(
        DateOnly day, string site, IEnumerable<(long PhaseId, string? Status)> phases, Dictionary<long, Plates> plates)
    {
        var parts = new HashSet<(long, string, bool, CapacityFigure?)>();
        var stage = Group(site);
        var ofSite = FiguresOf(0, site);
        var counted = new List<(long PhaseId, string Status, IReadOnlyList<CapacityFigure> Figures)>();
        foreach (var (phase, status) in phases)
        {
            if (phase == 0 || status is null) continue;
            var own = FiguresOf(phase, status);
            if (Group(status) == stage) counted.Add((phase, status, own));
            else Add(phase, status, isCounted: false, own);
        }

        if (counted.Count == 0)
        {
            Add(0, site, isCounted: true, ofSite);
            return parts;
        }

        var isOfSite = false;
        foreach (var group in counted.SelectMany(p => p.Figures).Concat(ofSite).Select(Key).Distinct())
        {
            var with = counted.Where(p => p.Figures.Any(f => Key(f) == group)).ToList();
            if (with.Count < counted.Count && ofSite.FirstOrDefault(f => Key(f) == group) is { } whole)
            {
                isOfSite = true;
                parts.Add((0, site, true, whole));
            }
            else
            {
                foreach (var (phase, status, own) in with) parts.Add((phase, status, true, own.First(f => Key(f) == group)));
            }
        }

        foreach (var (phase, status, own) in counted)
        {
            if (own.Count == 0 && !isOfSite) parts.Add((phase, status, true, null));
        }

        return parts;

        IReadOnlyList<CapacityFigure> FiguresOf(long phase, string status) => plates.TryGetValue(phase, out var plate) ? plate.On(day, status) : [];

        void Add(long phase, string status, bool isCounted, IReadOnlyList<CapacityFigure> own)
        {
            if (own.Count == 0) parts.Add((phase, status, isCounted, null));
            foreach (var figure in own) parts.Add((phase, status, isCounted, figure));
        }
    }

    private static (string?, string) Key(CapacityFigure figure) => (figure.Product, figure.Measure.Reference);

    // Planned and building phases are counted together.
    private static string Group(string status) => Status.Term(status).Stage is var stage && stage == Stage.Planned ? Stage.Building : stage;

    private static int Compare(CapacityFigure a, CapacityFigure b)
    {
        var order = Nullable.Compare(a.Said, b.Said);
        if (order == 0) order = Confidence.Weight(a.Confidence).CompareTo(Confidence.Weight(b.Confidence));
        if (order == 0) order = a.RecordedAt.CompareTo(b.RecordedAt);
        return order == 0 ? a.ClaimId.CompareTo(b.ClaimId) : order;
    }

    // What one phase, or the whole site, has: by product and quantity its nameplate, and what is installed from which day.
    private sealed class Plates
    {
        private readonly List<(CapacityFigure Nameplate, List<(DateOnly From, CapacityFigure Figure)> Installed)> _groups = [];

        public Plates(IReadOnlyList<CapacityFigure> figures)
        {
            foreach (var group in figures.GroupBy(Key))
            {
                var numbers = group.Where(f => f.HasNumber).ToList();
                // A vague wording never hides a number, whatever the unit in which that is given.
                if (numbers.Count == 0 && figures.Any(f => f.HasNumber && f.Product == group.Key.Item1)) continue;
                var competing = numbers.Count > 0 ? numbers : [.. group];
                var nameplate = Qualifiers
                    .Select(q => competing.Where(f => f.Qualifier == q).MaxBy(f => f, Comparer<CapacityFigure>.Create(Compare)))
                    .First(f => f is not null)!;
                var installed = competing.Where(f => f.Qualifier == "installed").GroupBy(f => f.ForDate ?? DateOnly.MinValue)
                    .Select(day => (day.Key, day.MaxBy(f => f, Comparer<CapacityFigure>.Create(Compare))!)).OrderBy(day => day.Key).ToList();
                _groups.Add((nameplate, installed));
            }
        }

        public IEnumerable<DateOnly> Days => _groups.SelectMany(group => group.Installed.Select(installed => installed.From));

        public IReadOnlyList<CapacityFigure> On(DateOnly day, string status)
        {
            var isPlan = Status.Term(status).Stage is Stage.Planned or Stage.Building;
            return [.. _groups.Select(group => isPlan ? group.Nameplate : group.Installed.FindLast(i => i.From <= day).Figure ?? group.Nameplate)];
        }
    }
}
