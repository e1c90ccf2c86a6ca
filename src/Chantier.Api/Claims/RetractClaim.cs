using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Api.Views;
using FluentValidation;

namespace Chantier.Api.Claims;

/// <summary>Why a claim no longer stands.</summary>
internal sealed record RetractionRequest
{
    /// <summary>error: it was ours, and never held. news: what it says held until a source ended it.</summary>
    public string? Reason { get; init; }

    /// <summary>The source that ended it; only by news.</summary>
    public string? Source { get; init; }

    public string? Note { get; init; }

    internal sealed class Validator : AbstractValidator<RetractionRequest>
    {
        public Validator()
        {
            RuleFor(r => r.Reason).IsGiven();
            RuleFor(r => r.Reason).IsAmong(["error", "news"]);
            RuleFor(r => r.Source).IsSlug();
            RuleFor(r => r.Source).Custom((source, context) => BodyRules.FailIf(
                context, source is not null && context.InstanceToValidate.Reason == "error", "excluded", "is given with reason error; only news has a source."));
            RuleFor(r => r.Note).IsText(5000);
        }
    }
}

/// <summary>POST /v1/claims/{id}/retraction.</summary>
internal static class RetractClaim
{
    public static async Task<Outcome> Handle(Write write, RetractionRequest request)
    {
        var id = write.RouteId("claim");
        var source = request.Source is null ? (long?)null : await write.IdOfAsync("source", request.Source, "/source");
        await EndClaim.ByRequestAsync(write, id, new Ending("retracted", request.Reason!, source, request.Note));
        return Outcome.Ok(ClaimDetail.Spec(new TimeAxes(), "c.id = @id", "id", id));
    }
}
