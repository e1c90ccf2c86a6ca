using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Chantier.Domain;

/// <summary>One register or standard whose identifiers are checked.</summary>
/// <param name="Code">The scheme, as in <c>scheme:value</c>.</param>
/// <param name="Accepts">What a value looks like, to follow "accepted is".</param>
/// <param name="Example">A value that passes, in its normal form.</param>
public sealed record IdentifierScheme(string Code, string Accepts, string Example)
{
    /// <summary>Brings a value into its normal form, before it is checked.</summary>
    internal Func<string, string> Clean { get; init; } = value => value;

    /// <summary>Says what is wrong with a normal form, or null.</summary>
    internal Func<string, string?> Check { get; init; } = _ => null;
}

/// <summary>Identifiers from other registers: brought into one form, so that equal ones are equal text, and checked as far
/// as their register documents. That one is well formed does not say that it was ever assigned.</summary>
public static class Identifiers
{
    // Crockford's base 32: no I, L, O or U.
    private const string Base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    // All the establishments of La Poste share this SIREN; there were too many for the Luhn digit of the SIRET to last.
    private const string LaPoste = "356000000";

    private static readonly FrozenDictionary<string, IdentifierScheme> ByCode = new IdentifierScheme[]
    {
        new("lei", "a LEI of 20 letters and digits whose last two are check digits", "5493000IBP32UQZ0KL24")
        {
            Clean = value => Compact(value).ToUpperInvariant(), Check = CheckLei,
        },
        new("siren", "a SIREN of 9 digits whose last is a check digit", "732829320")
        {
            Clean = Compact, Check = CheckSiren,
        },
        new("siret", "a SIRET of 14 digits, a SIREN and 5 more, whose last is a check digit", "73282932000074")
        {
            Clean = Compact, Check = CheckSiret,
        },
        new("wikidata", "an item, Q and a number", "Q42")
        {
            Clean = value => value.ToUpperInvariant(),
            Check = value => value is ['Q', .. var number] ? CheckNumber(number) : "it does not start with Q",
        },
        new("osm", "node, way or relation, '/' and a number", "way/5013364")
        {
            Clean = value => value.ToLowerInvariant(), Check = CheckOsm,
        },
        // Global Energy Monitor, "Metadata: Global Coal Plant Tracker" (2026): L and digits for a location, G for a unit or
        // phase, E for an entity. Its other workbooks have P (plant, pipeline project), M (mine) and T (terminal). Lengths
        // differ by age: M0016, L100000100001.
        new("gem", "a letter (L location, G unit, E entity, P plant or project, M mine, T terminal) and digits", "L100000100001")
        {
            Clean = value => value.ToUpperInvariant(), Check = CheckGem,
        },
        new("os-id", "an OS ID of 15 characters: country, year, day of the year, five characters and a check character", "CN2021250D1DTN7")
        {
            Clean = value => Without(value, c => c is ' ' or '-').ToUpperInvariant(), Check = CheckOsId,
        },
        // The "Ref ID" column of the Renewable Energy Planning Database (United Kingdom).
        new("repd", "a number", "2539") { Check = CheckNumber },
        // The "SiteID" column of the Industrial Database of the Hotmaps project.
        new("hotmaps", "a number", "1") { Check = CheckNumber },
        // The "eic_p" and "eic_g" columns of the Power Plants Database of the Joint Research Centre: Energy Identification Codes, among them
        // some that are not 16 characters long.
        new("jrc-eic", "the code of a plant or a unit, without spaces at its ends", "54W-KOMAN0000066")
        {
            Check = value => value.Any(char.IsControl) ? "it has a control character" : null,
        },
        new("iso3166-1", "a country code of two letters", "FR")
        {
            Clean = value => value.ToUpperInvariant(),
            Check = value => IsCountry(value) ? null : "it is not two letters",
        },
        // ISO 3166-2: the country, a hyphen, one to three letters or digits.
        new("iso3166-2", "a country code of two letters, '-' and one to three letters or digits", "FR-HDF")
        {
            Clean = value => value.ToUpperInvariant(),
            Check = value => value.Length is >= 4 and <= 6 && IsCountry(value[..2]) && value[2] == '-' && IsLettersAndDigits(value[3..])
                ? null : "it has another form",
        },
        // Regulation (EC) No 1059/2003: the country code (level 0), then one letter or digit for each of levels 1 to 3.
        new("nuts", "a country code of two letters and none to three letters or digits", "FRE11")
        {
            Clean = value => value.ToUpperInvariant(),
            Check = value => value.Length is >= 2 and <= 5 && IsCountry(value[..2]) && (value.Length == 2 || IsLettersAndDigits(value[2..]))
                ? null : "it has another form",
        },
        new("insee", "the INSEE code of a commune (5 characters) or a department (2 or 3)", "59183")
        {
            Clean = value => value.ToUpperInvariant(), Check = CheckInsee,
        },
        // Of its own, for the same two digits are a department's.
        new("insee-region", "the INSEE code of a region of France, of 2 digits", "32")
        {
            Check = value => value.Length == 2 && IsDigits(value) ? null : "it is not 2 digits",
        },
    }.ToFrozenDictionary(s => s.Code);

    /// <summary>The schemes whose values are checked, by code. Others are taken as they come.</summary>
    public static IReadOnlyList<IdentifierScheme> Schemes { get; } = [.. ByCode.Values.OrderBy(s => s.Code, StringComparer.Ordinal)];

    /// <summary>Brings an identifier into its normal form. Never throws.</summary>
    /// <param name="scheme">The scheme: lower-case letters, digits and hyphens.</param>
    /// <param name="value">The value as someone wrote it. White space around it is dropped; in SIREN, SIRET and LEI also
    /// spaces and dots within, in OS IDs spaces and hyphens; letters take the case of the scheme. A value of a scheme that is
    /// not in <see cref="Schemes"/> is only trimmed, and must not be empty nor hold control characters.</param>
    /// <param name="normalised">The normal form.</param>
    /// <param name="error">What is wrong, and what is accepted with an example.</param>
    public static bool TryNormalise(
        string? scheme, string? value, [NotNullWhen(true)] out string? normalised, [NotNullWhen(false)] out string? error)
    {
        normalised = null;
        if (string.IsNullOrEmpty(scheme) || !scheme.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            error = $"'{Echo(scheme)}' is not the name of a scheme; accepted are lower-case letters, digits and '-', such as 'siren'.";
            return false;
        }

        var trimmed = value?.Trim() ?? "";
        var known = ByCode.GetValueOrDefault(scheme);
        var form = known?.Clean(trimmed) ?? trimmed;
        var problem = form.Length == 0 ? "it is empty"
            : form.Any(char.IsControl) ? "it has a control character"
            : known?.Check(form);
        if (problem is null)
        {
            normalised = form;
            error = null;
            return true;
        }

        error = known is null
            ? $"'{Echo(value)}' is not an identifier of scheme {scheme}: {problem}."
            : $"'{Echo(value)}' is not an identifier of scheme {scheme}: {problem}; accepted is {known.Accepts}, such as {known.Example}.";
        return false;
    }

    // ISO 17442-1: 18 letters and digits, then two check digits by ISO/IEC 7064, MOD 97-10. Those check digits are 02 to 98;
    // 00, 01 and 99 leave the same remainders as 97, 98 and 02 and are not issued.
    private static string? CheckLei(string value)
    {
        if (value.Length != 20) return WrongLength(value, 20, "characters");
        if (!IsLettersAndDigits(value)) return "it has a character other than letters and digits";
        if (!IsDigits(value[18..])) return "its last two characters are not digits";
        var remainder = 0;
        foreach (var c in value)
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + (c - '0')) % 97 : ((remainder * 100) + (c - 'A' + 10)) % 97;
        return remainder == 1 && value[18..] is not ("00" or "01" or "99") ? null : "its check digits do not match";
    }

    // INSEE, "Numéro SIREN": eight digits and a check digit by Luhn's rule (ISO/IEC 7812-1, annex B).
    private static string? CheckSiren(string value)
    {
        if (!IsDigits(value)) return "it has a character other than digits";
        if (value.Length != 9) return WrongLength(value, 9, "digits");
        if (value == "000000000") return "it is all zeros";
        return PassesLuhn(value) ? null : "its check digit does not match";
    }

    // INSEE, "Numéro SIRET": the SIREN of the company and five digits, the last a check digit over all 14. For La Poste the
    // sum of the digits is a multiple of 5 instead, except at its seat, 35600000000048, which still follows Luhn.
    private static string? CheckSiret(string value)
    {
        if (!IsDigits(value)) return "it has a character other than digits";
        if (value.Length != 14) return WrongLength(value, 14, "digits");
        if (CheckSiren(value[..9]) is not null) return "the check digit of the SIREN in its first 9 digits does not match";
        return PassesLuhn(value) || (value.StartsWith(LaPoste, StringComparison.Ordinal) && value.Sum(c => c - '0') % 5 == 0)
            ? null : "its check digit does not match";
    }

    private static string? CheckOsm(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return "it has no '/'";
        return value[..slash] is "node" or "way" or "relation" ? CheckNumber(value[(slash + 1)..]) : "it names none of node, way and relation";
    }

    private static string? CheckGem(string value)
    {
        if (!"EGLMPT".Contains(value[0], StringComparison.Ordinal)) return "it does not start with one of the letters E, G, L, M, P and T";
        return value.Length > 1 && IsDigits(value[1..]) ? null : "after the letter there is something other than digits";
    }

    // Open Supply Hub, module os_id of its published source (there is no other specification): ISO 3166-1 country, year, day
    // of the year, five characters in Crockford's base 32, and a check character: the code points of the two letters and
    // the base 32 values of all that follows, added, modulo 32.
    private static string? CheckOsId(string value)
    {
        if (value.Length != 15) return WrongLength(value, 15, "characters");
        if (!IsCountry(value[..2])) return "it does not start with a country code of two letters";
        if (!IsDigits(value[2..9])) return "after the country there are not seven digits, a year and a day of the year";
        var (year, day) = (int.Parse(value[2..6]), int.Parse(value[6..9]));
        if (year == 0 || day == 0 || day > (DateTime.IsLeapYear(year) ? 366 : 365)) return "its year has no such day";
        if (value[9..].Any(c => !Base32.Contains(c, StringComparison.Ordinal))) return "its last six characters are not of 0-9 and A-Z without I, L, O and U";
        var sum = value[0] + value[1] + value[2..14].Sum(c => Base32.IndexOf(c, StringComparison.Ordinal));
        return value[14] == Base32[sum % 32] ? null : "its check character does not match";
    }

    // INSEE, "Code officiel géographique": a department is 01 to 95 (Corsica 2A and 2B, since 1976 no 20) or, overseas, 971
    // to 978 and 984 to 989; a commune is the department and as many digits as make five characters; the two digits of
    // every region are those of some department, so that they need no case of their own.
    private static string? CheckInsee(string value)
    {
        if (value.Length is not (2 or 3 or 5)) return $"it has {value.Length} characters, not 2, 3 or 5";
        if (value.StartsWith("20", StringComparison.Ordinal)) return "the departments of Corsica are 2A and 2B";
        var isOverseas = value.StartsWith("97", StringComparison.Ordinal) || value.StartsWith("98", StringComparison.Ordinal);
        if (isOverseas ? value.Length == 2 : value.Length == 3) return "departments overseas have three digits, from 971 on, the others two characters";
        var department = value[..(isOverseas ? 3 : 2)];
        var isDepartment = department is "2A" or "2B"
            || (IsDigits(department) && int.Parse(department) is (>= 1 and <= 95) or (>= 971 and <= 978) or (>= 984 and <= 989));
        if (!isDepartment) return $"there is no department {department}";
        return value.Length < 5 || IsDigits(value[department.Length..]) ? null : "after the department there is something other than digits";
    }

    private static string? CheckNumber(string digits) =>
        !IsDigits(digits) ? "its number has something other than digits"
        : digits[0] == '0' ? "its number starts with 0"
        : digits.Length > 18 ? "its number is too long"
        : null;

    private static bool PassesLuhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : (digit * 2 / 10) + (digit * 2 % 10);
        }

        return sum % 10 == 0;
    }

    private static string WrongLength(string value, int length, string of) => $"its length is {value.Length}, not {length} {of}";

    private static bool IsCountry(string value) => value.Length == 2 && value.All(char.IsAsciiLetterUpper);

    private static bool IsDigits(string value) => value.Length > 0 && value.All(char.IsAsciiDigit);

    private static bool IsLettersAndDigits(string value) => value.Length > 0 && value.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));

    // Numbers are copied with no-break and thin spaces between the groups; char.IsWhiteSpace knows them.
    private static string Compact(string value) => Without(value, c => c == '.' || char.IsWhiteSpace(c));

    private static string Without(string value, Func<char, bool> dropped) => string.Concat(value.Where(c => !dropped(c)));

    private static string Echo(string? value) => value is { Length: > 40 } ? $"{value.AsSpan(0, 40)}…" : value ?? "";
}
