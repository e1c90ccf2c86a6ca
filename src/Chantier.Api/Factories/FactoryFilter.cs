using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;

namespace Chantier.Api.Factories;

/// <summary>
/// Which factories: the same filters wherever factories are listed. Several values of one mean "or", several filters
/// "and".
/// </summary>
internal sealed record FactoryFilter
{
    [Description("""
        Words that all occur in the names, identifiers, operators, locality or regions of the factory, as in search: the
        last may be typed in part, accents, case and hyphens do not matter, and a word that occurs nowhere is corrected.
        With knownAt, only names, the locality and operators of that time are searched.
        """)]
    public Given<Words>? Q { get; init; }

    // Said, because a route such as /regions/{slug}/factories has a slug of its own.
    [FromQuery]
    [Description("Slugs: exactly these factories, old slugs included.")]
    public Given<Codes>? Slug { get; init; }

    [Description("Slugs of operators that have a part in the factory, in any role, on the date asked for.")]
    public Given<Codes>? Operator { get; init; }

    [Description("Slugs of regions, with all that lies in them; of clusters, with all their members.")]
    public Given<Codes>? Region { get; init; }

    [Description("Country codes, ISO 3166-1 alpha-2.")]
    public Given<Codes>? Country { get; init; }

    [Description("Status terms, as listed at /v1/statuses.")]
    public Given<Codes>? Status { get; init; }

    [Description("Stages. Together with status, either may match.")]
    public Given<Codes>? Stage { get; init; }

    [Description("Sector codes, such as battery_cells.")]
    public Given<Codes>? Sector { get; init; }

    [Description("A box: west,south,east,north in degrees. Factories without a known place are in none.")]
    public Given<Box>? Bbox { get; init; }

    [Description("The least precise place that bbox and near accept.")]
    public Given<Codes>? MinPrecision { get; init; }

    [Description("""
        A point: longitude,latitude in degrees. Sorts by distance, nearest first, up to 10,000 factories deep. Not together
        with sort.
        """)]
    public Given<LonLat>? Near { get; init; }

    [Description("How far from near, in kilometres.")]
    [DefaultValue(Kilometres.Default)]
    public Given<Kilometres>? RadiusKm { get; init; }

    [Description("Only those changed at or after this moment, of a day its first: what a copy has missed.")]
    public Given<Moment>? UpdatedSince { get; init; }

    [Description("Only those with media that depict them, or only those without.")]
    public Given<Flag>? HasMedia { get; init; }

    [Description("External identifiers as scheme:value, such as wikidata:Q123.")]
    public Given<Codes>? Identifier { get; init; }

    /// <summary>The statuses that status= and stage= together name; null where neither is given.</summary>
    public string[]? Statuses => Status is null && Stage is null
        ? null
        : [.. (Status?.Value.Values ?? [])
            .Concat(Domain.Status.All.Where(s => Stage?.Value.Values.Contains(s.Stage) == true).Select(s => s.Code))
            .Distinct()];

    /// <summary>Whether nothing but a region is asked for.</summary>
    public bool IsOfRegionOnly => this with { Region = null } == new FactoryFilter();

    /// <summary>Adds the conditions to a statement over factories f, on the axes that are bound to it.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="isPresent">Whether f is factory_current; else it is of the past.</param>
    /// <param name="lookup">What was looked up for the filters; without it, the statement does all by itself.</param>
    /// <param name="withRegions">False where the caller compares the regions.</param>
    public void Apply(SelectSql sql, bool isPresent, FactoryLookup? lookup = null, bool withRegions = true)
    {
        if (Q is not null)
        {
            _ = (lookup?.Words?.Query, lookup?.Words?.IsFrequent) switch
            {
                ({ } query, true) => sql.And(AnsweringEach, "words", query),
                ({ } query, _) => sql.And(Answering, "words", query),
                (null, true) => sql.And(HavingWordsEach, "q", Q.Value.Text),
                _ => sql.And(HavingWords, "q", Q.Value.Text),
            };
        }

        if (Region is not null && withRegions)
        {
            _ = lookup?.Regions is { } regions ? regions.Apply(sql) : sql.And(InRegions, "regions", Region.Value.Values.ToArray());
        }

        sql.AndAny(OneSlug, ManySlugs, "slug", Slug?.Value.Values);
        sql.AndAny(OneOperator, ManyOperators, "operator", Operator?.Value.Values);
        sql.AndAny("f.country = @country", "f.country = any (@country)", "country", Country?.Value.Values);
        sql.AndAny("f.status = @status", "f.status = any (@status)", "status", Statuses);
        lookup?.Statuses?.Apply(sql);
        sql.AndAny("f.sector = @sector", "f.sector = any (@sector)", "sector", Sector?.Value.Values);
        if (Bbox is not null || Near is not null || MinPrecision is not null)
        {
            ApplyPlace(FactorySql.WithPlace(sql, isPresent));
            ApplyPastPlaces(sql, isPresent, lookup?.Places);
        }

        if (UpdatedSince is not null)
        {
            _ = isPresent ? sql.And("f.updated_at >= @updatedSince") : sql.And(UpdatedThen);
            sql.With("updatedSince", UpdatedSince.Value.First);
        }

        if (HasMedia is not null)
        {
            _ = (isPresent, HasMedia.Value.IsSet) switch
            {
                (true, true) => sql.And("f.media_count > 0"),
                (true, false) => sql.And("f.media_count = 0"),
                (false, true) => sql.And("f.factory_id in " + Depicted),
                (false, false) => sql.And("f.factory_id not in " + Depicted),
            };
        }

        if (Identifier is not null)
        {
            sql.And(OfIdentifiers, "identifiers", Identifier.Value.Values.Select(Normalised).ToArray());
        }
    }

    /// <summary>Adds the conditions on the place p of a factory, which the caller has joined.</summary>
    public void ApplyPlace(SelectSql sql)
    {
        BindPlace(sql);
        if (Bbox?.Value is { } box)
        {
            _ = box.West > box.East ? sql.And(PlaceScope.InSplitBox) : sql.And(PlaceScope.InBox);
        }

        if (Near is not null)
        {
            sql.And(PlaceScope.IsNear);
        }

        if (MinPrecision is not null)
        {
            sql.And("p" + IsPrecise, "precision", MinPrecision.Value.Values[0]);
        }

    }

    // A past place is derived for each factory: those that never were there are left out before. Only a page in
    // another order than the distance is full sooner where many are left.
    private void ApplyPastPlaces(SelectSql sql, bool isPresent, PlaceScope? places)
    {
        if (!isPresent && (Bbox is not null || Near is not null))
        {
            var isSplit = Bbox?.Value is { } box && box.West > box.East;
            _ = (places, Near) switch
            {
                ({ IsFew: true } found, _) => found.Apply(sql),
                (_, not null) => sql.And(PlaceScope.EverNear),
                (null, _) => isSplit ? sql.And(PlaceScope.EverInSplitBox) : sql.And(PlaceScope.EverInBox),
                _ => sql,
            };
        }
    }

    /// <summary>Binds what the conditions on places compare with.</summary>
    internal void BindPlace(SelectSql sql)
    {
        if (Bbox?.Value is { } box)
        {
            sql.With("west", box.West).With("south", box.South).With("east", box.East).With("north", box.North);
        }

        if (Near?.Value is { } near)
        {
            // The chord of the radius on the unit sphere; the Earth's mean radius is 6371.0088 km (IUGG).
            var radius = RadiusKm?.Value.Length ?? Kilometres.Default;
            var chord = 2 * Math.Sin(Math.Min(radius / 6371.0088, Math.PI) / 2);
            sql.With("lon", near.Lon).With("lat", near.Lat).With("chord", chord);
        }
    }

    /// <summary>
    /// Looks, when a list turns out empty, for a slug or a sector that nothing has. Null where none is named.
    /// </summary>
    public Func<Snapshot, Task<IResult?>>? CheckNames()
    {
        var slugs = SlugCheck.Of(("region", "region", Region), ("operator", "operator", Operator));
        return Sector is not { } sectors ? slugs : async snapshot =>
            (slugs is null ? null : await slugs(snapshot)) ?? await CheckSectorsAsync(snapshot, sectors.Value.Values);
    }

    private static async Task<IResult?> CheckSectorsAsync(Snapshot snapshot, IReadOnlyList<string> asked)
    {
        var known = await snapshot.QueryAsync<string>(SectorsSql, new { });
        return asked.FirstOrDefault(sector => !known.Contains(sector)) is { } unknown
            ? Problem.InvalidParameters(ProblemError.In(
                "sector", "not_accepted", $"has the value '{Shown.Of(unknown)}'; it accepts {string.Join(", ", known)}.")).ToResult()
            : null;
    }

    private const string SectorsSql = "select code from sector order by code";

    private static string Normalised(string identifier) =>
        Rules.TryReadIdentifier(identifier, out var scheme, out var value, out _) ? $"{scheme}:{value}" : identifier;

    // Fenced, as an estimate of words in a text is worth little: it is by the words that the texts are found.
    private const string HavingWords = """
        f.factory_id in (
          select t.factory_id from factory_text t
          where is_recorded(@knownBy, @knownAt, t.known_from, t.known_to) and text_words(t.text) @@ text_query(@q)
          offset 0)
        """;

    private const string HavingWordsEach = """
        (select text_words(t.text) @@ text_query(@q) from factory_text t
         where t.factory_id = f.factory_id and is_recorded(@knownBy, @knownAt, t.known_from, t.known_to) limit 1)
        """;

    private const string Answering =
        "f.factory_id in (select e.id from search_entry e where e.kind = 'factory' and e.words @@ @words::tsquery)";

    private const string AnsweringEach =
        "(select e.words @@ @words::tsquery from search_entry e where e.kind = 'factory' and e.id = f.factory_id)";

    private const string OneSlug = """
        f.factory_id in (select coalesce(m.survivor_id, g.resource_id) from slug g
          left join factory_merged m on m.loser_id = g.resource_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          where g.kind = 'factory' and g.slug = @slug)
        """;

    private const string ManySlugs = """
        f.factory_id in (select coalesce(m.survivor_id, g.resource_id) from slug g
          left join factory_merged m on m.loser_id = g.resource_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          where g.kind = 'factory' and g.slug = any (@slug))
        """;

    // The operators that have a part in factories on the day.
    private const string Parts = """
        select coalesce(m.survivor_id, c.factory_id) as factory_id, r.operator_id
        from role r
        join claim c on c.id = r.claim_id and c.basis <> 'expected' and is_known(@knownBy, @knownAt, c)
        join operator_version v on v.operator_id = r.operator_id
          and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        left join factory_merged m on m.loser_id = c.factory_id
          and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        where r.valid_from <= @asOf and r.valid_to >= @asOf
        """;

    /// <summary>Those in which the operator has a part whose present slug is @ofOperator.</summary>
    public const string OfOperator = $"""
        f.factory_id in (
          select x.factory_id from ({Parts}) x
          where x.operator_id = (select o.id from operator o where o.slug = @ofOperator))
        """;

    private const string OneOperator = $"""
        f.factory_id in (
          select x.factory_id from ({Parts}) x
          where x.operator_id = (select g.resource_id from slug g where g.kind = 'operator' and g.slug = @operator))
        """;

    private const string ManyOperators = $"""
        f.factory_id in (
          select x.factory_id from ({Parts}) x
          where x.operator_id in (
            select g.resource_id from slug g where g.kind = 'operator' and g.slug = any (@operator)))
        """;

    /// <summary>That a place, whose alias stands before, is at least as precise as @precision.</summary>
    public const string IsPrecise = """
        .location_precision = any (array(
          select code from location_precision
          where rank <= (select rank from location_precision where code = @precision)))
        """;

    /// <summary>Those in one of the regions @regions, or in a member of one; or that are members themselves.</summary>
    private const string InRegions = """
        (f.region_id in (
            select w.region_id
            from regions_within(@knownBy, @knownAt, array(
              select g.resource_id from slug g where g.kind = 'region' and g.slug = any (@regions))) w)
          or f.factory_id in (
            select w.factory_id
            from cluster_members(@knownBy, @knownAt, array(
              select g.resource_id from slug g where g.kind = 'region' and g.slug = any (@regions))) w))
        """;

    // What was written since, by the log. A merge, and its end, change both factories.
    private const string UpdatedThen = """
        f.factory_id in (
          select coalesce(m.survivor_id, x.factory_id)
          from change x
          left join factory_merged m on m.loser_id = x.factory_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          where x.recorded_at >= @updatedSince and x.factory_id is not null
            and (@knownBy = 'published' or x.recorded_at <= @knownAt)
          union all
          select m.survivor_id
          from factory_merged m
          where m.known_to >= @updatedSince and m.known_to < 'infinity'
            and (@knownBy = 'published' or m.known_to <= @knownAt))
        """;

    private const string Depicted = """
        (select coalesce(m.survivor_id, c.factory_id)
          from claim c
          join depiction d on d.claim_id = c.id
          join media_version v on v.media_id = d.media_id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          left join factory_merged m on m.loser_id = c.factory_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          where c.kind = 'depiction' and is_known(@knownBy, @knownAt, c))
        """;

    private const string OfIdentifiers = """
        f.factory_id in (select coalesce(m.survivor_id, i.resource_id) from identifier i
          left join factory_merged m on m.loser_id = i.resource_id
            and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
          where i.kind = 'factory' and i.scheme || ':' || i.value = any (@identifiers)
            and i.scheme = any (select split_part(unnest(@identifiers), ':', 1))
            and is_recorded(@knownBy, @knownAt, i.known_from, i.known_to))
        """;

    internal sealed class Validator : AbstractValidator<FactoryFilter>
    {
        public Validator()
        {
            RuleFor(f => f.Q).HasWords();
            RuleFor(f => f.Slug).EachFits(Rules.Slug("slugs, in lower case", "verkor-dunkerque"));
            RuleFor(f => f.Operator).EachFits(Rules.Slug("slugs of operators", "verkor"));
            RuleFor(f => f.Region).EachFits(Rules.Slug("slugs of regions", "hauts-de-france"));
            RuleFor(f => f.Country).EachFits(Rules.Country);
            RuleFor(f => f.Status).AreAmong(Vocabularies.Status);
            RuleFor(f => f.Stage).AreAmong(Vocabularies.Stage);
            RuleFor(f => f.Sector).EachFits(
                new Shape("^[a-z0-9_]+$", "sector codes in lower case, such as battery_cells", "battery_cells"));
            RuleFor(f => f.MinPrecision).IsOneOf(Vocabularies.LocationPrecision);
            RuleFor(f => f.RadiusKm).Must((f, radius) => radius is null || f.Near is not null)
                .WithErrorCode("needs_another").WithMessage("needs near=longitude,latitude, which says from where.");
            RuleFor(f => f.Identifier).Cascade(CascadeMode.Stop)
                .EachFits(new Shape("^[a-z0-9-]+:.+$", "scheme:value, such as wikidata:Q123", "wikidata:Q123")).Custom((given, context) =>
            {
                foreach (var identifier in given is { Error: null } ? given.Value.Values : [])
                {
                    if (!Rules.TryReadIdentifier(identifier, out _, out _, out var why))
                    {
                        var detail = $"has the value '{Shown.Of(identifier)}'; {why}";
                        context.AddFailure(new FluentValidation.Results.ValidationFailure(context.PropertyPath, detail)
                        {
                            ErrorCode = "not_accepted",
                        });
                    }
                }
            });
        }
    }
}
