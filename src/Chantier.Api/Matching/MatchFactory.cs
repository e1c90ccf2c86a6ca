using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Matching;

/// <summary>A factory as somebody describes it. The more is said, the surer the answer; what is not known is left out.</summary>
internal sealed record MatchRequest
{
    /// <summary>Any names that it goes by.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    public string? Sector { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public string? Country { get; init; }

    /// <summary>The slug of the most specific region known.</summary>
    public string? Region { get; init; }

    public string? Locality { get; init; }

    public MatchPlaceRequest? Location { get; init; }

    /// <summary>The companies that have a part in it, each by its slug or by a name.</summary>
    public IReadOnlyList<string>? Operators { get; init; }

    public IReadOnlyList<IdentifierRequest>? Identifiers { get; init; }

    /// <summary>Slugs of factories that it is not.</summary>
    public IReadOnlyList<string>? NotThese { get; init; }

    /// <summary>How many candidates at most, from 1 to 100. Default: 10.</summary>
    public int? Limit { get; init; }

    /// <summary>The lowest score to answer with, from 0 to 1. Default: 0.3.</summary>
    public double? MinScore { get; init; }

    internal sealed class Validator : AbstractValidator<MatchRequest>
    {
        public Validator()
        {
            RuleFor(f => f.Names).Custom((names, context) => BodyRules.FailIf(
                context,
                names is null or [] && context.InstanceToValidate is { Location: null, Operators: null or [], Identifiers: null or [] },
                "required",
                "is missing, and so are location, operators and identifiers; at least one of them must be given."));
            RuleFor(f => f.Names).Must(names => names is null or { Count: <= 20 }).WithErrorCode("not_accepted").WithMessage("has more than 20 names.");
            RuleForEach(f => f.Names).IsGiven();
            RuleForEach(f => f.Names).IsText();
            RuleFor(f => f.Country).IsCountry();
            RuleFor(f => f.Region).IsSlug();
            RuleFor(f => f.Locality).IsText();
            RuleFor(f => f.Location).SetValidator(new MatchPlaceRequest.Validator()!);
            RuleFor(f => f.Operators).Must(operators => operators is null or { Count: <= 20 }).WithErrorCode("not_accepted").WithMessage("has more than 20 companies.");
            RuleForEach(f => f.Operators).IsGiven();
            RuleForEach(f => f.Operators).IsText();
            RuleForEach(f => f.Identifiers).SetValidator(new IdentifierRequest.Validator());
            RuleForEach(f => f.NotThese).IsSlug();
            RuleFor(f => f.Limit).InclusiveBetween(1, 100).WithErrorCode("not_accepted").WithMessage("is out of range; it accepts a whole number from 1 to 100.");
            RuleFor(f => f.MinScore).InclusiveBetween(0, 1).WithErrorCode("not_accepted").WithMessage("is out of range; it accepts a number from 0 to 1.");
        }
    }
}

/// <summary>Where a described factory is, WGS 84.</summary>
internal sealed record MatchPlaceRequest
{
    /// <summary>Degrees, east positive.</summary>
    public double? Lon { get; init; }

    /// <summary>Degrees, north positive.</summary>
    public double? Lat { get; init; }

    /// <summary>site, street, locality, municipality, region or country.</summary>
    public string? Precision { get; init; }

    public int? UncertaintyMetres { get; init; }

    internal sealed class Validator : AbstractValidator<MatchPlaceRequest>
    {
        public Validator()
        {
            RuleFor(l => l.Lon).NotNull().WithErrorCode("required").WithMessage("is missing; it must be the longitude in degrees.");
            RuleFor(l => l.Lat).NotNull().WithErrorCode("required").WithMessage("is missing; it must be the latitude in degrees.");
            RuleFor(l => l.Lon).InclusiveBetween(-180, 180).WithErrorCode("not_accepted").WithMessage("is no longitude; it accepts degrees from -180 to 180.");
            RuleFor(l => l.Lat).InclusiveBetween(-90, 90).WithErrorCode("not_accepted").WithMessage("is no latitude; it accepts degrees from -90 to 90.");
            RuleFor(l => l.Precision).IsAmong(Vocabularies.LocationPrecision);
            RuleFor(l => l.UncertaintyMetres).GreaterThan(0).WithErrorCode("not_accepted").WithMessage("is not above 0; it accepts metres.");
        }
    }
}

/// <summary>What a description may mean.</summary>
internal sealed record MatchView
{
    /// <summary>The likeliest first.</summary>
    public required IReadOnlyList<CandidateView> Candidates { get; init; }

    /// <summary>From this score on, POST /v1/factories refuses to make another until the candidate is named in notThese.</summary>
    public double LikelyDuplicateFrom { get; init; } = CandidateView.NearlyCertain;
}

/// <summary>POST /v1/match. It asks, and changes nothing.</summary>
internal static class MatchFactory
{
    private const string RegionSql = "select exists (select from slug g where g.kind = 'region' and g.slug = @region)";

    public static async Task<MatchView> Handle(Snapshot snapshot, MatchRequest described)
    {
        if (described.Region is { } region && await snapshot.QueryAsync<bool>(RegionSql, new { region }) is [false])
        {
            throw Refusal.Of("/region", "unknown_slug", $"is '{Shown.Of(region)}', which no region has; /v1/regions lists them.");
        }

        return new()
        {
            Candidates = await snapshot.QueryAsync<CandidateView>(CandidateView.Sql(described.Limit ?? 10), new
            {
                names = described.Names?.ToArray() ?? [],
                sector = described.Sector,
                country = described.Country,
                region = described.Region,
                locality = described.Locality,
                lon = described.Location?.Lon,
                lat = described.Location?.Lat,
                precision = described.Location?.Precision,
                uncertainty = described.Location?.UncertaintyMetres,
                operators = described.Operators?.ToArray() ?? [],
                identifiers = IdentifierSet.Codes(described.Identifiers),
                notThese = described.NotThese?.ToArray() ?? [],
                least = described.MinScore ?? 0.3,
            }),
        };
    }
}
