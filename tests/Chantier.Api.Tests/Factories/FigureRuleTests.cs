using Chantier.Api.Tests.Writing;

namespace Chantier.Api.Tests.Factories;

/// <summary>Which of several figures is effective, by the worked examples.</summary>
public sealed class FigureRuleTests(PostgresFixture postgres) : Curation(postgres)
{
    [Fact]
    public async Task Installed_figure_holds_until_the_next()
    {
        var factory = await FactoryAsync();
        var small = await SayAsync(factory, 6, "2018-05", "installed", forDate: "2018");
        var large = await SayAsync(factory, 70, "2022-03", "installed", forDate: "2022");

        Assert.Equal([(small, "not_yet"), (large, "not_yet")], await RulesAsync(factory, "asOf=2017-06-30"));
        Assert.Equal([(small + "!", "alone"), (large, "not_yet")], await RulesAsync(factory, "asOf=2021-12-31"));
        Assert.Equal([(small, "other_period"), (large + "!", "alone")], await RulesAsync(factory, "asOf=2022-06-30"));
    }

    [Fact]
    public async Task Figure_of_a_part_does_not_compete()
    {
        var factory = await FactoryAsync();
        var whole = await SayAsync(factory, 16, "2023-02", "announced");
        var part = await SayAsync(factory, 12, "2024-04", "announced", scope: "part");
        var target = await SayAsync(factory, 50, "2022-05", "target", forDate: "2030");

        Assert.Equal([(whole + "!", "alone"), (part, "not_whole"), (target + "!", "alone")], await RulesAsync(factory, ""));
    }

    [Fact]
    public async Task Plan_said_last_is_effective_whatever_it_is_for()
    {
        var factory = await FactoryAsync();
        var first = await SayAsync(factory, 40, "2023-06", "target", forDate: "2030");
        var last = await SayAsync(factory, 28, "2026-02", "target", forDate: "2028");

        Assert.Equal([(first, "said_later"), (last + "!", "said_later")], await RulesAsync(factory, ""));
        Assert.Equal([(first + "!", "alone")], await RulesAsync(factory, "publishedUntil=2025-12-31"));
    }

    [Fact]
    public async Task Source_published_later_says_a_figure_again()
    {
        var factory = await FactoryAsync();
        var repeated = await SayAsync(factory, 50, "2025-09", "announced");
        var other = await SayAsync(factory, 30, "2025-12", "announced");
        await SourceAsync("again", "2026-01");
        (await PostAsync($"/v1/claims/{repeated}/evidence", """{"source":"again"}""")).Is(201);

        Assert.Equal([(repeated + "!", "said_later"), (other, "said_later")], await RulesAsync(factory, ""));
        Assert.Equal([(repeated, "said_later"), (other + "!", "said_later")], await RulesAsync(factory, "publishedUntil=2025-12-31"));
        var sources = (await ItemsAsync(factory + "/figures?publishedUntil=2025-12-31")).Single(f => f.Text("id") == repeated).Text("sources");
        Assert.Equal("""["said-2025-09"]""", sources);
    }

    [Fact]
    public async Task Imprecise_publication_counts_from_its_earliest_day_and_is_published_on_its_latest()
    {
        var factory = await FactoryAsync();
        var imprecise = await SayAsync(factory, 10, "2024", "announced");
        var precise = await SayAsync(factory, 15, "2024-10-05", "announced");

        Assert.Equal([(imprecise, "said_later"), (precise + "!", "said_later")], await RulesAsync(factory, ""));
        Assert.Equal([(precise + "!", "alone")], await RulesAsync(factory, "publishedUntil=2024-11"));
    }

    [Fact]
    public async Task Words_never_hide_a_number()
    {
        var factory = await FactoryAsync();
        await SourceAsync("said-2024-08", "2024-08");
        var words = (await MadeAsync(factory + "/figures", """{"property":"jobs","word":"thousands","unit":"jobs","sources":[{"source":"said-2024-08"}]}""")).Text("id")!;
        Assert.Equal([(words + "!", "alone")], await RulesAsync(factory, ""));
        await SourceAsync("said-2025-12", "2025-12");
        var number = await MadeAsync(factory + "/figures", """{"property":"jobs","value":1200,"unit":"jobs","qualifier":"target","sources":[{"source":"said-2025-12"}]}""");

        Assert.Equal([(words, "vague"), (number.Text("id") + "!", "alone")], await RulesAsync(factory, ""));
        Assert.Equal("1200 jobs", await JobsAsync());
    }

    [Fact]
    public async Task Jobs_are_those_of_the_phases_or_else_of_the_whole_site()
    {
        var factory = await FactoryAsync();
        var phases = new List<string?>();
        foreach (var name in new[] { "A", "B", "C" })
        {
            phases.Add((await MadeAsync(factory + "/phases", $$"""{"name":"{{name}}"}""")).Text("id"));
        }

        foreach (var phase in phases[..2])
        {
            await MadeAsync(factory + "/status-events", $$"""{"status":"operating","date":"2020","dateMeaning":"began","phase":{{phase}},"sources":{{Source}}}""");
        }

        Task JobsOfAsync(string? phase, int value) => MadeAsync(
            factory + "/figures", $$"""{"property":"jobs","value":{{value}},"unit":"jobs","phase":{{phase ?? "null"}},"sources":{{Source}}}""");
        await JobsOfAsync(phases[2], 1000);
        await JobsOfAsync(phases[0], 10);
        Assert.Equal("10 jobs", await JobsAsync());
        await JobsOfAsync(null, 25);
        Assert.Equal("25 jobs", await JobsAsync());
        await JobsOfAsync(phases[1], 20);
        Assert.Equal("30 jobs", await JobsAsync());
    }

    private Task<string?> JobsAsync() => AskDatabaseAsync<string>("""
        select x.value || ' ' || x.unit
        from factory f
        cross join lateral factory_figure('jobs', 'recorded', array[f.id], array['9999-12-30Z'::timestamptz], '2026-01-01') x
        where f.slug = 'usine'
        """);

    private async Task<string> SayAsync(string factory, int value, string published, string qualifier, string? forDate = null, string scope = "whole")
    {
        var slug = $"said-{published}";
        await SourceAsync(slug, published);
        var date = forDate is null ? "" : $",\"forDate\":\"{forDate}\"";
        return (await MadeAsync(
            factory + "/figures",
            $$"""{"property":"capacity","value":{{value}},"unit":"GWh/year","qualifier":"{{qualifier}}","scope":"{{scope}}"{{date}},"sources":[{"source":"{{slug}}"}]}""")).Text("id")!;
    }

    // The ids in the order of recording, an effective one with a mark.
    private async Task<List<(string Id, string? Rule)>> RulesAsync(string factory, string axes) =>
        [.. (await ItemsAsync($"{factory}/figures?sort=recordedAt&{axes}")).Select(f => (f.Text("id") + (f.Text("inForce") == "true" ? "!" : ""), f.Text("rule")))];
}
