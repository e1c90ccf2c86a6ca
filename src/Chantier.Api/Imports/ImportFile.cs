using System.Data;
using System.Diagnostics;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>An import whose rows are staged.</summary>
internal sealed record StagedImport
{
    public required long Id { get; init; }

    public required int Rows { get; init; }

    /// <summary>The rows up to this one are merged.</summary>
    public required int MergedRow { get; init; }

    /// <summary>The statements whose columns the file has; of others it says nothing, not even that they are not so.</summary>
    public required string[] Spoken { get; init; }

    public required string[] Notes { get; init; }

    public required int StagedMs { get; init; }

    /// <summary>How many entries the rows merged so far left in the log.</summary>
    public int Changes { get; init; }

    public int NoLongerListed { get; init; }

    public required DateTime StartedAt { get; init; }
}

/// <summary>
/// Imports one file: the rows are staged and committed without the write lock, and then merged in portions. A job that was interrupted
/// continues with the rows that are not merged yet. A dry run does the same in one transaction without the lock, and rolls it back.
/// </summary>
internal sealed class ImportFile
{
    private const int RowsAtOnce = 5_000;

    private const string BeginSql = """
        insert into import (id, mapping, file, series, release, source_id, job_id, requested_by, started_at)
        values (coalesce(@id, nextval('import_id_seq')), @mapping, @file, @series, @release, @source, @job, @requestedBy,
          coalesce(@at, clock_timestamp()))
        returning id
        """;

    private const string StagedSql = """
        update import set state = 'staged', rows = @rows, staged_ms = @ms, spoken = @spoken, notes = @notes where id = @import
        """;

    private const string ReadStagedSql =
        "select * from import where id = @import";

    private const string FinishSql = """
        update import set state = @state, finished_at = clock_timestamp(), source_id = @sourceId, source_slug = @source,
          rows = @rows, created = @created, updated = @updated, unchanged = @unchanged, matched = @matched,
          rejected = @rejected, omitted = @omitted, remarks = @remarks, no_longer_listed = @noLongerListed,
          changes = @changes, staged_ms = @stagedMs, locked_ms = @lockedMs, notes = @notes
        where id = @import
        """;

    private const string CountSql = """
        select count(*)::int as rows, (count(*) filter (where outcome = 'created'))::int as created,
          (count(*) filter (where outcome = 'updated'))::int as updated,
          (count(*) filter (where outcome = 'unchanged'))::int as unchanged,
          (count(*) filter (where outcome = 'matched'))::int as matched,
          (count(*) filter (where outcome = 'rejected'))::int as rejected,
          (select count(*)::int from import_problem where import_id = @import and kind = 'omitted') as omitted,
          (select count(*)::int from import_problem where import_id = @import and kind = 'remark' and row > 0) as remarks
        from import_row where import_id = @import
        """;

    private const string ClearSql = """
        delete from import_staged_row where import_id = @import;
        delete from import_staged_claim where import_id = @import;
        """;

    private readonly ImportRequest _request;
    private readonly Mapping _mapping;
    private readonly ImportSession _session;

    private ImportFile(ImportRequest request, ImportSession session) => (_request, _mapping, _session) = (request, request.Mapping, session);

    /// <exception cref="ImportException">It cannot be imported.</exception>
    public static async Task<ImportSummary> RunAsync(
        string connectionString, ImportRequest request, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        await using var session = await ImportSession.OpenAsync(connectionString, progress, cancellation);
        var former = await SweepImports.RunAsync(session.Connection, request.Asker?.Job, cancellation);
        return await new ImportFile(request, session).RunAsync(former);
    }

    private async Task<ImportSummary> RunAsync(long? former)
    {
        var about = await ImportSource.FindAsync(_session.Connection, null, _request.Source, _mapping, _session.Cancellation);
        var import = former ?? await StageAsync(about);
        try
        {
            return await MergeAsync(about, await _session.QuerySingleAsync<StagedImport>(ReadStagedSql, new { import }));
        }
        catch when (!_request.IsDryRun)
        {
            await SweepAsync();
            throw;
        }
    }

    private async Task<long> StageAsync(ImportSource about)
    {
        var accepted = await AcceptedAsync();
        var wanted = MappingRules.Columns(_mapping);
        using var rows = RowFile.Open(_request, wanted);
        var map = new MapRows(_mapping, accepted, wanted, about.Series, about.Release, about.Day);
        var clock = Stopwatch.StartNew();
        await _session.BeginAsync();
        var import = await BeginAsync(about, null);
        await SweepImports.HoldAsync(_session.Connection, import, _session.Cancellation);
        var count = await StageAsync(import, rows, map);
        if (count == 0)
        {
            throw new ImportException("The file has no rows, so it says nothing; a release that lists nothing any more is not told apart from a file that came without its rows.");
        }

        await _session.ExecuteAsync("analyze import_staged_row; analyze import_staged_claim;");
        await _session.ExecuteAsync(PrepareSql.Group, new { import });
        await _session.ExecuteAsync(PrepareSql.Duplicates, new { import, column = _mapping.IdentifierColumn });
        var ms = (int)clock.ElapsedMilliseconds;
        await _session.ExecuteAsync(StagedSql, new { import, rows = count, ms, spoken = Spoken(rows), notes = MissingColumns(rows) });
        if (!_request.IsDryRun)
        {
            await _session.CommitAsync();
        }

        return import;
    }

    private async Task<long> BeginAsync(ImportSource about, StagedImport? tried) => await _session.ScalarAsync<long>(BeginSql, new
    {
        id = tried?.Id,
        mapping = _mapping.Name,
        file = Path.GetFileName(_request.File),
        series = about.Series,
        release = about.Release,
        source = about.Id,
        job = _request.Asker?.Job,
        requestedBy = _request.Asker?.RequestedBy,
        at = tried?.StartedAt,
    });

    private async Task<ImportSummary> MergeAsync(ImportSource about, StagedImport staged)
    {
        var import = staged.Id;
        List<string> notes = [];
        var merged = await new MergeRows(_session, _request, about, staged).RunAsync(notes);
        var counts = await _session.QuerySingleAsync<Counts>(CountSql, new { import });
        if (counts.Rows != staged.Rows)
        {
            throw new InvalidOperationException($"{staged.Rows} rows were staged, and {counts.Rows} were accounted for.");
        }

        var summary = new ImportSummary
        {
            Import = _request.IsDryRun && _request.Asker is null ? null : import,
            Source = about.Slug,
            Rows = staged.Rows,
            Created = counts.Created,
            Updated = counts.Updated,
            Unchanged = counts.Unchanged,
            Matched = counts.Matched,
            Rejected = counts.Rejected,
            Omitted = counts.Omitted,
            Remarks = counts.Remarks,
            NoLongerListed = merged.NoLongerListed,
            Changes = merged.Changes,
            Notes = [.. notes, .. staged.Notes],
            Staged = TimeSpan.FromMilliseconds(staged.StagedMs),
            Locked = merged.Locked,
        };
        if (_request.Report is { } report)
        {
            await ImportReport.WriteAsync(_session.Connection, import, report, _session.Cancellation, _request.IsDryRun);
        }

        if (!_request.IsDryRun)
        {
            await _session.BeginAsync();
            await _session.ExecuteAsync(ClearSql, new { import });
            await FinishAsync(import, merged.Source, summary);
            return summary;
        }

        await _session.RollbackAsync();
        if (_request.Asker is not null)
        {
            await _session.BeginAsync();
            await BeginAsync(about, staged);
            await FinishAsync(import, about.Id, summary);
        }

        return summary;
    }

    private async Task FinishAsync(long import, long? source, ImportSummary summary)
    {
        await _session.ExecuteAsync(FinishSql, new
        {
            import,
            state = _request.IsDryRun ? "tried" : "finished",
            sourceId = source,
            source = source is null ? summary.Source : null,
            summary.Rows,
            summary.Created,
            summary.Updated,
            summary.Unchanged,
            summary.Matched,
            summary.Rejected,
            summary.Omitted,
            summary.Remarks,
            summary.NoLongerListed,
            summary.Changes,
            stagedMs = (int)summary.Staged.TotalMilliseconds,
            lockedMs = (int)summary.Locked.TotalMilliseconds,
            notes = summary.Notes.ToArray(),
        });
        if (_request.Asker is { } asker)
        {
            await asker.FinishAsync(_session.Connection, _session.Transaction!, summary);
        }

        await _session.CommitAsync();
    }

    private async Task SweepAsync()
    {
        if (_session.Connection.FullState != ConnectionState.Open)
        {
            // The next import sweeps it away, and so does a service that starts.
            return;
        }

        try
        {
            await _session.RollbackAsync();
            await SweepImports.RunAsync(_session.Connection, null, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // As above.
        }
    }

    private async Task<Accepted> AcceptedAsync()
    {
        async Task<HashSet<string>> WordsAsync(string sql) => [.. await _session.QueryAsync<string>(sql)];

        var schemes = await WordsAsync("select code from identifier_scheme");
        foreach (var scheme in new[] { _mapping.Factory.Identifier.Scheme, _mapping.Phase?.Identifier.Scheme })
        {
            if (scheme is not null and not "slug" && !schemes.Contains(scheme))
            {
                throw new ImportException($"The mapping {_mapping.Name}: there is no scheme of identifiers '{scheme}'; it accepts slug, {string.Join(", ", schemes.Order(StringComparer.Ordinal))}.") { Option = "mapping" };
            }
        }

        var sectors = await WordsAsync("select code from sector");
        sectors.UnionWith(_mapping.Sectors.Select(s => s.Code));
        return new(sectors, await WordsAsync("select code from unit"), await PlaceBook.ReadAsync(_session.Connection, _session.Cancellation));
    }

    private async Task<int> StageAsync(long import, IRowReader rows, MapRows map)
    {
        var (count, batch) = (0, new List<StagedRow>(RowsAtOnce));
        while (await rows.NextAsync(_session.Cancellation) is { } row)
        {
            batch.Add(map.Map(row));
            count++;
            if (batch.Count == RowsAtOnce)
            {
                await CopyAsync(import, batch, map.Problems);
                _session.Report("reading", count, rows.Part);
            }
        }

        await CopyAsync(import, batch, map.Problems);
        _session.Report("reading", count, 1);
        return count;
    }

    private async Task CopyAsync(long import, List<StagedRow> rows, List<CellProblem> problems)
    {
        await StagingCopy.RowsAsync(_session.Connection, import, rows, _session.Cancellation);
        await StagingCopy.ClaimsAsync(_session.Connection, import, rows, _session.Cancellation);
        await StagingCopy.ProblemsAsync(_session.Connection, import, problems, _session.Cancellation);
        rows.Clear();
        problems.Clear();
    }

    private string[] Spoken(IRowReader rows)
    {
        var present = Present(rows);
        bool Has(params Field?[] fields) => fields.All(f => f is null || f.Columns.Count == 0 || f.Columns.Any(present.Contains));
        var spoken = new List<string> { "not-listed" };
        spoken.AddRange(_mapping.Roles.Where(r => Has(r.Operator)).Select(r => r.Id));
        spoken.AddRange(_mapping.Events.Where(e => Has(e.Status, e.Milestone, e.Date)).Select(e => e.Id));
        spoken.AddRange(_mapping.Figures.Where(f => Has(f.Value, f.Min, f.Max, f.Word)).Select(f => f.Id));
        if (_mapping.Location is { } place && Has(place.X, place.Y, place.Point))
        {
            spoken.Add("location");
        }

        return [.. spoken];
    }

    private string[] MissingColumns(IRowReader rows)
    {
        var present = Present(rows);
        // A table shows the first item of a list under its name without the index.
        return [.. MappingRules.Fields(_mapping).Where(f => f.Columns.Count > 0 && !f.Columns.Any(present.Contains))
            .Select(f => rows is CsvRows ? f.Columns[0].Replace(".0.", ".", StringComparison.Ordinal) : f.Columns[0]).Distinct()
            .Select(column => $"The file has no column '{column}'; what it would say is left as it was.")];
    }

    private HashSet<string> Present(IRowReader rows) => [.. MappingRules.Columns(_mapping).Zip(rows.Present).Where(c => c.Second).Select(c => c.First)];

    private sealed record Counts
    {
        public required int Rows { get; init; }

        public required int Created { get; init; }

        public required int Updated { get; init; }

        public required int Unchanged { get; init; }

        public required int Matched { get; init; }

        public required int Rejected { get; init; }

        public required int Omitted { get; init; }

        public required int Remarks { get; init; }
    }
}
