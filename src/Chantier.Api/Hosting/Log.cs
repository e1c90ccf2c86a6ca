namespace Chantier.Api.Hosting;

/// <summary>Every log message, in one place.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Applied migration {Name}")]
    public static partial void MigrationApplied(ILogger logger, string name);

    [LoggerMessage(2, LogLevel.Information, "Seeded {Pack}: {Created} new, {Unchanged} unchanged")]
    public static partial void Seeded(ILogger logger, string pack, int created, int unchanged);

    [LoggerMessage(3, LogLevel.Error, "The request {Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(4, LogLevel.Warning, "The database could not answer {Method} {Path}: {Reason}")]
    public static partial void DatabaseUnavailable(ILogger logger, string method, string path, string reason);

    [LoggerMessage(5, LogLevel.Debug, "{Message}")]
    public static partial void EmbeddedPostgres(ILogger logger, string message);

    [LoggerMessage(6, LogLevel.Warning, "Changes are not heard of, and looked for now and then: {Reason}")]
    public static partial void ListenerLost(ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Webhooks wait")]
    public static partial void WebhooksWait(ILogger logger, Exception reason);

    [LoggerMessage(8, LogLevel.Warning, "Webhook {Id} is disabled: {Reason}")]
    public static partial void WebhookDisabled(ILogger logger, long id, string reason);

    [LoggerMessage(9, LogLevel.Warning, "Jobs wait")]
    public static partial void JobsWait(ILogger logger, Exception reason);

    [LoggerMessage(10, LogLevel.Error, "The {Kind} job {Id} failed")]
    public static partial void JobFailed(ILogger logger, Exception exception, string kind, long id);

    [LoggerMessage(11, LogLevel.Information, "The page for people is not part of this build, which makes it where npm is; the API is served without it")]
    public static partial void PageMissing(ILogger logger);

    [LoggerMessage(12, LogLevel.Warning, "The current day cannot be advanced yet, and is tried again: {Reason}")]
    public static partial void DayWaits(ILogger logger, string reason);
}
