using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Regions;
using Chantier.Api.Search;

namespace Chantier.Api.Ogc;

/// <summary>GET /ogc/collections/factories/items and one of them: the list of factories, told as features.</summary>
internal static class ListFactoryItems
{
    private const string Within = "(f.lon is null or f.lon between @west and @east and f.lat between @south and @north)";

    private const string Across = "(f.lon is null or (f.lon >= @west or f.lon <= @east) and f.lat between @south and @north)";

    // Of an interval; who has no date is let through.
    private const string Since = "coalesce(f.status_since_on, 'infinity') >= @since";

    // On a day in the past, what nothing is claimed of yet is not there yet.
    private const string Begun = "f.status is not null";

    private const string IsThis = "f.factory_id = (select y.id from factory y where y.slug = @slug)";

    public static Task<IResult> Handle([AsParameters] OgcItemsQuery query, [AsParameters] OgcFilter filter, Reading reading) =>
        ListAsync(query, filter, reading.Present with { AsOf = query.AsOf() }, reading);

    public static Task<IResult> One([Description("The id of the feature, which is the slug of the factory.")] string featureId, [AsParameters] OgcItemQuery query, Reading reading) =>
        OneAsync(featureId, query, reading.Present, reading);

    private static async Task<IResult> ListAsync(OgcItemsQuery query, OgcFilter filter, TimeAxes axes, Reading reading)
    {
        var sql = FactorySql.Over(axes, filter.OnlyRegion, reading.Language(query.Lang));
        var factories = filter.Factories;
        factories.Apply(sql, regionsToo: filter.OnlyRegion is null, await SearchedFor.OfAsync("factory", filter.Q, axes, reading));
        OgcItems.Bound(sql, query.Box(), Within, Across);
        if (query.Datetime?.Value.Start is { } since)
        {
            sql.And(Since, "since", since);
        }

        if (axes.AsOf is not null)
        {
            sql.And(Begun);
        }

        sql.OrderBy(FactorySql.Sorts.For(null, reading.Cursor));
        return await reading.ListAsync(new ListSpec<FactoryView>
        {
            Axes = axes,
            Query = query.List(),
            Sql = sql,
            Page = FactorySql.Page(sql, axes, withDistance: false, query.List().PageSize),
            Formats = [Format.GeoJson],
            WhenEmpty = factories.CheckNames(),
            WhenAhead = () => ListAsync(query, filter, axes with { IsAhead = true }, reading),
            Write = page => new FeaturesResult<FactoryView>(OgcCollection.Factories, page, query.Answered()),
        });
    }

    private static async Task<IResult> OneAsync(string slug, OgcItemQuery query, TimeAxes axes, Reading reading)
    {
        var sql = FactorySql.Over(axes, region: null, reading.Language(query.Lang)).And(IsThis, "slug", slug).OrderBy(FactorySql.Sorts.For(null, null));
        return await reading.ListAsync(new ListSpec<FactoryView>
        {
            Axes = axes,
            Query = OgcItems.One(query),
            Sql = sql,
            Page = FactorySql.Page(sql, axes, withDistance: false, 1),
            Formats = [Format.GeoJson],
            WhenEmpty = async snapshot => await FactoryNames.MissingAsync(snapshot, slug, "", axes, OgcCollection.Factories.Path + "/items"),
            WhenAhead = () => OneAsync(slug, query, axes with { IsAhead = true }, reading),
            Write = page => new FeatureResult<FactoryView>(OgcCollection.Factories, page.Items[0], query.Crs?.Value ?? OgcCrs.Crs84),
        });
    }
}

/// <summary>GET /ogc/collections/regions/items and one of them.</summary>
internal static class ListRegionItems
{
    // The boxes around the boundaries first, as most do not meet. A box across the antimeridian has its west above its east.
    private const string Within = """
        (b.id is null or b.min_lat <= @north and b.max_lat >= @south
          and case when b.min_lon <= b.max_lon then b.min_lon <= @east and b.max_lon >= @west else b.min_lon <= @east or b.max_lon >= @west end
          and (b.min_lon >= @west and b.max_lon <= @east and b.min_lon <= b.max_lon and b.min_lat >= @south and b.max_lat <= @north
            or boundary_meets(b.geometry, @west, @south, @east, @north)))
        """;

    private const string Across = """
        (b.id is null or b.min_lat <= @north and b.max_lat >= @south
          and (b.min_lon > b.max_lon or b.max_lon >= @west or b.min_lon <= @east)
          and (boundary_meets(b.geometry, @west, @south, 180, @north) or boundary_meets(b.geometry, -180, @south, @east, @north)))
        """;

    private const string IsThis = "r.slug = @slug";

    public static Task<IResult> Handle([AsParameters] OgcItemsQuery query, Reading reading)
    {
        var axes = reading.Present;
        var sql = Over(axes, query.Lang, reading);
        OgcItems.Bound(sql, query.Box(), Within, Across);
        sql.OrderBy(RegionView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<RegionView>
        {
            Axes = axes,
            Query = query.List(),
            Sql = sql,
            Page = sql.Page(RegionView.Columns + RegionView.Boundary, query.List().PageSize),
            Formats = [Format.GeoJson],
            Write = page => new FeaturesResult<RegionView>(OgcCollection.Regions, page, query.Answered()),
        });
    }

    public static Task<IResult> One([Description("The id of the feature, which is the slug of the region.")] string featureId, [AsParameters] OgcItemQuery query, Reading reading)
    {
        var axes = reading.Present;
        var sql = Over(axes, query.Lang, reading).And(IsThis, "slug", featureId).OrderBy(RegionView.Sorts.For(null, null));
        return reading.ListAsync(new ListSpec<RegionView>
        {
            Axes = axes,
            Query = OgcItems.One(query),
            Sql = sql,
            Page = sql.Page(RegionView.Columns + RegionView.Boundary, 1),
            Formats = [Format.GeoJson],
            WhenEmpty = async snapshot => await ListRegions.MissingAsync(snapshot, featureId, "", axes, OgcCollection.Regions.Path + "/items"),
            Write = page => new FeatureResult<RegionView>(OgcCollection.Regions, page.Items[0], query.Crs?.Value ?? OgcCrs.Crs84),
        });
    }

    private static SelectSql Over(TimeAxes axes, Given<Codes>? lang, Reading reading) => axes.Bind(new SelectSql()).With("lang", reading.Language(lang)).From(RegionView.From);
}

/// <summary>What both have in common.</summary>
internal static class OgcItems
{
    public static ListQuery One(OgcItemQuery query) => new() { Lang = query.Lang, Limit = Given<LimitOrAll>.Of(new LimitOrAll(1)), Format = Given<Codes>.Parse(Format.GeoJson.Name, null) };

    public static void Bound(SelectSql sql, Box? box, [ConstantExpected] string within, [ConstantExpected] string across)
    {
        if (box is null)
        {
            return;
        }

        sql.With("west", box.West).With("south", box.South).With("east", box.East).With("north", box.North);
        if (box.West <= box.East)
        {
            sql.And(within);
        }
        else
        {
            sql.And(across);
        }
    }
}
