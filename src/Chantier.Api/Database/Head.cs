namespace Chantier.Api.Database;

/// <summary>The newest entry of the change log: what was known by its stamp is final.</summary>
internal sealed record Head
{
    /// <summary>The statement that reads it, first in a batch, so that it and the data share a snapshot.</summary>
    public const string Sql = Stamp + From;

    private const string Stamp = "select seq, recorded_at as at";

    private const string From = "\nfrom change_head;\n";

    private const string Turn = """
        ,
          (select max(valid_from) from status_span
           where known_by = @knownBy and region_id = 0 and valid_from > (known_from at time zone 'UTC')::date
             and known_from <= @knownAt and known_to > @knownAt) as last_turn
        """;

    private const string Much = """
        , set_config('plan_cache_mode', 'force_custom_plan', true),
          set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 32 * 1024 * 1024) / 1024 || 'kB', true),
          set_config('hash_mem_multiplier', greatest(current_setting('hash_mem_multiplier')::float8, 8)::text, true)
        """;

    /// <summary>
    /// The same, with the last turn as it was known at @knownAt; and with all that follows in the transaction planned for what it asks each
    /// time and given room for its sums. PostgreSQL would keep a plan for whatever is asked, which costs a statement that reads much many times
    /// what it saves; and it takes the groups of a sum for so many that it would rather sort all rows, on the disk.
    /// </summary>
    public static string Of(bool withTurn, bool readsMuch) => (withTurn, readsMuch) switch
    {
        (false, false) => Sql,
        (false, true) => Stamp + Much + From,
        (true, false) => Stamp + Turn + From,
        (true, true) => Stamp + Turn + Much + From,
    };

    /// <summary>Before anything is recorded.</summary>
    public static Head Empty { get; } = new() { Seq = 0, At = DateTimeOffset.UnixEpoch };

    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// The last day, of those that were to come when they were recorded or published, on which a status changes. The projections of states hold
    /// the end of time, which is today unless this is later: a mistake in a source, mostly, but one that must not count early.
    /// </summary>
    public DateOnly? LastTurn { get; init; }
}
