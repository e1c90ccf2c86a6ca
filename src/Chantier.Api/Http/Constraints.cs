using Npgsql;

namespace Chantier.Api.Http;

/// <summary>What the database refused, said in the API's terms: by the name of the constraint that protects it.</summary>
internal static class Constraints
{
    public static Problem? Explain(PostgresException refused) => refused.ConstraintName switch
    {
        "slug_unique" or "factory_slug_unique" or "operator_slug_unique" or "region_slug_unique" or "source_slug_unique" => Taken("/slug", "is taken; a slug belongs to one resource for ever."),
        "identifier_unique" => Taken("/identifiers", "has an identifier that another resource has; /v1/lookup tells which."),
        "api_key_name_unique" => Taken("/name", "is that of a key that is still good."),
        "media_url_unique" => Taken("/url", "is that of a medium that is there already."),
        "source_release_unique" => Taken("/release", "is there already in this series."),
        "ownership_fits_in_the_whole" => Unprocessable("/share", "makes the shares of this company exceed 100 per cent."),
        "claim_has_evidence" => Unprocessable("/sources", "is empty; a claim needs a source, unless its basis is inferred."),
        "slug_well_formed" => Unprocessable("/slug", "is not a slug; it accepts lower-case letters, digits and single hyphens, up to 120 characters."),
        "region_is_not_its_own_parent" => Unprocessable("/parent", "is the region itself."),
        "cluster_is_not_in_itself" => Unprocessable("/region", "is the cluster itself."),
        "ownership_not_of_itself" => Unprocessable("/shareholder", "is the company itself."),
        "factory_version_sector_fkey" => Unprocessable("/sector", "is not a sector that is known; see /v1/statuses."),
        "figure_unit_fkey" => Unprocessable("/unit", "is not a unit that is known."),
        "figure_property_fkey" => Unprocessable("/property", "is not a property that is known."),
        _ => null,
    };

    private static Problem Taken(string pointer, string detail) =>
        Problem.Of(StatusCodes.Status409Conflict, "taken", "Something like it is there already", $"{pointer} {detail}", [new ProblemError(null, pointer, "taken", detail)]);

    private static Problem Unprocessable(string pointer, string detail) => Problem.InvalidBody(new ProblemError(null, pointer, "not_accepted", detail));
}
