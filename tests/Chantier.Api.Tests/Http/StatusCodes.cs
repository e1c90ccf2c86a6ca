namespace Chantier.Api.Tests.Http;

/// <summary>One documented status code of one operation, and the requests of which the last gets it. Their keys are names of scopes.</summary>
/// <param name="Operation">The operation id.</param>
/// <param name="Status">The code.</param>
/// <param name="Requests">Those before the last prepare for it, in the same world, which is the case's own unless all of them are GETs.</param>
internal sealed record StatusCase(string Operation, int Status, params Sent[] Requests)
{
    /// <summary>Whether the database is kept from answering meanwhile.</summary>
    public bool IsLocked => Status == 503;

    public override string ToString() => $"{Operation} {Status}";
}

/// <summary>Every documented status code of every operation. A new operation comes with its lines here.</summary>
internal static class StatusCodes
{
    public static IReadOnlyList<StatusCase> All { get; } =
    [
        new("GetLanding", 200, Get("/")),
        new("GetVersion", 200, Get("/v1")),
        new("GetLiveness", 200, Get("/health/live")),
        new("GetReadiness", 200, Get("/health/ready")),
        new("GetReadiness", 503, Get("/health/ready")),

        .. Read("ListFactories", "/v1/factories"),
        .. Read("GetFactory", "/v1/factories/acierie-elan", missing: "/v1/factories/nobody", gone: "/v1/factories/supprimee", moved: "/v1/factories/acierie-elan-ter"),
        .. Read("DiffFactories", "/v1/diff?from=2020&to=2024"),
        .. OfFactory("ListFactoryStatusEvents", "status-events"),
        .. OfFactory("ListFactoryFigures", "figures"),
        .. OfFactory("ListFactoryPhases", "phases"),
        .. OfFactory("ListFactoryMedia", "media"),
        .. OfFactory("ListFactorySources", "sources"),
        .. OfFactory("ListFactoryChanges", "changes"),

        .. Read("ListOperators", "/v1/operators"),
        .. Read("GetOperator", "/v1/operators/elan", missing: "/v1/operators/nobody", gone: "/v1/operators/disparu", moved: "/v1/operators/elan-sa"),
        .. Read("ListOperatorFactories", "/v1/operators/elan/factories", missing: "/v1/operators/nobody/factories", gone: "/v1/operators/disparu/factories", moved: "/v1/operators/elan-sa/factories"),
        .. Read("GetOwnership", "/v1/operators/elan/ownership", missing: "/v1/operators/nobody/ownership", gone: "/v1/operators/disparu/ownership", moved: "/v1/operators/elan-sa/ownership"),

        .. Read("ListRegions", "/v1/regions"),
        .. Read("GetRegion", "/v1/regions/arcadie", missing: "/v1/regions/nowhere", gone: "/v1/regions/perdue", moved: "/v1/regions/arcadia"),
        .. Read("ListRegionFactories", "/v1/regions/arcadie/factories", missing: "/v1/regions/nowhere/factories", gone: "/v1/regions/perdue/factories", moved: "/v1/regions/arcadia/factories"),
        .. Read("ListRegionChildren", "/v1/regions/arcadie/children", missing: "/v1/regions/nowhere/children", gone: "/v1/regions/perdue/children", moved: "/v1/regions/arcadia/children"),

        .. Read("ListStatuses", "/v1/statuses"),
        .. Read("ListStatusEvents", "/v1/status-events"),

        .. Read("ListMedia", "/v1/media"),
        .. Read("GetMedium", "/v1/media/1", missing: "/v1/media/99", gone: "/v1/media/4"),

        .. Read("ListSources", "/v1/sources"),
        .. Read("GetSource", "/v1/sources/carnet", missing: "/v1/sources/nothing", gone: "/v1/sources/oublie", moved: "/v1/sources/la-gazette"),
        .. Read("ListSourceClaims", "/v1/sources/carnet/claims", missing: "/v1/sources/nothing/claims", gone: "/v1/sources/oublie/claims", moved: "/v1/sources/la-gazette/claims"),

        .. Read("ListClaims", "/v1/claims"),

        .. Read("Lookup", "/v1/lookup?identifier=wikidata:Q101"),
    ];

    private static Sent Get(string path, params string[] headers) => new("GET", path, Headers: headers);

    /// <summary>What every read of data can answer, and what it answers under a name that is none, a deleted thing's, or an old one.</summary>
    private static IEnumerable<StatusCase> Read(string operation, string path, string? missing = null, string? gone = null, string? moved = null)
    {
        yield return new(operation, 200, Get(path));
        // Whatever there is.
        yield return new(operation, 304, Get(path, "If-None-Match: *"));
        yield return new(operation, 400, Get(path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "nothing=1"));
        yield return new(operation, 406, Get(path, "Accept: application/xml"));
        yield return new(operation, 503, Get(path));
        if (missing is not null)
        {
            yield return new(operation, 404, Get(missing));
        }

        if (gone is not null)
        {
            yield return new(operation, 410, Get(gone));
        }

        if (moved is not null)
        {
            yield return new(operation, 308, Get(moved));
        }
    }

    private static IEnumerable<StatusCase> OfFactory(string operation, string part) =>
        Read(operation, $"/v1/factories/acierie-elan/{part}", $"/v1/factories/nobody/{part}", $"/v1/factories/supprimee/{part}", $"/v1/factories/acierie-elan-ter/{part}");
}
