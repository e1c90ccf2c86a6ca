namespace Chantier.Domain.Tests;

/// <summary>The capacity of a factory on a day, from the status of its phases and from figures, by worked examples.</summary>
public sealed class CapacityTests
{
    private static readonly UnitOfMeasure Gwh = new("GWh/year", 1);

    private long _id;

    [Theory]
    [InlineData("1992-06-30", 200)]
    [InlineData("2000-06-30", 500)]
    [InlineData("2020-06-30", 300)]
    public void Capacity_of_units_is_that_of_those_that_run(string day, int expected)
    {
        StatusClaim[] events = [
            Event(1, Status.Operating, "1990"), Event(1, Status.Closed, "2015"), Event(2, Status.Operating, "1995"),
            Event(3, Status.Operating, "2031") with { Basis = Basis.Expected },
        ];
        CapacityFigure[] figures = [Figure(1, 200, unit: "MW"), Figure(2, 300, unit: "MW"), Figure(3, 400, unit: "MW")];
        var total = Assert.Single(On(day, events, figures).Totals);
        Assert.Equal((expected, "MW"), (total.Value, total.Unit));
        Assert.Equal(expected, Operating(day, events, figures));
    }

    [Theory]
    [InlineData("2019-06-30", 6)]
    [InlineData("2021-12-31", 6)]
    [InlineData("2022-06-30", 70)]
    public void Installed_figure_holds_until_the_next(string day, int expected) => Assert.Equal(expected, Value(day,
        [Event(0, Status.Operating, "2019")],
        [Figure(0, 6, "installed", said: "2018-05-01", forDate: "2018-01-01"), Figure(0, 70, "installed", said: "2022-03-01", forDate: "2022-01-01")]));

    [Fact]
    public void Target_gives_way_to_what_is_announced() => Assert.Equal(16, Value("2026-12-01",
        [Event(0, Status.UnderConstruction, "2024")],
        [Figure(0, 16, "announced", said: "2023-02-01"), Figure(0, 50, "target", said: "2022-05-01", forDate: "2030-01-01")]));

    [Fact]
    public void Plan_said_last_is_effective_whatever_it_is_for() => Assert.Equal(28, Value("2026-12-01",
        [Event(0, Status.Announced, "2023")],
        [Figure(0, 40, "target", said: "2023-06-01", forDate: "2030-01-01"), Figure(0, 28, "target", said: "2026-02-01", forDate: "2028-01-01")]));

    [Fact]
    public void Imprecise_publication_counts_from_its_earliest_day() => Assert.Equal(15, Value("2026-12-01",
        [Event(0, Status.Announced, "2023")],
        [Figure(0, 10, "announced", said: "2024-01-01"), Figure(0, 15, "announced", said: "2024-10-05")]));

    [Fact]
    public void Figure_without_publication_date_gives_way() => Assert.Equal(15, Value("2026-12-01",
        [Event(0, Status.Announced, "2023")],
        [Figure(0, 15, "announced", said: "2020-10-05"), Figure(0, 10, "announced", said: null)]));

    [Fact]
    public void Phase_without_a_status_is_not_counted()
    {
        var capacity = On("2026-12-01",
            [Event(1, Status.Operating, "2020"), Event(0, Status.Operating, "2020")], [Figure(1, 5, "installed"), Figure(2, 50, "target")]);
        Assert.Equal((5, "phases", false), (Assert.Single(capacity.Totals).Value, capacity.Basis, capacity.IsPartial));
    }

    [Fact]
    public void Whole_site_counts_where_a_phase_has_no_figure()
    {
        StatusClaim[] events = [Event(1, Status.Operating, "2020"), Event(2, Status.UnderConstruction, "2024"), Event(0, Status.Operating, "2020")];
        var capacity = On("2026-12-01", events, [Figure(2, 10, "announced"), Figure(0, 7, "installed")]);
        Assert.Equal((7, "site", false), (Assert.Single(capacity.Totals).Value, capacity.Basis, capacity.IsPartial));

        var without = On("2026-12-01", events, [Figure(2, 10, "announced")]);
        Assert.Empty(without.Totals);
        Assert.True(without.IsPartial);
        Assert.Null(without.Basis);
    }

    [Fact]
    public void Products_and_quantities_are_never_added()
    {
        var capacity = On("2026-12-01", [Event(0, Status.Operating, "2020")],
            [Figure(0, 30, product: "urea", unit: "t/year"), Figure(0, 70, product: "ammonia", unit: "t/year"), Figure(0, 5, product: "ammonia", unit: "MW")],
            "urea", "ammonia");
        Assert.Equal(
            [("urea", 30m, "t/year"), ("ammonia", 5m, "MW"), ("ammonia", 70m, "t/year")],
            capacity.Totals.Select(t => (t.Product, t.Value, t.Unit)));
    }

    [Fact]
    public void Units_of_one_quantity_are_converted_where_they_differ()
    {
        StatusClaim[] events = [Event(1, Status.Operating, "2020"), Event(2, Status.Operating, "2020")];
        CapacityFigure[] figures = [
            Figure(1, 1, unit: "GW") with { Measure = new("MW", 1000) }, Figure(2, 500, unit: "MW"),
        ];
        var total = Assert.Single(On("2026-12-01", events, figures).Totals);
        Assert.Equal((1500, "MW", 1500), (total.Value, total.Unit, total.InReference));

        var alone = Assert.Single(On("2026-12-01", events[..1], figures).Totals);
        Assert.Equal((1, "GW", 1000), (alone.Value, alone.Unit, alone.InReference));
    }

    [Fact]
    public void Words_never_hide_a_number()
    {
        Assert.Equal(12, Value("2026-12-01", [Event(0, Status.Announced, "2023")],
            [Figure(0, 12, "target", said: "2023-01-01"), Figure(0, null, said: "2026-01-01") with { Word = "several" }]));
        Assert.Equal("several", Assert.Single(On("2026-12-01", [Event(0, Status.Announced, "2023")],
            [Figure(0, null, said: "2026-01-01") with { Word = "several" }]).Totals).Word);
    }

    [Fact]
    public void Range_and_exact_values_add_up_to_a_range()
    {
        var total = Assert.Single(On("2026-12-01", [Event(1, Status.Operating, "2020"), Event(2, Status.Operating, "2020")],
            [Figure(1, 5), Figure(2, null) with { Min = 10, Max = 12 }]).Totals);
        Assert.Equal((null, 15, 17), (total.Value, total.Min, total.Max));
    }

    [Fact]
    public void Planned_and_building_phases_are_counted_together() => Assert.Equal(12, Value("2026-12-01",
        [Event(1, Status.Announced, "2023"), Event(2, Status.UnderConstruction, "2024")], [Figure(1, 5), Figure(2, 7)]));

    [Fact]
    public void Site_that_ranks_above_its_phases_counts_by_itself()
    {
        var capacity = On("2026-12-01", [Event(0, Status.Operating, "2020"), Event(1, Status.UnderConstruction, "2024")], [Figure(0, 3), Figure(1, 9)]);
        Assert.Equal((3, "site"), (Assert.Single(capacity.Totals).Value, capacity.Basis));
    }

    [Fact]
    public void Factory_without_a_status_has_no_capacity() => Assert.Empty(On("2026-12-01", [], [Figure(0, 3)]).Totals);

    private static CapacityOnDay On(string day, StatusClaim[] events, CapacityFigure[] figures, params string[] products) =>
        Capacity.OnDay(Parts(events, figures), products, DateOnly.Parse(day));

    private static decimal? Value(string day, StatusClaim[] events, CapacityFigure[] figures) => Assert.Single(On(day, events, figures).Totals).Value;

    private static decimal? Operating(string day, StatusClaim[] events, CapacityFigure[] figures) => Parts(events, figures)
        .Where(p => p.Status == Status.Operating && p.From <= DateOnly.Parse(day) && DateOnly.Parse(day) < p.To).Sum(p => p.Figure?.Value);

    private static IReadOnlyList<CapacityPart> Parts(StatusClaim[] events, CapacityFigure[] figures) => FactoryHistory.At(
        new()
        {
            Existence = [(DateTime.MinValue, DateTime.MaxValue)],
            Events = [.. events.Select(e => new Known<StatusClaim>(DateTime.MinValue, DateTime.MaxValue, e))],
            Figures = [.. figures.Select(f => new Known<CapacityFigure>(DateTime.MinValue, DateTime.MaxValue, f))],
        },
        new(2026, 12, 1, 0, 0, 0, DateTimeKind.Utc))!.Parts;

    private StatusClaim Event(long phase, string status, string date) => new()
    {
        ClaimId = ++_id,
        PhaseId = phase,
        Status = status,
        Date = Edtf.Parse(date),
        DateMeaning = DateMeaning.Began,
        Basis = Basis.Actual,
        Confidence = Confidence.High,
        RecordedAt = DateTimeOffset.UnixEpoch,
    };

    private CapacityFigure Figure(
        long phase, decimal? value, string? qualifier = null, string? said = "2020-01-01", string? forDate = null, string? product = null, string unit = "GWh/year") => new()
        {
            ClaimId = ++_id,
            PhaseId = phase,
            Product = product,
            Unit = unit,
            Measure = unit == Gwh.Reference ? Gwh : new(unit, 1),
            Value = value,
            Qualifier = qualifier,
            ForDate = forDate is null ? null : DateOnly.Parse(forDate),
            Said = said is null ? null : DateOnly.Parse(said),
            Confidence = Confidence.High,
            RecordedAt = DateTimeOffset.UnixEpoch,
        };
}
