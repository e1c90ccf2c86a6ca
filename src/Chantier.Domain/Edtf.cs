using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Chantier.Domain;

/// <summary>How finely a date was stated.</summary>
public enum EdtfPrecision
{
    /// <summary>2024-08-15</summary>
    Day,

    /// <summary>2024-08</summary>
    Month,

    /// <summary>2024-33 to 2024-36: the four quarters of the year</summary>
    Quarter,

    /// <summary>2024-21 to 2024-24: spring, summer, autumn, winter</summary>
    Season,

    /// <summary>2024</summary>
    Year,

    /// <summary>2024-03/2024-06, 2024/.., ../2024</summary>
    Interval,
}

/// <summary>A date as a source states it: its text, kept to the character, and the first and last day it can mean.</summary>
/// <remarks>
/// <para>The format is the part of EDTF (ISO 8601-2:2019, annex A; Library of Congress, "Extended Date/Time Format
/// Specification", 2019) that sources on sites need: <c>2024</c>, <c>2024-08</c>, <c>2024-08-15</c>, quarters <c>2024-33</c>
/// to <c>2024-36</c> (level 2), seasons <c>2024-21</c> to <c>2024-24</c>; each with <c>?</c> (uncertain), <c>~</c>
/// (approximate) or <c>%</c> (both) behind it; and intervals <c>a/b</c> of any of these, with <c>..</c> for an open end.
/// Years 0001 to 9999.</para>
/// <para>A qualifier never widens the days: how far "about 2024" reaches is not ours to say.</para>
/// <para>EDTF leaves the months of a season open. Here they are the meteorological seasons of the northern hemisphere,
/// whole months so that a season has first and last days that do not move: spring (21) March to May, summer (22) June to
/// August, autumn (23) September to November, winter (24) December to February <em>of the following year</em>. So winter
/// 2024 ends in February 2025; <c>9999-24</c> is refused, because it would end after the last year.</para>
/// <para>The value <c>default</c> is no date; its text is empty.</para>
/// </remarks>
public readonly record struct Edtf : IParsable<Edtf>, IComparable<Edtf>
{
    /// <summary>The accepted forms in one line, for messages and documentation.</summary>
    public const string Accepted =
        "2024, 2024-08 or 2024-08-15; quarters 2024-33 to 2024-36; seasons 2024-21 to 2024-24; each may end in ~, ? or %; "
        + "intervals such as 2024-03/2024-06, 2024/.. or ../2024";

    private static readonly SearchValues<char> DigitsAndHyphen = SearchValues.Create("0123456789-");

    private readonly string? text;

    private Edtf(string text, Stated start, Stated end, EdtfPrecision precision)
    {
        this.text = text;
        Earliest = start.Earliest;
        Latest = end.Latest;
        Precision = precision;
        IsUncertain = start.IsUncertain || end.IsUncertain;
        IsApproximate = start.IsApproximate || end.IsApproximate;
    }

    /// <summary>The text exactly as given.</summary>
    public string Text => text ?? "";

    /// <summary>The first day it can mean; of an interval, the first day of its start. An open start is
    /// <see cref="DateOnly.MinValue"/>, which stands for -infinity (as it does for Npgsql).</summary>
    public DateOnly Earliest { get; }

    /// <summary>The last day it can mean; of an interval, the last day of its end. An open end is
    /// <see cref="DateOnly.MaxValue"/>, which stands for infinity (as it does for Npgsql). The day 9999-12-31 cannot be told
    /// from it.</summary>
    public DateOnly Latest { get; }

    /// <summary>How finely the date was stated.</summary>
    public EdtfPrecision Precision { get; }

    /// <summary>Marked <c>?</c> or <c>%</c>; of an interval, at either end.</summary>
    public bool IsUncertain { get; }

    /// <summary>Marked <c>~</c> or <c>%</c>; of an interval, at either end.</summary>
    public bool IsApproximate { get; }

    /// <summary>Reads a date.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <exception cref="FormatException">The text is not accepted; the message says why and what is.</exception>
    public static Edtf Parse(string text) => TryParse(text, out var date, out var error) ? date : throw new FormatException(error);

    /// <inheritdoc cref="Parse(string)"/>
    public static Edtf Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <summary>Reads a date, or says in <paramref name="error"/> what is wrong with it and what is accepted. Never throws.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Edtf date, [NotNullWhen(false)] out string? error)
    {
        date = default;
        if (string.IsNullOrEmpty(text))
        {
            error = $"The date is empty; accepted are {Accepted}.";
            return false;
        }

        var problem = Read(text, out date);
        error = problem is null ? null : Explain(text, problem);
        return problem is null;
    }

    /// <inheritdoc cref="TryParse(string?, out Edtf, out string?)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Edtf result) =>
        TryParse(s, out result, out _);

    /// <summary>Orders by earliest day, then latest day; equal days by text, so that only equal dates compare as equal.</summary>
    public int CompareTo(Edtf other)
    {
        var byDay = (Earliest, Latest).CompareTo((other.Earliest, other.Latest));
        return byDay != 0 ? byDay : string.CompareOrdinal(Text, other.Text);
    }

    /// <summary>The text exactly as given.</summary>
    public override string ToString() => Text;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <(Edtf left, Edtf right) => left.CompareTo(right) < 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator <=(Edtf left, Edtf right) => left.CompareTo(right) <= 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >(Edtf left, Edtf right) => left.CompareTo(right) > 0;

    /// <inheritdoc cref="CompareTo"/>
    public static bool operator >=(Edtf left, Edtf right) => left.CompareTo(right) >= 0;

    // Returns what is wrong, or null.
    private static string? Read(string text, out Edtf date)
    {
        date = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0) return ReadInterval(text, slash, out date);
        var problem = ReadStated(text, out var stated);
        if (problem is null) date = new(text, stated, stated, stated.Precision);
        return problem;
    }

    private static string? ReadInterval(string text, int slash, out Edtf date)
    {
        date = default;
        var left = text.AsSpan(0, slash);
        var right = text.AsSpan(slash + 1);
        if (right.Contains('/')) return "it has more than one '/', which separates the start of an interval from its end";
        if (left is ".." && right is "..") return "an interval needs a date at one end at least";
        if (left.IsEmpty) return "the interval has no start; write .. before the '/' for an open one";
        if (right.IsEmpty) return "the interval has no end; write .. after the '/' for an open one";

        var (start, end) = (Stated.Open, Stated.Open);
        var problem = left is ".." ? null : ReadStated(left, out start);
        problem ??= right is ".." ? null : ReadStated(right, out end);
        if (problem is not null) return problem;

        // Ends of unlike precision may overlap ("2024/2024-03": from some day in 2024 to March 2024). Reversed is what no
        // choice of days can put in order.
        if (start.Earliest > end.Latest) return "the interval ends before it starts";
        date = new(text, start, end, EdtfPrecision.Interval);
        return null;
    }

    private static string? ReadStated(ReadOnlySpan<char> text, out Stated stated)
    {
        stated = default;
        var qualifier = text.IsEmpty ? '\0' : text[^1];
        if (qualifier is '?' or '~' or '%') text = text[..^1];
        if (text.IndexOfAny("?~%") >= 0) return "only one of ~, ? and % may follow a date (% is both), and nothing after it";
        if (text.ContainsAnyExcept(DigitsAndHyphen)) return "it has a character other than the digits 0 to 9 and '-'";

        if (!Number(text, 0, 4, out var year)) return "a date starts with a year of four digits";
        if (year == 0) return "years go from 0001 to 9999";
        var (isUncertain, isApproximate) = (qualifier is '?' or '%', qualifier is '~' or '%');
        if (text.Length == 4)
        {
            stated = new(new(year, 1, 1), new(year, 12, 31), EdtfPrecision.Year, isUncertain, isApproximate);
            return null;
        }

        if (text[4] != '-' || !Number(text, 5, 2, out var part)) return "after the year come '-' and two digits";
        if (text.Length == 7)
        {
            EdtfPrecision precision;
            int firstMonth;
            switch (part)
            {
                case >= 1 and <= 12: (precision, firstMonth) = (EdtfPrecision.Month, part); break;
                case >= 21 and <= 24: (precision, firstMonth) = (EdtfPrecision.Season, ((part - 21) * 3) + 3); break;
                case >= 33 and <= 36: (precision, firstMonth) = (EdtfPrecision.Quarter, ((part - 33) * 3) + 1); break;
                default: return "the two digits after the year are a month (01 to 12), a season (21 to 24) or a quarter (33 to 36)";
            }

            var months = precision == EdtfPrecision.Month ? 1 : 3;
            if (year == 9999 && firstMonth + months > 13) return "the winter of 9999 would end after the year 9999";
            var first = new DateOnly(year, firstMonth, 1);
            var lastMonth = first.AddMonths(months - 1);
            var last = new DateOnly(lastMonth.Year, lastMonth.Month, DateTime.DaysInMonth(lastMonth.Year, lastMonth.Month));
            stated = new(first, last, precision, isUncertain, isApproximate);
            return null;
        }

        if (text[7] != '-' || text.Length != 10 || !Number(text, 8, 2, out var day)) return "after the month come '-' and a day of two digits";
        if (part is < 1 or > 12) return "a date with a day has a month from 01 to 12";
        if (day < 1 || day > DateTime.DaysInMonth(year, part)) return "that month has no such day";
        var only = new DateOnly(year, part, day);
        stated = new(only, only, EdtfPrecision.Day, isUncertain, isApproximate);
        return null;
    }

    // int.TryParse would take signs and the digits of every script.
    private static bool Number(ReadOnlySpan<char> text, int at, int length, out int value)
    {
        value = 0;
        if (text.Length < at + length) return false;
        foreach (var c in text.Slice(at, length))
        {
            if (!char.IsAsciiDigit(c)) return false;
            value = (value * 10) + (c - '0');
        }

        return true;
    }

    private static string Explain(string text, string problem)
    {
        const int longestEcho = 40;
        var echo = text.Length <= longestEcho ? text : $"{text.AsSpan(0, longestEcho)}…";
        var hint = text.Length <= longestEcho ? Hint(text) : null;
        return hint is null
            ? $"'{echo}' is not a date: {problem}; accepted are {Accepted}."
            : $"'{echo}' is not a date: {problem}; write {hint}. Accepted are {Accepted}.";
    }

    // The forms that people and spreadsheets write instead, turned into what they meant. Only ever proposed, never taken.
    private static string? Hint(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length < text.Length && Read(trimmed, out _) is null) return trimmed;
        if (trimmed.IndexOf('T', StringComparison.Ordinal) is 10 && Read(trimmed[..10], out _) is null) return trimmed[..10];
        if (trimmed.Length == 7 && trimmed[4..6].ToUpperInvariant() is "-Q" && trimmed[6] is >= '1' and <= '4')
            return Readable($"{trimmed.AsSpan(0, 4)}-3{(char)(trimmed[6] + 2)}");
        if (trimmed.Length == 8 && !trimmed.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return Readable($"{trimmed.AsSpan(0, 4)}-{trimmed.AsSpan(4, 2)}-{trimmed.AsSpan(6, 2)}");

        var parts = trimmed.Split(['/', '.', '-', ' ']);
        if (!Array.TrueForAll(parts, p => p.Length is 1 or 2 or 4 && p.All(char.IsAsciiDigit))) return null;
        return parts switch
        {
            [{ Length: 4 } y, { Length: < 4 } m] => Readable($"{y}-{Two(m)}"),
            [{ Length: < 4 } m, { Length: 4 } y] => Readable($"{y}-{Two(m)}"),
            [{ Length: 4 } y, { Length: < 4 } m, { Length: < 4 } d] => Readable($"{y}-{Two(m)}-{Two(d)}"),
            [{ Length: < 4 } a, { Length: < 4 } b, { Length: 4 } y] =>
                (Readable($"{y}-{Two(b)}-{Two(a)}"), Readable($"{y}-{Two(a)}-{Two(b)}")) switch
                {
                    (null, var monthFirst) => monthFirst,
                    (var dayFirst, null) => dayFirst,
                    var (dayFirst, monthFirst) when dayFirst == monthFirst => dayFirst,
                    var (dayFirst, monthFirst) => $"{dayFirst} if the day came first, {monthFirst} if the month did",
                },
            _ => null,
        };

        static string Two(string digits) => digits.PadLeft(2, '0');
        static string? Readable(string candidate) => Read(candidate, out _) is null ? candidate : null;
    }

    /// <summary>One end of an interval, or a date that is none.</summary>
    private readonly record struct Stated(
        DateOnly Earliest, DateOnly Latest, EdtfPrecision Precision, bool IsUncertain, bool IsApproximate)
    {
        public static Stated Open => new(DateOnly.MinValue, DateOnly.MaxValue, EdtfPrecision.Interval, IsUncertain: false, IsApproximate: false);
    }
}
