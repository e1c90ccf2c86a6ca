using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>The lists under one factory: what is known of it, part by part.</summary>
internal static class ListFactoryParts
{
    internal sealed record EventsQuery
    {
        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        [Description("What the claims rest on. Default: all.")]
        public Given<Codes>? Basis { get; init; }

        [Description("What to embed in each item.")]
        public Given<Codes>? Include { get; init; }

        internal sealed class Validator : AbstractValidator<EventsQuery>
        {
            public Validator()
            {
                RuleFor(query => query.Sort).AreKeysOf(StatusEventView.Sorts);
                RuleFor(query => query.Basis).AreAmong(Vocabularies.Basis);
                RuleFor(query => query.Include).AreAmong(["evidence"]);
            }
        }
    }

    internal sealed record FiguresQuery
    {
        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        [Description("Only these properties.")]
        public Given<Codes>? Property { get; init; }

        [Description("What to embed in each item.")]
        public Given<Codes>? Include { get; init; }

        internal sealed class Validator : AbstractValidator<FiguresQuery>
        {
            public Validator()
            {
                RuleFor(query => query.Sort).AreKeysOf(FigureView.Sorts);
                RuleFor(query => query.Property).AreAmong(Vocabularies.FigureProperty);
                RuleFor(query => query.Include).AreAmong(["evidence"]);
            }
        }
    }

    // Under its own name alone; what was merged into another leads there.
    private const string IsFactoryNow = """
        exists (
          select from factory f join existing_at(@knownBy, array[f.id], array[@knownAt::timestamptz]) t on true
          where f.slug = @slug)
        """;

    private const string OfFamily = """
        c.factory_id = any (array(
          select unnest(merged_factory_ids(@knownBy, @knownAt, f.id)) from factory f where f.slug = @slug))
        """;

    public static Task<IResult> StatusEvents(
        [Description("The slug of the factory; an old one leads to the present one.")] string slug,
        [AsParameters] TimeAxes axes,
        [AsParameters] EventsQuery events,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(FactoriesOf.Slug + StatusEventView.FromFactories).With("slug", slug)
            .AndAny("c.basis = @basis", "c.basis = any (@basis)", "basis", events.Basis?.Value.Values);
        if (axes.AsOf is not null)
        {
            sql.And(StatusEventView.HappenedByThen);
        }

        sql.OrderBy(StatusEventView.Sorts.For(events.Sort, reading.Cursor));
        return reading.ListAsync(Spec<StatusEventView>(
            slug,
            "status-events",
            axes,
            query,
            sql,
            sql.PageThen(StatusEventView.Chosen, StatusEventView.Columns, StatusEventView.Joins, query.PageSize),
            (snapshot, rows) => Evidence(snapshot, axes, rows, row => row.Id, (row, evidence) => row.Evidence = evidence),
            events.Include));
    }

    public static Task<IResult> Figures(
        [Description("The slug of the factory; an old one leads to the present one.")] string slug,
        [AsParameters] TimeAxes axes,
        [AsParameters] FiguresQuery figures,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(FactoriesOf.Slug + FigureView.FromFactories).With("slug", slug)
            .AndAny("g.property = @property", "g.property = any (@property)", "property", figures.Property?.Value.Values)
            .OrderBy(FigureView.Sorts.For(figures.Sort, reading.Cursor));
        return reading.ListAsync(Spec<FigureView>(
            slug,
            "figures",
            axes,
            query,
            sql,
            sql.PageThen(FigureView.Chosen, FigureView.Columns, FigureView.Joins, query.PageSize),
            (snapshot, rows) => Evidence(snapshot, axes, rows, row => row.Id, (row, evidence) => row.Evidence = evidence),
            figures.Include));
    }

    public static Task<IResult> Phases(
        [Description("The slug of the factory; an old one leads to the present one.")] string slug,
        [AsParameters] TimeAxes axes,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(FactoriesOf.Slug + PhaseView.FromFactories).With("slug", slug)
            .OrderBy(PhaseView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(Spec<PhaseView>(slug, "phases", axes, query, sql, sql.Page(PhaseView.Columns, query.PageSize)));
    }

    public static Task<IResult> Media(
        [Description("The slug of the factory; an old one leads to the present one.")] string slug,
        [AsParameters] TimeAxes axes,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(MediaView.From)
            .And(MediaView.OfFactory, "factory", new[] { slug })
            .And(IsFactoryNow, "slug", slug);
        if (axes.AsOf is not null)
        {
            sql.And(MediaView.CapturedByThen);
        }

        sql.OrderBy(MediaView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(Spec<MediaView>(slug, "media", axes, query, sql, sql.Page(MediaView.Columns, query.PageSize)));
    }

    public static Task<IResult> Sources(
        [Description("The slug of the factory; an old one leads to the present one.")] string slug,
        [AsParameters] TimeAxes axes,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var sql = axes.Bind(new SelectSql()).From(SourceView.From)
            .And(SourceView.OfFactory, "factory", slug)
            .And(IsFactoryNow, "slug", slug)
            .OrderBy(SourceView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(Spec<SourceView>(slug, "sources", axes, query, sql, sql.Page(SourceView.Columns, query.PageSize)));
    }

    public static Task<IResult> Changes(
        [Description("The slug of the factory; an old one leads to the present one.")] string slug,
        [AsParameters] ListQuery query,
        Reading reading)
    {
        var axes = reading.Present;
        var sql = axes.Bind(new SelectSql()).From("change c").And(OfFamily).And(IsFactoryNow, "slug", slug)
            .OrderBy(ChangeView.Sorts.For(null, reading.Cursor));
        return reading.ListAsync(Spec<ChangeView>(slug, "changes", axes, query, sql, sql.Page(ChangeView.Columns, query.PageSize)));
    }

    private static ListSpec<T> Spec<T>(
        string slug,
        string part,
        TimeAxes axes,
        ListQuery query,
        SelectSql sql,
        string page,
        Func<Snapshot, IReadOnlyList<T>, Task>? embed = null,
        Given<Codes>? include = null) => new()
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = page,
            Embed = include is null ? null : embed,
            Included = ClaimEvidenceView.Included(include),
            WhenEmpty = snapshot => FactoryNames.MissingUnlessThereAsync(snapshot, slug, "/" + part, axes),
        };

    private static async Task Evidence<T>(
        Snapshot snapshot, TimeAxes axes, IReadOnlyList<T> rows, Func<T, long> id, Action<T, IReadOnlyList<ClaimEvidenceView>> set)
    {
        var parameters = new { claims = rows.Select(id).ToArray(), knownBy = axes.Sense, knownAt = axes.Known };
        var evidence = (await snapshot.QueryAsync<ClaimEvidenceView>(ClaimEvidenceView.OfClaimsSql, parameters))
            .ToLookup(e => e.ClaimId);
        foreach (var row in rows)
        {
            set(row, [.. evidence[id(row)]]);
        }
    }
}
