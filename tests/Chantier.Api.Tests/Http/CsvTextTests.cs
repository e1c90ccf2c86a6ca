using Chantier.Api.Http;
using CsCheck;

namespace Chantier.Api.Tests.Http;

/// <summary>What goes into a cell of CSV comes out of it again, and is no formula on the way.</summary>
public sealed class CsvTextTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(Gen.String, Gen.Char["'=+-@\t\r\na1,\""].Array[0, 6].Select(chars => new string(chars)));

    [Fact]
    public void Every_text_survives_its_guard_and_no_cell_begins_a_formula() => Texts.Sample(text =>
    {
        var cell = CsvText.Guarded(text);
        Assert.Equal(text, CsvText.Unguarded(cell));
        Assert.False(cell.Length > 0 && "=+-@\t\r".Contains(cell[0], StringComparison.Ordinal), cell);
        Assert.True(cell == text || cell == "'" + text);
    });

    [Fact]
    public void Texts_that_are_joined_are_parted_as_they_were() =>
        Gen.Char["|\\a, "].Array[1, 5].Select(chars => new string(chars).Trim()).Where(text => text.Length > 0).Array[0, 4].Sample(texts => Assert.Equal(texts, CsvText.Parted(CsvText.Joined(texts), "|")));

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("'=1+1", "''=1+1")]
    [InlineData("''@x", "'''@x")]
    [InlineData("'Alte Fabrik'", "'Alte Fabrik'")]
    [InlineData("a=b", "a=b")]
    [InlineData("-5", "'-5")]
    [InlineData("", "")]
    [InlineData("'", "'")]
    public void A_guard_is_put_only_where_one_is_needed(string text, string cell) => Assert.Equal(cell, CsvText.Guarded(text));
}
