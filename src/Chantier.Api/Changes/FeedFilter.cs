using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Changes;

/// <summary>A filter of the log, which is the same for the list, the stream and webhooks.</summary>
internal sealed record FeedFilter
{
    private static readonly string[] Slugged = ["factory", "operator", "region", "source"];

    [Description("Only entries about these types of resources.")]
    public Given<Codes>? Types { get; init; }

    [Description("Only entries about these resources, as type:slug (factory, operator, region, source) or type:id.")]
    public Given<Codes>? Resource { get; init; }

    [Description("Only entries with these causes.")]
    public Given<Codes>? Causes { get; init; }

    /// <summary>Adds the conditions to a statement over changes c.</summary>
    public void Apply(SelectSql sql)
    {
        sql.AndAny("c.resource_type = @type", "c.resource_type = any (@type)", "type", Types?.Value.Values)
            .AndAny("c.cause = @cause", "c.cause = any (@cause)", "cause", Causes?.Value.Values);
        if (Resource is null)
        {
            return;
        }

        var named = Resource.Value.Values.Select(text => text.Split(':')).ToList();
        sql.With("ofTypes", named.Select(r => r[0]).ToArray())
            .With("ofSlugs", named.Select(r => Slugged.Contains(r[0]) ? r[1] : null).ToArray())
            .With("ofIds", named.Select(r => Slugged.Contains(r[0]) ? (long?)null : long.Parse(r[1], CultureInfo.InvariantCulture)).ToArray())
            .And(OfResources);
    }

    private const string OfResources = """
        (c.resource_type, c.resource_id) in (
          select r.type, coalesce(r.id, (select g.resource_id from slug g where g.kind = r.type and g.slug = r.slug))
          from unnest(@ofTypes::text[], @ofSlugs::text[], @ofIds::bigint[]) as r (type, slug, id))
        """;

    private static bool IsResource(string text) => text.Split(':') is [var type, var name] && Vocabularies.ChangedType.Contains(type)
        && (Slugged.Contains(type) || long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    internal sealed class Validator : AbstractValidator<FeedFilter>
    {
        public Validator()
        {
            RuleFor(f => f.Types).AreAmong(Vocabularies.ChangedType);
            RuleFor(f => f.Causes).AreAmong(Vocabularies.ChangeCause);
            RuleFor(f => f.Resource).Cascade(CascadeMode.Stop)
                .EachFits(new Shape("^[a-z_]+:[a-z0-9]+(-[a-z0-9]+)*$", "type:slug or type:id, such as factory:verkor-dunkerque or media:1", "factory:verkor-dunkerque")).Custom((given, context) =>
                {
                    if (given is { Error: null } && given.Value.Values.FirstOrDefault(text => !IsResource(text)) is { } odd)
                    {
                        var wrong = $"has the value '{Shown.Of(odd)}'; it accepts a slug after {string.Join(", ", Slugged)}, and an id after {string.Join(", ", Vocabularies.ChangedType.Except(Slugged))}.";
                        context.AddFailure(new FluentValidation.Results.ValidationFailure(context.PropertyPath, wrong) { ErrorCode = "not_accepted" });
                    }
                });
        }
    }
}

/// <summary>A position in the log: the number of an entry, or 0 before the first.</summary>
internal sealed record Seq(long Number) : IReadable<Seq>
{
    public static string Accepts => "the number of an entry, or 0 for the beginning";

    public static Microsoft.OpenApi.OpenApiSchema Schema => new() { Type = Microsoft.OpenApi.JsonSchemaType.Integer, Format = "int64", Minimum = "0", Examples = [0] };

    public static Seq? Read(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new(number) : null;
}
