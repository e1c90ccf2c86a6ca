using System.ComponentModel.DataAnnotations;

namespace Chantier.Api.Webhooks;

/// <summary>Configuration under the key Chantier:Webhooks.</summary>
internal sealed class WebhookOptions
{
    /// <summary>Whether hooks may lead to private and loopback addresses: for receivers inside one's own network, and for tests.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>How long one attempt may take.</summary>
    [Range(1, 30, ErrorMessage = "Chantier:Webhooks:TimeoutSeconds is out of range: it accepts 1 to 30.")]
    public int TimeoutSeconds { get; init; } = 10;

    /// <summary>After how many hours without a success a hook is disabled.</summary>
    [Range(1, 10_000, ErrorMessage = "Chantier:Webhooks:DisableAfterHours is out of range: it accepts 1 to 10000.")]
    public int DisableAfterHours { get; init; } = 72;

    /// <summary>How many hooks are sent to at once.</summary>
    [Range(1, 100, ErrorMessage = "Chantier:Webhooks:AtOnce is out of range: it accepts 1 to 100.")]
    public int AtOnce { get; init; } = 8;
}
