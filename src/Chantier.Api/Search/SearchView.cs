using System.Text.Json.Serialization;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Search;

/// <summary>The result of a search: the best matches, the number of all, and their distribution.</summary>
internal sealed record SearchView
{
    public required string Query { get; init; }

    /// <summary>The best first.</summary>
    public required IReadOnlyList<SearchHit> Items { get; init; }

    /// <summary>The number of matches of each type.</summary>
    public required IReadOnlyList<SearchTotal> Totals { get; init; }

    /// <summary>
    /// The distribution of the factories that match. Where their count is estimated, so are these counts.
    /// </summary>
    public required SearchFacets Facets { get; init; }
}

/// <summary>The number of matches of one type.</summary>
internal sealed record SearchTotal
{
    [Among(nameof(Vocabularies.SearchedType))]
    public required string Type { get; init; }

    public required long Count { get; init; }

    /// <summary>exact, or estimated from a sample where very many match.</summary>
    [Among(nameof(Vocabularies.CountKind))]
    public required string CountKind { get; init; }
}

/// <summary>A factory, an operator or a region that matches.</summary>
internal sealed record SearchHit
{
    [Among(nameof(Vocabularies.SearchedType))]
    public required string Type { get; init; }

    public required string Slug { get; init; }

    public required string Name { get; init; }

    public string Url => $"/v1/{(Type == "factory" ? "factories" : Type + "s")}/{Slug}";

    /// <summary>
    /// From 0 to 1: by where the words occur, how much of the name they are, and whether they were corrected.
    /// </summary>
    public required double Score { get; init; }

    /// <summary>ISO 3166-1 alpha-2, of a factory or an operator.</summary>
    public string? Country { get; init; }

    public string? Locality { get; init; }

    /// <summary>The sector of a factory.</summary>
    public string? Sector { get; init; }

    /// <summary>The construction status of a factory; null where none is claimed.</summary>
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    /// <summary>The texts in which the words of the query occur.</summary>
    public IReadOnlyList<SearchMatch> Matches { get; set; } = [];

    [JsonIgnore]
    public long Ordinal { get; init; }
}

/// <summary>A text in which words of the query occur, split into parts.</summary>
internal sealed record SearchMatch([property: Among(nameof(Vocabularies.SearchedField))] string Field, IReadOnlyList<SearchPart> Parts);

/// <summary>A part of a text: words that match, or the text between them.</summary>
internal sealed record SearchPart(string Text, bool IsMatch);

/// <summary>The distribution of the factories that match, the most frequent first.</summary>
internal sealed record SearchFacets
{
    /// <summary>By ISO 3166-1 alpha-2.</summary>
    public required IReadOnlyList<FacetCount> Country { get; init; }

    public required IReadOnlyList<FacetCount> Status { get; init; }

    public required IReadOnlyList<FacetCount> Sector { get; init; }

    /// <summary>
    /// By the slugs of the operators that have a part in them now, in any role: the twenty with the most.
    /// </summary>
    public required IReadOnlyList<FacetCount> Operator { get; init; }
}

/// <summary>The number of factories with a value.</summary>
/// <param name="Value">The value, as the filter of /v1/factories accepts it; null where none is claimed.</param>
/// <param name="Label">The label in the language asked for.</param>
/// <param name="Count">The number of factories.</param>
internal sealed record FacetCount(string? Value, string? Label, long Count);
