using Chantier.Api.Database;
using Chantier.Api.Http;
using Dapper;
using Npgsql;

namespace Chantier.Api.Hosting;

/// <summary>Rehearses a write before the service listens, so that the first one is as quick as the next.</summary>
internal static class WarmUp
{
    private const string OperationId = "RecordStatusEvent";

    private const string AnySql = """
        select f.slug as factory, s.slug as source
        from factory_current f
        cross join lateral (
          select s.slug from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity'
          where v.retracted is null limit 1) s
        limit 1
        """;

    /// <summary>Does nothing in a tracker without a factory or a source.</summary>
    public static async Task RunAsync(WebApplication app, CancellationToken cancellation)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var any = await AnyAsync(scope.ServiceProvider.GetRequiredService<WriteSource>(), cancellation);
        if (any is not var (factory, source))
        {
            return;
        }

        var operation = ((IEndpointRouteBuilder)app).DataSources.SelectMany(routes => routes.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<WriteOperation>())
            .First(known => known?.Id == OperationId)!;
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        http.Request.RouteValues["slug"] = factory;
        var body = $$"""
            {"status": "operating", "date": "2000", "dateMeaning": "began", "sources": [{"source": "{{source}}"}]}
            """;
        try
        {
            await Writes.RehearseAsync(
                operation, new(null, "chantier", Scope.Admin), http, System.Text.Encoding.UTF8.GetBytes(body), cancellation);
        }
        catch (NpgsqlException)
        {
            // Another instance is writing, or the database is busy: a service starts without a rehearsal too.
        }
    }

    private static async Task<(string Factory, string Source)?> AnyAsync(WriteSource source, CancellationToken cancellation)
    {
        await using var connection = await source.OpenAsync(cancellation);
        var command = new CommandDefinition(AnySql, cancellationToken: cancellation);
        return await connection.QuerySingleOrDefaultAsync<(string, string)?>(command);
    }
}
