using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>How a list of factories is ordered, and what is embedded in each.</summary>
internal sealed record FactoryOrder
{
    [Description("""
        Keys to sort by, descending with a leading -. What has no value comes last. capacity is that of the first product, in
        the reference unit of its physical quantity. Default: name, or the distance where near is given.
        """)]
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
        [AsParameters] FactoryFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] FactoryOrder order,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        if (await reading.AnswerEarlyAsync(axes, query, Format.WithPlaces) is { } early)
        {
            return early;
        }

        var sql = FactorySql.Over(axes, reading.Language(query.Lang));
        filter.Apply(sql, axes.IsPresent, await FactoryLookup.OfAsync(filter, axes, reading));
        return await ListAsync(sql, filter, axes, order, query, reading, filter.CheckNames());
    }

    /// <summary>All factories in a region or in a region within it, or the members of a cluster.</summary>
    public static async Task<IResult> OfRegion(
        [Description("The slug of the region or cluster.")] string slug,
        [AsParameters] FactoryFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] FactoryOrder order,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        if (await reading.AnswerEarlyAsync(axes, query, Format.WithPlaces) is { } early)
        {
            return early;
        }

        var sql = FactorySql.Over(axes, reading.Language(query.Lang));
        (await RegionScope.OfAsync([slug], isPath: true, axes, reading))!.Apply(sql);
        filter.Apply(sql, axes.IsPresent, await FactoryLookup.OfAsync(filter with { Region = null }, axes, reading));
        return await ListAsync(
            sql,
            filter,
            axes,
            order,
            query,
            reading,
            snapshot => CheckAsync(snapshot, IsRegionThereSql, RegionSql, "region", slug, filter, axes));
    }

    /// <summary>All in which an operator has a part.</summary>
    public static async Task<IResult> OfOperator(
        [Description("The slug of the operator.")] string slug,
        [AsParameters] FactoryFilter filter,
        [AsParameters] TimeAxes axes,
        [AsParameters] FactoryOrder order,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var sql = FactorySql.Over(axes, reading.Language(query.Lang)).And(FactoryFilter.OfOperator, "ofOperator", slug);
        filter.Apply(sql, axes.IsPresent, await FactoryLookup.OfAsync(filter, axes, reading));
        return await ListAsync(
            sql,
            filter,
            axes,
            order,
            query,
            reading,
            snapshot => CheckAsync(snapshot, IsOperatorThereSql, OperatorSql, "operator", slug, filter, axes));
    }

    private const string IsRegionThereSql = """
        select exists (
          select from region r join region_version v on v.region_id = r.id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where r.slug = @slug);
        """;

    private const string IsOperatorThereSql = """
        select exists (
          select from operator o join operator_version v on v.operator_id = o.id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where o.slug = @slug);
        """;

    private const string RegionSql = """
        select r.slug as now,
          nullif((select max(v.known_to) from region_version v where v.region_id = r.id), 'infinity') as until
        from slug g join region r on r.id = g.resource_id
        where g.kind = 'region' and g.slug = @slug;
        """;

    private const string OperatorSql = """
        select o.slug as now,
          nullif((select max(v.known_to) from operator_version v where v.operator_id = o.id), 'infinity') as until
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
        SelectSql sql,
        FactoryFilter filter,
        TimeAxes axes,
        FactoryOrder order,
        ListQuery query,
        Reading reading,
        Func<Snapshot, Task<IResult?>>? whenEmpty)
    {
        var isNear = filter.Near is not null;
        if (isNear && order.Sort is not null)
        {
            return Problem.InvalidParameters(ProblemError.In(
                "sort", "excluded", "cannot be given together with near, which sorts by distance.")).ToResult();
        }

        var include = order.Include?.Value.Values;
        var language = reading.Language(query.Lang);
        sql.OrderBy(FactorySql.SortsOf(axes, isNear).For(order.Sort, reading.Cursor));
        return await reading.ListAsync(new ListSpec<FactoryView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = FactorySql.Page(sql, axes, isNear, query.PageSize),
            Formats = Format.WithPlaces,
            DepthCap = isNear ? FactorySql.DistanceDepth : int.MaxValue,
            Embed = include is null ? null : (snapshot, rows) => FactoryEmbeds.FillAsync(include, snapshot, rows, axes, language),
            Included = include?.ToDictionary(name => name, name => Parts[name]) ?? [],
            WhenEmpty = whenEmpty,
        });
    }

    // Under a region or an operator that was there then, there may be none; else it is missing.
    private static async Task<IResult?> CheckAsync(
        Snapshot snapshot, string isThereSql, string missingSql, string kind, string slug, FactoryFilter filter, TimeAxes axes) =>
        await snapshot.QueryAsync<bool>(isThereSql, new { slug, knownBy = axes.Sense, knownAt = axes.Known }) is [true]
            ? filter.CheckNames() is { } check ? await check(snapshot) : null
            : await Missing.AnswerAsync(snapshot, missingSql, kind, $"/v1/{kind}s", slug, "/factories", axes);
}
