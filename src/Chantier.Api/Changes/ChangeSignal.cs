using Chantier.Api.Database;
using Chantier.Api.Hosting;
using Npgsql;

namespace Chantier.Api.Changes;

/// <summary>
/// Wakes everything in this process that waits for the next entry of the log, by one connection that listens. While
/// that is lost, waiters are woken now and then, and again once it is back, since notifications in between are missed.
/// </summary>
internal sealed class ChangeSignal(ListenSource source, ILogger<ChangeSignal> logger) : BackgroundService
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly Signal _signal = new();

    /// <summary>
    /// Completes with the next change. Take it before reading the log, so that no change is missed in between.
    /// </summary>
    public Task Next => _signal.Next;

    public void Wake() => _signal.Wake();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenAsync(stoppingToken);
                connection.Notification += (_, _) => Wake();
                await using (var listen = new NpgsqlCommand("listen chantier_change", connection))
                {
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                }

                Wake();
                pause = TimeSpan.FromMilliseconds(100);
                while (true)
                {
                    await connection.WaitAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception lost) when (lost is NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException)
            {
                Log.ListenerLost(logger, lost.Message);
                Wake();
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < Longest ? pause * 2 : Longest;
            }
        }
    }
}
