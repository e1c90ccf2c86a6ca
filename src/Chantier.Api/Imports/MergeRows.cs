using System.Diagnostics;
using Chantier.Api.Database;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>What a merge did, besides what the rows say. Where no part was taken, no source was made either.</summary>
internal sealed record Merged(long? Source, int Changes, int NoLongerListed, Stopwatch Locked);

/// <summary>
/// Merges what is staged of an import, in the transaction of its session: first what takes time without the write lock, then the rest
/// under it, all at once or in parts.
/// </summary>
internal sealed class MergeRows(ImportSession session, ImportRequest request, ImportSource about, long import, string[] spoken)
{
    /// <summary>From this score on, a row is attached to what it is like, as the API refuses to make it anew.</summary>
    private const double Certain = 0.9;

    /// <summary>From this score on, somebody decides.</summary>
    private const double Likely = 0.6;

    private const string StampSql = "select last_seq, recorded_at from begin_write()";

    private const string StampsSql =
        "select distinct recorded_at from change where recorded_at in (@at, @at2, @at3) order by 1";

    private const string SectorsSql = "insert into sector (code, label_fr, label_en) select * from unnest(@codes, @fr, @en) on conflict do nothing";

    private const string OtherSectorsSql = """
        insert into sector (code, label_fr, label_en)
        select distinct sector, sector, sector from import_staged_row where import_id = @import and not is_rejected order by sector
        on conflict do nothing
        returning code
        """;

    // Whoever takes a number of these holds the write lock.
    private const string NumbersSql = """
        create temp table imp_number on commit drop as
          select s.sequence, q.last_value, q.start_value
          from (select pg_get_serial_sequence(t, 'id')::regclass as sequence from unnest(array['source', 'operator', 'factory', 'phase', 'identifier', 'claim', 'evidence', 'proposal']) t) s
          join pg_class c on c.oid = s.sequence join pg_namespace n on n.oid = c.relnamespace
          join pg_sequences q on q.schemaname = n.nspname and q.sequencename = c.relname
        """;

    // What else a commit would do, when nobody knows any more how long the lock was held; one row after the other, by one plan.
    private const string CheckSql = "set local plan_cache_mode = auto; set constraints all immediate; set constraints all deferred;";

    private const string GiveBackSql = "select setval(sequence, coalesce(last_value, start_value), last_value is not null) from imp_number";

    private const string RejectSql = """
        insert into import_problem (import_id, row, kind, rule, detail)
        select @import, row, 'rejected', 'database', @why from import_staged_row where import_id = @import and row between @first and @last and not is_rejected;
        insert into import_row (import_id, row, outcome, owner, phase)
        select @import, row, 'rejected', owner, phase from import_staged_row where import_id = @import and row between @first and @last;
        """;

    private readonly Mapping _mapping = request.Mapping;
    private readonly Stopwatch _locked = new();

    public static bool IsRefused(PostgresException broken) => broken.SqlState.StartsWith("22", StringComparison.Ordinal) || broken.SqlState.StartsWith("23", StringComparison.Ordinal);

    /// <summary>What of the schema does not take what a row says.</summary>
    public static string Refusing(PostgresException broken) => broken.ConstraintName ?? broken.TableName ?? "the schema";

    public async Task<Merged> RunAsync(ICollection<string> notes)
    {
        await session.ExecuteAsync(
            SectorsSql, new { codes = _mapping.Sectors.Select(s => s.Code).ToArray(), fr = _mapping.Sectors.Select(s => s.Fr).ToArray(), en = _mapping.Sectors.Select(s => s.En).ToArray() });
        if (_mapping.MakesSectors && await session.QueryAsync<string>(OtherSectorsSql, new { import }) is { Count: > 0 } sectors)
        {
            notes.Add($"The sectors {string.Join(", ", sectors)} are new here; each has its code as its label.");
        }

        await MatchAsync();
        var unidentified = await session.ScalarAsync<int>("select count(*)::int from import_staged_row where import_id = @import and owner is null", new { import });
        if (unidentified > 0 && about.Previous is not null)
        {
            notes.Add($"{unidentified} rows have no identifier that could be read, so what this release lists no longer cannot be told.");
        }

        if (request.IsDryRun)
        {
            // Before any savepoint, so that the lock is held until they are given back.
            await session.ExecuteAsync(StampSql);
            await session.ExecuteAsync(NumbersSql);
        }

        var last = await session.ScalarAsync<int>("select coalesce(max(row), 0) from import_staged_row where import_id = @import", new { import });
        var delists = about.Previous is not null && unidentified == 0;
        var (changes, delisted, source) = (0, 0, about.Id);
        var chunk = request.Chunk ?? int.MaxValue;
        for (long first = 0; first <= last; first += chunk)
        {
            var until = (int)Math.Min(first + chunk - 1, last);
            if (request.Chunk is not null)
            {
                await session.Transaction!.SaveAsync("chunk", session.Cancellation);
            }

            try
            {
                var (made, gone, id) = await MergeAsync(source, (int)first, until, last, delists && until == last);
                (changes, delisted, source) = (changes + made, delisted + gone, id);
            }
            catch (PostgresException refused) when (request.Chunk is not null && IsRefused(refused))
            {
                await session.Transaction!.RollbackAsync("chunk", session.Cancellation);
                await session.ExecuteAsync(RejectSql, new { import, first = (int)first, last = until, why = $"is in a part that was not taken, as {Refusing(refused)} refuses what one of its rows says." });
            }

            session.Report("merging", until, (double)until / Math.Max(1, last), last);
        }

        if (delisted > 0 && await session.ScalarAsync<int>(ImportSql.ListedBefore, new { previous = about.Previous }) is var listed && delisted > listed / 2)
        {
            notes.Add($"Of the {listed} rows that the release before lists, this one lists {delisted} no longer, which are more than half: is the file whole?");
        }

        if (request.IsDryRun)
        {
            await session.ExecuteAsync(GiveBackSql);
        }

        return new(source, changes, delisted, _locked);
    }

    private async Task MatchAsync()
    {
        var scheme = _mapping.Factory.Identifier.Scheme;
        var unknown = await session.ScalarAsync<long>(ImportSql.Unknown, new { import, scheme });
        for (long after = 0; after < unknown; after += 500)
        {
            await session.ExecuteAsync(ImportSql.Score, new { after, likely = Likely });
            session.Report("matching", (int)Math.Min(unknown, after + 500), Math.Min(1, (after + 500d) / unknown), (int)unknown);
        }

        if (unknown > 0)
        {
            await session.ExecuteAsync(ImportSql.Match, new { import, certain = Certain });
        }
    }

    private async Task<(int Changes, int Delisted, long Source)> MergeAsync(long? source, int first, int last, int total, bool delists)
    {
        void Tell(string stage) => session.Report(stage, first, (double)first / Math.Max(1, total), total);

        // Whatever takes time without the lock is done.
        Tell("waiting for its turn to write");
        var stamp = await session.QuerySingleAsync<Stamp>(StampSql);
        _locked.Start();
        Tell("comparing");
        var id = source ?? await about.MakeAsync(session, _mapping.Source, stamp.RecordedAt);
        var parameters = new
        {
            import,
            actor = about.Actor,
            first,
            last,
            source = id,
            isNewSource = source is null,
            scheme = _mapping.Factory.Identifier.Scheme,
            phaseScheme = _mapping.Phase?.Identifier.Scheme ?? "",
            hasPhases = _mapping.Phase is not null,
            column = _mapping.IdentifierColumn,
            isBackfill = about.Next is not null,
            series = about.Series,
            next = about.Next?.Id,
            nextRelease = about.Next?.Release,
            nextDay = about.Next?.PublishedLatest,
            // Of a backfill, what it says ends with the next release, and what that one says again may have ended since: each an entry of its own.
            at2 = stamp.RecordedAt.AddMicroseconds(1),
            at3 = stamp.RecordedAt.AddMicroseconds(2),
            isNews = about.Release is not null,
            prefix = $"{about.Series}/",
            releasePrefix = about.Release is null ? null : $"{about.Series}@{about.Release}/",
            release = about.Release,
            day = about.Day,
            previous = about.Previous,
            published = about.PublishedLatest,
            spoken,
            language = _mapping.Language,
            at = stamp.RecordedAt,
            lastSeq = stamp.LastSeq,
        };
        await session.ExecuteAsync(ImportSql.Compare, parameters);
        var delisted = 0;
        if (delists)
        {
            delisted = await session.ExecuteAsync(ImportSql.Delist, parameters);
            await session.ExecuteAsync(ImportSql.TellDelisted, parameters);
        }

        if (about.Next is not null)
        {
            await session.ExecuteAsync(ImportSql.DelistNext, parameters);
        }

        await session.ExecuteAsync(about.Next is null ? ImportSql.Ends : ImportSql.EndsOfBackfill, parameters);
        Tell("writing");
        await session.ExecuteAsync(ImportSql.Operators, parameters);
        await session.ExecuteAsync(ImportSql.Merge, parameters);
        List<long> cut = about.Next is null ? [] : await session.QueryAsync<long>(ImportSql.MergeBackfill, parameters);

        await session.ExecuteAsync(ImportSql.Outcomes, parameters);
        await session.ExecuteAsync(ImportSql.Propose, new { import, handle = $"import-{about.Series}".Replace('.', '-') });
        var changes = await session.ScalarAsync<int>("select count(*)::int from change where recorded_at in (@at, @at2, @at3)", parameters);
        if (changes > 0 && !request.IsDryRun)
        {
            if (changes > 1_000)
            {
                // The plans of what follows are made for what is there now.
                await session.ExecuteAsync("analyze factory, factory_version, phase, phase_version, operator, operator_version, claim, status_event, figure, role, location, evidence, change, identifier, slug;");
            }

            Tell("deriving what is so now");
            foreach (var at in await session.QueryAsync<DateTime>(StampsSql, parameters))
            {
                await Projections.AdvanceAsync(session.Connection, session.Transaction, new(at, TimeSpan.Zero), cut, session.Cancellation);
                cut.Clear();
            }
        }

        Tell("checking");
        await session.ExecuteAsync(CheckSql);
        return (changes, delisted, id);
    }

    private sealed record Stamp
    {
        public required long LastSeq { get; init; }

        public required DateTimeOffset RecordedAt { get; init; }
    }
}
