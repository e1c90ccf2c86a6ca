namespace Chantier.Api.Tests.Http;

/// <summary>
/// One documented status code of one operation, and the requests of which the last gets it; those before prepare for it, and succeed.
/// Their keys are names of scopes. In paths and bodies, {made} is the Location of the latest answer that had one and {id} its last
/// part; {n} and {m} are numbers that no other case has.
/// </summary>
internal sealed record StatusCase(string Operation, int Status, params Sent[] Requests)
{
    /// <summary>Whether it takes a service whose bounds are soon met, or whose database does not answer.</summary>
    public bool IsStrait => Status is 413 or 429 or 503;

    public override string ToString() => $"{Operation} {Status}";
}

/// <summary>Every documented status code of every operation. A new operation comes with its lines here.</summary>
internal static class StatusCodes
{
    // What the invented world has of a kind.
    private static readonly Noun Factory = new("/v1/factories", "acierie-elan", "nobody", "supprimee", "acierie-elan-ter");
    private static readonly Noun Operator = new("/v1/operators", "elan", "nobody", "disparu", "elan-sa");
    private static readonly Noun Region = new("/v1/regions", "arcadie", "nowhere", "perdue", "arcadia");
    private static readonly Noun Cluster = Region with { There = "vallee-du-fer" };
    private static readonly Noun Source = new("/v1/sources", "carnet", "nothing", "oublie", "la-gazette");
    private static readonly Noun Medium = new("/v1/media", "1", "99", "4");
    private static readonly Noun Phase = new("/v1/phases", "101", "99", "10");
    private static readonly Noun Claim = new("/v1/claims", "101", "99");

    // What cases make for themselves.
    private static readonly Sent NewFactory = Post("/v1/factories", """{"name":"{n}","sector":"other","country":"NO","identifiers":[{"scheme":"wikidata","value":"Q{n}"}]}""");
    private static readonly Sent NewOperator = Post("/v1/operators", """{"name":"{n}","identifiers":[{"scheme":"wikidata","value":"Q{n}"}]}""");
    private static readonly Sent NewRegion = Post("/v1/regions", """{"kind":"country","names":{"fr":"{n}","en":"{n}"},"codes":{"wikidata":"Q{n}"}}""");
    private static readonly Sent NewSource = Post("/v1/sources", """{"kind":"register","title":"{n}","series":"Registre","release":"{n}"}""");
    private static readonly Sent NewMedium = Post("/v1/media", """{"kind":"image","url":"https://images.example/{n}"}""");
    private static readonly Sent NewPhase = Post("/v1/factories/virgule/phases", """{"name":"{n}"}""");
    private static readonly Sent NewEvent = Post("/v1/factories/virgule/status-events", """{"status":"announced","date":"2024","dateMeaning":"observed","basis":"inferred"}""");
    private static readonly Sent NewProposal = Post("/v1/operators", """{"name":"{n}"}""", "contribute");
    private static readonly Sent NewKey = Post("/v1/keys", """{"name":"key-{n}","scope":"read"}""", "admin");
    private static readonly Sent NewWebhook = Post("/v1/webhooks", """{"url":"https://hooks.example/{n}","active":false}""");
    private static readonly Sent NewImport = new("POST", "/v1/imports?mapping=chantier&source=list-{n}&dryRun=true", "curate", "slug,name,sector,country\n", "text/csv");
    private static readonly Sent Retraction = Post("{made}/retraction", """{"reason":"error"}""");

    public static IReadOnlyList<StatusCase> All { get; } =
    [
        new("GetLanding", 200, Get("/")),
        .. Open("GetLanding", Get("/")),
        new("GetLanding", 429, Get("/")),
        new("GetVersion", 200, Get("/v1")),
        .. Open("GetVersion", Get("/v1")),
        new("GetVersion", 429, Get("/v1")),
        new("GetLiveness", 200, Get("/health/live")),
        new("GetReadiness", 200, Get("/health/ready")),
        new("GetReadiness", 503, Get("/health/ready")),

        .. Read("ListFactories", "/v1/factories"),
        .. Read("GetFactory", Factory),
        .. Read("DiffFactories", "/v1/diff?from=2020&to=2024"),
        .. Read("ListFactoryStatusEvents", Factory, "/status-events"),
        .. Read("ListFactoryFigures", Factory, "/figures"),
        .. Read("ListFactoryPhases", Factory, "/phases"),
        .. Read("ListFactoryMedia", Factory, "/media"),
        .. Read("ListFactorySources", Factory, "/sources"),
        .. Read("ListFactoryChanges", Factory, "/changes"),
        .. Edit("Factory", Factory, NewFactory, wrong: """{"country":"Atlantis"}""", mayBeInUse: false),
        .. Read("GetPhase", Phase),
        .. Edit("Phase", Phase, NewPhase, wrong: """{"order":0}""", mayBeTaken: false),
        .. Elsewhere("CreatePhase", Factory, slug => Post($"/v1/factories/{slug}/phases", NewPhase.Body!)),
        .. Record("RecordStatusEvent", Factory, "/status-events", NewEvent.Body!),
        .. Record("RecordFigure", Factory, "/figures", """{"property":"jobs","value":7,"unit":"jobs","basis":"inferred"}"""),
        .. Record("RecordRole", Factory, "/roles", """{"operator":"etat","role":"authority","basis":"inferred"}"""),
        .. Record("RecordLocation", Factory, "/locations", """{"lon":2.4,"lat":47.5,"precision":"site","basis":"inferred"}"""),
        .. Record("RecordDepiction", Factory, "/depictions", """{"medium":1,"basis":"inferred"}"""),
        .. Write("MergeFactory", Post("/v1/factories/virgule/merge", """{"into":"futur"}""", "admin"), wrong: "{}"),
        .. Elsewhere("MergeFactory", Factory, slug => Post($"/v1/factories/{slug}/merge", """{"into":"futur"}""", "admin")),
        new("MergeFactory", 201, NewFactory, Post("{made}/merge", """{"into":"futur"}""", "admin")),
        // The merge that was undone.
        new("MergeFactory", 409, Post("/v1/factories/sosie-a/merge", """{"into":"sosie-b","supersedes":{"claim":1271,"reason":"error"}}""", "admin")),

        .. Read("ListOperators", "/v1/operators"),
        .. Read("GetOperator", Operator),
        .. Read("ListOperatorFactories", Operator, "/factories"),
        .. Read("GetOwnership", Operator, "/ownership"),
        .. Edit("Operator", Operator, NewOperator, wrong: """{"country":"Atlantis"}"""),
        .. Record("RecordOwnership", Operator, "/ownership", """{"shareholder":"ancien","share":1,"basis":"inferred"}"""),

        .. Read("ListRegions", "/v1/regions"),
        .. Read("GetRegion", Region),
        .. Read("ListRegionFactories", Region, "/factories"),
        .. Read("ListRegionChildren", Region, "/children"),
        .. Edit("Region", Region, NewRegion, wrong: """{"kind":"planet"}"""),
        .. Record("RecordMembership", Cluster, "/members", """{"factory":"virgule","basis":"inferred"}"""),

        .. Read("ListStatuses", "/v1/statuses"),
        .. Read("ListStatusEvents", "/v1/status-events"),

        .. Read("ListMedia", "/v1/media"),
        .. Read("GetMedium", Medium),
        .. Edit("Medium", Medium, NewMedium, wrong: """{"width":0}"""),

        .. Read("ListSources", "/v1/sources"),
        .. Read("GetSource", Source),
        .. Read("ListSourceClaims", Source, "/claims"),
        .. Edit("Source", Source, NewSource, wrong: """{"kind":"gossip"}"""),
        .. Write("RetractSource", Retraction, wrong: "{}", NewSource),
        .. Elsewhere("RetractSource", Source, slug => Retraction with { Path = $"/v1/sources/{slug}/retraction" }),
        .. Done("RetractSource", 200, NewSource, Retraction),
        new("RetractSource", 409, NewSource, Retraction, Retraction),

        .. Read("GetClaim", Claim),
        .. Write("RetractClaim", Retraction, wrong: "{}", NewEvent),
        .. Elsewhere("RetractClaim", Claim, id => Retraction with { Path = $"/v1/claims/{id}/retraction" }),
        .. Done("RetractClaim", 200, NewEvent, Retraction),
        new("RetractClaim", 409, NewEvent, Retraction, Retraction),
        .. Write("AddEvidence", Post("/v1/claims/104/evidence", """{"source":"carnet"}"""), wrong: "{}"),
        .. Elsewhere("AddEvidence", Claim, id => Post($"/v1/claims/{id}/evidence", """{"source":"carnet"}""")),
        .. Done("AddEvidence", 201, NewEvent, Post("{made}/evidence", """{"source":"carnet"}""")),
        new("AddEvidence", 409, NewEvent, Retraction, Post("{made}/evidence", """{"source":"carnet"}""")),
        // The first claims of the world rest on one piece of evidence each.
        .. Write("WithdrawEvidence", Delete("/v1/claims/101/evidence/1")),
        .. Elsewhere("WithdrawEvidence", Claim, id => Delete($"/v1/claims/{id}/evidence/1")),
        new("WithdrawEvidence", 204, Post("/v1/claims/102/evidence", """{"source":"carnet"}"""), Delete("/v1/claims/102/evidence/2")),
        new("WithdrawEvidence", 202, Post("/v1/claims/103/evidence", """{"source":"carnet"}"""), Delete("/v1/claims/103/evidence/3") with { Key = "contribute" }),
        new("WithdrawEvidence", 409, Delete("/v1/claims/101/evidence/1")),

        .. Guarded("ListProposals", Get("/v1/proposals") with { Key = "contribute" }),
        .. Guarded("GetProposal", Get("{made}") with { Key = "contribute" }, NewProposal),
        new("GetProposal", 404, Get("/v1/proposals/99") with { Key = "contribute" }),
        .. Guarded("PreviewProposal", Get("{made}/changes") with { Key = "contribute" }, NewProposal),
        new("PreviewProposal", 404, Get("/v1/proposals/99/changes") with { Key = "contribute" }),
        .. Decide("AcceptProposal", "acceptance", "{}", wrong: null, "curate"),
        .. Decide("RejectProposal", "rejection", """{"reason":"No."}""", wrong: "{}", "curate"),
        .. Decide("WithdrawProposal", "withdrawal", "{}", wrong: null, "contribute"),

        .. Write("RedactContent", Post("/v1/redactions", """{"type":"operator","id":"operator-{n}"}""", "admin"), wrong: "{}"),
        new("RedactContent", 200, Post("/v1/operators", """{"slug":"operator-{n}","name":"{n}"}"""), Post("/v1/redactions", """{"type":"operator","id":"operator-{n}"}""", "admin")),

        .. Read("ListChanges", "/v1/changes"),
        .. Ask("StreamChanges", Get("/v1/changes/stream")),
        .. Open("StreamChanges", Get("/v1/changes/stream")),

        .. Guarded("ListWebhooks", Get("/v1/webhooks") with { Key = "curate" }),
        .. Guarded("GetWebhook", Get("{made}") with { Key = "curate" }, NewWebhook),
        new("GetWebhook", 404, Get("/v1/webhooks/99") with { Key = "curate" }),
        .. Guarded("ListDeliveries", Get("{made}/deliveries") with { Key = "curate" }, NewWebhook),
        new("ListDeliveries", 404, Get("/v1/webhooks/99/deliveries") with { Key = "curate" }),
        .. Guarded("GetDelivery", Get("{made}") with { Key = "curate" }, NewWebhook, Post("{made}/ping", "{}")),
        new("GetDelivery", 404, NewWebhook, Get("{made}/deliveries/99") with { Key = "curate" }),
        .. Write("CreateWebhook", NewWebhook, wrong: "{}"),
        new("CreateWebhook", 201, NewWebhook),
        .. Write("PatchWebhook", new("PATCH", "{made}", "curate", """{"description":"{n}"}""", Headers: Any), wrong: """{"url":"ftp://hooks.example"}""", NewWebhook),
        new("PatchWebhook", 200, NewWebhook, new("PATCH", "{made}", "curate", """{"description":"{n}"}""", Headers: Any)),
        new("PatchWebhook", 404, new Sent("PATCH", "/v1/webhooks/99", "curate", "{}", Headers: Any)),
        .. Write("DeleteWebhook", Delete("{made}"), wrong: null, NewWebhook),
        new("DeleteWebhook", 204, NewWebhook, Delete("{made}")),
        new("DeleteWebhook", 404, Delete("/v1/webhooks/99")),
        .. Write("PingWebhook", Post("{made}/ping", "{}"), wrong: null, NewWebhook),
        new("PingWebhook", 201, NewWebhook, Post("{made}/ping", "{}")),
        new("PingWebhook", 404, Post("/v1/webhooks/99/ping", "{}")),
        .. Write("RetryDelivery", Post("{made}/retry", "{}"), wrong: null, NewWebhook, Post("{made}/ping", "{}")),
        new("RetryDelivery", 200, NewWebhook, Post("{made}/ping", "{}"), Post("{made}/retry", "{}")),
        new("RetryDelivery", 404, NewWebhook, Post("{made}/deliveries/99/retry", "{}")),

        .. Guarded("ListImports", Get("/v1/imports") with { Key = "curate" }),
        .. Guarded("GetImport", Get("/v1/imports/20001") with { Key = "curate" }),
        new("GetImport", 404, Get("/v1/imports/99") with { Key = "curate" }),
        .. Guarded("GetImportReport", Get("/v1/imports/20001/report") with { Key = "curate" }).Where(one => one.Status != 406),
        new("GetImportReport", 404, Get("/v1/imports/99/report") with { Key = "curate" }),
        new("GetImportReport", 410, Get("/v1/imports/20002/report") with { Key = "curate" }),
        new("CreateImport", 201, NewImport),
        new("CreateImport", 400, NewImport with { Path = "/v1/imports?mapping=nobody&source=list-{n}" }),
        new("CreateImport", 401, NewImport with { Key = null }),
        new("CreateImport", 403, NewImport with { Key = "contribute" }),
        new("CreateImport", 413, NewImport with { Body = new string('x', 2000) }),
        new("CreateImport", 415, NewImport with { Type = "text/plain" }),
        new("CreateImport", 422, NewImport with { Body = "" }),
        .. Busy("CreateImport", NewImport),

        .. Guarded("ListJobs", Get("/v1/jobs") with { Key = "curate" }),
        .. Guarded("GetJob", Get("/v1/jobs/2") with { Key = "admin" }),
        new("GetJob", 404, Get("/v1/jobs/2") with { Key = "curate" }),
        .. Guarded("StreamJob", Get("/v1/jobs/2/stream") with { Key = "admin" }),
        new("StreamJob", 404, Get("/v1/jobs/99/stream") with { Key = "admin" }),
        .. Write("CancelJob", Post("/v1/jobs/1/cancellation", "{}", "admin")),
        new("CancelJob", 200, Post("/v1/jobs/1/cancellation", "{}", "admin"), Post("/v1/jobs/1/cancellation", "{}", "admin")),
        new("CancelJob", 404, Post("/v1/jobs/99/cancellation", "{}", "admin")),
        new("CancelJob", 409, Post("/v1/jobs/2/cancellation", "{}", "admin")),

        .. Write("CreateArchive", Post("/v1/archives", "{}", "admin")),
        new("CreateArchive", 201, Post("/v1/archives", "{}", "admin")),
        .. Guarded("GetArchive", Get("/v1/archives/20003") with { Key = "admin" }).Where(one => one.Status != 406),
        new("GetArchive", 404, Get("/v1/archives/2") with { Key = "admin" }),
        new("GetArchive", 409, Get("/v1/archives/5") with { Key = "admin" }),
        new("GetArchive", 410, Get("/v1/archives/4") with { Key = "admin" }),

        .. Guarded("ListKeys", Get("/v1/keys") with { Key = "admin" }),
        .. Write("CreateKey", NewKey, wrong: "{}"),
        new("CreateKey", 201, NewKey),
        new("CreateKey", 409, NewKey, NewKey),
        .. Write("RevokeKey", Post("{made}/revocation", "{}", "admin"), wrong: null, NewKey),
        new("RevokeKey", 200, NewKey, Post("{made}/revocation", "{}", "admin")),
        new("RevokeKey", 404, Post("/v1/keys/99/revocation", "{}", "admin")),

        .. Read("CountFactories", "/v1/stats/factories"),
        .. Read("ShowTimeline", "/v1/stats/timeline"),
        .. Read("ListSlippage", "/v1/stats/slippage"),
        .. Read("SumSlippage", "/v1/stats/slippage/groups"),
        .. Read("MeasureTimeInStage", "/v1/stats/time-in-stage"),
        .. Read("ListClaims", "/v1/claims"),

        .. Read("Search", "/v1/search?q=elan"),
        .. Read("Lookup", "/v1/lookup?identifier=wikidata:Q101"),
        new("MatchFactory", 200, Match),
        .. Open("MatchFactory", Match),
        .. Body("MatchFactory", Match, wrong: "{}"),
        .. Busy("MatchFactory", Match),
    ];

    private static string[] Any => ["If-Match: *"];

    private static Sent Match => new("POST", "/v1/match", Body: """{"names":["Aciérie"]}""");

    private static Sent Get(string path) => new("GET", path);

    private static Sent Post(string path, string body, string key = "curate") => new("POST", path, key, body);

    private static Sent Delete(string path) => new("DELETE", path, "curate", Headers: Any);

    /// <summary>A resource: read, made, replaced, patched and deleted.</summary>
    private static IEnumerable<StatusCase> Edit(string noun, Noun of, Sent create, string wrong, bool mayBeTaken = true, bool mayBeInUse = true)
    {
        IEnumerable<StatusCase> cases = [.. Write($"Create{noun}", create, wrong), .. Done($"Create{noun}", 201, create)];
        if (mayBeTaken)
        {
            cases = cases.Append(new($"Create{noun}", 409, create, create));
        }

        foreach (var (operation, method) in new[] { ($"Replace{noun}", "PUT"), ($"Patch{noun}", "PATCH") })
        {
            Sent To(string name) => new(method, of.Path(name), "curate", create.Body, Headers: Any);
            cases = [
                .. cases, .. Write(operation, To(of.There), wrong), .. Elsewhere(operation, of, To),
                .. Done(operation, 200, create, new(method, "{made}", "curate", create.Body!.Replace("{n}", "{m}", StringComparison.Ordinal), Headers: Any))];
            if (mayBeTaken)
            {
                cases = cases.Append(new(operation, 409, create, To(of.There)));
            }
        }

        var delete = $"Delete{noun}";
        cases = [.. cases, .. Write(delete, Delete(of.Path(of.There))), .. Elsewhere(delete, of, name => Delete(of.Path(name))), .. Done(delete, 204, create, Delete("{made}"))];
        return mayBeInUse ? cases.Append(new(delete, 409, Delete(of.Path(of.There)))) : cases;
    }

    /// <summary>A claim under what it is about. It cannot supersede one that has ended.</summary>
    private static IEnumerable<StatusCase> Record(string operation, Noun of, string part, string body)
    {
        var sent = Post(of.Path(of.There) + part, body);
        return
        [
            .. Write(operation, sent, wrong: "{}"), .. Elsewhere(operation, of, name => Post(of.Path(name) + part, body)), .. Done(operation, 201, sent),
            new(operation, 409, sent, Retraction, sent with { Body = body[..^1] + ""","supersedes":{"claim":{id},"reason":"error"}}""" }),
        ];
    }

    private static IEnumerable<StatusCase> Decide(string operation, string decision, string body, string? wrong, string key)
    {
        var sent = Post($"{{made}}/{decision}", body, key);
        return
        [
            .. Write(operation, sent, wrong, NewProposal),
            new(operation, 200, NewProposal, sent), new(operation, 404, sent with { Path = $"/v1/proposals/99/{decision}" }), new(operation, 409, NewProposal, sent, sent),
        ];
    }

    /// <summary>A write that is done for a curator, and for who may only contribute is filed.</summary>
    private static IEnumerable<StatusCase> Done(string operation, int status, params Sent[] requests) =>
        [new(operation, status, requests), new(operation, 202, [.. requests[..^1], requests[^1] with { Key = "contribute" }])];

    /// <summary>What every write can answer, but that it was done. Where no body can be wrong, that of a request before it can be another under one Idempotency-Key.</summary>
    private static IEnumerable<StatusCase> Write(string operation, Sent sent, string? wrong = null, params Sent[] before)
    {
        IEnumerable<StatusCase> cases =
            [new(operation, 401, [.. before, sent with { Key = null }]), new(operation, 403, [.. before, sent with { Key = "read" }]), .. Busy(operation, sent, before)];
        if (sent.Method != "DELETE")
        {
            cases = cases.Concat(Body(operation, sent, wrong, before));
        }

        return sent.Method == "POST"
            ? cases
            : [.. cases, new(operation, 412, [.. before, sent with { Headers = ["If-Match: \"v999-0-0\""] }]), new(operation, 428, [.. before, sent with { Headers = null }])];
    }

    private static IEnumerable<StatusCase> Body(string operation, Sent sent, string? wrong, params Sent[] before)
    {
        string[] same = ["Idempotency-Key: {n}"];
        return
        [
            new(operation, 400, [.. before, sent with { Body = "[]" }]),
            new(operation, 413, [.. before, sent with { Body = $$"""{"name":"{{new string('x', 2000)}}"}""" }]),
            new(operation, 415, [.. before, sent with { Type = "text/plain" }]),
            wrong is not null
                ? new(operation, 422, [.. before, sent with { Body = wrong }])
                : new(operation, 422, [Post("/v1/operators", """{"name":"{m}"}""", sent.Key!) with { Headers = same }, .. before, sent with { Headers = same }]),
        ];
    }

    /// <summary>What every read of data can answer that everybody may read.</summary>
    private static IEnumerable<StatusCase> Read(string operation, string path) =>
        // If-None-Match: whatever there is.
        [.. Ask(operation, Get(path)), .. Open(operation, Get(path)), new(operation, 304, Get(path) with { Headers = ["If-None-Match: *"] })];

    private static IEnumerable<StatusCase> Read(string operation, Noun of, string part = "") =>
        [.. Read(operation, of.Path(of.There) + part), .. Elsewhere(operation, of, name => Get(of.Path(name) + part))];

    /// <summary>What a read of what is not for everybody can answer.</summary>
    private static IEnumerable<StatusCase> Guarded(string operation, Sent sent, params Sent[] before) =>
        [.. Ask(operation, sent, before), new(operation, 401, [.. before, sent with { Key = null }]), new(operation, 403, [.. before, sent with { Key = "read" }])];

    private static IEnumerable<StatusCase> Ask(string operation, Sent sent, params Sent[] before) =>
    [
        new(operation, 200, [.. before, sent]),
        new(operation, 400, [.. before, sent with { Path = sent.Path + (sent.Path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "nothing=1" }]),
        new(operation, 406, [.. before, sent with { Headers = ["Accept: application/xml"] }]),
        .. Busy(operation, sent, before),
    ];

    /// <summary>Who needs no key is refused with one that is not good.</summary>
    private static IEnumerable<StatusCase> Open(string operation, Sent sent) => [new(operation, 401, sent with { Headers = ["Authorization: Bearer ck_1_guess"] })];

    /// <summary>Who asks too often is refused before his key is looked at; without one, nothing is done by what is let through.</summary>
    private static IEnumerable<StatusCase> Busy(string operation, Sent sent, params Sent[] before) =>
        [new(operation, 429, [.. before, sent with { Key = null }]), new(operation, 503, [.. before, sent])];

    /// <summary>What is answered under a name that is none, a deleted thing's, or an old one.</summary>
    private static IEnumerable<StatusCase> Elsewhere(string operation, Noun of, Func<string, Sent> to)
    {
        yield return new(operation, 404, to(of.Missing));
        if (of.Gone is not null)
        {
            yield return new(operation, 410, to(of.Gone));
        }

        if (of.Moved is not null)
        {
            yield return new(operation, 308, to(of.Moved));
        }
    }

    /// <summary>A kind of thing, the name of one that is there, of none, of one that was deleted, and one that leads elsewhere.</summary>
    private sealed record Noun(string List, string There, string Missing, string? Gone = null, string? Moved = null)
    {
        public string Path(string name) => $"{List}/{name}";
    }
}
