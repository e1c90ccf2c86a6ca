using Chantier.Api.Http;
using Chantier.Api.Recording;

namespace Chantier.Api.Factories;

/// <summary>That a factory is the same site as another, which goes on.</summary>
internal sealed record MergeRequest : ClaimRequest
{
    /// <summary>The slug of the factory that goes on.</summary>
    public string? Into { get; init; }

    internal sealed class Validator : Validator<MergeRequest>
    {
        // A merge is a decision of ours, and needs no source.
        public Validator()
            : base(needsSource: false)
        {
            RuleFor(m => m.Into).IsGiven();
            RuleFor(m => m.Into).IsSlug();
        }
    }
}

/// <summary>POST /v1/factories/{slug}/merge. Undone by retracting the claim that it answers with.</summary>
internal static class MergeFactory
{
    private const string ContentSql = "insert into merge (claim_id, survivor_id) values (@claim, @survivor);";

    public static async Task<Outcome> Handle(Write write, MergeRequest request)
    {
        var factory = await FactoryThere.FindAsync(write, "/merge");
        var survivor = await write.IdOfAsync("factory", request.Into!, "/into");
        return survivor == factory.Id
            ? throw Refusal.Of("/into", "not_accepted", $"is '{request.Into}', which is this factory or is merged into it.")
            : await RecordClaim.AppendAsync(write, "merge", factory.Id, request, ContentSql, new { survivor });
    }
}
