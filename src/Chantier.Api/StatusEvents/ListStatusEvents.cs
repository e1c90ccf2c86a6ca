using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.StatusEvents;

/// <summary>GET /v1/status-events: what moved, when, across all sites.</summary>
internal static class ListStatusEvents
{
    internal sealed record EventsFilter
    {
        [Description("Slugs of factories.")]
        public Given<Codes>? Factory { get; init; }

        [Description("Slugs of regions, with all that lies in them; of clusters, with all their members.")]
        public Given<Codes>? Region { get; init; }

        [Description("Status terms, as listed at /v1/statuses.")]
        public Given<Codes>? Status { get; init; }

        [Description("Milestone terms, as listed at /v1/statuses. Together with status, either may match.")]
        public Given<Codes>? Milestone { get; init; }

        [Description("What the claims rest on. Default: all.")]
        public Given<Codes>? Basis { get; init; }

        [Description("Whether the date says when it began, or when it was observed to be so. Default: both.")]
        public Given<Codes>? DateMeaning { get; init; }

        [Description("Only events whose date may be on or after this day; of a month or a year, its first day.")]
        public Given<WorldDate>? From { get; init; }

        [Description("Only events whose date may be on or before this day; of a month or a year, its last day.")]
        public Given<WorldDate>? To { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        [Description("What to embed in each item.")]
        public Given<Codes>? Include { get; init; }

        internal sealed class Validator : AbstractValidator<EventsFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Factory).EachFits(Rules.Slug("slugs of factories", "verkor-dunkerque"));
                RuleFor(f => f.Region).EachFits(Rules.Slug("slugs of regions", "hauts-de-france"));
                RuleFor(f => f.Status).AreAmong(Vocabularies.Status);
                RuleFor(f => f.Milestone).AreAmong(Vocabularies.Milestone);
                RuleFor(f => f.Basis).AreAmong(Vocabularies.Basis);
                RuleFor(f => f.DateMeaning).AreAmong(Vocabularies.DateMeaning);
                RuleFor(f => f.To).Must((f, to) => to is null || f.From is null || f.From.Value.First <= to.Value.Day)
                    .WithErrorCode("not_accepted").WithMessage("is before from; it accepts the same day or a later one.");
                RuleFor(f => f.Sort).AreKeysOf(StatusEventView.Sorts);
                RuleFor(f => f.Include).AreAmong(["evidence"]);
            }
        }
    }

    private const string InRegions = """
        (f.region_id in (select w.region_id from regions_within(@knownBy, @knownAt, array(
            select g.resource_id from slug g where g.kind = 'region' and g.slug = any (@region))) w)
          or f.factory_id in (select y.factory_id from cluster_members(@knownBy, @knownAt, array(
            select g.resource_id from slug g where g.kind = 'region' and g.slug = any (@region))) y))
        """;

    public static Task<IResult> Handle([AsParameters] EventsFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = axes.Bind(new SelectSql());
        sql = filter.Factory is null
            ? sql.From(StatusEventView.From)
            : sql.From(FactoriesOf.Slugs + StatusEventView.FromFactories)
                .With("factory", filter.Factory.Value.Values.ToArray());
        sql.AndAny("c.basis = @basis", "c.basis = any (@basis)", "basis", filter.Basis?.Value.Values)
            .AndAny("e.date_meaning = @dateMeaning", "e.date_meaning = any (@dateMeaning)", "dateMeaning", filter.DateMeaning?.Value.Values);
        if (filter.Region is not null)
        {
            sql.And(InRegions, "region", filter.Region.Value.Values.ToArray());
        }

        if (filter.Status is not null || filter.Milestone is not null)
        {
            sql.And("(e.status = any (@status) or e.milestone = any (@milestone))", "status", filter.Status?.Value.Values.ToArray() ?? [])
                .With("milestone", filter.Milestone?.Value.Values.ToArray() ?? []);
        }

        if (axes.AsOf is not null)
        {
            sql.And(StatusEventView.HappenedByThen);
        }

        if (filter.From is not null)
        {
            sql.And("e.latest >= @from", "from", filter.From.Value.First);
        }

        if (filter.To is not null)
        {
            sql.And("e.earliest <= @to", "to", filter.To.Value.Day);
        }

        sql.OrderBy(StatusEventView.Sorts.For(filter.Sort, reading.Cursor));
        return reading.ListAsync(new ListSpec<StatusEventView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = sql.PageThen(StatusEventView.Chosen, StatusEventView.Columns, StatusEventView.Joins, query.PageSize),
            Included = ClaimEvidenceView.Included(filter.Include),
            WhenEmpty = SlugCheck.Of(("factory", "factory", filter.Factory), ("region", "region", filter.Region)),
            Embed = filter.Include is null ? null : async (snapshot, rows) =>
            {
                var claims = rows.Select(row => row.Id).ToArray();
                var parameters = new { claims, knownBy = axes.Sense, knownAt = axes.Known };
                var found = await snapshot.QueryAsync<ClaimEvidenceView>(ClaimEvidenceView.OfClaimsSql, parameters);
                var evidence = found.ToLookup(e => e.ClaimId);
                foreach (var row in rows)
                {
                    row.Evidence = [.. evidence[row.Id]];
                }
            },
        });
    }
}

/// <summary>The routes of status events.</summary>
internal static class StatusEventEndpoints
{
    public static void MapStatusEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/status-events", ListStatusEvents.Handle).WithTags("Construction status")
            .ListsOf<StatusEventView>("ListStatusEvents", "What moved, when, across all sites: claims of every basis, the newest date first");
}
