using Chantier.Api.Keys;

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
        _volunteer = await CreateKey.RunAsync(Connection, "volunteer", "contribute", Token);
        _other = await CreateKey.RunAsync(Connection, "other", "contribute", Token);
        _curator = await CreateKey.RunAsync(Connection, "curator", "curate", Token);
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
        var admin = await CreateKey.RunAsync(Connection, "admin", "admin", Token);
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

    private static string Bearer(string key) => $"Authorization: Bearer {key}";
}
