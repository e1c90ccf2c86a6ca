using Chantier.Api.Http;
using Chantier.Api.Recording;

namespace Chantier.Api.Operators;

/// <summary>The routes of operators.</summary>
internal static class OperatorEndpoints
{
    public static void MapOperators(this IEndpointRouteBuilder routes)
    {
        var operators = routes.MapGroup("/operators").InRoom("Operators", "Companies and joint ventures, their part in factories, and who owns them.");

        operators.MapGet("/", ListOperators.Handle).ListsOf<OperatorView>("ListOperators", "Companies and joint ventures, with the number of factories each has a part in");
        operators.MapGet("/{slug}", ListOperators.One).Gives<OperatorView>("GetOperator", "One company or joint venture").MayBeDeleted().MayHaveMoved();
        operators.MapEditing(new EditOperator(), "/", "/{slug}", "Operator");
        operators.MapGet("/{slug}/ownership", GetOwnership.Handle).Gives<OwnershipView>("GetOwnership", "Who owns it, directly and through others, and what is not known").MayBeDeleted().MayHaveMoved();
        operators.MapWrite<OwnershipRequest>("POST", "/{slug}/ownership", "RecordOwnership", "Record that somebody holds a share of a company", RecordOwnership.Handle, turn: Turn.Last).Records();
    }
}
