using System.Text.RegularExpressions;

namespace Chantier.Api.Tests.Http;

/// <summary>Walking lists page by page.</summary>
public sealed partial class PagingTests(SharedWorld world) : IClassFixture<SharedWorld>
{
    private const string FactoryKeys = "name updatedAt createdAt statusSince lastConfirmedOn";

    private Ask Ask => world.Ask;

    /// <summary>Each list, the keys it sorts by, and what names an item of it.</summary>
    public static TheoryData<string, string, string> Lists => new()
    {
        { "/v1/factories", FactoryKeys, "slug" },
        { "/v1/factories?asOf=2022-12&knownAt=2025-02-28", FactoryKeys, "slug" },
        { "/v1/factories?publishedUntil=2024-06-30", FactoryKeys, "slug" },
        { "/v1/factories?near=2.4,47.5&radiusKm=2000", "", "slug" },
        { "/v1/regions/arcadie/factories", FactoryKeys, "slug" },
        { "/v1/operators/elan/factories", FactoryKeys, "slug" },
        { "/v1/factories/acierie-elan/status-events", "date recordedAt", "id" },
        { "/v1/factories/acierie-elan/figures", "property recordedAt", "id" },
        { "/v1/factories/acierie-elan/phases", "", "id" },
        { "/v1/factories/acierie-elan/media", "", "id" },
        { "/v1/factories/acierie-elan/sources", "", "slug" },
        { "/v1/factories/acierie-elan/changes", "", "seq" },
        { "/v1/operators", "name updatedAt", "slug" },
        { "/v1/regions", "name updatedAt", "slug" },
        { "/v1/regions?knownAt=2025-03-31", "name updatedAt", "slug" },
        { "/v1/regions/arcadie/children", "", "slug" },
        { "/v1/statuses", "", "code" },
        { "/v1/status-events", "date recordedAt", "id" },
        { "/v1/media", "", "id" },
        { "/v1/sources", "name published updatedAt", "slug" },
        { "/v1/sources/registre-2023/claims", "", "id" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Every_sort_in_either_direction_walks_each_item_exactly_once(string path, string keys, string id)
    {
        var all = (await Ask.ItemsAsync(With(path, "limit=1000"))).Select(item => item.Text(id)).Order(StringComparer.Ordinal).ToList();
        Assert.InRange(all.Count, 2, 100);
        Assert.Equal(all.Count, all.Distinct().Count());

        var sorts = keys.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(key => new[] { key, "-" + key }).ToList();
        // Two keys, one against the other.
        sorts = [.. sorts, .. sorts.Count > 3 ? new[] { $"{sorts[2]},{sorts[1]}", $"{sorts[3]},{sorts[0]}" } : []];
        foreach (var sort in sorts.Select(sort => $"sort={sort}").DefaultIfEmpty(""))
        {
            var whole = (await Ask.ItemsAsync(With(path, sort))).Select(item => item.Text(id)).ToList();
            Assert.Equal(all, whole.Order(StringComparer.Ordinal));
            foreach (var limit in new[] { 1, 2, 3, all.Count })
            {
                Assert.Equal(whole, (await WalkAsync(With(path, sort), limit)).Select(item => item.Text(id)));
            }
        }
    }

    [Theory]
    [InlineData("/v1/factories", "statusSince", "virgule")]
    [InlineData("/v1/factories", "lastConfirmedOn", "virgule")]
    [InlineData("/v1/factories?asOf=2025&knownAt=2025-06-01", "statusSince", "virgule")]
    [InlineData("/v1/sources", "published", "carnet,note-sans-date")]
    public async Task What_has_no_value_comes_last_in_either_direction(string path, string key, string last)
    {
        foreach (var sort in new[] { key, "-" + key })
        {
            var items = await WalkAsync(With(path, $"sort={sort}"), 2);
            var missing = items.SkipWhile(item => item.Text(key) is not null).ToList();

            Assert.Equal(last.Split(','), missing.Select(item => item.Text("slug")!).Order(StringComparer.Ordinal));
            Assert.All(missing, item => Assert.Null(item.Text(key)));
        }
    }

    [Theory]
    [InlineData("sort=name", "Aciérie Élan|Contradictoire|Fidji Est|Fidji Ouest|Futur|Pôle Nord|Renommée|Sosie A|Sosie B|Tardive|Usine \"Virgule\", sœur|Zèbre Nord")]
    [InlineData("sort=-name", "Zèbre Nord|Usine \"Virgule\", sœur|Tardive|Sosie B|Sosie A|Renommée|Pôle Nord|Futur|Fidji Ouest|Fidji Est|Contradictoire|Aciérie Élan")]
    public async Task Names_sort_without_regard_to_accents_or_case(string sort, string expected) =>
        Assert.Equal(expected.Split('|'), (await Ask.TextsAsync($"/v1/factories?{sort}", "name")));

    [Theory]
    [InlineData("/v1/factories", "statusSince", "fidji-est acierie-elan sosie-a renommee tardive contradictoire sosie-b pole-nord futur fidji-ouest zebre-nord virgule")]
    [InlineData("/v1/factories", "-statusSince", "zebre-nord fidji-ouest futur pole-nord sosie-b contradictoire tardive renommee sosie-a acierie-elan fidji-est virgule")]
    [InlineData("/v1/factories", "-lastConfirmedOn", "pole-nord zebre-nord fidji-ouest futur sosie-b contradictoire tardive renommee sosie-a acierie-elan fidji-est virgule")]
    [InlineData("/v1/factories", "-updatedAt,name", "renommee sosie-a sosie-b tardive acierie-elan contradictoire zebre-nord fidji-est fidji-ouest futur pole-nord virgule")]
    [InlineData("/v1/sources", "published", "gazette-2020 registre-2023 registre-2024 note-sans-date carnet")]
    [InlineData("/v1/operators", "name", "ancien elan etat fonds zebre")]
    [InlineData("/v1/regions", "-name", "vallee-du-fer val-d-or haute-arcadie fidji desert basse-arcadie arcadie")]
    public async Task A_sort_is_by_what_it_says(string path, string sort, string expected) => Assert.Equal(expected.Split(' '), await Ask.SlugsAsync($"{path}?sort={sort}"));

    [Fact]
    public async Task A_cursor_carries_the_sort_the_filters_the_axes_and_the_language()
    {
        const string Walk = "/v1/factories?region=arcadie&sort=-statusSince&asOf=2024&knownAt=2025-02-28&lang=fr&limit=2";
        var whole = await Ask.JsonAsync(Walk.Replace("limit=2", "limit=1000", StringComparison.Ordinal));
        var first = await Ask.GetAsync(Walk);
        var second = await Ask.GetAsync($"/v1/factories?cursor={first.Next}&limit=3");

        Assert.Equal(whole.List("items")[2..5].Select(item => item.GetRawText()), second.Is(200).Items.Select(item => item.GetRawText()));
        Assert.Equal(("2024-12-31", "2025-02-28T23:59:59.999999Z", "3"), (second.Json.Text("asOf"), second.Json.Text("knownAt"), second.Json.Text("page.limit")));

        // By header the language is the first page's too.
        var french = await Ask.GetAsync("/v1/factories?limit=1&sort=-name", "Accept-Language: fr");
        Assert.Equal("Haute-Arcadie", (await Ask.GetAsync($"/v1/factories?cursor={french.Next}&limit=5", "Accept-Language: en")).Items[3].Text("region.name"));
    }

    [Fact]
    public async Task What_a_cursor_carries_may_be_repeated_but_not_changed()
    {
        var first = (await Ask.GetAsync("/v1/factories?country=FR&sort=name&limit=2")).Is(200);

        Assert.Equal(2, (await Ask.GetAsync($"/v1/factories?country=FR&sort=name&limit=2&cursor={first.Next}")).Is(200).Items.Length);
        (await Ask.GetAsync($"/v1/factories?country=DE&cursor={first.Next}")).Blames("country");
        (await Ask.GetAsync($"/v1/factories?sort=-name&cursor={first.Next}")).Blames("sort");
        (await Ask.GetAsync($"/v1/factories?asOf=2020&cursor={first.Next}")).Blames("asOf");
        (await Ask.GetAsync($"/v1/factories?lang=fr&cursor={first.Next}")).Blames("lang");
        (await Ask.GetAsync($"/v1/operators?cursor={first.Next}")).Blames("cursor");
        (await Ask.GetAsync($"/v1/factories?cursor={first.Next![..^3]}")).Blames("cursor");
    }

    [Fact]
    public async Task Format_fields_includes_limit_and_count_may_change_from_page_to_page()
    {
        var first = (await Ask.GetAsync("/v1/factories?sort=name&limit=2")).Is(200);

        var second = (await Ask.GetAsync($"/v1/factories?cursor={first.Next}&limit=4&fields=slug,phases&include=phases&count=exact")).Is(200);
        Assert.Equal(World.Everything[2..6], second.Slugs);
        Assert.All(second.Items, item => Assert.Single(item.List("phases")));
        Assert.Equal("12", second.Json.Text("page.count"));
        Assert.Equal(World.Everything[2..4], Csv.Read((await Ask.GetAsync($"/v1/factories?cursor={first.Next}&limit=2&format=csv")).Is(200).Text)["slug"]);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("geojson")]
    [InlineData("csv")]
    [InlineData("ndjson")]
    public async Task Links_lead_through_the_list_in_its_format(string format)
    {
        var path = $"/v1/factories?country=FR&limit=3&format={format}&fields=slug";
        var first = path;
        var slugs = new List<string>();
        for (var pages = 1; ; pages++)
        {
            var answer = (await Ask.GetAsync(path)).Is(200);
            slugs.AddRange(Slug().Matches(answer.Text).Select(match => match.Value));
            var links = Link().Matches(answer.Header("Link")!).ToDictionary(match => match.Groups["rel"].Value, match => (match.Groups["href"].Value, match.Groups["type"].Value));
            Assert.Equal(slugs.Take(3), Slug().Matches((await Ask.GetAsync(links["first"].Item1)).Is(200).Text).Select(match => match.Value));
            if (!links.TryGetValue("next", out var next))
            {
                Assert.Equal(3, pages);
                break;
            }

            Assert.Equal(answer.MediaType, next.Item2);
            path = next.Item1;
        }

        Assert.Equal(await Ask.SlugsAsync("/v1/factories?country=FR"), slugs);
        Assert.Null((await Ask.GetAsync(first.Replace("limit=3", "limit=100", StringComparison.Ordinal))).Header("Link"));
    }

    [Fact]
    public async Task Counts_are_none_estimated_or_exact_and_say_which()
    {
        var none = (await Ask.JsonAsync("/v1/factories?limit=2")).GetProperty("page");
        Assert.False(none.TryGetProperty("count", out _) || none.TryGetProperty("countKind", out _));
        Assert.False((await Ask.JsonAsync("/v1/factories?limit=2&count=none")).GetProperty("page").TryGetProperty("count", out _));

        var exact = (await Ask.JsonAsync("/v1/factories?limit=2&count=exact&country=FR")).GetProperty("page");
        Assert.Equal(("8", "exact"), (exact.Text("count"), exact.Text("countKind")));

        var estimated = (await Ask.JsonAsync("/v1/factories?limit=2&count=estimated")).GetProperty("page");
        Assert.Equal("estimated", estimated.Text("countKind"));
        Assert.InRange(estimated.GetProperty("count").GetInt64(), 2, 1000);

        // A page that is the whole list is its own count.
        var whole = (await Ask.JsonAsync("/v1/factories?count=estimated")).GetProperty("page");
        Assert.Equal(("12", "exact"), (whole.Text("count"), whole.Text("countKind")));

        foreach (var (path, _, _) in Lists.Select(row => row.Data))
        {
            var page = (await Ask.JsonAsync(With(path, "count=exact&limit=1"))).GetProperty("page");
            Assert.Equal((await Ask.ItemsAsync(With(path, "limit=1000"))).Length.ToString(), page.Text("count"));
            Assert.Equal("exact", page.Text("countKind"));
            (await Ask.GetAsync(With(path, "count=estimated&limit=1"))).Is(200);
        }
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("count=all", "count")]
    [InlineData("sort=size", "sort")]
    [InlineData("sort=name,-name", "sort")]
    [InlineData("sort=--name", "sort")]
    [InlineData("offset=10", "offset")]
    public async Task What_does_not_page_is_refused(string query, string parameter) => (await Ask.GetAsync($"/v1/factories?{query}")).Blames(parameter);

    [Fact]
    public async Task Without_a_limit_a_page_has_fifty()
    {
        Assert.Equal(("50", null), ((await Ask.JsonAsync("/v1/factories")).Text("page.limit"), (await Ask.JsonAsync("/v1/factories")).Text("page.next")));
        Assert.Equal("1000", (await Ask.JsonAsync("/v1/factories?limit=1000")).Text("page.limit"));
    }

    private static string With(string path, string query) => query.Length == 0 ? path : path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query;

    private Task<List<System.Text.Json.JsonElement>> WalkAsync(string path, int limit) => Walk.AllAsync(Ask, With(path, $"limit={limit}"));

    [GeneratedRegex("<(?<href>[^>]+)>; rel=\"(?<rel>[a-z]+)\"; type=\"(?<type>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex("(?<=\"slug\":\")[a-z-]+(?=\")|(?<=^|\\n)(?!slug\\r)[a-z-]+(?=\\r\\n)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Slug();
}

/// <summary>A list from its first page to its last.</summary>
internal static class Walk
{
    /// <param name="ask">Whom to ask.</param>
    /// <param name="first">The first page, with its limit.</param>
    /// <param name="between">What is waited for after the first page.</param>
    public static async Task<List<System.Text.Json.JsonElement>> AllAsync(Ask ask, string first, Func<Task>? between = null)
    {
        var items = new List<System.Text.Json.JsonElement>();
        var limit = System.Web.HttpUtility.ParseQueryString(first[first.IndexOf('?', StringComparison.Ordinal)..])["limit"];
        for (var page = (await ask.GetAsync(first)).Is(200); ; page = (await ask.GetAsync($"{first.Split('?')[0]}?cursor={page.Next}&limit={limit}")).Is(200))
        {
            items.AddRange(page.Items);
            if (between is not null && items.Count == page.Items.Length)
            {
                await between();
            }

            if (page.Next is null)
            {
                return items;
            }

            Assert.Equal(limit, page.Items.Length.ToString());
        }
    }
}
