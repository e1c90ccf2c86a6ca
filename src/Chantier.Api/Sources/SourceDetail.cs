using Chantier.Api.Views;

namespace Chantier.Api.Sources;

/// <summary>A document on its own: with the first claims that rest on it; /claims lists them all.</summary>
internal sealed record SourceDetail : SourceView
{
    public IReadOnlyList<SourceClaimView> Claims { get; set; } = [];

    /// <summary>Where all of them are listed.</summary>
    public string ClaimsUrl => $"/v1/sources/{Slug}/claims";
}
