using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Search;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>How a list of factories is ordered, and what is embedded in each.</summary>
internal sealed record FactoryOrder
{
    [Description("Keys to sort by, descending with a leading -. What has no value comes last. Default: name, or the distance where near is given.")]
    public Given<Codes>? Sort { get; init; }

    [Description("What to embed in each item.")]
    public Given<Codes>? Include { get; init; }

    internal sealed class Validator : AbstractValidator<FactoryOrder>
    {
        public Validator()
        {
            RuleFor(order => order.Sort).AreKeysOf(FactorySql.Sorts, hasDefault: false);
            RuleFor(order => order.Include).AreAmong(FactoryEmbeds.Names);
        }
    }
}

/// <summary>GET /v1/factories, and the factories of a region or an operator.</summary>
internal static class ListFactories
{
    public static async Task<IResult> Handle(
        [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] FactoryOrder order, [AsParameters] ListQuery query, Reading reading)
    {
        // One region is where the statement starts from; of several, each factory is looked up.
        var only = filter.Region?.Value.Values is [var region] ? region : null;
        var sql = FactorySql.Over(axes, only, reading.Language(query.Lang));
        filter.Apply(sql, regionsToo: only is null, await SearchedFor.OfAsync("factory", filter.Q, axes, reading));
        return await ListAsync(sql, filter, axes, order, query, reading, filter.CheckNames(), () => Handle(filter, axes with { IsAhead = true }, order, query, reading));
    }

    /// <summary>All that lie in a region or in what it contains, or are members of a cluster.</summary>
    public static async Task<IResult> OfRegion(
        [Description("The slug of the region or cluster.")] string slug, [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] FactoryOrder order, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = FactorySql.Over(axes, slug, reading.Language(query.Lang)).And(IsRegionNow);
        filter.Apply(sql, regionsToo: true, await SearchedFor.OfAsync("factory", filter.Q, axes, reading));
        return await ListAsync(
            sql, filter, axes, order, query, reading, snapshot => CheckAsync(snapshot, IsRegionThereSql, RegionSql, "region", slug, filter, axes),
            () => OfRegion(slug, filter, axes with { IsAhead = true }, order, query, reading));
    }

    /// <summary>All in which an operator has a part.</summary>
    public static async Task<IResult> OfOperator(
        [Description("The slug of the operator.")] string slug, [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] FactoryOrder order, [AsParameters] ListQuery query, Reading reading)
    {
        var only = filter.Region?.Value.Values is [var region] ? region : null;
        var sql = FactorySql.Over(axes, only, reading.Language(query.Lang)).And(FactoryFilter.OfOperator, "ofOperator", slug);
        filter.Apply(sql, regionsToo: only is null, await SearchedFor.OfAsync("factory", filter.Q, axes, reading));
        return await ListAsync(
            sql, filter, axes, order, query, reading, snapshot => CheckAsync(snapshot, IsOperatorThereSql, OperatorSql, "operator", slug, filter, axes),
            () => OfOperator(slug, filter, axes with { IsAhead = true }, order, query, reading));
    }

    // A path has one name; its old ones lead on.
    private const string IsRegionNow = "exists (select from region where slug = @region)";

    private const string IsRegionThereSql = """
        select exists (select from region r join region_version v on v.region_id = r.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to) where r.slug = @slug);
        """;

    private const string IsOperatorThereSql = """
        select exists (select from operator o join operator_version v on v.operator_id = o.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to) where o.slug = @slug);
        """;

    private const string RegionSql = """
        select r.slug as now, nullif((select max(v.known_to) from region_version v where v.region_id = r.id), 'infinity') as until
        from slug g join region r on r.id = g.resource_id
        where g.kind = 'region' and g.slug = @slug;
        """;

    private const string OperatorSql = """
        select o.slug as now, nullif((select max(v.known_to) from operator_version v where v.operator_id = o.id), 'infinity') as until
        from slug g join operator o on o.id = g.resource_id
        where g.kind = 'operator' and g.slug = @slug;
        """;

    private static readonly Dictionary<string, string> Parts = new()
    {
        ["regions"] = "/v1/factories/{slug}",
        ["operators"] = "/v1/factories/{slug}",
        ["phases"] = "/v1/factories/{slug}/phases",
        ["statusEvents"] = "/v1/factories/{slug}/status-events",
        ["figures"] = "/v1/factories/{slug}/figures",
        ["media"] = "/v1/factories/{slug}/media",
        ["sources"] = "/v1/factories/{slug}/sources",
        ["evidence"] = "/v1/sources/{slug}/claims",
    };

    private static async Task<IResult> ListAsync(
        SelectSql sql, FactoryFilter filter, TimeAxes axes, FactoryOrder order, ListQuery query, Reading reading, Func<Snapshot, Task<IResult?>>? whenEmpty,
        Func<Task<IResult>> whenAhead)
    {
        if (filter.Near is not null && order.Sort is not null)
        {
            return Problem.InvalidParameters(ProblemError.In("sort", "excluded", "cannot be given together with near, which sorts by distance.")).ToResult();
        }

        sql.OrderBy((filter.Near is null ? FactorySql.Sorts : FactorySql.ByDistance).For(order.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<FactoryView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = FactorySql.Page(sql, axes, filter.Near is not null, query.PageSize),
            Formats = Format.WithPlaces,
            DepthCap = filter.Near is null ? int.MaxValue : FactorySql.DistanceDepth,
            Embed = order.Include is null ? null : (snapshot, rows) => FactoryEmbeds.FillAsync(order.Include.Value.Values, snapshot, rows, axes, reading.Language(query.Lang)),
            Included = order.Include?.Value.Values.ToDictionary(name => name, name => Parts[name]) ?? [],
            WhenEmpty = whenEmpty,
            WhenAhead = whenAhead,
        });
    }

    // Under a region or an operator that was there then, there may be none; else it is missing.
    private static async Task<IResult?> CheckAsync(Snapshot snapshot, string isThereSql, string missingSql, string kind, string slug, FactoryFilter filter, TimeAxes axes) =>
        await snapshot.QueryAsync<bool>(isThereSql, new { slug, knownBy = axes.Sense, knownAt = axes.Known }) is [true]
            ? filter.CheckNames() is { } check ? await check(snapshot) : null
            : await Missing.AnswerAsync(snapshot, missingSql, kind, $"/v1/{kind}s", slug, "/factories", axes);
}
