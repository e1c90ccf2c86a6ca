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

    /// <summary>A date from which something holds, or an interval; what is still to come is expected.</summary>
    public Edtf? BeganBy(Write write, string pointer, string? date) => Basis == Domain.Basis.Expected
        ? date is null ? null : Edtf.Parse(date)
        : write.PastDate(pointer, date, "; what shall be is recorded with basis expected");

    /// <summary>The rules that all kinds of claims share.</summary>
    internal abstract class Validator<T> : AbstractValidator<T>
        where T : ClaimRequest
    {
        protected Validator(bool needsSource = true)
        {
            RuleFor(c => c.Basis).IsAmong(Vocabularies.Basis);
            RuleFor(c => c.Confidence).IsAmong(Vocabularies.Confidence);
            RuleFor(c => c.Note).IsText(5000);
            RuleFor(c => c.Sources).Custom((sources, context) => BodyRules.FailIf(
                context,
                needsSource && sources is null or { Count: 0 } && context.InstanceToValidate.Basis != Domain.Basis.Inferred,
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
            RuleFor(l => l.Kind).IsAmong(Vocabularies.LocatorKind);
            RuleFor(l => l.Start).NotNull().WithErrorCode("required").WithMessage("is missing; it must be a whole number from 0.");
            RuleFor(l => l.Start).GreaterThanOrEqualTo(0).WithErrorCode("not_accepted").WithMessage("is negative; it accepts a whole number from 0.");
            RuleFor(l => l.End).GreaterThanOrEqualTo(l => l.Start).When(l => l.Start is not null).WithErrorCode("not_accepted").WithMessage("is before start; it accepts the same number or a greater one.");
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
            RuleFor(s => s.Reason).IsAmong(Vocabularies.EndReason);
        }
    }
}

/// <summary>Why a claim, or all that rests on a source, no longer stands.</summary>
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
            RuleFor(r => r.Reason).IsAmong(Vocabularies.EndReason);
            RuleFor(r => r.Source).IsSlug();
            RuleFor(r => r.Source).Custom((source, context) => BodyRules.FailIf(
                context, source is not null && context.InstanceToValidate.Reason == "error", "excluded", "is given with reason error; only news has a source."));
            RuleFor(r => r.Note).IsText(5000);
        }
    }
}

/// <summary>An EDTF date with the days that it can mean; null where none is given.</summary>
internal static class Days
{
    public static Edtf? Of(string? text) => text is null ? null : Edtf.Parse(text);
}
