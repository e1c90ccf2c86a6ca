using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using FluentValidation;

namespace Chantier.Api.Webhooks;

/// <summary>The routes of webhooks. A key has its own; admins see all.</summary>
internal static class WebhookEndpoints
{
    internal sealed record DeliveryFilter
    {
        [Description("Where the deliveries stand.")]
        public Given<Codes>? Status { get; init; }

        internal sealed class Validator : AbstractValidator<DeliveryFilter>
        {
            public Validator() => RuleFor(f => f.Status).AreAmong(["pending", "delivered", "failed"]);
        }
    }

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var hooks = routes.MapGroup("/webhooks").InRoom("Webhooks", "The feed of changes, sent: signed, in order, until it arrives.");

        hooks.MapGet("/", ListAsync).ListsOf<WebhookView>("ListWebhooks", "Your webhooks; of admins, all").Needs(Scope.Curate);
        hooks.MapGet("/{id}", OneAsync).Gives<WebhookView>("GetWebhook", "One webhook, and how it fares").Needs(Scope.Curate);
        hooks.MapGet("/{id}/deliveries", DeliveriesAsync).ListsOf<DeliveryView>("ListDeliveries", "What was sent to a webhook, and what came of it").OfOne().Needs(Scope.Curate);
        hooks.MapGet("/{id}/deliveries/{delivery}", DeliveryAsync).Gives<DeliveryView>("GetDelivery", "One delivery").Needs(Scope.Curate);
        hooks.MapWrite<WebhookRequest>("POST", "/", "CreateWebhook", "Have entries of the feed sent to an address; the answer shows the secret once", EditWebhook.CreateAsync, orProposed: false).Creates<WebhookView>();
        hooks.MapPatch<WebhookRequest>("/{id}", "PatchWebhook", "Change a webhook, or take it up again (RFC 7396)", EditWebhook.PatchAsync, EditWebhook.CurrentAsync, orProposed: false).Revises<WebhookView>();
        hooks.MapRemoval("/{id}", "DeleteWebhook", "Delete a webhook", EditWebhook.DeleteAsync, orProposed: false).Removes();
        hooks.MapWrite<PingRequest>("POST", "/{id}/ping", "PingWebhook", "Send a test, once and at once", EditWebhook.PingAsync, orProposed: false).Creates<DeliveryView>();
        hooks.MapWrite<PingRequest>("POST", "/{id}/deliveries/{delivery}/retry", "RetryDelivery", "Try a delivery at once, or send it once more", EditWebhook.RetryAsync, orProposed: false).Revises<DeliveryView>();
    }

    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebhookOptions>().BindConfiguration("Chantier:Webhooks").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<WebhookTarget>();
        builder.Services.AddHostedService<SendWebhooks>();
    }

    private static Task<IResult> ListAsync([AsParameters] ListQuery query, Reading reading)
    {
        var sql = WebhookView.Own(new SelectSql().From(WebhookView.From), reading.Caller).OrderBy(WebhookView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<WebhookView> { Axes = new TimeAxes(), Query = query, Sql = sql, Page = sql.Page(WebhookView.Columns, query.PageSize) });
    }

    private static Task<IResult> OneAsync([Description("The id of the webhook.")] string id, [AsParameters] ItemQuery query, Reading reading) =>
        reading.ItemAsync(new TimeAxes(), query, WebhookView.Spec(reading.Caller, NumberOf(id)), _ => Missing("webhook", id));

    private static Task<IResult> DeliveriesAsync([Description("The id of the webhook.")] string id, [AsParameters] DeliveryFilter filter, [AsParameters] ListQuery query, Reading reading)
    {
        var hook = WebhookView.Spec(reading.Caller, NumberOf(id));
        var sql = WebhookView.Own(new SelectSql().From(DeliveryView.From), reading.Caller).And("w.id = @id", "id", NumberOf(id))
            .AndAny("d.status = @status", "d.status = any (@status)", "status", filter.Status?.Value.Values)
            .OrderBy(DeliveryView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<DeliveryView>
        {
            Axes = new TimeAxes(),
            Query = query,
            Sql = sql,
            Page = sql.Page(DeliveryView.Columns, query.PageSize),
            WhenEmpty = async snapshot => (await snapshot.QueryAsync<WebhookView>(hook.Sql, hook.Parameters)).Count > 0 ? null : await Missing("webhook", id),
        });
    }

    private static Task<IResult> DeliveryAsync(
        [Description("The id of the webhook.")] string id, [Description("The id of the delivery.")] string delivery, [AsParameters] ItemQuery query, Reading reading) =>
        reading.ItemAsync(new TimeAxes(), query, DeliveryView.Spec(reading.Caller, NumberOf(id), NumberOf(delivery)), _ => Missing("delivery of this webhook", delivery));

    private static long NumberOf(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static Task<IResult> Missing(string what, string id) => Task.FromResult(Problem.NotFound(what, id).ToResult());
}
