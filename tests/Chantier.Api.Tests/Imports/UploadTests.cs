using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Chantier.Api.Tests.Changes;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Imports;

/// <summary>Imports over HTTP: a job turns an upload into claims.</summary>
public sealed class UploadTests(ImportingApi api) : IClassFixture<ImportingApi>
{
    private const string Header = "slug,name,sector,country,status,statusSince,statusDateMeaning\r\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_becomes_claims_by_a_job_that_is_followed_and_of_every_row_it_is_told_what_came_of_it()
    {
        var asked = (await api.UploadAsync(
            "mapping=chantier&source=first-list&published=2024-06-30&fileName=C%3A%5Clists%5Cfirst%2C%20list.csv",
            ImportingApi.Csv(Header + "first-a,Usine Été,other,FR,operating,2024-05,began\r\nfirst-b,B,other,FR,operating,01/02/2024,began\r\n"))).Is(201);
        Assert.Equal(("import", "first, list.csv", "chantier"), (asked.Json.Text("kind"), asked.Json.Text("request.fileName"), asked.Json.Text("request.mapping")));
        var path = asked.Header("Location")!;
        using var stream = await EventReader.OpenAsync(api.Api.Client, $"{path}/stream", null, Token, api.Key(), "job");
        JsonElement? last = null;
        while (await stream.NextAsync(Token) is { } told)
        {
            last = told;
        }

        var job = last!.Value;
        Assert.True(job.Text("state") == "finished", $"{job}");
        Assert.Equal(("2", "1", "1"), (job.Text("result.rows"), job.Text("result.created"), job.Text("result.rejected")));
        var import = (await api.GetAsync(job.Text("result.url")!)).Is(200).Json;
        Assert.Equal(
            ("first, list.csv", "first-list", "false", "curate", "2", "1", "1"),
            (import.Text("file"), import.Text("source"), import.Text("isDryRun"), import.Text("requestedBy"), import.Text("rows"), import.Text("created"), import.Text("rejected")));
        Assert.Equal((path, "/v1/sources/first-list"), (import.Text("jobUrl"), import.Text("sourceUrl")));
        Assert.Equal(import.ToString(), (await api.GetAsync("/v1/imports?source=first-list")).Is(200).Items.Single().ToString());
        (await api.GetAsync("/v1/imports?isDryRun=perhaps")).Blames("isDryRun");

        var answer = (await api.GetAsync(import.Text("reportUrl")!)).Is(200);
        Assert.Equal(("text/csv", "attachment; filename=\"first, list-report.csv\"; filename*=UTF-8''first%2C%20list-report.csv"), (answer.MediaType, answer.Header("Content-Disposition")));
        var report = Http.Csv.Read(answer.Text);
        Assert.Equal(["row", "outcome", "identifier", "unit", "factory", "column", "value", "rule", "detail"], report.Header);
        Assert.Equal(["2", "created", "first-a", "", "first-a", "", "", "", ""], report.Rows[0]);
        Assert.Equal(("rejected", "statusSince", "01/02/2024", "date"), (report.Rows[1][1], report.Rows[1][5], report.Rows[1][6], report.Rows[1][7]));

        var factory = await api.Ask.JsonAsync("/v1/factories/first-a");
        Assert.Equal(("Usine Été", "operating", "2024-05"), (factory.Text("name"), factory.Text("status"), factory.Text("statusSince")));
        Assert.Contains((await api.Ask.GetAsync("/v1/changes?limit=1000&slug=first-a")).Is(200).Items, change => change.Text("cause") == "imported" && change.Text("actor") == "import:first-list");
        Assert.Equal(0, await ImportingApi.LeftAsync(api.ConnectionString));
    }

    [Theory]
    [InlineData("text/csv", "a.csv", "id;name;country;status;date\ncsv-1;A;FR;operating;2024\n", "csv")]
    [InlineData(null, "b.tsv", "id\tname\tcountry\tstatus\tdate\ntsv-1\tA\tFR\toperating\t2024\n", "tsv")]
    [InlineData("application/x-ndjson", "c", "{\"id\":\"nd-1\",\"name\":\"A\",\"country\":\"FR\",\"status\":\"operating\",\"date\":\"2024\"}\n", "nd")]
    [InlineData("application/octet-stream", "d.geojson", "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"geo-1\",\"geometry\":null,\"properties\":{\"name\":\"A\",\"country\":\"FR\",\"status\":\"operating\",\"date\":\"2024\"}}]}", "geo")]
    public async Task A_form_brings_a_file_of_each_format_with_a_mapping_of_ones_own(string? type, string name, string text, string id)
    {
        var job = await api.ImportAsync($"source=form-{id}", ImportingApi.Form(text, name, type));

        Assert.True(job.Text("state") == "finished", $"{job}");
        Assert.Equal(("1", "own", name), (job.Text("result.created"), job.Text("request.mapping"), job.Text("request.fileName")));
        Assert.Equal("operating", await api.AskDatabaseAsync<string>($"""
            select t.status from identifier i join factory_current t on t.factory_id = i.resource_id
            where i.scheme = 'own-id' and i.value = '{id}-1'
            """));
    }

    [Fact]
    public async Task A_dry_run_reports_the_same_as_the_import_and_changes_nothing_that_shows()
    {
        const string Numbers = """
            select string_agg(x, ' ') from (
              select (select max(seq) from change)::text as x union all select count(*)::text from source union all select count(*)::text from sector
              union all select * from (select s.sequencename || s.last_value::text from pg_sequences s
                where s.sequencename in ('claim_id_seq', 'factory_id_seq', 'phase_id_seq', 'source_id_seq', 'operator_id_seq', 'evidence_id_seq', 'identifier_id_seq', 'proposal_id_seq') order by 1) n) x
            """;
        var text = "id;name;country;status;date\ndry-1;Usine sèche;FR;operating;2024\ndry-2;B;FR;open;2024\ndry-1;C;FR;operating;2024\ndry-3;Gigafactory Verkor;FR;;\n";
        var before = await api.AskDatabaseAsync<string>(Numbers);

        var tried = await api.ImportAsync("source=dry-list&dryRun=true&chunk=1", ImportingApi.Form(text, "dry.csv", "text/csv"));
        Assert.True(tried.Text("state") == "finished", $"{tried}");
        Assert.Equal(before, await api.AskDatabaseAsync<string>(Numbers));
        (await api.Ask.GetAsync("/v1/sources/dry-list")).IsProblem(404);
        var noted = (await api.GetAsync(tried.Text("result.url")!)).Is(200).Json;
        Assert.Equal(("true", "dry-list", null, "4", "2"), (noted.Text("isDryRun"), noted.Text("source"), noted.Text("sourceUrl"), noted.Text("rows"), noted.Text("rejected")));
        var reported = (await api.GetAsync(tried.Text("result.reportUrl")!)).Is(200);
        Assert.Equal(0, await ImportingApi.LeftAsync(api.ConnectionString));

        var done = await api.ImportAsync("source=dry-list", ImportingApi.Form(text, "dry.csv", "text/csv"));
        Assert.NotEqual(before, await api.AskDatabaseAsync<string>(Numbers));
        Assert.Equal((await api.GetAsync(done.Text("result.reportUrl")!)).Is(200).Text, reported.Text);
        Assert.Equal([true, false], (await api.GetAsync("/v1/imports?source=dry-list&sort=id")).Items.Select(i => i.Text("isDryRun") == "true"));
        Assert.Single((await api.GetAsync("/v1/imports?source=dry-list&isDryRun=true")).Items);

        // What was tried before something was redacted may hold it.
        (await api.Ask.WriteAsync("POST", "/v1/redactions", """{"type":"operator","id":"verkor"}""", api.Key("admin"))).Is(200);
        (await api.GetAsync(tried.Text("result.reportUrl")!)).IsProblem(410);
        (await api.GetAsync(done.Text("result.reportUrl")!)).Is(200);
    }

    [Theory]
    [InlineData("source=s", "mapping", "chantier, hotmaps, jrc, repd")]
    [InlineData("mapping=nobody&source=s", "mapping", "chantier, hotmaps, jrc, repd")]
    [InlineData("mapping=../appsettings&source=s", "mapping", "one mapping")]
    [InlineData("mapping=chantier", "source", "its series")]
    [InlineData("mapping=chantier&source=A", "source", "slug")]
    [InlineData("mapping=chantier&series=s", "release", "2022-04")]
    [InlineData("mapping=chantier&release=1&published=2024", "series", "repd")]
    [InlineData("mapping=chantier&series=s&release=1", "published", "2022-04-30")]
    [InlineData("mapping=chantier&series=s&release=1&published=yesterday", "published", "EDTF")]
    [InlineData("mapping=chantier&source=s&chunk=0", "chunk", "1000000")]
    [InlineData("mapping=chantier&source=s&dryRun=yes", "dryRun", "true or false")]
    [InlineData("mapping=chantier&source=s&nothing=1", "nothing", "fileName")]
    [InlineData("mapping=chantier&source=vallee-de-la-batterie-2024-08&published=2020", "published", "2024-08-31")]
    public async Task What_is_wrong_with_a_request_is_said_before_the_file_is_read(string query, string parameter, string accepted)
    {
        var jobs = await api.AskDatabaseAsync<long>("select count(*) from job");

        Assert.Contains(accepted, (await api.UploadAsync(query, ImportingApi.Csv(Header))).Blames(parameter).Text, StringComparison.Ordinal);
        Assert.Equal(jobs, await api.AskDatabaseAsync<long>("select count(*) from job"));
    }

    [Fact]
    public async Task An_older_release_behind_a_newer_one_is_refused_at_once_and_taken_as_backfill()
    {
        string Of(string release) => $"mapping=chantier&series=back&release={release}&published={release}-28";
        HttpContent File(string status) => ImportingApi.Csv($"{Header}back-a,A,other,FR,{status},2021,observed\r\n");
        Assert.Equal("finished", (await api.ImportAsync(Of("2024-02"), File("operating"))).Text("state"));

        Assert.Contains("2024-02", (await api.UploadAsync(Of("2023-02"), File("announced"))).Blames("backfill").Text, StringComparison.Ordinal);
        var job = await api.ImportAsync(Of("2023-02") + "&backfill=true", File("announced"));

        Assert.True(job.Text("state") == "finished", $"{job}");
        Assert.Equal(["back-2023-02", "back-2024-02"], (await api.GetAsync("/v1/imports?series=back")).Items.Select(i => i.Text("source")));
        Assert.Equal("announced", (await api.Ask.JsonAsync("/v1/factories/back-a?publishedUntil=2023-12-31")).Text("status"));
    }

    [Fact]
    public async Task A_release_that_lists_less_than_half_of_the_one_before_says_so_and_names_what_it_lists_no_longer()
    {
        string Of(string release) => $"mapping=chantier&series=half&release={release}&published={release}-28";
        HttpContent File(params string[] names) => ImportingApi.Csv(Header + string.Concat(names.Select(name => $"half-{name},{name},other,FR,operating,2021,observed\r\n")));
        Assert.Equal("0", (await api.ImportAsync(Of("2024-01"), File("a", "b", "c", "d"))).Text("result.noLongerListed"));
        var most = await api.ImportAsync(Of("2024-02"), File("a", "b"));
        Assert.DoesNotContain((await api.GetAsync(most.Text("result.url")!)).Is(200).Json.GetProperty("notes").EnumerateArray(), note => note.GetString()!.Contains("no longer", StringComparison.Ordinal));

        foreach (var isDryRun in new[] { "true", "false" })
        {
            var job = await api.ImportAsync($"{Of("2024-03")}&dryRun={isDryRun}", File("e"));

            Assert.Equal(("2", "0", "0"), (job.Text("result.noLongerListed"), job.Text("result.omitted"), job.Text("result.remarks")));
            var notes = (await api.GetAsync(job.Text("result.url")!)).Is(200).Json.GetProperty("notes").EnumerateArray().Select(note => note.GetString()!);
            Assert.Contains(notes, note => note.StartsWith("Of the 2 rows that the release before lists, this one lists 2 no longer", StringComparison.Ordinal));
            var report = Http.Csv.Read((await api.GetAsync(job.Text("result.reportUrl")!)).Is(200).Text);
            Assert.Equal(["created", "not_listed", "not_listed"], report["outcome"]);
            Assert.Equal(["half-e", "half-a", "half-b"], report["identifier"]);
        }

        var none = await api.ImportAsync(Of("2024-04"), ImportingApi.Csv(Header));
        Assert.Equal("failed", none.Text("state"));
        Assert.Contains("no rows", none.Text("problem.detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(415, "text/plain", "x", "text/csv")]
    [InlineData(415, "application/x-ndjson", "{}", "text/csv")]
    [InlineData(415, "text/csv", "x", "Content-Encoding", "Content-Encoding: gzip")]
    [InlineData(422, "text/csv", "", "empty")]
    [InlineData(422, "text/csv", "PK\u0003\u0004and more", "ZIP")]
    public async Task What_is_no_file_of_its_type_is_refused_at_once(int status, string type, string body, string says, params string[] headers)
    {
        Assert.Contains(says, (await api.UploadAsync("mapping=hotmaps&source=s", ImportingApi.Csv(body, type), headers)).IsProblem(status).Json.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(0, await ImportingApi.LeftAsync(api.ConnectionString));
    }

    [Fact]
    public async Task A_form_that_is_not_as_it_should_be_is_refused_and_says_what_is_accepted()
    {
        async Task RefusedAsync(int status, string says, HttpContent content, string query = "source=s") =>
            Assert.Contains(says, (await api.UploadAsync(query, content)).IsProblem(status).Json.Text("detail"), StringComparison.Ordinal);

        HttpContent Raw(string body) => ImportingApi.Csv(body, "multipart/form-data; boundary=x");
        const string File = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nid;name\n1;A\n";
        await RefusedAsync(400, "'mappingFile' or 'file'", Raw("--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--x--\r\n"));
        await RefusedAsync(400, "no part 'file'", Raw("--x--\r\n"));
        await RefusedAsync(400, "breaks off", Raw(File), "mapping=chantier&source=s");
        await RefusedAsync(400, "behind the part 'file'", Raw($"{File}\r\n--x\r\nContent-Disposition: form-data; name=\"mappingFile\"\r\n\r\n{{}}\r\n--x--\r\n"), "mapping=chantier&source=s");
        await RefusedAsync(400, "boundary", ImportingApi.Csv("", "multipart/form-data"));
        await RefusedAsync(422, "nmae", ImportingApi.Form("a", "a.csv", null, """{"nmae":1}"""));
        await RefusedAsync(422, "lower-case letters", ImportingApi.Form("a", "a.csv", null, ImportingApi.OwnMapping.Replace("\"status\",", "\"Status\",", StringComparison.Ordinal)));
        await RefusedAsync(415, ".geojson", ImportingApi.Form("a", "a.xlsx", "application/octet-stream"));
        (await api.UploadAsync("mapping=chantier&source=s", ImportingApi.Form("a", "a.csv", null))).Blames("mapping");
        Assert.Equal(0, await ImportingApi.LeftAsync(api.ConnectionString));
    }

    [Theory]
    [InlineData("text/csv", "a.csv", "{\"id\":1}\n", "none of the columns")]
    [InlineData("application/geo+json", "a.geojson", "id;name\n1;A\n", "not GeoJSON")]
    [InlineData("text/csv", "a.csv", "id;name;country\nz-1;A;FR\nz-2;\"B", "cut short")]
    public async Task A_file_that_is_not_what_it_says_fails_its_job_which_says_why(string type, string name, string text, string says)
    {
        var imports = await api.AskDatabaseAsync<long>("select count(*) from import");

        var job = await api.ImportAsync("source=not-so", ImportingApi.Form(text, name, type));

        Assert.Equal(("failed", "urn:chantier:problem:import-refused", "422"), (job.Text("state"), job.Text("problem.type"), job.Text("problem.status")));
        Assert.Contains(says, job.Text("problem.detail"), StringComparison.Ordinal);
        Assert.Equal(imports, await api.AskDatabaseAsync<long>("select count(*) from import"));
        Assert.Equal(0, await ImportingApi.LeftAsync(api.ConnectionString));
        (await api.Ask.GetAsync("/v1/sources/not-so")).IsProblem(404);
    }

    [Fact]
    public async Task What_the_schema_refuses_is_told_by_its_name_and_costs_its_part_alone_where_parts_are_asked_for()
    {
        await World.ExecuteAsync(api.ConnectionString, "alter table factory_version add constraint not_unlucky check (name <> 'Unlucky')");
        HttpContent File() => ImportingApi.Form("id;name;country\nluck-1;Lucky;FR\nluck-2;Unlucky;FR\n", "luck.csv", "text/csv");

        var failed = await api.ImportAsync("source=luck", File());
        Assert.Contains("not_unlucky", failed.Text("problem.detail"), StringComparison.Ordinal);
        Assert.DoesNotContain("violates", failed.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await ImportingApi.LeftAsync(api.ConnectionString));
        var done = await api.ImportAsync("source=luck&chunk=1", File());

        Assert.Equal(("finished", "1", "1"), (done.Text("state"), done.Text("result.created"), done.Text("result.rejected")));
    }

    [Fact]
    public async Task What_others_look_at_that_all_databases_share_keeps_no_import_waiting()
    {
        await using var other = new NpgsqlConnection(api.ConnectionString);
        await other.OpenAsync(Token);
        await using var transaction = await other.BeginTransactionAsync(Token);
        await other.ExecuteAsync(new CommandDefinition("analyze pg_database", cancellationToken: Token));

        foreach (var name in new[] { "Beside", "Next" })
        {
            Assert.Equal("finished", (await api.ImportAsync("source=beside", ImportingApi.Form($"id;name;country\nbeside-1;{name};FR\n", "beside.csv", "text/csv"))).Text("state"));
        }
    }

    [Fact]
    public async Task An_upload_that_comes_again_under_its_key_is_answered_the_same_and_done_once()
    {
        const string Key = "Idempotency-Key: the-very-list";
        Task<Answer> SendAsync(string name) => api.UploadAsync("source=again", ImportingApi.Form($"id;name;country\nagain-1;{name};FR\n", "again.csv", "text/csv"), Key);
        var jobs = await api.AskDatabaseAsync<long>("select count(*) from job");

        var first = (await SendAsync("A")).Is(201);
        // Each form has a boundary of its own, by which nothing is told apart.
        Assert.Equal((first.Text, first.Header("Location")), ((await SendAsync("A")).Is(201) is var second ? (second.Text, second.Header("Location")) : default));
        (await SendAsync("B")).IsProblem(422);

        await api.UntilAsync(first.Header("Location")!, job => job.Text("state") == "finished");
        Assert.Equal(jobs + 1, await api.AskDatabaseAsync<long>("select count(*) from job"));
        Assert.Equal(0, await ImportingApi.LeftAsync(api.ConnectionString));
    }

    [Fact]
    public async Task Who_may_only_propose_does_not_import_nor_see_imports()
    {
        (await ImportingApi.UploadAsync(api.Api.Client, "mapping=chantier&source=s", ImportingApi.Csv(Header), api.Key("contribute"))).IsProblem(403);
        (await ImportingApi.UploadAsync(api.Api.Client, "mapping=chantier&source=s", ImportingApi.Csv(Header), null)).IsProblem(401);
        (await api.Ask.GetAsync("/v1/imports", $"Authorization: Bearer {api.Key("contribute")}")).IsProblem(403);
        (await api.Ask.GetAsync("/v1/imports/1/report")).IsProblem(401);
        (await api.GetAsync("/v1/imports/99999")).IsProblem(404);
        (await api.GetAsync("/v1/imports/99999/report")).IsProblem(404);
    }

    [Fact]
    public async Task A_file_beyond_the_limit_is_refused_by_its_length_and_where_it_has_none_when_it_is_reached()
    {
        await using var small = await TestApi.StartAsync(api.ConnectionString, Token, "--Chantier:Limits:ImportBytes=2048", "--Chantier:Limits:BodyBytes=1024", "--Chantier:Jobs:Run=false");
        var jobs = await api.AskDatabaseAsync<long>("select count(*) from job");
        var text = new string('x', 3000);

        foreach (var content in new HttpContent[] { ImportingApi.Csv(text), new Unmeasured(text), ImportingApi.Form(text, "a.csv", null, mapping: null) })
        {
            Assert.Contains("2048", (await ImportingApi.UploadAsync(small.Client, "mapping=chantier&source=s", content, api.Key())).IsProblem(413).Json.Text("detail"), StringComparison.Ordinal);
        }

        Assert.Contains("1024", (await ImportingApi.UploadAsync(small.Client, "source=s", ImportingApi.Form("a", "a.csv", null, new string(' ', 1100)), api.Key())).IsProblem(413).Json.Text("detail"), StringComparison.Ordinal);
        // What is smaller than that is not held to the limit of other bodies.
        var taken = (await ImportingApi.UploadAsync(small.Client, "mapping=chantier&source=s&dryRun=true", ImportingApi.Csv(Header + new string(' ', 1500)), api.Key())).Is(201);
        await api.UntilAsync(taken.Header("Location")!, job => job.Text("endedAt") is not null);
        Assert.Equal(jobs + 1, await api.AskDatabaseAsync<long>("select count(*) from job"));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        var jobs = await api.AskDatabaseAsync<long>("select count(*) from job");
        using (var socket = new TcpClient())
        {
            var server = api.Api.Client.BaseAddress!;
            await socket.ConnectAsync(server.Host, server.Port, Token);
            await using var stream = socket.GetStream();
            var head = $"POST /v1/imports?mapping=chantier&source=broken HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {api.Key()}\r\nContent-Type: text/csv\r\nContent-Length: 5000000\r\n\r\n{Header}";
            await stream.WriteAsync(Encoding.UTF8.GetBytes(head + new string('x', 1_500_000)), Token);
            await UntilAsync("select exists (select from pg_stat_activity where datname = current_database() and state = 'idle in transaction' and query like '%job_part%')");
        }

        await UntilAsync("select not exists (select from pg_stat_activity where datname = current_database() and state = 'idle in transaction')");
        Assert.Equal(jobs, await api.AskDatabaseAsync<long>("select count(*) from job"));
        Assert.Equal(0, await ImportingApi.LeftAsync(api.ConnectionString));
    }

    private async Task UntilAsync(string sql)
    {
        for (var i = 0; i < 500 && !await api.AskDatabaseAsync<bool>(sql); i++)
        {
            await Task.Delay(20, Token);
        }

        Assert.True(await api.AskDatabaseAsync<bool>(sql), sql);
    }

    /// <summary>Sent in chunks, as its length is not known.</summary>
    private sealed class Unmeasured : StringContent
    {
        public Unmeasured(string text)
            : base(text, Encoding.UTF8, "text/csv") => Headers.ContentLength = null;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
