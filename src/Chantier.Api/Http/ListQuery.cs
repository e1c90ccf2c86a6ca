using System.ComponentModel;
using FluentValidation;

namespace Chantier.Api.Http;

/// <summary>What every list accepts besides its filters.</summary>
internal sealed record ListQuery
{
    [Description("How many items a page has. Default: 50.")]
    public Given<Limit>? Limit { get; init; }

    [Description("Where to go on: the cursor of page.next or of the Link header. It carries the sort, the filters, the time axes and the language of the walk.")]
    public Given<CursorText>? Cursor { get; init; }

    [Description("Whether to count all matches: none, estimated (by the database's statistics) or exact. Default: none.")]
    public Given<Codes>? Count { get; init; }

    [Description("The properties to answer with, separated by commas. Default: all.")]
    public Given<Codes>? Fields { get; init; }

    [Description("The format, over the Accept header: json, geojson (where items have a place), csv or ndjson.")]
    public Given<Codes>? Format { get; init; }

    [Description("The language of labels, over the Accept-Language header: en or fr. Default: en.")]
    public Given<Codes>? Lang { get; init; }

    public int PageSize => Limit?.Value.Count ?? Http.Limit.Default;

    public string CountKind => Count?.Value.Values[0] ?? "none";

    internal sealed class Validator : AbstractValidator<ListQuery>
    {
        public Validator()
        {
            RuleFor(query => query.Count).IsOneOf("none", "estimated", "exact");
            RuleFor(query => query.Lang).IsOneOf("en", "fr");
        }
    }
}

/// <summary>What every single resource accepts.</summary>
internal sealed record ItemQuery
{
    [Description("The properties to answer with, separated by commas. Default: all.")]
    public Given<Codes>? Fields { get; init; }

    [Description("The language of labels, over the Accept-Language header: en or fr. Default: en.")]
    public Given<Codes>? Lang { get; init; }

    internal sealed class Validator : AbstractValidator<ItemQuery>
    {
        public Validator() => RuleFor(query => query.Lang).IsOneOf("en", "fr");
    }
}
