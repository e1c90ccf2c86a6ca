using System.ComponentModel;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Http;

/// <summary>What every list accepts besides its filters.</summary>
internal sealed record ListQuery
{
    [Description("How many items a page has; all for the whole list in one answer, of one moment, in any format but JSON.")]
    [DefaultValue(Http.Limit.Default)]
    public Given<LimitOrAll>? Limit { get; init; }

    [Description("Where to go on: the cursor of page.next or of the Link header. It carries the sort, the filters, the time axes and the language of the walk.")]
    public Given<CursorText>? Cursor { get; init; }

    [Description("Whether to count all matches; estimated is by the database's statistics.")]
    public Given<Codes>? Count { get; init; }

    [Description("The properties to answer with, and no others, even those that the schema requires. Default: all.")]
    public Given<Codes>? Fields { get; init; }

    [Description("The format, over the Accept header.")]
    public Given<Codes>? Format { get; init; }

    [Description("The language of labels, over the Accept-Language header. Default: en.")]
    public Given<Codes>? Lang { get; init; }

    public int PageSize => Limit?.Value.Count ?? Http.Limit.Default;

    /// <summary>Whether the whole list is asked for, as one answer.</summary>
    public bool IsAll => Limit?.Value.IsAll == true;

    public string CountKind => Count?.Value.Values[0] ?? "none";

    internal sealed class Validator : AbstractValidator<ListQuery>
    {
        public Validator()
        {
            RuleFor(query => query.Count).IsOneOf(Vocabularies.CountKind, "none");
            RuleFor(query => query.Lang).IsOneOf(Vocabularies.Language);
        }
    }
}

/// <summary>What every single resource accepts.</summary>
internal sealed record ItemQuery
{
    [Description("The properties to answer with, and no others, even those that the schema requires. Default: all.")]
    public Given<Codes>? Fields { get; init; }

    [Description("The language of labels, over the Accept-Language header. Default: en.")]
    public Given<Codes>? Lang { get; init; }

    internal sealed class Validator : AbstractValidator<ItemQuery>
    {
        public Validator() => RuleFor(query => query.Lang).IsOneOf(Vocabularies.Language);
    }
}
