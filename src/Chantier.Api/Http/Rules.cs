using FluentValidation;

namespace Chantier.Api.Http;

/// <summary>Rules that say what was wrong and what is accepted.</summary>
internal static class Rules
{
    /// <summary>Exactly one of a few words: two would leave open which.</summary>
    public static IRuleBuilderOptionsConditions<T, Given<Codes>?> IsOneOf<T>(this IRuleBuilder<T, Given<Codes>?> rule, params string[] accepted) =>
        rule.Custom((given, context) =>
        {
            if (given is { Error: null } && (given.Value.Values is not [var only] || !accepted.Contains(only)))
            {
                Fail(context, $"is '{Shown.Of(string.Join(',', given.Value.Values))}'; it accepts one of {string.Join(", ", accepted)}.");
            }
        });

    /// <summary>Any of the words of a vocabulary; another would match nothing for ever and hide a typing error.</summary>
    public static IRuleBuilderOptionsConditions<T, Given<Codes>?> AreAmong<T>(this IRuleBuilder<T, Given<Codes>?> rule, IReadOnlyCollection<string> accepted) =>
        rule.Custom((given, context) =>
        {
            if (given is { Error: null } && given.Value.Values.FirstOrDefault(v => !accepted.Contains(v)) is { } unknown)
            {
                Fail(context, $"has the value '{Shown.Of(unknown)}'; it accepts {string.Join(", ", accepted)}.");
            }
        });

    /// <summary>Each value fits a pattern.</summary>
    public static IRuleBuilderOptionsConditions<T, Given<Codes>?> EachFits<T>(this IRuleBuilder<T, Given<Codes>?> rule, Func<string, bool> fits, string accepts) =>
        rule.Custom((given, context) =>
        {
            if (given is { Error: null } && given.Value.Values.FirstOrDefault(v => !fits(v)) is { } odd)
            {
                Fail(context, $"has the value '{Shown.Of(odd)}'; it accepts {accepts}.");
            }
        });

    public static bool IsSlug(string text) =>
        text.Length is > 0 and <= 120 && text[0] != '-' && text[^1] != '-' && !text.Contains("--", StringComparison.Ordinal)
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public static bool IsCountry(string text) => text.Length == 2 && text.All(char.IsAsciiLetterUpper);

    private static void Fail<T>(ValidationContext<T> context, string message) =>
        context.AddFailure(new FluentValidation.Results.ValidationFailure(context.PropertyPath, message) { ErrorCode = "not_accepted" });
}
