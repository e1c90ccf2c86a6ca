namespace Chantier.Domain;

/// <summary>Every closed vocabulary. The database holds the same words, and a test holds both equal.</summary>
public static class Vocabularies
{
    /// <summary>The statuses, by stage and in order of progress.</summary>
    public static Vocabulary Status { get; } = new("StatusCode", Domain.Status.All.Select(term => term.Code));

    /// <summary>The stages that group the statuses, in order of progress.</summary>
    public static Vocabulary Stage { get; } = new("Stage", Domain.Stage.All);

    /// <summary>The milestones, which never move a status.</summary>
    public static Vocabulary Milestone { get; } = new("Milestone", Domain.Milestone.All);

    /// <summary>What the date of a status event means: it began then, or it was observed to be so.</summary>
    public static Vocabulary DateMeaning { get; } = new("DateMeaning", Domain.DateMeaning.All);

    /// <summary>What a claim rests on: what is so, what is concluded, what is expected. The expected never moves a status.</summary>
    public static Vocabulary Basis { get; } = new("Basis", Domain.Basis.All);

    /// <summary>How sure a claim is.</summary>
    public static Vocabulary Confidence { get; } = new("Confidence", Domain.Confidence.All);

    /// <summary>What a term of the vocabulary of construction is: a status, or a milestone.</summary>
    public static Vocabulary StatusKind { get; } = new("StatusKind", "status", "milestone");

    /// <summary>The rule by which a claim is effective, or is not.</summary>
    /// <remarks>
    /// <c>alone</c>: no other claim is about the same thing. <c>later_date</c>, <c>said_later</c>, <c>actual_first</c>,
    /// <c>higher_confidence</c>, <c>recorded_later</c>: this decided between two claims. <c>other_period</c>: another
    /// installed figure holds on that day. <c>not_yet</c>: its date is in the future. <c>confirms</c>: the date of the
    /// event contains that of a more precise one. <c>vague</c>: it gives no number, and another figure does.
    /// <c>not_whole</c>: it covers a part, or several sites. <c>expected</c>, <c>milestone</c>: these never decide.
    /// </remarks>
    public static Vocabulary ForceRule { get; } = new(
        "ForceRule",
        "alone",
        "later_date",
        "said_later",
        "actual_first",
        "higher_confidence",
        "recorded_later",
        "other_period",
        "not_yet",
        "confirms",
        "vague",
        "not_whole",
        "expected",
        "milestone");

    /// <summary>Why a claim ended: in error it was ours, and never held; by news the world's, and it held until then.</summary>
    public static Vocabulary EndReason { get; } = new("EndReason", "error", "news");

    /// <summary>In what content can be redacted.</summary>
    public static Vocabulary RedactedType { get; } = new("RedactedType", "factory", "phase", "operator", "region", "media", "source", "claim", "evidence");

    /// <summary>What a region is.</summary>
    public static Vocabulary RegionKind { get; } = new("RegionKind", "country", "subdivision", "nuts1", "nuts2", "nuts3", "department", "commune", "cluster");

    /// <summary>What a source is.</summary>
    public static Vocabulary SourceKind { get; } = new(
        "SourceKind", "press", "company", "agency", "official", "permit", "register", "satellite", "dataset", "compilation", "other");

    /// <summary>What a medium is.</summary>
    public static Vocabulary MediaKind { get; } = new("MediaKind", "image", "video", "satellite", "document");

    /// <summary>What came of looking whether a medium is still where it was.</summary>
    public static Vocabulary LinkState { get; } = new("LinkState", "unchecked", "ok", "moved", "gone", "unreachable");

    /// <summary>What a claim is about.</summary>
    public static Vocabulary ClaimKind { get; } = new(
        "ClaimKind", "status_event", "figure", "role", "ownership", "location", "depiction", "membership", "merge");

    /// <summary>Whether a claim stands.</summary>
    public static Vocabulary ClaimState { get; } = new("ClaimState", "standing", "ended");

    /// <summary>Whether, and how, a proposal was decided.</summary>
    public static Vocabulary ProposalState { get; } = new("ProposalState", "open", "accepted", "rejected", "withdrawn");

    /// <summary>How far a job is.</summary>
    public static Vocabulary JobState { get; } = new("JobState", "queued", "running", "finished", "failed", "cancelled");

    /// <summary>How a place in a source is told.</summary>
    public static Vocabulary LocatorKind { get; } = new("LocatorKind", "paragraph", "page", "row", "character");

    /// <summary>What a figure measures.</summary>
    public static Vocabulary FigureProperty { get; } = new("FigureProperty", "capacity", "jobs", "investment", "funding", "area");

    /// <summary>How concrete a figure is, the most concrete first.</summary>
    public static Vocabulary FigureQualifier { get; } = new("FigureQualifier", "installed", "under_construction", "permitted", "announced", "target");

    /// <summary>What a figure covers: the whole site or phase, a part of it, or several sites together.</summary>
    public static Vocabulary FigureScope { get; } = new("FigureScope", "whole", "part", "group");

    /// <summary>An operator's part in a factory.</summary>
    public static Vocabulary RoleKind { get; } = new("RoleKind", "operator", "owner", "developer", "contractor", "customer", "lender", "authority");

    /// <summary>How precisely a place is known, the most precise first.</summary>
    public static Vocabulary LocationPrecision { get; } = new("LocationPrecision", "site", "street", "locality", "municipality", "region", "country");

    /// <summary>What a name is.</summary>
    public static Vocabulary NameKind { get; } = new("NameKind", "official", "former", "project", "alias");

    /// <summary>What an external identifier can name.</summary>
    public static Vocabulary IdentifiedKind { get; } = new("IdentifiedKind", "factory", "operator", "region", "source");

    /// <summary>What search looks among.</summary>
    public static Vocabulary SearchedType { get; } = new("SearchedType", "factory", "operator", "region");

    /// <summary>What of it search looks through.</summary>
    public static Vocabulary SearchedField { get; } = new("SearchedField", "name", "other_name", "identifier", "operator", "locality", "region", "slug");

    /// <summary>What is compared to tell whether two descriptions mean one site.</summary>
    public static Vocabulary MatchPart { get; } = new(
        "MatchPart", "identifier", "other_identifier", "name", "distance", "locality", "region", "operator", "country", "sector");

    /// <summary>What of a factory rests on claims, and is shown with them.</summary>
    public static Vocabulary EvidencedField { get; } = new("EvidencedField", "status", "location", "role", "figure", "depiction", "membership");

    /// <summary>What can differ between two points of time.</summary>
    public static Vocabulary DifferenceKind { get; } = new("DifferenceKind", "appeared", "vanished", "status", "figure", "role", "name", "location");

    /// <summary>Why an entry of the log was made.</summary>
    public static Vocabulary ChangeCause { get; } = new(
        "ChangeCause", "created", "revised", "superseded", "retracted", "merged", "unmerged", "deleted", "imported",
        "redacted", "day_advanced");

    /// <summary>What an entry of the log is about.</summary>
    public static Vocabulary ChangedType { get; } = new(
        "ChangedType", "factory", "phase", "operator", "region", "media", "source",
        "status_event", "figure", "role", "ownership", "location", "depiction", "membership", "merge", "evidence",
        "identifier", "day");

    /// <summary>How the items of a list are counted.</summary>
    public static Vocabulary CountKind { get; } = new("CountKind", "none", "estimated", "exact");

    /// <summary>Whether the capacity of a factory is the sum of its phases, or a figure of the whole site.</summary>
    public static Vocabulary CapacityBasis { get; } = new("CapacityBasis", "phases", "site");

    /// <summary>What factories are grouped by.</summary>
    public static Vocabulary StatGroup { get; } = new("StatGroup", "region", "status", "country", "sector", "operator");

    /// <summary>What of a group is counted or summed up.</summary>
    public static Vocabulary StatMeasure { get; } = new("StatMeasure", "count", "capacity", "jobs", "investment");

    /// <summary>The basis on which a statistic includes more than what is known.</summary>
    public static Vocabulary StatBasis { get; } = new("StatBasis", Domain.Basis.Expected);

    /// <summary>The steps of a series.</summary>
    public static Vocabulary StatInterval { get; } = new("StatInterval", "month", "quarter", "year");

    /// <summary>A status, or a stage, which is any of its statuses.</summary>
    public static Vocabulary StageOrStatus { get; } = new("StageOrStatus", [.. Domain.Stage.All, .. Domain.Status.All.Select(term => term.Code)]);

    /// <summary>The languages of labels.</summary>
    public static Vocabulary Language { get; } = new("Language", "en", "fr");
}
