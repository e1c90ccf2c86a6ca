using System.Text.Json;
using Chantier.Domain;

namespace Chantier.Api.Views;

/// <summary>
/// The capacity of a factory on a day, from what the database has of it: the sum itself, or the parts that it is summed
/// from.
/// </summary>
internal sealed record CapacitySum(IReadOnlyList<CapacityView> Entries, string? Basis, bool IsPartial)
{
    public static CapacitySum OfEntries(string? entries, string? basis, bool isPartial) =>
        new(
            entries is null ? [] : JsonSerializer.Deserialize(entries, ApiJson.Default.IReadOnlyListCapacityView)!,
            basis,
            isPartial);

    public static CapacitySum OfParts(string parts, IReadOnlyList<string> products, DateOnly day)
    {
        var rows = JsonSerializer.Deserialize(parts, ApiJson.Default.IReadOnlyListCapacityPartRow)!;
        var sum = Capacity.OnDay(rows.Select(PartOf), products, day);
        return new([.. sum.Totals.Select(ViewOf)], sum.Basis, sum.IsPartial);
    }

    private static CapacityView ViewOf(CapacityTotal total) =>
        new(total.Value, total.Min, total.Max, total.Word, total.Unit, total.Qualifier, total.Product);

    // All rows count on the day, so that neither their days nor their statuses matter any more.
    private static CapacityPart PartOf(CapacityPartRow row, int place) => new(
        DateOnly.MinValue, DateOnly.MaxValue, row.PhaseId ?? 0, Status.Operating, IsCounted: true, IsAlone: false,
        FigureOf(row, place));

    // Which figure is effective was decided when the part was stored: of what decides that, nothing is read here.
    private static CapacityFigure? FigureOf(CapacityPartRow part, int place) => part.Unit is null ? null : new()
    {
        ClaimId = place,
        PhaseId = part.PhaseId ?? 0,
        Product = part.Product,
        Unit = part.Unit,
        Measure = new(part.Reference!, part.Factor!.Value),
        Value = part.Value,
        Min = part.Min,
        Max = part.Max,
        Word = part.Word,
        Qualifier = part.Qualifier,
        Confidence = Confidence.Medium,
        RecordedAt = DateTimeOffset.UnixEpoch,
    };
}

/// <summary>
/// A part that counts on the day, as a statement returns it: a row of capacity_span with what its unit measures.
/// </summary>
internal sealed record CapacityPartRow(
    long? PhaseId,
    string? Product,
    string? Unit,
    string? Reference,
    decimal? Factor,
    decimal? Value,
    decimal? Min,
    decimal? Max,
    string? Word,
    string? Qualifier);
