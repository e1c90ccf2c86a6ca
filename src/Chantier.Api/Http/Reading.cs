using System.Data;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>
/// One read: the negotiation before it, the head of the log and the rows in one snapshot, and the validators, links and
/// caching rules after it. It is the same for every resource.
/// </summary>
internal sealed class Reading
{
    private readonly HttpContext _http;
    private readonly ReadSource _source;
    private readonly CurrentDay _current;
    private readonly Caching _caching;
    private bool _isChecked;

    private Reading(HttpContext http)
    {
        _http = http;
        _caching = new(http);
        _source = http.RequestServices.GetRequiredService<ReadSource>();
        _current = http.RequestServices.GetRequiredService<CurrentDay>();
        Present = new() { Current = _current };
    }

    public Cursor? Cursor => _http.Features.Get<Cursor>();

    public Caller Caller => Caller.Of(_http);

    /// <summary>Ends when the client has gone.</summary>
    public CancellationToken Cancellation => _http.RequestAborted;

    /// <summary>The axes of resources without a past.</summary>
    public TimeAxes Present { get; }

    public static ValueTask<Reading?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<Reading?>(new(context));

    public static Reading Of(HttpContext http) => new(http);

    public string Language(Given<Codes>? lang) => Negotiation.LanguageOf(_http.Request, lang);

    /// <summary>Whether the answer will be in a format, for statements that read more for it.</summary>
    public bool Wants(Format format, ListQuery query) =>
        Negotiation.FormatOf(_http.Request, query.Format, Format.WithPlaces) == format;

    public async Task<IResult> ListAsync<T>(ListSpec<T> spec)
        where T : ListRow
    {
        if (Negotiation.FormatOf(_http.Request, spec.Query.Format, spec.Formats) is not { } format)
        {
            return Unacceptable(spec.Query.Format, spec.Formats);
        }

        if (FieldSet<T>.Of(JsonDefaults.Options(_http), spec.Query.Fields, out var wrong) is not { } fields)
        {
            return Problem.InvalidParameters(wrong!).ToResult();
        }

        if ((format == Format.Csv || format == Format.Xlsx) && Unflat(spec.Included, fields) is { } unflat)
        {
            return Problem.InvalidParameters(unflat).ToResult();
        }

        if (spec.Query.IsAll)
        {
            return format == Format.Json ? NotInJson(spec.Formats) : await ExportAsync(spec, fields, format);
        }

        var language = Language(spec.Query.Lang);
        var representation = Negotiation.Representation(_http, format, language);
        await using var connection = await _source.OpenAsync(Cancellation);
        if (await AnswerEarlyAsync(connection, spec.Axes, representation) is { } early)
        {
            return early;
        }

        // The batch is a transaction by itself; one of its own holds the snapshot for what is embedded.
        await using var transaction = spec.Embed is null
            ? null
            : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancellation);
        var isExact = spec.Query.CountKind == "exact";
        var batch = Head.Of(spec.ReadsMuch) + spec.Page + (isExact ? spec.Sql.Count : "");
        var (head, (rows, count)) = await InBatchAsync(
            connection, transaction, spec.Axes, batch, spec.Sql.Parameters,
            async grid => ((await grid.ReadAsync<T>()).AsList(), isExact ? await grid.ReadSingleAsync<long>() : (long?)null));

        var snapshot = new Snapshot(connection, transaction, Cancellation);
        if (rows.Count == 0 && Cursor is null && spec.WhenEmpty is not null && await spec.WhenEmpty(snapshot) is { } instead)
        {
            return instead;
        }

        var size = spec.Query.PageSize;
        var isWhole = Cursor is null && rows.Count <= size;
        if (spec.Query.CountKind == "estimated")
        {
            count = isWhole ? rows.Count : Math.Max(rows.Count, await EstimateAsync(connection, transaction, spec.Sql));
        }

        var depth = (Cursor?.Depth ?? 0) + Math.Min(rows.Count, size);
        var next = rows.Count > size && depth < spec.DepthCap
            ? new Cursor(_http.Request.Path.Value!, Cursor.WalkOf(_http.Request, language), rows[size - 1].Keys, depth).Encode()
            : null;
        if (rows.Count > size)
        {
            rows.RemoveRange(size, rows.Count - size);
        }

        if (spec.Embed is not null)
        {
            await spec.Embed(snapshot, rows);
        }

        if (_caching.Set(spec.Axes, head, representation, version: null) is { } matched)
        {
            return matched;
        }

        var page = PageOf(rows, spec.Axes, head, new PageInfo
        {
            Limit = size,
            Next = next,
            Count = count,
            CountKind = count is null ? null : isWhole ? "exact" : spec.Query.CountKind,
            Counts = spec.Counts?.Invoke(rows),
            Until = spec.Until,
        });
        return spec.Write?.Invoke(page) ?? new ListResult<T>(page, fields, format);
    }

    private async Task<IResult> ExportAsync<T>(ListSpec<T> spec, FieldSet<T> fields, Format format)
        where T : ListRow
    {
        if (await Export.TryBeginAsync(_http) is not { } export)
        {
            return Export.TooMany.ToResult();
        }

        _http.Response.RegisterForDisposeAsync(export);
        var head = (await export.Snapshot.QueryAsync<Head>(Head.Of(spec.ReadsMuch), new { }))[0];
        _current.See(head);
        if (spec.Axes.FutureErrors(_current) is { Count: > 0 } errors)
        {
            return Problem.InvalidParameters(errors).ToResult();
        }

        spec.Axes.Follow(head, spec.Sql.Parameters);
        await export.DeclareAsync(spec.Page, spec.Sql.Parameters);
        var first = await NextAsync();
        if (first.Count == 0 && Cursor is null && spec.WhenEmpty is not null && await spec.WhenEmpty(export.Snapshot) is { } instead)
        {
            return instead;
        }

        _http.Response.Headers.CacheControl = "no-store";
        _http.Response.Headers.Vary = "Accept, Accept-Language, Accept-Encoding";
        var info = new PageInfo { Limit = first.Count, Next = null, Counts = spec.Counts?.Invoke(first), Until = spec.Until };
        return new ListResult<T>(PageOf(first, spec.Axes, head, info), fields, format, RestAsync());

        async Task<List<T>> NextAsync()
        {
            var rows = await export.NextAsync<T>();
            if (spec.Embed is not null)
            {
                await spec.Embed(export.Snapshot, rows);
            }

            return rows;
        }

        async IAsyncEnumerable<IReadOnlyList<T>> RestAsync()
        {
            for (var count = first.Count; count == Export.Together;)
            {
                var rows = await NextAsync();
                count = rows.Count;
                yield return rows;
            }
        }
    }

    /// <summary>
    /// A list that a resource reads by itself, in as many statements as it takes, all in one snapshot.
    /// </summary>
    public async Task<IResult> WalkAsync<T>(
        Given<Codes>? asked,
        IReadOnlyList<Format> formats,
        Given<Codes>? named,
        int size,
        Func<Snapshot, Head, Format, Task<(Walked<T>? Part, IResult? Instead)>> read,
        Func<Page<T>, Format, IResult?> write)
        where T : ListRow
    {
        if (Negotiation.FormatOf(_http.Request, asked, formats) is not { } format)
        {
            return Unacceptable(asked, formats);
        }

        if (FieldSet<T>.Of(JsonDefaults.Options(_http), named, out var wrong) is not { } fields)
        {
            return Problem.InvalidParameters(wrong!).ToResult();
        }

        var representation = Negotiation.Representation(_http, format, "");
        await using var connection = await _source.OpenAsync(Cancellation);
        if (await AnswerEarlyAsync(connection, Present, representation) is { } early)
        {
            return early;
        }

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancellation);
        var snapshot = new Snapshot(connection, transaction, Cancellation);
        var head = await FollowAsync(snapshot, Present);
        var (part, instead) = await read(snapshot, head, format);
        if (instead is not null)
        {
            return instead;
        }

        if (_caching.Set(Present, head, representation, version: null) is { } matched)
        {
            return matched;
        }

        var next = part!.Next is null
            ? null
            : new Cursor(_http.Request.Path.Value!, Cursor.WalkOf(_http.Request, null), part.Next, 0).Encode();
        var page = PageOf(part.Items, Present, head, new PageInfo { Limit = size, Next = next, After = part.After });
        return write(page, format) ?? new ListResult<T>(page, fields, format);
    }

    /// <summary>
    /// An answer that a resource creates by itself, from one snapshot, in the one format that it has. The axes are on
    /// the day of the snapshot when it is asked to, so that it binds its statements then.
    /// </summary>
    public async Task<IResult> MakeAsync(
        TimeAxes axes, Format format, Func<Snapshot, Head, Task<byte[]>> make, bool readsMuch)
    {
        var representation = Negotiation.Representation(_http, format, "");
        await using var connection = await _source.OpenAsync(Cancellation);
        if (await AnswerEarlyAsync(connection, axes, representation) is { } early)
        {
            return early;
        }

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancellation);
        var snapshot = new Snapshot(connection, transaction, Cancellation);
        var head = await FollowAsync(snapshot, axes, readsMuch);
        var made = await make(snapshot, head);
        return _caching.Set(axes, head, representation, version: null) is { } matched
            ? matched
            : TypedResults.Bytes(made, format.MediaType);
    }

    /// <summary>
    /// What is answered without any query: a 304, or the refusal of a date to come. For lists whose statement depends
    /// on what is looked up first.
    /// </summary>
    public async Task<IResult?> AnswerEarlyAsync(TimeAxes axes, ListQuery query, IReadOnlyList<Format> formats)
    {
        if (query.IsAll || Negotiation.FormatOf(_http.Request, query.Format, formats) is not { } format)
        {
            return null;
        }

        await using var connection = await _source.OpenAsync(Cancellation);
        return await AnswerEarlyAsync(connection, axes, Negotiation.Representation(_http, format, Language(query.Lang)));
    }

    /// <summary>What is looked up before the statement of a list is put together; null where there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, object parameters)
        where T : class
    {
        await using var connection = await _source.OpenAsync(Cancellation);
        await using var grid = await connection.QueryMultipleAsync(
            new CommandDefinition(Head.Sql + sql, parameters, cancellationToken: Cancellation));
        SeeLookedUp(await grid.ReadSingleAsync<Head>());
        return await grid.ReadFirstOrDefaultAsync<T>();
    }

    /// <summary>Looks up what takes several statements, all in one snapshot.</summary>
    public async Task<T> LookUpAsync<T>(Func<NpgsqlConnection, Task<T>> read)
    {
        await using var connection = await _source.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, Cancellation);
        SeeLookedUp(await connection.QuerySingleAsync<Head>(
            new CommandDefinition(Head.Of(readsMuch: true), cancellationToken: Cancellation)));
        return await read(connection);
    }

    /// <summary>One resource, as its spec reads it.</summary>
    public Task<IResult> ItemAsync<T>(
        TimeAxes axes, ItemQuery query, ItemSpec<T> spec, Func<Snapshot, Task<IResult>> whenMissing)
        where T : class => ItemAsync<T, T>(
            axes,
            query,
            spec.Sql,
            spec.Parameters,
            spec.Version,
            spec.Embed is null ? null : async (snapshot, item) =>
            {
                await spec.Embed(snapshot, item);
                return item;
            },
            whenMissing);

    /// <summary>
    /// One resource as it is after a write, in that write's transaction: what a GET would answer from then on.
    /// </summary>
    public async Task<Rendered> RenderAsync<T>(ItemSpec<T> spec, Write write, string? location = null)
        where T : ListRow
    {
        var (head, item) = await HeadAndItemAsync();
        // Once more where the current day is another than the one that was bound.
        if (spec.Axes.Follow(head, spec.Parameters))
        {
            (head, item) = await HeadAndItemAsync();
        }

        if (spec.Embed is not null)
        {
            await spec.Embed(write.Snapshot, item);
        }

        item.Warnings = write.Warnings.Count == 0 ? null : write.Warnings;
        var type = (JsonTypeInfo<T>)JsonDefaults.Options(_http).GetTypeInfo(typeof(T));
        var representation = Negotiation.Representation(_http, Format.Json, Language(null), location);
        return new(JsonSerializer.SerializeToUtf8Bytes(item, type), Caching.ETag(spec.Version(item), head, representation));

        async Task<(Head Head, T Item)> HeadAndItemAsync()
        {
            var (heads, items) = await write.Snapshot.QueryAsync<Head, T>(Head.Sql + spec.Sql, spec.Parameters);
            return (heads[0], items[0]);
        }
    }

    /// <summary>
    /// One resource, made from a row and what further statements in its snapshot add; without them, the row itself.
    /// </summary>
    public async Task<IResult> ItemAsync<T, TRow>(
        TimeAxes axes,
        ItemQuery query,
        string sql,
        DynamicParameters parameters,
        Func<TRow, int> version,
        Func<Snapshot, TRow, Task<T>>? make,
        Func<Snapshot, Task<IResult>> whenMissing)
        where TRow : class
    {
        if (Negotiation.FormatOf(_http.Request, null, [Format.Json]) is null)
        {
            return Unacceptable(null, [Format.Json]);
        }

        if (FieldSet<T>.Of(JsonDefaults.Options(_http), query.Fields, out var wrong) is not { } fields)
        {
            return Problem.InvalidParameters(wrong!).ToResult();
        }

        var representation = Negotiation.Representation(_http, Format.Json, Language(query.Lang));
        await using var connection = await _source.OpenAsync(Cancellation);
        if (await AnswerEarlyAsync(connection, axes, representation) is { } early)
        {
            return early;
        }

        await using var transaction = make is null
            ? null
            : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancellation);
        var (head, row) = await InBatchAsync(
            connection, transaction, axes, Head.Sql + sql, parameters, grid => grid.ReadFirstOrDefaultAsync<TRow>());
        var snapshot = new Snapshot(connection, transaction, Cancellation);
        if (row is null)
        {
            return await whenMissing(snapshot);
        }

        return _caching.Set(axes, head, representation, version(row)) is { } matched
            ? matched
            : new ItemResult<T>(make is null ? (T)(object)row : await make(snapshot, row), fields);
    }

    // An answer is validated as the oldest that it was made of.
    private void SeeLookedUp(Head head)
    {
        _current.See(head);
        _caching.LookedUp = _caching.LookedUp is { } before && before.Seq < head.Seq ? before : head;
    }

    // A past day needs no look at the current one, once that was read and the past day is before it.
    private async Task<IResult?> AnswerEarlyAsync(NpgsqlConnection connection, TimeAxes axes, string representation)
    {
        if (_isChecked)
        {
            return null;
        }

        if (!_current.IsRead || axes.FutureErrors(_current).Count > 0)
        {
            _current.See(await connection.QuerySingleAsync<Head>(new CommandDefinition(Head.Sql, cancellationToken: Cancellation)));
            if (axes.FutureErrors(_current) is { Count: > 0 } errors)
            {
                return Problem.InvalidParameters(errors).ToResult();
            }
        }

        _isChecked = true;
        return await _caching.IsUnchangedAsync(connection, axes, representation, Cancellation);
    }

    // Once more where the current day is another than the one that was bound.
    private async Task<(Head Head, TResult Result)> InBatchAsync<TResult>(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        TimeAxes axes,
        string batch,
        DynamicParameters parameters,
        Func<SqlMapper.GridReader, Task<TResult>> read)
    {
        while (true)
        {
            var command = new CommandDefinition(batch, parameters, transaction, cancellationToken: Cancellation);
            await using var grid = await connection.QueryMultipleAsync(command);
            var head = await grid.ReadSingleAsync<Head>();
            var result = await read(grid);
            _current.See(head);
            if (!axes.Follow(head, parameters))
            {
                return (head, result);
            }
        }
    }

    private async Task<Head> FollowAsync(Snapshot snapshot, TimeAxes axes, bool readsMuch = false)
    {
        var head = (await snapshot.QueryAsync<Head>(Head.Of(readsMuch), new { }))[0];
        _current.See(head);
        axes.Follow(head);
        return head;
    }

    private async Task<long> EstimateAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, SelectSql sql)
    {
        var plan = await connection.ExecuteScalarAsync<string>(new CommandDefinition(
            "explain (format json) " + sql.Matches, sql.Parameters, transaction, cancellationToken: Cancellation));
        using var document = JsonDocument.Parse(plan!);
        return document.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetInt64();
    }

    private static Page<T> PageOf<T>(IReadOnlyList<T> items, TimeAxes axes, Head head, PageInfo info) => new()
    {
        Items = items,
        Info = info,
        AsOf = axes.Day,
        KnownAt = axes.StatedKnown(head),
        PublishedUntil = axes.StatedPublished,
    };

    private static ProblemError? Unflat<T>(IReadOnlyDictionary<string, string> included, FieldSet<T> fields)
    {
        const string Code = "not_in_csv";
        if (included.Count > 0)
        {
            var lists = string.Join(", ", included.Select(part => $"{part.Key} at {part.Value}"));
            return ProblemError.In(
                "include", Code, $"cannot be embedded in a table, whose rows are flat; these are lists of their own: {lists}.");
        }

        return fields.HasColumns
            ? null
            : ProblemError.In("fields", Code, "names nothing that has a column in a table; what include= embeds has none.");
    }

    private static IResult NotInJson(IReadOnlyList<Format> formats)
    {
        var others = string.Join(", ", formats.Where(f => f != Format.Json).Select(f => f.Name));
        return Problem.InvalidParameters(ProblemError.In(
            "limit",
            "not_in_json",
            $"is all, which JSON does not have, as it would be one document of any length; ask for {others}, or for pages.")).ToResult();
    }

    private static IResult Unacceptable(Given<Codes>? asked, IReadOnlyList<Format> offered)
    {
        if (asked is null)
        {
            var types = string.Join(", ", offered.Select(f => f.MediaType));
            return Problem.Of(
                406, "not-acceptable", "No acceptable format", $"Accept names no format that is served here: {types}.").ToResult();
        }

        var names = string.Join(", ", offered.Select(f => f.Name));
        return Problem.InvalidParameters(ProblemError.In(
            "format", "not_accepted", $"is '{Shown.Of(string.Join(',', asked.Value.Values))}'; it accepts {names}.")).ToResult();
    }
}
