using System.ComponentModel;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>One value that differs between two points of time, as it was before and as it is after.</summary>
internal sealed record DifferenceView : ListRow
{
    public SlugName Factory => new(FactorySlug, FactoryName);

    /// <summary>
    /// appeared: it did not exist, or its status was not known. vanished: it does not exist any longer. Else the field
    /// that has another value.
    /// </summary>
    [Among(nameof(Vocabularies.DifferenceKind))]
    public required string Kind { get; init; }

    /// <summary>The phase of a figure; null where it concerns the whole factory.</summary>
    public long? PhaseId { get; init; }

    [Among(nameof(Vocabularies.FigureProperty))]
    public string? Property { get; init; }

    [Among(nameof(Vocabularies.FigureQualifier))]
    public string? Qualifier { get; init; }

    public string? Product { get; init; }

    /// <summary>The unit of both sides: the stated one where both have it, else the reference unit.</summary>
    public string? Unit { get; init; }

    /// <summary>The operator of a role.</summary>
    public SlugName? Operator => OperatorSlug is null ? null : new(OperatorSlug, OperatorName!);

    [Among(nameof(Vocabularies.RoleKind))]
    public string? Role { get; init; }

    /// <summary>Null where there was no value.</summary>
    public DifferenceSide? Before => BeforeClaim is null && BeforeName is null
        ? null
        : new(
            BeforeStatus,
            BeforeValue,
            BeforeMin,
            BeforeMax,
            BeforeWord,
            BeforeShare,
            BeforeName,
            BeforeLon,
            BeforeLat,
            BeforePrecision,
            BeforeDate,
            BeforeForDate,
            BeforeBasis,
            BeforeClaim,
            BeforeSources);

    /// <summary>Null where there is no value.</summary>
    public DifferenceSide? After => AfterClaim is null && AfterName is null
        ? null
        : new(
            AfterStatus,
            AfterValue,
            AfterMin,
            AfterMax,
            AfterWord,
            AfterShare,
            AfterName,
            AfterLon,
            AfterLat,
            AfterPrecision,
            AfterDate,
            AfterForDate,
            AfterBasis,
            AfterClaim,
            AfterSources);

    /// <summary>The slug of the factory into which a vanished one was merged; null where it was deleted.</summary>
    public string? MergedInto { get; init; }

    [JsonIgnore]
    public string FactorySlug { get; init; } = "";

    [JsonIgnore]
    public string FactoryName { get; init; } = "";

    [JsonIgnore]
    public string? OperatorSlug { get; init; }

    [JsonIgnore]
    public string? OperatorName { get; init; }

    [JsonIgnore]
    public long? BeforeClaim { get; init; }

    [JsonIgnore]
    public string? BeforeStatus { get; init; }

    [JsonIgnore]
    public decimal? BeforeValue { get; init; }

    [JsonIgnore]
    public decimal? BeforeMin { get; init; }

    [JsonIgnore]
    public decimal? BeforeMax { get; init; }

    [JsonIgnore]
    public string? BeforeWord { get; init; }

    [JsonIgnore]
    public decimal? BeforeShare { get; init; }

    [JsonIgnore]
    public string? BeforeName { get; init; }

    [JsonIgnore]
    public double? BeforeLon { get; init; }

    [JsonIgnore]
    public double? BeforeLat { get; init; }

    [JsonIgnore]
    public string? BeforePrecision { get; init; }

    [JsonIgnore]
    public string? BeforeDate { get; init; }

    [JsonIgnore]
    public string? BeforeForDate { get; init; }

    [JsonIgnore]
    public string? BeforeBasis { get; init; }

    [JsonIgnore]
    public string[] BeforeSources { get; init; } = [];

    [JsonIgnore]
    public long? AfterClaim { get; init; }

    [JsonIgnore]
    public string? AfterStatus { get; init; }

    [JsonIgnore]
    public decimal? AfterValue { get; init; }

    [JsonIgnore]
    public decimal? AfterMin { get; init; }

    [JsonIgnore]
    public decimal? AfterMax { get; init; }

    [JsonIgnore]
    public string? AfterWord { get; init; }

    [JsonIgnore]
    public decimal? AfterShare { get; init; }

    [JsonIgnore]
    public string? AfterName { get; init; }

    [JsonIgnore]
    public double? AfterLon { get; init; }

    [JsonIgnore]
    public double? AfterLat { get; init; }

    [JsonIgnore]
    public string? AfterPrecision { get; init; }

    [JsonIgnore]
    public string? AfterDate { get; init; }

    [JsonIgnore]
    public string? AfterForDate { get; init; }

    [JsonIgnore]
    public string? AfterBasis { get; init; }

    [JsonIgnore]
    public string[] AfterSources { get; init; } = [];

    /// <summary>The kinds of change in the whole list; the same in every row.</summary>
    [JsonIgnore]
    public string[] CountedKinds { get; init; } = [];

    [JsonIgnore]
    public long[] Counts { get; init; } = [];
}

/// <summary>A value at one of the two points, its claim, and the sources of that. A name has no claim.</summary>
internal sealed record DifferenceSide(
    [property: Among(nameof(Vocabularies.Status))] string? Status,
    decimal? Value,
    decimal? Min,
    decimal? Max,
    string? Word,
    decimal? Share,
    string? Name,
    double? Lon,
    double? Lat,
    [property: Among(nameof(Vocabularies.LocationPrecision))] string? Precision,
    string? Date,
    string? ForDate,
    [property: Among(nameof(Vocabularies.Basis))] string? Basis,
    long? Claim,
    string[] Sources);

/// <summary>GET /v1/diff: the changes between two dates, moments of knowledge, or dates of publication.</summary>
internal static class DiffFactories
{
    internal sealed record DiffQuery
    {
        [Description("The first date in the world. Default: the second, or asOf.")]
        public Given<WorldDate>? From { get; init; }

        [Description("The second date in the world, with from; at most the current day. Default: the current day.")]
        public Given<WorldDate>? To { get; init; }

        [Description("""
            The first moment of knowledge: what was known then is compared with what was known at knownTo. Default: the
            second, or knownAt.
            """)]
        public Given<Moment>? KnownFrom { get; init; }

        [Description("The second moment of knowledge, with knownFrom. Default: now.")]
        public Given<Moment>? KnownTo { get; init; }

        [Description("""
            The first date of publication: what had been published by then is compared with what had been by
            publishedTo. Default: the second, or publishedUntil.
            """)]
        public Given<PublicationDate>? PublishedFrom { get; init; }

        [Description("The second date of publication, with publishedFrom. Default: today.")]
        public Given<PublicationDate>? PublishedTo { get; init; }

        [Description("Only these kinds of change.")]
        public Given<Codes>? Kind { get; init; }

        internal sealed class Validator : AbstractValidator<DiffQuery>
        {
            public Validator()
            {
                RuleFor(q => q.From)
                    .Must((q, from) => from is not null || q.KnownFrom is not null || q.PublishedFrom is not null)
                    .WithErrorCode("required")
                    .WithMessage("is missing; give from, knownFrom or publishedFrom, the first point to compare.");
                RuleFor(q => q.To).Must((q, to) => to is null || q.From is not null)
                    .WithErrorCode("needs_another").WithMessage("needs from, the date to compare with.");
                RuleFor(q => q.KnownTo).Must((q, to) => to is null || q.KnownFrom is not null)
                    .WithErrorCode("needs_another").WithMessage("needs knownFrom, the moment to compare with.");
                RuleFor(q => q.PublishedTo).Must((q, to) => to is null || q.PublishedFrom is not null)
                    .WithErrorCode("needs_another").WithMessage("needs publishedFrom, the date to compare with.");
                RuleFor(q => q.To).Must((q, to) => to is null || q.From is null || q.From.Value.Day <= to.Value.Day)
                    .WithErrorCode("not_accepted").WithMessage("is before from; it accepts the same day or a later one.");
                RuleFor(q => q.KnownTo).Must((q, to) => to is null || q.KnownFrom is null || q.KnownFrom.Value.At <= to.Value.At)
                    .WithErrorCode("not_accepted").WithMessage("is before knownFrom; it accepts the same moment or a later one.");
                RuleFor(q => q.PublishedTo)
                    .Must((q, to) => to is null || !(q.PublishedFrom?.Value.Latest > to.Value.Latest))
                    .WithErrorCode("not_accepted")
                    .WithMessage("is before publishedFrom; it accepts the same date or a later one.");
                RuleFor(q => q.Kind).AreAmong(Vocabularies.DifferenceKind);
            }
        }
    }

    // Factories that match the filter at either point are compared, so that those that entered or left it are seen.
    private const string Touched = """
        (with touched as materialized (
           select t.* from factories_between(@knownBy, @knownAtBefore, @asOfBefore, @knownAt, @asOf) t
         ), matched as materialized (
           select l.factory_id
           from (
           select f.factory_id from 
        """;

    private const string Or = """

           union
           select f.factory_id from 
        """;

    private const string Differ = """
        ) l
           where l.factory_id in (select t.factory_id from touched t)
         ), difference as materialized (
           select x.* from factory_difference(@knownBy, array(select m.factory_id from matched m),
             array(select t.factory_id from touched t join matched m on m.factory_id = t.factory_id where t.has_figures),
             array(select t.factory_id from touched t join matched m on m.factory_id = t.factory_id where t.has_roles),
             array(select t.factory_id from touched t join matched m on m.factory_id = t.factory_id where t.has_places),
             @knownAtBefore, @asOfBefore, @knownAt, @asOf) x
           where @kinds::text[] is null or x.kind = any (@kinds::text[])
         ), counted as (
           select kind, count(*) as of from difference group by kind
         )
         select difference.*, array(select kind from counted order by kind) as counted_kinds,
           array(select of from counted order by kind) as counts
         from difference) d
        """;

    private const string Columns = """
        page.kind, page.phase_id, page.property, page.qualifier, page.product, page.unit, page.role, page.counted_kinds, page.counts,
          t.slug as factory_slug, t.name as factory_name, o.slug as operator_slug, ov.name as operator_name,
          page.before_claim, page.before_status, page.before_value, page.before_min, page.before_max, page.before_word,
          page.before_share, page.before_name, page.before_lon, page.before_lat, page.before_precision,
          before.date as before_date, before.for_date as before_for_date, before.basis as before_basis,
          before.sources as before_sources,
          page.after_claim, page.after_status, page.after_value, page.after_min, page.after_max, page.after_word,
          page.after_share, page.after_name, page.after_lon, page.after_lat, page.after_precision,
          after.date as after_date, after.for_date as after_for_date, after.basis as after_basis,
          after.sources as after_sources, (
            select f.slug from factory_merged m join factory f on f.id = m.survivor_id
            where page.kind = 'vanished' and m.loser_id = page.factory_id
              and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)) as merged_into
        """;

    private const string Joins = $"""

        cross join lateral (
          select x.slug, n.name
          from factory_version n
          join factory x on x.id = n.factory_id
          where n.factory_id = page.factory_id
            and (is_recorded(@knownBy, @knownAt, n.known_from, n.known_to)
              or is_recorded(@knownBy, @knownAtBefore, n.known_from, n.known_to))
          order by n.known_from desc
          limit 1) t
        left join operator o on o.id = page.operator_id
        left join lateral (
          select n.name from operator_version n
          where n.operator_id = o.id
            and (is_recorded(@knownBy, @knownAt, n.known_from, n.known_to)
              or is_recorded(@knownBy, @knownAtBefore, n.known_from, n.known_to))
          order by n.known_from desc
          limit 1) ov on true
        left join lateral (
          select coalesce(t.date, r.valid) as date, g.for_date, c.basis, array(
            select distinct s.slug
            from evidence e
            cross join lateral (select x.slug from source x where x.id = e.source_id offset 0) s
            left join lateral (
              select w.published_latest, w.retrieved_at from source_version w
              where w.source_id = e.source_id and is_recorded(@knownBy, @knownAtBefore, w.known_from, w.known_to)
              offset 0) v on true
            where e.claim_id = c.id and is_recorded(@knownBy, @knownAtBefore, e.known_from, e.known_to)
              and is_published_by(@knownBy, @knownAtBefore, v.published_latest, v.retrieved_at, e.known_from)
            order by s.slug) as sources
          from {Content}
          where c.id = page.before_claim) before on true
        left join lateral (
          select coalesce(t.date, r.valid) as date, g.for_date, c.basis, {ClaimEvidenceView.SourceSlugs} as sources
          from {Content}
          where c.id = page.after_claim) after on true
        """;

    private const string Content = """
        claim c
          left join status_event t on t.claim_id = c.id
          left join figure g on g.claim_id = c.id
          left join role r on r.claim_id = c.id
        """;

    private static readonly SortTable Sorts = new(
        "name", new SortKey("key", "text", "d.key collate \"C\""), new SortKey("name", "text", "d.sort_name"));

    public static Task<IResult> Handle(
        [AsParameters] FactoryFilter filter,
        [AsParameters] DiffQuery diff,
        [AsParameters] TimeAxes axes,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        if (Excluded(diff, axes) is { } excluded)
        {
            return Task.FromResult(Problem.InvalidParameters(excluded).ToResult());
        }

        var future = InFuture(diff, axes.Current).ToList();
        if (future.Count > 0)
        {
            return Task.FromResult(Problem.InvalidParameters(future).ToResult());
        }

        var (before, after) = Points(diff, axes);
        var language = reading.Language(query.Lang);
        var sql = new SelectSql()
            .From(Touched, Matching(before, filter, language), Or, Matching(after, filter, language), Differ)
            .With("kinds", diff.Kind?.Value.Values.ToArray())
            .OrderBy(Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<DifferenceView>
        {
            Axes = after,
            Query = query,
            Sql = sql,
            Page = sql.PageThen("d.*", Columns, Joins, query.PageSize),
            Counts = rows => rows is [var row, ..] ? row.CountedKinds.Zip(row.Counts).ToDictionary(pair => pair.First, pair => pair.Second) : [],
            WhenEmpty = filter.CheckNames(),
        });
    }

    // Where no dates in the world are compared, both points have the same day: that of the second.
    private static (TimeAxes Before, TimeAxes After) Points(DiffQuery diff, TimeAxes axes)
    {
        var today = axes.Current.Day;
        var after = axes with
        {
            AsOf = diff.From is null ? axes.AsOf : UpTo(diff.To, today),
            KnownAt = diff.KnownFrom is null ? axes.KnownAt : diff.KnownTo,
            PublishedUntil = diff.PublishedFrom is null
                ? axes.PublishedUntil
                : diff.PublishedTo ?? Given<PublicationDate>.Of(new(today, today)),
        };
        after = after with { AsOf = after.AsOf ?? Given<WorldDate>.Of(new(after.Day, after.Day)) };
        var before = after with
        {
            AsOf = UpTo(diff.From, today) ?? after.AsOf,
            KnownAt = diff.KnownFrom ?? after.KnownAt,
            PublishedUntil = diff.PublishedFrom ?? after.PublishedUntil,
        };
        return (before, after);
    }

    private static Given<WorldDate>? UpTo(Given<WorldDate>? date, DateOnly today) =>
        date?.Value is { } given && given.Day > today.AddDays(1) ? Given<WorldDate>.Of(new(given.First, today)) : date;

    private static SelectSql Matching(TimeAxes axes, FactoryFilter filter, string language)
    {
        // Without a filter, the factories that can differ need not be listed first.
        if (filter == new FactoryFilter())
        {
            return axes.Bind(new SelectSql()).From("touched f");
        }

        var sql = FactorySql.Over(axes, language);
        filter.Apply(sql, axes.IsPresent);
        return sql;
    }

    private static ProblemError? Excluded(DiffQuery diff, TimeAxes axes)
    {
        var (parameter, others) = (diff.From, diff.KnownFrom, diff.PublishedFrom) switch
        {
            (not null, _, _) when axes.AsOf is not null =>
                ("asOf", "from and to, which are dates in the world already"),
            (_, not null, _) when axes.KnownAt is not null =>
                ("knownAt", "knownFrom and knownTo, which are moments of knowledge already"),
            (_, _, not null) when axes.IsPublished =>
                ("publishedUntil", "publishedFrom and publishedTo, which are dates of publication already"),
            (_, not null, not null) => ("publishedFrom", "knownFrom; leave out one of them"),
            (_, not null, _) when axes.IsPublished => ("publishedUntil", "knownFrom; leave out one of them"),
            (_, _, not null) when axes.KnownAt is not null => ("knownAt", "publishedFrom; leave out one of them"),
            _ => (null, null),
        };
        return parameter is null
            ? null
            : ProblemError.In(parameter, "excluded", $"cannot be given together with {others}.");
    }

    private static IEnumerable<ProblemError> InFuture(DiffQuery diff, CurrentDay current)
    {
        var today = DateOnly.FromDateTime(current.Now.UtcDateTime);
        (string Parameter, bool IsFuture)[] dates =
        [
            ("from", diff.From?.Value.First > current.Day.AddDays(1)),
            ("knownFrom", diff.KnownFrom?.Value.First > current.Now),
            ("knownTo", diff.KnownTo?.Value.First > current.Now),
            ("publishedFrom", diff.PublishedFrom?.Value.Earliest > today),
            ("publishedTo", diff.PublishedTo?.Value.Earliest > today),
        ];
        return dates.Where(date => date.IsFuture).Select(date => ProblemError.In(
            date.Parameter, "in_the_future", "is later than now; it accepts the present and the past."));
    }
}
