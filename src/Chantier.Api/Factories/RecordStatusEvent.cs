using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>What a source says of the status of a phase, or of a milestone.</summary>
internal sealed record StatusEventRequest : ClaimRequest
{
    /// <summary>The id of a phase of the factory; without it, the first, which stands for the plant as a whole.</summary>
    public long? Phase { get; init; }

    /// <summary>A status term; or else a milestone.</summary>
    public string? Status { get; init; }

    public string? Milestone { get; init; }

    /// <summary>EDTF, as precise as the source is.</summary>
    public string? Date { get; init; }

    /// <summary>began, or observed (it was so then; when it began is not said). A milestone happened, so it began.</summary>
    public string? DateMeaning { get; init; }

    internal sealed class Validator : Validator<StatusEventRequest>
    {
        public Validator()
        {
            RuleFor(e => e.Status).IsAmong(Vocabularies.Status);
            RuleFor(e => e.Milestone).IsAmong(Vocabularies.Milestone);
            RuleFor(e => e.Status).Custom((status, context) => BodyRules.FailIf(
                context, (status is null) == (context.InstanceToValidate.Milestone is null), "required", "and milestone are both given, or neither is; exactly one of them must be."));
            RuleFor(e => e.Date).IsGiven();
            RuleFor(e => e.Date).IsDate();
            RuleFor(e => e.DateMeaning).IsAmong(Vocabularies.DateMeaning);
            RuleFor(e => e.DateMeaning).Custom((meaning, context) => BodyRules.FailIf(
                context, meaning is null && context.InstanceToValidate.Status is not null, "required", "is missing; say began, or observed where the source does not say when it began."));
        }
    }
}

/// <summary>POST /v1/factories/{slug}/status-events.</summary>
internal static class RecordStatusEvent
{
    private const string ContentSql = """
        insert into status_event (claim_id, phase_id, status, milestone, date, earliest, latest, date_meaning)
        values (@claim, @phase, @status, @milestone, @date, @earliest, @latest, @dateMeaning);
        """;

    // The statuses on either side of a day, as the phase has them now.
    private const string NeighboursSql = """
        select
          (select e.status from status_event e join claim c on c.id = e.claim_id
           where e.phase_id = @phase and e.status is not null and c.basis <> 'expected' and c.known_to = 'infinity' and c.id is distinct from @superseded and e.earliest < @day
           order by e.earliest desc, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc limit 1) as before,
          (select e.status from status_event e join claim c on c.id = e.claim_id
           where e.phase_id = @phase and e.status is not null and c.basis <> 'expected' and c.known_to = 'infinity' and c.id is distinct from @superseded and e.earliest > @day
           order by e.earliest, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc limit 1) as after
        """;

    public static async Task<Outcome> Handle(Write write, StatusEventRequest request)
    {
        var factory = await FactoryThere.FindAsync(write, "/status-events", request.Phase);
        var phase = request.Phase ?? factory.FirstPhaseId;
        var date = request.BeganBy(write, "/date", request.Date)!.Value;
        if (request.Status is { } status && request.Basis != Basis.Expected)
        {
            Warn(write, phase, status, date.Earliest, request.Supersedes?.Claim);
        }

        return await RecordClaim.AppendAsync(write, "status_event", factory.Id, request, ContentSql, new
        {
            phase,
            status = request.Status,
            milestone = request.Milestone,
            date = date.Text,
            earliest = date.Earliest,
            latest = date.Latest,
            dateMeaning = request.DateMeaning ?? DateMeaning.Began,
        });
    }

    // An improbable step is stored, and said.
    private static void Warn(Write write, long phase, string status, DateOnly day, long? superseded) =>
        write.Then<Neighbours>(NeighboursSql, new { phase, day, superseded }, near =>
        {
            if (Timeline.IsImprobable(near.Before, status))
            {
                write.Warnings.Add(new(
                    "/status",
                    "improbable_step",
                    $"The phase was {near.Before} before; a step from there to {status} is improbable."));
            }

            if (near.After is not null && Timeline.IsImprobable(status, near.After))
            {
                write.Warnings.Add(new(
                    "/status",
                    "improbable_step",
                    $"The phase is {near.After} after; a step from {status} to there is improbable."));
            }
        });

    private sealed record Neighbours
    {
        public string? Before { get; init; }

        public string? After { get; init; }
    }
}
