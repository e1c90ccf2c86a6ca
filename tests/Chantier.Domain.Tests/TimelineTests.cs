using CsCheck;

namespace Chantier.Domain.Tests;

public sealed class TimelineTests
{
    private const int Samples = 1_000;

    // Few days and many ties, so that every rule decides something.
    private static readonly string[] Dates =
    [
        "2020", "2020-01", "2020-01-01", "2020-01-02", "2020-06", "2020-06~", "2020-12-31", "2021", "2021-33", "2019-24",
        "2020-06/2021-03", "2020/2021", "2020/..", "../2020", "9999", "9999-12-31", "0001",
    ];

    private static readonly Gen<StatusClaim[]> Claims =
        Gen.Select(
            Gen.Long[1, 3],
            Gen.OneOf([.. Status.All.Select(t => t.Code)]),
            Gen.OneOf(Dates),
            Gen.OneOf(Basis.Actual, Basis.Actual, Basis.Inferred, Basis.Expected),
            Gen.OneOf(Confidence.High, Confidence.Medium, Confidence.Low),
            Gen.OneOf(DateMeaning.Began, DateMeaning.Observed),
            Gen.Int[0, 2],
            (phase, status, date, basis, confidence, meaning, hour) => new StatusClaim
            {
                ClaimId = 0,
                PhaseId = phase,
                Status = status,
                Date = Edtf.Parse(date),
                Basis = basis,
                Confidence = confidence,
                DateMeaning = meaning,
                RecordedAt = Recorded.AddHours(hour),
            })
        .Array[0, 12]
        .Select(claims => claims.Select((c, i) => c with { ClaimId = 1 + (i * 7 % 13) }).ToArray());

    private static readonly Gen<StatusClaim[]> Phases = Claims.Select(claims => claims.Select(c => c with { PhaseId = 1 }).ToArray());

    private static DateTimeOffset Recorded => new(2024, 8, 1, 0, 0, 0, TimeSpan.Zero);

    private static StatusClaim Claim(
        long id, string status, string date, string basis = Basis.Actual, string confidence = Confidence.High, long phase = 1, int hour = 0) =>
        new()
        {
            ClaimId = id,
            PhaseId = phase,
            Status = status,
            Date = Edtf.Parse(date),
            Basis = basis,
            Confidence = confidence,
            DateMeaning = DateMeaning.Began,
            RecordedAt = Recorded.AddHours(hour),
        };

    private static DateOnly Day(string day) => DateOnly.Parse(day);

    // The status can change on the days that claims name and on no other, so these are all days that matter.
    private static IEnumerable<DateOnly> Probes(IEnumerable<StatusClaim> claims) =>
        claims.SelectMany(c => new[] { c.Date.Earliest, c.Date.Latest })
            .Append(DateOnly.MinValue).Append(DateOnly.MaxValue).Append(new(2020, 3, 3))
            .SelectMany(d => new[] { d.DayNumber - 1, d.DayNumber, d.DayNumber + 1 })
            .Where(n => n >= 0 && n <= DateOnly.MaxValue.DayNumber)
            .Distinct()
            .Select(DateOnly.FromDayNumber);

    // The rule once more, as plainly as can be: sort and take the first.
    private static IOrderedEnumerable<StatusClaim> Sorted(IEnumerable<StatusClaim> claims) => claims
        .OrderByDescending(c => c.Date.Earliest)
        .ThenBy(c => Array.IndexOf(["actual", "inferred"], c.Basis))
        .ThenBy(c => Array.IndexOf(["high", "medium", "low"], c.Confidence))
        .ThenByDescending(c => c.RecordedAt)
        .ThenByDescending(c => c.ClaimId);

    // An actual event whose date contains that of another actual one of the same phase, status and meaning only confirms it.
    private static bool IsConfirming(StatusClaim c, IEnumerable<StatusClaim> claims) => c.Basis == "actual" && claims.Any(o =>
        o.Basis == "actual" && (o.PhaseId, o.Status, o.DateMeaning) == (c.PhaseId, c.Status, c.DateMeaning)
        && o.Date.Earliest >= c.Date.Earliest && o.Date.Latest <= c.Date.Latest
        && (o.Date.Earliest, o.Date.Latest) != (c.Date.Earliest, c.Date.Latest) && o.Date.Earliest != DateOnly.MaxValue);

    private static IEnumerable<StatusClaim> Eligible(IEnumerable<StatusClaim> claims, DateOnly asOf) => claims
        .Where(c => c.Basis != "expected" && c.Date.Earliest <= asOf && c.Date.Earliest != DateOnly.MaxValue);

    private static IEnumerable<StatusClaim> Counting(IEnumerable<StatusClaim> claims, DateOnly asOf) =>
        Eligible(claims, asOf).Where(c => !IsConfirming(c, claims));

    private static StatusClaim? InForceByHand(IEnumerable<StatusClaim> claims, DateOnly asOf) =>
        Sorted(Counting(claims, asOf)).FirstOrDefault();

    // What a phase says on a day, dated by the first of the days on end on which it has said so.
    private static StatusClaim? RunByHand(IEnumerable<StatusClaim> phase, DateOnly asOf)
    {
        StatusClaim? begun = null;
        foreach (var day in Counting(phase, asOf).Select(c => c.Date.Earliest).Distinct().OrderDescending())
        {
            var then = InForceByHand(phase, day);
            if (begun is not null && then?.Status != begun.Status) break;
            begun = then;
        }

        return begun;
    }

    private static StatusClaim? FactoryByHand(StatusClaim[] claims, DateOnly asOf)
    {
        StatusClaim[] runs = [.. claims.Select(c => c.PhaseId).Distinct()
            .Select(p => RunByHand(claims.Where(c => c.PhaseId == p), asOf)).OfType<StatusClaim>()];
        string[] ranking =
        [
            "operating", "commissioning", "under_construction", "site_preparation", "idled", "permitted", "planning", "announced",
            "suspended", "rumoured",
        ];
        var best = Array.Find(ranking, status => Array.Exists(runs, c => c.Status == status));
        return Sorted(runs.Where(c => best is null || c.Status == best)).FirstOrDefault();
    }

    [Fact]
    public void The_event_in_force_is_the_first_of_the_sorted_ones() => Phases.Sample(
        claims => Assert.All(Probes(claims), day =>
            Assert.Same(InForceByHand(claims, day), Timeline.InForce(claims, day))),
        iter: Samples);

    [Fact]
    public void The_spans_of_a_phase_cover_the_axis_and_agree_with_the_event_in_force() => Phases.Sample(
        claims =>
        {
            var spans = Timeline.Spans(claims);
            AssertCover([.. spans.Select(s => (s.From, s.To))]);
            Assert.All(spans.Skip(1), s => Assert.Equal(s.From, Assert.IsType<StatusClaim>(s.Event).Date.Earliest));
            Assert.Equal(spans.Count, spans.Select(s => s.Event).Distinct().Count());
            Assert.All(Probes(claims), day =>
                Assert.Same(Timeline.InForce(claims, day), Assert.Single(spans, s => s.Contains(day)).Event));
        },
        iter: Samples);

    [Fact]
    public void The_spans_of_a_factory_cover_the_axis_and_agree_with_the_roll_up_of_the_day() => Claims.Sample(
        claims =>
        {
            var spans = Timeline.Factory(claims);
            AssertCover([.. spans.Select(s => (s.From, s.To))]);
            Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.NotEqual(pair.First.Status, pair.Second.Status));
            Assert.All(Probes(claims), day =>
            {
                var status = FactoryByHand(claims, day)?.Status;
                Assert.Equal(status, Assert.Single(spans, s => s.Contains(day)).Status);
                Assert.Equal(status, Timeline.FactoryStatus(claims, day));
            });
        },
        iter: Samples);

    [Fact]
    public void The_runs_of_a_phase_are_its_spans_with_repetitions_merged() => Claims.Sample(
        claims =>
        {
            StatusClaim[] phase = [.. claims.Where(c => c.PhaseId == 1)];
            var runs = Timeline.Runs(phase);
            AssertCover([.. runs.Select(r => (r.From, r.To))]);
            Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.NotEqual(pair.First.Event?.Status, pair.Second.Event?.Status));
            Assert.All(Probes(phase), day =>
                Assert.Same(RunByHand(phase, day), Assert.Single(runs, r => r.Contains(day)).Event));
        },
        iter: Samples);

    [Fact]
    public void A_span_of_a_factory_carries_the_event_that_began_the_run_it_takes_its_status_from() => Claims.Sample(
        claims => Assert.All(Timeline.Factory(claims), span =>
        {
            Assert.Equal(span.Status, span.Since?.Status);
            Assert.Same(FactoryByHand(claims, span.From), span.Since);
        }),
        iter: Samples);

    [Fact]
    public void The_order_of_the_claims_changes_nothing() => Gen.Select(Claims, Gen.Int).Sample(
        (claims, seed) =>
        {
            var shuffled = (StatusClaim[])claims.Clone();
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(Timeline.Spans(claims), Timeline.Spans(shuffled));
            Assert.Equal(Timeline.Runs(claims.Where(c => c.PhaseId == 1)), Timeline.Runs(shuffled.Where(c => c.PhaseId == 1)));
            Assert.Equal(Timeline.Factory(claims), Timeline.Factory(shuffled));
            foreach (var day in Probes(claims))
            {
                Assert.Same(Timeline.InForce(claims, day), Timeline.InForce(shuffled, day));
                Assert.Same(Timeline.LastConfirmed(claims, day), Timeline.LastConfirmed(shuffled, day));
                Assert.Equal(Timeline.ExpectedNext(claims, day), Timeline.ExpectedNext(shuffled, day));
                if (day < DateOnly.MaxValue) Assert.Equal(Timeline.Projected(claims, day), Timeline.Projected(shuffled, day));
            }
        },
        iter: 500);

    [Fact]
    public void Expected_events_move_nothing() => Claims.Sample(
        claims =>
        {
            var without = claims.Where(c => c.Basis != Basis.Expected).ToList();
            Assert.Equal(Timeline.Factory(without), Timeline.Factory(claims));
            Assert.All(Probes(claims), day =>
                Assert.Same(Timeline.LastConfirmed(without, day), Timeline.LastConfirmed(claims, day)));
        },
        iter: Samples);

    [Fact]
    public void The_last_confirmation_is_the_latest_event_with_the_status_of_the_factory() => Claims.Sample(
        claims => Assert.All(Probes(claims), day =>
        {
            var status = FactoryByHand(claims, day)?.Status;
            var expected = Sorted(Eligible(claims, day).Where(c => c.Status == status))
                .OrderByDescending(c => c.Date.Latest).ThenByDescending(c => c.Date.Earliest).FirstOrDefault();
            Assert.Same(expected, Timeline.LastConfirmed(claims, day));
            Assert.Equal(status is null, expected is null);
        }),
        iter: Samples);

    [Fact]
    public void No_expectation_stays_open_for_what_is_in_force() => Claims.Sample(
        claims => Assert.All(Probes(claims), day =>
        {
            var open = Timeline.ExpectedNext(claims, day);
            Assert.Equal(open.Select(c => c.PhaseId).Order().Distinct(), open.Select(c => c.PhaseId));
            Assert.All(open, c =>
            {
                Assert.Equal(Basis.Expected, c.Basis);
                var inForce = Timeline.InForce(claims.Where(o => o.PhaseId == c.PhaseId), day)?.Status;
                Assert.NotEqual(c.Status, inForce);
                Assert.True(inForce is null || Status.Term(inForce).Stage != Stage.Ended || c.Status == Status.Dismantled);
            });
            foreach (var phase in claims.GroupBy(c => c.PhaseId).Where(p => InForceByHand(p, day) is null))
            {
                var last = phase.Where(c => c.Basis == Basis.Expected).OrderBy(c => c.RecordedAt).ThenBy(c => c.ClaimId).LastOrDefault();
                Assert.Same(last, open.SingleOrDefault(c => c.PhaseId == phase.Key));
            }
        }),
        iter: 1_000);

    private static void AssertCover((DateOnly From, DateOnly To)[] spans)
    {
        Assert.Equal(DateOnly.MinValue, spans[0].From);
        Assert.Equal(DateOnly.MaxValue, spans[^1].To);
        Assert.All(spans, s => Assert.True(s.From < s.To));
        Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
    }

    [Fact]
    public void Each_rule_decides_where_those_before_it_tie()
    {
        StatusClaim[] worstFirst =
        [
            Claim(9, Status.Announced, "2019-12-31", Basis.Actual, Confidence.High, hour: 9),
            Claim(8, Status.Announced, "2020", Basis.Inferred, Confidence.High, hour: 8),
            Claim(7, Status.Announced, "2020", Basis.Actual, Confidence.Low, hour: 7),
            Claim(6, Status.Announced, "2020", Basis.Actual, Confidence.Medium, hour: 6),
            Claim(1, Status.Announced, "2020", Basis.Actual, Confidence.High, hour: 0),
            Claim(2, Status.Announced, "2020-01", Basis.Actual, Confidence.High, hour: 1),
            Claim(3, Status.Announced, "2020-01-01", Basis.Actual, Confidence.High, hour: 1),
            Claim(4, Status.Announced, "2020-01-02", Basis.Inferred, Confidence.Low, hour: 0),
        ];
        for (var n = 1; n <= worstFirst.Length; n++)
            Assert.Equal(worstFirst[n - 1], Timeline.InForce(worstFirst[..n], Day("2020-06-01")));
    }

    [Fact]
    public void An_open_start_has_no_span_before_it() =>
        Assert.Equal(
            [new(DateOnly.MinValue, DateOnly.MaxValue, Claim(1, Status.Operating, "../2020"))],
            Timeline.Spans([Claim(1, Status.Operating, "../2020")]));

    [Fact]
    public void Without_claims_there_is_one_span_without_status()
    {
        Assert.Equal([new(DateOnly.MinValue, DateOnly.MaxValue, Event: null)], Timeline.Spans([]));
        Assert.Equal([new(DateOnly.MinValue, DateOnly.MaxValue, Status: null, Since: null)], Timeline.Factory([]));
        Assert.Null(Timeline.FactoryStatus([], Day("2024-08-01")));
        Assert.Null(Timeline.LastConfirmed([], Day("2024-08-01")));
        Assert.Empty(Timeline.ExpectedNext([], Day("2024-08-01")));
    }

    [Fact]
    public void An_extension_under_construction_leaves_the_factory_operating()
    {
        StatusClaim[] claims =
        [
            Claim(1, Status.UnderConstruction, "2020"), Claim(2, Status.Operating, "2022"),
            Claim(3, Status.UnderConstruction, "2023", phase: 2), Claim(4, Status.Operating, "2024-08", phase: 2),
        ];
        Assert.Equal(
            [(null, null), (Status.UnderConstruction, 1L), (Status.Operating, 2L)],
            Timeline.Factory(claims).Select(s => (s.Status, s.Since?.ClaimId)));
        Assert.Equal(4, Timeline.LastConfirmed(claims, Day("2024-08-01"))?.ClaimId);
        Assert.Equal(2, Timeline.LastConfirmed(claims, Day("2024-07-31"))?.ClaimId);
    }

    [Fact]
    public void A_span_that_another_phase_uncovers_is_dated_by_the_run_it_uncovers()
    {
        StatusClaim[] claims =
        [
            Claim(1, Status.Operating, "2018"), Claim(2, Status.UnderConstruction, "2019", phase: 2), Claim(3, Status.Idled, "2020-06"),
        ];
        var last = Timeline.Factory(claims)[^1];
        Assert.Equal((Status.UnderConstruction, Day("2020-06-01"), 2L), (last.Status, last.From, last.Since?.ClaimId));
        Assert.Equal(2, Timeline.LastConfirmed(claims, Day("2021-01-01"))?.ClaimId);
    }

    [Fact]
    public void Saying_the_same_again_begins_nothing()
    {
        StatusClaim[] claims =
        [
            Claim(1, Status.Closed, "2020"), Claim(2, Status.Cancelled, "2021", phase: 2), Claim(3, Status.Closed, "2023"),
        ];
        Assert.Equal([null, 1L], Timeline.Runs(claims.Where(c => c.PhaseId == 1)).Select(r => r.Event?.ClaimId));
        Assert.Equal(3, Timeline.InForce(claims.Where(c => c.PhaseId == 1), Day("2024-01-01"))?.ClaimId);
        Assert.Equal((Status.Cancelled, 2L), (Timeline.Factory(claims)[^1].Status, Timeline.Factory(claims)[^1].Since?.ClaimId));
    }

    [Fact]
    public void Of_ended_phases_the_one_that_ended_last_speaks()
    {
        StatusClaim[] claims = [Claim(1, Status.Closed, "2020/2023"), Claim(2, Status.Cancelled, "2021", phase: 2)];
        Assert.Equal(Status.Cancelled, Timeline.FactoryStatus(claims, Day("2024-01-01")));
        Assert.Equal(Status.Rumoured, Timeline.FactoryStatus([.. claims, Claim(3, Status.Rumoured, "2010", phase: 3)], Day("2024-01-01")));
    }

    [Theory]
    [InlineData("", "operating 2025|operating 2026", 2)]
    [InlineData("announced 2023", "operating 2025", 1)]
    [InlineData("under_construction 2025-03", "operating 2024", 1)]
    [InlineData("operating 2024", "operating 2025", null)]
    [InlineData("operating 2024", "under_construction 2025", null)]
    [InlineData("operating 2024", "under_construction 2020|operating 2023", null)]
    [InlineData("under_construction 2024", "operating 2025|under_construction 2023", 1)]
    [InlineData("operating 2024", "idled 2026", 1)]
    [InlineData("operating 2024", "closed 2030", 1)]
    [InlineData("idled 2024", "closed 2030", 1)]
    [InlineData("closed 2024", "closed 2030", null)]
    [InlineData("closed 2024", "dismantled 2030", 1)]
    [InlineData("dismantled 2024", "dismantled 2030", null)]
    [InlineData("dismantled 2024", "closed 2030", null)]
    [InlineData("cancelled 2024", "operating 2030", null)]
    [InlineData("suspended 2024", "operating 2030", 1)]
    [InlineData("suspended 2024", "under_construction 2026", 1)]
    [InlineData("idled 2024", "under_construction 2020", null)]
    [InlineData("idled 2024", "operating 2026", 1)]
    [InlineData("operating 2008|idled 2020", "operating 2026", 1)]
    [InlineData("operating 2008|idled 2020", "operating 2020-06", 1)]
    [InlineData("operating 2008|idled 2020", "operating 2008", null)]
    [InlineData("operating 2007-11|idled 2020", "operating 2008", null)]
    [InlineData("operating 2020-06|idled 2021", "operating 2020/2026", null)]
    [InlineData("operating 2008|idled 2020|operating 2025", "operating 2026", null)]
    [InlineData("cancelled 2020|announced 2022", "operating 2026", 1)]
    public void An_expectation_is_open_until_the_phase_has_come_as_far(string events, string expected, int? open)
    {
        var claims = Parse(expected, Basis.Expected, 1).Concat(Parse(events, Basis.Actual, 100)).ToList();
        Assert.Equal(open, (int?)Timeline.ExpectedNext(claims, Day("2025-06-01")).SingleOrDefault()?.ClaimId);
    }

    [Theory]
    [InlineData("under_construction 2024", "operating 2027", "operating 2027-01-01")]
    [InlineData("under_construction 2024", "operating 2027|closed 2040", "operating 2027-01-01|closed 2040-01-01")]
    // The one stated last replaces one with the same status, sooner or later.
    [InlineData("under_construction 2024", "operating 2027|operating 2029", "operating 2029-01-01")]
    [InlineData("under_construction 2024", "operating 2029|operating 2027", "operating 2027-01-01")]
    // And one that it contradicts.
    [InlineData("under_construction 2024", "operating 2027|commissioning 2028", "commissioning 2028-01-01")]
    [InlineData("under_construction 2024", "commissioning 2028|operating 2027", "operating 2027-01-01")]
    [InlineData("announced 2024", "operating 2030|permitted 2026", "permitted 2026-01-01|operating 2030-01-01")]
    [InlineData("idled 2024", "closed 2027|operating 2028", "operating 2028-01-01")]
    [InlineData("idled 2024", "closed 2030|operating 2028", "operating 2028-01-01|closed 2030-01-01")]
    // What was replaced replaces nothing.
    [InlineData("announced 2024", "operating 2030|commissioning 2031|commissioning 2028", "commissioning 2028-01-01|operating 2030-01-01")]
    // An imprecise date counts from the next day, an overdue one not at all, though it was the last plan.
    [InlineData("under_construction 2024", "operating 2025", "operating 2025-06-02")]
    [InlineData("under_construction 2024", "operating ../2026", "operating 2025-06-02")]
    [InlineData("under_construction 2024", "operating 2025-06-01", "")]
    [InlineData("under_construction 2024", "operating 2030|operating 2024-12", "")]
    [InlineData("under_construction 2024", "operating 2024-12|closed 2040", "closed 2040-01-01")]
    [InlineData("operating 2025", "operating 2027", "")]
    [InlineData("cancelled 2025", "operating 2027|closed 2030", "")]
    [InlineData("", "", "")]
    public void What_is_expected_follows_from_open_expectations(string events, string expected, string projected)
    {
        var claims = Parse(expected, Basis.Expected, 1).Concat(Parse(events, Basis.Actual, 100)).ToList();
        Assert.Equal(
            projected,
            string.Join('|', Timeline.Projected(claims, Day("2025-06-01")).OrderBy(c => c.Date.Earliest).Select(c => $"{c.Status} {c.Date.Earliest:O}")));
    }

    [Fact]
    public void What_is_expected_changes_no_day_that_is_known() => Claims.Sample(
        claims => Assert.All(Probes(claims).Where(day => day < DateOnly.MaxValue), day =>
        {
            var projected = Timeline.Projected(claims, day);
            Assert.All(projected, c => Assert.True(c.Basis == Basis.Inferred && c.Date.Earliest > day));
            Assert.Equal(Known(claims), Known([.. claims, .. projected]));
            Assert.Superset(
                Timeline.ExpectedNext(claims, day).Where(c => c.Date.Latest > day).Select(c => c.ClaimId).ToHashSet(),
                projected.Select(c => c.ClaimId).ToHashSet());

            IEnumerable<(DateOnly, string?, StatusClaim?)> Known(IReadOnlyCollection<StatusClaim> all) =>
                Timeline.Factory(all).Where(s => s.From <= day).Select(s => (s.From, s.Status, s.Since));
        }),
        iter: 500);

    [Fact]
    public void An_event_after_the_day_overtakes_nothing_yet()
    {
        StatusClaim[] claims = [Claim(1, Status.Operating, "2025", Basis.Expected), Claim(2, Status.Operating, "2025-03")];
        Assert.Equal([1L], Timeline.ExpectedNext(claims, Day("2025-02-28")).Select(c => c.ClaimId));
        Assert.Empty(Timeline.ExpectedNext(claims, Day("2025-03-01")));
    }

    [Fact]
    public void Event_whose_date_contains_another_of_the_same_status_only_confirms_it()
    {
        StatusClaim[] claims = [Claim(1, Status.Operating, "2023"), Claim(2, Status.Operating, "2023-12-13"), Claim(3, Status.Closed, "2025")];
        Assert.Equal(
            [(null, null), (Status.Operating, 2L), (Status.Closed, 3L)],
            Timeline.Factory(claims).Select(s => (s.Status, s.Since?.ClaimId)));
        Assert.Equal(Day("2023-12-13"), Timeline.Factory(claims)[1].From);
        Assert.Null(Timeline.InForce(claims, Day("2023-06-01")));
        Assert.Equal(1, Timeline.LastConfirmed(claims, Day("2024-01-01"))?.ClaimId);
    }

    [Fact]
    public void Event_confirms_no_other_meaning_phase_or_basis()
    {
        foreach (var other in new[]
        {
            Claim(2, Status.Operating, "2023-12-13") with { DateMeaning = DateMeaning.Observed },
            Claim(2, Status.Operating, "2023-12-13", phase: 2),
            Claim(2, Status.Operating, "2023-12-13", Basis.Inferred),
            Claim(2, Status.Operating, "2023-12-13", Basis.Expected),
            Claim(2, Status.Operating, "2023"),
        })
        {
            Assert.Equal(Day("2023-01-01"), Timeline.Factory([Claim(1, Status.Operating, "2023"), other])[1].From);
        }
    }

    [Theory]
    [InlineData(null, "operating", false)]
    [InlineData("operating", "operating", false)]
    [InlineData("rumoured", "operating", false)]
    [InlineData("operating", "announced", true)]
    [InlineData("operating", "commissioning", true)]
    [InlineData("permitted", "planning", true)]
    [InlineData("operating", "idled", false)]
    [InlineData("idled", "operating", false)]
    [InlineData("idled", "under_construction", true)]
    [InlineData("under_construction", "idled", false)]
    [InlineData("under_construction", "suspended", false)]
    [InlineData("suspended", "under_construction", false)]
    [InlineData("suspended", "announced", false)]
    [InlineData("operating", "suspended", true)]
    [InlineData("idled", "suspended", true)]
    [InlineData("operating", "closed", false)]
    [InlineData("operating", "cancelled", true)]
    [InlineData("idled", "never_commissioned", true)]
    [InlineData("under_construction", "cancelled", false)]
    [InlineData("suspended", "cancelled", false)]
    [InlineData("closed", "operating", true)]
    [InlineData("closed", "suspended", true)]
    [InlineData("cancelled", "suspended", true)]
    [InlineData("cancelled", "announced", true)]
    [InlineData("closed", "dismantled", false)]
    [InlineData("cancelled", "dismantled", false)]
    [InlineData("dismantled", "closed", true)]
    [InlineData("closed", "never_commissioned", true)]
    public void A_step_back_in_progress_is_improbable(string? from, string to, bool isImprobable) =>
        Assert.Equal(isImprobable, Timeline.IsImprobable(from, to));

    [Fact]
    public void A_code_that_is_no_status_is_an_error()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Timeline.IsImprobable("open", "closed"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timeline.IsImprobable(null, "open"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timeline.RollUp([Claim(1, "open", "2024")]));
    }

    private static IEnumerable<StatusClaim> Parse(string text, string basis, int id) =>
        text.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split(' ')).Select((t, i) => Claim(id + i, t[0], t[1], basis, hour: i));
}
