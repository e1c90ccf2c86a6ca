using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Views;

/// <summary>A reference to a resource: its slug, and its name in the language asked for.</summary>
internal sealed record SlugName(string Slug, string Name) : ICode
{
    string ICode.Code => Slug;
}

/// <summary>An operator and the part it has in a factory.</summary>
internal sealed record RoleRef(string Slug, string Name, [property: Among(nameof(Vocabularies.RoleKind))] string Role) : IStated
{
    string ICode.Code => Slug;
}

/// <summary>An identifier in somebody else's scheme.</summary>
internal sealed record IdentifierView(string Scheme, string Value, string? Url) : ICode
{
    string ICode.Code => $"{Scheme}:{Value}";
}

/// <summary>A point, WGS 84, and how well it is known.</summary>
internal sealed record LocationView(
    double Lon, double Lat, [property: Among(nameof(Vocabularies.LocationPrecision))] string Precision, int? UncertaintyMetres);

/// <summary>
/// How much of one product, in one physical quantity, a factory can make: exact, bounded, or in the source's own vague
/// word. It always has a unit.
/// </summary>
internal sealed record CapacityView(
    decimal? Value,
    decimal? Min,
    decimal? Max,
    string? Word,
    string Unit,
    [property: Among(nameof(Vocabularies.FigureQualifier))] string? Qualifier,
    string? Product) : IMainFirst;

/// <summary>A text in the languages it was given in.</summary>
internal sealed record Bilingual(string? Fr, string? En)
{
    public static Bilingual? Of(string? fr, string? en) => fr is null && en is null ? null : new(fr, en);
}

/// <summary>Where in a source something stands.</summary>
internal sealed record LocatorView([property: Among(nameof(Vocabularies.LocatorKind))] string Kind, int Start, int? End);
