using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Webhooks;

/// <summary>An address that the feed is sent to.</summary>
internal sealed record WebhookView : ListRow
{
    public const string From = "webhook w join api_key k on k.id = w.api_key_id";

    public const string Columns = """
        w.id, w.url, w.description, w.filter, w.disabled_at is null as is_active, w.disabled_at, w.disabled_why, w.failing_since, nullif(w.next_try_at, '-infinity') as next_try_at,
          w.last_seq, k.name as owner, w.version, w.created_at, w.updated_at
        """;

    /// <summary>Whose it is; admins see all.</summary>
    public const string IsOwn = "w.deleted_at is null and (@isAdmin or w.api_key_id = @keyId)";

    public static SortTable Sorts { get; } = new("id", new SortKey("id", "bigint", "w.id"), new SortKey("id", "bigint", "w.id"));

    public required long Id { get; init; }

    public required string Url { get; init; }

    public string? Description { get; init; }

    /// <summary>Which entries are sent, as the query string of /v1/changes; empty: all.</summary>
    public required string Filter { get; init; }

    [JsonPropertyName("active")]
    public required bool IsActive { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    public string? DisabledWhy { get; init; }

    /// <summary>Since when nothing has arrived; null while all does.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    public DateTimeOffset? NextTryAt { get; init; }

    /// <summary>All that matches up to this entry is in the log of deliveries.</summary>
    public required long LastSeq { get; init; }

    /// <summary>The handle of the key that made it.</summary>
    public required string Owner { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What signs each delivery (Standard Webhooks), shown once: in the answer that makes the hook.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; set; }

    public static ItemSpec<WebhookView> Spec(Caller caller, long id)
    {
        var sql = Own(new SelectSql().From(From), caller).And("w.id = @id", "id", id);
        return new() { Sql = sql.One(Columns), Parameters = sql.Parameters, Version = hook => hook.Version };
    }

    public static SelectSql Own(SelectSql sql, Caller caller) => sql.And(IsOwn).With("isAdmin", caller.Scope == Scope.Admin).With("keyId", caller.KeyId);
}

/// <summary>One entry of the feed on its way to one hook.</summary>
internal sealed record DeliveryView : ListRow
{
    public const string From = "webhook_delivery d join webhook w on w.id = d.webhook_id";

    public const string Columns = "d.id, d.seq, d.status, d.attempts, d.response, d.error, d.created_at, d.tried_at, d.next_try_at, d.delivered_at";

    public static SortTable Sorts { get; } = new("-id", new SortKey("id", "bigint", "d.id"), new SortKey("id", "bigint", "d.id"));

    /// <summary>In the header webhook-id as msg_ and this number.</summary>
    public required long Id { get; init; }

    /// <summary>The entry of the log; null for a ping.</summary>
    public long? Seq { get; init; }

    /// <summary>pending, delivered or failed.</summary>
    public required string Status { get; init; }

    public required int Attempts { get; init; }

    /// <summary>The status that was answered last; null where nothing was.</summary>
    public int? Response { get; init; }

    public string? Error { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? TriedAt { get; init; }

    public DateTimeOffset? NextTryAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    public static ItemSpec<DeliveryView> Spec(Caller caller, long hook, long id)
    {
        var sql = WebhookView.Own(new SelectSql().From(From), caller).And("w.id = @hook", "hook", hook).And("d.id = @id", "id", id);
        return new() { Sql = sql.One(Columns), Parameters = sql.Parameters, Version = delivery => delivery.Attempts };
    }
}
