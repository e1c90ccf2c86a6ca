using System.Diagnostics;
using Chantier.Domain;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>What is imported, and how.</summary>
internal sealed record ImportRequest
{
    public required string File { get; init; }

    public required Mapping Mapping { get; init; }

    /// <summary>The slug of the source; it is made where it is not there. Of a release, made of series and release.</summary>
    public string? Source { get; init; }

    /// <summary>A register that appears again and again.</summary>
    public string? Series { get; init; }

    public string? Release { get; init; }

    /// <summary>EDTF; counts from its latest day.</summary>
    public string? Published { get; init; }

    /// <summary>Tells what would come of it, and changes nothing.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Takes a release that is older than one that is there.</summary>
    public bool IsBackfill { get; init; }

    /// <summary>Rows at a time: what the database refuses then costs its part alone. Without it, all or nothing.</summary>
    public int? Chunk { get; init; }

    /// <summary>Where the row report goes, as CSV.</summary>
    public TextWriter? Report { get; init; }
}

/// <summary>How far an import is: of its bytes while it is read, of its rows while it is merged.</summary>
internal sealed record ImportProgress(string Stage, int Rows, double Part);

/// <summary>What came of an import. Created, updated, unchanged, matched and rejected add up to the rows.</summary>
internal sealed record ImportSummary
{
    public required long? Import { get; init; }

    public required string Source { get; init; }

    public required int Rows { get; init; }

    public required int Created { get; init; }

    public required int Updated { get; init; }

    public required int Unchanged { get; init; }

    public required int Matched { get; init; }

    public required int Rejected { get; init; }

    /// <summary>Cells that were left out of rows that were taken.</summary>
    public required int Omitted { get; init; }

    public required int Remarks { get; init; }

    /// <summary>Rows of the release before that this one does not list.</summary>
    public required int NoLongerListed { get; init; }

    public required int Changes { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public required TimeSpan Staged { get; init; }

    /// <summary>How long the write lock was held.</summary>
    public required TimeSpan Locked { get; init; }
}

/// <summary>
/// Imports one file: staged without the write lock and committed so; then merged under the lock, in one transaction. A merge that was broken
/// off leaves nothing but what is staged. A dry run does the same in one transaction, and undoes it.
/// </summary>
internal sealed class ImportFile
{
    private const int RowsAtOnce = 5_000;

    /// <summary>From this score on, a row is attached to what it is like, as the API refuses to make it anew.</summary>
    private const double Certain = 0.9;

    /// <summary>From this score on, somebody decides.</summary>
    private const double Likely = 0.6;

    private readonly ImportRequest _request;
    private readonly Mapping _mapping;
    private readonly NpgsqlConnection _connection;
    private readonly IProgress<ImportProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly List<string> _notes = [];
    private NpgsqlTransaction? _transaction;
    private NpgsqlTransaction? _merging;

    private ImportFile(ImportRequest request, NpgsqlConnection connection, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        (_request, _mapping, _connection, _progress, _cancellation) = (request, request.Mapping, connection, progress, cancellation);
    }

    /// <exception cref="ImportException">It cannot be imported; nothing was changed.</exception>
    public static async Task<ImportSummary> RunAsync(string connectionString, ImportRequest request, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        await using var source = new NpgsqlDataSourceBuilder(connectionString)
        {
            ConnectionStringBuilder = { Pooling = false, CommandTimeout = 0, Options = "-c jit=off -c timezone=UTC -c work_mem=128MB -c temp_buffers=256MB" },
        }.Build();
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var import = new ImportFile(request, connection, progress, cancellation);
        try
        {
            return await import.RunAsync();
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            throw new ImportException($"The import is not accepted by {refused.TableName ?? "the schema"}{(refused.ConstraintName is null ? "" : $" ({refused.ConstraintName})")}: {refused.MessageText}. Nothing was changed.");
        }
        finally
        {
            if (import._merging is not null)
            {
                await import._merging.DisposeAsync();
            }

            if (import._transaction is not null)
            {
                await import._transaction.DisposeAsync();
            }
        }
    }

    private async Task<ImportSummary> RunAsync()
    {
        var about = await FindSourceAsync();
        var accepted = await AcceptedAsync();
        var wanted = MappingRules.Columns(_mapping);
        using var rows = RowFile.Open(_request.File, _mapping, wanted);
        var map = new MapRows(_mapping, accepted, wanted, about.Series, _request.Release, about.Day);

        var clock = Stopwatch.StartNew();
        _transaction = await _connection.BeginTransactionAsync(_cancellation);
        await EnsureSectorsAsync();
        var import = await ScalarAsync<long>(
            "insert into import (mapping, file, series, release, source_id) values (@mapping, @file, @series, @release, @source) returning id",
            new { mapping = _mapping.Name, file = Path.GetFileName(_request.File), series = about.Series, release = _request.Release, source = about.Id });
        var staged = await StageAsync(import, rows, map);
        await ExecuteAsync("analyze import_staged_row; analyze import_staged_claim;");
        await ExecuteAsync(ImportSql.Twins, new { import, column = IdentifierColumn });
        await ExecuteAsync("update import set state = 'staged', rows = @rows where id = @import", new { import, rows = staged });
        if (!_request.IsDryRun)
        {
            await _transaction.CommitAsync(_cancellation);
            await _transaction.DisposeAsync();
            _transaction = null;
        }

        clock.Stop();
        try
        {
            return await MergeAsync(import, about, rows, map, staged, clock.Elapsed);
        }
        catch when (!_request.IsDryRun)
        {
            if (_merging is not null)
            {
                await _merging.DisposeAsync();
                _merging = null;
            }

            await _connection.ExecuteAsync(
                """
                update import set state = 'failed', finished_at = clock_timestamp() where id = @import;
                delete from import_staged_row where import_id = @import;
                delete from import_staged_claim where import_id = @import;
                delete from import_problem where import_id = @import;
                """, new { import });
            throw;
        }
    }

    private string IdentifierColumn => (_mapping.Phase?.Identifier ?? _mapping.Factory.Identifier).Columns[0];

    private NpgsqlTransaction? Transaction => _merging ?? _transaction;

    private async Task<SourceThere> FindSourceAsync()
    {
        var series = _request.Series ?? (_request.Release is null ? null : _mapping.Source.Series);
        if (series is not null && _request.Release is null)
        {
            throw new ImportException("A series has releases: say which this is with --release, such as --release 2022-04.");
        }

        if (series is null && _request.Release is not null)
        {
            throw new ImportException("A release is one of a series: say which with --series, such as --series repd.");
        }

        if (series is null && _request.Source is null)
        {
            throw new ImportException("Say what the file is: --source SLUG, or --series NAME --release NAME --published DATE.");
        }

        var published = _request.Published ?? _mapping.Source.Published;
        Edtf? date = null;
        if (published is not null)
        {
            date = Edtf.TryParse(published, out var read, out var wrong) ? read : throw new ImportException($"--published: {wrong}");
        }

        // Names go into keys and slugs.
        foreach (var (option, name) in new[] { ("--series", series), ("--source", _request.Source), ("--release", _request.Release) })
        {
            if (name is not null && (name.Length is 0 or > 80 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')))
            {
                throw new ImportException($"{option} is '{name}'; it accepts up to 80 lower-case letters, digits, hyphens and points.");
            }
        }

        var slug = _request.Source ?? $"{series}-{_request.Release}".Replace('.', '-');
        var there = await _connection.QuerySingleOrDefaultAsync<SourceRow>(new CommandDefinition(
            series is null
                ? """
                  select v.source_id as id, s.slug, v.published_latest, v.release from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity' where s.slug = @slug
                  """
                : """
                  select v.source_id as id, s.slug, v.published_latest, v.release from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity' where v.series = @series and v.release = @release
                  """,
            new { slug, series, release = _request.Release }, cancellationToken: _cancellation));
        if (there is not null && date is not null && there.PublishedLatest is { } day && day != date.Value.Latest && _request.Published is not null)
        {
            throw new ImportException($"The source {there.Slug} was published on {day:yyyy-MM-dd}, as the tracker has it, not on {_request.Published}; leave --published out, or correct the source.");
        }

        var latest = there?.PublishedLatest ?? date?.Latest;
        if (series is not null && latest is null)
        {
            throw new ImportException("A release counts from the day it was published: say it with --published, such as --published 2022-04-30.");
        }

        long? previous = null;
        SourceRow? next = null;
        if (series is not null)
        {
            var others = (await _connection.QueryAsync<SourceRow>(new CommandDefinition(
                """
                select v.source_id as id, s.slug, v.published_latest, v.release
                from source_version v join source s on s.id = v.source_id
                where v.series = @series and v.release <> @release and v.known_to = 'infinity' and v.published_latest is not null
                  and exists (select from import i where i.source_id = v.source_id and i.state = 'finished')
                order by v.published_latest, v.source_id
                """, new { series, release = _request.Release }, cancellationToken: _cancellation))).AsList();
            if (others.LastOrDefault(o => o.PublishedLatest >= latest) is { } newer && !_request.IsBackfill)
            {
                throw new ImportException(newer.PublishedLatest == latest
                    ? $"The release {newer.Release} of {series} was published on the same day, {latest:yyyy-MM-dd}; each release has a day of its own."
                    : $"The release {newer.Release} of {series}, published on {newer.PublishedLatest:yyyy-MM-dd}, is there already, and this one is of {latest:yyyy-MM-dd}. Say --backfill to enter an older release behind a newer one.");
            }

            previous = others.LastOrDefault(o => o.PublishedLatest < latest)?.Id;
            next = others.Find(o => o.PublishedLatest > latest);
        }

        var today = DateOnly.FromDateTime((await _connection.ExecuteScalarAsync<DateTime>("select clock_timestamp() at time zone 'UTC'")).Date);
        return new(there?.Id, there?.Slug ?? slug, series ?? slug, latest ?? today, there is null ? date : null, there?.PublishedLatest ?? date?.Latest, previous, next);
    }

    private async Task<Accepted> AcceptedAsync()
    {
        async Task<HashSet<string>> WordsAsync(string sql) => [.. await _connection.QueryAsync<string>(new CommandDefinition(sql, cancellationToken: _cancellation))];

        var schemes = await WordsAsync("select code from identifier_scheme");
        foreach (var scheme in new[] { _mapping.Factory.Identifier.Scheme, _mapping.Phase?.Identifier.Scheme })
        {
            if (scheme is not null and not "slug" && !schemes.Contains(scheme))
            {
                throw new ImportException($"The mapping {_mapping.Name}: there is no scheme of identifiers '{scheme}'; it accepts slug, {string.Join(", ", schemes.Order(StringComparer.Ordinal))}.");
            }
        }

        var sectors = await WordsAsync("select code from sector");
        sectors.UnionWith(_mapping.Sectors.Select(s => s.Code));
        return new(sectors, await WordsAsync("select code from unit"), await WordsAsync("select slug from region"), await PlaceBook.ReadAsync(_connection, _cancellation));
    }

    private Task<int> EnsureSectorsAsync() => ExecuteAsync(
        "insert into sector (code, label_fr, label_en) select * from unnest(@codes, @fr, @en) on conflict do nothing",
        new { codes = _mapping.Sectors.Select(s => s.Code).ToArray(), fr = _mapping.Sectors.Select(s => s.Fr).ToArray(), en = _mapping.Sectors.Select(s => s.En).ToArray() });

    private async Task<int> StageAsync(long import, IRowReader rows, MapRows map)
    {
        var (count, batch) = (0, new List<StagedRow>(RowsAtOnce));
        while (await rows.NextAsync(_cancellation) is { } row)
        {
            batch.Add(map.Map(row));
            count++;
            if (batch.Count == RowsAtOnce)
            {
                await CopyAsync(import, batch, map.Problems);
                _progress?.Report(new("reading", count, rows.Part));
            }
        }

        await CopyAsync(import, batch, map.Problems);
        _progress?.Report(new("reading", count, 1));
        return count;
    }

    private async Task CopyAsync(long import, List<StagedRow> rows, List<CellProblem> problems)
    {
        await StagingCopy.RowsAsync(_connection, import, rows, _cancellation);
        await StagingCopy.ClaimsAsync(_connection, import, rows, _cancellation);
        await StagingCopy.ProblemsAsync(_connection, import, problems, _cancellation);
        rows.Clear();
        problems.Clear();
    }

    private async Task<ImportSummary> MergeAsync(long import, SourceThere about, IRowReader rows, MapRows map, int staged, TimeSpan stagedIn)
    {
        if (!_request.IsDryRun)
        {
            _merging = await _connection.BeginTransactionAsync(_cancellation);
        }

        await MatchAsync(import);
        var spoken = Spoken(rows);
        var unidentified = await ScalarAsync<int>("select count(*)::int from import_staged_row where import_id = @import and owner is null", new { import });
        if (unidentified > 0 && about.Previous is not null)
        {
            _notes.Add($"{unidentified} rows have no identifier that could be read, so what this release lists no longer cannot be told.");
        }

        var last = await ScalarAsync<int>("select coalesce(max(row), 0) from import_staged_row where import_id = @import", new { import });
        var delists = about.Previous is not null && unidentified == 0;
        var (changes, delisted) = (0, 0);
        var locked = new Stopwatch();
        var source = about.Id;
        var chunk = _request.Chunk ?? int.MaxValue;
        for (long first = 0; first <= last; first += chunk)
        {
            var until = (int)Math.Min(first + chunk - 1, last);
            if (_request.Chunk is not null)
            {
                await Transaction!.SaveAsync("chunk", _cancellation);
            }

            try
            {
                var (made, gone, id) = await MergeChunkAsync(import, about, source, (int)first, until, spoken, delists && until == last, locked);
                (changes, delisted, source) = (changes + made, delisted + gone, id);
            }
            catch (PostgresException refused) when (_request.Chunk is not null && (refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal)))
            {
                await Transaction!.RollbackAsync("chunk", _cancellation);
                await RejectChunkAsync(import, (int)first, until, refused);
            }

            _progress?.Report(new("merging", until, (double)until / Math.Max(1, last)));
        }

        var counts = await CountAsync(import);
        if (counts.Rows != staged)
        {
            throw new InvalidOperationException($"{staged} rows were staged, and {counts.Rows} were accounted for.");
        }

        await ExecuteAsync(
            """
            delete from import_staged_row where import_id = @import;
            delete from import_staged_claim where import_id = @import;
            update import set state = 'finished', finished_at = clock_timestamp(), locked_ms = @ms, source_id = @source where id = @import;
            """, new { import, ms = (int)locked.ElapsedMilliseconds, source });
        if (_request.Report is { } report)
        {
            await ImportReport.WriteAsync(_connection, import, report, _cancellation);
        }

        if (_request.IsDryRun)
        {
            await _transaction!.RollbackAsync(_cancellation);
        }
        else
        {
            await _merging!.CommitAsync(_cancellation);
            locked.Stop();
            if (changes > 0)
            {
                await _connection.ExecuteAsync(new CommandDefinition("analyze;", commandTimeout: 0, cancellationToken: _cancellation));
            }
        }

        foreach (var column in MissingColumns(rows))
        {
            _notes.Add($"The file has no column '{column}'; what it would say is left as it was.");
        }

        return new()
        {
            Import = _request.IsDryRun ? null : import,
            Source = about.Slug,
            Rows = staged,
            Created = counts.Created,
            Updated = counts.Updated,
            Unchanged = counts.Unchanged,
            Matched = counts.Matched,
            Rejected = counts.Rejected,
            Omitted = counts.Omitted,
            Remarks = counts.Remarks,
            NoLongerListed = delisted,
            Changes = changes,
            Notes = _notes,
            Staged = stagedIn,
            Locked = locked.Elapsed,
        };
    }

    private async Task MatchAsync(long import)
    {
        var scheme = _mapping.Factory.Identifier.Scheme;
        var unknown = await ScalarAsync<long>(ImportSql.Unknown, new { import, scheme });
        for (long after = 0; after < unknown; after += 500)
        {
            await ExecuteAsync(ImportSql.Score, new { after, likely = Likely });
            _progress?.Report(new("matching", (int)Math.Min(unknown, after + 500), (double)after / unknown));
        }

        if (unknown > 0)
        {
            await ExecuteAsync(ImportSql.Match, new { import, certain = Certain });
        }
    }

    private async Task<(int Changes, int Delisted, long Source)> MergeChunkAsync(
        long import, SourceThere about, long? source, int first, int last, string[] spoken, bool delists, Stopwatch locked)
    {
        // Whatever takes time without the lock is done.
        var stamp = await QuerySingleAsync<Stamp>("select last_seq, recorded_at from take_write_stamp()");
        locked.Start();
        var isNewSource = source is null;
        var id = source ?? await MakeSourceAsync(about, stamp.RecordedAt);
        var actor = $"import:{about.Series}";
        var parameters = new
        {
            import,
            actor,
            first,
            last,
            source = id,
            isNewSource,
            scheme = _mapping.Factory.Identifier.Scheme,
            phaseScheme = _mapping.Phase?.Identifier.Scheme ?? "",
            hasPhases = _mapping.Phase is not null,
            column = IdentifierColumn,
            isBackfill = about.Next is not null,
            series = about.Series,
            next = about.Next?.Id,
            nextRelease = about.Next?.Release,
            nextDay = about.Next?.PublishedLatest,
            // Of a backfill, what it says ends with the next release, and what that one says again may have ended since: each an entry of its own.
            at2 = stamp.RecordedAt.AddMicroseconds(1),
            at3 = stamp.RecordedAt.AddMicroseconds(2),
            isNews = _request.Release is not null,
            prefix = $"{about.Series}/",
            releasePrefix = _request.Release is null ? null : $"{about.Series}@{_request.Release}/",
            release = _request.Release,
            day = about.Day,
            previous = about.Previous,
            published = about.PublishedLatest,
            spoken,
            language = _mapping.Language,
            at = stamp.RecordedAt,
            lastSeq = stamp.LastSeq,
        };
        await ExecuteAsync(ImportSql.Compare, parameters);
        var delisted = 0;
        if (delists)
        {
            delisted = await ExecuteAsync(ImportSql.Delist, parameters);
        }

        if (about.Next is not null)
        {
            await ExecuteAsync(ImportSql.DelistNext, parameters);
        }

        await ExecuteAsync(about.Next is null ? ImportSql.Ends : ImportSql.EndsOfBackfill, parameters);
        await ExecuteAsync(ImportSql.Operators, parameters);
        await ExecuteAsync(ImportSql.Merge, parameters);
        if (about.Next is not null)
        {
            await ExecuteAsync(ImportSql.MergeBackfill, parameters);
        }

        await ExecuteAsync(ImportSql.Outcomes, parameters);
        await ExecuteAsync(ImportSql.Propose, new { import, handle = $"import-{about.Series}".Replace('.', '-') });
        var changes = await ScalarAsync<int>("select count(*)::int from change where recorded_at in (@at, @at2, @at3)", parameters);
        if (changes > 0 && !_request.IsDryRun)
        {
            if (changes > 1_000)
            {
                // The plans of what follows are made for what is there now.
                await ExecuteAsync("analyze factory, factory_version, phase, phase_version, operator, operator_version, claim, status_event, figure, role, location, evidence, change, identifier, slug;");
            }

            await ExecuteAsync("select advance_projections(x) from (select distinct recorded_at as x from change where recorded_at in (@at, @at2, @at3) order by 1) s", parameters);
        }

        return (changes, delisted, id);
    }

    private async Task<long> MakeSourceAsync(SourceThere about, DateTimeOffset at) => await ScalarAsync<long>(
        """
        with made as (
          insert into source (slug) values (case when exists (select from slug g where g.kind = 'source' and g.slug = @slug) then free_slug('source', @slug) else @slug end) returning id, slug
        ), named as (
          insert into slug (kind, slug, resource_id) select 'source', slug, id from made
        ), told as (
          insert into source_version (source_id, version, kind, title, publisher, sort_name, url, published, published_earliest, published_latest, retrieved_at,
            language, licence, series, release, recorded_by, known_from)
          select id, 1, @kind, @title, @publisher, fold(coalesce(@title, @publisher, slug)), @url, @published, @earliest, @latest, @at,
            @language, @licence, @series, @release, @actor, @at
          from made
        )
        select id from made
        """,
        new
        {
            slug = about.Slug,
            kind = _mapping.Source.Kind,
            title = _mapping.Source.Title is { } title ? _request.Release is { } release ? $"{title}, {release}" : title : null,
            publisher = _mapping.Source.Publisher,
            url = _mapping.Source.Url,
            published = about.Published?.Text,
            earliest = about.Published?.Earliest,
            latest = about.Published?.Latest,
            at,
            language = _mapping.Source.Language,
            licence = _mapping.Source.Licence,
            series = _request.Release is null ? null : about.Series,
            release = _request.Release,
            actor = $"import:{about.Series}",
        });

    private async Task RejectChunkAsync(long import, int first, int last, PostgresException refused) => await ExecuteAsync(
        """
        insert into import_problem (import_id, row, kind, rule, detail)
        select @import, row, 'rejected', 'database', @why from import_staged_row where import_id = @import and row between @first and @last and not is_rejected;
        insert into import_row (import_id, row, outcome, owner, phase)
        select @import, row, 'rejected', owner, phase from import_staged_row where import_id = @import and row between @first and @last;
        """,
        new { import, first, last, why = $"is in a part that was not taken: {refused.ConstraintName ?? refused.TableName ?? "the schema"} says {refused.MessageText}." });

    // Statements whose columns the file has: of others it says nothing, not even that they are not so.
    private string[] Spoken(IRowReader rows)
    {
        var present = MappingRules.Columns(_mapping).Zip(rows.Present).Where(c => c.Second).Select(c => c.First).ToHashSet();
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

    private List<string> MissingColumns(IRowReader rows)
    {
        var present = MappingRules.Columns(_mapping).Zip(rows.Present).Where(c => c.Second).Select(c => c.First).ToHashSet();
        return [.. MappingRules.Fields(_mapping).Where(f => f.Columns.Count > 0 && !f.Columns.Any(present.Contains)).Select(f => f.Columns[0]).Distinct()];
    }

    private Task<Counts> CountAsync(long import) => QuerySingleAsync<Counts>(
        """
        select count(*)::int as rows, (count(*) filter (where outcome = 'created'))::int as created, (count(*) filter (where outcome = 'updated'))::int as updated,
          (count(*) filter (where outcome = 'unchanged'))::int as unchanged, (count(*) filter (where outcome = 'matched'))::int as matched,
          (count(*) filter (where outcome = 'rejected'))::int as rejected,
          (select (count(*) filter (where kind = 'omitted'))::int from import_problem where import_id = @import) as omitted,
          (select (count(*) filter (where kind = 'remark'))::int from import_problem where import_id = @import) as remarks
        from import_row where import_id = @import
        """, new { import });

    private Task<int> ExecuteAsync(string sql, object? parameters = null) => _connection.ExecuteAsync(Command(sql, parameters));

    private async Task<T> ScalarAsync<T>(string sql, object? parameters = null) => (await _connection.ExecuteScalarAsync<T>(Command(sql, parameters)))!;

    private Task<T> QuerySingleAsync<T>(string sql, object? parameters = null) => _connection.QuerySingleAsync<T>(Command(sql, parameters));

    private CommandDefinition Command(string sql, object? parameters) => new(sql, parameters, Transaction, commandTimeout: 0, cancellationToken: _cancellation);

    private sealed record SourceThere(long? Id, string Slug, string Series, DateOnly Day, Edtf? Published, DateOnly? PublishedLatest, long? Previous, SourceRow? Next);

    private sealed record SourceRow
    {
        public required long Id { get; init; }

        public required string Slug { get; init; }

        public DateOnly? PublishedLatest { get; init; }

        public string? Release { get; init; }
    }

    private sealed record Stamp
    {
        public required long LastSeq { get; init; }

        public required DateTimeOffset RecordedAt { get; init; }
    }

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
