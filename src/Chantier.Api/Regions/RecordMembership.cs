using Chantier.Api.Http;
using Chantier.Api.Recording;
using FluentValidation;

namespace Chantier.Api.Regions;

/// <summary>That a factory or a region belongs to an industrial cluster.</summary>
internal sealed record MembershipRequest : ClaimRequest
{
    /// <summary>The slug of a factory; or else a region.</summary>
    public string? Factory { get; init; }

    /// <summary>The slug of a region, with everything in it.</summary>
    public string? Region { get; init; }

    internal sealed class Validator : Validator<MembershipRequest>
    {
        public Validator()
        {
            RuleFor(m => m.Factory).IsSlug();
            RuleFor(m => m.Factory).Custom((factory, context) => BodyRules.FailIf(
                context, (factory is null) == (context.InstanceToValidate.Region is null), "required", "and region are both given, or neither is; exactly one of them must be."));
            RuleFor(m => m.Region).IsSlug();
        }
    }
}

/// <summary>POST /v1/regions/{slug}/members.</summary>
internal static class RecordMembership
{
    private const string ClusterSql = "select r.id, r.kind from region r join region_version v on v.region_id = r.id and v.known_to = 'infinity' where r.slug = @slug";

    private const string ContentSql = "insert into membership (claim_id, cluster_id, region_id) values (@claim, @cluster, @region);";

    public static async Task<Outcome> Handle(Write write, MembershipRequest request)
    {
        var slug = write.Route("slug");
        var cluster = await write.FindAsync<Cluster>(ClusterSql, new { slug }) ?? throw new Refusal(await ListRegions.MissingAsync(write.Snapshot, slug, "/members", new TimeAxes()));
        if (cluster.Kind != "cluster")
        {
            throw new Refusal(Problem.Of(409, "no-cluster", "The region has no members", $"The region '{slug}' is of the kind {cluster.Kind}; only a cluster has members. What lies in another region names it as its region or parent."));
        }

        var factory = request.Factory is null ? (long?)null : await write.IdOfAsync("factory", request.Factory, "/factory");
        var region = request.Region is null ? (long?)null : await write.IdOfAsync("region", request.Region, "/region");
        return await RecordClaim.AppendAsync(write, "membership", factory, request, ContentSql, new { cluster = cluster.Id, region });
    }

    private sealed record Cluster
    {
        public required long Id { get; init; }

        public required string Kind { get; init; }
    }
}
