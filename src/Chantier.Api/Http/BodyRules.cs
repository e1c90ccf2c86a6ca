using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Http;

/// <summary>Rules for the fields of a body: each says what is accepted. A field that is not given passes all but <see cref="IsGiven"/>.</summary>
internal static class BodyRules
{
    private static readonly Shape Slug = Rules.Slug("a slug", "verkor-dunkerque");

    public static IRuleBuilderOptionsConditions<T, string?> IsGiven<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Custom((value, context) => FailIf(context, string.IsNullOrWhiteSpace(value), "required", "is missing; it must be given, and not be empty."));

    /// <summary>Text that says something, without control characters other than line ends.</summary>
    public static IRuleBuilderOptionsConditions<T, string?> IsText<T>(this IRuleBuilder<T, string?> rule, int longest = 500) =>
        rule.Custom((value, context) => FailIf(
            context,
            value is not null && (value.Length > longest || value.Trim().Length == 0 || value.Any(c => char.IsControl(c) && c != '\n')),
            "not_accepted",
            $"is empty, too long, or has control characters; it accepts 1 to {longest} characters."));

    public static IRuleBuilderOptionsConditions<T, string?> IsAmong<T>(this IRuleBuilder<T, string?> rule, IReadOnlyCollection<string> accepted) =>
        rule.Custom((value, context) => FailIf(context, value is not null && !accepted.Contains(value), "not_accepted", $"is '{Shown.Of(value ?? "")}'; it accepts one of {string.Join(", ", accepted)}."));

    public static IRuleBuilderOptionsConditions<T, string?> IsSlug<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Custom((value, context) => FailIf(context, value is not null && !Slug.Fits(value), "not_accepted", $"is '{Shown.Of(value ?? "")}'; it accepts a slug: lower-case letters, digits and single hyphens, up to 120 characters."));

    public static IRuleBuilderOptionsConditions<T, string?> IsCountry<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Custom((value, context) => FailIf(context, value is not null && !Rules.Country.Fits(value), "not_accepted", $"is '{Shown.Of(value ?? "")}'; it accepts an ISO 3166-1 alpha-2 code in upper case, such as FR."));

    public static IRuleBuilderOptionsConditions<T, string?> IsUrl<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Custom((value, context) => FailIf(
            context,
            value is not null && !(value.Length <= 2000 && Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"),
            "not_accepted",
            $"is '{Shown.Of(value ?? "")}'; it accepts an absolute http or https address."));

    public static IRuleBuilderOptionsConditions<T, string?> IsDate<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Custom((value, context) => FailIf(context, value is not null && !Edtf.TryParse(value, out _, out _), "not_accepted", $"is '{Shown.Of(value ?? "")}'; it accepts {Edtf.Accepted}."));

    /// <summary>For what no ready rule says.</summary>
    public static void FailIf<T>(ValidationContext<T> context, bool wrong, string code, string message)
    {
        if (wrong)
        {
            context.AddFailure(new FluentValidation.Results.ValidationFailure(context.PropertyPath, message) { ErrorCode = code });
        }
    }
}

/// <summary>An identifier in somebody else's scheme, as a body gives it.</summary>
internal sealed record IdentifierRequest
{
    public string? Scheme { get; init; }

    public string? Value { get; init; }

    internal sealed class Validator : AbstractValidator<IdentifierRequest>
    {
        public Validator()
        {
            RuleFor(i => i.Scheme).IsGiven();
            RuleFor(i => i.Value).IsGiven();
            RuleFor(i => i.Value).Custom((value, context) =>
            {
                if (context.InstanceToValidate is { Scheme: { } scheme } && value is not null && !Identifiers.TryNormalise(scheme, value, out _, out var wrong))
                {
                    BodyRules.FailIf(context, wrong: true, "not_accepted", $"is '{Shown.Of(value)}': {wrong}");
                }
            });
        }
    }
}

/// <summary>The identifiers of a resource, kept in step with what a body says.</summary>
internal static class IdentifierSet
{
    private const string SaveSql = """
        update identifier i set known_to = @at
        where i.kind = @kind and i.resource_id = @id and i.known_to = 'infinity'
          and not exists (select from unnest(@schemes, @values) as n (scheme, value) where n.scheme = i.scheme and n.value = i.value);
        insert into identifier (kind, resource_id, scheme, value, recorded_by, known_from)
        select @kind, @id, n.scheme, n.value, @by, @at
        from unnest(@schemes, @values) as n (scheme, value)
        where not exists (select from identifier i where i.kind = @kind and i.resource_id = @id and i.scheme = n.scheme and i.value = n.value and i.known_to = 'infinity');
        """;

    public static Task SaveAsync(Write write, string kind, long id, IReadOnlyList<IdentifierRequest>? identifiers)
    {
        var distinct = (identifiers ?? [])
            .Select(i => (Scheme: i.Scheme!, Value: Normal(i)))
            .Distinct()
            .ToList();
        return write.ExecuteAsync(SaveSql, new { kind, id, schemes = distinct.Select(i => i.Scheme).ToArray(), values = distinct.Select(i => i.Value).ToArray(), by = write.RecordedBy, at = write.At });
    }

    /// <summary>Each as scheme:value, as it is stored.</summary>
    public static string[] Codes(IReadOnlyList<IdentifierRequest>? identifiers) => [.. (identifiers ?? []).Select(i => $"{i.Scheme}:{Normal(i)}").Distinct()];

    public static IReadOnlyList<IdentifierRequest>? Of(string[] schemes, string[] values) =>
        schemes.Length == 0 ? null : [.. schemes.Zip(values, (scheme, value) => new IdentifierRequest { Scheme = scheme, Value = value })];

    private static string Normal(IdentifierRequest identifier) => Identifiers.TryNormalise(identifier.Scheme!, identifier.Value!, out var normal, out _) ? normal : identifier.Value!;
}
