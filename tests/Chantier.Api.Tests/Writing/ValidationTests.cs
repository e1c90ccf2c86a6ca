namespace Chantier.Api.Tests.Writing;

/// <summary>What is wrong with a body is said with its place and with what is accepted.</summary>
public sealed class ValidationTests(PostgresFixture postgres) : Curation(postgres)
{
    private const string Factory = "/v1/factories/verkor-dunkerque";

    [Theory]
    [InlineData("/v1/factories", """{"sector":"battery_cells","country":"FR"}""", "/name", "required", "must be given")]
    [InlineData("/v1/factories", """{"name":"A","country":"FR"}""", "/sector", "required", "must be given")]
    [InlineData("/v1/factories", """{"name":"A","sector":"moonshine","country":"FR"}""", "/sector", "not_accepted", "sector")]
    [InlineData("/v1/factories", """{"name":"A","sector":"battery_cells","country":"fr"}""", "/country", "not_accepted", "such as FR")]
    [InlineData("/v1/factories", """{"name":"A","sector":"battery_cells","country":"FR","region":"atlantis"}""", "/region", "unknown_slug", "no region has")]
    [InlineData("/v1/factories", """{"name":"A","sector":"battery_cells","country":"FR","slug":"-a"}""", "/slug", "not_accepted", "hyphens")]
    [InlineData("/v1/factories", """{"name":"A","sector":"battery_cells","country":"FR","website":"verkor.com"}""", "/website", "not_accepted", "http")]
    [InlineData("/v1/factories", """{"name":"A","sector":"battery_cells","country":"FR","names":[{"text":"B","lang":"French"}]}""", "/names/0/lang", "not_accepted", "such as fr")]
    [InlineData("/v1/factories", """{"name":"A","sector":"battery_cells","country":"FR","names":[{"text":"B","kind":"nickname"}]}""", "/names/0/kind", "not_accepted", "official, former, project, alias")]
    [InlineData("/v1/factories", """{"name":"A","sector":"battery_cells","country":"FR","identifiers":[{"scheme":"siren","value":"123456789"}]}""", "/identifiers/0/value", "not_accepted", "SIREN")]
    [InlineData("/v1/factories", """{"name":"A","sector":"battery_cells","country":"FR","identifiers":[{"scheme":"isbn","value":"1"}]}""", "/identifiers/0/scheme", "not_accepted", "wikidata")]
    [InlineData("/v1/factories", """{"name":" ","sector":"battery_cells","country":"FR"}""", "/name", "required", "not be empty")]
    [InlineData("/v1/operators", """{"legalName":"A"}""", "/name", "required", "must be given")]
    [InlineData("/v1/operators", """{"name":"A","country":"France"}""", "/country", "not_accepted", "alpha-2")]
    [InlineData("/v1/sources", """{"title":"A"}""", "/kind", "required", "must be given")]
    [InlineData("/v1/sources", """{"kind":"gossip","title":"A"}""", "/kind", "not_accepted", "press, company")]
    [InlineData("/v1/sources", """{"kind":"press"}""", "/title", "required", "publisher")]
    [InlineData("/v1/sources", """{"kind":"press","title":"A","published":"14/03/2025"}""", "/published", "not_accepted", "2024-08-15")]
    [InlineData("/v1/sources", """{"kind":"press","title":"A","published":"2124"}""", "/published", "in_the_future", "not come yet")]
    [InlineData("/v1/sources", """{"kind":"press","title":"A","language":"French"}""", "/language", "not_accepted", "such as fr")]
    [InlineData("/v1/sources", """{"kind":"press","title":"A","textSha256":"abc"}""", "/textSha256", "not_accepted", "64 hexadecimal")]
    [InlineData("/v1/sources", """{"kind":"register","title":"A","series":"S"}""", "/release", "required", "go together")]
    [InlineData("/v1/media", """{"kind":"image"}""", "/url", "required", "must be given")]
    [InlineData("/v1/media", """{"kind":"painting","url":"https://example.org/a"}""", "/kind", "not_accepted", "image, video")]
    [InlineData("/v1/media", """{"kind":"image","url":"ftp://example.org/a"}""", "/url", "not_accepted", "https")]
    [InlineData("/v1/media", """{"kind":"image","url":"https://example.org/a","captured":"2124-01"}""", "/captured", "in_the_future", "not come yet")]
    [InlineData("/v1/media", """{"kind":"image","url":"https://example.org/a","width":0}""", "/width", "not_accepted", "pixels")]
    [InlineData("/v1/media", """{"kind":"image","url":"https://example.org/a","mime":"jpeg"}""", "/mime", "not_accepted", "image/jpeg")]
    [InlineData("/v1/regions", """{"kind":"commune"}""", "/names", "required", "fr and en")]
    [InlineData("/v1/regions", """{"kind":"commune","names":{"fr":"A"}}""", "/names/en", "required", "must be given")]
    [InlineData("/v1/regions", """{"kind":"planet","names":{"fr":"A","en":"A"}}""", "/kind", "not_accepted", "cluster")]
    [InlineData("/v1/regions", """{"kind":"commune","names":{"fr":"A","en":"A"},"codes":{"insee":"x"}}""", "/codes", "not_accepted", "INSEE")]
    [InlineData("/v1/regions", """{"kind":"commune","names":{"fr":"A","en":"A"},"codes":{"post":"59000"}}""", "/codes", "not_accepted", "insee")]
    [InlineData("/v1/regions", """{"kind":"commune","names":{"fr":"A","en":"A"},"boundary":{"type":"Point","coordinates":[2,50]}}""", "/boundary", "not_accepted", "Polygon")]
    [InlineData(Factory + "/phases", """{"product":"cells"}""", "/name", "required", "first phase")]
    [InlineData(Factory + "/phases", """{"name":"B","order":0}""", "/order", "not_accepted", "from 1")]
    [InlineData(Factory + "/status-events", """{"status":"closed","date":"2024","dateMeaning":"began"}""", "/sources", "required", "inferred")]
    [InlineData(Factory + "/status-events", """{"status":"closed","date":"2024","dateMeaning":"began","basis":"hearsay","sources":[]}""", "/basis", "not_accepted", "actual, inferred, expected")]
    [InlineData(Factory + "/status-events", """{"status":"closed","date":"2024","basis":"inferred"}""", "/dateMeaning", "required", "observed")]
    [InlineData(Factory + "/status-events", """{"milestone":"party","date":"2024","basis":"inferred"}""", "/milestone", "not_accepted", "groundbreaking")]
    [InlineData(Factory + "/status-events", """{"status":"closed","dateMeaning":"began","basis":"inferred"}""", "/date", "required", "must be given")]
    [InlineData(Factory + "/status-events", """{"status":"closed","date":"2124","dateMeaning":"began","basis":"inferred"}""", "/date", "in_the_future", "basis expected")]
    [InlineData(Factory + "/status-events", """{"status":"closed","date":"2024","dateMeaning":"began","sources":[{"source":"vallee-de-la-batterie-2024-08","locator":{"kind":"verse","start":1}}]}""", "/sources/0/locator/kind", "not_accepted", "paragraph")]
    [InlineData(Factory + "/status-events", """{"status":"closed","date":"2024","dateMeaning":"began","sources":[{"source":"vallee-de-la-batterie-2024-08","locator":{"kind":"page","start":3,"end":2}}]}""", "/sources/0/locator/end", "not_accepted", "before start")]
    [InlineData(Factory + "/status-events", """{"status":"closed","date":"2024","dateMeaning":"began","basis":"inferred","supersedes":{"claim":1,"reason":"boredom"}}""", "/supersedes/reason", "not_accepted", "error, news")]
    [InlineData(Factory + "/status-events", """{"status":"closed","date":"2024","dateMeaning":"began","basis":"inferred","supersedes":{"reason":"error"}}""", "/supersedes/claim", "required", "id of a claim")]
    [InlineData(Factory + "/figures", """{"property":"beauty","value":1,"unit":"1","basis":"inferred"}""", "/property", "not_accepted", "capacity")]
    [InlineData(Factory + "/figures", """{"property":"jobs","unit":"jobs","basis":"inferred"}""", "/value", "required", "word")]
    [InlineData(Factory + "/figures", """{"property":"jobs","value":1,"min":1,"unit":"jobs","basis":"inferred"}""", "/value", "excluded", "bounded")]
    [InlineData(Factory + "/figures", """{"property":"jobs","min":3,"max":2,"unit":"jobs","basis":"inferred"}""", "/max", "not_accepted", "below min")]
    [InlineData(Factory + "/figures", """{"property":"jobs","value":-1,"unit":"jobs","basis":"inferred"}""", "/value", "not_accepted", "from 0")]
    [InlineData(Factory + "/figures", """{"property":"jobs","value":1,"unit":"EUR","basis":"inferred"}""", "/unit", "not_accepted", "jobs")]
    [InlineData(Factory + "/figures", """{"property":"jobs","value":1,"unit":"people","basis":"inferred"}""", "/unit", "not_accepted", "jobs")]
    [InlineData(Factory + "/roles", """{"operator":"nobody","role":"operator","basis":"inferred"}""", "/operator", "unknown_slug", "no operator has")]
    [InlineData(Factory + "/roles", """{"operator":"verkor","role":"friend","basis":"inferred"}""", "/role", "not_accepted", "lender")]
    [InlineData(Factory + "/roles", """{"operator":"verkor","role":"owner","share":101,"basis":"inferred"}""", "/share", "not_accepted", "up to 100")]
    [InlineData(Factory + "/roles", """{"operator":"verkor","role":"owner","valid":"2124/..","basis":"inferred"}""", "/valid", "in_the_future", "basis expected")]
    [InlineData(Factory + "/locations", """{"lat":50,"precision":"site","basis":"inferred"}""", "/lon", "required", "longitude")]
    [InlineData(Factory + "/locations", """{"lon":0,"lat":0,"precision":"site","basis":"inferred"}""", "/lon", "not_accepted", "Gulf of Guinea")]
    [InlineData(Factory + "/locations", """{"lon":200,"lat":50,"precision":"site","basis":"inferred"}""", "/lon", "not_accepted", "-180 to 180")]
    [InlineData(Factory + "/locations", """{"lon":2,"lat":50,"precision":"garden","basis":"inferred"}""", "/precision", "not_accepted", "municipality")]
    [InlineData(Factory + "/locations", """{"lon":2,"lat":50,"precision":"site","uncertaintyMetres":0,"basis":"inferred"}""", "/uncertaintyMetres", "not_accepted", "metres")]
    [InlineData(Factory + "/depictions", """{"medium":999,"basis":"inferred"}""", "/medium", "unknown_medium", "POST /v1/media")]
    [InlineData("/v1/operators/verkor/ownership", """{"shareholder":"verkor","share":5,"basis":"inferred"}""", "/shareholder", "not_accepted", "company itself")]
    [InlineData("/v1/operators/verkor/ownership", """{"shareholder":"nobody","share":5,"basis":"inferred"}""", "/shareholder", "unknown_slug", "no operator has")]
    [InlineData("/v1/operators/verkor/ownership", """{"shareholder":"acc","share":0,"basis":"inferred"}""", "/share", "not_accepted", "above 0")]
    [InlineData("/v1/operators/verkor/ownership", """{"shareholder":"acc","share":5,"shareMin":2,"basis":"inferred"}""", "/share", "excluded", "bounded")]
    [InlineData("/v1/operators/verkor/ownership", """{"shareholder":"acc","shareMin":7,"shareMax":2,"basis":"inferred"}""", "/shareMax", "not_accepted", "below shareMin")]
    [InlineData("/v1/claims/1/retraction", """{"reason":"whim"}""", "/reason", "not_accepted", "error, news")]
    [InlineData("/v1/claims/1/retraction", """{"reason":"error","source":"vallee-de-la-batterie-2024-08"}""", "/source", "excluded", "only news")]
    [InlineData("/v1/claims/1/evidence", """{"note":"A"}""", "/source", "required", "must be given")]
    public async Task A_rule_that_is_broken_is_told_with_its_place_and_what_is_accepted(string path, string body, string place, string code, string says)
    {
        var refused = (await PostAsync(path, body)).IsProblem(422);

        var error = refused.Json.List("errors").First(e => e.Text("pointer") == place);
        Assert.Equal(code, error.Text("code"));
        Assert.Contains(says, error.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json", "malformed-body")]
    [InlineData("[]", "malformed-body")]
    [InlineData("""{"name":1}""", "invalid-body")]
    [InlineData("""{"nom":"A"}""", "invalid-body")]
    [InlineData("""{"name":"A","name":"B"}""", "malformed-body")]
    public async Task A_body_that_cannot_be_read_is_400(string body, string type) =>
        Assert.EndsWith(type, (await PostAsync("/v1/operators", body)).IsProblem(400).Json.Text("type"), StringComparison.Ordinal);

    [Theory]
    [InlineData("POST", "/v1/operators")]
    [InlineData("PATCH", "/v1/operators/verkor")]
    [InlineData("DELETE", "/v1/operators/verkor")]
    public async Task A_write_with_a_parameter_is_refused_and_changes_nothing(string method, string path)
    {
        var refused = (await SendAsync(method, path + "?dryRun=true", """{"name":"A"}""", "curate", "If-Match: *")).IsProblem(400);

        Assert.Equal(("dryRun", "unknown_parameter"), (refused.Json.List("errors")[0].Text("parameter"), refused.Json.List("errors")[0].Text("code")));
        Assert.Equal("1", (await JsonAsync("/v1/operators/verkor")).Text("version"));
    }

    [Fact]
    public async Task A_patch_of_what_would_then_be_wrong_is_refused_and_changes_nothing()
    {
        (await PatchAsync("/v1/operators/verkor", """{"name":null}""")).IsProblem(422);
        (await PatchAsync("/v1/operators/verkor", """{"country":"Frankreich"}""")).IsProblem(422);
        Assert.Equal("1", (await JsonAsync("/v1/operators/verkor")).Text("version"));
    }
}
