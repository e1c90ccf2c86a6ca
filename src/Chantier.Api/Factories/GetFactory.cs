using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>
/// A factory on its own: what the list shows, its texts and identifiers, and the chain of its regions.
/// </summary>
internal sealed record FactoryDetail : FactoryView
{
    /// <summary>Every name: official, former, of the project, alias.</summary>
    public IReadOnlyList<FactoryName> Names => JsonSerializer.Deserialize(NamesJson, ApiJson.Default.IReadOnlyListFactoryName)!;

    public Bilingual? Description => Bilingual.Of(DescriptionFr, DescriptionEn);

    public string? Website { get; init; }

    public IEnumerable<IdentifierView> Identifiers =>
        IdentifierSchemes.Select((scheme, i) => new IdentifierView(scheme, IdentifierValues[i], IdentifierUrls[i]));

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>From the most specific up to the country, then the clusters.</summary>
    public new IEnumerable<SlugName> Regions => ChainSlugs.Zip(ChainNames, (slug, name) => new SlugName(slug, name));

    /// <summary>
    /// How many phases stand in each status, in order of progress: an extension of an operating site does not vanish
    /// behind it.
    /// </summary>
    public IEnumerable<PhasesInStatus> StatusCounts => Events
        .GroupBy(claim => claim.PhaseId)
        .Select(phase => Timeline.InForce(phase, AsOf)?.Status)
        .OfType<string>()
        .CountBy(status => status)
        .OrderBy(counted => Domain.Status.Term(counted.Key).Progress)
        .Select(counted => new PhasesInStatus(counted.Key, counted.Value));

    /// <summary>
    /// What each phase is expected to become next, by the last that was said; an overdue expectation stays until it has
    /// come so far.
    /// </summary>
    public IEnumerable<ExpectedStatus> ExpectedNext => Timeline.ExpectedNext(Events, AsOf)
        .Select(claim => new ExpectedStatus(claim.PhaseId, claim.Status, claim.Date.Text, claim.ClaimId));

    [JsonIgnore]
    public string NamesJson { get; init; } = "[]";

    [JsonIgnore]
    public string? DescriptionFr { get; init; }

    [JsonIgnore]
    public string? DescriptionEn { get; init; }

    [JsonIgnore]
    public string[] IdentifierSchemes { get; init; } = [];

    [JsonIgnore]
    public string[] IdentifierValues { get; init; } = [];

    [JsonIgnore]
    public string?[] IdentifierUrls { get; init; } = [];

    [JsonIgnore]
    public string[] ChainSlugs { get; init; } = [];

    [JsonIgnore]
    public string[] ChainNames { get; init; } = [];

    [JsonIgnore]
    public long[] EventIds { get; init; } = [];

    [JsonIgnore]
    public long[] EventPhases { get; init; } = [];

    [JsonIgnore]
    public string[] EventStatuses { get; init; } = [];

    [JsonIgnore]
    public string[] EventDates { get; init; } = [];

    [JsonIgnore]
    public string[] EventMeanings { get; init; } = [];

    [JsonIgnore]
    public string[] EventBases { get; init; } = [];

    [JsonIgnore]
    public string[] EventConfidences { get; init; } = [];

    [JsonIgnore]
    public DateTime[] EventStamps { get; init; } = [];

    private IEnumerable<StatusClaim> Events => EventIds.Select((id, i) => new StatusClaim
    {
        ClaimId = id,
        PhaseId = EventPhases[i],
        Status = EventStatuses[i],
        Date = Edtf.Parse(EventDates[i]),
        DateMeaning = EventMeanings[i],
        Basis = EventBases[i],
        Confidence = EventConfidences[i],
        RecordedAt = new(EventStamps[i], TimeSpan.Zero),
    });
}

/// <summary>How many phases of a factory stand in a status.</summary>
internal sealed record PhasesInStatus([property: Among(nameof(Vocabularies.Status))] string Status, int Phases);

/// <summary>What a phase is expected to become, and when, as an EDTF date.</summary>
internal sealed record ExpectedStatus(
    long PhaseId, [property: Among(nameof(Vocabularies.Status))] string Status, string Date, long StatusEventId);

/// <summary>One name of a factory, and the language it is in.</summary>
internal sealed record FactoryName(
    string Text, string? Lang, [property: Among(nameof(Vocabularies.NameKind))] string Kind);

/// <summary>GET /v1/factories/{slug}.</summary>
internal static class GetFactory
{
    internal sealed record FactoryInclude
    {
        [Description("What to embed. The regions are always there.")]
        public Given<Codes>? Include { get; init; }

        internal sealed class Validator : AbstractValidator<FactoryInclude>
        {
            public Validator() => RuleFor(query => query.Include).AreAmong(FactoryEmbeds.Names);
        }
    }

    private const string DetailColumns = """
        ,
          x.names::text as names_json, x.description_fr, x.description_en, x.website, t.created_at,
          i.schemes as identifier_schemes, i.values as identifier_values, i.urls as identifier_urls,
          g.slugs as chain_slugs, g.names as chain_names,
          y.ids as event_ids, y.phases as event_phases, y.statuses as event_statuses, y.dates as event_dates,
          y.meanings as event_meanings,
          y.bases as event_bases, y.confidences as event_confidences, y.stamps as event_stamps
        """;

    private const string DetailJoins = """

        join factory_version x on x.factory_id = t.factory_id and x.version = t.version
        cross join lateral (
          select coalesce(array_agg(n.scheme order by n.scheme, n.value), '{}') as schemes,
            coalesce(array_agg(n.value order by n.scheme, n.value), '{}') as values,
            coalesce(array_agg(replace(h.pattern, '{value}', n.value) order by n.scheme, n.value), '{}') as urls
          from identifier n join identifier_scheme h on h.code = n.scheme
          where n.kind = 'factory' and n.resource_id = any (merged_factory_ids(@knownBy, @knownAt, t.factory_id))
            and is_recorded(@knownBy, @knownAt, n.known_from, n.known_to)) i
        cross join lateral (
          select coalesce(array_agg(r.slug order by h.depth nulls last, v.sort_name, r.id), '{}') as slugs,
            coalesce(
              array_agg(
                case @lang when 'fr' then v.name_fr else v.name_en end order by h.depth nulls last, v.sort_name, r.id),
              '{}') as names
          from factory_regions(@knownBy, array[t.factory_id], array[@knownAt::timestamptz]) m
          join region r on r.id = m.region_id
          join region_version v on v.region_id = r.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          left join region_closure h on h.region_id = x.region_id and h.ancestor_id = r.id
            and is_recorded(@knownBy, @knownAt, h.known_from, h.known_to)) g
        cross join lateral (
          select coalesce(array_agg(c.id order by c.id), '{}') as ids,
            coalesce(array_agg(c.phase_id order by c.id), '{}') as phases,
            coalesce(array_agg(c.status order by c.id), '{}') as statuses,
            coalesce(array_agg(c.date order by c.id), '{}') as dates,
            coalesce(array_agg(c.date_meaning order by c.id), '{}') as meanings,
            coalesce(array_agg(c.basis order by c.id), '{}') as bases,
            coalesce(array_agg(c.confidence order by c.id), '{}') as confidences,
            coalesce(array_agg(c.known_from order by c.id), '{}') as stamps
          from (
            -- Unnamed phases, of the factory and of what was merged into it, are one: the site as a whole.
            select c.id, case when hv.name is null then whole.id else e.phase_id end as phase_id,
              e.status, e.date, e.date_meaning, c.basis, c.confidence, c.known_from
            from claim c
            join status_event e on e.claim_id = c.id and e.status is not null
            left join phase_version hv on hv.phase_id = e.phase_id
              and is_recorded(@knownBy, @knownAt, hv.known_from, hv.known_to)
            left join lateral (
              select h.id
              from phase h
              join phase_version w on w.phase_id = h.id and w.name is null
                and is_recorded(@knownBy, @knownAt, w.known_from, w.known_to)
              where h.factory_id = any (merged_factory_ids(@knownBy, @knownAt, t.factory_id))
              order by h.factory_id <> t.factory_id, h.id
              limit 1) whole on true
            where c.factory_id = any (merged_factory_ids(@knownBy, @knownAt, t.factory_id)) and c.kind = 'status_event'
              and is_known(@knownBy, @knownAt, c)) c) y
        """;

    private const string OfSlug = "f.factory_id = (select y.id from factory y where y.slug = @slug)";

    public static Task<IResult> Handle(
        [Description("The slug of the factory; an old one leads to the present one.")] string slug,
        [AsParameters] TimeAxes axes,
        [AsParameters] FactoryInclude include,
        [AsParameters] ItemQuery query,
        Reading reading)
    {
        var spec = Spec(axes, reading.Language(query.Lang), include.Include?.Value.Values, OfSlug, "slug", slug);
        return reading.ItemAsync(axes, query, spec, snapshot => FactoryNames.MissingAsync(snapshot, slug, "", axes));
    }

    public static ItemSpec<FactoryDetail> Spec(
        TimeAxes axes,
        string language,
        IReadOnlyList<string>? include,
        [ConstantExpected] string which,
        string name,
        object value)
    {
        var sql = FactorySql.Over(axes, language).And(which, name, value);
        return new()
        {
            Axes = axes,
            Sql = FactorySql.One(sql, axes, DetailColumns, DetailJoins),
            Parameters = sql.Parameters,
            Version = factory => factory.Version,
            Embed = include is null
                ? null
                : (snapshot, factory) => FactoryEmbeds.FillAsync(include, snapshot, [factory], axes, language),
        };
    }
}

/// <summary>What a slug that answers nothing is.</summary>
internal static class FactoryNames
{
    private const string MissingSql = """
        select f.slug as now,
          nullif((select max(v.known_to) from factory_version v where v.factory_id = f.id), 'infinity') as until
        from slug g
        left join factory_merged m on m.loser_id = g.resource_id
          and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        join factory f on f.id = coalesce(m.survivor_id, g.resource_id)
        where g.kind = 'factory' and g.slug = @slug;
        """;

    private const string IsThereSql = """
        select exists (
          select from factory f join existing_at(@knownBy, array[f.id], array[@knownAt::timestamptz]) t on true
          where f.slug = @slug);
        """;

    public static Task<IResult> MissingAsync(
        Snapshot snapshot, string slug, string rest, TimeAxes axes, string list = "/v1/factories") =>
        Missing.AnswerAsync(snapshot, MissingSql, "factory", list, slug, rest, axes);

    /// <summary>For an empty list under a factory: nothing to say where the factory is there and has none.</summary>
    public static async Task<IResult?> MissingUnlessThereAsync(Snapshot snapshot, string slug, string rest, TimeAxes axes) =>
        await snapshot.QueryAsync<bool>(IsThereSql, new { slug, knownBy = axes.Sense, knownAt = axes.Known }) is [true]
            ? null
            : await MissingAsync(snapshot, slug, rest, axes);
}
