using Chantier.Api.Database;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Writing;

/// <summary>What is redacted stands nowhere any more.</summary>
public sealed class RedactionTests(PostgresFixture postgres) : Curation(postgres)
{
    private const string Secret = "Zébulon Quidam";

    [Fact]
    public async Task A_redacted_operator_is_nowhere_in_any_version_projection_answer_or_proposal()
    {
        (await SendAsync("POST", "/v1/operators", $$"""{"name":"{{Secret}}","legalName":"Maison {{Secret}} SARL"}""", "curate", "Idempotency-Key: one")).Is(201);
        (await PatchAsync("/v1/operators/zebulon-quidam", $$"""{"name":"Usines {{Secret}}"}""")).Is(200);
        var factory = await FactoryAsync();
        await MadeAsync(factory + "/roles", $$"""{"operator":"zebulon-quidam","role":"operator","sources":{{Source}}}""");
        var proposal = (await SendAsync("PATCH", "/v1/operators/zebulon-quidam", $$"""{"legalName":"{{Secret}}","country":"FR"}""", "contribute", "If-Match: *")).Is(202).Header("Location");
        (await SendAsync("POST", factory + "/figures", $$"""{"property":"jobs","value":5,"unit":"jobs","sources":{{Source}}}""", "curate", "Idempotency-Key: jobs at zebulon-quidam")).Is(201);
        var hook = (await PostAsync("/v1/webhooks", $$"""{"url":"https://example.org/zebulon-quidam","description":"All of {{Secret}}.","filter":"operator=verkor,zebulon-quidam&q=Z%C3%A9bulon+Quidam","active":false}""")).Is(201).Header("Location");
        var before = await JsonAsync(factory);
        var past = before.Text("updatedAt");
        Assert.Equal("Usines " + Secret, before.List("operators")[0].Text("name"));
        var etag = (await GetAsync(factory)).Header("ETag");
        Assert.True(await OccurrencesAsync(Secret) > 5);

        var redacted = (await SendAsync("POST", "/v1/redactions", """{"type":"operator","id":"zebulon-quidam","fields":["name","legalName","slug"]}""", "admin")).Is(200).Json;

        Assert.Equal(0, await OccurrencesAsync(Secret));
        Assert.Equal(0, await OccurrencesAsync("zebulon-quidam"));
        Assert.Equal(0, await OccurrencesAsync("zebulon quidam"));
        Assert.Equal("[redacted]", (await JsonAsync($"/v1/operators/{redacted.Text("id")}")).Text("name"));
        Assert.Equal("[redacted]", (await JsonAsync($"{factory}?knownAt={past}")).List("operators")[0].Text("name"));
        Assert.NotEqual(etag, (await GetAsync(factory)).Header("ETag"));
        Assert.Empty(await ItemsAsync("/v1/factories?q=quidam"));
        (await GetAsync("/v1/operators/zebulon-quidam")).IsProblem(404);
        // What was kept under its name goes by the new one, and still works.
        var (curated, slug) = (await SendAsync("GET", hook!, null, "curate"), redacted.Text("id"));
        Assert.Equal(($"https://example.org/{slug}", "All of [redacted].", $"operator=verkor%2C{slug}&q=%5Bredacted%5D"), (curated.Json.Text("url"), curated.Json.Text("description"), curated.Json.Text("filter")));
        (await PatchAsync(hook!, """{"active":true}""")).Is(200);
        var preview = (await SendAsync("GET", proposal + "/changes", null, "curate")).Is(200).Json;
        Assert.Equal((null, "FR"), (preview.Text("problem"), preview.List("changes").Single().Text("after.country")));
        // The same request again gets its first answer, as far as that may still be told.
        var again = (await SendAsync("POST", "/v1/operators", $$"""{"name":"{{Secret}}","legalName":"Maison {{Secret}} SARL"}""", "curate", "Idempotency-Key: one")).Is(201);
        Assert.DoesNotContain(Secret, again.Text, StringComparison.Ordinal);
        Assert.Equal("redacted", await AskDatabaseAsync<string>("select cause from change order by seq desc limit 1"));
        await ProjectionsAreThoseOfARebuildAsync();
    }

    [Fact]
    public async Task A_slug_from_a_pack_is_nowhere_either_not_even_in_what_the_pack_knows_its_claims_by()
    {
        Assert.NotEqual(0, await AskDatabaseAsync<long>("select count(*) from claim where key like '%verkor-dunkerque%'"));

        var redacted = (await SendAsync("POST", "/v1/redactions", """{"type":"factory","id":"verkor-dunkerque","fields":["name","description","locality","slug"]}""", "admin")).Is(200).Json;

        Assert.Equal(0, await OccurrencesAsync("verkor-dunkerque"));
        Assert.Equal(0, await OccurrencesAsync("Verkor Dunkerque"));
        Assert.Equal("[redacted]", (await JsonAsync($"/v1/factories/{redacted.Text("id")}")).Text("name"));
        Assert.NotEqual(0, await AskDatabaseAsync<long>($"select count(*) from claim where key like '%{redacted.Text("id")}%'"));
    }

    [Theory]
    [InlineData("claim", "note")]
    [InlineData("claim", null)]
    public async Task A_note_of_a_claim_and_of_its_evidence_can_be_made_unreadable(string type, string? field)
    {
        var claim = await MadeAsync("/v1/factories/verkor-dunkerque/figures", $$"""
            {"property":"jobs","word":"as {{Secret}} has it","unit":"jobs","note":"From {{Secret}}.","sources":[{"source":"vallee-de-la-batterie-2024-08","note":"{{Secret}} says so."}]}
            """);
        (await SendAsync("POST", "/v1/redactions", $$"""{"type":"{{type}}","id":"{{claim.Text("id")}}"{{(field is null ? "" : $",\"fields\":[\"{field}\"]")}}}""", "admin")).Is(200);

        var now = await JsonAsync($"/v1/claims/{claim.Text("id")}");
        Assert.Equal("[redacted]", now.Text("claimNote"));
        Assert.Equal(field is null ? "[redacted]" : $"as {Secret} has it", now.Text("word"));
        Assert.Equal(field is null ? 0 : 2, await OccurrencesAsync(Secret));
        await ProjectionsAreThoseOfARebuildAsync();
    }

    [Theory]
    [InlineData("factory", "verkor-dunkerque")]
    [InlineData("phase", "1")]
    [InlineData("operator", "verkor")]
    [InlineData("region", "hauts-de-france")]
    [InlineData("media", "1")]
    [InlineData("source", "vallee-de-la-batterie-2024-08")]
    [InlineData("claim", "1")]
    [InlineData("evidence", "1")]
    public async Task Every_kind_of_thing_can_be_redacted_whole(string type, string id)
    {
        (await SendAsync("POST", "/v1/redactions", $$"""{"type":"{{type}}","id":"{{id}}"}""", "admin")).Is(200);

        await ProjectionsAreThoseOfARebuildAsync();
        (await GetAsync("/v1/factories?include=operators,regions,phases,statusEvents,figures,media,sources")).Is(200);
    }

    [Fact]
    public async Task Only_an_admin_redacts_and_only_what_there_is()
    {
        (await SendAsync("POST", "/v1/redactions", """{"type":"operator","id":"verkor"}""", "curate")).IsProblem(403);
        (await SendAsync("POST", "/v1/redactions", """{"type":"operator","id":"nobody"}""", "admin")).IsProblem(422);
        (await SendAsync("POST", "/v1/redactions", """{"type":"operator","id":"verkor","fields":["country"]}""", "admin")).IsProblem(422);
        (await SendAsync("POST", "/v1/redactions", """{"type":"weather","id":"verkor"}""", "admin")).IsProblem(422);
    }

    // In every column of every table that holds text, JSON or bytes.
    private async Task<long> OccurrencesAsync(string text)
    {
        await using var source = TestDatabases.Source(Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        var columns = (await connection.QueryAsync<(string Table, string Column, string Type)>("""
            select c.table_name, c.column_name, c.udt_name from information_schema.columns c
            join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
            where c.table_schema = 'public' and c.udt_name in ('text', '_text', 'jsonb', 'json', 'bytea', 'varchar')
            """)).ToList();
        var found = 0L;
        foreach (var (table, column, type) in columns)
        {
            var readable = type == "bytea" ? $"encode(\"{column}\", 'escape')" : $"\"{column}\"::text";
            // As bytes escape what is not ASCII, so does what is looked for.
            var sought = type == "bytea" ? "encode(convert_to(@text, 'UTF8'), 'escape')" : "@text";
            found += await connection.QuerySingleAsync<long>($"select count(*) from \"{table}\" where position(lower({sought}) in lower({readable})) > 0", new { text });
        }

        return found;
    }

    private async Task ProjectionsAreThoseOfARebuildAsync()
    {
        await using var source = TestDatabases.Source(Connection);
        await using var connection = await source.OpenConnectionAsync(Token);
        const string All = """
            select string_agg(r, e'\n' order by r) from (
              select 'current ' || (to_jsonb(t) - 'stamp')::text as r from factory_current t union all select 'span ' || s::text from status_span s
              union all select 'capacity ' || c::text from capacity_span c
              union all select 'text ' || x::text from factory_text x
              union all select 'search ' || e::text from search_entry e union all select 'word ' || w::text from search_word w) rows
            """;
        var advanced = await connection.QuerySingleAsync<string>(All);
        await Projections.RebuildAsync(Connection, Token);
        Assert.Equal(await connection.QuerySingleAsync<string>(All), advanced);
    }
}
