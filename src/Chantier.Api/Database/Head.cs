namespace Chantier.Api.Database;

/// <summary>The newest entry of the change log: what was known by its stamp is final.</summary>
internal sealed record Head
{
    /// <summary>The statement that reads it, first in a batch, so that it and the data share a snapshot.</summary>
    public const string Sql = "select seq, recorded_at as at from change order by seq desc limit 1;\n";

    /// <summary>Before anything is recorded.</summary>
    public static Head Empty { get; } = new() { Seq = 0, At = DateTimeOffset.UnixEpoch };

    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }
}
