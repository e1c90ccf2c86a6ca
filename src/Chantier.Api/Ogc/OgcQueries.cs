using System.ComponentModel;
using Chantier.Api.Http;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;

namespace Chantier.Api.Ogc;

/// <summary>What every document under /ogc takes.</summary>
internal sealed record OgcQuery
{
    [Description("The format: json, the only one there is.")]
    public Given<Codes>? F { get; init; }

    internal sealed class Validator : AbstractValidator<OgcQuery>
    {
        public Validator() => RuleFor(q => q.F).IsOneOf(["json"], "json");
    }
}

/// <summary>What one feature takes.</summary>
internal sealed record OgcItemQuery
{
    [Description("The coordinate reference system of the answer.")]
    public Given<OgcCrs>? Crs { get; init; }

    [Description("The language of labels, over the Accept-Language header.")]
    public Given<Codes>? Lang { get; init; }

    [Description("The format: json or geojson, which are the same here.")]
    public Given<Codes>? F { get; init; }

    internal sealed class Validator : AbstractValidator<OgcItemQuery>
    {
        public Validator()
        {
            RuleFor(q => q.Lang).IsOneOf(Domain.Vocabularies.Language);
            RuleFor(q => q.F).IsOneOf(["json", "geojson"], "json");
        }
    }
}

/// <summary>What every list of features takes.</summary>
internal sealed record OgcItemsQuery
{
    [Description("How many features a page has at most; the next link leads on.")]
    public Given<OgcLimit>? Limit { get; init; }

    [Description("Only features that the box meets, and those without a geometry. A west above the east crosses the antimeridian.")]
    public Given<OgcBox>? Bbox { get; init; }

    [FromQuery(Name = "bbox-crs")]
    [Description("The coordinate reference system of bbox.")]
    public Given<OgcCrs>? BboxCrs { get; init; }

    [Description("""
        An instant: what held on that day. An interval: what held at its end, as far as its status began within; those whose day is not
        known are let through. Days are compared, in UTC. Features without a date, such as regions, match any.
        """)]
    public Given<OgcDatetime>? Datetime { get; init; }

    [Description("The coordinate reference system of the answer.")]
    public Given<OgcCrs>? Crs { get; init; }

    [Description("Where to go on, as the next link has it.")]
    public Given<CursorText>? Cursor { get; init; }

    [Description("The language of labels, over the Accept-Language header.")]
    public Given<Codes>? Lang { get; init; }

    [Description("The format: json or geojson, which are the same here.")]
    public Given<Codes>? F { get; init; }

    // What follows is no parameter, and so no property.
    public OgcCrs Answered() => Crs?.Value ?? OgcCrs.Crs84;

    public Box? Box() => Bbox is null ? null : Degrees(Bbox.Value);

    /// <summary>The day to be told about; null: today.</summary>
    public Given<WorldDate>? AsOf() => Datetime?.Value.End is { } end ? Given<WorldDate>.Parse(end.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), null) : null;

    /// <summary>The page that the lists of the API proper would be asked for.</summary>
    public ListQuery List() => new()
    {
        Limit = Given<LimitOrAll>.Of(new LimitOrAll(Limit?.Value.Count ?? OgcLimit.Default)),
        Cursor = Cursor,
        Lang = Lang,
        // The first page says it; to count again for each would cost more than the pages.
        Count = Cursor is null ? Given<Codes>.Parse("exact", null) : null,
        // There is but one, so that nothing need be asked of Accept.
        Format = Given<Codes>.Parse(Format.GeoJson.Name, null),
    };

    private Box? Degrees(OgcBox box) => (BboxCrs?.Value ?? OgcCrs.Crs84).Degrees(box);

    internal sealed class Validator : AbstractValidator<OgcItemsQuery>
    {
        public Validator()
        {
            RuleFor(q => q.Bbox).Must((q, bbox) => bbox is null || q.Degrees(bbox.Value) is not null)
                .WithErrorCode("not_accepted").WithMessage("has its south above its north; it accepts the corner in the south first, in the order of the axes of bbox-crs.");
            RuleFor(q => q.Lang).IsOneOf(Domain.Vocabularies.Language);
            RuleFor(q => q.F).IsOneOf(["json", "geojson"], "json");
        }
    }
}
