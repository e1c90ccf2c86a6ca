using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Recording;

/// <summary>What every claim says of itself, whatever it claims.</summary>
internal abstract record ClaimRequest
{
    /// <summary>actual (default), expected or inferred.</summary>
    public string? Basis { get; init; }

    /// <summary>high, medium (default) or low.</summary>
    public string? Confidence { get; init; }

    public string? Note { get; init; }

    /// <summary>What it rests on: at least one, unless it is inferred.</summary>
    public IReadOnlyList<EvidenceRequest>? Sources { get; init; }

    /// <summary>The claim that this one takes the place of.</summary>
    public SupersedesRequest? Supersedes { get; init; }

    /// <summary>The rules that all kinds of claims share.</summary>
    internal abstract class Validator<T> : AbstractValidator<T>
        where T : ClaimRequest
    {
        protected Validator()
        {
            RuleFor(c => c.Basis).IsAmong([.. Domain.Basis.All]);
            RuleFor(c => c.Confidence).IsAmong([.. Domain.Confidence.All]);
            RuleFor(c => c.Note).IsText(5000);
            RuleFor(c => c.Sources).Custom((sources, context) => BodyRules.FailIf(
                context,
                sources is null or [] && context.InstanceToValidate.Basis != Domain.Basis.Inferred,
                "required",
                "is empty; a claim needs at least one source, unless its basis is inferred."));
            RuleForEach(c => c.Sources).SetValidator(new EvidenceRequest.Validator());
            RuleFor(c => c.Supersedes).SetValidator(new SupersedesRequest.Validator()!);
        }
    }
}

/// <summary>A source of a claim, and where in it the claim stands.</summary>
internal sealed record EvidenceRequest
{
    /// <summary>Its slug.</summary>
    public string? Source { get; init; }

    public LocatorRequest? Locator { get; init; }

    /// <summary>In the curator's own words.</summary>
    public string? Note { get; init; }

    internal sealed class Validator : AbstractValidator<EvidenceRequest>
    {
        public Validator()
        {
            RuleFor(e => e.Source).IsGiven();
            RuleFor(e => e.Source).IsSlug();
            RuleFor(e => e.Locator).SetValidator(new LocatorRequest.Validator()!);
            RuleFor(e => e.Note).IsText(5000);
        }
    }
}

/// <summary>Where in a source something stands: a paragraph, a page, a row, or characters from start up to end.</summary>
internal sealed record LocatorRequest
{
    public string? Kind { get; init; }

    public int? Start { get; init; }

    public int? End { get; init; }

    internal sealed class Validator : AbstractValidator<LocatorRequest>
    {
        public Validator()
        {
            RuleFor(l => l.Kind).IsGiven();
            RuleFor(l => l.Kind).IsAmong(["paragraph", "page", "row", "character"]);
            RuleFor(l => l.Start).NotNull().WithErrorCode("required").WithMessage("is missing; it must be a whole number from 0.");
            RuleFor(l => l.Start).GreaterThanOrEqualTo(0).WithErrorCode("not_accepted").WithMessage("is negative; it accepts a whole number from 0.");
            RuleFor(l => l.End).GreaterThanOrEqualTo(l => l.Start).WithErrorCode("not_accepted").WithMessage("is before start; it accepts the same number or a greater one.");
        }
    }
}

/// <summary>Which claim is superseded, and why: an error was ours and never held; news is the world's, and what was said held until then.</summary>
internal sealed record SupersedesRequest
{
    /// <summary>Its id.</summary>
    public long? Claim { get; init; }

    /// <summary>error or news.</summary>
    public string? Reason { get; init; }

    internal sealed class Validator : AbstractValidator<SupersedesRequest>
    {
        public Validator()
        {
            RuleFor(s => s.Claim).NotNull().WithErrorCode("required").WithMessage("is missing; it must be the id of a claim.");
            RuleFor(s => s.Reason).IsGiven();
            RuleFor(s => s.Reason).IsAmong(["error", "news"]);
        }
    }
}

/// <summary>An EDTF date with the days that it can mean; null where none is given.</summary>
internal static class Days
{
    public static Edtf? Of(string? text) => text is null ? null : Edtf.Parse(text);
}
