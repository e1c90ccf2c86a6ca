using System.Data;
using Chantier.Api.Database;
using Chantier.Domain;
using Dapper;
using Npgsql;

namespace Chantier.Api.Http;

/// <summary>Something that was stored, and that somebody should look at.</summary>
/// <param name="Pointer">Where in the request, as a JSON pointer.</param>
/// <param name="Code">Stable: what a program may branch on.</param>
/// <param name="Detail">A sentence for people.</param>
internal sealed record Warning(string Pointer, string Code, string Detail);

/// <summary>
/// One write under way: its transaction, which holds the one order of writes, its stamp, and the entries it will leave in the
/// log. What a handler reads through it is the latest there is, and stays so until the write is done.
/// </summary>
internal sealed class Write(
    Caller caller, IReadOnlyDictionary<string, string> route, int? ifMatch, NpgsqlConnection connection, NpgsqlTransaction transaction, IServiceProvider services, CancellationToken cancellation)
{
    /// <summary>The SQLSTATE of begin_write where another write has changed what this one had read.</summary>
    public const string Overtaken = "CH001";

    private const string HeadSql = "select coalesce((select seq from change_head), 0);\n";

    private const string StampSql = "select last_seq, recorded_at from begin_write()";

    private const string StampIfUnchangedSql = "select last_seq, recorded_at from begin_write(@seen, @factories)";

    private const string LogSql = """
        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        select write_seq() + c.place, @at, @actor, c.cause, c.type, c.id, c.factory_id, c.version
        from unnest(@causes, @types, @ids, @factories::bigint[], @versions) with ordinality as c (cause, type, id, factory_id, version, place)
        """;

    private const string IdSql = """
        select r.id, case @kind
            when 'factory' then exists (select from factory_version v where v.factory_id = r.id and v.known_to = 'infinity')
            when 'operator' then exists (select from operator_version v where v.operator_id = r.id and v.known_to = 'infinity')
            when 'region' then exists (select from region_version v where v.region_id = r.id and v.known_to = 'infinity')
            else exists (select from source_version v where v.source_id = r.id and v.known_to = 'infinity') end as is_there
        from slug g
        left join factory_merged m on g.kind = 'factory' and m.loser_id = g.resource_id and m.known_to = 'infinity'
        cross join lateral (select coalesce(m.survivor_id, g.resource_id) as id) r
        where g.kind = @kind and g.slug = @slug
        """;

    private readonly List<Entry> _log = [];
    private readonly List<Statement> _statements = [];
    private long? _seen;
    private bool _isCommitted;

    public Caller Caller => caller;

    /// <summary>The handle that entries carry: the caller's, or that of whoever proposed it.</summary>
    public string RecordedBy { get; private set; } = caller.Handle;

    /// <summary>The stamp of everything that this write records; there is none before it holds the order of writes.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>Now, for comparing dates: the stamp, or before it the time of the clock.</summary>
    public DateTimeOffset Now => At == default ? services.GetRequiredService<TimeProvider>().GetUtcNow() : At;

    /// <summary>The version that If-Match names; null where none is needed.</summary>
    public int? IfMatch { get; private set; } = ifMatch;

    public IServiceProvider Services => services;

    public Snapshot Snapshot { get; private set; } = new(connection, transaction, cancellation);

    public List<Warning> Warnings { get; } = [];

    /// <summary>How many entries it leaves in the log.</summary>
    public int Entries => _log.Count;

    /// <summary>The parts of the path, by name.</summary>
    public IReadOnlyDictionary<string, string> Parts { get; private set; } = route;

    /// <summary>A part of the path.</summary>
    public string Route(string name) => Parts[name];

    /// <summary>A number in the path; a path with another text leads nowhere.</summary>
    public long RouteId(string what) => long.TryParse(Parts["id"], System.Globalization.NumberStyles.None, null, out var id)
        ? id
        : throw new Refusal(Problem.NotFound(what, Parts["id"]));

    /// <summary>Returns the rows of a statement. The first one before the lock also notes how far the log goes.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, object parameters)
    {
        if (At != default || _seen is not null)
        {
            return await Snapshot.QueryAsync<T>(sql, parameters);
        }

        var (head, rows) = await Snapshot.QueryAsync<long, T>(HeadSql + sql, parameters);
        _seen = head[0];
        return rows;
    }

    public async Task<T?> FindAsync<T>(string sql, object parameters) =>
        (await QueryAsync<T>(sql, parameters)) is [var row, ..] ? row : default;

    public Task ExecuteAsync(string sql, object parameters) =>
        connection.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation));

    /// <summary>A statement that is sent with others when the write has its stamp, which it takes as @at.</summary>
    public void Then(string sql, params object[] parameters) => _statements.Add(new(sql, parameters, null));

    /// <summary>The same for one whose only row is looked at; what is refused then undoes the write.</summary>
    public void Then<T>(string sql, object parameters, Action<T> check) => _statements.Add(new(sql, parameters, async reader =>
    {
        var parse = reader.GetRowParser<T>();
        if (await reader.ReadAsync(cancellation))
        {
            check(parse(reader));
        }
    }));

    /// <summary>The id behind a slug that the body names; survivors for what was merged.</summary>
    public async Task<long> IdOfAsync(string kind, string slug, string pointer) => await FindAsync<Named>(IdSql, new { kind, slug }) switch
    {
        null => throw Refusal.Of(pointer, "unknown_slug", $"is '{Shown.Of(slug)}', which no {kind} has."),
        { IsThere: false } => throw Refusal.Of(pointer, "deleted", $"is '{slug}', a {kind} that was deleted."),
        var named => named.Id,
    };

    /// <summary>A date in a body of what has happened, such as a publication; refused while it is still to come.</summary>
    public Edtf? PastDate(string pointer, string? text, string otherwise = "")
    {
        if (text is null)
        {
            return null;
        }

        var date = Edtf.Parse(text);
        // The easternmost zones are a day ahead.
        return date.Earliest > DateOnly.FromDateTime(Now.UtcDateTime).AddDays(1)
            ? throw Refusal.Of(pointer, "in_the_future", $"is '{date}', which has not come yet{otherwise}.")
            : date;
    }

    /// <summary>An entry of the log; also what tells the projections what was touched.</summary>
    public void Log(string cause, string type, long id, int version = 1, long? factory = null) => _log.Add(new(cause, type, id, factory, version));

    /// <summary>From here on it is the proposer's write, made by the caller who accepts it.</summary>
    public void ActFor(string proposer, IReadOnlyDictionary<string, string> parts, int? version) => (RecordedBy, Parts, IfMatch) = (proposer, parts, version);

    /// <summary>Does all of a write, its constraints included, and undoes it: what is wrong with it is refused as if it were made.</summary>
    internal async Task TryAsync(Func<Task> write)
    {
        await ExecuteAsync("savepoint trial", new { });
        await write();
        await FinishAsync();
        await ExecuteAsync("set constraints all immediate; rollback to savepoint trial;", new { });
        _log.Clear();
        _statements.Clear();
        Warnings.Clear();
    }

    /// <summary>Takes the place in the one order of writes, which nobody else has until this transaction ends.</summary>
    internal async Task TakeStampAsync()
    {
        // A statement of its own looks behind the lock: it sees what was committed while this one waited.
        var command = new CommandDefinition(StampSql, transaction: transaction, cancellationToken: cancellation);
        At = (await connection.QuerySingleAsync<Stamp>(command)).RecordedAt;
    }

    /// <summary>For what a statement alone does not do, in this transaction.</summary>
    public Task UseAsync(Func<NpgsqlConnection, NpgsqlTransaction, Task> use) => use(connection, transaction);

    internal async Task CommitAsync()
    {
        // A batch may have committed already.
        if (connection.State == ConnectionState.Open && !_isCommitted)
        {
            await transaction.CommitAsync(cancellation);
        }

        Snapshot = new(connection, null, cancellation);
    }

    /// <summary>
    /// Sends what waits for the stamp, writes the log, and brings the projections up to it. Takes the stamp, too, where
    /// the write has none yet; that fails where what was read before has changed since.
    /// </summary>
    internal async Task FinishAsync(bool commits = false)
    {
        if (_log.Count == 0)
        {
            return;
        }

        var takesStamp = At == default;
        DateTimeOffset? known = takesStamp ? null : At;
        var projector = new Projections.OfClaims(connection, transaction, cancellation);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            if (takesStamp)
            {
                var factories = _log.Select(e => e.Factory).OfType<long>().Distinct().ToArray();
                batch.BatchCommands.Add(Sql.Command(StampIfUnchangedSql, new { seen = _seen ?? 0, factories }, known));
            }

            foreach (var statement in _statements)
            {
                batch.BatchCommands.Add(Sql.Command(statement.Sql, statement.Parameters, known));
            }

            batch.BatchCommands.Add(Sql.Command(LogSql, new
            {
                actor = RecordedBy,
                causes = _log.Select(e => e.Cause).ToArray(),
                types = _log.Select(e => e.Type).ToArray(),
                ids = _log.Select(e => e.Id).ToArray(),
                factories = _log.Select(e => e.Factory).ToArray(),
                versions = _log.Select(e => e.Version).ToArray(),
            }, known));
            projector.AddReads(batch, [.. _log.Select(e => new LoggedEntry(e.Type, e.Id, e.Factory))], known);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            if (takesStamp)
            {
                await reader.ReadAsync(cancellation);
                At = await reader.GetFieldValueAsync<DateTimeOffset>(1, cancellation);
                await reader.NextResultAsync(cancellation);
            }

            foreach (var check in _statements.Select(statement => statement.Check).OfType<Func<NpgsqlDataReader, Task>>())
            {
                await check(reader);
                await reader.NextResultAsync(cancellation);
            }

            await projector.ReadAsync(reader, At);
        }

        _statements.Clear();
        _isCommitted = await projector.WriteAsync(commits);
    }

    private sealed record Statement(string Sql, object Parameters, Func<NpgsqlDataReader, Task>? Check);

    private sealed record Entry(string Cause, string Type, long Id, long? Factory, int Version);

    private sealed record Named
    {
        public required long Id { get; init; }

        public required bool IsThere { get; init; }
    }

    private sealed record Stamp
    {
        public required DateTimeOffset RecordedAt { get; init; }
    }
}

/// <summary>What a write answers: a status, and the resource as it is now.</summary>
/// <param name="Status">201, 200 or 204.</param>
/// <param name="Location">Where the resource is; said in the answer when it is new.</param>
/// <param name="Render">Reads the resource in the transaction of the write; null for an answer without a body.</param>
internal sealed record Outcome(int Status, string? Location, Func<Reading, Write, Task<Rendered>>? Render)
{
    public static Outcome NoContent { get; } = new(StatusCodes.Status204NoContent, null, null);

    public static Outcome Created<T>(string location, ItemSpec<T> spec)
        where T : ListRow => new(StatusCodes.Status201Created, location, (reading, write) => reading.RenderAsync(spec, write, location));

    public static Outcome Ok<T>(ItemSpec<T> spec)
        where T : ListRow => new(StatusCodes.Status200OK, null, (reading, write) => reading.RenderAsync(spec, write));
}

/// <summary>An answer's bytes and its validator.</summary>
internal sealed record Rendered(byte[] Body, string? ETag);
