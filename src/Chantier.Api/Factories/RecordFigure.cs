using Chantier.Api.Http;
using Chantier.Api.Recording;
using Chantier.Domain;
using FluentValidation;

namespace Chantier.Api.Factories;

/// <summary>A quantity that a source states: exact, bounded, or in the source's own vague word. Always with its unit.</summary>
internal sealed record FigureRequest : ClaimRequest
{
    /// <summary>The id of a phase; without it, the figure is of the whole factory.</summary>
    public long? Phase { get; init; }

    public string? Property { get; init; }

    public decimal? Value { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Word { get; init; }

    public string? Unit { get; init; }

    public string? Qualifier { get; init; }

    public string? Product { get; init; }

    /// <summary>EDTF: when it was or shall be so.</summary>
    public string? Date { get; init; }

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
            RuleFor(f => f.Date).IsDate();
            RuleFor(f => f.Value).Custom((value, context) => BodyRules.FailIf(
                context,
                value is null && context.InstanceToValidate is { Min: null, Max: null, Word: null },
                "required",
                "is missing, and so are min, max and word; at least one of them must be given."));
            RuleFor(f => f.Value).Custom((value, context) => BodyRules.FailIf(
                context, value is not null && context.InstanceToValidate is not { Min: null, Max: null }, "excluded", "is given together with min or max; a figure is exact or bounded."));
            RuleFor(f => f.Value).InclusiveBetween(0, Largest).WithErrorCode("not_accepted").WithMessage("is negative or too large; it accepts numbers from 0 to 10^15.");
            RuleFor(f => f.Min).InclusiveBetween(0, Largest).WithErrorCode("not_accepted").WithMessage("is negative or too large; it accepts numbers from 0 to 10^15.");
            RuleFor(f => f.Max).InclusiveBetween(0, Largest).WithErrorCode("not_accepted").WithMessage("is negative or too large; it accepts numbers from 0 to 10^15.");
            RuleFor(f => f.Max).GreaterThanOrEqualTo(f => f.Min).When(f => f.Min is not null).WithErrorCode("not_accepted").WithMessage("is below min; it accepts the same number or a greater one.");
        }
    }
}

/// <summary>POST /v1/factories/{slug}/figures.</summary>
internal static class RecordFigure
{
    private const string ContentSql = """
        insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, date, earliest, latest)
        values (@claim, @phase, @property, @value, @min, @max, @word, @unit, @qualifier, @product, @date, @earliest, @latest);
        """;

    // What the property can be measured in.
    private const string UnitsSql = "select u.code from figure_measure m join unit u on u.quantity = m.quantity where m.property = @property order by u.code collate \"C\"";

    public static async Task<Outcome> Handle(Write write, FigureRequest request)
    {
        var factory = await FactoryThere.FindAsync(write, "/figures");
        var units = await write.QueryAsync<string>(UnitsSql, new { property = request.Property });
        if (!units.Contains(request.Unit!))
        {
            throw Refusal.Of("/unit", "not_accepted", $"is '{Shown.Of(request.Unit!)}', in which {request.Property} is not measured; it accepts one of {string.Join(", ", units)}.");
        }

        var date = Days.Of(request.Date);
        return await RecordClaim.AppendAsync(write, "figure", factory.Id, request, ContentSql, new
        {
            phase = request.Phase is null ? (long?)null : await factory.PhaseAsync(write, request.Phase),
            property = request.Property,
            value = request.Value,
            min = request.Min,
            max = request.Max,
            word = request.Word,
            unit = request.Unit,
            qualifier = request.Qualifier,
            product = request.Product,
            date = date?.Text,
            earliest = date?.Earliest,
            latest = date?.Latest,
        });
    }
}
