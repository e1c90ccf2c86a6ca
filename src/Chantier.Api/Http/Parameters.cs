using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Chantier.Domain;
using Microsoft.OpenApi;

namespace Chantier.Api.Http;

/// <summary>What a kind of parameter accepts, and how it is read.</summary>
internal interface IReadable<TSelf>
    where TSelf : class, IReadable<TSelf>
{
    static abstract string Accepts { get; }

    /// <summary>The same for programs, with an example that a tracker with the seeds answers.</summary>
    static abstract OpenApiSchema Schema { get; }

    /// <summary>Null when the text is not what is accepted.</summary>
    static abstract TSelf? Read(string text);
}

/// <summary>A query parameter as it was given.</summary>
internal interface IGiven
{
    /// <summary>What was wrong and what is accepted; null when the value is good.</summary>
    string? Error { get; }
}

/// <summary>
/// A query parameter. Binding never fails: what is malformed is kept as an error, so that the validation filter reports all
/// of them at once, each with its name and what it accepts.
/// </summary>
internal sealed record Given<T> : IGiven, IParsable<Given<T>>
    where T : class, IReadable<T>
{
    private readonly T? _value;

    private Given(T value) => _value = value;

    private Given(string text)
    {
        _value = T.Read(text);
        Error = _value is null ? $"is '{Shown.Of(text)}'; it accepts {T.Accepts}." : null;
    }

    /// <summary>Only read after validation, when it is there.</summary>
    public T Value => _value ?? throw new InvalidOperationException("A malformed parameter was read.");

    public string? Error { get; }

    public static string Accepts => T.Accepts;

    public static OpenApiSchema Schema => T.Schema;

    /// <summary>A value that one endpoint passes on to what another is made of.</summary>
    public static Given<T> Of(T value) => new(value);

    public static Given<T> Parse(string s, IFormatProvider? provider) => new(s);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Given<T> result)
    {
        // The generated binder asks even when nothing was given, and takes a failure then for nothing. The filter refuses what was given empty.
        result = string.IsNullOrEmpty(s) ? null : new(s);
        return result is not null;
    }
}

/// <summary>Several values: comma separated, or the parameter repeated. Any of them matches.</summary>
internal sealed record Codes(IReadOnlyList<string> Values) : IReadable<Codes>
{
    public static string Accepts => "1 to 100 values separated by commas, none empty";

    public static OpenApiSchema Schema => new()
    {
        Type = JsonSchemaType.Array,
        Items = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 200 },
        MinItems = 1,
        MaxItems = 100,
    };

    public static Codes? Read(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries).Distinct().ToArray() is { Length: <= 100 } values
        && values.All(v => v.Length is > 0 and <= 200 && !v.Any(char.IsControl))
            ? new(values)
            : null;
}

/// <summary>A piece of text.</summary>
internal sealed record Words(string Text) : IReadable<Words>
{
    public static string Accepts => "text of 1 to 200 characters";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 200, Examples = ["verkor"] };

    public static Words? Read(string text) => text.Trim() is { Length: > 0 and <= 200 } good && !good.Any(char.IsControl) ? new(good) : null;
}

/// <summary>A date in the world.</summary>
/// <param name="First">Its earliest day: where what begins with it begins.</param>
/// <param name="Day">Its latest day, which it stands for elsewhere.</param>
internal sealed record WorldDate(DateOnly First, DateOnly Day) : IReadable<WorldDate>
{
    public static string Accepts => "a date such as 2024-08-15, 2024-08 or 2024";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.String, Pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?[~?%]?$", Examples = ["2024-09-30", "2024-09", "2024"] };

    public static WorldDate? Read(string text) =>
        Edtf.TryParse(text, out var date, out _) && date.Precision is EdtfPrecision.Day or EdtfPrecision.Month or EdtfPrecision.Year ? new(date.Earliest, date.Latest) : null;
}

/// <summary>A moment, or a whole day in UTC.</summary>
/// <param name="First">The first moment of a day: from when on something may have happened.</param>
/// <param name="At">The last moment of a day: what was known by it.</param>
internal sealed record Moment(DateTimeOffset First, DateTimeOffset At) : IReadable<Moment>
{
    private static readonly string[] Shapes = ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    public static string Accepts =>
        "a moment with its offset such as 2026-11-24T09:00:00Z (RFC 3339), or a date in UTC such as 2026-11-24";

    public static OpenApiSchema Schema => new()
    {
        Type = JsonSchemaType.String,
        Pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,7})?([Zz]|[+ -][0-9]{2}:[0-9]{2}))?$",
        Examples = ["2024-12-31T18:30:00Z", "2024-12-31"],
    };

    public static Moment? Read(string text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
        {
            var first = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
            return new(first, first.AddDays(1).AddMicroseconds(-1));
        }

        // A '+' that was not percent-encoded arrives as a space.
        var given = text.Replace(' ', '+').ToUpperInvariant();
        var hasOffset = given.Length > 20 && given[^6] is '+' or '-' || given.EndsWith('Z');
        return hasOffset && DateTimeOffset.TryParseExact(given, Shapes, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? new(at.ToUniversalTime(), at.ToUniversalTime()) : null;
    }
}

/// <summary>How many items a page has.</summary>
internal sealed record Limit(int Count) : IReadable<Limit>
{
    public const int Default = 50;
    public const int Most = 1000;

    public static string Accepts => "a whole number from 1 to 1000";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1", Maximum = "1000", Examples = [20] };

    public static Limit? Read(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= Most ? new(count) : null;
}

/// <summary>The same, or all there are.</summary>
internal sealed record LimitOrAll(int Count) : IReadable<LimitOrAll>
{
    public const string All = "all";

    public static string Accepts => $"{Limit.Accepts}, or {All}";

    // The bounds are of numbers, the pattern is of texts.
    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.Integer | JsonSchemaType.String, Minimum = "1", Maximum = "1000", Pattern = $"^{All}$", Examples = [20] };

    /// <summary>One less than can be counted, as a page asks for one more.</summary>
    public bool IsAll => Count == int.MaxValue - 1;

    public static LimitOrAll? Read(string text) => text == All ? new(int.MaxValue - 1) : Limit.Read(text) is { } limit ? new(limit.Count) : null;
}

/// <summary>Yes or no.</summary>
internal sealed record Flag(bool IsSet) : IReadable<Flag>
{
    public static string Accepts => "true or false";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.Boolean, Examples = [true] };

    public static Flag? Read(string text) => text is "true" or "false" ? new(text == "true") : null;
}

/// <summary>A distance.</summary>
internal sealed record Kilometres(double Length) : IReadable<Kilometres>
{
    public const double Default = 50;

    public static string Accepts => "a number of kilometres above 0 and up to 2000";

    public static OpenApiSchema Schema => new() { Type = JsonSchemaType.Number, Format = "double", ExclusiveMinimum = "0", Maximum = "2000", Examples = [25] };

    public static Kilometres? Read(string text) => Shown.TryNumber(text, out var length) && length is > 0 and <= 2000 ? new(length) : null;
}

/// <summary>A point, longitude first, WGS 84.</summary>
internal sealed record LonLat(double Lon, double Lat) : IReadable<LonLat>
{
    public static string Accepts => "longitude,latitude in degrees (WGS 84), such as 2.38,51.03";

    public static OpenApiSchema Schema => Degrees(2, 2.38, 51.03);

    /// <summary>Some degrees, separated by commas.</summary>
    public static OpenApiSchema Degrees(int count, params double[] example) => new()
    {
        Type = JsonSchemaType.Array,
        Items = new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double", Minimum = "-180", Maximum = "180" },
        MinItems = count,
        MaxItems = count,
        Examples = [new JsonArray([.. example.Select(side => JsonValue.Create(side))])],
    };

    public static LonLat? Read(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries) is [var x, var y] && Shown.TryNumber(x, out var lon) && Shown.TryNumber(y, out var lat)
        && lon is >= -180 and <= 180 && lat is >= -90 and <= 90
            ? new(lon, lat)
            : null;
}

/// <summary>A box. West above east crosses the antimeridian (RFC 7946 §5.2).</summary>
internal sealed record Box(double West, double South, double East, double North) : IReadable<Box>
{
    public static string Accepts => "west,south,east,north in degrees (WGS 84), such as 2,50,4,51.1; west above east crosses the antimeridian";

    public static OpenApiSchema Schema => LonLat.Degrees(4, 2, 50, 4, 51.1);

    public static Box? Read(string text)
    {
        var sides = text.Split(',', StringSplitOptions.TrimEntries).Select(side => Shown.TryNumber(side, out var value) ? value : double.NaN).ToArray();
        return sides is [>= -180 and <= 180, >= -90 and <= 90, >= -180 and <= 180, >= -90 and <= 90] && sides[1] <= sides[3]
            ? new(sides[0], sides[1], sides[2], sides[3])
            : null;
    }
}

/// <summary>How input is read as a number, and shown back in a message.</summary>
internal static class Shown
{
    private const int Longest = 60;

    public static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>Whether a part of an address is UTF-8 with each % before two hexadecimal digits (RFC 3986 §2.1).</summary>
    public static bool IsEncodedUtf8(ReadOnlySpan<char> encoded)
    {
        if (!encoded.Contains('%'))
        {
            return true;
        }

        var bytes = new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++, length++)
        {
            if (encoded[i] != '%')
            {
                bytes[length] = (byte)encoded[i];
            }
            else if (i + 2 < encoded.Length && byte.TryParse(encoded.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
            {
                i += 2;
            }
            else
            {
                return false;
            }
        }

        return Utf8.IsValid(bytes.AsSpan(0, length));
    }

    /// <summary>Short and printable, so that a message never carries back a megabyte or a control character.</summary>
    public static string Of(string text)
    {
        var clean = string.Concat(text.Take(Longest).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return text.Length > Longest ? clean + "…" : clean;
    }
}
