using Chantier.Api.Http;

namespace Chantier.Api.Matching;

/// <summary>The route that tells whether something is there already.</summary>
internal static class MatchingEndpoints
{
    public static void MapMatching(this IEndpointRouteBuilder routes) =>
        routes.MapQuestion<DescribedFactory, MatchView>("/match", "MatchFactory", "The factories that a description may mean, scored, with reasons", MatchFactory.Handle)
            .WithTags("Search");
}
