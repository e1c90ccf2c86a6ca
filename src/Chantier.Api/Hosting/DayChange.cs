using Chantier.Api.Database;
using Npgsql;

namespace Chantier.Api.Hosting;

/// <summary>Makes each day the current one, at the start and at 00:00 UTC; with several instances, the first of them does it.</summary>
internal sealed class DayChange(WriteSource source, TimeProvider clock, ILogger<DayChange> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Runs before the first request is served.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryAdvanceAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var hasAdvanced = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            var wait = hasAdvanced ? now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime : Pause;
            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            hasAdvanced = stoppingToken.IsCancellationRequested || await TryAdvanceAsync(stoppingToken);
        }
    }

    private async Task<bool> TryAdvanceAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenAsync(cancellation);
            await Projections.AdvanceDayAsync(connection, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), cancellation);
            return true;
        }
        catch (NpgsqlException lost)
        {
            Log.DayWaits(logger, lost.Message);
            return false;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return true;
        }
    }
}
