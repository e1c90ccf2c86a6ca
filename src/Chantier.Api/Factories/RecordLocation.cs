using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>Where a factory is, WGS 84.</summary>
internal sealed record LocationRequest : ClaimRequest
{
    /// <summary>Degrees, east positive.</summary>
    public double? Lon { get; init; }

    /// <summary>Degrees, north positive.</summary>
    public double? Lat { get; init; }

    /// <summary>How precisely it is known. A commune's centre is a municipality.</summary>
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
            RuleFor(l => l.Precision).IsAmong(Vocabularies.LocationPrecision);
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
        await CheckAsync(write, factory, request);
        return await RecordClaim.AppendAsync(write, "location", factory.Id, request, ContentSql, new
        {
            lon = request.Lon,
            lat = request.Lat,
            precision = request.Precision,
            uncertainty = request.UncertaintyMetres,
            method = request.Method,
        });
    }

    private static async Task CheckAsync(Write write, FactoryThere factory, LocationRequest request)
    {
        StatedPlace[] stated = [new(request.Lon!.Value, request.Lat!.Value, request.UncertaintyMetres, factory.Country, factory.RegionId)];
        var found = Places.Judge(stated, await write.QueryAsync<Area>(Places.AreasSql, Places.Parameters(stated)))[0];
        if (found.Refusal is not null)
        {
            throw Refusal.Of("/lon", "in_another_country", $"and lat {found.Refusal}");
        }

        if (found.Warning is { } warning)
        {
            write.Warnings.Add(new("/lon", warning.Code, warning.Detail));
        }
    }
}
