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
    // Boundaries are simplified: within this of its country, a point at the border is not judged.
    private const double Slack = 0.05 * Outline.MetresPerDegree;

    private const string ContentSql = """
        insert into location (claim_id, lon, lat, precision, uncertainty_m, method) values (@claim, @lon, @lat, @precision, @uncertainty, @method);
        """;

    // The boundaries that have the point in their box, that of the factory's country, and those of the regions it is said to lie in.
    private const string AreasSql = """
        select r.id, r.kind, v.name_en as name, b.geometry::text as geometry, own.depth, country.code as country
        from region_version v
        join region r on r.id = v.region_id and r.kind <> 'cluster'
        join boundary b on b.id = v.boundary_id
        left join region_closure own on own.region_id = @region and own.ancestor_id = r.id and own.known_to = 'infinity'
        left join lateral (
          select i.value as code
          from region_closure c
          join region a on a.id = c.ancestor_id and a.kind = 'country'
          join identifier i on i.kind = 'region' and i.resource_id = a.id and i.scheme = 'iso3166-1' and i.known_to = 'infinity'
          where c.region_id = r.id and c.known_to = 'infinity'
          order by c.depth
          limit 1) country on true
        where v.known_to = 'infinity'
          and ((@lon between b.min_lon and b.max_lon and @lat between b.min_lat and b.max_lat) or (r.kind = 'country' and country.code = @country) or own.depth is not null)
        order by own.depth nulls last, r.id
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
        var (lon, lat) = (request.Lon!.Value, request.Lat!.Value);
        var areas = await write.QueryAsync<Area>(AreasSql, new { lon, lat, country = factory.Country, region = factory.RegionId });
        var slack = Math.Max(request.UncertaintyMetres ?? 0, Slack);
        var stated = areas.Find(a => a.IsCountry && a.Country == factory.Country);
        var around = areas.FindAll(a => a.Outline.Contains(lon, lat));
        if (stated is not null && stated.Outline.MetresTo(lon, lat) > slack && around.Find(a => a.IsCountry) is { } other)
        {
            throw Refusal.Of("/lon", "in_another_country", $"and lat lie in {other.Name}, {stated.Outline.MetresTo(lon, lat) / 1000:0} km from {stated.Name}, which the factory is said to be in.");
        }

        // The most specific region that it is said to lie in and whose boundary is known.
        var own = areas.Find(a => a is { Depth: not null, IsCountry: false });
        if (stated is null)
        {
            write.Warnings.Add(new("/lon", "place_not_checked", $"No boundary of {factory.Country} is known here, so whether the place lies in it was not checked."));
        }
        else if (around.Count == 0)
        {
            write.Warnings.Add(new("/lon", "in_no_region", "The place lies in no region whose boundary is known here: on a coast, or offshore, or it is wrong."));
        }
        else if (own is not null && own.Outline.MetresTo(lon, lat) > slack && around.Find(a => a.Kind == own.Kind) is { } elsewhere)
        {
            write.Warnings.Add(new("/lon", "in_another_region", $"The place lies in {elsewhere.Name}; the factory is said to be in {own.Name}."));
        }
    }

    private sealed record Area
    {
        private Outline? _outline;

        public required long Id { get; init; }

        public required string Kind { get; init; }

        public required string Name { get; init; }

        public required string Geometry { get; init; }

        /// <summary>How many steps above the factory's own region; null where that does not lie in it.</summary>
        public int? Depth { get; init; }

        /// <summary>The code of the country that it is or lies in.</summary>
        public string? Country { get; init; }

        public bool IsCountry => Kind == "country";

        public Outline Outline => _outline ??= Outline.Parse(Geometry);
    }
}
