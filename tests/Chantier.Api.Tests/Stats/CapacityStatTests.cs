namespace Chantier.Api.Tests.Stats;

/// <summary>Sums of capacity, jobs and investment, compared with sums worked out by hand.</summary>
public sealed class CapacityStatTests(PostgresFixture postgres) : FourFactories(postgres)
{
    [Fact]
    public async Task Products_are_never_added()
    {
        foreach (var (slug, product, value) in new[]
        {
            ("une", "urea", 100), ("une", "ammonia", 0), ("deux", "ammonia", 50), ("trois", "urea", 30), ("trois", "ammonia", 70),
        })
        {
            await FigureAsync(slug, $$""" "product":"{{product}}","value":{{value}},"unit":"t/year","qualifier":"installed" """);
        }

        foreach (var slug in new[] { "une", "deux", "trois", "quatre" })
        {
            await BeganAsync(slug, ("operating", "2020"));
        }

        Assert.Equal(["ammonia|t/year|120|120|4|3|1", "urea|t/year|130|130|4|2|1"], await SumsAsync("factories?slug=une,deux,trois,quatre&groupBy=sector"));
        Assert.Equal(["ammonia|t/year|120|120|4|3|1", "urea|t/year|130|130|4|2|1"], await SumsAsync("timeline?slug=une,deux,trois,quatre&from=2024&to=2024"));
        // Where only one product occurs, it is not named.
        Assert.Equal(["|t/year|50|50|2|1|1"], await SumsAsync("factories?slug=deux,quatre"));
    }

    [Fact]
    public async Task Units_of_a_quantity_are_added_in_its_reference_unit()
    {
        await FigureAsync("une", """ "value":1,"unit":"GW","qualifier":"installed" """);
        await FigureAsync("deux", """ "value":500,"unit":"MW","qualifier":"announced" """);
        await FigureAsync("trois", """ "value":7,"unit":"GWh/year" """);
        foreach (var slug in new[] { "une", "deux", "trois" })
        {
            await BeganAsync(slug, ("operating", "2020"));
        }

        string[] expected = ["|GWh/year|7|0|3|1|0", "|MW|1500|1000|3|2|0"];
        Assert.Equal(expected, await SumsAsync("factories?slug=une,deux,trois"));
        Assert.Equal(expected, await SumsAsync("timeline?slug=une,deux,trois&from=2024&to=2024"));
    }

    [Fact]
    public async Task Factory_with_several_parts_in_a_status_counts_once()
    {
        foreach (var (name, begun, value) in new[] { ("A", "2015", 10), ("B", "2018", 20), ("C", "2021", 0) })
        {
            var phase = await PhaseAsync("une", name);
            await RecordAsync("une", "operating", begun, "actual", $$""","phase":{{phase}}""");
            if (value > 0)
            {
                await FigureAsync("une", $$""" "phase":{{phase}},"value":{{value}},"unit":"MW" """);
            }
        }

        await BeganAsync("deux", ("operating", "2016"));
        foreach (var (year, sum) in new[] { (2016, "|MW|10|0|2|1|1"), (2018, "|MW|30|0|2|1|1"), (2022, "|MW|30|0|2|1|1") })
        {
            Assert.Equal([sum], await SumsAsync($"factories?slug=une,deux&groupBy=status&asOf={year}"));
            Assert.Equal([sum], await SumsAsync($"timeline?slug=une,deux&from={year}&to={year}"));
            Assert.Equal([sum], await SumsAsync($"timeline?slug=une,deux&groupBy=sector&from={year}&to={year}"));
        }
    }

    [Fact]
    public async Task Vague_phase_does_not_hide_what_is_known_of_another()
    {
        var (first, second) = (await PhaseAsync("une", "Bloc 1"), await PhaseAsync("une", "Bloc 2"));
        await RecordAsync("une", "operating", "2024", "actual", $$""","phase":{{first}}""");
        await RecordAsync("une", "operating", "2024", "actual", $$""","phase":{{second}}""");
        await FigureAsync("une", $$""" "phase":{{first}},"value":10,"unit":"GWh/year" """);
        Assert.Equal(("10", null, null), await CapacityAsync());
        var vague = await FigureAsync("une", $$""" "phase":{{second}},"word":"plusieurs","unit":"GWh/year" """);
        Assert.Equal(("10", null, null), await CapacityAsync());
        await FigureAsync("une", $$""" "phase":{{second}},"max":20,"unit":"GWh/year","supersedes":{"claim":{{vague}},"reason":"news"} """);
        Assert.Equal((null, "10", "30"), await CapacityAsync());

        // The list and the sums agree.
        async Task<(string? Value, string? Min, string? Max)> CapacityAsync()
        {
            var item = Assert.Single((await Ask.JsonAsync("/v1/factories/une")).List("capacity"));
            foreach (var path in new[] { "factories?groupBy=country&", "factories?groupBy=status&", "timeline?from=2026&", "timeline?from=2026&groupBy=country&" })
            {
                foreach (var sum in await Ask.ItemsAsync($"/v1/stats/{path}measure=capacity&slug=une"))
                {
                    Assert.Equal((item.Text("value"), item.Text("min"), item.Text("max"), "1"), (sum.Text("value"), sum.Text("min"), sum.Text("max"), sum.Text("withFigure")));
                }
            }

            return (item.Text("value"), item.Text("min"), item.Text("max"));
        }
    }

    [Fact]
    public async Task Jobs_and_investment_are_summed_by_unit_and_ranges_remain_ranges()
    {
        foreach (var (slug, figure) in new[]
        {
            ("une", """{"property":"jobs","value":100,"unit":"jobs"}"""), ("deux", """{"property":"jobs","min":50,"max":80,"unit":"jobs"}"""), ("trois", """{"property":"jobs","min":1000,"unit":"jobs"}"""),
            ("une", """{"property":"investment","value":2000000,"unit":"EUR"}"""), ("deux", """{"property":"investment","value":3000000,"unit":"EUR"}"""), ("trois", """{"property":"investment","value":5000000,"unit":"USD"}"""),
        })
        {
            (await Ask.WriteAsync("POST", $"/v1/factories/{slug}/figures", $$"""{{figure[..^1]}},"basis":"inferred"}""", Curator)).Is(201);
        }

        Assert.Equal(["investment|EUR|5000000|||2|1|4", "investment|USD|5000000|||1|1|4", "jobs|jobs||1150||3|1|4"], await Rows("une,deux,trois,quatre"));
        Assert.Equal(["investment|EUR|5000000|||2|0|2", "jobs|jobs||150|180|2|0|2"], await Rows("une,deux"));
        Assert.Equal(["investment|||||0|1|1", "jobs|||||0|1|1"], await Rows("quatre"));

        async Task<IEnumerable<string>> Rows(string slugs) => (await Ask.ItemsAsync($"/v1/stats/factories?measure=jobs,investment&slug={slugs}")).Select(g =>
            $"{g.Text("measure")}|{g.Text("unit")}|{g.Text("value")}|{g.Text("min")}|{g.Text("max")}|{g.Text("withFigure")}|{g.Text("withoutFigure")}|{g.Text("factories")}");
    }

    private async Task<IEnumerable<string>> SumsAsync(string path) => (await Ask.ItemsAsync($"/v1/stats/{path}&measure=capacity")).Select(g =>
        $"{g.Text("product")}|{g.Text("unit")}|{g.Text("value")}|{g.Text("installed")}|{g.Text("factories")}|{g.Text("withFigure")}|{g.Text("withoutFigure")}").Order(StringComparer.Ordinal);
}
