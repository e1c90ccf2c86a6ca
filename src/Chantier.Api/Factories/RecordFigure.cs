using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>A quantity that a source states: exact, bounded or in the source's own words, with its unit.</summary>
internal sealed record FigureRequest : ClaimRequest
{
    /// <summary>The id of a phase; without it, the figure concerns the whole factory.</summary>
    public long? Phase { get; init; }

    public string? Property { get; init; }

    public decimal? Value { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Word { get; init; }

    public string? Unit { get; init; }

    public string? Qualifier { get; init; }

    /// <summary>whole (default), part (of the site or phase), or group (several sites together).</summary>
    public string? Scope { get; init; }

    public string? Product { get; init; }

    /// <summary>EDTF: the date for which the value holds or is planned.</summary>
    public string? ForDate { get; init; }

    internal sealed class Validator : Validator<FigureRequest>
    {
        private const decimal Largest = 1_000_000_000_000_000m;

        public Validator()
        {
            RuleFor(f => f.Property).IsGiven();
            RuleFor(f => f.Property).IsAmong(Vocabularies.FigureProperty);
            RuleFor(f => f.Unit).IsGiven();
            RuleFor(f => f.Word).IsText(200);
            RuleFor(f => f.Product).IsText(200);
            RuleFor(f => f.Qualifier).IsAmong(Vocabularies.FigureQualifier);
            RuleFor(f => f.Scope).IsAmong(Vocabularies.FigureScope);
            RuleFor(f => f.ForDate).IsDate();
            RuleFor(f => f.Value).Custom((value, context) => BodyRules.FailIf(
                context,
                value is null && context.InstanceToValidate is { Min: null, Max: null, Word: null },
                "required",
                "is missing, and so are min, max and word; at least one of them must be given."));
            RuleFor(f => f.Value).Custom((value, context) => BodyRules.FailIf(
                context,
                value is not null && context.InstanceToValidate is not { Min: null, Max: null },
                "excluded",
                "is given together with min or max; a figure is exact or bounded."));
            RuleFor(f => f.Value).InclusiveBetween(0, Largest).WithErrorCode("not_accepted")
                .WithMessage("is negative or too large; it accepts numbers from 0 to 10^15.");
            RuleFor(f => f.Min).InclusiveBetween(0, Largest).WithErrorCode("not_accepted")
                .WithMessage("is negative or too large; it accepts numbers from 0 to 10^15.");
            RuleFor(f => f.Max).InclusiveBetween(0, Largest).WithErrorCode("not_accepted")
                .WithMessage("is negative or too large; it accepts numbers from 0 to 10^15.");
            RuleFor(f => f.Max).GreaterThanOrEqualTo(f => f.Min).When(f => f.Min is not null)
                .WithErrorCode("not_accepted")
                .WithMessage("is below min; it accepts the same number or a greater one.");
        }
    }
}

/// <summary>POST /v1/factories/{slug}/figures.</summary>
internal static class RecordFigure
{
    private const string ContentSql = """
        insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, scope,
          for_date, for_date_earliest, for_date_latest)
        values (@claim, @phase, @property, @value, @min, @max, @word, @unit, @qualifier, @product, @scope,
          @forDate, @earliest, @latest);
        """;

    // The units in which the property can be measured.
    private const string UnitsSql = """
        select u.code from figure_measure m join unit u on u.quantity = m.quantity
        where m.property = @property
        order by u.code collate "C"
        """;

    public static async Task<Outcome> Handle(Write write, FigureRequest request)
    {
        var factory = await FactoryThere.FindAsync(write, "/figures", request.Phase);
        var units = await write.QueryAsync<string>(UnitsSql, new { property = request.Property });
        if (!units.Contains(request.Unit!))
        {
            var accepted = string.Join(", ", units);
            throw Refusal.Of(
                "/unit",
                "not_accepted",
                $"is '{Shown.Of(request.Unit!)}', not a unit of {request.Property}; it accepts one of {accepted}.");
        }

        var forDate = Days.Of(request.ForDate);
        return await RecordClaim.AppendAsync(write, "figure", factory.Id, request, ContentSql, new
        {
            phase = request.Phase,
            property = request.Property,
            value = request.Value,
            min = request.Min,
            max = request.Max,
            word = request.Word,
            unit = request.Unit,
            qualifier = request.Qualifier,
            product = request.Product,
            scope = request.Scope ?? "whole",
            forDate = forDate?.Text,
            earliest = forDate?.Earliest,
            latest = forDate?.Latest,
        });
    }
}
