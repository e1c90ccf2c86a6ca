using Chantier.Api.Http;
using Chantier.Api.Recording;
using FluentValidation;

namespace Chantier.Api.Operators;

/// <summary>That somebody holds a share of a company: exact, bounded, or of a size that is not said.</summary>
internal sealed record OwnershipRequest : ClaimRequest
{
    /// <summary>The slug of the operator that holds the share.</summary>
    public string? Shareholder { get; init; }

    /// <summary>Per cent, exactly.</summary>
    public decimal? Share { get; init; }

    /// <summary>Per cent, at least.</summary>
    public decimal? ShareMin { get; init; }

    /// <summary>Per cent, at most.</summary>
    public decimal? ShareMax { get; init; }

    /// <summary>An EDTF date or interval; a bound that is not known is open.</summary>
    public string? Valid { get; init; }

    internal sealed class Validator : Validator<OwnershipRequest>
    {
        public Validator()
        {
            RuleFor(o => o.Shareholder).IsGiven();
            RuleFor(o => o.Shareholder).IsSlug();
            RuleFor(o => o.Share).Custom((share, context) => BodyRules.FailIf(
                context, share is not null && context.InstanceToValidate is not { ShareMin: null, ShareMax: null }, "excluded", "is given together with shareMin or shareMax; a share is exact or bounded."));
            RuleFor(o => o.Share).Custom((share, context) => BodyRules.FailIf(context, share is <= 0 or > 100, "not_accepted", "is no share; it accepts per cent above 0 and up to 100."));
            RuleFor(o => o.ShareMin).InclusiveBetween(0, 100).WithErrorCode("not_accepted").WithMessage("is no share; it accepts per cent from 0 to 100.");
            RuleFor(o => o.ShareMax).Custom((share, context) => BodyRules.FailIf(context, share is <= 0 or > 100, "not_accepted", "is no share; it accepts per cent above 0 and up to 100."));
            RuleFor(o => o.ShareMax).GreaterThanOrEqualTo(o => o.ShareMin).When(o => o.ShareMin is not null).WithErrorCode("not_accepted").WithMessage("is below shareMin; it accepts the same number or a greater one.");
            RuleFor(o => o.Valid).IsDate();
        }
    }
}

/// <summary>POST /v1/operators/{slug}/ownership.</summary>
internal static class RecordOwnership
{
    private const string CompanySql = "select o.id from operator o join operator_version v on v.operator_id = o.id and v.known_to = 'infinity' where o.slug = @slug";

    private const string ContentSql = """
        insert into ownership (claim_id, operator_id, shareholder_id, share, share_min, share_max, valid, valid_from,
          valid_to)
        values (@claim, @company, @shareholder, @share, @shareMin, @shareMax, @valid, @validFrom, @validTo);
        """;

    public static async Task<Outcome> Handle(Write write, OwnershipRequest request)
    {
        var slug = write.Route("slug");
        if (await write.QueryAsync<long>(CompanySql, new { slug }) is not [var company])
        {
            throw new Refusal(await ListOperators.MissingAsync(write.Snapshot, slug, "/ownership", new TimeAxes()));
        }

        var valid = request.BeganBy(write, "/valid", request.Valid);
        return await RecordClaim.AppendAsync(write, "ownership", factory: null, request, ContentSql, new
        {
            company,
            shareholder = await write.IdOfAsync("operator", request.Shareholder!, "/shareholder"),
            share = request.Share,
            shareMin = request.ShareMin,
            shareMax = request.ShareMax,
            valid = valid?.Text,
            validFrom = valid?.Earliest ?? DateOnly.MinValue,
            validTo = valid?.Latest ?? DateOnly.MaxValue,
        });
    }
}
