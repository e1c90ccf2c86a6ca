using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Chantier.Api.Archives;
using Chantier.Api.Tests.Writing;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Archives;

/// <summary>What is in an archive and what never is, how it is made and fetched, and what is said of one that is not whole.</summary>
public sealed class ArchiveTests(PostgresFixture postgres) : Curation(postgres)
{
    private readonly PostgresFixture _postgres = postgres;

    [Fact]
    public async Task Every_table_of_the_catalogue_is_declared_as_archived_or_left_out_and_no_other_is()
    {
        await using var source = TestDatabases.Source(Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        var there = (await connection.QueryAsync<string>("select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace")).Order(StringComparer.Ordinal);
        Assert.Equal(there, ArchiveTables.All.Select(table => table.Name).Concat(ArchiveTables.LeftOut.Keys).Order(StringComparer.Ordinal));

        foreach (var table in ArchiveTables.All)
        {
            var columns = (await connection.QueryAsync<string>("select attname from pg_attribute where attrelid = @name::regclass and attnum > 0 and not attisdropped", new { name = $"\"{table.Name}\"" })).ToList();
            Assert.Empty(table.LeftOut.Except(columns));
            // What refers to a table that is left out cannot go along.
            var outside = await connection.QueryAsync<string>("""
                select a.attname from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
                where c.contype = 'f' and c.conrelid = @name::regclass and c.confrelid::regclass::text = any (@outside)
                """, new { name = $"\"{table.Name}\"", outside = ArchiveTables.LeftOut.Keys.ToArray() });
            Assert.Empty(outside.Except(table.LeftOut));
        }
    }

    [Fact]
    public async Task An_archive_is_made_by_a_job_fetched_whole_or_in_ranges_and_tells_what_it_has()
    {
        await PostAsync("/v1/factories", """{"name":"Usine \"é\" \\ 日本","sector":"other","country":"FR"}""");
        var job = (await SendAsync("POST", "/v1/archives", "{}", "admin")).Is(201);
        Assert.Equal("archive", job.Json.Text("kind"));
        var made = await EndedAsync(job.Header("Location")!);
        Assert.Equal("finished", made.Text("state"));

        var url = made.Text("result.url")!;
        var whole = (await SendAsync("GET", url, null, "admin")).Is(200);
        Assert.Equal(("application/zip", "no-store", "bytes"), (whole.MediaType, whole.Header("Cache-Control"), whole.Header("Accept-Ranges")));
        Assert.Contains(made.Text("result.fileName")!, whole.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.Equal(made.Text("result.sha256"), Convert.ToHexStringLower(SHA256.HashData(whole.Body)));
        Assert.Equal(whole.Body[10..100], (await SendAsync("GET", url, null, "admin", "Range: bytes=10-99")).Is(206).Body);
        Assert.Equal(whole.Body[^7..], (await SendAsync("GET", url, null, "admin", "Range: bytes=-7")).Is(206).Body);
        (await SendAsync("GET", url, null, "admin", "Range: bytes=999999999-")).IsProblem(416);

        var file = new ArchiveFile(whole.Body);
        var (manifest, files) = (file.Manifest(), file.Files());
        Assert.Equal(made.Text("result.knownAt"), (await JsonAsync("/v1/factories?limit=1")).Text("knownAt"));
        Assert.Equal(DateTimeOffset.Parse(made.Text("result.knownAt")!), manifest["knownAt"]!.GetValue<DateTimeOffset>());
        Assert.Equal(ArchiveTables.All.Select(table => table.FileName), manifest["files"]!.AsArray().Select(f => (string?)f!["name"]));
        Assert.All(manifest["files"]!.AsArray(), entry =>
        {
            var content = files[(string)entry!["name"]!];
            Assert.Equal(((long)entry["rows"]!, (long)entry["bytes"]!, (string?)entry["sha256"]), (content.Count(b => b == '\n'), content.Length, Convert.ToHexStringLower(SHA256.HashData(content))));
            Assert.All(Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(entry["columns"]!.AsArray().Select(c => (string)c!), JsonNode.Parse(line)!.AsObject().Select(member => member.Key)));
        });
        Assert.Contains("Usine \\\"é\\\" \\\\ 日本", file.Text(), StringComparison.Ordinal);
        var attributed = Assert.Single(manifest["attribution"]!.AsArray(), part => part!["sources"]!.AsArray().Any(slug => (string)slug! == "vallee-de-la-batterie-2024-08"));
        Assert.NotNull(attributed);
        var dcat = JsonNode.Parse(files["dcat.jsonld"])!;
        Assert.Equal(("dcat:Dataset", ArchiveTables.All.Count), ((string?)dcat["@type"], dcat["dcat:distribution"]!.AsArray().Count));
    }

    [Fact]
    public async Task Keys_and_what_was_redacted_are_in_none_and_what_was_made_before_is_gone()
    {
        var slug = (await MadeAsync("/v1/operators", """{"name":"Dupont et fils","legalName":"Jean Dupont, 3 rue de la Paix"}""")).Text("slug")!;
        (await SendAsync("PATCH", $"/v1/operators/{slug}", """{"website":"https://jean-dupont.example"}""", "contribute", "If-Match: *")).Is(202);
        (await SendAsync("POST", "/v1/webhooks", """{"url":"https://hooks.example/secret-path","active":false}""", "curate")).Is(201);
        var before = (await EndedAsync((await SendAsync("POST", "/v1/archives", "{}", "admin")).Header("Location")!)).Text("result.url")!;
        var text = new ArchiveFile((await SendAsync("GET", before, null, "admin")).Is(200).Body).Text();
        Assert.Contains("rue de la Paix", text, StringComparison.Ordinal);
        Assert.Contains("jean-dupont.example", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-path", text, StringComparison.Ordinal);
        Assert.DoesNotContain("api_key", text, StringComparison.Ordinal);
        Assert.All(await AskDatabaseAsync<string[]>("select array_agg(encode(hash, 'hex')) from api_key") ?? [], hash => Assert.DoesNotContain(hash, text, StringComparison.Ordinal));

        (await SendAsync("POST", "/v1/redactions", $$"""{"type":"operator","id":"{{slug}}"}""", "admin")).Is(200);
        (await SendAsync("GET", before, null, "admin")).IsProblem(410);
        Assert.Equal(0, await AskDatabaseAsync<int>("select count(*)::int from job_part"));
        var after = await ArchiveFile.OfAsync(Connection);
        Assert.DoesNotContain("rue de la Paix", after.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("Dupont et fils", after.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_was_taken_while_something_was_redacted_is_not_served()
    {
        var url = (await EndedAsync((await SendAsync("POST", "/v1/archives", "{}", "admin")).Header("Location")!)).Text("result.url")!;
        (await SendAsync("GET", url, null, "admin")).Is(200);
        // As if its snapshot had been older than the redaction: its parts came afterwards.
        await World.ExecuteAsync(Connection, """
            create temp table kept as select * from job_part;
            with s as (select * from begin_write())
            insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, version) select last_seq + 1, recorded_at, 'admin', 'redacted', 'operator', 1, 1 from s;
            insert into job_part select * from kept;
            """);
        (await SendAsync("GET", url, null, "admin")).IsProblem(410);
    }

    [Fact]
    public async Task The_newest_three_are_kept()
    {
        var urls = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            urls.Add((await EndedAsync((await SendAsync("POST", "/v1/archives", "{}", "admin")).Header("Location")!)).Text("result.url")!);
        }

        (await SendAsync("GET", urls[0], null, "admin")).IsProblem(410);
        foreach (var url in urls[1..])
        {
            (await SendAsync("GET", url, null, "admin")).Is(200);
        }
    }

    [Fact]
    public async Task A_restored_tracker_gives_the_same_archive_is_written_on_and_keeps_its_proposals()
    {
        (await SendAsync("PATCH", "/v1/factories/verkor-dunkerque", """{"website":"https://verkor.com"}""", "contribute", "If-Match: *")).Is(202);
        var archive = await ArchiveFile.OfAsync(Connection);
        Assert.Equal(archive.Data(), (await ArchiveFile.OfAsync(Connection)).Data());

        var empty = await _postgres.Databases.CreateAsync(Token);
        await archive.RestoreAsync(empty);
        AssertSame(archive, await ArchiveFile.OfAsync(empty));
        await using var api = await Testing.TestApi.StartAsync(empty, Token);
        var ask = new Ask(api.Client);
        var key = await Api.Keys.CreateKey.RunAsync(empty, "curator", "curate", Token);
        // Sequences stand behind what was restored.
        var made = (await ask.WriteAsync("POST", "/v1/factories", """{"name":"Nouvelle","sector":"other","country":"FR"}""", key)).Is(201).Json;
        Assert.Equal("nouvelle", made.Text("slug"));
        (await ask.WriteAsync("POST", "/v1/proposals/1/acceptance", "{}", key)).Is(200);
        Assert.Equal("https://verkor.com", (await ask.JsonAsync("/v1/factories/verkor-dunkerque")).Text("website"));
        Assert.Equal("contribute", (await ask.ItemsAsync("/v1/changes?sort=-seq&limit=1"))[0].Text("actor"));

        var refused = await Assert.ThrowsAsync<ArchiveException>(() => archive.RestoreAsync(empty));
        Assert.Contains("The tracker is not empty", refused.Message, StringComparison.Ordinal);
        Assert.Contains("factory", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_whole_or_not_an_archive_changes_nothing_and_says_why()
    {
        var archive = await ArchiveFile.OfAsync(Connection);
        var empty = await _postgres.Databases.CreateAsync(Token);
        var nothing = await ArchiveFile.OfAsync(empty);
        var claims = archive.Data()["data/claim.ndjson"];
        (ArchiveFile File, string Says)[] bad =
        [
            (new([]), "no whole zip"),
            (new(Encoding.UTF8.GetBytes("slug,name\r\n")), "no whole zip"),
            (new(archive.Bytes[..(archive.Bytes.Length / 2)]), "no whole zip"),
            (new(archive.Bytes[..^1]), "no whole zip"),
            (archive.With("manifest.json", _ => null), "has no manifest.json"),
            (archive.With("manifest.json", content => content[..100]), "manifest.json cannot be read"),
            (archive.WithManifest(m => m["format"] = "chantier-archive/2"), "says the format 'chantier-archive/2'"),
            (archive.WithManifest(m => m["schema"] = "9999_future.sql"), "made by a newer Chantier"),
            (archive.WithManifest(m => m["schema"] = "0001_vocabulary.sql"), "Restore it into a new database"),
            (archive.With("data/claim.ndjson", _ => null), "data/claim.ndjson is missing"),
            (archive.With("data/claim.ndjson", content => content[..^1]), "bytes"),
            (archive.With("data/claim.ndjson", content => [.. content, .. content]), "has more than"),
            (archive.With("data/claim.ndjson", content => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace("medium", "mediam", StringComparison.Ordinal))), "SHA-256"),
            (archive.With("data/evidence.ndjson", content => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace("\"claim_id\":1,", "\"claim_id\":2,", StringComparison.Ordinal))), "SHA-256"),
            (archive.WithManifest(m => m["files"]!.AsArray().First(f => (string)f!["table"]! == "claim")!["rows"] = 7), "rows"),
            (archive.WithManifest(m => m["files"]!.AsArray().RemoveAt(3)), "does not name these tables"),
            (archive.WithManifest(m => m["files"]!.AsArray()[3]!["table"] = "api_key"), "names the table 'api_key'"),
            (archive.WithManifest(m => m["files"]!.AsArray()[3]!["columns"]!.AsArray().Add("nothing")), "has the column 'nothing'"),
            // As somebody would alter it who knows how: what the database knows is still held to.
            (Altered(archive, "data/claim.ndjson", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(claims).Replace("\"medium\"", "\"vague\"", StringComparison.Ordinal))), "claim_confidence_known"),
            (Altered(archive, "data/claim.ndjson", [.. "{nonsense}\n"u8, .. claims]), "does not accept"),
            (Altered(archive, "data/evidence.ndjson", []), "claim_has_evidence"),
            (Altered(archive, "data/phase.ndjson", []), "_fkey"),
        ];
        foreach (var (file, says) in bad)
        {
            var refused = await Assert.ThrowsAsync<ArchiveException>(() => file.RestoreAsync(empty));
            Assert.True(refused.Message.Contains(says, StringComparison.Ordinal), $"'{refused.Message}' does not say '{says}'");
        }

        AssertSame(nothing, await ArchiveFile.OfAsync(empty));
        await archive.RestoreAsync(empty);
        AssertSame(archive, await ArchiveFile.OfAsync(empty));
    }

    [Fact]
    public async Task A_byte_that_was_altered_anywhere_is_noticed_or_means_nothing()
    {
        var archive = await ArchiveFile.OfAsync(Connection);
        var empty = await _postgres.Databases.CreateAsync(Token);
        var random = new Random(20261124);
        for (var i = 0; i < 60; i++)
        {
            var bytes = archive.Bytes.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                await new ArchiveFile(bytes).RestoreAsync(empty);
            }
            catch (ArchiveException)
            {
                continue;
            }

            // Such as the stamp of a file in the zip, or what is not restored.
            AssertSame(archive, await ArchiveFile.OfAsync(empty));
            empty = await _postgres.Databases.CreateAsync(Token);
        }

        await archive.RestoreAsync(empty);
    }

    [Fact]
    public async Task An_archive_is_one_moment_whatever_is_written_meanwhile()
    {
        await using var source = TestDatabases.Source(Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        using var file = new MemoryStream();
        var wrote = false;
        // Progress comes from within, so this write falls between two tables.
        var manifest = await WriteArchive.ToAsync(connection, file, new Telling(_ =>
        {
            if (!wrote)
            {
                wrote = true;
                PostAsync("/v1/operators", """{"name":"Later"}""").GetAwaiter().GetResult().Is(201);
            }
        }), Token);

        var archive = new ArchiveFile(file.ToArray());
        Assert.DoesNotContain("Later", archive.Text(), StringComparison.Ordinal);
        Assert.Equal(manifest.Seq, archive.Manifest()["seq"]!.GetValue<long>());
        Assert.Contains("\"Later\"", (await ArchiveFile.OfAsync(Connection)).Text(), StringComparison.Ordinal);
    }

    private static ArchiveFile Altered(ArchiveFile archive, string name, byte[] content) => archive.With(name, _ => content).WithManifest(manifest =>
    {
        var entry = manifest["files"]!.AsArray().First(f => (string)f!["name"]! == name)!;
        entry["rows"] = content.Count(b => b == '\n');
        entry["bytes"] = content.Length;
        entry["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content));
    });

    private static void AssertSame(ArchiveFile one, ArchiveFile other)
    {
        var (files, others) = (one.Data(), other.Data());
        Assert.Equal(files.Keys, others.Keys);
        Assert.All(files, file => Assert.True(file.Value.AsSpan().SequenceEqual(others[file.Key]), $"{file.Key} differs"));
    }

    private async Task<System.Text.Json.JsonElement> EndedAsync(string job)
    {
        for (var i = 0; i < 600; i++)
        {
            var answer = (await SendAsync("GET", job, null, "admin")).Is(200);
            if (answer.Json.Text("endedAt") is not null)
            {
                return answer.Json;
            }

            await Task.Delay(50, Token);
        }

        Assert.Fail($"{job} never ended.");
        return default;
    }

    private sealed class Telling(Action<Chantier.Api.Jobs.JobProgress> told) : IProgress<Chantier.Api.Jobs.JobProgress>
    {
        public void Report(Chantier.Api.Jobs.JobProgress value) => told(value);
    }
}
