using System.ComponentModel.DataAnnotations;

namespace Chantier.Api.Jobs;

/// <summary>Configuration under the key Chantier:Jobs.</summary>
internal sealed class JobOptions
{
    /// <summary>Whether this process runs jobs.</summary>
    public bool Run { get; init; } = true;

    /// <summary>After how many seconds it is looked for jobs whose process has ended, of which nobody tells.</summary>
    [Range(0.05, 3600, ErrorMessage = "Chantier:Jobs:LookEverySeconds is out of range: it accepts 0.05 to 3600.")]
    public double LookEverySeconds { get; init; } = 10;
}
