using System.Text.Json;
using Chantier.Api.Seeding;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Seeding;

/// <summary>All packs, and the service over them, for tests that only read.</summary>
public sealed class AllPacks(PostgresFixture postgres) : IAsyncLifetime
{
    private TestApi _api = null!;

    public string Database { get; private set; } = "";

    public NpgsqlDataSource Source { get; private set; } = null!;

    public HttpClient Client => _api.Client;

    public async ValueTask InitializeAsync()
    {
        Database = await postgres.SeededAsync(null, TestContext.Current.CancellationToken);
        Source = TestDatabases.Source(Database);
        _api = await TestApi.StartAsync(Database, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await Source.DisposeAsync();
    }
}

/// <summary>Nothing of the curated sites is lost on the way in, and what other packs say of the same factories stands beside it.</summary>
public sealed class EuropeBatteriesPackTests(AllPacks packs, PostgresFixture postgres) : IClassFixture<AllPacks>
{
    private static readonly string Seeds = Path.Combine(AppContext.BaseDirectory, "seeds");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The numbers are those that the curated file itself gives.
    [Theory]
    [InlineData("factories", 53, "select count(distinct factory_id) from claim where recorded_by = 'seed:europe-batteries' and kind = 'location'")]
    [InlineData("cited sources", 423, "select count(distinct e.source_id) from evidence e join claim c on c.id = e.claim_id where e.recorded_by = 'seed:europe-batteries' and c.kind <> 'location'")]
    [InlineData("sources of places", 2, "select count(distinct e.source_id) from evidence e join claim c on c.id = e.claim_id where e.recorded_by = 'seed:europe-batteries' and c.kind = 'location'")]
    [InlineData("actual events", 264, "select count(*) from claim where recorded_by = 'seed:europe-batteries' and kind = 'status_event' and basis = 'actual'")]
    [InlineData("expected events", 201, "select count(*) from claim where recorded_by = 'seed:europe-batteries' and kind = 'status_event' and basis = 'expected'")]
    [InlineData("statuses", 280, "select count(e.status) from status_event e join claim c on c.id = e.claim_id where c.recorded_by = 'seed:europe-batteries'")]
    [InlineData("milestones", 185, "select count(e.milestone) from status_event e join claim c on c.id = e.claim_id where c.recorded_by = 'seed:europe-batteries'")]
    [InlineData("events of high confidence", 325, "select count(*) from claim where recorded_by = 'seed:europe-batteries' and kind = 'status_event' and confidence = 'high'")]
    [InlineData("events of low confidence", 9, "select count(*) from claim where recorded_by = 'seed:europe-batteries' and kind = 'status_event' and confidence = 'low'")]
    [InlineData("events with a note", 272, "select count(note) from claim where recorded_by = 'seed:europe-batteries' and kind = 'status_event'")]
    [InlineData("figures", 343, "select count(*) from claim where recorded_by = 'seed:europe-batteries' and kind = 'figure'")]
    [InlineData("figures of high confidence", 257, "select count(*) from claim where recorded_by = 'seed:europe-batteries' and kind = 'figure' and confidence = 'high'")]
    [InlineData("figures of low confidence", 3, "select count(*) from claim where recorded_by = 'seed:europe-batteries' and kind = 'figure' and confidence = 'low'")]
    [InlineData("figures with bounds", 5, "select count(*) from figure f join claim c on c.id = f.claim_id where c.recorded_by = 'seed:europe-batteries' and f.min is not null and f.max is not null")]
    [InlineData("roles", 59, "select count(*) from claim where recorded_by = 'seed:europe-batteries' and kind = 'role'")]
    [InlineData("companies with shareholders", 17, "select count(distinct operator_id) from ownership")]
    [InlineData("shareholders", 46, "select count(*) from ownership")]
    [InlineData("sites whose planned start moved", 34, """
        select count(*) from (
          select c.factory_id from status_event e join claim c on c.id = e.claim_id
          where c.recorded_by = 'seed:europe-batteries' and c.basis = 'expected' and e.status = 'operating'
          group by c.factory_id having count(distinct e.date) > 1) x
        """)]
    [InlineData("places less precise than a municipality, or more", 0, "select count(*) from location where precision <> 'municipality'")]
    public async Task What_the_curated_file_counts_is_there(string what, long count, string sql)
    {
        await using var connection = await packs.Source.OpenConnectionAsync(Token);
        var found = await connection.QuerySingleAsync<long>(sql);
        Assert.True(found == count, $"There are {found} {what}, not {count}.");
    }

    [Fact]
    public async Task The_three_sites_of_the_documents_are_the_same_factories_and_both_packs_stand_on_them()
    {
        var items = (await JsonAsync("/v1/factories?limit=1000")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(53, items.Count);
        foreach (var (slug, alias) in new[] { ("verkor-dunkerque", "Verkor Gigafactory Dunkerque"), ("acc-hauts-de-france", "ACC Billy-Berclau Douvrin"), ("envision-aesc-hauts-de-france", "AESC Douai") })
        {
            var factory = await JsonAsync($"/v1/factories/{slug}");
            Assert.Equal("hauts-de-france", factory.GetProperty("region").GetProperty("slug").GetString());
            Assert.Contains(alias, factory.GetProperty("names").EnumerateArray().Select(n => n.GetProperty("text").GetString()));
            await using var connection = await packs.Source.OpenConnectionAsync(Token);
            Assert.Equal(
                ["seed:documents", "seed:europe-batteries"],
                await connection.QueryAsync<string>("select distinct c.recorded_by from claim c join factory f on f.id = c.factory_id where f.slug = @slug and c.kind = 'status_event' order by 1", new { slug }));
        }

        Assert.Equal("commissioning", items.Single(i => i.GetProperty("slug").GetString() == "verkor-dunkerque").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Where_the_packs_disagree_it_shows()
    {
        var evidence = (await JsonAsync("/v1/factories/verkor-dunkerque?include=evidence")).GetProperty("evidence").EnumerateArray();
        var area = evidence.Single(e => e.GetProperty("field").GetString() == "figure"
            && e.GetProperty("claim").GetProperty("property").GetString() == "area" && e.GetProperty("claim").GetProperty("unit").GetString() == "ha");

        Assert.Equal("150", area.GetProperty("claim").GetProperty("value").GetRawText());
        var other = Assert.Single(area.GetProperty("disagreeing").EnumerateArray());
        Assert.Equal("plusieurs hectares", other.GetProperty("word").GetString());
        Assert.Equal("vallee-de-la-batterie-2024-08", other.GetProperty("evidence")[0].GetProperty("source").GetProperty("slug").GetString());
    }

    [Theory]
    [InlineData("", "2025-06-03", "2024-08")]
    [InlineData("&asOf=2024-09-01", "2024-08", "2025-06-03")]
    public async Task A_site_that_was_active_before_it_began_is_in_dispute(string at, string stands, string disagrees)
    {
        var evidence = (await JsonAsync($"/v1/factories/envision-aesc-hauts-de-france?include=evidence{at}")).GetProperty("evidence").EnumerateArray();
        var status = evidence.Single(e => e.GetProperty("field").GetString() == "status");

        Assert.Equal(stands, status.GetProperty("claim").GetProperty("date").GetString());
        Assert.Equal(disagrees, Assert.Single(status.GetProperty("disagreeing").EnumerateArray()).GetProperty("date").GetString());
    }

    [Fact]
    public async Task Every_factory_lies_in_a_region_below_its_country()
    {
        await using var connection = await packs.Source.OpenConnectionAsync(Token);
        Assert.Empty(await connection.QueryAsync<string>("""
            select f.slug from factory f join factory_version v on v.factory_id = f.id and v.known_to = 'infinity'
            where not exists (
              select from region_closure c
              join identifier i on i.kind = 'region' and i.resource_id = c.ancestor_id and i.scheme = 'iso3166-1' and i.value = v.country
              where c.region_id = v.region_id and c.depth > 0)
            """));
    }

    [Fact]
    public async Task Seeding_all_again_changes_nothing()
    {
        Assert.All(await SeedPacks.LoadAsync(packs.Database, Seeds, pack: null, Token), again => Assert.Equal((0, 0), (again.Created, again.Filled)));
    }

    [Fact]
    public async Task Without_the_other_packs_it_loads_too_and_finds_its_regions_when_they_have_come()
    {
        var database = await postgres.Databases.CreateAsync(Token);
        var alone = Assert.Single(await SeedPacks.LoadAsync(database, Seeds, "europe-batteries", Token));
        Assert.All(alone.Warnings, w => Assert.Contains("No boundary of", w, StringComparison.Ordinal));
        await SeedPacks.LoadAsync(database, Seeds, "documents", Token);
        await SeedPacks.LoadAsync(database, Seeds, "regions", Token);

        // The three have theirs from the document.
        Assert.Equal(50, Assert.Single(await SeedPacks.LoadAsync(database, Seeds, "europe-batteries", Token)).Filled);

        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(Token);
        Assert.Equal(53, await connection.QuerySingleAsync<int>("select count(*)::int from factory_state where known_to = 'infinity' and region_slug is not null"));
    }

    private async Task<JsonElement> JsonAsync(string path)
    {
        using var document = JsonDocument.Parse(await packs.Client.GetStringAsync(new Uri(path, UriKind.Relative), Token));
        return document.RootElement.Clone();
    }
}
