using System.Globalization;
using System.Text.Json;
using Chantier.Api.Http;

namespace Chantier.Api.Tests.Http;

/// <summary>The same list in every format, and what is asked for by Accept, format, fields and include.</summary>
public sealed class FormatTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    private Ask Ask => world.Ask;

    public static TheoryData<string> Lists => new(
        "/v1/factories", "/v1/regions/arcadie/factories", "/v1/operators/elan/factories", "/v1/factories/acierie-elan/status-events", "/v1/factories/acierie-elan/figures",
        "/v1/factories/acierie-elan/phases", "/v1/factories/acierie-elan/media", "/v1/factories/acierie-elan/sources", "/v1/factories/acierie-elan/changes", "/v1/operators",
        "/v1/regions", "/v1/regions/arcadie/children", "/v1/statuses", "/v1/status-events", "/v1/media", "/v1/sources", "/v1/sources/registre-2023/claims", "/v1/lookup?identifier=wikidata:Q101");

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Every_list_says_the_same_in_every_format(string path)
    {
        var and = path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        var json = (await Ask.GetAsync(path)).Is(200);
        var lines = (await Ask.GetAsync($"{path}{and}format=ndjson")).Is(200);
        var csv = (await Ask.GetAsync($"{path}{and}format=csv")).Is(200);
        var table = Csv.Read(csv.Text);
        var book = Xlsx.Read((await Ask.GetAsync($"{path}{and}format=xlsx")).Is(200).Body);

        Assert.Equal("application/json", json.MediaType);
        Assert.Equal("application/x-ndjson", lines.MediaType);
        Assert.Equal("text/csv; charset=utf-8; header=present", csv.Header("Content-Type"));
        Assert.NotEmpty(json.Items);
        Assert.EndsWith("\n", lines.Text, StringComparison.Ordinal);
        Assert.Equal(json.Items.Select(item => item.GetRawText()), lines.Text.Split('\n')[..^1]);
        Assert.Equal(json.Items.Length, table.Rows.Count);
        for (var i = 0; i < table.Rows.Count; i++)
        {
            foreach (var (column, value) in table.Header.Zip(table.Rows[i]))
            {
                var member = json.Items[i];
                Assert.True(Flat(member, column) == CsvText.Unguarded(value), $"{path}: {column} of #{i} is '{value}' in CSV and '{Flat(member, column)}' in JSON.");
            }

            Assert.Equal(table.Rows[i].Select(CsvText.Unguarded), book.Rows[i + 1].Zip(table.Rows[i], InSheet));
        }

        Assert.True(book.IsFrozen);
        Assert.Equal(table.Header, book.Rows[0].Select(cell => cell.Text));
        Assert.Equal(table.Rows.Count + 1, book.Rows.Count);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task The_columns_of_a_table_are_fixed_whatever_the_data(string path)
    {
        var and = path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        var all = Csv.Read((await Ask.GetAsync($"{path}{and}format=csv")).Is(200).Text);
        var one = Csv.Read((await Ask.GetAsync($"{path}{and}format=csv&limit=1")).Is(200).Text);

        Assert.Equal(all.Header, one.Header);
        Assert.Equal(all.Header.Length, all.Header.Distinct().Count());
        Assert.Single(one.Rows);
        if (path == "/v1/factories")
        {
            Assert.Equal(all.Header, Csv.Read((await Ask.GetAsync("/v1/factories?format=csv&status=dismantled")).Is(200).Text).Header);
            Assert.Equal(
                "slug,name,sector,products,country,region.slug,region.name,locality,location.lon,location.lat,location.precision,location.uncertaintyMetres,operators,operators.name,operators.role,status,stage,statusSince,"
                + "statusDateMeaning,statusBasis,lastConfirmedOn,capacity.value,capacity.min,capacity.max,capacity.word,capacity.unit,capacity.qualifier,capacity.product,capacityBasis,capacityIsPartial,phaseCount,mediaCount,"
                + "sourceCount,distanceKm,version,updatedAt",
                string.Join(',', all.Header));
        }
    }

    [Fact]
    public async Task Commas_quotes_and_line_ends_survive_a_table()
    {
        var table = Csv.Read((await Ask.GetAsync("/v1/factories?format=csv&slug=virgule,acierie-elan")).Is(200).Text);

        Assert.Equal(["Aciérie Élan", "Usine \"Virgule\", sœur"], table["name"]);
        Assert.Equal(["Châtillon", "Quai \"B\",\r\nporte 3\nau fond"], table["locality"]);
        Assert.Equal(["elan|fonds|etat", ""], table["operators"]);
        Assert.Equal(["2.38", ""], table["location.lon"]);
        Assert.Equal(["2025-04-10T10:00:00.000000Z", "2025-01-10T10:00:00.000000Z"], table["updatedAt"]);
        Assert.Equal("Usine \"Virgule\", sœur", (await Ask.JsonAsync("/v1/factories/virgule")).Text("name"));
        Assert.Contains("iso3166-1:AC|wikidata:Q201", Csv.Read((await Ask.GetAsync("/v1/regions?format=csv&slug=arcadie")).Is(200).Text)["codes"]);
    }

    [Theory]
    [InlineData("/v1/factories")]
    [InlineData("/v1/factories?include=phases,operators,statusEvents,figures,media,sources,evidence,regions")]
    [InlineData("/v1/factories?fields=name")]
    [InlineData("/v1/factories?knownAt=2025-03-31&asOf=2020")]
    [InlineData("/v1/factories?near=2.4,47.5&radiusKm=2000")]
    [InlineData("/v1/regions/arcadie/factories")]
    [InlineData("/v1/operators/elan/factories")]
    [InlineData("/v1/regions")]
    [InlineData("/v1/regions?knownAt=2025-03-31&fields=slug")]
    [InlineData("/v1/regions/arcadie/children")]
    public async Task Maps_are_valid_by_rfc_7946(string path)
    {
        var answer = (await Ask.GetAsync(path, "Accept: application/geo+json")).Is(200);
        var features = GeoJsonRules.Features(answer.Json);
        var items = (await Ask.ItemsAsync(path));

        Assert.Equal("application/geo+json", answer.MediaType);
        Assert.Equal(items.Select(item => item.GetRawText()), features.Select(feature => feature.GetProperty("properties").GetRawText()));
        Assert.All(new[] { "page", "asOf", "knownAt" }, member => Assert.True(answer.Json.TryGetProperty(member, out _)));
    }

    [Fact]
    public async Task What_has_no_known_place_has_a_null_geometry_and_the_rest_its_own()
    {
        var features = GeoJsonRules.Features(await Ask.JsonAsync("/v1/factories?format=geojson")).ToDictionary(feature => feature.Text("id")!, feature => feature.GetProperty("geometry"));
        Assert.Equal(JsonValueKind.Null, features["virgule"].ValueKind);
        Assert.Equal("""{"type":"Point","coordinates":[179.5,-17]}""", features["fidji-est"].GetRawText());
        Assert.Equal(7, features.Values.Count(geometry => geometry.ValueKind == JsonValueKind.Object));

        var regions = GeoJsonRules.Features(await Ask.JsonAsync("/v1/regions?format=geojson")).ToDictionary(feature => feature.Text("id")!, feature => feature.GetProperty("geometry"));
        Assert.Equal(("Polygon", "MultiPolygon"), (regions["arcadie"].Text("type"), regions["fidji"].Text("type")));
        Assert.Equal(JsonValueKind.Null, regions["desert"].ValueKind);
        Assert.Equal("[177,-20,-178,-15]", (await Ask.ItemsAsync("/v1/regions?slug=fidji"))[0].Text("bbox"));
    }

    [Theory]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("text/*", "text/csv")]
    [InlineData("text/html, */*;q=0.1", "application/json")]
    [InlineData("application/geo+json", "application/geo+json")]
    [InlineData("application/json;q=0.5, text/csv", "text/csv")]
    [InlineData("application/json;q=0.5, text/csv;q=0.4", "application/json")]
    [InlineData("application/json;q=0, */*", "application/geo+json")]
    [InlineData("*/*;q=0.2, application/x-ndjson;q=0.3", "application/x-ndjson")]
    [InlineData("text/csv;q=0.001, application/xml", "text/csv")]
    [InlineData("application/xml;q=0.9, application/json;q=0.8", "application/json")]
    [InlineData("APPLICATION/GEO+JSON", "application/geo+json")]
    public async Task Accept_chooses_the_format_by_its_weights(string accept, string mediaType) =>
        Assert.Equal(mediaType, (await Ask.GetAsync("/v1/factories", $"Accept: {accept}")).Is(200).MediaType);

    [Theory]
    [InlineData("application/xml")]
    [InlineData("text/html")]
    [InlineData("application/json;q=0")]
    [InlineData("*/*;q=0")]
    public async Task What_is_not_served_is_not_acceptable(string accept)
    {
        (await Ask.GetAsync("/v1/factories", $"Accept: {accept}")).IsProblem(406);
        (await Ask.GetAsync("/v1/factories/acierie-elan", $"Accept: {accept}")).IsProblem(406);
    }

    [Fact]
    public async Task A_map_is_offered_where_there_are_places_and_nowhere_else()
    {
        (await Ask.GetAsync("/v1/operators", "Accept: application/geo+json")).IsProblem(406);
        (await Ask.GetAsync("/v1/operators?format=geojson")).Blames("format");
        (await Ask.GetAsync("/v1/factories/acierie-elan", "Accept: text/csv")).IsProblem(406);
        (await Ask.GetAsync("/v1/factories/acierie-elan?format=json")).Blames("format");
    }

    [Theory]
    [InlineData("json", "application/json")]
    [InlineData("geojson", "application/geo+json")]
    [InlineData("csv", "text/csv")]
    [InlineData("ndjson", "application/x-ndjson")]
    public async Task The_parameter_goes_before_the_header(string format, string mediaType) =>
        Assert.Equal(mediaType, (await Ask.GetAsync($"/v1/factories?format={format}", "Accept: application/xml")).Is(200).MediaType);

    [Theory]
    [InlineData("xml")]
    [InlineData("JSON")]
    [InlineData("json,csv")]
    public async Task An_unknown_format_is_refused(string format) => (await Ask.GetAsync($"/v1/factories?format={format}")).Blames("format");

    [Theory]
    [InlineData("phases", "/v1/factories/{slug}/phases")]
    [InlineData("statusEvents", "/v1/factories/{slug}/status-events")]
    [InlineData("figures", "/v1/factories/{slug}/figures")]
    [InlineData("media", "/v1/factories/{slug}/media")]
    [InlineData("sources", "/v1/factories/{slug}/sources")]
    [InlineData("evidence", "/v1/sources/{slug}/claims")]
    public async Task What_cannot_be_embedded_in_a_table_names_where_it_is_listed(string include, string endpoint)
    {
        foreach (var path in new[] { "/v1/factories", "/v1/regions/arcadie/factories", "/v1/operators/elan/factories" })
        {
            Assert.Contains(endpoint, (await Ask.GetAsync($"{path}?format=csv&include={include}")).Blames("include").Text, StringComparison.Ordinal);
        }

        if (include == "evidence")
        {
            foreach (var path in new[] { "/v1/status-events", "/v1/factories/acierie-elan/status-events", "/v1/factories/acierie-elan/figures" })
            {
                Assert.Contains(endpoint, (await Ask.GetAsync($"{path}?include=evidence", "Accept: text/csv")).Blames("include").Text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Fields_are_those_asked_for_in_every_format()
    {
        const string Fields = "fields=status,slug,location,operators";
        Assert.Equal(["slug", "location", "operators", "status"], (await Ask.ItemsAsync($"/v1/factories?{Fields}"))[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal(["slug", "location", "operators", "status"], (await Ask.JsonAsync($"/v1/factories/acierie-elan?{Fields}")).EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ["slug", "location.lon", "location.lat", "location.precision", "location.uncertaintyMetres", "operators", "operators.name", "operators.role", "status"],
            Csv.Read((await Ask.GetAsync($"/v1/factories?format=csv&{Fields}")).Is(200).Text).Header);
        Assert.Equal(
            ["slug", "location", "operators", "status"],
            GeoJsonRules.Features(await Ask.JsonAsync($"/v1/factories?format=geojson&{Fields}"))[0].GetProperty("properties").EnumerateObject().Select(member => member.Name));
        Assert.StartsWith("{\"slug\":\"acierie-elan\",\"status\":\"operating\"}\n", (await Ask.GetAsync("/v1/factories?format=ndjson&fields=slug&fields=status")).Is(200).Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_field_that_is_not_there_is_refused_with_those_that_are(string path)
    {
        var and = path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        var refused = (await Ask.GetAsync($"{path}{and}fields=nothing")).Blames("fields");
        var accepted = refused.Json.List("errors")[0].Text("detail")!;

        Assert.All((await Ask.ItemsAsync(path))[0].EnumerateObject(), member => Assert.Contains(member.Name, accepted, StringComparison.Ordinal));
        // Only a write answers with warnings.
        Assert.DoesNotContain("warnings", accepted, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_are_in_the_language_asked_for()
    {
        async Task<string?> Name(string query, params string[] headers) => (await Ask.ItemsAsync($"/v1/regions?slug=val-d-or{query}", headers))[0].Text("name");

        Assert.Equal("Gold Valley", await Name(""));
        Assert.Equal("Val d'Or", await Name("&lang=fr"));
        Assert.Equal("Val d'Or", await Name("", "Accept-Language: fr-FR, en;q=0.5"));
        Assert.Equal("Gold Valley", await Name("", "Accept-Language: fr;q=0.4, en;q=0.5"));
        Assert.Equal("Val d'Or", await Name("", "Accept-Language: de, fr;q=0.1"));
        Assert.Equal("Gold Valley", await Name("", "Accept-Language: de"));
        Assert.Equal("Gold Valley", await Name("&lang=en", "Accept-Language: fr"));
        Assert.Equal("En activité", (await Ask.ItemsAsync("/v1/statuses?lang=fr")).First(term => term.Text("code") == "operating").Text("label"));
        Assert.Equal("Haute-Arcadie", (await Ask.ItemsAsync("/v1/factories?slug=futur&lang=fr"))[0].Text("region.name"));
        Assert.Equal("Upper Arcadia", (await Ask.ItemsAsync("/v1/factories?slug=futur&asOf=2024"))[0].Text("region.name"));
        (await Ask.GetAsync("/v1/regions?lang=de")).Blames("lang");
    }

    /// <summary>What a cell of a sheet says, spelled as the table spells it where both say the same.</summary>
    private static string InSheet((string Kind, string Text) cell, string said) => cell.Kind switch
    {
        "date" when DateTime.TryParse(said, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at) && (Xlsx.DateOf(cell.Text) - at).Duration() < TimeSpan.FromMilliseconds(2) => said,
        "number" when double.Parse(cell.Text, CultureInfo.InvariantCulture) == double.Parse(said, CultureInfo.InvariantCulture) => said,
        _ => cell.Text,
    };

    /// <summary>What a column shows of an item: a nested scalar, a list of codes or of what each thing says, or the value itself.</summary>
    private static string? Flat(JsonElement item, string column)
    {
        foreach (var name in column.Split('.'))
        {
            if (item.ValueKind == JsonValueKind.Array)
            {
                return string.Join('|', item.EnumerateArray().Select(thing => thing.Text(name)));
            }

            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
            {
                return "";
            }
        }

        return item.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => item.GetString(),
            JsonValueKind.Array => string.Join('|', item.EnumerateArray().Select(Code)),
            JsonValueKind.Object => string.Join('|', item.EnumerateObject().Select(member => $"{member.Name}:{member.Value.GetString()}")),
            _ => item.GetRawText(),
        };
    }

    private static string Code(JsonElement element) => element.ValueKind != JsonValueKind.Object
        ? element.ToString()
        : element.Text("slug") ?? $"{element.Text("scheme")}:{element.Text("value")}";
}
