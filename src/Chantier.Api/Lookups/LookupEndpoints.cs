using Chantier.Api.Http.OpenApi;
using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Lookups;

/// <summary>The resource that an external identifier names.</summary>
internal sealed record LookupView : ListRow
{
    public const string From = """
        identifier i
        -- A unit has no address of its own here: its factory is what is found.
        left join phase h on i.kind = 'phase' and h.id = i.resource_id
        left join factory_merged m on m.loser_id = case i.kind when 'factory' then i.resource_id else h.factory_id end and m.known_to = 'infinity'
        cross join lateral (
          select case i.kind
            when 'factory' then (select x.slug from factory x where x.id = coalesce(m.survivor_id, i.resource_id))
            when 'phase' then (select x.slug from factory x where x.id = coalesce(m.survivor_id, h.factory_id))
            when 'operator' then (select x.slug from operator x where x.id = i.resource_id)
            when 'region' then (select x.slug from region x where x.id = i.resource_id)
            else (select x.slug from source x where x.id = i.resource_id) end as slug) g
        """;

    public const string Columns = "case i.kind when 'phase' then 'factory' else i.kind end as kind, g.slug, i.scheme, i.value";

    public static SortTable Sorts { get; } = new("kind", new SortKey("id", "bigint", "i.id"), new SortKey("kind", "text", "i.kind"));

    /// <summary>factory, operator, region or source.</summary>
    [Among(nameof(Vocabularies.IdentifiedKind))]
    public required string Kind { get; init; }

    public required string Slug { get; init; }

    public required string Scheme { get; init; }

    public required string Value { get; init; }

    public string Url => $"/v1/{(Kind == "factory" ? "factories" : Kind + "s")}/{Slug}";
}

/// <summary>GET /v1/lookup?identifier=scheme:value.</summary>
internal static class Lookup
{
    internal sealed record LookupQuery
    {
        [Description("An external identifier as scheme:value, such as wikidata:Q123.")]
        public Given<Words>? Identifier { get; init; }

        internal sealed class Validator : AbstractValidator<LookupQuery>
        {
            public Validator() => RuleFor(query => query.Identifier).NotNull().WithErrorCode("required").WithMessage("is required; it accepts scheme:value, such as wikidata:Q123.");
        }
    }

    public static async Task<IResult> Handle([AsParameters] LookupQuery lookup, [AsParameters] ListQuery query, Reading reading)
    {
        var text = lookup.Identifier!.Value.Text;
        if (!Rules.TryReadIdentifier(text, out var scheme, out var value, out var why))
        {
            return Problem.InvalidParameters(ProblemError.In("identifier", "not_accepted", $"is '{Shown.Of(text)}'; {why}")).ToResult();
        }

        var sql = new SelectSql().From(LookupView.From).And("i.known_to = 'infinity'").And("i.scheme = @scheme", "scheme", scheme).And("i.value = @value", "value", value)
            .OrderBy(LookupView.Sorts.For(null, reading.Cursor));
        return await reading.ListAsync(new ListSpec<LookupView> { Axes = reading.Present, Query = query, Sql = sql, Page = sql.Page(LookupView.Columns, query.PageSize) });
    }
}

/// <summary>The route that finds things by others' identifiers.</summary>
internal static class LookupEndpoints
{
    public static void MapLookup(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/lookup", Lookup.Handle).InRoom("Search", "Finding things by what others call them.").ListsOf<LookupView>("Lookup", "The resources that an external identifier names");
}
