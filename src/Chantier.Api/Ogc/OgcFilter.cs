using System.ComponentModel;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using FluentValidation;

namespace Chantier.Api.Ogc;

/// <summary>The filters of a map: those of the list, except those that are of no use on a map.</summary>
internal sealed record OgcFilter
{
    [Description("Words that must all occur in the names, identifiers, operators, locality or regions of the factory, as in search.")]
    public Given<Words>? Q { get; init; }

    [Description("Status terms, as listed at /v1/statuses; any of several.")]
    public Given<Codes>? Status { get; init; }

    [Description("Stages. Together with status, either may match.")]
    public Given<Codes>? Stage { get; init; }

    [Description("Sector codes, such as battery_cells; any of several.")]
    public Given<Codes>? Sector { get; init; }

    [Description("Country codes, ISO 3166-1 alpha-2; any of several.")]
    public Given<Codes>? Country { get; init; }

    [Description("Slugs of regions, with all that is in them, and of clusters, with all their members.")]
    public Given<Codes>? Region { get; init; }

    [Description("Slugs of operators that have a part in the factory.")]
    public Given<Codes>? Operator { get; init; }

    [Description("The least precise place that is shown.")]
    public Given<Codes>? MinPrecision { get; init; }

    public FactoryFilter Factories => new()
    {
        Q = Q,
        Status = Status,
        Stage = Stage,
        Sector = Sector,
        Country = Country,
        Region = Region,
        Operator = Operator,
        MinPrecision = MinPrecision,
    };

    internal sealed class Validator : AbstractValidator<OgcFilter>
    {
        private static readonly FactoryFilter.Validator Same = new();

        public Validator() => RuleFor(filter => filter).Custom((filter, context) =>
        {
            foreach (var failure in Same.Validate(filter.Factories).Errors)
            {
                context.AddFailure(failure);
            }
        });
    }
}
