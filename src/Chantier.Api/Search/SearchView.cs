using System.Text.Json.Serialization;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Search;

/// <summary>What answers a search: the best of it, how much there is, and how that divides.</summary>
internal sealed record SearchView
{
    public required string Query { get; init; }

    /// <summary>The best first.</summary>
    public required IReadOnlyList<SearchHit> Items { get; init; }

    /// <summary>How many of each type answer.</summary>
    public required IReadOnlyList<SearchTotal> Totals { get; init; }

    /// <summary>How the factories that answer divide. Where their count is estimated, so are these counts.</summary>
    public required SearchFacets Facets { get; init; }
}

/// <summary>How many of one type answer.</summary>
internal sealed record SearchTotal
{
    [Among(nameof(Vocabularies.SearchedType))]
    public required string Type { get; init; }

    public required long Count { get; init; }

    /// <summary>exact; or estimated, where very many answer: from a sample of them.</summary>
    [Among(nameof(Vocabularies.CountKind))]
    public required string CountKind { get; init; }
}

/// <summary>A factory, an operator or a region that answers.</summary>
internal sealed record SearchHit
{
    [Among(nameof(Vocabularies.SearchedType))]
    public required string Type { get; init; }

    public required string Slug { get; init; }

    public required string Name { get; init; }

    public string Url => $"/v1/{(Type == "factory" ? "factories" : Type + "s")}/{Slug}";

    /// <summary>From 0 to 1: where the words are met, how much of the name they are, and whether they were taken for mistyped.</summary>
    public required double Score { get; init; }

    /// <summary>ISO 3166-1 alpha-2, of a factory or an operator.</summary>
    public string? Country { get; init; }

    public string? Locality { get; init; }

    /// <summary>The sector of a factory.</summary>
    public string? Sector { get; init; }

    /// <summary>The construction status of a factory; null where nothing is claimed.</summary>
    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    /// <summary>The texts that the words of the query are met in.</summary>
    public IReadOnlyList<SearchMatch> Matches { get; set; } = [];

    [JsonIgnore]
    public long N { get; init; }
}

/// <summary>A text in which words of the query are met, in parts that make up all of it.</summary>
internal sealed record SearchMatch([property: Among(nameof(Vocabularies.SearchedField))] string Field, IReadOnlyList<SearchPart> Parts);

/// <summary>A part of a text: words that were met, or what lies between them.</summary>
internal sealed record SearchPart(string Text, bool IsMatch);

/// <summary>How the factories that answer divide, the most frequent first.</summary>
internal sealed record SearchFacets
{
    /// <summary>By ISO 3166-1 alpha-2.</summary>
    public required IReadOnlyList<FacetCount> Country { get; init; }

    public required IReadOnlyList<FacetCount> Status { get; init; }

    public required IReadOnlyList<FacetCount> Sector { get; init; }

    /// <summary>By the slugs of those that have a part in them now, in any role: the twenty that have most.</summary>
    public required IReadOnlyList<FacetCount> Operator { get; init; }
}

/// <summary>How many factories have a value.</summary>
/// <param name="Value">As the filter of /v1/factories takes it; null where nothing is claimed.</param>
/// <param name="Label">In the language asked for.</param>
/// <param name="Count">How many.</param>
internal sealed record FacetCount(string? Value, string? Label, long Count);
