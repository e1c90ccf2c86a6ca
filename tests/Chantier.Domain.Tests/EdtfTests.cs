using CsCheck;

namespace Chantier.Domain.Tests;

public sealed class EdtfTests
{
    private static readonly Gen<DateOnly> Days = Gen.Int[0, DateOnly.MaxValue.DayNumber].Select(DateOnly.FromDayNumber);

    private static readonly Gen<string> Points =
        from year in Gen.OneOf(Gen.Int[1, 9999], Gen.Int[1990, 2040], Gen.Const(9999))
        from month in Gen.Int[1, 12]
        from day in Gen.Int[1, DateTime.DaysInMonth(year, month)]
        from form in Gen.Int[0, 4]
        from code in Gen.Int[0, 3]
        from qualifier in Gen.OneOf("", "", "~", "?", "%")
        where form != 4 || year < 9999
        select form switch
        {
            0 => $"{year:0000}",
            1 => $"{year:0000}-{month:00}",
            2 => $"{year:0000}-{month:00}-{day:00}",
            3 => $"{year:0000}-{33 + code}",
            _ => $"{year:0000}-{21 + code}",
        } + qualifier;

    private static readonly Gen<string> Texts =
        from a in Points
        from b in Points
        from form in Gen.Int[0, 4]
        select form switch
        {
            0 => $"{a}/..",
            1 => $"../{b}",
            2 => Edtf.Parse(a).Earliest <= Edtf.Parse(b).Latest ? $"{a}/{b}" : $"{b}/{a}",
            _ => a,
        };

    [Theory]
    [InlineData("2024", "2024-01-01", "2024-12-31", EdtfPrecision.Year)]
    [InlineData("0001", "0001-01-01", "0001-12-31", EdtfPrecision.Year)]
    [InlineData("9999", "9999-01-01", "9999-12-31", EdtfPrecision.Year)]
    [InlineData("2024-08", "2024-08-01", "2024-08-31", EdtfPrecision.Month)]
    [InlineData("2024-02", "2024-02-01", "2024-02-29", EdtfPrecision.Month)]
    [InlineData("2100-02", "2100-02-01", "2100-02-28", EdtfPrecision.Month)]
    [InlineData("9999-12", "9999-12-01", "9999-12-31", EdtfPrecision.Month)]
    [InlineData("2024-08-15", "2024-08-15", "2024-08-15", EdtfPrecision.Day)]
    [InlineData("2024-02-29", "2024-02-29", "2024-02-29", EdtfPrecision.Day)]
    [InlineData("2024-33", "2024-01-01", "2024-03-31", EdtfPrecision.Quarter)]
    [InlineData("2024-34", "2024-04-01", "2024-06-30", EdtfPrecision.Quarter)]
    [InlineData("2024-35", "2024-07-01", "2024-09-30", EdtfPrecision.Quarter)]
    [InlineData("9999-36", "9999-10-01", "9999-12-31", EdtfPrecision.Quarter)]
    [InlineData("2024-21", "2024-03-01", "2024-05-31", EdtfPrecision.Season)]
    [InlineData("2024-22", "2024-06-01", "2024-08-31", EdtfPrecision.Season)]
    [InlineData("9999-23", "9999-09-01", "9999-11-30", EdtfPrecision.Season)]
    [InlineData("2023-24", "2023-12-01", "2024-02-29", EdtfPrecision.Season)]
    [InlineData("2024-24", "2024-12-01", "2025-02-28", EdtfPrecision.Season)]
    [InlineData("2024-03/2024-06", "2024-03-01", "2024-06-30", EdtfPrecision.Interval)]
    [InlineData("2024-33/2025-24", "2024-01-01", "2026-02-28", EdtfPrecision.Interval)]
    [InlineData("2024/2024-03", "2024-01-01", "2024-03-31", EdtfPrecision.Interval)]
    [InlineData("2024-06-15/2024-06", "2024-06-15", "2024-06-30", EdtfPrecision.Interval)]
    [InlineData("2024-08-15/2024-08-15", "2024-08-15", "2024-08-15", EdtfPrecision.Interval)]
    [InlineData("2024/..", "2024-01-01", "9999-12-31", EdtfPrecision.Interval)]
    [InlineData("../2024", "0001-01-01", "2024-12-31", EdtfPrecision.Interval)]
    public void A_date_covers_the_days_it_can_mean(string text, string earliest, string latest, EdtfPrecision precision)
    {
        var date = Edtf.Parse(text);
        Assert.Equal(DateOnly.Parse(earliest), date.Earliest);
        Assert.Equal(DateOnly.Parse(latest), date.Latest);
        Assert.Equal(precision, date.Precision);
    }

    [Theory]
    [InlineData("2024", false, false)]
    [InlineData("2024?", true, false)]
    [InlineData("2024-08~", false, true)]
    [InlineData("2024-08-15%", true, true)]
    [InlineData("2024-33~", false, true)]
    [InlineData("2024?/2025", true, false)]
    [InlineData("2024/2025~", false, true)]
    [InlineData("2024?/2025~", true, true)]
    [InlineData("../2024%", true, true)]
    [InlineData("2024/..", false, false)]
    public void A_qualifier_marks_the_date_and_moves_no_day(string text, bool isUncertain, bool isApproximate)
    {
        var date = Edtf.Parse(text);
        var plain = Edtf.Parse(string.Concat(text.Where(c => c is not ('?' or '~' or '%'))));
        Assert.Equal((isUncertain, isApproximate), (date.IsUncertain, date.IsApproximate));
        Assert.Equal((plain.Earliest, plain.Latest, plain.Precision), (date.Earliest, date.Latest, date.Precision));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" ", "character other than")]
    [InlineData("2024 ", "write 2024.")]
    [InlineData("\t2024-08", "write 2024-08.")]
    [InlineData("2024-8", "write 2024-08.")]
    [InlineData("2024-8-5", "write 2024-08-05.")]
    [InlineData("01/02/2024", "write 2024-02-01 if the day came first, 2024-01-02 if the month did.")]
    [InlineData("02/02/2024", "write 2024-02-02.")]
    [InlineData("15/02/2024", "write 2024-02-15.")]
    [InlineData("02/15/2024", "write 2024-02-15.")]
    [InlineData("15.2.2024", "write 2024-02-15.")]
    [InlineData("02/2024", "write 2024-02.")]
    [InlineData("2024/02", "write 2024-02.")]
    [InlineData("2024/02/01", "write 2024-02-01.")]
    [InlineData("20240815", "write 2024-08-15.")]
    [InlineData("2024-Q1", "write 2024-33.")]
    [InlineData("2024-q4", "write 2024-36.")]
    [InlineData("2024-08-15T10:00:00Z", "write 2024-08-15.")]
    [InlineData("2024-13", "a month (01 to 12), a season (21 to 24) or a quarter (33 to 36)")]
    [InlineData("2024-00", "a month (01 to 12)")]
    [InlineData("2024-20", "a month (01 to 12)")]
    [InlineData("2024-25", "a month (01 to 12)")]
    [InlineData("2024-32", "a month (01 to 12)")]
    [InlineData("2024-37", "a month (01 to 12)")]
    [InlineData("2024-13-01", "a month from 01 to 12")]
    [InlineData("2024-21-01", "a month from 01 to 12")]
    [InlineData("2024-00-01", "a month from 01 to 12")]
    [InlineData("2024-04-31", "no such day")]
    [InlineData("2023-02-29", "no such day")]
    [InlineData("2024-04-00", "no such day")]
    [InlineData("2024-04-30x", "character other than")]
    [InlineData("2024-04-300", "a day of two digits")]
    [InlineData("2024-04-", "a day of two digits")]
    [InlineData("2024-", "two digits")]
    [InlineData("2024-1a", "character other than")]
    [InlineData("2024--01", "two digits")]
    [InlineData("0000", "0001 to 9999")]
    [InlineData("0000-05", "0001 to 9999")]
    [InlineData("-2024", "year of four digits")]
    [InlineData("10000", "two digits")]
    [InlineData("Y12024", "character other than")]
    [InlineData("202", "year of four digits")]
    [InlineData("?", "year of four digits")]
    [InlineData("9999-24", "winter of 9999")]
    [InlineData("2024?~", "only one of ~, ? and %")]
    [InlineData("?2024", "only one of ~, ? and %")]
    [InlineData("2024-?08", "only one of ~, ? and %")]
    [InlineData("٢٠٢٤", "character other than the digits 0 to 9")]
    [InlineData("2024-0８", "character other than the digits 0 to 9")]
    [InlineData("2024/2023", "ends before it starts")]
    [InlineData("2024-06-15/2024-06-14", "ends before it starts")]
    [InlineData("2024-06/2024-05", "ends before it starts")]
    [InlineData("../..", "a date at one end")]
    [InlineData("..", "character other than")]
    [InlineData("2024/", "write .. after the '/'")]
    [InlineData("/2024", "write .. before the '/'")]
    [InlineData("/", "has no start")]
    [InlineData("2024/2025/2026", "more than one '/'")]
    [InlineData("2024/..~", "character other than")]
    [InlineData("2024/abc", "character other than")]
    [InlineData("unknown", "character other than")]
    public void What_is_no_date_is_refused_with_the_reason_and_the_accepted_forms(string text, string reason)
    {
        Assert.False(Edtf.TryParse(text, out var date, out var error));
        Assert.Equal(default, date);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Contains(Edtf.Accepted, error, StringComparison.Ordinal);
        Assert.Equal(error, Assert.Throws<FormatException>(() => Edtf.Parse(text)).Message);
        Assert.False(Edtf.TryParse(text, provider: null, out _));
    }

    [Fact]
    public void Nothing_is_refused_like_the_empty_text() => Assert.False(Edtf.TryParse(null, out _, out _));

    [Fact]
    public void A_long_text_is_echoed_in_part()
    {
        Assert.False(Edtf.TryParse(new string('9', 100_000), out _, out var error));
        Assert.InRange(error.Length, 1, 500);
    }

    [Theory]
    [InlineData("2024-08-15~")]
    [InlineData("2024-33/..")]
    public void Reading_a_date_allocates_nothing(string text)
    {
        Assert.True(Edtf.TryParse(text, out _, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isDate = Edtf.TryParse(text, out _, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(isDate);
    }

    [Fact]
    public void The_default_is_an_empty_text() => Assert.Equal("", default(Edtf).ToString());

    [Fact]
    public void The_text_round_trips() => Texts.Sample(text =>
    {
        var date = Edtf.Parse(text);
        Assert.Equal(text, date.Text);
        Assert.Equal(text, date.ToString());
        Assert.Equal(date, Edtf.Parse(date.Text));
    });

    [Fact]
    public void The_earliest_day_is_never_after_the_latest() => Texts.Sample(text =>
        Edtf.Parse(text) is var date && date.Earliest <= date.Latest);

    [Fact]
    public void A_date_covers_exactly_the_days_that_share_its_year_month_quarter_or_season() =>
        Gen.Select(Points, Days, Gen.Int[-3, 400]).Sample((text, anyDay, offset) =>
        {
            var date = Edtf.Parse(text);
            var near = DateOnly.FromDayNumber(Math.Clamp(date.Earliest.DayNumber + offset, 0, DateOnly.MaxValue.DayNumber));
            foreach (var day in new[] { anyDay, near, date.Earliest, date.Latest })
                Assert.Equal(Shares(day, text.TrimEnd('?', '~', '%')), date.Earliest <= day && day <= date.Latest);
        });

    // Says the same from the side of the day: the texts of that day that could have been written.
    private static bool Shares(DateOnly day, string text)
    {
        var quarter = 33 + ((day.Month - 1) / 3);
        var season = 21 + ((day.Month + 9) % 12 / 3);
        var yearOfSeason = day.Month < 3 ? day.Year - 1 : day.Year;
        return text == $"{day:yyyy}" || text == $"{day:yyyy-MM}" || text == $"{day:yyyy-MM-dd}"
            || text == $"{day:yyyy}-{quarter}" || text == $"{yearOfSeason:0000}-{season}";
    }

    [Fact]
    public void An_interval_goes_from_the_earliest_day_of_its_start_to_the_latest_of_its_end() =>
        Gen.Select(Points, Points).Sample((a, b) =>
        {
            var (start, end) = (Edtf.Parse(a), Edtf.Parse(b));
            var isInOrder = start.Earliest <= end.Latest;
            Assert.Equal(isInOrder, Edtf.TryParse($"{a}/{b}", out var interval, out _));
            if (!isInOrder) return;
            Assert.Equal((start.Earliest, end.Latest), (interval.Earliest, interval.Latest));
            Assert.Equal(start.IsUncertain || end.IsUncertain, interval.IsUncertain);
            Assert.Equal(start.IsApproximate || end.IsApproximate, interval.IsApproximate);
        });

    [Fact]
    public void An_open_end_reaches_to_infinity() => Points.Sample(text =>
    {
        var date = Edtf.Parse(text);
        var (from, until) = (Edtf.Parse($"{text}/.."), Edtf.Parse($"../{text}"));
        Assert.Equal((date.Earliest, DateOnly.MaxValue), (from.Earliest, from.Latest));
        Assert.Equal((DateOnly.MinValue, date.Latest), (until.Earliest, until.Latest));
    });

    [Fact]
    public void Dates_order_by_earliest_then_latest_day() => Gen.Select(Texts, Texts).Sample((a, b) =>
    {
        var (x, y) = (Edtf.Parse(a), Edtf.Parse(b));
        var byDay = (x.Earliest, x.Latest).CompareTo((y.Earliest, y.Latest));
        if (byDay != 0) Assert.Equal(byDay, x.CompareTo(y));
        Assert.Equal(x == y, x.CompareTo(y) == 0);
        Assert.Equal(Math.Sign(x.CompareTo(y)), -Math.Sign(y.CompareTo(x)));
        Assert.Equal((x < y, x <= y, x > y, x >= y), (y > x, y >= x, y < x, y <= x));
    });

    [Fact]
    public void No_text_makes_it_throw()
    {
        var nearly = Gen.Char["0123456789-/.~?%TQ٣ "].Array[0, 24].Select(c => new string(c));
        Gen.OneOf(Gen.String, nearly).Sample(
            text =>
            {
                if (Edtf.TryParse(text, out var date, out var error)) Assert.Equal(text, date.Text);
                else Assert.Contains(Edtf.Accepted, error, StringComparison.Ordinal);
            },
            iter: 20_000);
    }

    [Fact]
    public void One_changed_character_is_refused_or_read_as_what_it_says() =>
        Gen.Select(Texts, Gen.Int[0, 30], Gen.Char["0123456789-/.~?%"]).Sample(
            (text, at, c) =>
            {
                var changed = text.ToCharArray();
                changed[at % changed.Length] = c;
                if (Edtf.TryParse(new string(changed), out var date, out _)) Assert.True(date.Earliest <= date.Latest && date.Text == new string(changed));
            },
            iter: 5_000);
}
