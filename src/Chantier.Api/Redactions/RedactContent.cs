using System.Globalization;
using System.Text.Json;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Redactions;

/// <summary>What shall be made unreadable, for law or privacy. It cannot be undone.</summary>
internal sealed record RedactionRequest
{
    /// <summary>What kind of thing it stands in.</summary>
    public string? Type { get; init; }

    /// <summary>The slug of the thing; the id of a phase, medium, claim or piece of evidence.</summary>
    public string? Id { get; init; }

    /// <summary>Which of its fields; without it, all that hold text, the slug excepted.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    internal sealed class Validator : AbstractValidator<RedactionRequest>
    {
        public Validator()
        {
            RuleFor(r => r.Type).IsGiven();
            RuleFor(r => r.Type).IsAmong(Vocabularies.RedactedType);
            RuleFor(r => r.Id).IsGiven();
            RuleForEach(r => r.Fields).Custom((field, context) =>
            {
                if (Redactable.Kinds.GetValueOrDefault(context.InstanceToValidate.Type ?? "") is { } kind && !kind.Fields.Contains(field))
                {
                    BodyRules.FailIf(context, wrong: true, "not_accepted", $"is '{Shown.Of(field ?? "")}'; of a {context.InstanceToValidate.Type}, it accepts one of {string.Join(", ", kind.Fields)}.");
                }
            });
        }
    }
}

/// <summary>What was made unreadable.</summary>
internal sealed record RedactionView
{
    [Among(nameof(Vocabularies.RedactedType))]
    public required string Type { get; init; }

    /// <summary>The slug, which is a new one if that was redacted too, or the id.</summary>
    public required string Id { get; init; }

    public required IReadOnlyList<string> Fields { get; init; }

    public required DateTimeOffset RedactedAt { get; init; }
}

/// <summary>
/// POST /v1/redactions: the one exception to keeping everything. A marker takes the place of the content in every version, in what was
/// derived from it, and in whatever is kept of requests and answers.
/// </summary>
internal static class RedactContent
{
    public const string Marker = "[redacted]";

    private const string AllowSql = "select set_config('chantier.redacting', 'on', true)";

    public static async Task<Outcome> Handle(Write write, RedactionRequest request)
    {
        var kind = Redactable.Kinds[request.Type!];
        var number = long.TryParse(request.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
        var there = await write.FindAsync<Found>(kind.Find, new { name = request.Id, number })
            ?? throw Refusal.Of("/id", "unknown", $"is '{Shown.Of(request.Id!)}', which no {request.Type} has or ever had.");
        var fields = request.Fields is { Count: > 0 } given ? given : [.. kind.Fields.Where(field => field != "slug")];
        var parameters = new { id = there.Id, kind = request.Type, fields = fields.ToArray(), marker = Marker };

        var slug = $"redacted-{request.Type}-{there.Id}";
        var slugs = await write.QueryAsync<string>(Redactable.SlugValues, parameters);
        var texts = (await write.QueryAsync<string>(kind.Values, parameters)).Where(text => text != Marker)
            .Select(text => new Secret(text, Marker)).Concat(slugs.Where(text => text != slug).Select(text => new Secret(text, slug))).Distinct().ToList();
        await write.QueryAsync<string>(AllowSql, new { });
        await write.ExecuteAsync(kind.Redact, parameters);
        if (kind.Derived is not null && await write.QueryAsync<long>(kind.Derived, parameters) is { Count: > 0 } factories)
        {
            await write.UseAsync((connection, transaction) =>
                Projections.RebuildAsync(connection, transaction, [.. factories.Distinct().Order()], write.At, CancellationToken.None));
        }

        await RedactKept.EverywhereAsync(write, texts, request.Type!, there.Id);
        write.Log("redacted", there.Logged, there.Id, there.Version, there.FactoryId);

        var view = new RedactionView
        {
            Type = request.Type!,
            Id = fields.Contains("slug") ? slug : request.Id!,
            Fields = fields,
            RedactedAt = write.At,
        };
        return new Outcome(StatusCodes.Status200OK, null, (_, _) => Task.FromResult(new Rendered(
            JsonSerializer.SerializeToUtf8Bytes(view, JsonDefaults.Options(write.Services).GetTypeInfo(typeof(RedactionView))), null)));
    }

    private sealed record Found
    {
        public required long Id { get; init; }

        public required int Version { get; init; }

        public required string Logged { get; init; }

        public long? FactoryId { get; init; }
    }
}

/// <summary>The route of redactions, for admins alone.</summary>
internal static class RedactionEndpoints
{
    public static void MapRedactions(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/redactions").InRoom("Redactions", "What law or privacy asks to be forgotten, for admins.")
            .MapWrite<RedactionRequest>("POST", "/", "RedactContent", "Make content unreadable, in every version and everywhere, for ever", RedactContent.Handle, Scope.Admin).Revises<RedactionView>();
}
