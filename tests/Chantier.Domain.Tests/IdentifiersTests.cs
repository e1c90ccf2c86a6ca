using CsCheck;

namespace Chantier.Domain.Tests;

public sealed class IdentifiersTests
{
    [Theory]
    [InlineData("lei", "5493000IBP32UQZ0KL24", "5493000IBP32UQZ0KL24")]
    [InlineData("lei", " 2138 00ws giiz cxf1 p572 ", "213800WSGIIZCXF1P572")]
    [InlineData("lei", "549300084UKLVMY22DS16", null)]
    [InlineData("siren", "732 829 320", "732829320")]
    [InlineData("siren", "732.829.320", "732829320")]
    [InlineData("siren", "732\u202f829\u00a0320", "732829320")]
    [InlineData("siren", "356000000", "356000000")]
    [InlineData("siret", "732 829 320 00074", "73282932000074")]
    [InlineData("siret", "35600000000048", "35600000000048")]
    [InlineData("siret", "35600000009075", "35600000009075")]
    [InlineData("siret", "35600000009074", null)]
    [InlineData("wikidata", "q42", "Q42")]
    [InlineData("osm", "Way/123", "way/123")]
    [InlineData("osm", "node/1", "node/1")]
    [InlineData("osm", "relation/99", "relation/99")]
    [InlineData("gem", "l100000100001", "L100000100001")]
    [InlineData("gem", "G100000100001", "G100000100001")]
    [InlineData("gem", "E100000000001", "E100000000001")]
    [InlineData("gem", "P0539", "P0539")]
    [InlineData("os-id", "CN2021250D1DTN7", "CN2021250D1DTN7")]
    [InlineData("os-id", "bd-2020021-qk28y-z", "BD2020021QK28YZ")]
    [InlineData("os-id", "CN 2020314 63D4M B", "CN202031463D4MB")]
    [InlineData("repd", " 2539 ", "2539")]
    [InlineData("iso3166-1", "fr", "FR")]
    [InlineData("iso3166-2", "fr-hdf", "FR-HDF")]
    [InlineData("iso3166-2", "FR-59", "FR-59")]
    [InlineData("iso3166-2", "PA-8", "PA-8")]
    [InlineData("nuts", "FR", "FR")]
    [InlineData("nuts", "FRE", "FRE")]
    [InlineData("nuts", "fre1", "FRE1")]
    [InlineData("nuts", "FRE11", "FRE11")]
    [InlineData("insee", "59183", "59183")]
    [InlineData("insee-region", " 32", "32")]
    [InlineData("insee", "01001", "01001")]
    [InlineData("insee", "2a004", "2A004")]
    [InlineData("insee", "2B033", "2B033")]
    [InlineData("insee", "97411", "97411")]
    [InlineData("insee", "98818", "98818")]
    [InlineData("insee", "59", "59")]
    [InlineData("insee", "2A", "2A")]
    [InlineData("insee", "974", "974")]
    [InlineData("insee", "32", "32")]
    [InlineData("insee", "04", "04")]
    [InlineData("my-register-2", "  Any Value/7 ", "Any Value/7")]
    public void A_value_takes_its_normal_form(string scheme, string value, string? normal)
    {
        Assert.Equal(normal is not null, Identifiers.TryNormalise(scheme, value, out var normalised, out var error));
        Assert.Equal(normal, normalised);
        Assert.Equal(normal is null, error is not null);
    }

    [Theory]
    [InlineData("lei", "5493000IBP32UQZ0KL25", "check digits")]
    [InlineData("lei", "5493000IBP32UQZ0KL2", "length is 19, not 20")]
    [InlineData("lei", "5493000IBP32UQZ0KL2A", "last two characters")]
    [InlineData("lei", "5493000IBP32UQZ0K-24", "other than letters and digits")]
    [InlineData("siren", "732829321", "check digit")]
    [InlineData("siren", "73282932", "length is 8, not 9")]
    [InlineData("siren", "73282932O", "other than digits")]
    [InlineData("siren", "٧٣٢٨٢٩٣٢٠", "other than digits")]
    [InlineData("siren", "000000000", "all zeros")]
    [InlineData("siren", "", "empty")]
    [InlineData("siren", " . ", "empty")]
    [InlineData("siren", null, "empty")]
    [InlineData("siret", "73282932000075", "its check digit")]
    [InlineData("siret", "732829320", "length is 9, not 14")]
    [InlineData("siret", "73282932100072", "SIREN in its first 9 digits")]
    [InlineData("siret", "7328293200007X", "other than digits")]
    [InlineData("wikidata", "42", "start with Q")]
    [InlineData("wikidata", "P31", "start with Q")]
    [InlineData("wikidata", "Q", "other than digits")]
    [InlineData("wikidata", "Q042", "starts with 0")]
    [InlineData("wikidata", "Q0", "starts with 0")]
    [InlineData("wikidata", "Q1234567890123456789", "too long")]
    [InlineData("osm", "way", "no '/'")]
    [InlineData("osm", "area/1", "none of node, way and relation")]
    [InlineData("osm", "way/", "other than digits")]
    [InlineData("osm", "way/-1", "other than digits")]
    [InlineData("osm", "way/1/2", "other than digits")]
    [InlineData("osm", "way/01", "starts with 0")]
    [InlineData("gem", "X100000100001", "one of the letters")]
    [InlineData("gem", "L", "other than digits")]
    [InlineData("gem", "L10000O100001", "other than digits")]
    [InlineData("os-id", "CN2021250D1DTN8", "check character")]
    [InlineData("os-id", "FR2021250D1DTN7", "check character")]
    [InlineData("os-id", "CN2021250D1DTN", "length is 14, not 15")]
    [InlineData("os-id", "C12021250D1DTN7", "country code")]
    [InlineData("os-id", "CN20212X0D1DTN7", "seven digits")]
    [InlineData("os-id", "CN2021366D1DTN7", "no such day")]
    [InlineData("os-id", "CN2021000D1DTN7", "no such day")]
    [InlineData("os-id", "CN2020367D1DTN7", "no such day")]
    [InlineData("os-id", "CN0000001D1DTN7", "no such day")]
    [InlineData("os-id", "CN2021250DIDTN7", "without I, L, O and U")]
    [InlineData("repd", "A2539", "other than digits")]
    [InlineData("repd", "02539", "starts with 0")]
    [InlineData("iso3166-1", "FRA", "not two letters")]
    [InlineData("iso3166-1", "F1", "not two letters")]
    [InlineData("iso3166-1", "ÉÉ", "not two letters")]
    [InlineData("iso3166-2", "FR-", "another form")]
    [InlineData("iso3166-2", "FR-ABCD", "another form")]
    [InlineData("iso3166-2", "FR59", "another form")]
    [InlineData("iso3166-2", "F1-59", "another form")]
    [InlineData("nuts", "F", "another form")]
    [InlineData("nuts", "FRE111", "another form")]
    [InlineData("nuts", "FR-1", "another form")]
    [InlineData("nuts", "1RE11", "another form")]
    [InlineData("insee", "5918", "has 4 characters")]
    [InlineData("insee", "20004", "2A and 2B")]
    [InlineData("insee", "20", "2A and 2B")]
    [InlineData("insee", "2C004", "no department 2C")]
    [InlineData("insee", "96001", "no department 96")]
    [InlineData("insee", "99109", "no department 99")]
    [InlineData("insee", "00", "no department 00")]
    [InlineData("insee", "97", "overseas")]
    [InlineData("insee", "591", "overseas")]
    [InlineData("insee", "979", "no department 979")]
    [InlineData("insee", "970", "no department 970")]
    [InlineData("insee", "983", "no department 983")]
    [InlineData("insee", "2A0X4", "other than digits")]
    [InlineData("insee", "9741A", "other than digits")]
    [InlineData("other", " ", "empty")]
    [InlineData("other", "a\u0000b", "control character")]
    public void A_wrong_value_is_refused_with_the_reason(string scheme, string? value, string reason)
    {
        Assert.False(Identifiers.TryNormalise(scheme, value, out var normalised, out var error));
        Assert.Null(normalised);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        if (Identifiers.Schemes.SingleOrDefault(s => s.Code == scheme) is { } known)
            Assert.EndsWith($"such as {known.Example}.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("SIREN")]
    [InlineData("my register")]
    [InlineData("é")]
    public void A_scheme_has_a_plain_name(string? scheme)
    {
        Assert.False(Identifiers.TryNormalise(scheme, "732829320", out _, out var error));
        Assert.Contains("name of a scheme", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_of_every_scheme_passes_as_it_stands()
    {
        Assert.NotEmpty(Identifiers.Schemes);
        Assert.All(Identifiers.Schemes, s =>
            Assert.True(Identifiers.TryNormalise(s.Code, s.Example, out var normalised, out _) && normalised == s.Example));
    }

    [Fact]
    public void The_leap_day_is_a_day_of_leap_years_only()
    {
        Assert.True(Passes("os-id", "FR2020366ABCDE7"));
        Assert.False(Passes("os-id", "FR2021366ABCDE8"));
        Assert.True(Passes("os-id", "FR2021365ABCDE7"));
    }

    [Fact]
    public void Exactly_one_last_digit_makes_a_siren() =>
        Gen.Int[1, 99_999_999].Sample(n =>
        {
            var sirens = LastDigits($"{n:00000000}").Where(s => Passes("siren", s)).ToList();
            Assert.Single(sirens);
            Assert.Equal(0, SumByLuhn(sirens[0]) % 10);
        });

    [Fact]
    public void A_changed_digit_of_a_siren_is_found() =>
        Gen.Select(Gen.Int[1, 99_999_999], Gen.Int[0, 8], Gen.Int[1, 9]).Sample((n, at, by) =>
        {
            var siren = LastDigits($"{n:00000000}").Single(s => Passes("siren", s));
            Assert.False(Passes("siren", Changed(siren, at, by)));
        });

    [Fact]
    public void A_changed_digit_of_a_siret_is_found() =>
        Gen.Select(Gen.Int[1, 99_999_999], Gen.Int[0, 9_999], Gen.Int[0, 13], Gen.Int[1, 9]).Sample((n, nic, at, by) =>
        {
            var siren = LastDigits($"{n:00000000}").Single(s => Passes("siren", s));
            if (siren == "356000000") return;
            var siret = LastDigits($"{siren}{nic:0000}").Single(s => Passes("siret", s));
            Assert.False(Passes("siret", Changed(siret, at, by)));
        });

    [Fact]
    public void Every_establishment_of_La_Poste_has_digits_that_add_up_to_a_multiple_of_5() =>
        Gen.Int[0, 99_999].Sample(nic =>
        {
            var siret = $"356000000{nic:00000}";
            Assert.Equal(siret.Sum(c => c - '0') % 5 == 0 || SumByLuhn(siret) % 10 == 0, Passes("siret", siret));
        });

    [Fact]
    public void Only_La_Poste_may_add_up_to_a_multiple_of_5() =>
        Gen.Int[0, 99_999].Sample(nic =>
        {
            var siret = $"732829320{nic:00000}";
            Assert.Equal(SumByLuhn(siret) % 10 == 0, Passes("siret", siret));
        });

    private static readonly Gen<string> LeiStarts = Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"].Array[18].Select(c => new string(c));

    [Fact]
    public void Exactly_one_pair_of_check_digits_makes_a_lei() => LeiStarts.Sample(
        start =>
        {
            var check = 98 - (int)(System.Numerics.BigInteger.Parse(Expanded(start) + "00") % 97);
            Assert.Equal([$"{start}{check:00}"], Enumerable.Range(0, 100).Select(n => $"{start}{n:00}").Where(s => Passes("lei", s)));
        },
        iter: 1_000);

    [Fact]
    public void A_changed_character_or_swapped_neighbours_of_a_lei_are_found() =>
        Gen.Select(LeiStarts, Gen.Int[0, 17], Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"]).Sample((start, at, c) =>
        {
            var check = 98 - (int)(System.Numerics.BigInteger.Parse(Expanded(start) + "00") % 97);
            var lei = $"{start}{check:00}".ToCharArray();
            Assert.True(Passes("lei", new string(lei)));
            var changed = (char[])lei.Clone();
            changed[at] = c;
            // One letter in place of another, or one digit of another, is always found: 97 is a prime that divides no such difference.
            if (lei[at] != c && char.IsAsciiDigit(lei[at]) == char.IsAsciiDigit(c)) Assert.False(Passes("lei", new string(changed)));
            if (at == 17 || char.IsAsciiDigit(lei[at]) != char.IsAsciiDigit(lei[at + 1]) || lei[at] == lei[at + 1]) return;
            (lei[at], lei[at + 1]) = (lei[at + 1], lei[at]);
            Assert.False(Passes("lei", new string(lei)));
        });

    [Fact]
    public void A_changed_character_of_an_os_id_is_found() =>
        Gen.Select(Gen.Int[9, 14], Gen.Char["0123456789ABCDEFGHJKMNPQRSTVWXYZ"]).Sample((at, c) =>
        {
            var id = "BD2020021QK28YZ".ToCharArray();
            var isSame = id[at] == c;
            id[at] = c;
            Assert.Equal(isSame, Passes("os-id", new string(id)));
        });

    [Fact]
    public void The_normal_form_is_its_own_normal_form_and_nothing_throws() =>
        Gen.Select(
            Gen.OneOf(Gen.OneOf([.. Identifiers.Schemes.Select(s => s.Code)]), Gen.Const("other"), Gen.String),
            Gen.OneOf(
                Gen.String,
                Gen.OneOf([.. Identifiers.Schemes.Select(s => s.Example)]),
                Gen.Char["0123456789ABQqelEL/- ."].Array[0, 21].Select(c => new string(c)),
                Gen.Select(Gen.OneOf([.. Identifiers.Schemes.Select(s => s.Example)]), Gen.Int[0, 20], Gen.Char, (s, at, c) =>
                    s.Remove(at % s.Length, 1).Insert(at % s.Length, c.ToString()))))
            .Sample(
                (scheme, value) =>
                {
                    if (!Identifiers.TryNormalise(scheme, value, out var normalised, out var error))
                    {
                        Assert.NotEmpty(error);
                        return;
                    }

                    Assert.True(Identifiers.TryNormalise(scheme, normalised, out var again, out _));
                    Assert.Equal(normalised, again);
                },
                iter: 20_000);

    private static bool Passes(string scheme, string value) => Identifiers.TryNormalise(scheme, value, out _, out _);

    private static IEnumerable<string> LastDigits(string start) => Enumerable.Range(0, 10).Select(d => $"{start}{d}");

    private static string Changed(string digits, int at, int by) =>
        string.Concat(digits.Select((c, i) => i == at ? (char)('0' + ((c - '0' + by) % 10)) : c));

    // Luhn told the other way round: every second digit from the right is doubled, and digits above 9 lose 9.
    private static int SumByLuhn(string digits) =>
        digits.Reverse().Select((c, i) => (c - '0') * (1 + (i % 2))).Sum(d => d > 9 ? d - 9 : d);

    private static string Expanded(string text) => string.Concat(text.Select(c => char.IsAsciiDigit(c) ? c - '0' : c - 'A' + 10));
}
