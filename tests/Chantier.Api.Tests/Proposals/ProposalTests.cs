using System.Globalization;
using Chantier.Testing;
using Dapper;

namespace Chantier.Api.Tests.Proposals;

public sealed class ProposalTests(PostgresFixture postgres) : World(postgres)
{
    private const string Factory = """{"name":"Nouvelle","sector":"battery_cells","country":"FR"}""";

    private string _volunteer = "";
    private string _other = "";
    private string _curator = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _volunteer = await KeyAsync("volunteer", "contribute");
        _other = await KeyAsync("other", "contribute");
        _curator = await KeyAsync("curator", "curate");
    }

    [Fact]
    public async Task What_a_contributor_writes_is_filed_and_made_in_his_name_when_a_curator_accepts_it()
    {
        var filed = (await Ask.WriteAsync("POST", "/v1/factories", Factory, _volunteer)).Is(202);
        (await Ask.GetAsync("/v1/factories/nouvelle")).IsProblem(404);
        Assert.Equal("open", filed.Json.Text("state"));

        var proposal = (await Ask.GetAsync(filed.Header("Location")!, Bearer(_curator))).Is(200).Json;
        Assert.Equal(("CreateFactory", "volunteer", "Nouvelle"), (proposal.Text("operation"), proposal.Text("proposedBy"), proposal.Text("body.name")));

        var accepted = (await Ask.WriteAsync("POST", filed.Header("Location") + "/acceptance", "{}", _curator)).Is(200).Json;
        Assert.Equal(("accepted", "curator", "/v1/factories/nouvelle"), (accepted.Text("state"), accepted.Text("decidedBy"), accepted.Text("result")));

        (await Ask.GetAsync("/v1/factories/nouvelle")).Is(200);
        Assert.All(await Ask.TextsAsync("/v1/factories/nouvelle/changes", "actor"), actor => Assert.Equal("volunteer", actor));
        (await Ask.WriteAsync("POST", filed.Header("Location") + "/acceptance", "{}", _curator)).IsProblem(409);
    }

    [Fact]
    public async Task A_proposed_claim_moves_the_status_only_when_it_is_accepted_and_is_recorded_by_the_proposer()
    {
        (await Ask.WriteAsync("POST", "/v1/factories", Factory, _curator)).Is(201);
        var filed = (await Ask.WriteAsync(
            "POST", "/v1/factories/nouvelle/status-events", """{"status":"closed","date":"2025-01","dateMeaning":"observed","sources":[{"source":"registre-2023"}]}""", _volunteer)).Is(202);
        Assert.Null((await Ask.JsonAsync("/v1/factories/nouvelle")).Text("status"));

        var accepted = (await Ask.WriteAsync("POST", filed.Header("Location") + "/acceptance", """{"reason":"Checked."}""", _curator)).Is(200).Json;

        Assert.Equal("closed", (await Ask.JsonAsync("/v1/factories/nouvelle")).Text("status"));
        Assert.Equal("volunteer", (await Ask.JsonAsync(accepted.Text("result")!)).Text("recordedBy"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_proposal_is_said_at_once_and_nothing_is_filed()
    {
        (await Ask.WriteAsync("POST", "/v1/factories", """{"name":"Nouvelle","sector":"battery_cells"}""", _volunteer)).IsProblem(422);
        (await Ask.WriteAsync("POST", "/v1/factories", """{"name":"Nouvelle","sector":"moonshine","country":"FR"}""", _volunteer)).IsProblem(422);
        (await Ask.WriteAsync("POST", "/v1/factories/acierie-elan/status-events", """{"status":"closed","date":"2025-01","dateMeaning":"observed"}""", _volunteer)).IsProblem(422);
        (await Ask.WriteAsync("PATCH", "/v1/factories/acierie-elan", """{"locality":"Ailleurs"}""", _volunteer)).IsProblem(428);

        Assert.Empty(await Ask.ItemsAsync("/v1/proposals", Bearer(_curator)));
    }

    [Fact]
    public async Task An_edit_that_was_overtaken_cannot_be_accepted_and_stays_open()
    {
        var tag = (await Ask.GetAsync("/v1/factories/acierie-elan")).Header("ETag")!;
        var filed = (await Ask.WriteAsync("PATCH", "/v1/factories/acierie-elan", """{"locality":"Ailleurs"}""", _volunteer, $"If-Match: {tag}")).Is(202);
        (await Ask.WriteAsync("PATCH", "/v1/factories/acierie-elan", """{"locality":"Ici"}""", _curator, $"If-Match: {tag}")).Is(200);

        // 409, not 412: the curator sent no condition that could have failed.
        var refused = (await Ask.WriteAsync("POST", filed.Header("Location") + "/acceptance", "{}", _curator)).IsProblem(409);
        Assert.Contains("version 1", refused.Json.Text("detail"), StringComparison.Ordinal);

        Assert.Equal("open", (await Ask.JsonAsync(filed.Header("Location")!, Bearer(_curator))).Text("state"));
        (await Ask.WriteAsync("POST", filed.Header("Location") + "/rejection", """{"reason":"Overtaken."}""", _curator)).Is(200);
        Assert.Equal("Ici", (await Ask.JsonAsync("/v1/factories/acierie-elan")).Text("locality"));
    }

    [Fact]
    public async Task What_was_proposed_of_a_site_that_has_moved_or_gone_since_is_refused_under_the_path_of_the_proposal()
    {
        var admin = await KeyAsync("admin", "admin");
        var moved = (await Ask.WriteAsync("DELETE", "/v1/factories/fidji-est", null, _volunteer, "If-Match: *")).Is(202).Header("Location");
        var gone = (await Ask.WriteAsync("DELETE", "/v1/factories/zebre-nord", null, _volunteer, "If-Match: *")).Is(202).Header("Location");
        (await Ask.WriteAsync("POST", "/v1/factories/fidji-est/merge", """{"into":"fidji-ouest"}""", admin)).Is(201);
        (await Ask.WriteAsync("DELETE", "/v1/factories/zebre-nord", null, _curator, "If-Match: *")).Is(204);

        var refused = (await Ask.WriteAsync("POST", moved + "/acceptance", "{}", _curator)).IsProblem(409);
        Assert.Contains("another name", refused.Json.Text("detail"), StringComparison.Ordinal);
        refused = (await Ask.WriteAsync("POST", gone + "/acceptance", "{}", _curator)).IsProblem(409);
        Assert.Contains("deleted", refused.Json.Text("detail"), StringComparison.Ordinal);
        (await Ask.GetAsync("/v1/factories/fidji-ouest")).Is(200);
    }

    [Fact]
    public async Task Contributors_see_and_withdraw_their_own_proposals_and_nobody_elses()
    {
        var mine = (await Ask.WriteAsync("POST", "/v1/factories", Factory, _volunteer)).Is(202).Header("Location")!;

        Assert.Empty(await Ask.ItemsAsync("/v1/proposals", Bearer(_other)));
        Assert.Single(await Ask.ItemsAsync("/v1/proposals?state=open", Bearer(_volunteer)));
        (await Ask.GetAsync(mine, Bearer(_other))).IsProblem(404);
        (await Ask.WriteAsync("POST", mine + "/withdrawal", "{}", _other)).IsProblem(404);
        (await Ask.WriteAsync("POST", mine + "/acceptance", "{}", _volunteer)).IsProblem(403);
        (await Ask.GetAsync("/v1/proposals")).IsProblem(401);

        Assert.Equal("withdrawn", (await Ask.WriteAsync("POST", mine + "/withdrawal", "{}", _volunteer)).Is(200).Json.Text("state"));
        (await Ask.WriteAsync("POST", mine + "/acceptance", "{}", _curator)).IsProblem(409);
        Assert.Equal("no-store", (await Ask.GetAsync(mine, Bearer(_volunteer))).Header("Cache-Control"));
    }

    [Fact]
    public async Task The_same_keyed_proposal_is_filed_once_and_a_merge_cannot_be_proposed()
    {
        var first = (await Ask.WriteAsync("POST", "/v1/factories", Factory, _volunteer, "Idempotency-Key: one")).Is(202);
        var again = (await Ask.WriteAsync("POST", "/v1/factories", Factory, _volunteer, "Idempotency-Key: one")).Is(202);

        Assert.Equal(first.Text, again.Text);
        Assert.Single(await Ask.ItemsAsync("/v1/proposals", Bearer(_volunteer)));
        (await Ask.WriteAsync("POST", "/v1/factories/acierie-elan/merge", """{"into":"fidji-est"}""", _volunteer)).IsProblem(403);
    }

    [Fact]
    public async Task What_accepting_an_edit_would_change_is_shown_field_by_field_and_comes_true_when_it_is_accepted()
    {
        var filed = (await Ask.WriteAsync("PATCH", "/v1/factories/acierie-elan", """{"locality":"Ailleurs"}""", _volunteer, "If-Match: *")).Is(202).Header("Location")!;
        var url = (await Ask.JsonAsync(filed, Bearer(_curator))).Text("changesUrl")!;

        var preview = await Ask.JsonAsync(url, Bearer(_curator));
        var change = preview.List("changes").Single();
        Assert.Equal(("1", null, "revised", "factory", "acierie-elan", "volunteer"), (preview.Text("count"), preview.Text("problem"), change.Text("cause"), change.Text("resourceType"), change.Text("slug"), change.Text("actor")));
        Assert.Equal(["locality"], change.GetProperty("after").EnumerateObject().Select(field => field.Name));
        Assert.NotEqual("Ailleurs", change.Text("before.locality"));
        Assert.Equal("Ailleurs", change.Text("after.locality"));

        (await Ask.WriteAsync("POST", filed + "/acceptance", "{}", _curator)).Is(200);
        var made = (await Ask.ItemsAsync("/v1/changes?sort=-seq&limit=1"))[0];
        Assert.Equal((change.Text("seq"), change.Text("before"), change.Text("after")), (made.Text("seq"), made.Text("before"), made.Text("after")));
        Assert.Null((await Ask.JsonAsync(filed, Bearer(_curator))).Text("changesUrl"));
    }

    [Fact]
    public async Task A_preview_tells_of_all_that_a_claim_would_end_and_leaves_no_trace()
    {
        (await Ask.WriteAsync("POST", "/v1/factories", Factory, _curator)).Is(201);
        const string Closed = """{"status":"closed","date":"2025-01","dateMeaning":"observed","sources":[{"source":"registre-2023"}]""";
        var first = (await Ask.WriteAsync("POST", "/v1/factories/nouvelle/status-events", Closed + "}", _curator)).Is(201).Json.Text("id");
        var filed = (await Ask.WriteAsync(
            "POST", "/v1/factories/nouvelle/status-events", Closed.Replace("closed", "idled", StringComparison.Ordinal) + $$""","supersedes":{"claim":{{first}},"reason":"error"} }""", _volunteer)).Is(202).Header("Location")!;
        var before = await TracesAsync();
        await using var listener = TestDatabases.Source(ConnectionString);
        await using var ear = await listener.OpenConnectionAsync(Token);
        var heard = 0;
        ear.Notification += (_, _) => heard++;
        await ear.ExecuteAsync("listen chantier_change");

        var preview = await Ask.JsonAsync(filed + "/changes", Bearer(_curator));

        Assert.Equal(["superseded status_event", "created status_event"], preview.List("changes").Select(c => $"{c.Text("cause")} {c.Text("resourceType")}"));
        var (ended, made) = (preview.List("changes")[0], preview.List("changes")[1]);
        Assert.Equal((first, "superseded", "error", made.Text("resourceId")), (ended.Text("resourceId"), ended.Text("after.endCause"), ended.Text("after.endReason"), ended.Text("after.supersededBy")));
        Assert.Equal((null, "idled", "volunteer"), (made.Text("before"), made.Text("after.status"), made.Text("after.recordedBy")));
        Assert.Equal(before, await TracesAsync());
        Assert.Equal("closed", (await Ask.JsonAsync("/v1/factories/nouvelle")).Text("status"));
        Assert.False(await ear.WaitAsync(TimeSpan.FromMilliseconds(200), Token));

        // And nobody waits for it any more.
        (await Ask.WriteAsync("POST", filed + "/acceptance", "{}", _curator)).Is(200);
        Assert.True(await ear.WaitAsync(TimeSpan.FromSeconds(10), Token));
        Assert.Equal(1, heard);
    }

    [Fact]
    public async Task Where_a_proposal_cannot_be_accepted_any_more_the_preview_says_what_accepting_it_would_be_answered_with()
    {
        async Task<string> ProposedAsync(string method, string path, string? body) => (await Ask.WriteAsync(method, path, body, _volunteer, "If-Match: *")).Is(202).Header("Location")!;
        async Task RefusedAsync(string proposal, int status)
        {
            var preview = await Ask.JsonAsync(proposal + "/changes", Bearer(_curator));
            Assert.Equal((status.ToString(CultureInfo.InvariantCulture), "0", "[]"), (preview.Text("problem.status"), preview.Text("count"), preview.Text("changes")));
            var accepted = (await Ask.WriteAsync("POST", proposal + "/acceptance", "{}", _curator)).IsProblem(status);
            Assert.Equal((accepted.Json.Text("type"), accepted.Json.Text("detail"), accepted.Json.Text("instance")), (preview.Text("problem.type"), preview.Text("problem.detail"), preview.Text("problem.instance")));
        }

        (await Ask.WriteAsync("POST", "/v1/factories", Factory, _curator)).Is(201);
        var tag = (await Ask.GetAsync("/v1/factories/nouvelle")).Header("ETag")!;
        var overtaken = (await Ask.WriteAsync("PATCH", "/v1/factories/nouvelle", """{"locality":"Ailleurs"}""", _volunteer, $"If-Match: {tag}")).Is(202).Header("Location")!;
        var claim = await ProposedAsync("POST", "/v1/factories/nouvelle/status-events", """{"status":"closed","date":"2025-01","dateMeaning":"observed","sources":[{"source":"registre-2023"}]}""");
        var twin = await ProposedAsync("PATCH", "/v1/factories/fidji-est", """{"locality":"Ailleurs"}""");
        (await Ask.WriteAsync("PATCH", "/v1/factories/nouvelle", """{"locality":"Ici"}""", _curator, "If-Match: *")).Is(200);
        await RefusedAsync(overtaken, 409);
        (await Ask.WriteAsync("DELETE", "/v1/factories/nouvelle", null, _curator, "If-Match: *")).Is(204);
        await RefusedAsync(claim, 409);
        // A name that leads elsewhere is for whoever proposed it to follow.
        (await Ask.WriteAsync("POST", "/v1/factories/fidji-est/merge", """{"into":"acierie-elan"}""", await KeyAsync("admin"))).Is(201);
        await RefusedAsync(twin, 409);
        (await Ask.WriteAsync("POST", claim + "/rejection", """{"reason":"Gone."}""", _curator)).Is(200);
        await RefusedAsync(claim, 409);
    }

    [Fact]
    public async Task A_preview_is_for_curators_and_for_whoever_proposed_it()
    {
        var mine = (await Ask.WriteAsync("POST", "/v1/factories", Factory, _volunteer)).Is(202).Header("Location")! + "/changes";

        Assert.Equal("no-store", (await Ask.GetAsync(mine, Bearer(_volunteer))).Is(200).Header("Cache-Control"));
        (await Ask.GetAsync(mine, Bearer(_other))).IsProblem(404);
        (await Ask.GetAsync(mine, Bearer(await KeyAsync("read")))).IsProblem(403);
        (await Ask.GetAsync(mine)).IsProblem(401);
        (await Ask.GetAsync("/v1/proposals/none/changes", Bearer(_curator))).IsProblem(404);
        (await Ask.GetAsync(mine + "?fields=weather", Bearer(_curator))).Blames("fields");
    }

    [Fact]
    public async Task Previews_and_writes_at_once_neither_fail_nor_see_one_another()
    {
        var filed = (await Ask.WriteAsync("PATCH", "/v1/factories/acierie-elan", """{"locality":"Ailleurs"}""", _volunteer, "If-Match: *")).Is(202).Header("Location")!;

        // Each waits for those before it, for 30 s at most, and on a connection of its own, which has to plan all that a write does.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => n % 2 == 0
            ? Ask.GetAsync(filed + "/changes", Bearer(_curator))
            : Ask.WriteAsync("POST", "/v1/sources", $$"""{"slug":"aside-{{n}}","kind":"press","title":"Aside {{n}}"}""", _curator)));

        Assert.All(answers, answer => answer.Is(answer.Request.StartsWith("GET", StringComparison.Ordinal) ? 200 : 201));
        Assert.All(answers.Where(a => a.Request.StartsWith("GET", StringComparison.Ordinal)), a => Assert.Equal("factory", a.Json.List("changes").Single().Text("resourceType")));
        var seqs = (await Ask.ItemsAsync("/v1/changes?limit=1000")).Select(c => long.Parse(c.Text("seq")!, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(Enumerable.Range(1, seqs.Length).Select(n => (long)n), seqs);
    }

    private async Task<string?> TracesAsync()
    {
        await using var source = TestDatabases.Source(ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Token);
        return await connection.QuerySingleAsync<string>("""
            select concat_ws(' ', (select count(*) || '/' || max(seq) from change), (select count(*) from claim), (select count(*) from evidence), (select count(*) from idempotency),
              (select count(*) from factory_current), (select count(*) from capacity_span), (select count(*) from status_span), (select string_agg(p::text, ' ' order by p.id) from proposal p))
            """);
    }

    private static string Bearer(string key) => $"Authorization: Bearer {key}";
}
