using Chantier.Domain;
using FluentValidation;
using FluentValidation.Validators;
using Microsoft.OpenApi;

namespace Chantier.Api.Http;

/// <summary>A rule for a field of a body, which the API's description reads where it is checked.</summary>
internal interface IBodyRule
{
    /// <summary>Whether the field must be given.</summary>
    bool IsRequired { get; }

    /// <summary>The words that are accepted; null where something else says it.</summary>
    IReadOnlyCollection<string>? Words { get; }

    /// <summary>Says in a schema what else is accepted.</summary>
    void Describe(OpenApiSchema schema);
}

/// <summary>Rules for the fields of a body: each says what is accepted. A field that is not given passes all but <see cref="IsGiven"/>.</summary>
internal static class BodyRules
{
    private static readonly Shape Slug = Rules.Slug("a slug", "verkor-dunkerque");

    public static IRuleBuilderOptions<T, string?> IsGiven<T>(this IRuleBuilder<T, string?> rule) => rule.SetValidator(new BodyRule<T>(
        "required", value => string.IsNullOrWhiteSpace(value) ? "is missing; it must be given, and not be empty." : null)
    { IsRequired = true, Description = schema => schema.MinLength ??= 1 });

    /// <summary>Text that says something, without control characters other than line ends.</summary>
    public static IRuleBuilderOptions<T, string?> IsText<T>(this IRuleBuilder<T, string?> rule, int longest = 500) => rule.SetValidator(new BodyRule<T>(
        "not_accepted",
        value => value is not null && (value.Length > longest || value.Trim().Length == 0 || value.Any(c => char.IsControl(c) && c != '\n') || value.AsSpan().ContainsAny(Rules.Unseen))
            ? $"is empty, too long, or has control characters; it accepts 1 to {longest} characters." : null)
    {
        Description = schema => (schema.MinLength, schema.MaxLength) = (1, longest),
    });

    public static IRuleBuilderOptions<T, string?> IsAmong<T>(this IRuleBuilder<T, string?> rule, IReadOnlyCollection<string> accepted) => rule.SetValidator(new BodyRule<T>(
        "not_accepted", value => value is not null && !accepted.Contains(value) ? $"is '{Shown.Of(value)}'; it accepts one of {string.Join(", ", accepted)}." : null)
    { Words = accepted });

    public static IRuleBuilderOptions<T, string?> IsSlug<T>(this IRuleBuilder<T, string?> rule) => rule.SetValidator(new BodyRule<T>(
        "not_accepted",
        value => value is not null && !Slug.Fits(value) ? $"is '{Shown.Of(value)}'; it accepts a slug: lower-case letters, digits and single hyphens, up to 120 characters." : null)
    {
        Description = schema => (schema.Pattern, schema.MaxLength) = (Slug.Pattern, Slug.Longest),
    });

    public static IRuleBuilderOptions<T, string?> IsCountry<T>(this IRuleBuilder<T, string?> rule) => rule.SetValidator(new BodyRule<T>(
        "not_accepted",
        value => value is not null && !Rules.Country.Fits(value) ? $"is '{Shown.Of(value)}'; it accepts an ISO 3166-1 alpha-2 code in upper case, such as FR." : null)
    {
        Description = schema => schema.Pattern = Rules.Country.Pattern,
    });

    public static bool IsUrl(string text) => text.Length <= 2000 && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    public static IRuleBuilderOptions<T, string?> IsUrl<T>(this IRuleBuilder<T, string?> rule) => rule.SetValidator(new BodyRule<T>(
        "not_accepted",
        value => value is not null && !IsUrl(value)
            ? $"is '{Shown.Of(value)}'; it accepts an absolute http or https address." : null)
    {
        Description = schema => (schema.Format, schema.MaxLength) = ("uri", 2000),
    });

    public static IRuleBuilderOptions<T, string?> IsDate<T>(this IRuleBuilder<T, string?> rule) => rule.SetValidator(new BodyRule<T>(
        "not_accepted", value => value is not null && !Edtf.TryParse(value, out _, out _) ? $"is '{Shown.Of(value)}'; it accepts {Edtf.Accepted}." : null)
    {
        Description = schema => schema.Description = $"{schema.Description} Accepts {Edtf.Accepted}.".TrimStart(),
    });

    /// <summary>A text that has a shape.</summary>
    public static IRuleBuilderOptions<T, string?> Fits<T>(this IRuleBuilder<T, string?> rule, Shape shape) => rule.SetValidator(new BodyRule<T>(
        "not_accepted", value => value is not null && !shape.Fits(value) ? $"is '{Shown.Of(value)}'; it accepts {shape.Accepts}." : null)
    {
        Description = schema => (schema.Pattern, schema.MaxLength) = (shape.Pattern, shape.Longest),
    });

    /// <summary>For what no ready rule says.</summary>
    public static void FailIf<T>(ValidationContext<T> context, bool wrong, string code, string message)
    {
        if (wrong)
        {
            context.AddFailure(new FluentValidation.Results.ValidationFailure(context.PropertyPath, message) { ErrorCode = code });
        }
    }

    private sealed class BodyRule<T>(string code, Func<string?, string?> wrongWith) : PropertyValidator<T, string?>, IBodyRule
    {
        public override string Name => code;

        public bool IsRequired { get; init; }

        public IReadOnlyCollection<string>? Words { get; init; }

        public Action<OpenApiSchema>? Description { get; init; }

        public void Describe(OpenApiSchema schema) => Description?.Invoke(schema);

        public override bool IsValid(ValidationContext<T> context, string? value)
        {
            var wrong = wrongWith(value);
            context.MessageFormatter.AppendArgument("Wrong", wrong);
            return wrong is null;
        }

        protected override string GetDefaultMessageTemplate(string errorCode) => "{Wrong}";
    }
}

/// <summary>A text in French and English.</summary>
internal sealed record BilingualRequest
{
    public string? Fr { get; init; }

    public string? En { get; init; }

    public static BilingualRequest? Of(string? fr, string? en) => fr is null && en is null ? null : new() { Fr = fr, En = en };

    internal sealed class Validator : AbstractValidator<BilingualRequest>
    {
        public Validator()
        {
            RuleFor(t => t.Fr).IsText(5000);
            RuleFor(t => t.En).IsText(5000);
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
        private static readonly string[] Schemes = [.. Identifiers.Schemes.Select(s => s.Code)];

        public Validator()
        {
            RuleFor(i => i.Scheme).IsGiven();
            RuleFor(i => i.Scheme).IsAmong(Schemes);
            RuleFor(i => i.Value).IsGiven();
            RuleFor(i => i.Value).Custom((value, context) =>
            {
                if (context.InstanceToValidate is { Scheme: { } scheme } && value is not null && Schemes.Contains(scheme) && !Identifiers.TryNormalise(scheme, value, out _, out var wrong))
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
