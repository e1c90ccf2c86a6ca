using Chantier.Api.Http;

namespace Chantier.Api.Search;

/// <summary>The route of search.</summary>
internal static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/search", SearchEverything.Handle).InRoom("Search", "Finding things by what others call them.")
            .Answers<SearchView>("Search", "Factories, operators and regions by what they are called, forgiving how it is typed, with counts; as they are now: it has no knownAt");
}
