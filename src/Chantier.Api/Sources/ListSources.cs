using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Sources;

/// <summary>GET /v1/sources, /v1/sources/{slug} and /v1/sources/{slug}/claims.</summary>
internal static class ListSources
{
    internal sealed record SourceFilter
    {
        [Description("Words that all occur in the title, the publisher or the address.")]
        public Given<Words>? Q { get; init; }

        [Description("Slugs: exactly these sources, old slugs included.")]
        public Given<Codes>? Slug { get; init; }

        [Description("What the sources are.")]
        public Given<Codes>? Kind { get; init; }

        [Description("The factory, by its slug, of which something is claimed.")]
        public Given<Codes>? Factory { get; init; }

        [Description("The series that a register's releases belong to.")]
        public Given<Codes>? Series { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<SourceFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Q).HasWords();
                RuleFor(f => f.Slug).EachFits(Rules.Slug("slugs of sources", "vallee-de-la-batterie-2024-08"));
                RuleFor(f => f.Kind).AreAmong(Vocabularies.SourceKind);
                RuleFor(f => f.Factory).Fits(Rules.Slug("the slug of one factory", "verkor-dunkerque"));
                RuleFor(f => f.Sort).AreKeysOf(SourceView.Sorts);
            }
        }
    }

    internal sealed record ClaimsFilter
    {
        [Description("What the claims are about.")]
        public Given<Codes>? Kind { get; init; }

        [Description("Only claims that rest on nothing else, and would end if the document were retracted (true); or only the others (false).")]
        public Given<Flag>? RestsOnThisAlone { get; init; }

        internal sealed class Validator : AbstractValidator<ClaimsFilter>
        {
            public Validator() => RuleFor(f => f.Kind).AreAmong(Vocabularies.ClaimKind);
        }
    }

    private const string Matches = """
        not exists (select from unnest(string_to_array(search_text(@q), ' ')) w (word)
          where strpos(search_text(coalesce(v.title, '') || ' ' || coalesce(v.publisher, '') || ' ' || coalesce(v.url, '') || ' ' || s.slug), w.word) = 0)
        """;

    private const string MissingSql = """
        select s.slug as now, nullif((select max(v.known_to) from source_version v where v.source_id = s.id), 'infinity') as until
        from slug g join source s on s.id = g.resource_id
        where g.kind = 'source' and g.slug = @slug;
        """;

    private const string IsThereSql = $"select exists (select from {SourceView.From} where s.slug = @slug);";

    private const string FirstClaimsSql = $"""
        select {SourceClaimView.Columns}
        from {SourceClaimView.From}
        where e.source_id = @source and {ClaimEvidenceView.IsVisible}
        order by e.claim_id, e.id
        limit 100;
        """;

    public static Task<IResult> Handle([AsParameters] SourceFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(SourceView.From)
            .AndAny(
                "s.id = (select g.resource_id from slug g where g.kind = 'source' and g.slug = @slug)",
                "s.id in (select g.resource_id from slug g where g.kind = 'source' and g.slug = any (@slug))",
                "slug",
                filter.Slug?.Value.Values)
            .AndAny("v.kind = @kind", "v.kind = any (@kind)", "kind", filter.Kind?.Value.Values)
            .AndAny("v.series = @series", "v.series = any (@series)", "series", filter.Series?.Value.Values)
            .AndAny(SourceView.OfFactory, SourceView.OfFactory, "factory", filter.Factory?.Value.Values);
        if (filter.Q is not null)
        {
            sql.And(Matches, "q", filter.Q.Value.Text);
        }

        sql.OrderBy(SourceView.Sorts.For(filter.Sort, reading.Cursor));
        return reading.ListAsync(new ListSpec<SourceView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = sql.Page(SourceView.Columns, query.PageSize),
            WhenEmpty = SlugCheck.Of(("factory", "factory", filter.Factory)),
        });
    }

    public static Task<IResult> One([Description("The slug of the source.")] string slug, [AsParameters] TimeAxes axes, [AsParameters] ItemQuery query, Reading reading) =>
        reading.ItemAsync(axes, query, Spec(axes, "s.slug = @slug", "slug", slug), snapshot => MissingAsync(snapshot, slug, "", axes));

    public static ItemSpec<SourceDetail> Spec(TimeAxes axes, [ConstantExpected] string which, string name, object value) => Over<SourceDetail>(axes, which, name, value) with
    {
        Embed = async (snapshot, source) => source.Claims = await snapshot.QueryAsync<SourceClaimView>(
            FirstClaimsSql, new { source = source.SourceId, knownBy = axes.Sense, knownAt = axes.Known }),
    };

    /// <summary>One source with what its list shows of it.</summary>
    public static ItemSpec<T> Over<T>(TimeAxes axes, [ConstantExpected] string which, string name, object value)
        where T : SourceView
    {
        var sql = axes.Bind(new SelectSql()).From(SourceView.From).And(which, name, value);
        return new() { Sql = sql.One(SourceView.Columns), Parameters = sql.Parameters, Version = source => source.Version };
    }

    public static Task<IResult> Claims([Description("The slug of the source.")] string slug, [AsParameters] ClaimsFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(SourceClaimView.From)
            .And("e.source_id = (select s.id from source s where s.slug = @slug)", "slug", slug)
            .And(ClaimEvidenceView.IsVisible)
            .AndAny("c.kind = @kind", "c.kind = any (@kind)", "kind", filter.Kind?.Value.Values);
        if (filter.RestsOnThisAlone is { } alone)
        {
            sql = alone.Value.IsSet ? sql.And(SourceClaimView.AloneSql) : sql.And("not " + SourceClaimView.AloneSql);
        }

        sql.OrderBy(SourceClaimView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<SourceClaimView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = sql.Page(SourceClaimView.Columns, query.PageSize),
            WhenEmpty = async snapshot => await snapshot.QueryAsync<bool>(IsThereSql, new { slug, knownBy = axes.Sense, knownAt = axes.Known }) is [true]
                ? null
                : await MissingAsync(snapshot, slug, "/claims", axes),
        });
    }

    public static Task<IResult> MissingAsync(Snapshot snapshot, string slug, string rest, TimeAxes axes) =>
        Missing.AnswerAsync(snapshot, MissingSql, "source", "/v1/sources", slug, rest, axes);
}
