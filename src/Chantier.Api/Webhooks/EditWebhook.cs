using System.Net;
using System.Security.Cryptography;
using Chantier.Api.Http;
using FluentValidation;
using Microsoft.Extensions.Options;

namespace Chantier.Api.Webhooks;

/// <summary>Where to send which entries of the feed.</summary>
internal sealed record WebhookRequest
{
    /// <summary>An http or https address on the public Internet.</summary>
    public string? Url { get; init; }

    public string? Description { get; init; }

    /// <summary>The query string of /v1/changes, such as region=hauts-de-france&amp;types=status_event; without it, every entry. Entries of the type day are never sent.</summary>
    public string? Filter { get; init; }

    /// <summary>Whether it is sent to; true makes a disabled hook go on where it ended.</summary>
    public bool? Active { get; init; }

    internal sealed class Validator : AbstractValidator<WebhookRequest>
    {
        public Validator()
        {
            RuleFor(w => w.Url).IsGiven();
            RuleFor(w => w.Url).IsUrl();
            RuleFor(w => w.Description).IsText();
            RuleFor(w => w.Filter).Must(filter => filter is null || filter.Length <= 4000).WithErrorCode("not_accepted").WithMessage("is too long; it accepts up to 4000 characters.");
        }
    }
}

/// <summary>There is nothing to say.</summary>
internal sealed record PingRequest;

/// <summary>POST /v1/webhooks, PATCH and DELETE of one, and what is asked of its deliveries.</summary>
internal static class EditWebhook
{
    private const string MakeSql = """
        insert into webhook (api_key_id, url, description, filter, secret, created_at, updated_at, disabled_at, disabled_why, last_seq)
        values (@keyId, @url, @description, @filter, @secret, @at, @at, @disabledAt, @disabledWhy, coalesce((select seq from change_head), 0))
        returning id
        """;

    private const string FindSql = "select w.id, w.url, w.description, w.filter, w.disabled_at is null as is_active, w.version from webhook w where w.id = @id and " + WebhookView.IsOwn;

    private const string SaveSql = """
        update webhook set url = @url, description = @description, filter = @filter, version = version + 1, updated_at = @at,
          disabled_at = case when @isActive then null else coalesce(disabled_at, @at) end,
          disabled_why = case when @isActive then null else coalesce(disabled_why, 'Its owner wanted it so.') end,
          failing_since = case when @isActive then null else failing_since end, next_try_at = '-infinity'
        where id = @id
        """;

    private const string DeleteSql = "update webhook set deleted_at = @at where id = @id";

    private const string PingSql = "insert into webhook_delivery (webhook_id, created_at) values (@id, @at) returning id";

    private const string AgainSql = """
        update webhook_delivery set status = 'pending', next_try_at = @at where id = @delivery and webhook_id = @id returning id
        """;

    private const string DueSql = "update webhook set next_try_at = '-infinity' where id = @id";

    // What concerns no entry wakes the sender too.
    private const string WakeSql = "select pg_notify('chantier_change', '')";

    private const string Hook = "webhook";

    public static async Task<Outcome> CreateAsync(Write write, WebhookRequest request)
    {
        await CheckAsync(write, request);
        var secret = RandomNumberGenerator.GetBytes(32);
        var isActive = request.Active ?? true;
        var id = (await write.QueryAsync<long>(MakeSql, new
        {
            keyId = write.Caller.KeyId,
            url = request.Url,
            description = request.Description,
            filter = FilterOf(request),
            secret,
            at = write.At,
            disabledAt = isActive ? (DateTimeOffset?)null : write.At,
            disabledWhy = isActive ? null : "Its owner wanted it so.",
        }))[0];
        return Outcome.Created($"/v1/webhooks/{id}", WebhookView.Spec(write.Caller, id) with { Embed = (_, hook) => Task.FromResult(hook.Secret = $"whsec_{Convert.ToBase64String(secret)}") });
    }

    public static async Task<Outcome> PatchAsync(Write write, Func<WebhookRequest, WebhookRequest> patch)
    {
        var there = await FindCurrentAsync(write);
        var request = patch(there.ToRequest());
        await CheckAsync(write, request);
        await write.ExecuteAsync(SaveSql, new { id = there.Id, url = request.Url, description = request.Description, filter = FilterOf(request), isActive = request.Active ?? true, at = write.At });
        await write.ExecuteAsync(WakeSql, new { });
        return Outcome.Ok(WebhookView.Spec(write.Caller, there.Id));
    }

    /// <summary>Returns the webhook as a request that would leave it unchanged.</summary>
    public static async Task<WebhookRequest> CurrentAsync(Write write) => (await FindCurrentAsync(write)).ToRequest();

    public static async Task<Outcome> DeleteAsync(Write write)
    {
        var there = await FindCurrentAsync(write);
        await write.ExecuteAsync(DeleteSql, new { id = there.Id, at = write.At });
        return Outcome.NoContent;
    }

    /// <summary>POST /v1/webhooks/{id}/ping: one delivery that tells of nothing, tried once and at once, also where the hook is disabled.</summary>
    public static async Task<Outcome> PingAsync(Write write, PingRequest request)
    {
        var there = await FindAsync(write);
        var delivery = (await write.QueryAsync<long>(PingSql, new { id = there.Id, at = write.At }))[0];
        await write.ExecuteAsync(WakeSql, new { });
        return Outcome.Created($"/v1/webhooks/{there.Id}/deliveries/{delivery}", DeliveryView.Spec(write.Caller, there.Id, delivery));
    }

    /// <summary>POST /v1/webhooks/{id}/deliveries/{delivery}/retry: try at once, or send once more what has arrived before.</summary>
    public static async Task<Outcome> RetryAsync(Write write, PingRequest request)
    {
        var there = await FindAsync(write);
        if (!long.TryParse(write.Route("delivery"), System.Globalization.NumberStyles.None, null, out var delivery)
            || await write.QueryAsync<long>(AgainSql, new { id = there.Id, delivery, at = write.At }) is not [_])
        {
            throw new Refusal(Problem.NotFound("delivery of this webhook", write.Route("delivery")));
        }

        await write.ExecuteAsync(DueSql, new { id = there.Id });
        await write.ExecuteAsync(WakeSql, new { });
        return Outcome.Ok(DeliveryView.Spec(write.Caller, there.Id, delivery));
    }

    private static string FilterOf(WebhookRequest request) => (request.Filter ?? "").TrimStart('?');

    private static async Task<Row> FindAsync(Write write)
    {
        var id = write.RouteId(Hook);
        return await write.FindAsync<Row>(FindSql, new { id, isAdmin = write.Caller.Scope == Scope.Admin, keyId = write.Caller.KeyId })
            ?? throw new Refusal(Problem.NotFound(Hook, $"{id}"));
    }

    private static async Task<Row> FindCurrentAsync(Write write)
    {
        var there = await FindAsync(write);
        return write.IfMatch is { } wanted && wanted != there.Version
            ? throw new Refusal(Problem.Stale($"version {wanted}"))
            : there;
    }

    // Where a name leads is looked at whenever something is sent; an address that stands there can be told at once.
    private static async Task CheckAsync(Write write, WebhookRequest request)
    {
        var url = new Uri(request.Url!);
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            throw Refusal.Of("/url", "not_accepted", "has a user or a fragment; it accepts neither.");
        }

        if (!write.Services.GetRequiredService<IOptions<WebhookOptions>>().Value.AllowPrivate
            && (url.IsLoopback || (IPAddress.TryParse(url.DnsSafeHost, out var address) && !WebhookTarget.IsPublic(address))))
        {
            throw Refusal.Of("/url", "not_public", $"leads to '{Shown.Of(url.Host)}', which is not on the public Internet; it accepts hosts that are.");
        }

        var (feed, errors) = WebhookFilter.Read(FilterOf(request), write.Services);
        if (errors.Count > 0)
        {
            throw new Refusal(Problem.InvalidBody([.. errors.Select(error => new ProblemError(null, "/filter", error.Code, $"has the parameter {error.Parameter}, which {error.Detail}"))]));
        }

        if (feed.Factories.CheckNames() is { } check && await check(write.Snapshot) is ProblemResult { Problem: var unknown })
        {
            throw Refusal.Of("/filter", "unknown_slug", unknown.Detail);
        }
    }

    private sealed record Row
    {
        public required long Id { get; init; }

        public required string Url { get; init; }

        public string? Description { get; init; }

        public required string Filter { get; init; }

        public required bool IsActive { get; init; }

        public required int Version { get; init; }

        public WebhookRequest ToRequest() =>
            new() { Url = Url, Description = Description, Filter = Filter, Active = IsActive };
    }
}
