using System.ComponentModel.DataAnnotations;

namespace Chantier.Api.Http;

/// <summary>Configuration under the key Chantier:Changes.</summary>
internal sealed class StreamOptions
{
    /// <summary>How many streams of events, of changes or of jobs, this process serves at once.</summary>
    [Range(0, 100_000, ErrorMessage = "Chantier:Changes:MostStreams is out of range: it accepts 0 to 100000.")]
    public int MostStreams { get; init; } = 200;

    /// <summary>After how many seconds of silence a stream says that it is still there.</summary>
    [Range(0.05, 3600, ErrorMessage = "Chantier:Changes:HeartbeatSeconds is out of range: it accepts 0.05 to 3600.")]
    public double HeartbeatSeconds { get; init; } = 15;
}
