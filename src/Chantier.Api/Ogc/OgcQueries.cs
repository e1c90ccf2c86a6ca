using System.ComponentModel;
using Chantier.Api.Http;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;

namespace Chantier.Api.Ogc;

/// <summary>The parameters of every document under /ogc.</summary>
internal sealed record OgcQuery
{
    [Description("The format, which is always json.")]
    public Given<Codes>? F { get; init; }

    internal sealed class Validator : AbstractValidator<OgcQuery>
    {
        public Validator() => RuleFor(q => q.F).IsOneOf(["json"], "json");
    }
}

/// <summary>The parameters of one feature.</summary>
internal sealed record OgcItemQuery
{
    [Description("The coordinate reference system of the response.")]
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

/// <summary>The parameters of every list of features.</summary>
internal sealed record OgcItemsQuery
{
    [Description("The most features of a page; the next link leads to the following page.")]
    public Given<OgcLimit>? Limit { get; init; }

    [Description("Only features that the box meets, and those without a geometry. A west above the east crosses the antimeridian.")]
    public Given<OgcBox>? Bbox { get; init; }

    [FromQuery(Name = "bbox-crs")]
    [Description("The coordinate reference system of bbox.")]
    public Given<OgcCrs>? BboxCrs { get; init; }

    [Description("""
        An instant: the state on that day. An interval: the state at its end, of those whose status began within it;
        those whose day is not known are included. Days are compared, in UTC. A day later than the current one is
        answered as the current one. Features without a date, such as regions, match any.
        """)]
    public Given<OgcDatetime>? Datetime { get; init; }

    [Description("The coordinate reference system of the response.")]
    public Given<OgcCrs>? Crs { get; init; }

    [Description("The cursor of the next link.")]
    public Given<CursorText>? Cursor { get; init; }

    [Description("The language of labels, over the Accept-Language header.")]
    public Given<Codes>? Lang { get; init; }

    [Description("The format: json or geojson, which are the same here.")]
    public Given<Codes>? F { get; init; }

    // The following are no parameters, and so no properties.
    public OgcCrs Answered() => Crs?.Value ?? OgcCrs.Crs84;

    public Box? Box() => Bbox is null ? null : Degrees(Bbox.Value);

    /// <summary>
    /// The day whose state is asked for; null for the current day, and for later ones, which are answered as it.
    /// </summary>
    public Given<WorldDate>? AsOf(DateOnly current) => Datetime?.Value.End is { } end && end <= current
        ? Given<WorldDate>.Parse(end.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), null)
        : null;

    /// <summary>The same page in terms of the lists of the API.</summary>
    public ListQuery List() => new()
    {
        Limit = Given<LimitOrAll>.Of(new LimitOrAll(Limit?.Value.Count ?? OgcLimit.Default)),
        Cursor = Cursor,
        Lang = Lang,
        // The first page has the count; to count again for each would cost more than the pages.
        Count = Cursor is null ? Given<Codes>.Parse("exact", null) : null,
        // There is only one format, so Accept is not read.
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
