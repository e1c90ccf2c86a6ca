using Chantier.Api.Http;
using Chantier.Api.Recording;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>That a medium shows a factory.</summary>
internal sealed record DepictionRequest : ClaimRequest
{
    /// <summary>The id of the medium.</summary>
    public long? Medium { get; init; }

    internal sealed class Validator : Validator<DepictionRequest>
    {
        public Validator() => RuleFor(d => d.Medium).NotNull().WithErrorCode("required").WithMessage("is missing; it must be the id of a medium.");
    }
}

/// <summary>POST /v1/factories/{slug}/depictions.</summary>
internal static class RecordDepiction
{
    private const string IsThereSql = "select exists (select from media_version where media_id = @medium and known_to = 'infinity')";

    private const string ContentSql = "insert into depiction (claim_id, media_id) values (@claim, @medium);";

    public static async Task<Outcome> Handle(Write write, DepictionRequest request)
    {
        var factory = await FactoryThere.FindAsync(write, "/depictions");
        return await write.FindAsync<bool>(IsThereSql, new { medium = request.Medium })
            ? await RecordClaim.AppendAsync(write, "depiction", factory.Id, request, ContentSql, new { medium = request.Medium })
            : throw Refusal.Of("/medium", "unknown_medium", $"is {request.Medium}, which no medium has; POST /v1/media makes one.");
    }
}
