namespace Chantier.Api.Database;

/// <summary>
/// The newest entry of the change log and the current day: what was known by the entry's stamp is final.
/// </summary>
internal sealed record Head
{
    /// <summary>The statement that reads it, first in a batch, so that it and the data share a snapshot.</summary>
    public const string Sql = Columns + From;

    private const string Columns = """
        select coalesce(h.seq, 0) as seq, coalesce(h.recorded_at, 'epoch') as at,
          coalesce(d.day, (now() at time zone 'UTC')::date) as day
        """;

    private const string From = "\nfrom (select) o left join change_head h on true left join current_day d on true;\n";

    private const string Settings = """
        ,
          set_config('plan_cache_mode', 'force_custom_plan', true),
          set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 32 * 1024 * 1024) / 1024 || 'kB',
            true),
          set_config('hash_mem_multiplier', greatest(current_setting('hash_mem_multiplier')::float8, 8)::text, true)
        """;

    /// <summary>
    /// The same; and where much is read, what follows in the transaction is planned for the values that are asked for,
    /// and has more memory: a plan for any value costs such a statement many times what it saves, and PostgreSQL
    /// estimates the groups of a sum so high that it would sort all rows on disk.
    /// </summary>
    public static string Of(bool readsMuch) => readsMuch ? Columns + Settings + From : Sql;

    /// <summary>Before anything is recorded.</summary>
    public static Head Empty { get; } = new() { Seq = 0, At = DateTimeOffset.UnixEpoch };

    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The current day, in UTC.</summary>
    public DateOnly Day { get; init; }
}
