using System.Text.Json;

namespace Chantier.Api.Tests.Writing;

/// <summary>Each kind of claim, and how one takes the place of another.</summary>
public sealed class ClaimTests(PostgresFixture postgres) : Curation(postgres)
{
    private const string Box = """{"type":"Polygon","coordinates":[[[{0},{1}],[{2},{1}],[{2},{3}],[{0},{3}],[{0},{1}]]]}""";

    [Fact]
    public async Task Shares_beyond_the_whole_are_refused_with_their_sum_also_when_a_retraction_would_make_them_so()
    {
        foreach (var name in new[] { "Alpha", "Beta" })
        {
            await MadeAsync("/v1/operators", $$"""{"name":"{{name}}"}""");
        }

        await HoldsAsync("alpha", "60", "2024/..", 201);
        var smaller = await HoldsAsync("alpha", "30", "2025/..", 201);
        var refused = await HoldsAsync("beta", "70.5", "2025/..", 422);
        Assert.Contains("100.5 per cent on 2025-01-01", refused.Json.Text("detail"), StringComparison.Ordinal);
        await HoldsAsync("beta", "65", "2025/..", 201);

        // Without the smaller share, the greater of the year before would hold on: 125.
        (await PostAsync($"/v1/claims/{smaller.Json.Text("id")}/retraction", """{"reason":"error"}""")).IsProblem(422);

        var shares = (await JsonAsync("/v1/operators/verkor/ownership?asOf=2025-06")).List("direct");
        Assert.Equal(["beta", "alpha"], shares.Select(s => s.Text("shareholder.slug")));
        Assert.Equal("5", (await JsonAsync("/v1/operators/verkor/ownership?asOf=2025-06")).Text("unknown.min"));
        await HoldsAsync("verkor", "1", "2025/..", 422);
        await HoldsAsync("alpha", "31", "2124/..", 422);
    }

    private async Task<Answer> HoldsAsync(string shareholder, string share, string valid, int status) =>
        (await PostAsync("/v1/operators/verkor/ownership", $$"""{"shareholder":"{{shareholder}}","share":{{share}},"valid":"{{valid}}","sources":{{Source}}}""")).Is(status);

    [Fact]
    public async Task A_cluster_has_factories_and_regions_as_members_and_no_other_region_has()
    {
        var factory = await FactoryAsync();
        await MadeAsync("/v1/regions", """{"slug":"grappe","kind":"cluster","names":{"fr":"Grappe","en":"Cluster"}}""");

        var member = await MadeAsync("/v1/regions/grappe/members", $$"""{"factory":"usine","sources":{{Source}}}""");
        Assert.Equal(["usine"], (await ItemsAsync("/v1/regions/grappe/factories")).Select(f => f.Text("slug")));
        await MadeAsync("/v1/regions/grappe/members", $$"""{"region":"hauts-de-france","sources":{{Source}}}""");
        Assert.Equal(4, (await ItemsAsync("/v1/regions/grappe/factories")).Length);
        (await PostAsync($"/v1/claims/{member.Text("id")}/retraction", """{"reason":"error"}""")).Is(200);
        Assert.Equal(4, (await ItemsAsync("/v1/regions/grappe/factories")).Length);
        Assert.Contains("grappe", (await JsonAsync(factory)).List("regions").Select(r => r.Text("slug")));

        (await PostAsync("/v1/regions/hauts-de-france/members", $$"""{"factory":"usine","sources":{{Source}}}""")).IsProblem(409);
        (await PostAsync("/v1/regions/grappe/members", $$"""{"region":"grappe","sources":{{Source}}}""")).IsProblem(422);
        (await PostAsync("/v1/regions/grappe/members", $$"""{"sources":{{Source}}}""")).IsProblem(422);
    }

    [Fact]
    public async Task A_figure_is_measured_in_its_own_units_and_the_answer_says_which_one_counts()
    {
        var factory = await FactoryAsync();
        var refused = (await PostAsync(factory + "/figures", $$"""{"property":"capacity","value":16,"unit":"EUR","sources":{{Source}}}""")).IsProblem(422);
        Assert.Contains("GWh/year", refused.Json.Text("detail"), StringComparison.Ordinal);

        await MadeAsync(factory + "/status-events", $$"""{"status":"announced","date":"2023","dateMeaning":"began","sources":{{Source}}}""");
        var older = await MadeAsync(factory + "/figures", $$"""{"property":"capacity","value":50,"unit":"GWh/year","forDate":"2030","sources":{{Source}}}""");
        var newer = await MadeAsync(factory + "/figures", $$"""{"property":"capacity","value":16000,"unit":"MWh/year","forDate":"2024","sources":{{Source}}}""");
        Assert.Equal(("true", "recorded_later", older.Text("id")), (newer.Text("inForce"), newer.Text("rule"), newer.Text("weighedAgainst")));
        Assert.Equal(("2024", "whole"), (newer.Text("forDate"), newer.Text("scope")));
        var listed = (await ItemsAsync(factory + "/figures")).Single(f => f.Text("id") == older.Text("id"));
        Assert.Equal(("false", "recorded_later", newer.Text("id")), (listed.Text("inForce"), listed.Text("rule"), listed.Text("weighedAgainst")));
        var capacity = (await JsonAsync(factory)).List("capacity").Single();
        Assert.Equal(("16000", "MWh/year"), (capacity.Text("value"), capacity.Text("unit")));
    }

    [Fact]
    public async Task At_most_so_much_can_be_said_without_a_least()
    {
        var figure = await MadeAsync(await FactoryAsync() + "/figures", $$"""{"property":"jobs","max":1200,"unit":"jobs","sources":{{Source}}}""");
        Assert.Equal((null, null, "1200"), (figure.Text("value"), figure.Text("min"), figure.Text("max")));
        var share = await MadeAsync("/v1/operators/verkor/ownership", $$"""{"shareholder":"acc","shareMax":30,"valid":"2019","sources":{{Source}}}""");
        Assert.Equal((null, null, "30"), (share.Text("share"), share.Text("shareMin"), share.Text("shareMax")));
    }

    [Fact]
    public async Task Conflicting_claims_stand_side_by_side_and_each_says_by_which_rule_it_counts()
    {
        var factory = await FactoryAsync();
        async Task<string> SayAsync(string body) => (await MadeAsync(factory + "/status-events", body.Replace("}", $",\"sources\":{Source}}}", StringComparison.Ordinal))).Text("id")!;
        var announced = await SayAsync("""{"status":"announced","date":"2023-05","dateMeaning":"began"}""");
        var inferred = await SayAsync("""{"status":"suspended","date":"2024-01","dateMeaning":"observed","basis":"inferred"}""");
        var doubtful = await SayAsync("""{"status":"cancelled","date":"2024-01","dateMeaning":"observed","confidence":"low"}""");
        var building = await SayAsync("""{"status":"under_construction","date":"2024-01","dateMeaning":"observed"}""");
        var again = await SayAsync("""{"status":"site_preparation","date":"2024-01","dateMeaning":"observed"}""");
        var hoped = await SayAsync("""{"status":"operating","date":"2030","dateMeaning":"began","basis":"expected"}""");
        var stone = await SayAsync("""{"milestone":"groundbreaking","date":"2023-12"}""");

        var rules = (await ItemsAsync(factory + "/status-events")).ToDictionary(e => e.Text("id")!, e => (e.Text("inForce"), e.Text("rule"), e.Text("weighedAgainst")));
        Assert.Equal(("true", "recorded_later", building), rules[again]);
        Assert.Equal(("false", "recorded_later", again), rules[building]);
        Assert.Equal(("false", "higher_confidence", again), rules[doubtful]);
        Assert.Equal(("false", "actual_first", again), rules[inferred]);
        Assert.Equal(("false", "later_date", again), rules[announced]);
        Assert.Equal(("false", "expected", null), rules[hoped]);
        Assert.Equal(("false", "milestone", null), rules[stone]);

        var then = (await ItemsAsync(factory + "/status-events?asOf=2023-06")).ToDictionary(e => e.Text("id")!, e => (e.Text("inForce"), e.Text("rule")));
        Assert.Equal((("true", "alone"), false), (then[announced], then.ContainsKey(again)));
        var embedded = (await JsonAsync(factory + "?include=statusEvents")).List("statusEvents").ToDictionary(e => e.Text("id")!, e => e.Text("rule"));
        Assert.Equal("recorded_later", embedded[again]);
        Assert.Equal("recorded_later", (await JsonAsync($"/v1/claims/{again}")).Text("rule"));
    }

    [Fact]
    public async Task Imprecise_event_confirms_a_precise_one_and_starts_nothing()
    {
        var factory = await FactoryAsync();
        async Task<string> SayAsync(string date, string meaning) => (await MadeAsync(
            factory + "/status-events", $$"""{"status":"operating","date":"{{date}}","dateMeaning":"{{meaning}}","sources":{{Source}}}""")).Text("id")!;
        var year = await SayAsync("2023", "began");
        var day = await SayAsync("2023-12-13", "began");
        var month = await SayAsync("2023-12", "began");

        var rules = (await ItemsAsync(factory + "/status-events")).ToDictionary(e => e.Text("id")!, e => (e.Text("inForce"), e.Text("rule"), e.Text("weighedAgainst")));
        Assert.Equal(("true", "alone", null), rules[day]);
        Assert.Equal(("false", "confirms", day), rules[year]);
        Assert.Equal(("false", "confirms", day), rules[month]);
        Assert.Equal(("operating", "2023-12-13"), ((await JsonAsync(factory)).Text("status"), (await JsonAsync(factory)).Text("statusSince")));
        Assert.Null((await JsonAsync(factory + "?asOf=2023-06-30")).Text("status"));

        // Of another meaning, it says something else.
        var seen = await SayAsync("2023", "observed");
        Assert.Equal("later_date", (await JsonAsync($"/v1/claims/{seen}")).Text("rule"));
        Assert.Equal("operating", (await JsonAsync(factory + "?asOf=2023-06-30")).Text("status"));
    }

    [Fact]
    public async Task Unnamed_phases_of_merged_factories_are_one()
    {
        var (first, second) = (await FactoryAsync("Une"), await FactoryAsync("Deux"));
        async Task<string> SayAsync(string factory, string status, string date) => (await MadeAsync(
            factory + "/status-events", $$"""{"status":"{{status}}","date":"{{date}}","dateMeaning":"began","sources":{{Source}}}""")).Text("id")!;
        var older = await SayAsync(first, "operating", "2020");
        var newer = await SayAsync(second, "idled", "2021");
        Assert.Equal("alone", (await JsonAsync($"/v1/claims/{older}")).Text("rule"));

        (await SendAsync("POST", second + "/merge", """{"into":"une"}""", "admin")).Is(201);
        var rules = (await ItemsAsync(first + "/status-events")).ToDictionary(e => e.Text("id")!, e => (e.Text("inForce"), e.Text("weighedAgainst")));
        Assert.Equal(("true", older), rules[newer]);
        Assert.Equal(("false", newer), rules[older]);
        Assert.Equal("idled", (await JsonAsync(first)).Text("status"));
    }

    [Fact]
    public async Task A_place_in_another_country_is_refused_with_both_names_and_an_odd_one_is_stored_with_a_warning()
    {
        static string Of(int west, int south, int east, int north) => Box.Replace("{0}", $"{west}", StringComparison.Ordinal).Replace("{1}", $"{south}", StringComparison.Ordinal)
            .Replace("{2}", $"{east}", StringComparison.Ordinal).Replace("{3}", $"{north}", StringComparison.Ordinal);
        var unchecked_ = await PlaceAsync(2.4, 51, 201);
        Assert.Equal("place_not_checked", unchecked_.Json.List("warnings")[0].Text("code"));
        (await PatchAsync("/v1/regions/france", $$"""{"boundary":{{Of(0, 45, 5, 51)}}}""")).Is(200);
        (await PatchAsync("/v1/regions/hauts-de-france", $$"""{"boundary":{{Of(1, 49, 4, 51)}}}""")).Is(200);
        await MadeAsync("/v1/regions", $$"""{"slug":"normandie","kind":"subdivision","names":{"fr":"Normandie","en":"Normandy"},"parent":"france","boundary":{{Of(0, 47, 4, 49)}}}""");
        await MadeAsync("/v1/regions", $$"""{"slug":"belgique","kind":"country","names":{"fr":"Belgique","en":"Belgium"},"codes":{"iso3166-1":"BE"},"boundary":{{Of(5, 49, 7, 52)}}}""");

        Assert.Null((await PlaceAsync(2.4, 50.9, 201)).Json.Text("warnings"));
        var refused = await PlaceAsync(6, 50, 422);
        Assert.Contains("Belgium", refused.Json.Text("detail"), StringComparison.Ordinal);
        Assert.Contains("France", refused.Json.Text("detail"), StringComparison.Ordinal);
        // Within 0.05° of the border, or within the uncertainty, nobody can tell.
        await PlaceAsync(5.04, 50, 201);
        await PlaceAsync(5.5, 50, 201, 60_000);
        Assert.Equal("in_no_region", (await PlaceAsync(2.4, 51.5, 201)).Json.List("warnings")[0].Text("code"));
        var elsewhere = (await PlaceAsync(2.4, 48, 201)).Json.List("warnings")[0];
        Assert.Equal("in_another_region", elsewhere.Text("code"));
        Assert.Contains("Normandy", elsewhere.Text("detail"), StringComparison.Ordinal);
        Assert.Contains("Hauts-de-France", elsewhere.Text("detail"), StringComparison.Ordinal);
        await PlaceAsync(0, 0, 422);
    }

    private async Task<Answer> PlaceAsync(double lon, double lat, int status, int? uncertainty = null) => (await PostAsync(
        "/v1/factories/verkor-dunkerque/locations",
        $$"""{"lon":{{JsonSerializer.Serialize(lon)}},"lat":{{JsonSerializer.Serialize(lat)}},"precision":"site"{{(uncertainty is null ? "" : $",\"uncertaintyMetres\":{uncertainty}")}},"sources":{{Source}}}""")).Is(status);

    [Fact]
    public async Task Evidence_can_be_added_and_withdrawn_and_the_last_stays()
    {
        await SourceAsync("second", "2025-01");
        var claim = await MadeAsync("/v1/factories/verkor-dunkerque/status-events", $$"""{"milestone":"foundations","date":"2024","sources":{{Source}}}""");
        var path = $"/v1/claims/{claim.Text("id")}";
        var first = claim.List("evidence")[0].Text("evidenceId");
        (await DeleteAsync($"{path}/evidence/{first}")).IsProblem(409);

        var added = (await PostAsync(path + "/evidence", """{"source":"second","locator":{"kind":"page","start":4},"note":"Says so too."}""")).Is(201);
        Assert.Equal(path, added.Header("Location"));
        Assert.Equal(["vallee-de-la-batterie-2024-08", "second"], added.Json.List("evidence").Select(e => e.Text("source.slug")));
        (await SendAsync("DELETE", $"{path}/evidence/{first}", null, "curate")).IsProblem(428);
        (await DeleteAsync($"{path}/evidence/{first}", "\"v1-1-0\"")).IsProblem(412);
        (await DeleteAsync($"{path}/evidence/{first}", added.Header("ETag")!)).Is(204);
        Assert.Equal(["second"], (await JsonAsync(path)).List("evidence").Select(e => e.Text("source.slug")));
        (await DeleteAsync($"{path}/evidence/{first}")).IsProblem(404);
        (await PostAsync(path + "/evidence", """{"source":"nobody"}""")).IsProblem(422);
        (await PostAsync("/v1/claims/999999/evidence", """{"source":"second"}""")).IsProblem(404);
    }

    [Fact]
    public async Task A_claim_supersedes_one_of_its_own_kind_and_by_news_only_one_about_the_same()
    {
        var factory = await FactoryAsync();
        await MadeAsync(factory + "/phases", """{"name":"Bloc 2"}""");
        var phases = (await ItemsAsync(factory + "/phases")).Select(p => p.Text("id")).ToList();
        var first = (await MadeAsync(factory + "/status-events", $$"""{"status":"announced","date":"2024","dateMeaning":"began","sources":{{Source}}}""")).Text("id");
        string Next(string? phase, string reason, string? claim) =>
            $$$"""{"status":"permitted","date":"2024-05","dateMeaning":"began","phase":{{{phase}}},"sources":{{{Source}}},"supersedes":{"claim":{{{claim}}},"reason":"{{{reason}}}"}}""";

        (await PostAsync(factory + "/figures", $$$"""{"property":"jobs","value":5,"unit":"jobs","sources":{{{Source}}},"supersedes":{"claim":{{{first}}},"reason":"error"}}""")).IsProblem(422);
        (await PostAsync("/v1/factories/verkor-dunkerque/status-events", $$$"""{"status":"operating","date":"2024","dateMeaning":"began","sources":{{{Source}}},"supersedes":{"claim":{{{first}}},"reason":"error"}}""")).IsProblem(422);
        (await PostAsync(factory + "/status-events", Next(phases[1], "news", first))).IsProblem(422);
        (await PostAsync(factory + "/status-events", Next(phases[0], "news", "999999"))).IsProblem(422);
        Assert.Equal("announced", (await JsonAsync(factory)).Text("status"));

        // That it was filed on the wrong phase was an error of ours.
        var second = (await PostAsync(factory + "/status-events", Next(phases[1], "error", first))).Is(201).Json;
        Assert.Equal(first, second.Text("supersedes"));
        Assert.Equal((second.Text("id"), "superseded", "error"), ((await JsonAsync($"/v1/claims/{first}")).Text("supersededBy"), (await JsonAsync($"/v1/claims/{first}")).Text("endCause"), (await JsonAsync($"/v1/claims/{first}")).Text("endReason")));
        (await PostAsync(factory + "/status-events", Next(phases[1], "error", first))).IsProblem(409);
    }

    [Theory]
    [InlineData("error", null)]
    [InlineData("news", "announced")]
    public async Task Superseded_in_error_it_never_was_published_by_news_it_was_until_the_newer_source(string reason, string? thought)
    {
        var factory = await FactoryAsync();
        var (winter, summer) = (await SourceAsync("winter", "2025-01-10"), await SourceAsync("summer", "2025-06-01"));
        await MadeAsync(factory + "/figures", $$"""{"property":"jobs","value":5,"unit":"jobs","sources":{{winter}}}""");
        var first = await MadeAsync(factory + "/status-events", $$"""{"status":"announced","date":"2025-01","dateMeaning":"began","sources":{{winter}}}""");
        await MadeAsync(factory + "/status-events", $$$"""{"status":"permitted","date":"2025-02","dateMeaning":"began","sources":{{{summer}}},"supersedes":{"claim":{{{first.Text("id")}}},"reason":"{{{reason}}}"}}""");

        Assert.Equal(thought, (await JsonAsync($"{factory}?publishedUntil=2025-03-01")).Text("status"));
        Assert.Equal("permitted", (await JsonAsync($"{factory}?publishedUntil=2025-07-01")).Text("status"));
        Assert.Equal("permitted", (await JsonAsync(factory)).Text("status"));
        Assert.Equal("announced", (await JsonAsync($"{factory}?knownAt={first.Text("recordedAt")}")).Text("status"));
    }

    [Theory]
    [InlineData("error", null)]
    [InlineData("news", "announced")]
    public async Task Retracted_in_error_it_never_was_published_by_news_it_was_until_the_source_that_ended_it(string reason, string? thought)
    {
        var factory = await FactoryAsync();
        var winter = await SourceAsync("winter", "2025-01-10");
        await SourceAsync("summer", "2025-06-01");
        await MadeAsync(factory + "/figures", $$"""{"property":"jobs","value":5,"unit":"jobs","sources":{{winter}}}""");
        var claim = await MadeAsync(factory + "/status-events", $$"""{"status":"announced","date":"2025-01","dateMeaning":"began","sources":{{winter}}}""");
        var news = reason == "news" ? ",\"source\":\"summer\"" : "";
        (await PostAsync($"/v1/claims/{claim.Text("id")}/retraction", $$"""{"reason":"{{reason}}"{{news}}}""")).Is(200);

        Assert.Equal(thought, (await JsonAsync($"{factory}?publishedUntil=2025-03-01")).Text("status"));
        Assert.Null((await JsonAsync($"{factory}?publishedUntil=2025-07-01")).Text("status"));
        Assert.Null((await JsonAsync(factory)).Text("status"));
    }

    [Fact]
    public async Task Undoing_a_merge_takes_an_admin()
    {
        await FactoryAsync("Double");
        var merge = (await SendAsync("POST", "/v1/factories/double/merge", """{"into":"verkor-dunkerque"}""", "admin")).Is(201).Json;
        (await GetAsync("/v1/factories/double")).Is(308);

        (await PostAsync($"/v1/claims/{merge.Text("id")}/retraction", """{"reason":"error"}""")).IsProblem(403);
        (await SendAsync("POST", $"/v1/claims/{merge.Text("id")}/retraction", """{"reason":"error"}""", "admin")).Is(200);
        (await GetAsync("/v1/factories/double")).Is(200);
    }

    [Fact]
    public async Task Every_claim_that_the_ruling_calls_in_force_is_the_one_that_the_status_rests_on()
    {
        var factory = await FactoryAsync();
        foreach (var (status, date, basis, confidence) in from status in new[] { "announced", "permitted", "operating" }
                                                          from date in new[] { "2023", "2024-05", "2024-05-01" }
                                                          from basis in new[] { "actual", "inferred" }
                                                          from confidence in new[] { "high", "low" }
                                                          select (status, date, basis, confidence))
        {
            await MadeAsync(factory + "/status-events", $$"""{"status":"{{status}}","date":"{{date}}","dateMeaning":"began","basis":"{{basis}}","confidence":"{{confidence}}","sources":{{Source}}}""");
        }

        Assert.Equal(0, await AskDatabaseAsync<long>("""
            select count(*)
            from factory f
            join status_span s on s.factory_id = f.id and not s.is_published and s.known_to = 'infinity'
            join generate_series('2022-12-31'::date, '2024-12-31', '7 days') d (day) on s.valid_from <= d.day and s.valid_to > d.day
            left join lateral (
              select count(*) as of, min(e.status) as status
              from event_precedence('recorded', '9999-12-30Z', array(select h.id from phase h where h.factory_id = f.id), d.day::date) u
              join status_event e on e.claim_id = u.claim_id
              where u.in_force) r on true
            where f.slug = 'usine' and (r.status is distinct from s.status or r.of > 1)
            """));
    }
}
