using Chantier.Api.Http;
using Chantier.Api.Recording;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>Where a factory is, WGS 84.</summary>
internal sealed record LocationRequest : ClaimRequest
{
    /// <summary>Degrees, east positive.</summary>
    public double? Lon { get; init; }

    /// <summary>Degrees, north positive.</summary>
    public double? Lat { get; init; }

    /// <summary>site, street, locality, municipality, region or country. A commune's centre is a municipality.</summary>
    public string? Precision { get; init; }

    public int? UncertaintyMetres { get; init; }

    /// <summary>How the place was found.</summary>
    public string? Method { get; init; }

    internal sealed class Validator : Validator<LocationRequest>
    {
        public Validator()
        {
            RuleFor(l => l.Lon).NotNull().WithErrorCode("required").WithMessage("is missing; it must be the longitude in degrees.");
            RuleFor(l => l.Lat).NotNull().WithErrorCode("required").WithMessage("is missing; it must be the latitude in degrees.");
            RuleFor(l => l.Lon).InclusiveBetween(-180, 180).WithErrorCode("not_accepted").WithMessage("is no longitude; it accepts degrees from -180 to 180.");
            RuleFor(l => l.Lat).InclusiveBetween(-90, 90).WithErrorCode("not_accepted").WithMessage("is no latitude; it accepts degrees from -90 to 90.");
            RuleFor(l => l.Lon).Custom((lon, context) => BodyRules.FailIf(
                context, lon == 0 && context.InstanceToValidate.Lat == 0, "not_accepted", "and lat are both 0, which is a missing place in the Gulf of Guinea; leave the location out."));
            RuleFor(l => l.Precision).IsGiven();
            RuleFor(l => l.Precision).IsAmong(["site", "street", "locality", "municipality", "region", "country"]);
            RuleFor(l => l.UncertaintyMetres).GreaterThan(0).WithErrorCode("not_accepted").WithMessage("is not above 0; it accepts metres.");
            RuleFor(l => l.Method).IsText();
        }
    }
}

/// <summary>POST /v1/factories/{slug}/locations.</summary>
internal static class RecordLocation
{
    private const string ContentSql = """
        insert into location (claim_id, lon, lat, precision, uncertainty_m, method) values (@claim, @lon, @lat, @precision, @uncertainty, @method);
        """;

    public static async Task<Outcome> Handle(Write write, LocationRequest request)
    {
        var factory = await FactoryThere.FindAsync(write, "/locations");
        return await RecordClaim.AppendAsync(write, "location", factory.Id, request, ContentSql, new
        {
            lon = request.Lon,
            lat = request.Lat,
            precision = request.Precision,
            uncertainty = request.UncertaintyMetres,
            method = request.Method,
        });
    }
}
