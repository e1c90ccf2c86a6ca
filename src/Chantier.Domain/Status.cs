using System.Collections.Frozen;

namespace Chantier.Domain;

/// <summary>The five stages that group the statuses.</summary>
public static class Stage
{
    /// <summary>Wanted or applied for; nothing is built yet.</summary>
    public const string Planned = "planned";

    /// <summary>Work goes on at the place, up to the first trials.</summary>
    public const string Building = "building";

    /// <summary>It makes what it was built for.</summary>
    public const string Active = "active";

    /// <summary>It rests, and may go on.</summary>
    public const string Stopped = "stopped";

    /// <summary>It will not go on.</summary>
    public const string Ended = "ended";

    /// <summary>All stages, in order of progress.</summary>
    public static IReadOnlyList<string> All { get; } = [Planned, Building, Active, Stopped, Ended];
}

/// <summary>One term of the status vocabulary.</summary>
/// <param name="Code">The code, as stored and served.</param>
/// <param name="Stage">The <see cref="Domain.Stage"/> it belongs to.</param>
/// <param name="Progress">1 to 14: the place in the table of terms, by stage and in order of progress within it.</param>
/// <param name="RollUpRank">1 to 11: the factory takes the status of its phase with the lowest rank. The ended terms share the
/// last, and among them the latest event decides.</param>
public sealed record StatusTerm(string Code, string Stage, int Progress, int RollUpRank);

/// <summary>The status vocabulary: a phase has one status at a time, a factory's is rolled up from its phases'.</summary>
public static class Status
{
    /// <summary>Talked of; those behind it have not confirmed it.</summary>
    public const string Rumoured = "rumoured";

    /// <summary>Made known by those behind the project.</summary>
    public const string Announced = "announced";

    /// <summary>Studied, consulted on or applied for.</summary>
    public const string Planning = "planning";

    /// <summary>Allowed by the authorities.</summary>
    public const string Permitted = "permitted";

    /// <summary>Earthworks, clean-up or demolition ahead of building.</summary>
    public const string SitePreparation = "site_preparation";

    /// <summary>Buildings or equipment go up.</summary>
    public const string UnderConstruction = "under_construction";

    /// <summary>Built, and being tried out.</summary>
    public const string Commissioning = "commissioning";

    /// <summary>Producing, at whatever rate.</summary>
    public const string Operating = "operating";

    /// <summary>Stopped after it had operated.</summary>
    public const string Idled = "idled";

    /// <summary>Stopped before it ever operated.</summary>
    public const string Suspended = "suspended";

    /// <summary>Given up before building was finished.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Built, and never operated.</summary>
    public const string NeverCommissioned = "never_commissioned";

    /// <summary>Operated, and shut for good.</summary>
    public const string Closed = "closed";

    /// <summary>Taken down.</summary>
    public const string Dismantled = "dismantled";

    /// <summary>All terms, by stage and in order of progress within it.</summary>
    public static IReadOnlyList<StatusTerm> All { get; } =
    [
        new(Rumoured, Stage.Planned, Progress: 1, RollUpRank: 10),
        new(Announced, Stage.Planned, Progress: 2, RollUpRank: 8),
        new(Planning, Stage.Planned, Progress: 3, RollUpRank: 7),
        new(Permitted, Stage.Planned, Progress: 4, RollUpRank: 6),
        new(SitePreparation, Stage.Building, Progress: 5, RollUpRank: 4),
        new(UnderConstruction, Stage.Building, Progress: 6, RollUpRank: 3),
        new(Commissioning, Stage.Building, Progress: 7, RollUpRank: 2),
        new(Operating, Stage.Active, Progress: 8, RollUpRank: 1),
        new(Idled, Stage.Stopped, Progress: 9, RollUpRank: 5),
        new(Suspended, Stage.Stopped, Progress: 10, RollUpRank: 9),
        new(Cancelled, Stage.Ended, Progress: 11, RollUpRank: 11),
        new(NeverCommissioned, Stage.Ended, Progress: 12, RollUpRank: 11),
        new(Closed, Stage.Ended, Progress: 13, RollUpRank: 11),
        new(Dismantled, Stage.Ended, Progress: 14, RollUpRank: 11),
    ];

    private static readonly FrozenDictionary<string, StatusTerm> ByCode = All.ToFrozenDictionary(t => t.Code);

    /// <summary>Whether the code is a status.</summary>
    public static bool IsKnown(string? code) => code is not null && ByCode.ContainsKey(code);

    /// <summary>The term of a code.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The code is no status.</exception>
    public static StatusTerm Term(string code) =>
        ByCode.TryGetValue(code, out var term) ? term : throw new ArgumentOutOfRangeException(nameof(code), code, "This is no status.");
}

/// <summary>The milestones: entries of a phase's timeline that never move its status.</summary>
public static class Milestone
{
    /// <summary>All codes: procedure, money, construction, business, the rest.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "filing", "filing_withdrawn", "consultation", "permit_granted", "permit_refused", "permit_annulled", "permit_expired",
        "appeal_lodged", "appeal_granted", "appeal_refused", "appeal_withdrawn",
        "final_investment_decision", "financing", "funding_decision", "land_purchase",
        "groundbreaking", "foundations", "building_closed", "equipment_in", "grid_connected", "first_product", "full_rate", "inauguration",
        "insolvency", "sale", "ownership_change", "layoffs", "other",
    ];

    private static readonly FrozenSet<string> Codes = All.ToFrozenSet();

    /// <summary>Whether the code is a milestone.</summary>
    public static bool IsKnown(string? code) => code is not null && Codes.Contains(code);
}

/// <summary>What the date of a status event means.</summary>
public static class DateMeaning
{
    /// <summary>The status began on that date.</summary>
    public const string Began = "began";

    /// <summary>It was so on that date; when it began is not said.</summary>
    public const string Observed = "observed";

    /// <summary>Both codes.</summary>
    public static IReadOnlyList<string> All { get; } = [Began, Observed];
}

/// <summary>What a status event rests on.</summary>
public static class Basis
{
    /// <summary>A source says that it is so.</summary>
    public const string Actual = "actual";

    /// <summary>Concluded from what sources say; gives way to an actual event of the same day.</summary>
    public const string Inferred = "inferred";

    /// <summary>A source says that it will be so. Never moves the status.</summary>
    public const string Expected = "expected";

    /// <summary>All codes; those that can move a status first, by precedence.</summary>
    public static IReadOnlyList<string> All { get; } = [Actual, Inferred, Expected];
}

/// <summary>How sure a claim is.</summary>
public static class Confidence
{
    /// <summary>Nothing speaks against it.</summary>
    public const string High = "high";

    /// <summary>Likely.</summary>
    public const string Medium = "medium";

    /// <summary>Possible.</summary>
    public const string Low = "low";

    /// <summary>All codes, by precedence.</summary>
    public static IReadOnlyList<string> All { get; } = [High, Medium, Low];

    /// <summary>3 for high, 2 for medium, 1 for low.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The code is no confidence.</exception>
    public static int Weight(string confidence) => confidence switch
    {
        High => 3,
        Medium => 2,
        Low => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "This is no confidence."),
    };
}
