using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;
using FluentValidation;

namespace Chantier.Api.Sources;

/// <summary>GET /v1/sources, /v1/sources/{slug} and /v1/sources/{slug}/claims.</summary>
internal static class ListSources
{
    private static readonly string[] Kinds = ["press", "company", "agency", "official", "permit", "register", "satellite", "dataset", "compilation", "other"];
    private static readonly string[] ClaimKinds = ["status_event", "figure", "role", "ownership", "location", "depiction", "membership", "merge"];

    internal sealed record SourceFilter
    {
        [Description("Words that all occur in the title, the publisher or the address.")]
        public Given<Words>? Q { get; init; }

        [Description("Slugs: exactly these sources.")]
        public Given<Codes>? Slug { get; init; }

        [Description("press, company, agency, official, permit, register, satellite, dataset, compilation or other.")]
        public Given<Codes>? Kind { get; init; }

        [Description("The factory, by its slug, of which something is claimed.")]
        public Given<Codes>? Factory { get; init; }

        [Description("The series that a register's releases belong to.")]
        public Given<Codes>? Series { get; init; }

        [Description("Keys to sort by, descending with a leading -: name, published, updatedAt. Default: name.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<SourceFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Slug).EachFits(Rules.IsSlug, "slugs of sources");
                RuleFor(f => f.Kind).AreAmong(Kinds);
                RuleFor(f => f.Factory).EachFits(Rules.IsSlug, "the slug of a factory, such as verkor-dunkerque");
                RuleFor(f => f.Factory).Must(f => f is null || f.Value.Values.Count == 1).WithErrorCode("not_accepted").WithMessage("has several values; it accepts one slug.");
                RuleFor(f => f.Sort).Custom((sort, context) => SourceView.Sorts.Check(sort).ToList().ForEach(context.AddFailure));
            }
        }
    }

    internal sealed record ClaimsFilter
    {
        [Description("status_event, figure, role, ownership, location, depiction, membership or merge.")]
        public Given<Codes>? Kind { get; init; }

        internal sealed class Validator : AbstractValidator<ClaimsFilter>
        {
            public Validator() => RuleFor(f => f.Kind).AreAmong(ClaimKinds);
        }
    }

    private const string Matches = """
        not exists (select from unnest(string_to_array(search_text(@q), ' ')) w (word)
          where strpos(search_text(coalesce(v.title, '') || ' ' || coalesce(v.publisher, '') || ' ' || coalesce(v.url, '') || ' ' || s.slug), w.word) = 0)
        """;

    private const string IsThereSql = "select exists (select from slug where kind = 'source' and slug = @slug)";

    private const string FirstClaimsSql = "select " + ClaimView.Columns + "\nfrom " + ClaimView.From + "\nwhere e.source_id = @source and is_recorded(@knownBy, @knownAt, e.known_from, e.known_to)\norder by e.claim_id, e.id\nlimit 100;";

    public static Task<IResult> Handle([AsParameters] SourceFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(SourceView.From)
            .AndAny("s.slug = @slug", "s.slug = any (@slug)", "slug", filter.Slug?.Value.Values)
            .AndAny("v.kind = @kind", "v.kind = any (@kind)", "kind", filter.Kind?.Value.Values)
            .AndAny("v.series = @series", "v.series = any (@series)", "series", filter.Series?.Value.Values)
            .AndAny(SourceView.OfFactory, SourceView.OfFactory, "factory", filter.Factory?.Value.Values);
        if (filter.Q is not null)
        {
            sql.And(Matches, "q", filter.Q.Value.Text);
        }

        sql.OrderBy(SourceView.Sorts.For(filter.Sort, reading.Cursor));
        return reading.ListAsync(new ListSpec<SourceView> { Axes = axes, Query = query, Sql = sql, Page = sql.Page(SourceView.Columns, query.PageSize) });
    }

    public static Task<IResult> One(string slug, [AsParameters] TimeAxes axes, [AsParameters] ItemQuery query, Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(SourceView.From).And("s.slug = @slug", "slug", slug);
        return reading.ItemAsync<SourceDetail>(
            axes, query, sql.One(SourceView.Columns), sql.Parameters, source => source.Version,
            async (snapshot, source) => source.Claims = await snapshot.QueryAsync<ClaimView>(FirstClaimsSql, new { source = source.SourceId, knownBy = axes.Sense, knownAt = axes.Known }),
            async snapshot => await IsThereAsync(snapshot, slug) ? Problem.Gone("source", slug).ToResult() : Problem.NotFound("source", slug).ToResult());
    }

    public static Task<IResult> Claims(string slug, [AsParameters] ClaimsFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(ClaimView.From).And("e.source_id = (select s.id from source s where s.slug = @slug) and is_recorded(@knownBy, @knownAt, e.known_from, e.known_to)", "slug", slug)
            .AndAny("c.kind = @kind", "c.kind = any (@kind)", "kind", filter.Kind?.Value.Values)
            .OrderBy(ClaimView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<ClaimView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = sql.Page(ClaimView.Columns, query.PageSize),
            WhenEmpty = async snapshot => await IsThereAsync(snapshot, slug) ? null : Problem.NotFound("source", slug).ToResult(),
        });
    }

    private static async Task<bool> IsThereAsync(Snapshot snapshot, string slug) => await snapshot.QueryAsync<bool>(IsThereSql, new { slug }) is [true];
}
