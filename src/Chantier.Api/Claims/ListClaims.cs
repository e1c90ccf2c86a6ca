using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Claims;

/// <summary>GET /v1/claims: all that sources say, whatever it is about, in the order in which it was recorded.</summary>
internal static class ListClaims
{
    internal sealed record ClaimsFilter
    {
        [Description("What the claims are about.")]
        public Given<Codes>? Kind { get; init; }

        [Description("Slugs of factories: only claims about these, with those of what was merged into them.")]
        public Given<Codes>? Factory { get; init; }

        [Description("Slugs of sources: only claims that rest on one of these.")]
        public Given<Codes>? Source { get; init; }

        [Description("Actors, as they are shown: only what these recorded.")]
        public Given<Codes>? RecordedBy { get; init; }

        [Description("What the claims rest on. Default: all.")]
        public Given<Codes>? Basis { get; init; }

        [Description("Whether they stand at the moment of knowledge, or had been superseded or retracted by then. Default: standing.")]
        public Given<Codes>? State { get; init; }

        [Description("Keys to sort by, descending with a leading -. A later claim has a higher id.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<ClaimsFilter>
        {
            public Validator()
            {
                RuleFor(f => f.Kind).AreAmong(Vocabularies.ClaimKind);
                RuleFor(f => f.Factory).EachFits(Rules.Slug("slugs of factories", "verkor-dunkerque"));
                RuleFor(f => f.Source).EachFits(Rules.Slug("slugs of sources", "vallee-de-la-batterie-2024-08"));
                RuleFor(f => f.RecordedBy).EachFits(Rules.Actor);
                RuleFor(f => f.Basis).AreAmong(Vocabularies.Basis);
                RuleFor(f => f.State).AreAmong(Vocabularies.ClaimState);
                RuleFor(f => f.Sort).AreKeysOf(ClaimRecordView.Sorts);
            }
        }
    }

    // The evidence of one source is read in the order of its claims, which the list keeps.
    private const string RestsOnOne = $"""
        c.id in (select e.claim_id from evidence e
          left join source_version v on v.source_id = e.source_id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where e.source_id = (select g.resource_id from slug g where g.kind = 'source' and g.slug = @source)
            and {ClaimEvidenceView.IsVisible})
        """;

    private const string RestsOnMany = $"""
        c.id in (select e.claim_id from slug g
          join evidence e on e.source_id = g.resource_id
          left join source_version v on v.source_id = e.source_id
            and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
          where g.kind = 'source' and g.slug = any (@source) and {ClaimEvidenceView.IsVisible})
        """;

    public static Task<IResult> Handle([AsParameters] ClaimsFilter filter, [AsParameters] TimeAxes axes, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = axes.Bind(new SelectSql());
        sql = filter.Factory is null
            ? sql.From(ClaimRecordView.From)
            : sql.From(FactoriesOf.Slugs + ClaimRecordView.FromFactories).With("factory", filter.Factory.Value.Values.ToArray());
        sql = (filter.State?.Value.Values ?? ["standing"]).Distinct().ToArray() switch
        {
            ["standing"] => sql.And(ClaimRecordView.Stands),
            ["ended"] => sql.And(ClaimRecordView.HasEnded),
            _ => sql.And($"({ClaimRecordView.Stands} or {ClaimRecordView.HasEnded})"),
        };
        sql.AndAny("c.kind = @kind", "c.kind = any (@kind)", "kind", filter.Kind?.Value.Values)
            .AndAny("c.recorded_by = @recordedBy", "c.recorded_by = any (@recordedBy)", "recordedBy", filter.RecordedBy?.Value.Values)
            .AndAny("c.basis = @basis", "c.basis = any (@basis)", "basis", filter.Basis?.Value.Values)
            .AndAny(RestsOnOne, RestsOnMany, "source", filter.Source?.Value.Values);
        sql.OrderBy(ClaimRecordView.Sorts.For(filter.Sort, reading.Cursor));
        return reading.ListAsync(new ListSpec<ClaimRecordView>
        {
            Axes = axes,
            Query = query,
            Sql = sql,
            Page = sql.Page(ClaimRecordView.Columns, query.PageSize),
            WhenEmpty = SlugCheck.Of(("factory", "factory", filter.Factory), ("source", "source", filter.Source)),
        });
    }
}
