using System.Diagnostics;
using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>What a merge did, besides the outcomes of the rows.</summary>
internal sealed record Merged
{
    /// <summary>The source; null where a dry run would create it.</summary>
    public long? Source { get; init; }

    public int Changes { get; init; }

    public int NoLongerListed { get; init; }

    /// <summary>The longest time for which the write lock was held.</summary>
    public TimeSpan Locked { get; init; }
}

/// <summary>
/// Merges the staged rows of an import in portions. Each is one write: what it changes is found out before the write lock is taken, and
/// other writers have their turn after it. A dry run finds out the same about all rows at once, and writes nothing.
/// </summary>
internal sealed class MergeRows(ImportSession session, ImportRequest request, ImportSource about, StagedImport staged)
{
    /// <summary>From this score on, a row is attached to the factory that it resembles, as the API refuses to create it again.</summary>
    private const double Certain = 0.9;

    /// <summary>From this score on, a merge is proposed.</summary>
    private const double Likely = 0.6;

    /// <summary>Names that are less alike than this are different names.</summary>
    private const double Alike = 0.5;

    /// <summary>Places that are farther apart than this, beyond their uncertainty, are different places.</summary>
    private const double DistantKm = 20;

    // The size of the next portions follows from how long the lock was held.
    private const int FirstPortion = 500;

    private const int LargestPortion = 5_000;

    private static readonly TimeSpan WantedLock = TimeSpan.FromSeconds(1);

    private const string HeadSql = "select coalesce(max(seq), 0) from change_head";

    private const string StampSql = "select last_seq, recorded_at from begin_write()";

    private const string StampsSql =
        "select distinct recorded_at from change where recorded_at in (@at, @at2, @at3) order by 1";

    private const string LastRowSql = "select coalesce(max(row), 0) from import_staged_row where import_id = @import";

    private const string UnidentifiedSql =
        "select count(*)::int from import_staged_row where import_id = @import and owner is null";

    private const string ListedBeforeSql = """
        select count(*)::int from (
          select distinct r.owner, r.phase from import_row r
          where r.phase_id is not null and r.import_id = (
            select max(i.id) from import i where i.source_id = @previous and i.state = 'finished')) x
        """;

    private const string SectorsSql = """
        insert into sector (code, label_fr, label_en) select * from unnest(@codes, @fr, @en) on conflict do nothing
        """;

    private const string OtherSectorsSql = """
        insert into sector (code, label_fr, label_en)
        select distinct sector, sector, sector
        from import_staged_row where import_id = @import and not is_rejected order by sector
        on conflict do nothing
        returning code
        """;

    // The numbers that a dry run takes are its own, and below all others.
    private const string OwnNumbersSql = """
        create temp sequence operator_id_seq increment -1;
        create temp sequence factory_id_seq increment -1;
        create temp sequence phase_id_seq increment -1;
        create temp sequence claim_id_seq increment -1;
        create temp sequence evidence_id_seq increment -1;
        """;

    // Into a small tracker: statistics from before would make the projections slow.
    private const string IsSmallSql = "select reltuples < @changes from pg_class where oid = 'change'::regclass";

    private const string AnalyzeSql = """
        analyze factory, factory_version, phase, phase_version, operator, operator_version, claim, status_event, figure, role,
          location, evidence, change, identifier, slug;
        """;

    // What a commit would check, while it is known which rows are concerned; row by row, by one plan.
    private const string CheckSql =
        "set local plan_cache_mode = auto; set constraints all immediate; set constraints all deferred;";

    private readonly Mapping _mapping = request.Mapping;
    private long? _source = about.Id;
    private TimeSpan _locked;
    private int _changes = staged.Changes;
    private int _delisted = staged.NoLongerListed;
    private int _last;

    private static bool IsRefused(PostgresException broken) =>
        broken.SqlState.StartsWith("22", StringComparison.Ordinal) || broken.SqlState.StartsWith("23", StringComparison.Ordinal);

    // What of the schema refuses a row.
    private static string Refusing(PostgresException broken) => broken.ConstraintName ?? broken.TableName ?? "the schema";

    public async Task<Merged> RunAsync(List<string> notes)
    {
        if (staged.MergedRow == 0)
        {
            await PrepareAsync(notes);
        }

        var unidentified = await session.ScalarAsync<int>(UnidentifiedSql, new { import = staged.Id });
        var delists = about.Previous is not null && unidentified == 0;
        if (unidentified > 0 && about.Previous is not null)
        {
            notes.Add($"{unidentified} rows have no identifier that could be read, so what this release lists no longer cannot be told.");
        }

        _last = await session.ScalarAsync<int>(LastRowSql, new { import = staged.Id });
        var size = request.IsDryRun ? int.MaxValue : request.Chunk ?? FirstPortion;
        for (var first = staged.MergedRow + 1; first <= _last;)
        {
            var until = (int)Math.Min((long)first + size - 1, _last);
            var held = await MergeAsync(first, until, delists && until == _last);
            first = until + 1;
            size = request.Chunk ?? (int)Math.Clamp(size * Math.Min(2, WantedLock / held), 1, LargestPortion);
            session.Report("merging", until, (double)until / _last, _last);
        }

        if (_delisted > 0 && await session.ScalarAsync<int>(ListedBeforeSql, new { previous = about.Previous }) is var listed && _delisted > listed / 2)
        {
            notes.Add($"Of the {listed} rows that the release before lists, this one lists {_delisted} no longer, which are more than half: is the file whole?");
        }

        return new() { Source = _source, Changes = _changes, NoLongerListed = _delisted, Locked = _locked };
    }

    private async Task PrepareAsync(List<string> notes)
    {
        var import = staged.Id;
        await BeginAsync();
        var sectors = _mapping.Sectors;
        await session.ExecuteAsync(
            SectorsSql,
            new { codes = sectors.Select(s => s.Code).ToArray(), fr = sectors.Select(s => s.Fr).ToArray(), en = sectors.Select(s => s.En).ToArray() });
        if (_mapping.MakesSectors && await session.QueryAsync<string>(OtherSectorsSql, new { import }) is { Count: > 0 } others)
        {
            notes.Add($"The sectors {string.Join(", ", others)} are new here; each has its code as its label.");
        }

        var unknown = await session.ScalarAsync<long>(PrepareSql.Unknown, new { import, scheme = _mapping.Factory.Identifier.Scheme });
        for (long after = 0; after < unknown; after += 500)
        {
            await session.ExecuteAsync(PrepareSql.Score, new { after, likely = Likely });
            session.Report("matching", (int)Math.Min(unknown, after + 500), Math.Min(1, (after + 500d) / unknown), (int)unknown);
        }

        await session.ExecuteAsync(PrepareSql.Match, new { import, certain = Certain });
        await (request.IsDryRun ? session.ExecuteAsync(OwnNumbersSql) : session.CommitAsync());
    }

    private Task BeginAsync() => request.IsDryRun ? Task.CompletedTask : session.BeginAsync();

    /// <summary>Merges a portion in a transaction, and returns how long it held the lock.</summary>
    private async Task<TimeSpan> MergeAsync(int first, int last, bool delists)
    {
        var locked = new Stopwatch();
        try
        {
            await BeginAsync();
            await MergeAsync(first, last, delists, locked);
        }
        catch (PostgresException refused) when (IsRefused(refused))
        {
            await session.RollbackAsync();
            if (request.Chunk is null)
            {
                var done = first == 1 ? "Nothing was changed." : $"The rows before row {first} are imported.";
                throw new ImportException($"{Refusing(refused)} refuses what a row from {first} to {last} says. {done} "
                    + "With chunk, only the part with that row is left out, and the report names it.");
            }

            await session.BeginAsync();
            var why = $"is in a part that was not taken, as {Refusing(refused)} refuses what one of its rows says.";
            await session.ExecuteAsync(WriteSql.Reject, new { import = staged.Id, first, last, why });
        }

        if (!request.IsDryRun)
        {
            await session.ExecuteAsync(WriteSql.Progress, new { import = staged.Id, last, changes = _changes, delisted = _delisted });
            await session.CommitAsync();
            _locked = locked.Elapsed > _locked ? locked.Elapsed : _locked;
            await TableStatistics.RefreshGrownAsync(session.Connection, session.Cancellation);
        }

        return locked.Elapsed;
    }

    private async Task MergeAsync(int first, int last, bool delists, Stopwatch locked)
    {
        void Tell(string stage) => session.Report(stage, first, (double)first / _last, _last);

        Tell("comparing");
        var parameters = ParametersOf(first, last);
        var seq = await session.ScalarAsync<long>(HeadSql);
        var (source, found) = (_source, await CompareAsync(parameters, delists));
        if (!request.IsDryRun && (source is null || found.Changes > 0))
        {
            Tell("waiting for its turn to write");
            var stamp = await session.QuerySingleAsync<Stamp>(StampSql);
            locked.Start();
            if (stamp.LastSeq > seq && await session.ScalarAsync<bool>(CompareSql.IsOutdated, new { seq }))
            {
                found = await CompareAsync(parameters, delists);
            }

            Tell("writing");
            source ??= await about.MakeAsync(session, _mapping.Source, stamp.RecordedAt);
            await WriteAsync(parameters, stamp, source.Value, found.Changes);
        }

        await session.ExecuteAsync(WriteSql.Outcomes + WriteSql.Likely, parameters);
        if (delists)
        {
            await session.ExecuteAsync(WriteSql.Delisted, parameters);
        }

        if (!request.IsDryRun)
        {
            await session.ExecuteAsync(WriteSql.Propose + CheckSql, parameters);
        }

        _changes += found.Changes + (_source is null ? 1 : 0);
        (_source, _delisted) = (source, _delisted + found.Delisted);
    }

    private async Task<(int Changes, int Delisted)> CompareAsync(DynamicParameters parameters, bool delists)
    {
        await session.ExecuteAsync(CompareSql.Rows, parameters);
        var delisted = delists ? await session.ExecuteAsync(CompareSql.Delisted, parameters) : 0;
        if (about.Next is null)
        {
            await session.ExecuteAsync(CompareSql.Ends + CompareSql.Slugs, parameters);
            return (await session.ScalarAsync<int>(CompareSql.Count), delisted);
        }

        await session.ExecuteAsync(BackfillSql.Delisted + BackfillSql.Ends + CompareSql.Slugs, parameters);
        return (await session.ScalarAsync<int>(CompareSql.Count) + await session.ScalarAsync<int>(BackfillSql.Count), delisted);
    }

    private async Task WriteAsync(DynamicParameters parameters, Stamp stamp, long source, int changes)
    {
        var at = stamp.RecordedAt;
        parameters.Add("at", at);
        // What a backfill says ends with the next release, and what that one says again may have ended since.
        parameters.Add("at2", at.AddMicroseconds(1));
        parameters.Add("at3", at.AddMicroseconds(2));
        parameters.Add("lastSeq", stamp.LastSeq);
        parameters.Add("source", source);
        parameters.Add("isNewSource", _source is null);
        await session.ExecuteAsync(WriteSql.Merge, parameters);
        var cut = about.Next is null ? [] : await session.QueryAsync<long>(BackfillSql.Write, parameters);
        if (await session.ScalarAsync<bool>(IsSmallSql, new { changes }))
        {
            await session.ExecuteAsync(AnalyzeSql);
        }

        foreach (var recorded in await session.QueryAsync<DateTime>(StampsSql, parameters))
        {
            await Projections.AdvanceAsync(session.Connection, session.Transaction, new(recorded, TimeSpan.Zero), cut, session.Cancellation);
            cut = [];
        }
    }

    private DynamicParameters ParametersOf(int first, int last) => new(new
    {
        import = staged.Id,
        first,
        last,
        actor = about.Actor,
        source = _source,
        scheme = _mapping.Factory.Identifier.Scheme,
        phaseScheme = _mapping.Phase?.Identifier.Scheme ?? "",
        hasPhases = _mapping.Phase is not null,
        column = _mapping.IdentifierColumn,
        language = _mapping.Language,
        conflict = _mapping.IdentifierConflict,
        distantKm = DistantKm,
        alike = Alike,
        spoken = staged.Spoken,
        isNews = about.Release is not null,
        isBackfill = about.Next is not null,
        prefix = $"{about.Series}/",
        releasePrefix = about.Release is null ? null : $"{about.Series}@{about.Release}/",
        release = about.Release,
        day = about.Day,
        published = about.PublishedLatest,
        previous = about.Previous,
        series = about.Series,
        next = about.Next?.Id,
        nextRelease = about.Next?.Release,
        nextDay = about.Next?.PublishedLatest,
        handle = $"import-{about.Series}".Replace('.', '-'),
    });

    private sealed record Stamp
    {
        public required long LastSeq { get; init; }

        public required DateTimeOffset RecordedAt { get; init; }
    }
}
