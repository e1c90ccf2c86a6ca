using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Regions;

namespace Chantier.Api.Ogc;

/// <summary>GET /ogc/collections/factories/items and one of them: the list of factories as features.</summary>
internal static class ListFactoryItems
{
    private const string Within = "(place.lon is null or place.lon between @west and @east and place.lat between @south and @north)";

    private const string Across = "(place.lon is null or (place.lon >= @west or place.lon <= @east) and place.lat between @south and @north)";

    // An interval lets through what has no date.
    private const string Since =
        "coalesce((select e.earliest from status_event e where e.claim_id = f.since_claim_id), 'infinity') >= @since";

    // On a past day, a factory without any status does not exist yet.
    private const string Begun = "f.status is not null";

    private const string IsThis = "f.factory_id = (select y.id from factory y where y.slug = @slug)";

    public static Task<IResult> Handle([AsParameters] OgcItemsQuery query, [AsParameters] OgcFilter filter, Reading reading) =>
        ListAsync(query, filter, reading.Present with { AsOf = query.AsOf(reading.Present.Day) }, reading);

    public static Task<IResult> One([Description("The id of the feature, which is the slug of the factory.")] string featureId, [AsParameters] OgcItemQuery query, Reading reading) =>
        OneAsync(featureId, query, reading.Present, reading);

    private static async Task<IResult> ListAsync(OgcItemsQuery query, OgcFilter filter, TimeAxes axes, Reading reading)
    {
        var sql = FactorySql.Over(axes, reading.Language(query.Lang));
        var factories = filter.Factories;
        factories.Apply(sql, axes.IsPresent, await FactoryLookup.OfAsync(factories, axes, reading));
        if (query.Box() is { } box)
        {
            OgcItems.Bound(FactoryPlaces.Join(sql, axes), box, Within, Across);
        }

        if (query.Datetime?.Value.Start is { } since)
        {
            sql.And(Since, "since", since);
        }

        if (axes.AsOf is not null)
        {
            sql.And(Begun);
        }

        sql.OrderBy(FactorySql.SortsOf(axes).For(null, reading.Cursor));
        return await reading.ListAsync(new ListSpec<FactoryView>
        {
            Axes = axes,
            Query = query.List(),
            Sql = sql,
            Page = FactorySql.Page(sql, axes, withDistance: false, query.List().PageSize),
            Formats = [Format.GeoJson],
            WhenEmpty = factories.CheckNames(),
            Write = page => new FeaturesResult<FactoryView>(OgcCollection.Factories, page, query.Answered()),
        });
    }

    private static async Task<IResult> OneAsync(string slug, OgcItemQuery query, TimeAxes axes, Reading reading)
    {
        var sql = FactorySql.Over(axes, reading.Language(query.Lang)).And(IsThis, "slug", slug).OrderBy(FactorySql.SortsOf(axes).For(null, null));
        return await reading.ListAsync(new ListSpec<FactoryView>
        {
            Axes = axes,
            Query = OgcItems.One(query),
            Sql = sql,
            Page = FactorySql.Page(sql, axes, withDistance: false, 1),
            Formats = [Format.GeoJson],
            WhenEmpty = async snapshot => await FactoryNames.MissingAsync(snapshot, slug, "", axes, OgcCollection.Factories.Path + "/items"),
            Write = page => new FeatureResult<FactoryView>(OgcCollection.Factories, page.Items[0], query.Crs?.Value ?? OgcCrs.Crs84),
        });
    }
}

/// <summary>GET /ogc/collections/regions/items and one of them.</summary>
internal static class ListRegionItems
{
    // The boxes around the boundaries first, as most do not meet. A box across the antimeridian has its west above its
    // east.
    private const string Within = """
        (b.id is null or b.min_lat <= @north and b.max_lat >= @south
          and case when b.min_lon <= b.max_lon then b.min_lon <= @east and b.max_lon >= @west
            else b.min_lon <= @east or b.max_lon >= @west end
          and (b.min_lon >= @west and b.max_lon <= @east and b.min_lon <= b.max_lon
              and b.min_lat >= @south and b.max_lat <= @north
            or boundary_meets(b.geometry, @west, @south, @east, @north)))
        """;

    private const string Across = """
        (b.id is null or b.min_lat <= @north and b.max_lat >= @south
          and (b.min_lon > b.max_lon or b.max_lon >= @west or b.min_lon <= @east)
          and (boundary_meets(b.geometry, @west, @south, 180, @north)
            or boundary_meets(b.geometry, -180, @south, @east, @north)))
        """;

    private const string IsThis = "r.slug = @slug";

    public static Task<IResult> Handle([AsParameters] OgcItemsQuery query, Reading reading)
    {
        var axes = reading.Present;
        var sql = Over(axes, query.Lang, reading);
        if (query.Box() is { } box)
        {
            OgcItems.Bound(sql, box, Within, Across);
        }

        sql.OrderBy(RegionView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<RegionView>
        {
            Axes = axes,
            Query = query.List(),
            Sql = sql,
            Page = sql.Page(RegionView.Columns + RegionView.Boundary, query.List().PageSize),
            Formats = [Format.GeoJson],
            Embed = (snapshot, rows) => RegionCounts.FillAsync(snapshot, axes, rows),
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
            Embed = (snapshot, rows) => RegionCounts.FillAsync(snapshot, axes, rows),
            WhenEmpty = async snapshot => await ListRegions.MissingAsync(snapshot, featureId, "", axes, OgcCollection.Regions.Path + "/items"),
            Write = page => new FeatureResult<RegionView>(OgcCollection.Regions, page.Items[0], query.Crs?.Value ?? OgcCrs.Crs84),
        });
    }

    private static SelectSql Over(TimeAxes axes, Given<Codes>? lang, Reading reading) => axes.Bind(new SelectSql()).With("lang", reading.Language(lang)).From(RegionView.From);
}

/// <summary>The parts that both collections share.</summary>
internal static class OgcItems
{
    public static ListQuery One(OgcItemQuery query) => new() { Lang = query.Lang, Limit = Given<LimitOrAll>.Of(new LimitOrAll(1)), Format = Given<Codes>.Parse(Format.GeoJson.Name, null) };

    public static void Bound(SelectSql sql, Box box, [ConstantExpected] string within, [ConstantExpected] string across)
    {
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
