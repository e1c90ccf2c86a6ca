using System.ComponentModel;
using System.Globalization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Proposals;

/// <summary>GET /v1/proposals and /v1/proposals/{id}: a curator sees all, whoever contributes his own.</summary>
internal static class ListProposals
{
    internal sealed record ProposalFilter
    {
        [Description("Whether, and how, it was decided.")]
        public Given<Codes>? State { get; init; }

        [Description("The operationId of the write that is proposed.")]
        public Given<Codes>? Operation { get; init; }

        [Description("The handle of whoever proposed it.")]
        public Given<Codes>? ProposedBy { get; init; }

        [Description("Keys to sort by, descending with a leading -.")]
        public Given<Codes>? Sort { get; init; }

        internal sealed class Validator : AbstractValidator<ProposalFilter>
        {
            public Validator()
            {
                RuleFor(f => f.State).AreAmong(Vocabularies.ProposalState);
                RuleFor(f => f.Operation).EachFits(new Shape("^[A-Za-z]+$", "operation ids, such as RecordStatusEvent", "RecordStatusEvent"));
                RuleFor(f => f.ProposedBy).EachFits(Rules.Handle);
                RuleFor(f => f.Sort).AreKeysOf(ProposalView.Sorts);
            }
        }
    }

    private const string Own = "p.api_key_id = @key";

    public static Task<IResult> Handle([AsParameters] ProposalFilter filter, [AsParameters] ListQuery query, Reading reading)
    {
        var sql = Seen(reading)
            .AndAny("p.state = @state", "p.state = any (@state)", "state", filter.State?.Value.Values)
            .AndAny("p.operation = @operation", "p.operation = any (@operation)", "operation", filter.Operation?.Value.Values)
            .AndAny("p.proposed_by = @proposedBy", "p.proposed_by = any (@proposedBy)", "proposedBy", filter.ProposedBy?.Value.Values)
            .OrderBy(ProposalView.Sorts.For(filter.Sort, reading.Cursor));
        return reading.ListAsync(new ListSpec<ProposalView> { Axes = reading.Present, Query = query, Sql = sql, Page = sql.Page(ProposalView.Columns, query.PageSize) });
    }

    public static Task<IResult> One([Description("The number of the proposal.")] string id, [AsParameters] ItemQuery query, Reading reading) =>
        reading.ItemAsync(reading.Present, query, Seen(reading, id), _ => MissingAsync(id));

    /// <summary>One proposal, as far as the caller may see it; nothing where the path has no number.</summary>
    public static ItemSpec<ProposalView> Seen(Reading reading, string id)
    {
        var number = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? found : 0;
        var sql = Seen(reading).And("p.id = @id", "id", number);
        return ProposalView.Spec(number) with { Sql = sql.One(ProposalView.Columns), Parameters = sql.Parameters };
    }

    public static Task<IResult> MissingAsync(string id) => Task.FromResult(Problem.NotFound("proposal", id).ToResult());

    private static SelectSql Seen(Reading reading)
    {
        var sql = new SelectSql().From(ProposalView.From);
        return reading.Caller.Scope >= Scope.Curate ? sql : sql.And(Own, "key", reading.Caller.KeyId);
    }
}
