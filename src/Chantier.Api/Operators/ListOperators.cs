using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Http;
using Chantier.Api.Search;
using FluentValidation;

namespace Chantier.Api.Operators;

/// <summary>GET /v1/operators and /v1/operators/{slug}.</summary>
internal static class ListOperators
{
    internal sealed record OperatorFilter
    {
        [Description("Words that are all met by the names and identifiers, as in search; as recorded in the past, that stand in a name.")]
        public Given<Words>? Q { get; init; }

        [Description("Slugs: exactly these operators, old slugs included.")]
        public Given<Codes>? Slug { get; init; }

        [Description("Country codes, ISO 3166-1 alpha-2.")]
        public Given<Codes>? Country { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<OperatorFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Q).HasWords();
                RuleFor(f => f.Slug).EachFits(Rules.Slug("slugs of operators", "verkor"));
                RuleFor(f => f.Country).EachFits(Rules.Country);
                RuleFor(f => f.Sort).AreKeysOf(OperatorView.Sorts);
            }
        }
    }

    private const string Answering = "o.id in (select e.id from search_entry e where e.kind = 'operator' and e.words @@ @words::tsquery)";

    private const string Matches = """
        not exists (select from unnest(string_to_array(search_text(@q), ' ')) w (word)
          where strpos(search_text(v.name || ' ' || coalesce(v.legal_name, '') || ' ' || o.slug), w.word) = 0)
        """;

    private const string MissingSql = """
        select o.slug as now,
          nullif((select max(v.known_to) from operator_version v where v.operator_id = o.id), 'infinity') as until
        from slug g join operator o on o.id = g.resource_id
        where g.kind = 'operator' and g.slug = @slug;
        """;

    public static async Task<IResult> Handle(
        [AsParameters] OperatorFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = OperatorView.Over(axes)
            .AndAny(
                "o.id = (select g.resource_id from slug g where g.kind = 'operator' and g.slug = @slug)",
                "o.id in (select g.resource_id from slug g where g.kind = 'operator' and g.slug = any (@slug))",
                "slug",
                filter.Slug?.Value.Values)
            .AndAny("v.country = @country", "v.country = any (@country)", "country", filter.Country?.Value.Values);
        if (await SearchedFor.OfAsync("operator", filter.Q, axes, reading) is { Query: { } words })
        {
            sql.And(Answering, "words", words);
        }
        else if (filter.Q is not null)
        {
            sql.And(Matches, "q", filter.Q.Value.Text);
        }

        sql.OrderBy(OperatorView.Sorts.For(filter.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<OperatorView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = sql.Page(OperatorView.Columns, query.PageSize),
        });
    }

    public static Task<IResult> One(
        [Description("The slug of the operator.")] string slug, [AsParameters] TimeAxes axes, [AsParameters] ItemQuery query, Reading reading) =>
        reading.ItemAsync(axes, query, Spec(axes, "o.slug = @slug", "slug", slug), snapshot => MissingAsync(snapshot, slug, "", axes));

    public static ItemSpec<OperatorView> Spec(TimeAxes axes, [ConstantExpected] string which, string name, object value)
    {
        var sql = OperatorView.Over(axes).And(which, name, value);
        return new() { Axes = axes, Sql = sql.One(OperatorView.Columns), Parameters = sql.Parameters, Version = o => o.Version };
    }

    public static Task<IResult> MissingAsync(Snapshot snapshot, string slug, string rest, TimeAxes axes) =>
        Missing.AnswerAsync(snapshot, MissingSql, "operator", "/v1/operators", slug, rest, axes);
}
