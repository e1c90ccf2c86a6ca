using System.Buffers;
using System.Text.RegularExpressions;
using Chantier.Domain;
using FluentValidation;
using FluentValidation.Validators;

namespace Chantier.Api.Http;

/// <summary>
/// What the values of a parameter may be. Said once, in the validator that checks it; the API's description reads it there.
/// </summary>
internal interface IAccepting
{
    /// <summary>The words that are accepted; null where a shape says it.</summary>
    IReadOnlyList<string>? Words { get; }

    Shape? Shape { get; }

    /// <summary>Exactly one value: two would leave open which.</summary>
    bool IsOne { get; }

    /// <summary>What holds where the parameter is not given.</summary>
    string? Default { get; }
}

/// <summary>The shape of a value: a pattern that means the same in .NET and in ECMAScript, and in words.</summary>
internal sealed record Shape(string Pattern, string Accepts, string Example, int Longest = 200)
{
    private readonly Regex _regex = new(Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public bool Fits(string text) => text.Length <= Longest && _regex.IsMatch(text);
}

/// <summary>Rules that say what was wrong and what is accepted.</summary>
internal static class Rules
{
    /// <summary>Control characters that are no white space, and those that turn the direction of what follows: a text does not read as it is with them.</summary>
    public static SearchValues<char> Unseen { get; } = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && !char.IsWhiteSpace(c)), .. "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069"]);

    /// <summary>Exactly one of a few words.</summary>
    public static IRuleBuilderOptions<T, Given<Codes>?> IsOneOf<T>(this IRuleBuilder<T, Given<Codes>?> rule, IReadOnlyList<string> words, string? @default = null) =>
        rule.SetValidator(new AcceptingRule<T> { Words = words, IsOne = true, Default = @default });

    /// <summary>Any of the words of a vocabulary; another would match nothing for ever and hide a typing error.</summary>
    public static IRuleBuilderOptions<T, Given<Codes>?> AreAmong<T>(this IRuleBuilder<T, Given<Codes>?> rule, IReadOnlyList<string> words) =>
        rule.SetValidator(new AcceptingRule<T> { Words = words });

    /// <summary>Each value has a shape.</summary>
    public static IRuleBuilderOptions<T, Given<Codes>?> EachFits<T>(this IRuleBuilder<T, Given<Codes>?> rule, Shape shape) =>
        rule.SetValidator(new AcceptingRule<T> { Shape = shape });

    /// <summary>One value that has a shape.</summary>
    public static IRuleBuilderOptions<T, Given<Codes>?> Fits<T>(this IRuleBuilder<T, Given<Codes>?> rule, Shape shape) =>
        rule.SetValidator(new AcceptingRule<T> { Shape = shape, IsOne = true });

    /// <summary>Keys of a list's order, each at most once. The default is not said where another parameter can change it.</summary>
    public static IRuleBuilderOptions<T, Given<Codes>?> AreKeysOf<T>(this IRuleBuilder<T, Given<Codes>?> rule, SortTable table, bool hasDefault = true) =>
        rule.SetValidator(new AcceptingRule<T> { Words = [.. table.Accepted], Default = hasDefault ? table.Default : null, Key = word => word.TrimStart('-') });

    /// <summary>Words to look for: text without a letter or a digit would match everything.</summary>
    public static IRuleBuilderOptions<T, Given<Words>?> HasWords<T>(this IRuleBuilder<T, Given<Words>?> rule) =>
        rule.Must(q => q is not { Error: null } || q.Value.Text.Any(char.IsLetterOrDigit)).WithErrorCode("not_accepted").WithMessage("has no letter or digit to look for; it accepts words.");

    public static Shape Slug(string accepts, string example) => new("^[a-z0-9]+(-[a-z0-9]+)*$", $"{accepts}, such as {example}", example, Longest: 120);

    public static Shape Handle { get; } = new("^[a-z0-9]+([._-][a-z0-9]+)*$", "handles, such as volunteer-7", "volunteer-7");

    /// <summary>Who recorded something: a handle, or seed:pack, or import:series.</summary>
    public static Shape Actor { get; } = new("^([a-z]+:)?[a-z0-9._-]+$", "actors as they are shown: handles such as volunteer-7, or import:repd, or seed:documents", "volunteer-7");

    public static Shape Country { get; } = new("^[A-Z]{2}$", "ISO 3166-1 alpha-2 codes in upper case, such as FR", "FR");

    /// <summary>Reads scheme:value into the form that is stored; where it is not one, why not and what is accepted.</summary>
    public static bool TryReadIdentifier(string text, out string scheme, out string value, out string why)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        (scheme, value, why) = (colon > 0 ? text[..colon] : "", "", "it accepts scheme:value, such as wikidata:Q123.");
        var code = scheme;
        if (colon <= 0)
        {
            return false;
        }

        if (Identifiers.Schemes.All(known => known.Code != code))
        {
            why = $"the schemes are {string.Join(", ", Identifiers.Schemes.Select(known => known.Code))}.";
            return false;
        }

        if (!Identifiers.TryNormalise(scheme, text[(colon + 1)..], out var normalised, out var wrong))
        {
            why = wrong;
            return false;
        }

        value = normalised;
        return true;
    }

    private sealed class AcceptingRule<T> : PropertyValidator<T, Given<Codes>?>, IAccepting
    {
        public override string Name => "not_accepted";

        public IReadOnlyList<string>? Words { get; init; }

        public Shape? Shape { get; init; }

        public bool IsOne { get; init; }

        public string? Default { get; init; }

        /// <summary>What must differ between the values; null where repeating one does no harm.</summary>
        public Func<string, string>? Key { get; init; }

        public override bool IsValid(ValidationContext<T> context, Given<Codes>? value)
        {
            if (value is not { Error: null })
            {
                return true;
            }

            var values = value.Value.Values;
            var wrong = IsOne && values.Count > 1
                ? $"is '{Shown.Of(string.Join(',', values))}'; it accepts {(Words is null ? Shape!.Accepts : "one of " + string.Join(", ", Words))}."
                : values.FirstOrDefault(v => Words?.Contains(v) == false || Shape?.Fits(v) == false) is { } odd
                    ? $"{(IsOne ? "is" : Key is null ? "has the value" : "has the key")} '{Shown.Of(odd)}'; it accepts {(IsOne && Words is not null ? "one of " : "")}{Shape?.Accepts ?? string.Join(", ", Words!)}."
                    : Key is not null && values.Select(Key).Distinct().Count() < values.Count ? "names a key twice; each counts once." : null;
            context.MessageFormatter.AppendArgument("Wrong", wrong);
            return wrong is null;
        }

        protected override string GetDefaultMessageTemplate(string errorCode) => "{Wrong}";
    }
}
