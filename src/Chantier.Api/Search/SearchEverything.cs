using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Http;
using Chantier.Domain;
using Dapper;
using FluentValidation;
using Microsoft.OpenApi;

namespace Chantier.Api.Search;

/// <summary>
/// GET /v1/search: factories, operators and regions by any name, place, company or identifier, as they are now.
/// </summary>
internal static class SearchEverything
{
    internal sealed record SearchQuery
    {
        [Description("""
            The words to search for in names in any language, aliases, operators, localities, regions with all that is
            in them, and identifiers. All words must occur, in any order; the last may be incomplete. Accents, case and
            hyphens do not matter. A word that occurs nowhere is corrected: by one letter from four letters on, by two
            from six.
            """)]
        public Given<Words>? Q { get; init; }

        [Description("The types of resources to search. Default: all three.")]
        public Given<Codes>? Type { get; init; }

        [Description("The most items to return. Default: 20.")]
        public Given<SearchLimit>? Limit { get; init; }

        internal sealed class Validator : AbstractValidator<SearchQuery>
        {
            public Validator()
            {
                RuleFor(query => query.Q).NotNull().WithErrorCode("required").WithMessage("is required; it accepts words, such as verkor.");
                RuleFor(query => query.Q).HasWords();
                RuleFor(query => query.Type).AreAmong(Vocabularies.SearchedType);
            }
        }
    }

    /// <summary>The most items that a search returns.</summary>
    internal sealed record SearchLimit(int Count) : IReadable<SearchLimit>
    {
        public const int Default = 20;

        public static string Accepts => "a whole number from 1 to 100";

        public static OpenApiSchema Schema => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1", Maximum = "100", Examples = [10] };

        public static SearchLimit? Read(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 100 ? new(count) : null;
    }

    internal sealed record Asked
    {
        public required string Query { get; init; }
    }

    internal sealed record Answering
    {
        public required string Kind { get; init; }

        public required long Total { get; init; }

        public required int Sample { get; init; }

        public required long[] Found { get; init; }

        public required long[] Best { get; init; }

        public required double[] Scores { get; init; }

        public required string[] Words { get; init; }
    }

    internal sealed record Marked
    {
        public required long Ordinal { get; init; }

        public required string Field { get; init; }

        public required string[] Parts { get; init; }

        public required bool[] Flags { get; init; }
    }

    internal sealed record Facet
    {
        public required string Of { get; init; }

        public string? Value { get; init; }

        public string? Label { get; init; }

        public required long Count { get; init; }
    }

    private const string AskedSql = "select @q as query;";

    private const string MatchesSql = "select kind, total, sample, found, best, scores, words from search_matches(@types, @q, @limit);";

    private const string HitsSql = """
        select h.ordinal, h.kind as type, h.score, x.slug, x.name, x.country, x.locality, x.sector, x.status
        from unnest(@kinds, @ids, @scores) with ordinality as h (kind, id, score, ordinal)
        cross join lateral (
          select f.slug, f.name, f.country, f.locality, f.sector, f.status
          from factory_current f where h.kind = 'factory' and f.factory_id = h.id
          union all
          select o.slug, v.name, v.country, null, null, null
          from operator o join operator_version v on v.operator_id = o.id and v.known_to = 'infinity'
          where h.kind = 'operator' and o.id = h.id
          union all
          select r.slug, case @lang when 'fr' then v.name_fr else v.name_en end, null, null, null, null
          from region r join region_version v on v.region_id = r.id and v.known_to = 'infinity'
          where h.kind = 'region' and r.id = h.id) x
        order by h.ordinal;
        """;

    // The texts of the hits, the most telling first. A name that occurs in several places is shown once.
    private const string MarksSql = """
        with hit as (
          select h.ordinal, h.kind, h.id, string_to_array(h.words, ' ') as words
          from unnest(@kinds, @ids, @words) with ordinality as h (kind, id, words, ordinal)
        ), factory_hit as (
          select coalesce(array_agg(id), '{}') as ids, array_agg(ordinal) as ordinals from hit where kind = 'factory'
        ), member as (
          select h.ordinal, m.member_id as id
          from factory_hit f
          cross join lateral with_merged_factories_at('recorded', '9999-12-31Z', f.ids) m
          join hit h on h.kind = 'factory' and h.id = m.factory_id
        ), place as (
          select f.ordinals[r.ordinal] as ordinal, r.region_id
          from factory_hit f
          cross join lateral factory_regions(
            'recorded', f.ids, array_fill('9999-12-31Z'::timestamptz, array[cardinality(f.ids)])) r
        ), said as (
          select h.ordinal, x.place, x.field, x.text
          from hit h
          join factory_current f on f.factory_id = h.id
          cross join lateral (values (1, 'name', f.name), (5, 'locality', f.locality)) x (place, field, text)
          where h.kind = 'factory'
          union all
          select m.ordinal, 2, 'other_name', x ->> 'text'
          from member m
          join factory_version v on v.factory_id = m.id and v.known_to = 'infinity'
          cross join jsonb_array_elements(v.names) x
          union all
          select m.ordinal, 3, 'identifier', i.value
          from member m join identifier i on i.kind = 'factory' and i.resource_id = m.id and i.known_to = 'infinity'
          union all
          select h.ordinal, 4, 'operator', v.name
          from hit h
          join factory_current f on f.factory_id = h.id
          join operator_version v on v.operator_id = any (f.operator_ids) and v.known_to = 'infinity'
          where h.kind = 'factory'
          union all
          select p.ordinal, 6, 'region', x.text
          from place p
          join region_version v on v.region_id = p.region_id and v.known_to = 'infinity'
          cross join lateral (values (v.name_fr), (v.name_en), (v.name_local)) x (text)
          union all
          select h.ordinal, x.place, x.field, x.text
          from hit h
          join operator_version v on v.operator_id = h.id and v.known_to = 'infinity'
          cross join lateral (values (1, 'name', v.name), (2, 'other_name', v.legal_name)) x (place, field, text)
          where h.kind = 'operator'
          union all
          select h.ordinal, x.place, x.field, x.text
          from hit h
          join region_version v on v.region_id = h.id and v.known_to = 'infinity'
          cross join lateral (values
            (1, 'name', case @lang when 'fr' then v.name_fr else v.name_en end), (2, 'other_name', v.name_fr),
            (2, 'other_name', v.name_en), (2, 'other_name', v.name_local)) x (place, field, text)
          where h.kind = 'region'
          union all
          select h.ordinal, 3, 'identifier', i.value
          from hit h join identifier i on i.kind = h.kind and i.resource_id = h.id and i.known_to = 'infinity'
          where h.kind <> 'factory'
          union all
          select h.ordinal, 7, 'slug', g.slug
          from hit h
          cross join lateral (
            select f.slug from factory f where h.kind = 'factory' and f.id = h.id
            union all
            select o.slug from operator o where h.kind = 'operator' and o.id = h.id
            union all
            select r.slug from region r where h.kind = 'region' and r.id = h.id) g
        ), distinct_text as (
          select distinct on (ordinal, text) ordinal, field, text, place from said where text is not null order by ordinal, text, place
        )
        select ordinal, field, parts, flags
        from distinct_text t join hit h using (ordinal)
        cross join lateral (
          select array_agg(w.part order by w.k) as parts,
            array_agg(w.part ~ '[^[:punct:][:space:]]' and search_text(w.part) = any (h.words) order by w.k) as flags
          from (
            select m[1] as part, k
            from regexp_matches(t.text, '[[:punct:][:space:]]+|[^[:punct:][:space:]]+', 'g')
              with ordinality as x (m, k)) w) parted
        where true = any (flags)
        order by ordinal, t.place, t.text;
        """;

    private const string FacetsSql = """
        with found as materialized (
          select f.country, f.sector, f.status, f.operator_ids, f.operator_froms, f.operator_tos
          from unnest(@found) i (id) join factory_current f on f.factory_id = i.id
        ), counted as (
          select 'country' as of, country as value, null as label, count(*) as count from found group by country
          union all
          select 'status', f.status, case @lang when 'fr' then t.label_fr else t.label_en end, f.count
          from (select status, count(*) as count from found group by status) f left join status t on t.code = f.status
          union all
          select 'sector', f.sector, case @lang when 'fr' then t.label_fr else t.label_en end, f.count
          from (select sector, count(*) as count from found group by sector) f join sector t on t.code = f.sector
          union all
          (select 'operator', o.slug, v.name, p.count
           from (
             select x.operator_id, count(*) as count
             from found f
             cross join lateral (
               select distinct u.operator_id
               from unnest(f.operator_ids, f.operator_froms, f.operator_tos) u (operator_id, valid_from, valid_to)
               where u.valid_from <= @asOf and u.valid_to >= @asOf) x
             group by x.operator_id) p
           join operator o on o.id = p.operator_id
           join operator_version v on v.operator_id = p.operator_id and v.known_to = 'infinity'
           order by p.count desc, o.slug
           limit 20)
        )
        select of, value, label, count * @times as count from counted order by of, count desc, value;
        """;

    public static Task<IResult> Handle([AsParameters] SearchQuery search, [AsParameters] ItemQuery query, Reading reading)
    {
        var types = search.Type is null ? Vocabularies.SearchedType.ToArray() : [.. Vocabularies.SearchedType.Intersect(search.Type.Value.Values)];
        var parameters = new DynamicParameters(new
        {
            q = search.Q!.Value.Text,
            types,
            limit = search.Limit?.Value.Count ?? SearchLimit.Default,
            lang = reading.Language(query.Lang),
            asOf = reading.Present.Day,
        });
        return reading.ItemAsync<SearchView, Asked>(
            reading.Present, query, AskedSql, parameters, _ => 1, (snapshot, asked) => AnswerAsync(snapshot, asked, types, parameters),
            _ => throw new InvalidOperationException("The question itself is always there."));
    }

    private static async Task<SearchView> AnswerAsync(Snapshot snapshot, Asked asked, string[] types, DynamicParameters parameters)
    {
        var answering = await snapshot.QueryAsync<Answering>(MatchesSql, parameters);
        var best = answering
            .SelectMany(kind => kind.Best.Zip(kind.Scores, (id, score) => (kind.Kind, Id: id, Score: score, Words: string.Join(' ', kind.Words))))
            .OrderByDescending(hit => hit.Score)
            .Take(parameters.Get<int>("limit"))
            .ToList();
        parameters.Add("kinds", best.ConvertAll(hit => hit.Kind).ToArray());
        parameters.Add("ids", best.ConvertAll(hit => hit.Id).ToArray());
        parameters.Add("scores", best.ConvertAll(hit => hit.Score).ToArray());
        parameters.Add("words", best.ConvertAll(hit => hit.Words).ToArray());

        List<SearchHit> hits = [];
        if (best.Count > 0)
        {
            hits = await snapshot.QueryAsync<SearchHit>(HitsSql, parameters);
            var marked = (await snapshot.QueryAsync<Marked>(MarksSql, parameters)).ToLookup(mark => mark.Ordinal);
            foreach (var hit in hits)
            {
                hit.Matches = [.. marked[hit.Ordinal].Select(mark => new SearchMatch(mark.Field, Parts(mark)))];
            }
        }

        var factories = answering.Find(kind => kind.Kind == "factory");
        parameters.Add("found", factories?.Found ?? []);
        parameters.Add("times", 1L << (2 * (factories?.Sample ?? 0)));
        var facets = factories is null ? null : (await snapshot.QueryAsync<Facet>(FacetsSql, parameters)).ToLookup(facet => facet.Of, facet => new FacetCount(facet.Value, facet.Label, facet.Count));
        return new SearchView
        {
            Query = asked.Query,
            Items = hits,
            Totals = [.. types.Select(type => answering.Find(kind => kind.Kind == type) is { } kind
                ? new SearchTotal { Type = type, Count = kind.Total, CountKind = kind.Sample == 0 ? "exact" : "estimated" }
                : new SearchTotal { Type = type, Count = 0, CountKind = "exact" })],
            Facets = new SearchFacets
            {
                Country = [.. facets?["country"] ?? []],
                Status = [.. facets?["status"] ?? []],
                Sector = [.. facets?["sector"] ?? []],
                Operator = [.. facets?["operator"] ?? []],
            },
        };
    }

    // Neighbours that are met, or are not, are one part; what only stands between two that are met goes with them.
    private static List<SearchPart> Parts(Marked mark)
    {
        var parts = new List<SearchPart>();
        for (var i = 0; i < mark.Parts.Length; i++)
        {
            var isBetween = i > 0 && i + 1 < mark.Parts.Length && mark.Flags[i - 1] && mark.Flags[i + 1] && !mark.Parts[i].Any(char.IsLetterOrDigit);
            var isMatch = mark.Flags[i] || isBetween;
            if (parts.Count > 0 && parts[^1].IsMatch == isMatch)
            {
                parts[^1] = parts[^1] with { Text = parts[^1].Text + mark.Parts[i] };
            }
            else
            {
                parts.Add(new(mark.Parts[i], isMatch));
            }
        }

        return parts;
    }
}
