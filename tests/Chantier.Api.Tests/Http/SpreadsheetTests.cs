using System.Globalization;
using Chantier.Api.Http;
using Chantier.Api.Tests.Writing;

namespace Chantier.Api.Tests.Http;

/// <summary>What spreadsheets are given: no formula, whatever was written; and numbers, days and stamps as such.</summary>
public sealed class SpreadsheetTests(PostgresFixture postgres) : Curation(postgres)
{
    private static readonly string[] Names = ["=HYPERLINK(\"https://evil.example\")", "+33 1", "-1+1", "@SUM(A1)", "'=kept as it is", "''+", "'Alte Fabrik'", "a _x000D_ b", "<b>&\"</b>", "Usine é 日本"];

    [Fact]
    public async Task A_text_that_would_be_a_formula_is_none_in_CSV_and_comes_back_as_it_was()
    {
        await MakeAsync();
        var table = Csv.Read((await GetAsync("/v1/factories?format=csv&q=zz&sort=updatedAt")).Is(200).Text);

        Assert.Equal(Names, table["locality"].Select(CsvText.Unguarded));
        Assert.All(table["locality"].Concat(table["name"]), cell => Assert.DoesNotContain(cell[0], "=+-@\t\r"));
        Assert.Equal("'=HYPERLINK(\"https://evil.example\")", table["locality"][0]);
        Assert.Equal("''=kept as it is", table["locality"][4]);
        Assert.Equal("'Alte Fabrik'", table["locality"][6]);
        // A number is none, though it begins with -.
        Assert.Equal("-1.5", table["location.lon"][0]);
    }

    [Fact]
    public async Task A_workbook_has_a_frozen_header_real_numbers_and_stamps_and_no_formula()
    {
        await MakeAsync();
        var answer = (await GetAsync("/v1/factories?format=xlsx&q=zz&sort=updatedAt")).Is(200);
        Assert.Equal(Format.Xlsx.MediaType, answer.MediaType);
        Assert.Contains("factories.xlsx", answer.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.StartsWith("W/\"", answer.Header("ETag"), StringComparison.Ordinal);
        (await SendAsync("GET", "/v1/factories?format=xlsx&q=zz&sort=updatedAt", null, null, $"If-None-Match: {answer.Header("ETag")}")).Is(304);

        var (sheet, items) = (Xlsx.Read(answer.Body), await ItemsAsync("/v1/factories?q=zz&sort=updatedAt"));
        Assert.True(sheet.IsFrozen);
        Assert.False(sheet.HasFormulas);
        Assert.Equal(Names.Length + 1, sheet.Rows.Count);
        var columns = sheet.Rows[0].Select((cell, i) => (cell.Text, i)).ToDictionary(column => column.Text, column => column.i);
        Assert.Equal(Names.Select(name => ("text", name)), sheet.Rows.Skip(1).Select(row => row[columns["locality"]]));
        Assert.Equal(("number", "-1.5"), sheet.Rows[1][columns["location.lon"]]);
        Assert.Equal(("number", "1"), sheet.Rows[1][columns["phaseCount"]]);
        Assert.Equal(("empty", ""), sheet.Rows[1][columns["statusSince"]]);
        var (kind, stamp) = sheet.Rows[1][columns["updatedAt"]];
        Assert.Equal("date", kind);
        Assert.InRange(Xlsx.DateOf(stamp) - DateTime.Parse(items[0].Text("updatedAt")!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal), TimeSpan.FromMilliseconds(-1), TimeSpan.FromMilliseconds(1));
    }

    private async Task MakeAsync()
    {
        foreach (var name in Names)
        {
            var body = new System.Text.Json.Nodes.JsonObject { ["name"] = $"zz {Array.IndexOf(Names, name)}", ["locality"] = name, ["sector"] = "other", ["country"] = "GB" };
            var made = (await PostAsync("/v1/factories", body.ToJsonString())).Is(201).Json;
            if (name == Names[0])
            {
                (await PostAsync($"/v1/factories/{made.Text("slug")}/locations", $$"""{"lon":-1.5,"lat":52.5,"precision":"municipality","sources":{{Source}}}""")).Is(201);
            }
        }
    }
}
