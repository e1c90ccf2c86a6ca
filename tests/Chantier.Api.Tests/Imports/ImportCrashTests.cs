using System.Text.Json;
using Chantier.Api.Keys;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Imports;

/// <summary>Imports that are broken off while they wait for their turn to write, all of their rows being staged.</summary>
public sealed class ImportCrashTests(PostgresFixture postgres)
{
    private const int Rows = 6_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_is_killed_while_it_imports_leaves_it_to_another_which_does_it_once()
    {
        var (database, key) = await StartAsync();
        await using var turn = await Turn.TakeAsync(database);
        string job;
        await using (var first = await ApiProcess.StartAsync(database, Token))
        {
            using var client = Client(first.Address);
            job = (await ImportingApi.UploadAsync(client, "source=killed", File(), key)).Is(201).Header("Location")!;
            var waiting = await WaitingAsync(new Ask(client), key, job);
            Assert.Equal($"{Rows + 1}", waiting.Text("total"));
            await first.KillAsync();
        }

        await using var second = await TestApi.StartAsync(database, Token, "--Chantier:Jobs:LookEverySeconds=0.3");
        var ask = new Ask(second.Client);
        await ImportingApi.UntilAsync(ask, key, job, told => told.Text("attempts") == "2");
        await WaitingAsync(ask, key, job);
        // What the first had staged is gone already, and its session with it.
        Assert.Equal((1, Rows), (await CountAsync(database, "import"), await CountAsync(database, "import_staged_row")));
        Assert.Equal(0, await CountAsync(database, "factory f join identifier i on i.resource_id = f.id and i.scheme = 'own-id'"));
        await turn.DisposeAsync();

        var ended = await ImportingApi.UntilAsync(ask, key, job, told => told.Text("endedAt") is not null);
        Assert.Equal(("finished", "2", $"{Rows}"), (ended.Text("state"), ended.Text("attempts"), ended.Text("result.created")));
        Assert.Equal(Rows, await CountAsync(database, "identifier where scheme = 'own-id'"));
        Assert.Equal(1, await CountAsync(database, "import"));
        Assert.Equal(0, await ImportingApi.LeftAsync(database));
    }

    [Fact]
    public async Task Job_that_is_killed_between_two_portions_continues_with_the_next()
    {
        var (database, key) = await StartAsync();
        await using var turn = await Turn.TakeAsync(database);
        string job;
        Turn next;
        await using (var first = await ApiProcess.StartAsync(database, Token))
        {
            using var client = Client(first.Address);
            job = (await ImportingApi.UploadAsync(client, "source=portions&chunk=1000", File(), key)).Is(201).Header("Location")!;
            await WaitingAsync(new Ask(client), key, job);
            next = await turn.GiveAwayAsync();
            Assert.Equal(1000, await CountAsync(database, "identifier where scheme = 'own-id'") + 1);
            await first.KillAsync();
        }

        await using var second = await TestApi.StartAsync(database, Token, "--Chantier:Jobs:LookEverySeconds=0.3");
        var ask = new Ask(second.Client);
        await ImportingApi.UntilAsync(ask, key, job, told => told.Text("attempts") == "2");
        await WaitingAsync(ask, key, job);
        await next.DisposeAsync();
        var ended = await ImportingApi.UntilAsync(ask, key, job, told => told.Text("endedAt") is not null);

        Assert.Equal(("finished", $"{Rows}", "0"), (ended.Text("state"), ended.Text("result.created"), ended.Text("result.unchanged")));
        var import = (await ask.GetAsync(ended.Text("result.url")!, $"Authorization: Bearer {key}")).Is(200).Json;
        Assert.Equal($"{4 * Rows + 1}", import.Text("changes"));
        Assert.Equal(Rows, await CountAsync(database, "identifier where scheme = 'own-id'"));
        Assert.Equal(0, await ImportingApi.LeftAsync(database));
    }

    [Fact]
    public async Task Import_that_is_cancelled_between_two_portions_keeps_what_is_merged_and_can_be_repeated()
    {
        var (database, key) = await StartAsync();
        await using var api = await TestApi.StartAsync(database, Token, "--Chantier:Jobs:LookEverySeconds=0.3");
        var ask = new Ask(api.Client);
        await using var turn = await Turn.TakeAsync(database);
        var job = (await ImportingApi.UploadAsync(api.Client, "source=portions&chunk=1000", File(), key)).Is(201).Header("Location")!;
        await WaitingAsync(ask, key, job);
        await using (await turn.GiveAwayAsync())
        {
            (await ask.WriteAsync("POST", $"{job}/cancellation", "{}", key)).Is(200);
            for (var i = 0; i < 500 && await CountAsync(database, "import where state = 'failed'") == 0; i++)
            {
                await Task.Delay(20, Token);
            }
        }

        Assert.Equal((1, 0), (await CountAsync(database, "import where state = 'failed'"), await CountAsync(database, "import_staged_row")));
        var again = (await ImportingApi.UploadAsync(api.Client, "source=portions", File(), key)).Is(201).Header("Location")!;
        var ended = await ImportingApi.UntilAsync(ask, key, again, told => told.Text("endedAt") is not null);
        Assert.Equal(("999", $"{Rows - 999}"), (ended.Text("result.unchanged"), ended.Text("result.created")));
    }

    [Fact]
    public async Task Import_that_waits_for_the_lock_uses_what_is_written_before_it()
    {
        var (database, key) = await StartAsync();
        await using var api = await TestApi.StartAsync(database, Token, "--Chantier:Jobs:LookEverySeconds=0.3");
        var ask = new Ask(api.Client);
        await using var turn = await Turn.TakeAsync(database);
        var mapping = ImportingApi.OwnMapping.Replace(
            "\"events\"", "\"roles\": [{ \"id\": \"owner\", \"role\": \"owner\", \"operator\": { \"columns\": [\"owner\"] } }], \"events\"", StringComparison.Ordinal);
        var form = ImportingApi.Form("id;name;country;owner\nlate-1;Plant;FR;Late Steel SA\nlate-2;Late Plant;FR;Late Steel\n", "late.csv", "text/csv", mapping);
        var job = (await ImportingApi.UploadAsync(api.Client, "source=late", form, key)).Is(201).Header("Location")!;
        await WaitingAsync(ask, key, job);
        await turn.ExecuteAsync("""
            do $$
            declare
              stamp record;
              company bigint;
              site bigint;
              phase bigint := nextval('phase_id_seq');
            begin
              select * into stamp from begin_write();
              insert into operator (slug) values ('late-steel') returning id into company;
              insert into operator_version (operator_id, version, name, recorded_by, known_from)
              values (company, 1, 'Late Steel', 'test', stamp.recorded_at);
              insert into factory (slug, first_phase_id) values ('late-plant', phase) returning id into site;
              insert into phase (id, factory_id) values (phase, site);
              insert into phase_version (phase_id, version, position, recorded_by, known_from)
              values (phase, 1, 1, 'test', stamp.recorded_at);
              insert into factory_version (factory_id, version, name, names, sector, country, recorded_by, known_from)
              values (site, 1, 'Late Plant', '[{"text": "Late Plant", "lang": null, "kind": "official"}]', 'other', 'FR', 'test', stamp.recorded_at);
              insert into identifier (kind, resource_id, scheme, value, recorded_by, known_from)
              values ('factory', site, 'own-id', 'late-2', 'test', stamp.recorded_at);
              insert into slug (kind, slug, resource_id) values ('operator', 'late-steel', company), ('factory', 'late-plant', site);
              insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
              values (stamp.last_seq + 1, stamp.recorded_at, 'test', 'created', 'operator', company, null, 1),
                (stamp.last_seq + 2, stamp.recorded_at, 'test', 'created', 'factory', site, site, 1);
            end $$;
            commit;
            """);
        var ended = await ImportingApi.UntilAsync(ask, key, job, told => told.Text("endedAt") is not null);

        Assert.Equal(("finished", "1", "1"), (ended.Text("state"), ended.Text("result.created"), ended.Text("result.updated")));
        Assert.Equal(1, await CountAsync(database, "operator where slug like 'late-steel%'"));
        Assert.Equal(2, await CountAsync(database, "role r join operator o on o.id = r.operator_id where o.slug = 'late-steel'"));
    }

    [Fact]
    public async Task A_database_that_ends_the_session_of_an_import_has_it_begun_anew()
    {
        var (database, key) = await StartAsync();
        await using var api = await TestApi.StartAsync(database, Token, "--Chantier:Jobs:LookEverySeconds=0.3", "--Logging:LogLevel:Default=None");
        await using var turn = await Turn.TakeAsync(database);
        var job = (await ImportingApi.UploadAsync(api.Client, "source=ended", File(), key)).Is(201).Header("Location")!;
        await WaitingAsync(new Ask(api.Client), key, job);
        Assert.True(await ImportingApi.AskDatabaseAsync<bool>(database, "select bool_or(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and classid = 489124 and granted and database = (select oid from pg_database where datname = current_database())"));
        await turn.DisposeAsync();

        var ended = await ImportingApi.UntilAsync(new Ask(api.Client), key, job, told => told.Text("endedAt") is not null);
        Assert.Equal(("finished", "2", $"{Rows}"), (ended.Text("state"), ended.Text("attempts"), ended.Text("result.created")));
        Assert.Equal(1, await CountAsync(database, "import"));
        Assert.Equal(0, await ImportingApi.LeftAsync(database));
    }

    [Fact]
    public async Task An_import_that_is_cancelled_while_it_runs_or_waits_leaves_nothing()
    {
        var (database, key) = await StartAsync();
        await using var api = await TestApi.StartAsync(database, Token);
        var ask = new Ask(api.Client);
        await using var turn = await Turn.TakeAsync(database);
        var running = (await ImportingApi.UploadAsync(api.Client, "source=running", File(), key)).Is(201).Header("Location")!;
        var queued = (await ImportingApi.UploadAsync(api.Client, "source=queued", File(), key)).Is(201).Header("Location")!;
        await WaitingAsync(ask, key, running);
        Assert.Equal("queued", (await ask.GetAsync(queued, $"Authorization: Bearer {key}")).Json.Text("state"));

        foreach (var job in new[] { queued, running })
        {
            Assert.Equal("cancelled", (await ask.WriteAsync("POST", $"{job}/cancellation", "{}", key)).Is(200).Json.Text("state"));
        }

        for (var i = 0; i < 500 && await ImportingApi.LeftAsync(database) > 0; i++)
        {
            await Task.Delay(20, Token);
        }

        Assert.Equal(0, await ImportingApi.LeftAsync(database));
        Assert.Equal((0, 0), (await CountAsync(database, "import"), await CountAsync(database, "source where slug in ('running', 'queued')")));
    }

    [Fact]
    public async Task What_a_dead_import_left_is_swept_away_by_the_next_and_what_a_living_one_has_is_not()
    {
        var (database, key) = await StartAsync();
        await World.ExecuteAsync(database, """
            insert into import (id, mapping, file, series, state) values (1001, 'own', 'dead.csv', 'dead', 'staged'), (1002, 'own', 'living.csv', 'living', 'staged');
            insert into import_staged_row (import_id, row, first_row, is_rejected, name, sector, products, country, operators, fingerprint)
            select i, 2, 2, false, 'A', 'other', '{}', 'FR', '{}', gen_random_uuid() from unnest(array[1001, 1002]) i;
            insert into import_problem (import_id, row, kind, rule, detail) values (1001, 2, 'remark', 'x', 'x');
            """);
        await using var living = new NpgsqlConnection(database);
        await living.OpenAsync(Token);
        await living.ExecuteAsync("select pg_advisory_lock(489124, 1002)");
        await using var api = await TestApi.StartAsync(database, Token);

        var job = (await ImportingApi.UploadAsync(api.Client, "source=next", ImportingApi.Form("id;name;country\nnext-1;A;FR\n", "next.csv", "text/csv"), key)).Is(201).Header("Location")!;
        await ImportingApi.UntilAsync(new Ask(api.Client), key, job, told => told.Text("state") == "finished");

        Assert.Equal("1002", await ImportingApi.AskDatabaseAsync<string>(database, "select string_agg(import_id::text, ',') from import_staged_row"));
        Assert.Equal(0, await CountAsync(database, "import where id = 1001"));
        Assert.Equal(0, await CountAsync(database, "import_problem where import_id = 1001"));
    }

    private static MultipartFormDataContent File() =>
        ImportingApi.Form("id;name;country;status;date\n" + string.Concat(Enumerable.Range(1, Rows).Select(i => $"{i};Plant {i};FR;operating;2024\n")), "many.csv", "text/csv");

    private static Task<JsonElement> WaitingAsync(Ask ask, string key, string job) =>
        ImportingApi.UntilAsync(ask, key, job, told => told.Text("stage") == "waiting for its turn to write");

    private static async Task<int> CountAsync(string database, string from) => (int)await ImportingApi.AskDatabaseAsync<long>(database, $"select count(*) from {from}");

    private async Task<(string Database, string Key)> StartAsync()
    {
        var database = await ImportingApi.DatabaseAsync(postgres);
        return (database, await CreateKey.RunAsync(database, "curator", "curate", Token));
    }

#pragma warning disable RS0030 // One client for the test, on loopback.
    private static HttpClient Client(Uri address) => new() { BaseAddress = address };
#pragma warning restore RS0030

    /// <summary>The one order of writes, held by a session of the test, so that nobody else writes.</summary>
    private sealed class Turn : IAsyncDisposable
    {
        private readonly NpgsqlConnection _connection;

        private Turn(NpgsqlConnection connection) => _connection = connection;

        public static async Task<Turn> TakeAsync(string database)
        {
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(Token);
            await connection.ExecuteAsync("begin; select begin_write();");
            return new(connection);
        }

        public async Task ExecuteAsync(string sql) => await _connection.ExecuteAsync(sql);

        /// <summary>Lets the one who waits write, and then takes the turn again.</summary>
        public async Task<Turn> GiveAwayAsync()
        {
            var next = TakeAsync(_connection.ConnectionString);
            var waiting = "select count(*) from pg_stat_activity where query = 'select begin_write()' and wait_event = 'advisory'";
            while (await _connection.ExecuteScalarAsync<long>(waiting) == 0)
            {
                await Task.Delay(10, Token);
            }

            await DisposeAsync();
            return await next;
        }

        public ValueTask DisposeAsync() => _connection.DisposeAsync();
    }
}
