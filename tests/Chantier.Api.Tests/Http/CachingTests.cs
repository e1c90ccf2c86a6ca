using System.IO.Compression;
using Chantier.Api.Database;
using Dapper;

namespace Chantier.Api.Tests.Http;

/// <summary>Validators, freshness, HEAD, compression, and who else may read.</summary>
public sealed class CachingTests(PostgresFixture postgres) : World(postgres)
{
    [Theory]
    [InlineData("/v1/factories")]
    [InlineData("/v1/factories?format=geojson&asOf=2020")]
    [InlineData("/v1/factories/acierie-elan")]
    [InlineData("/v1/factories/acierie-elan?include=phases&knownAt=2025-03-31")]
    [InlineData("/v1/operators/elan/ownership")]
    [InlineData("/v1/regions/arcadie")]
    [InlineData("/v1/statuses")]
    [InlineData("/v1/media/1")]
    public async Task An_answer_that_still_stands_is_not_sent_again(string path)
    {
        var first = (await Ask.GetAsync(path)).Is(200);
        var tag = first.Header("ETag")!;
        Assert.Matches("^\"[!#-~]+\"$", tag);

        foreach (var condition in new[] { tag, $"W/{tag}", $"\"other\", {tag}", $"W/\"other\",W/{tag} , \"more\"", "*" })
        {
            var unchanged = (await Ask.GetAsync(path, $"If-None-Match: {condition}")).Is(304);
            Assert.Empty(unchanged.Body);
            Assert.Equal((tag, first.Header("Cache-Control"), first.Header("Vary")), (unchanged.Header("ETag"), unchanged.Header("Cache-Control"), unchanged.Header("Vary")));
        }

        foreach (var condition in new[] { "\"other\"", $"W/\"{tag[1..^2]}x\"", tag.Trim('"'), "\"\"", "W/" })
        {
            Assert.Equal(tag, (await Ask.GetAsync(path, $"If-None-Match: {condition}")).Is(200).Header("ETag"));
        }
    }

    [Fact]
    public async Task A_tag_is_of_one_representation()
    {
        var tags = new List<string?>();
        foreach (var headers in new string[][] { [], ["Accept: text/csv"], ["Accept: application/geo+json"], ["Accept-Language: fr"], ["Accept-Encoding: gzip"], ["Accept-Encoding: br"] })
        {
            tags.Add((await Ask.GetAsync("/v1/factories", headers)).Is(200).Header("ETag"));
        }

        foreach (var query in new[] { "?limit=1", "?fields=slug", "?asOf=2020", "?asOf=2021", "?lang=fr", "?status=operating" })
        {
            tags.Add((await Ask.GetAsync("/v1/factories" + query)).Is(200).Header("ETag"));
        }

        Assert.Equal(tags.Count, tags.Distinct().Count());
        (await Ask.GetAsync("/v1/factories", $"If-None-Match: {tags[0]}", "Accept-Encoding: gzip")).Is(200);
        (await Ask.GetAsync("/v1/factories", $"If-None-Match: {tags[4]}", "Accept-Encoding: gzip")).Is(304);
        (await Ask.GetAsync("/v1/operators", $"If-None-Match: {tags[0]}")).Is(200);
    }

    [Fact]
    public async Task A_write_changes_the_tag_and_the_stale_one_gets_the_new_answer()
    {
        var list = (await Ask.GetAsync("/v1/factories")).Header("ETag");
        var one = (await Ask.GetAsync("/v1/factories/virgule")).Header("ETag");

        await WriteAsync("""
            create temp table stamp on commit drop as select * from begin_write();
            update factory_version set known_to = (select recorded_at from stamp) where factory_id = 4 and known_to = 'infinity';
            insert into factory_version (factory_id, version, name, names, sector, country, recorded_by, known_from)
            select factory_id, 2, 'Point-virgule', '[{"text":"Point-virgule","lang":"fr","kind":"official"}]', sector, country, 'inventor', (select recorded_at from stamp)
            from factory_version where factory_id = 4 and version = 1;
            insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
            select last_seq + 1, recorded_at, 'inventor', 'revised', 'factory', 4, 4, 2 from stamp;
            """);

        var now = (await Ask.GetAsync("/v1/factories/virgule", $"If-None-Match: {one}")).Is(200);
        Assert.Equal("Point-virgule", now.Json.Text("name"));
        Assert.NotEqual(one, now.Header("ETag"));
        Assert.StartsWith("\"v2-", now.Header("ETag"), StringComparison.Ordinal);
        Assert.NotEqual(list, (await Ask.GetAsync("/v1/factories", $"If-None-Match: {list}")).Is(200).Header("ETag"));
    }

    /// <summary>The data are locked away: what must read them waits, and what need not answers at once.</summary>
    [Fact]
    public async Task What_is_unchanged_is_answered_without_the_query()
    {
        var paths = new[] { "/v1/factories", "/v1/factories/acierie-elan", "/v1/factories?knownAt=2025-03-31", "/v1/operators/elan", "/v1/status-events", "/v1/regions/arcadie/factories?format=csv", "/v1/sources/carnet", "/v1/media/1" };
        var tags = new List<string>();
        foreach (var path in paths)
        {
            tags.Add((await Ask.GetAsync(path)).Is(200).Header("ETag")!);
        }

        await using var source = DataSources.Unpooled(ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await connection.ExecuteAsync(
            "lock table factory, factory_current, factory_version, operator_version, region_version, claim, source_version, media_version, slug in access exclusive mode", transaction: transaction);

        foreach (var (path, tag) in paths.Zip(tags))
        {
            var asked = Ask.GetAsync(path, $"If-None-Match: {tag}");
            Assert.Same(asked, await Task.WhenAny(asked, Task.Delay(TimeSpan.FromSeconds(5), Token)));
            (await asked).Is(304);
        }

        var waiting = paths.Select(path => Ask.GetAsync(path)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(500), Token);
        Assert.DoesNotContain(waiting, asked => asked.IsCompleted);
        await transaction.RollbackAsync(Token);
        Assert.All(await Task.WhenAll(waiting), answer => answer.Is(200));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("?asOf=2020", false)]
    [InlineData("?knownAt=2025-03-31", true)]
    [InlineData("?asOf=2020&knownAt=2025-03-31", true)]
    [InlineData("?asOf=2020&knownAt=2025-05-10T10:00:00.123456Z", true)]
    [InlineData("?asOf=2020&knownAt=2025-05-10T10:00:00.123457Z", false)]
    [InlineData("?asOf=2020&publishedUntil=2025-03-31", false)]
    public async Task Only_the_recorded_past_may_be_kept_without_asking_again(string axes, bool isFinal)
    {
        foreach (var path in new[] { "/v1/factories", "/v1/factories/acierie-elan", "/v1/regions/arcadie/factories", "/v1/status-events", "/v1/operators/elan", "/v1/factories/acierie-elan/figures" })
        {
            Assert.Equal(isFinal ? "public, max-age=86400, immutable" : "no-cache", (await Ask.GetAsync(path + axes)).Is(200).Header("Cache-Control"));
        }
    }

    [Fact]
    public async Task What_an_answer_depends_on_is_said_once()
    {
        foreach (var headers in new string[][] { [], ["Accept-Encoding: br"], ["Origin: https://maps.example"] })
        {
            var answer = (await Ask.GetAsync("/v1/factories", headers)).Is(200);
            Assert.Equal(["Accept", "Accept-Encoding", "Accept-Language"], answer.Header("Vary")!.Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal));
        }

        Assert.Equal("no-store", (await Ask.GetAsync("/v1/factories?limit=0")).Header("Cache-Control"));
        Assert.Equal("no-store", (await Ask.GetAsync("/v1/factories/nobody")).Header("Cache-Control"));
    }

    [Theory]
    [InlineData("/v1/factories")]
    [InlineData("/v1/factories?format=csv")]
    [InlineData("/v1/factories/acierie-elan")]
    [InlineData("/v1/factories/nobody")]
    [InlineData("/v1/factories/supprimee")]
    [InlineData("/v1/factories?limit=0")]
    [InlineData("/v1/factories/acierie-elan-bis")]
    [InlineData("/v1/statuses")]
    [InlineData("/")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    public async Task Head_answers_as_get_without_the_content(string path)
    {
        var get = await Ask.GetAsync(path);
        var head = await Ask.SendAsync(HttpMethod.Head, path);

        Assert.Equal(get.Status, head.Status);
        Assert.Empty(head.Body);
        foreach (var name in new[] { "ETag", "Cache-Control", "Vary", "Content-Type", "Location", "Link" })
        {
            Assert.Equal((path, name, get.Header(name)), (path, name, head.Header(name)));
        }

        if (get.Header("ETag") is { } tag)
        {
            (await Ask.SendAsync(HttpMethod.Head, path, $"If-None-Match: {tag}")).Is(304);
        }
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, br", "br")]
    [InlineData("br;q=0.1, gzip", "gzip")]
    [InlineData("deflate", null)]
    [InlineData("br;q=0, gzip;q=0", null)]
    public async Task Answers_are_compressed_as_the_client_prefers(string accept, string? encoding)
    {
        foreach (var path in new[] { "/v1/factories", "/v1/factories?format=csv", "/v1/factories?format=geojson", "/v1/factories?format=ndjson", "/v1/factories/acierie-elan" })
        {
            var plain = (await Ask.GetAsync(path)).Is(200);
            var packed = (await Ask.GetAsync(path, $"Accept-Encoding: {accept}")).Is(200);

            Assert.Equal(encoding, packed.Header("Content-Encoding"));
            Assert.Null(plain.Header("Content-Encoding"));
            Assert.Equal(plain.Body, Unpacked(packed.Body, encoding));
            Assert.Equal(encoding is null, plain.Header("ETag") == packed.Header("ETag"));
            (await Ask.GetAsync(path, $"Accept-Encoding: {accept}", $"If-None-Match: {packed.Header("ETag")}")).Is(304);
        }
    }

    [Fact]
    public async Task Pages_of_other_origins_may_read_and_see_the_headers_they_need()
    {
        foreach (var path in new[] { "/v1/factories", "/v1/factories/nobody", "/v1/factories?limit=0", "/v1/factories/acierie-elan-bis", "/openapi/v1.json" })
        {
            Assert.Equal("*", (await Ask.GetAsync(path, "Origin: https://maps.example")).Header("Access-Control-Allow-Origin"));
        }

        var exposed = (await Ask.GetAsync("/v1/factories", "Origin: https://maps.example")).Header("Access-Control-Expose-Headers")!;
        Assert.Equal(["Content-Crs", "ETag", "Link", "Location", "Retry-After"], exposed.Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal));

        var asked = await Ask.SendAsync(HttpMethod.Options, "/v1/factories", "Origin: https://maps.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: if-none-match");
        Assert.Equal((204, "*"), ((int)asked.Status, asked.Header("Access-Control-Allow-Origin")));
        Assert.Contains("if-none-match", asked.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
    }

    private static byte[] Unpacked(byte[] body, string? encoding)
    {
        var unpacked = new MemoryStream();
        using Stream stream = encoding switch
        {
            "br" => new BrotliStream(new MemoryStream(body), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(body), CompressionMode.Decompress),
            _ => new MemoryStream(body),
        };
        stream.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
