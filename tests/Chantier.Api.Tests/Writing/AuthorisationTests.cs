using Chantier.Api.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Chantier.Api.Tests.Writing;

/// <summary>Every operation that needs a scope, with every scope and with none.</summary>
public sealed class AuthorisationTests(PostgresFixture postgres) : Curation(postgres)
{
    // POSTs that only ask.
    private static readonly string[] Questions = ["/v1/match"];

    private static readonly Dictionary<string, int> Ranks = new() { ["read"] = 0, ["contribute"] = 1, ["curate"] = 2, ["admin"] = 3 };

    [Fact]
    public async Task Every_operation_lets_through_whom_it_should_and_tells_nobody_else_what_there_is()
    {
        var operations = Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(method => (Endpoint: endpoint, Method: method)))
            .Where(o => o.Endpoint.RoutePattern.RawText!.StartsWith("/v1", StringComparison.Ordinal))
            .ToList();
        Assert.All(
            operations.Where(o => o.Method is not "GET" and not "HEAD" && !Questions.Contains(o.Endpoint.RoutePattern.RawText!.TrimEnd('/'))),
            o => Assert.True(o.Endpoint.Metadata.GetMetadata<Requires>() is { Scope: > Scope.Read }, $"{o.Method} {o.Endpoint.RoutePattern.RawText} asks for no scope."));

        var guarded = operations.Where(o => o.Endpoint.Metadata.GetMetadata<Requires>() is not null).ToList();
        Assert.True(guarded.Count > 40, $"only {guarded.Count} operations ask for a scope");
        foreach (var (endpoint, method) in guarded)
        {
            var requires = endpoint.Metadata.GetMetadata<Requires>()!;
            foreach (var scope in new[] { null, "read", "contribute", "curate", "admin" })
            {
                var there = await TryAsync(endpoint, method, scope, isThere: true);
                var status = (int)there.Status;
                var name = $"{method} {endpoint.RoutePattern.RawText} with {scope ?? "no key"}: {status}";
                if (scope is not null && Ranks[scope] >= (int)requires.Least)
                {
                    Assert.False(status is 401 or 403 or >= 500, name);
                    continue;
                }

                Assert.True(status == (scope is null ? 401 : 403), name);
                // Whether a thing is there, who may not do it does not learn.
                var missing = await TryAsync(endpoint, method, scope, isThere: false);
                Assert.Equal((there.Status, there.Json.Text("detail"), there.Json.Text("type")), (missing.Status, missing.Json.Text("detail"), missing.Json.Text("type")));
            }
        }
    }

    // A body that says nothing right, so that nothing is done by those who may.
    private Task<Answer> TryAsync(RouteEndpoint endpoint, string method, string? scope, bool isThere)
    {
        var path = string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => segment.Parts[0] switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "slug" } => isThere ? SlugUnder(endpoint) : "no-such-thing",
            _ => isThere ? "1" : "999999",
        }));
        return SendAsync(method, "/" + path, method is "GET" or "DELETE" ? null : """{"nothing":"right"}""", scope, "If-Match: \"v999-0-0\"");
    }

    private static string SlugUnder(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.Split('/')[2] switch
    {
        "factories" => "verkor-dunkerque",
        "operators" => "verkor",
        "regions" => "france",
        _ => "vallee-de-la-batterie-2024-08",
    };
}
