using System.Text;
using Chantier.Api.Imports;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Imports;

/// <summary>Files as they come: each fault is named with its row, column, value and rule, or refuses the whole; nothing is half-applied.</summary>
public sealed class BadFileTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Header = "id;name;country;status;date;mw;lon;lat\n";

    private const string MappingText = """
        {
          "name": "test",
          "factory": {
            "identifier": { "scheme": "os-id-free", "columns": ["id"] },
            "name": { "columns": ["name"] }, "sector": { "constant": "other" }, "country": { "columns": ["country"] }
          },
          "location": { "x": { "columns": ["lon"] }, "y": { "columns": ["lat"] } },
          "events": [{ "id": "status", "status": { "columns": ["status"] }, "date": { "columns": ["date"] } }],
          "figures": [{ "id": "capacity", "property": { "constant": "capacity" }, "value": { "columns": ["mw"] }, "unit": { "constant": "MW" } }]
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("chantier-import-").FullName;
    private string _database = "";
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.SeededAsync("regions", Token);
        _source = TestDatabases.Source(_database);
        await using var connection = await _source.OpenConnectionAsync(Token);
        await connection.ExecuteAsync("insert into identifier_scheme (code) values ('os-id-free')");
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("1;A;FR;operating;01/02/2024;1;;", "date", "01/02/2024", "date", "2024-02-01 if the day came first")]
    [InlineData("1;A;FR;operating;2024-13;1;;", "date", "2024-13", "date", "accepted are")]
    [InlineData("1;A;FR;operating;2024;1,5;;", "mw", "1,5", "number", "\"decimal\": \",\"")]
    [InlineData("1;A;FR;operating;2024;1.234.567;;", "mw", "1.234.567", "number", "nothing between thousands")]
    [InlineData("1;A;FR;operating;2024;-3;;", "mw", "-3", "number", "negative")]
    [InlineData("1;A;FR;open;2024;1;;", "status", "open", "status", "under_construction")]
    [InlineData("1;A;France;operating;2024;1;;", "country", "France", "country", "two letters")]
    [InlineData("1;;FR;operating;2024;1;;", "name", "", "required", "needs a name")]
    [InlineData(";A;FR;operating;2024;1;;", "id", "", "required", "identifier")]
    [InlineData("1;A;FR;operating;2024;1;49.8;2.3", "lon, lat", "49.8 2.3", "coordinates", "swapped")]
    [InlineData("1;A;FR;operating;2024;1;13.4;52.5", "lon, lat", "13.4 52.5", "coordinates", "Germany")]
    [InlineData("1;A;FR;operating;2024;1;0;0", "lon, lat", "0 0", "coordinates", "0, 0")]
    [InlineData("1;A;FR;operating;2024;1;200;48", "lon, lat", "200 48", "coordinates", "-180")]
    [InlineData("1;A;FR;operating;2024;1;2.3;", "lat", "", "coordinates", "both")]
    [InlineData("1;A;FR;operating;2024;1;;;x;y", "", "", "row", "10 cells")]
    [InlineData("1;A;FR", "", "", "row", "3 cells")]
    public async Task A_row_that_is_not_accepted_is_rejected_by_name_and_the_others_are_taken(string row, string column, string value, string rule, string detail)
    {
        var (summary, report) = await ImportAsync(Text($"{Header}{row}\n2;B;FR;operating;2024;1;2.3;48.8\n"));

        Assert.Equal((2, 1, 1), (summary.Rows, summary.Created, summary.Rejected));
        var rejected = Assert.Single(report.Rows, r => r[1] == "rejected");
        Assert.Equal(("2", column, value, rule), (rejected[0], rejected[5], rejected[6].TrimStart('\''), rejected[7]));
        Assert.Contains(detail, rejected[8], StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync("factory"));
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_row_is_told()
    {
        var (summary, report) = await ImportAsync(Text($"{Header};;France;operating;01/02/2024;-3;200;48\n2;B;FR;operating;2024;1;2.3;48.8\n"));

        Assert.Equal((2, 1, 1), (summary.Rows, summary.Created, summary.Rejected));
        Assert.Equal(["rejected", "wrong", "wrong", "wrong", "wrong", "wrong"], report.Rows.Where(r => r[0] == "2").Select(r => r[1]));
        Assert.Equal(["country", "date", "id", "lon, lat", "mw", "name"], report.Rows.Where(r => r[0] == "2").Select(r => r[5]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("A\u0007")]
    [InlineData("A\u001b[31m")]
    [InlineData("A\u202eFR")]
    public async Task Text_that_does_not_read_as_it_is_is_rejected_as_the_API_refuses_it(string name)
    {
        var (summary, report) = await ImportAsync(Text($"{Header}1;{name};FR;operating;2024;1;;\n"));

        Assert.Equal((1, 0), (summary.Rejected, summary.Created));
        Assert.Equal(("rejected", "name", "characters"), (report.Rows[0][1], report.Rows[0][5], report.Rows[0][7]));
    }

    [Theory]
    [InlineData("""{"a":[1,2]}""", """{"a":[1,2]}""", "is an object")]
    [InlineData("""["A","B"]""", "A|B", "is a list")]
    [InlineData("""[{"a":1}]""", """{"a":1}""", "is an object")]
    public async Task An_object_or_a_list_is_no_text(string name, string shown, string detail)
    {
        var (summary, report) = await ImportAsync(Text($$"""{"id":"1","name":{{name}},"country":"FR"}"""), "one.ndjson");

        Assert.Equal((1, 0), (summary.Rejected, summary.Created));
        Assert.Equal(("name", shown, "type"), (report.Rows[0][5], report.Rows[0][6], report.Rows[0][7]));
        Assert.Contains(detail, report.Rows[0][8], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feature_that_is_too_large_costs_itself_alone()
    {
        static string Feature(int id, string more) => $$$"""{"type":"Feature","id":"{{{id}}}","geometry":null,"properties":{"name":"A{{{id}}}","country":"FR"{{{more}}}}}""";
        var large = $",\"outline\":[{string.Join(',', Enumerable.Repeat("[2.25,48.5]", 3_200_000))}]";

        var (summary, report) = await ImportAsync(Text($"{{\"type\":\"FeatureCollection\",\"features\":[{Feature(1, "")},{Feature(2, large)},{Feature(3, "")}]}}"), "large.geojson");

        Assert.Equal((3, 2, 1), (summary.Rows, summary.Created, summary.Rejected));
        Assert.Contains(report.Rows, r => r is ["2", "rejected", ..] && r[8].Contains("32000000 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Regions_that_contradict_are_told_and_kept_and_without_a_region_or_a_place_it_is_the_country()
    {
        var mapping = MappingText.Replace("\"country\": {", "\"region\": { \"columns\": [\"date\"] }, \"country\": {", StringComparison.Ordinal).Replace(", \"date\": { \"columns\": [\"date\"] }", "", StringComparison.Ordinal);
        var text = Text($"{Header}1;A;FR;;baviere;;;\n2;B;FR;;finistere;;3.16;46.99\n3;C;FR;;nievre;;3.16;46.99\n4;D;PT;;;;;\n5;E;PT;;;;-8.6;41.15\n6;F;PT;;;;-12;39\n");

        var (summary, report) = await ImportAsync(text, mapping: mapping);
        var (again, _) = await ImportAsync(text, mapping: mapping);

        Assert.Equal((6, 0, 2, 0), (summary.Created, summary.Rejected, summary.Remarks, again.Changes));
        Assert.Contains(report.Rows, r => r is ["2", "remark", _, _, _, "date", "baviere", "region", _] && r[8].Contains("Bavaria, which lies in Germany", StringComparison.Ordinal) && r[8].Contains("France", StringComparison.Ordinal));
        Assert.Contains(report.Rows, r => r is ["3", "remark", _, _, _, "date, lon, lat", "finistere 3.16 46.99", "region", _] && r[8].Contains("Nièvre", StringComparison.Ordinal) && r[8].Contains("Finistère", StringComparison.Ordinal));
        await using var connection = await _source.OpenConnectionAsync(Token);
        var regions = (await connection.QueryAsync<string>(
            "select r.slug from factory_current f left join region r on r.id = f.region_id order by f.name")).AsList();
        Assert.Equal(["baviere", "finistere", "nievre", "portugal", "portugal"], regions.Where((_, i) => i != 4));
        Assert.NotEqual("portugal", regions[4]);
    }

    [Fact]
    public async Task What_is_published_ahead_of_today_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(Text($"{Header}1;A;FR;operating;2024;1;;\n"), with: r => r with { Source = new() { Source = "s", Published = "2099" } }));

        Assert.Equal("published", refused.Option);
        Assert.Contains("2099, lies ahead", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_rows_under_one_identifier_the_first_stands_and_a_repeated_row_is_one()
    {
        var (summary, report) = await ImportAsync(Text($"{Header}1;A;FR;operating;2024;1;;\n1;B;FR;operating;2024;1;;\n2;C;FR;operating;2024;1;;\n2;C;FR;operating;2024;1;;\n"));

        Assert.Equal((4, 2, 1, 1), (summary.Rows, summary.Created, summary.Rejected, summary.Unchanged));
        Assert.Contains(report.Rows, r => r is ["3", "rejected", "1", _, _, "id", "1", "duplicate", var why] && why.Contains("row 2", StringComparison.Ordinal));
        Assert.Contains(report.Rows, r => r is ["5", "remark", "2", ..] && r[8].Contains("row 4", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cut.csv", "id;name\n1;A\n2;\"B", "cut short")]
    [InlineData("cut.csv", "id;name;country;status;date;mw;lon;lat\n1;A;FR;operating;2024;1;;\n2;B;F", "cut short")]
    [InlineData("other.csv", "a;b\n1;2\n", "none of the columns")]
    [InlineData("twice.csv", "id;id\n1;2\n", "stands twice")]
    [InlineData("empty.csv", "", "empty")]
    [InlineData("header.csv", "id;name;country;status;date;mw;lon;lat\n", "no rows")]
    [InlineData("none.ndjson", "\n\n", "no rows")]
    [InlineData("none.geojson", "{\"type\":\"FeatureCollection\",\"features\":[]}", "no rows")]
    [InlineData("cut.ndjson", "{\"id\":1,\"name\":\"A\",\"country\":\"FR\"}\n{\"id\":2,\"na", "cut short")]
    [InlineData("not.ndjson", "id;name\n1;A\n", "not NDJSON")]
    [InlineData("not.geojson", "id;name\n1;A\n", "not GeoJSON")]
    [InlineData("list.geojson", "[1, 2]", "not GeoJSON")]
    [InlineData("cut.geojson", "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"id\":1}},{\"type\":\"Fea", "cut short")]
    [InlineData("what.xml", "<a/>", "geojson")]
    public async Task A_file_that_is_not_what_it_says_is_refused_whole(string name, string text, string reason)
    {
        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(Encoding.UTF8.GetBytes(text), name));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("factory") + await CountAsync("import_staged_row") + await CountAsync("import_problem") + await CountAsync("import"));
    }

    [Theory]
    [InlineData(new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0 }, "gzip")]
    [InlineData(new byte[] { 0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0 }, "ZIP")]
    [InlineData(new byte[] { 65, 66, 0, 67, 68, 69, 70, 71 }, "value 0")]
    [InlineData(new byte[] { 0xc3, 0x28, 0x81, 0x8d, 59, 65, 10, 10 }, "neither UTF-8 nor Windows-1252")]
    public async Task What_is_packed_or_no_text_is_said_to_be_so(byte[] bytes, string reason)
    {
        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(bytes));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("import"));
    }

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("windows-1252", false)]
    public async Task Encodings_are_told_by_the_bytes(string encoding, bool hasMark)
    {
        var with = encoding == "windows-1252" ? CodePagesEncodingProvider.Instance.GetEncoding(1252)! : Encoding.GetEncoding(encoding);
        var text = with.GetBytes($"{Header}1;Usine d'Œuilly-sur-Épée;FR;operating;2024;1;;\n");

        await ImportAsync(hasMark ? [.. with.GetPreamble(), .. text] : text);

        await using var connection = await _source.OpenConnectionAsync(Token);
        Assert.Equal("Usine d'Œuilly-sur-Épée", await connection.QuerySingleAsync<string>("select name from factory_version"));
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public async Task Delimiters_are_told_by_the_header(char delimiter)
    {
        var (summary, _) = await ImportAsync(Text($"{Header}1;\"A; B, C\tD|E\";FR;operating;2024;1;;\n".Replace("A; B", "A B", StringComparison.Ordinal).Replace(';', delimiter)));

        Assert.Equal(1, summary.Created);
    }

    [Fact]
    public async Task A_cell_of_ten_megabytes_rejects_its_row_and_keeps_nothing_of_it()
    {
        var (summary, report) = await ImportAsync(Text($"{Header}1;{new string('x', 10_000_000)};FR;operating;2024;1;;\n2;B;FR;operating;2024;1;;\n"));

        Assert.Equal((2, 1, 1), (summary.Rows, summary.Created, summary.Rejected));
        Assert.Contains(report.Rows, r => r is ["2", "rejected", ..] && r[8].Contains("100000 characters", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_of_a_row_is_kept_whatever_the_length_of_the_file()
    {
        var path = Path.Combine(_folder, "long.csv");
        await using (var file = new StreamWriter(path))
        {
            await file.WriteAsync(Header);
            for (var i = 0; i < 300_000; i++)
            {
                await file.WriteAsync($"{i};Factory of many words and more {i};FR;operating;2024;1;;\n");
            }
        }

        var mapping = Mapping.Parse(Text(MappingText), "test");
        var wanted = MappingRules.Columns(mapping);
        using var rows = RowFile.Open(new() { File = path, Mapping = mapping }, wanted);
        await using var connection = await _source.OpenConnectionAsync(Token);
        var map = new MapRows(mapping, new(new HashSet<string> { "other" }, new HashSet<string> { "MW" }, await PlaceBook.ReadAsync(connection, Token)), wanted, "s", null, new(2024, 1, 1));
        // Not how much memory is in use, which is other tests' too: whether anything still holds what was read.
        var read = new List<WeakReference>();
        for (var i = 0; await rows.NextAsync(Token) is { } row; i++)
        {
            var staged = map.Map(row);
            if (i % 1000 == 0)
            {
                read.Add(new(staged));
                read.Add(new(row.Cells.MaxBy(cell => cell?.Length)));
            }
        }

        GC.Collect();
        Assert.Equal(600, read.Count);
        Assert.InRange(read.Count(r => r.IsAlive), 0, 2);
    }

    [Fact]
    public async Task A_dry_run_reports_the_same_and_changes_nothing()
    {
        var text = Text($"{Header}1;A;FR;operating;2024;1;2.3;48.8\n2;B;FR;open;2024;1;;\n1;C;FR;operating;2024;1;;\n");

        var (tried, triedReport) = await ImportAsync(text, with: r => r with { IsDryRun = true });
        Assert.Equal(0, await CountAsync("factory") + await CountAsync("import") + await CountAsync("import_row") + await CountAsync("import_problem") + await CountAsync("source where slug = 's'"));
        var (done, doneReport) = await ImportAsync(text);

        Assert.Equal(done with { Import = null, Staged = default, Locked = default, Notes = [] }, tried with { Staged = default, Locked = default, Notes = [] });
        Assert.Equal(doneReport.Rows, triedReport.Rows);
    }

    [Fact]
    public async Task What_the_database_refuses_costs_its_part_alone_where_parts_are_asked_for()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        await connection.ExecuteAsync("alter table factory_version add constraint not_b check (name <> 'B')");
        var text = Text($"{Header}1;A;FR;operating;2024;1;;\n2;B;FR;operating;2024;1;;\n3;C;FR;operating;2024;1;;\n");

        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(text));
        Assert.Contains("not_b", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("factory") + await CountAsync("import_staged_row"));
        var (summary, _) = await ImportAsync(text, with: r => r with { Chunk = 1 });

        Assert.Equal((3, 2, 1), (summary.Rows, summary.Created, summary.Rejected));
        Assert.Equal(["A", "C"], await connection.QueryAsync<string>("select name from factory_version order by name"));
    }

    [Theory]
    [InlineData("\"wrong\": \"reject\"", "\"wrong\": \"perhaps\"", "reject, omit")]
    [InlineData("\"name\": \"test\"", "\"name\": \"test\", \"nmae\": 1", "nmae")]
    [InlineData("\"scheme\": \"os-id-free\"", "\"scheme\": \"none\"", "wikidata")]
    [InlineData("\"id\": \"status\"", "\"id\": \"capacity\"", "stands twice")]
    [InlineData("\"columns\": [\"id\"]", "\"colums\": [\"id\"]", "/factory/identifier/colums is not a field here; accepted are columns, scheme.")]
    [InlineData("\"columns\": [\"id\"]", "\"columns\": 1", "/factory/identifier/columns is '1'; it accepts an array.")]
    [InlineData("\"scheme\": \"os-id-free\", ", "", "/factory/identifier lacks scheme")]
    [InlineData("\"scheme\":", "\"scheme\"", "well-formed JSON at line 4")]
    public async Task A_mapping_that_means_nothing_is_refused(string there, string instead, string reason)
    {
        var text = MappingText.Replace("\"name\": \"test\",", "\"name\": \"test\", \"wrong\": \"reject\",", StringComparison.Ordinal).Replace(there, instead, StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(Text($"{Header}1;A;FR;operating;2024;1;;\n"), mapping: text));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Chantier.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NDJSON_and_GeoJSON_say_what_CSV_says()
    {
        await ImportAsync(Text("""
            {"id":"1","name":"A","country":"FR","status":"operating","date":"2024","mw":1.5,"lon":2.3,"lat":48.8}
            {"id":"2","name":"B","country":"FR"}
            """), "two.ndjson");
        var mapping = MappingText.Replace("\"x\": { \"columns\": [\"lon\"] }, \"y\": { \"columns\": [\"lat\"] }", "\"point\": { \"columns\": [\"geometry\"] }", StringComparison.Ordinal);
        var (again, _) = await ImportAsync(Text("""
            { "type": "FeatureCollection", "name": "x", "features": [
              { "type": "Feature", "id": "1", "geometry": { "type": "Point", "coordinates": [2.3, 48.8] }, "properties": { "name": "A", "country": "FR", "status": "operating", "date": "2024", "mw": 1.5 } },
              { "type": "Feature", "id": "2", "geometry": null, "properties": { "name": "B", "country": "FR" } } ], "more": { "a": [1, 2] } }
            """), "two.geojson", mapping);

        Assert.Equal((2, 2, 0), (again.Rows, again.Unchanged, again.Changes));
    }

    [Fact]
    public async Task Figures_have_a_scope_and_the_date_for_which_they_hold()
    {
        var mapping = MappingText.Replace(
            "\"unit\": { \"constant\": \"MW\" }",
            "\"unit\": { \"constant\": \"MW\" }, \"scope\": { \"columns\": [\"status\"] }, \"forDate\": { \"columns\": [\"date\"] }",
            StringComparison.Ordinal).Replace("\"status\": { \"columns\": [\"status\"] }", "\"status\": { \"constant\": \"announced\" }", StringComparison.Ordinal);

        var (summary, report) = await ImportAsync(Text($"{Header}1;A;FR;part;2030;1;;\n2;B;FR;;;2;;\n3;C;FR;most;2030;3;;\n"), mapping: mapping);

        Assert.Equal((2, 1), (summary.Created, summary.Rejected));
        Assert.Contains(report.Rows, r => r is ["4", "rejected", _, _, _, "status", "most", "scope", _]);
        await using var connection = await _source.OpenConnectionAsync(Token);
        Assert.Equal(
            ["1 part 2030 2030-01-01 2030-12-31", "2 whole"],
            await connection.QueryAsync<string>("""
                select concat_ws(' ', trim_scale(value), scope, for_date, for_date_earliest, for_date_latest) from figure order by value
                """));
    }

    [Fact]
    public async Task Path_with_an_index_reads_one_item_of_a_list_and_in_a_table_the_plain_column()
    {
        var mapping = MappingText.Replace("[\"mw\"]", "[\"sizes.0.mw\"]", StringComparison.Ordinal);

        var (list, _) = await ImportAsync(Text("""
            {"id":"1","name":"A","country":"FR","sizes":[{"mw":1.5},{"mw":30}]}
            {"id":"2","name":"B","country":"FR","sizes":[{"mw":null},{"mw":30}]}
            {"id":"3","name":"C","country":"FR","sizes":[]}
            """), "sizes.ndjson", mapping);
        var (table, _) = await ImportAsync(Text("id;name;country;sizes.mw\n1;A;FR;1.5\n2;B;FR;\n3;C;FR;\n"), "sizes.csv", mapping);

        Assert.Equal((3, 0), (list.Created, list.Rejected));
        Assert.Equal((3, 0), (table.Unchanged, table.Changes));
        await using var connection = await _source.OpenConnectionAsync(Token);
        Assert.Equal(1.5m, await connection.QuerySingleAsync<decimal>("select value from figure"));
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private async Task<(ImportSummary Summary, Http.Csv Report)> ImportAsync(byte[] bytes, string name = "file.csv", string mapping = MappingText, Func<ImportRequest, ImportRequest>? with = null)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllBytesAsync(path, bytes, Token);
        using var report = new StringWriter();
        var request = new ImportRequest { File = path, Mapping = Mapping.Parse(Text(mapping), "test"), Source = new() { Source = "s", Published = "2024-06-30" }, Report = report };
        var summary = await ImportFile.RunAsync(_database, with?.Invoke(request) ?? request, progress: null, Token);
        return (summary, Http.Csv.Read(report.ToString()));
    }

    private async Task<long> CountAsync(string from)
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        return await connection.QuerySingleAsync<long>($"select count(*) from {from}");
    }
}
