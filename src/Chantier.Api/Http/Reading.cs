using System.Data;
using System.Reflection;
using System.Text.Json;
using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>
/// One read: the negotiation before it, the head of the log and the rows in one snapshot, and the validators, links and caching
/// rules after it. The same for every resource.
/// </summary>
internal sealed class Reading
{
    private readonly HttpContext _http;
    private readonly ReadSource _source;
    private readonly TimeProvider _clock;
    private readonly Caching _caching;

    private Reading(HttpContext http)
    {
        _http = http;
        _caching = new(http);
        _source = http.RequestServices.GetRequiredService<ReadSource>();
        _clock = http.RequestServices.GetRequiredService<TimeProvider>();
    }

    public Cursor? Cursor => _http.Features.Get<Cursor>();

    public Caller Caller => Caller.Of(_http);

    /// <summary>Ends when nobody waits for the answer any more.</summary>
    public CancellationToken Cancellation => _http.RequestAborted;

    /// <summary>The axes of what has no past to ask for.</summary>
    public TimeAxes Present => new() { Clock = _clock };

    public static ValueTask<Reading?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult<Reading?>(new(context));

    public static Reading Of(HttpContext http) => new(http);

    public string Language(Given<Codes>? lang) => Negotiation.LanguageOf(_http.Request, lang);

    /// <summary>Whether the answer will be in a format, for statements that read more for it.</summary>
    public bool Wants(Format format, ListQuery query) => Negotiation.FormatOf(_http.Request, query.Format, Format.WithPlaces) == format;

    public async Task<IResult> ListAsync<T>(ListSpec<T> spec)
        where T : ListRow => await TryListAsync(spec) ?? await spec.WhenAhead!();

    // Null where the projections of states were read and do not hold today; the connection is back in the pool then.
    private async Task<IResult?> TryListAsync<T>(ListSpec<T> spec)
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
            return format != Format.Json
                ? await TryExportAsync(spec, fields, format)
                : Problem.InvalidParameters(ProblemError.In("limit", "not_in_json", $"is all, which JSON does not have, as it would be one document of any length; ask for {string.Join(", ", spec.Formats.Where(f => f != Format.Json).Select(f => f.Name))}, or for pages.")).ToResult();
        }

        var cancellation = _http.RequestAborted;
        var language = Language(spec.Query.Lang);
        var representation = Negotiation.Representation(_http, format, language, spec.Axes.Day);
        await using var connection = await _source.OpenAsync(cancellation);
        if (await _caching.IsUnchangedAsync(connection, spec.Axes, representation, cancellation) is { } unchanged)
        {
            return unchanged;
        }

        // The batch is a transaction by itself; where what is embedded must be of the same snapshot, one of its own holds it.
        await using var transaction = spec.Embed is null ? null : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var exact = spec.Query.CountKind == "exact";
        var mayBeAhead = spec.WhenAhead is not null && spec.Axes.IsToday;
        var batch = Head.Of(mayBeAhead, spec.ReadsMuch) + spec.Page + (exact ? spec.Sql.Count : "");
        Head head;
        List<T> rows;
        long? count = null;
        await using (var grid = await connection.QueryMultipleAsync(new CommandDefinition(batch, spec.Sql.Parameters, transaction, cancellationToken: cancellation)))
        {
            head = await grid.ReadFirstOrDefaultAsync<Head>() ?? Head.Empty;
            rows = (await grid.ReadAsync<T>()).AsList();
            if (exact)
            {
                count = await grid.ReadSingleAsync<long>();
            }
        }

        if (mayBeAhead && head.LastTurn > spec.Axes.Day)
        {
            return null;
        }

        var snapshot = new Snapshot(connection, transaction, cancellation);
        if (rows.Count == 0 && Cursor is null && spec.WhenEmpty is not null && await spec.WhenEmpty(snapshot) is { } instead)
        {
            return instead;
        }

        var size = spec.Query.PageSize;
        var isWhole = Cursor is null && rows.Count <= size;
        if (spec.Query.CountKind == "estimated")
        {
            count = isWhole ? rows.Count : Math.Max(rows.Count, await EstimateAsync(connection, transaction, spec.Sql, cancellation));
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

        var page = new Page<T>
        {
            Items = rows,
            Info = new PageInfo { Limit = size, Next = next, Count = count, CountKind = count is null ? null : isWhole ? "exact" : spec.Query.CountKind, Counts = spec.Counts?.Invoke(rows) },
            AsOf = spec.Axes.Day,
            KnownAt = spec.Axes.StatedKnown(head),
        };
        return spec.Write?.Invoke(page) ?? new ListResult<T>(page, fields, format);
    }

    // Null where the projections of states were read and do not hold today.
    private async Task<IResult?> TryExportAsync<T>(ListSpec<T> spec, FieldSet<T> fields, Format format)
        where T : ListRow
    {
        if (await Export.TryBeginAsync(_http) is not { } export)
        {
            return Export.TooMany.ToResult();
        }

        _http.Response.RegisterForDisposeAsync(export);
        var mayBeAhead = spec.WhenAhead is not null && spec.Axes.IsToday;
        var head = (await export.Snapshot.QueryAsync<Head>(Head.Of(mayBeAhead, spec.ReadsMuch), spec.Sql.Parameters)).FirstOrDefault() ?? Head.Empty;
        if (mayBeAhead && head.LastTurn > spec.Axes.Day)
        {
            await export.DisposeAsync();
            return null;
        }

        await export.DeclareAsync(spec.Page, spec.Sql.Parameters);
        var first = await NextAsync();
        if (first.Count == 0 && Cursor is null && spec.WhenEmpty is not null && await spec.WhenEmpty(export.Snapshot) is { } instead)
        {
            return instead;
        }

        _http.Response.Headers.CacheControl = "no-store";
        _http.Response.Headers.Vary = "Accept, Accept-Language, Accept-Encoding";
        var page = new Page<T> { Items = first, Info = new PageInfo { Limit = first.Count, Next = null, Counts = spec.Counts?.Invoke(first) }, AsOf = spec.Axes.Day, KnownAt = spec.Axes.StatedKnown(head) };
        return new ListResult<T>(page, fields, format, RestAsync());

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

    /// <summary>A list of a noun that reads it by itself, in as many statements as it takes, all in one snapshot.</summary>
    public async Task<IResult> WalkAsync<T>(
        Given<Codes>? asked, IReadOnlyList<Format> formats, Given<Codes>? named, int size, Func<Snapshot, Head, Format, Task<(Walked<T>? Part, IResult? Instead)>> read,
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

        var cancellation = _http.RequestAborted;
        var representation = Negotiation.Representation(_http, format, "", DateOnly.MinValue);
        await using var connection = await _source.OpenAsync(cancellation);
        if (await _caching.IsUnchangedAsync(connection, Present, representation, cancellation) is { } unchanged)
        {
            return unchanged;
        }

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var snapshot = new Snapshot(connection, transaction, cancellation);
        var head = (await snapshot.QueryAsync<Head>(Head.Sql, new { })).FirstOrDefault() ?? Head.Empty;
        var (part, instead) = await read(snapshot, head, format);
        if (instead is not null)
        {
            return instead;
        }

        if (_caching.Set(Present, head, representation, version: null) is { } matched)
        {
            return matched;
        }

        var next = part!.Next is null ? null : new Cursor(_http.Request.Path.Value!, Cursor.WalkOf(_http.Request, null), part.Next, 0).Encode();
        var page = new Page<T> { Items = part.Items, Info = new PageInfo { Limit = size, Next = next, After = part.After }, AsOf = Present.Day, KnownAt = head.At };
        return write(page, format) ?? new ListResult<T>(page, fields, format);
    }

    /// <summary>
    /// An answer that a noun makes by itself, of one snapshot, in the one format that it has; made anew by whenAhead where the projections
    /// of states do not hold today.
    /// </summary>
    public async Task<IResult> MakeAsync(TimeAxes axes, Format format, Func<Snapshot, Head, Task<byte[]>> make, bool readsMuch, Func<Task<IResult>>? whenAhead)
    {
        var cancellation = _http.RequestAborted;
        var representation = Negotiation.Representation(_http, format, "", axes.Day);
        await using (var connection = await _source.OpenAsync(cancellation))
        {
            if (await _caching.IsUnchangedAsync(connection, axes, representation, cancellation) is { } unchanged)
            {
                return unchanged;
            }

            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            var snapshot = new Snapshot(connection, transaction, cancellation);
            var mayBeAhead = whenAhead is not null && axes.IsToday;
            var head = (await snapshot.QueryAsync<Head>(Head.Of(mayBeAhead, readsMuch), new { knownBy = axes.Sense, knownAt = axes.Known })).FirstOrDefault() ?? Head.Empty;
            if (!mayBeAhead || !(head.LastTurn > axes.Day))
            {
                var made = await make(snapshot, head);
                return _caching.Set(axes, head, representation, version: null) is { } matched ? matched : TypedResults.Bytes(made, format.MediaType);
            }
        }

        return await whenAhead!();
    }

    /// <summary>What is looked up before the statement of a list is made; null where there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, object parameters)
        where T : class
    {
        await using var connection = await _source.OpenAsync(_http.RequestAborted);
        await using var grid = await connection.QueryMultipleAsync(new CommandDefinition(Head.Sql + sql, parameters, cancellationToken: _http.RequestAborted));
        _caching.LookedUp = await grid.ReadFirstOrDefaultAsync<Head>() ?? Head.Empty;
        return await grid.ReadFirstOrDefaultAsync<T>();
    }

    /// <summary>One resource that somebody asks for.</summary>
    public Task<IResult> ItemAsync<T>(TimeAxes axes, ItemQuery query, ItemSpec<T> spec, Func<Snapshot, Task<IResult>> whenMissing, Func<Task<IResult>>? whenAhead = null)
        where T : class => ItemAsync(axes, query, spec.Sql, spec.Parameters, spec.Version, spec.Embed, whenMissing, whenAhead);

    /// <summary>One resource as it is after a write, in that write's transaction: what a GET would answer from then on.</summary>
    public async Task<Rendered> RenderAsync<T>(ItemSpec<T> spec, Write write, string? location = null)
        where T : ListRow
    {
        var head = (await write.QueryAsync<Head>(Head.Sql, new { })).FirstOrDefault() ?? Head.Empty;
        var item = (await write.QueryAsync<T>(spec.Sql, spec.Parameters))[0];
        if (spec.Embed is not null)
        {
            await spec.Embed(write.Snapshot, item);
        }

        item.Warnings = write.Warnings.Count == 0 ? null : write.Warnings;
        var options = JsonDefaults.Options(_http);
        var representation = Negotiation.Representation(_http, Format.Json, Language(null), Present.Day, location);
        return new(JsonSerializer.SerializeToUtf8Bytes(item, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T>)options.GetTypeInfo(typeof(T))), Caching.ETag(spec.Version(item), head, representation));
    }

    /// <summary>One resource that is its row, perhaps with more embedded.</summary>
    public Task<IResult> ItemAsync<T>(
        TimeAxes axes, ItemQuery query, string sql, DynamicParameters parameters, Func<T, int> version, Func<Snapshot, T, Task>? embed, Func<Snapshot, Task<IResult>> whenMissing,
        Func<Task<IResult>>? whenAhead = null)
        where T : class => ItemAsync<T, T>(
            axes,
            query,
            sql,
            parameters,
            version,
            embed is null ? null : async (snapshot, item) =>
            {
                await embed(snapshot, item);
                return item;
            },
            whenMissing,
            whenAhead);

    /// <summary>One resource, made from a row and what further statements in its snapshot add; without them, the row itself.</summary>
    public async Task<IResult> ItemAsync<T, TRow>(
        TimeAxes axes, ItemQuery query, string sql, DynamicParameters parameters, Func<TRow, int> version, Func<Snapshot, TRow, Task<T>>? make, Func<Snapshot, Task<IResult>> whenMissing,
        Func<Task<IResult>>? whenAhead = null)
        where TRow : class => await TryItemAsync(axes, query, sql, parameters, version, make, whenMissing, whenAhead is not null && axes.IsToday) ?? await whenAhead!();

    private async Task<IResult?> TryItemAsync<T, TRow>(
        TimeAxes axes, ItemQuery query, string sql, DynamicParameters parameters, Func<TRow, int> version, Func<Snapshot, TRow, Task<T>>? make, Func<Snapshot, Task<IResult>> whenMissing,
        bool mayBeAhead)
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

        var cancellation = _http.RequestAborted;
        var representation = Negotiation.Representation(_http, Format.Json, Language(query.Lang), axes.Day);
        await using var connection = await _source.OpenAsync(cancellation);
        if (await _caching.IsUnchangedAsync(connection, axes, representation, cancellation) is { } unchanged)
        {
            return unchanged;
        }

        await using var transaction = make is null ? null : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        Head head;
        TRow? row;
        await using (var grid = await connection.QueryMultipleAsync(new CommandDefinition(Head.Of(mayBeAhead, readsMuch: false) + sql, parameters, transaction, cancellationToken: cancellation)))
        {
            head = await grid.ReadFirstOrDefaultAsync<Head>() ?? Head.Empty;
            row = await grid.ReadFirstOrDefaultAsync<TRow>();
        }

        if (mayBeAhead && head.LastTurn > axes.Day)
        {
            return null;
        }

        var snapshot = new Snapshot(connection, transaction, cancellation);
        if (row is null)
        {
            return await whenMissing(snapshot);
        }

        if (_caching.Set(axes, head, representation, version(row)) is { } matched)
        {
            return matched;
        }

        return new ItemResult<T>(make is null ? (T)(object)row : await make(snapshot, row), fields);
    }

    private static ProblemError? Unflat<T>(IReadOnlyDictionary<string, string> included, FieldSet<T> fields) => included.Count > 0
        ? ProblemError.In("include", "not_in_csv", $"cannot be embedded in a table, whose rows are flat; these are lists of their own: {string.Join(", ", included.Select(part => $"{part.Key} at {part.Value}"))}.")
        : fields.HasColumns ? null : ProblemError.In("fields", "not_in_csv", "names nothing that has a column in a table; what include= embeds has none.");

    private static async Task<long> EstimateAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, SelectSql sql, CancellationToken cancellation)
    {
        var plan = await connection.ExecuteScalarAsync<string>(new CommandDefinition(
            "explain (format json) " + sql.Matches, sql.Parameters, transaction, cancellationToken: cancellation));
        using var document = JsonDocument.Parse(plan!);
        return document.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetInt64();
    }

    private static IResult Unacceptable(Given<Codes>? asked, IReadOnlyList<Format> offered) => asked is null
        ? Problem.Of(406, "not-acceptable", "No acceptable format", $"Accept names no format that is served here: {string.Join(", ", offered.Select(f => f.MediaType))}.").ToResult()
        : Problem.InvalidParameters(ProblemError.In(
            "format", "not_accepted", $"is '{Shown.Of(string.Join(',', asked.Value.Values))}'; it accepts {string.Join(", ", offered.Select(f => f.Name))}.")).ToResult();
}
