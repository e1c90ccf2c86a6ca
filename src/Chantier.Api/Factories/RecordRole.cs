using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>An operator's part in a factory.</summary>
internal sealed record RoleRequest : ClaimRequest
{
    /// <summary>Its slug.</summary>
    public string? Operator { get; init; }

    /// <summary>operator, owner, developer, contractor, customer, lender or authority.</summary>
    public string? Role { get; init; }

    /// <summary>Per cent.</summary>
    public decimal? Share { get; init; }

    /// <summary>An EDTF date or interval; a bound that is not known is open.</summary>
    public string? Valid { get; init; }

    internal sealed class Validator : Validator<RoleRequest>
    {
        public Validator()
        {
            RuleFor(r => r.Operator).IsGiven();
            RuleFor(r => r.Operator).IsSlug();
            RuleFor(r => r.Role).IsGiven();
            RuleFor(r => r.Role).IsAmong(Vocabularies.RoleKind);
            RuleFor(r => r.Share).Must(share => share is null or (> 0 and <= 100)).WithErrorCode("not_accepted").WithMessage("is no share; it accepts per cent above 0 and up to 100.");
            RuleFor(r => r.Valid).IsDate();
        }
    }
}

/// <summary>POST /v1/factories/{slug}/roles.</summary>
internal static class RecordRole
{
    private const string ContentSql = """
        insert into role (claim_id, operator_id, role, share, valid, valid_from, valid_to)
        values (@claim, @operator, @role, @share, @valid, @validFrom, @validTo);
        """;

    public static async Task<Outcome> Handle(Write write, RoleRequest request)
    {
        var factory = await FactoryThere.FindAsync(write, "/roles");
        var valid = request.BeganBy(write, "/valid", request.Valid);
        return await RecordClaim.AppendAsync(write, "role", factory.Id, request, ContentSql, new
        {
            @operator = await write.IdOfAsync("operator", request.Operator!, "/operator"),
            role = request.Role,
            share = request.Share,
            valid = valid?.Text,
            validFrom = valid?.Earliest ?? DateOnly.MinValue,
            validTo = valid?.Latest ?? DateOnly.MaxValue,
        });
    }
}
