using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
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
    public static Task<IResult> Handle(
        [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] FactoryOrder order, [AsParameters] ListQuery query, Reading reading)
    {
        // One region is where the statement starts from; of several, each factory is looked up.
        var only = filter.Region?.Value.Values is [var region] ? region : null;
        var sql = FactorySql.Over(axes, only, reading.Language(query.Lang));
        filter.Apply(sql, regionsToo: only is null);
        return ListAsync(sql, filter, axes, order, query, reading, filter.NamesResources ? filter.CheckNamesAsync : null);
    }

    /// <summary>All that lie in a region or in what it contains, or are members of a cluster.</summary>
    public static Task<IResult> OfRegion(
        [Description("The slug of the region or cluster.")] string slug, [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] FactoryOrder order, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = FactorySql.Over(axes, slug, reading.Language(query.Lang));
        filter.Apply(sql, regionsToo: true);
        return ListAsync(sql, filter, axes, order, query, reading, snapshot => MissingAsync(snapshot, "region", slug));
    }

    /// <summary>All in which an operator has a part.</summary>
    public static Task<IResult> OfOperator(
        [Description("The slug of the operator.")] string slug, [AsParameters] FactoryFilter filter, [AsParameters] TimeAxes axes, [AsParameters] FactoryOrder order, [AsParameters] ListQuery query, Reading reading)
    {
        var only = filter.Region?.Value.Values is [var region] ? region : null;
        var sql = FactorySql.Over(axes, only, reading.Language(query.Lang)).And(FactoryFilter.OfOperator, "ofOperator", slug);
        filter.Apply(sql, regionsToo: only is null);
        return ListAsync(sql, filter, axes, order, query, reading, snapshot => MissingAsync(snapshot, "operator", slug));
    }

    private const string IsThereSql = "select exists (select from slug where kind = @kind and slug = @slug)";

    private static async Task<IResult> ListAsync(
        SelectSql sql, FactoryFilter filter, TimeAxes axes, FactoryOrder order, ListQuery query, Reading reading, Func<Snapshot, Task<IResult?>>? whenEmpty)
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
            WhenEmpty = whenEmpty,
        });
    }

    private static async Task<IResult?> MissingAsync(Snapshot snapshot, string kind, string slug) =>
        await snapshot.QueryAsync<bool>(IsThereSql, new { kind, slug }) is [true] ? null : Problem.NotFound(kind, slug).ToResult();
}
