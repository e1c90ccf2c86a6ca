using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace Chantier.Api.Tests.Changes;

public sealed class ListChangesTests(PostgresFixture postgres) : FeedApi(postgres)
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    [Fact]
    public async Task Each_entry_tells_what_was_said_before_and_after()
    {
        var from = await LastAsync();
        var slug = await MakeFactoryAsync("Tiamat Amiens");
        (await WriteAsync("PATCH", $"/v1/factories/{slug}", """{"locality":"Amiens"}""", ifMatch: "*")).Is(200);
        var claim = await StateAsync(slug, "announced");
        (await WriteAsync("POST", $"/v1/claims/{claim}/retraction", """{"reason":"error","note":"Misread."}""")).Is(200);
        (await WriteAsync("DELETE", $"/v1/factories/{slug}", ifMatch: "*")).Is(204);

        var entries = await Ask.ItemsAsync($"/v1/changes?after={from}");
        Assert.Equal(
            ["phase created", "factory created", "factory revised", "status_event created", "status_event retracted", "factory deleted"],
            entries.Select(e => $"{e.Text("resourceType")} {e.Text("cause")}"));
        Assert.All(entries, e => Assert.Equal(("curator", slug), (e.Text("actor"), e.Text("factory"))));
        Assert.Equal(Enumerable.Range((int)from + 1, 6), entries.Select(e => e.GetProperty("seq").GetInt32()));

        var (made, revised, claimed, retracted, deleted) = (entries[1], entries[2], entries[3], entries[4], entries[5]);
        Assert.Equal((null, "Tiamat Amiens", $"/v1/factories/{slug}"), (made.Text("before"), made.Text("after.name"), made.Text("url")));
        Assert.Equal("""{"locality":null}""", revised.Text("before"));
        Assert.Equal("""{"locality":"Amiens"}""", revised.Text("after"));
        Assert.Equal((null, "announced", "[]", slug), (claimed.Text("before"), claimed.Text("after.status"), made.Text("after.identifiers"), claimed.Text("after.factory")));
        Assert.Equal("vallee-de-la-batterie-2024-08", claimed.GetProperty("after").List("sources")[0].Text("source"));
        Assert.Equal(["endCause", "endReason", "endNote", "endedBy", "endedAt"], retracted.GetProperty("after").EnumerateObject().Select(field => field.Name));
        Assert.All(retracted.GetProperty("before").EnumerateObject(), field => Assert.Equal(JsonValueKind.Null, field.Value.ValueKind));
        Assert.Equal(("retracted", "error", "Misread."), (retracted.Text("after.endCause"), retracted.Text("after.endReason"), retracted.Text("after.endNote")));
        Assert.Equal(("Amiens", null), (deleted.Text("before.locality"), deleted.Text("after")));
    }

    [Fact]
    public async Task A_superseded_claim_names_the_one_that_follows_and_a_merge_its_survivor()
    {
        var (loser, survivor) = (await MakeFactoryAsync("Sosie"), await MakeFactoryAsync("Modèle"));
        var first = await StateAsync(loser, "announced");
        var from = await LastAsync();
        var second = (await WriteAsync(
            "POST", $"/v1/factories/{loser}/status-events", $$"""{"status":"planning","date":"2024-03","dateMeaning":"began","sources":{{Sources}},"supersedes":{"claim":{{first}},"reason":"news"} }"""))
            .Is(201).Json.GetProperty("id").GetInt64();
        var merge = (await WriteAsync("POST", $"/v1/factories/{loser}/merge", $$"""{"into":"{{survivor}}"}""", Admin)).Is(201).Json.GetProperty("id").GetInt64();

        var entries = await Ask.ItemsAsync($"/v1/changes?after={from}");
        Assert.Equal(["superseded", "created", "created"], entries.Select(e => e.Text("cause")!.Replace("merged", "created", StringComparison.Ordinal)));
        Assert.Equal(($"{first}", $"{second}", "vallee-de-la-batterie-2024-08"), (entries[0].Text("resourceId"), entries[0].Text("after.supersededBy"), entries[0].Text("after.endSource")));
        Assert.Equal($"{first}", entries[1].Text("after.supersedes"));
        Assert.Equal(($"{merge}", survivor, loser), (entries[2].Text("resourceId"), entries[2].Text("after.survivor"), entries[2].Text("factory")));
    }

    [Fact]
    public async Task The_log_begins_with_what_the_seeds_brought_whole()
    {
        var entries = await Ask.ItemsAsync("/v1/changes?limit=1000");
        Assert.All(entries, e =>
        {
            Assert.Equal(("imported", null), (e.Text("cause"), e.Text("before")));
            Assert.NotNull(e.Text("after"));
        });
        Assert.Contains(entries, e => e is var region && region.Text("slug") == "hauts-de-france" && region.Text("after.parent") == "france" && region.Text("after.names.fr") == "Hauts-de-France");
        Assert.Contains(entries, e => e.Text("resourceType") == "media" && e.Text("after.url") is not null);
        Assert.Contains(entries, e => e.Text("resourceType") == "membership" && e.Text("after.cluster") == "vallee-de-la-batterie");
    }

    [Fact]
    public async Task Filters_narrow_and_say_what_they_accept()
    {
        var slug = await MakeFactoryAsync("Tiamat Amiens");
        var claim = await StateAsync(slug, "announced");

        Assert.All(await Ask.ItemsAsync("/v1/changes?types=operator,source&limit=1000"), e => Assert.True(e.Text("resourceType") is "operator" or "source"));
        Assert.Equal(["phase", "factory", "status_event"], await Ask.TextsAsync("/v1/changes?causes=created", "resourceType"));
        Assert.Equal([slug, null], (await Ask.TextsAsync($"/v1/changes?resource=factory:{slug},status_event:{claim}", "slug")));
        Assert.Empty(await Ask.ItemsAsync("/v1/changes?resource=operator:nobody"));
        (await Ask.GetAsync("/v1/changes?types=plant")).Blames("types");
        (await Ask.GetAsync("/v1/changes?resource=factory")).Blames("resource");
        (await Ask.GetAsync("/v1/changes?resource=media:verkor")).Blames("resource");
        (await Ask.GetAsync("/v1/changes?after=-1&causes=made")).Blames("after", "causes");
        (await Ask.GetAsync("/v1/changes?after=1&sort=-seq")).Blames("after");
        (await Ask.GetAsync("/v1/changes?region=atlantis")).Blames("region");
        (await Ask.GetAsync("/v1/changes?since=2024")).Blames("since");
    }

    [Fact]
    public async Task Pages_walk_the_log_and_what_is_unchanged_is_not_sent_again()
    {
        var whole = (await Ask.ItemsAsync("/v1/changes?limit=1000")).Select(e => e.GetProperty("seq").GetInt64()).ToList();
        foreach (var sort in new[] { "seq", "-seq" })
        {
            var walked = new List<long>();
            var page = (await Ask.GetAsync($"/v1/changes?limit=7&sort={sort}")).Is(200);
            while (true)
            {
                walked.AddRange(page.Items.Select(e => e.GetProperty("seq").GetInt64()));
                if (page.Next is not { } next)
                {
                    break;
                }

                Assert.Contains("rel=\"next\"", page.Header("Link"), StringComparison.Ordinal);
                page = (await Ask.GetAsync($"/v1/changes?limit=7&cursor={next}")).Is(200);
            }

            Assert.Equal(sort == "seq" ? whole : whole.AsEnumerable().Reverse(), walked);
            Assert.Equal(whole[^1], page.Json.GetProperty("page").GetProperty("after").GetInt64());
        }

        var first = (await Ask.GetAsync("/v1/changes?limit=3&types=factory")).Is(200);
        Assert.Equal(304, (int)(await Ask.GetAsync("/v1/changes?limit=3&types=factory", $"If-None-Match: {first.Header("ETag")}")).Status);
        await MakeFactoryAsync("Tiamat Amiens");
        Assert.Equal(200, (int)(await Ask.GetAsync("/v1/changes?limit=3&types=factory", $"If-None-Match: {first.Header("ETag")}")).Status);
        (await Ask.GetAsync("/v1/changes?cursor=eyJwIjoi")).Blames("cursor");
    }

    [Fact]
    public async Task A_filter_of_factories_tells_what_entered_and_what_left()
    {
        var slug = await MakeFactoryAsync("Tiamat Amiens");
        var other = await MakeFactoryAsync("Ailleurs", "france");
        var from = await LastAsync();
        var claim = await StateAsync(slug, "announced");
        await StateAsync(other, "announced");
        await StateAsync(slug, "under_construction", "2024-05");
        (await WriteAsync("PATCH", $"/v1/factories/{slug}", """{"region":"france"}""", ifMatch: "*")).Is(200);
        (await WriteAsync("PATCH", $"/v1/factories/{slug}", """{"region":"hauts-de-france"}""", ifMatch: "*")).Is(200);
        (await WriteAsync("DELETE", $"/v1/factories/{slug}", ifMatch: "*")).Is(204);

        async Task<string[]> ToldAsync(string filter) => [.. (await Ask.ItemsAsync($"/v1/changes?after={from}&{filter}")).Select(e =>
            $"{e.Text("resourceType")} {e.Text("cause")}, in: {string.Join(' ', e.List("entered").Select(s => s.GetString()))}, out: {string.Join(' ', e.List("left").Select(s => s.GetString()))}")];

        Assert.Equal(
            [
                "status_event created, in: , out: ",
                "status_event created, in: , out: ",
                $"factory revised, in: , out: {slug}",
                $"factory revised, in: {slug}, out: ",
                $"factory deleted, in: , out: {slug}",
            ],
            await ToldAsync("region=hauts-de-france"));
        Assert.Equal(
            [
                $"status_event created, in: {slug}, out: ",
                $"status_event created, in: {other}, out: ",
                $"status_event created, in: , out: {slug}",
            ],
            await ToldAsync("status=announced"));
        Assert.Equal([$"status_event created, in: {slug}, out: ", $"status_event created, in: , out: {slug}"], await ToldAsync("status=announced&region=hauts-de-france"));
        Assert.Equal(["status_event created, in: , out: "], await ToldAsync("q=ailleurs"));
        Assert.Empty(await ToldAsync("bbox=0,0,1,1"));
        Assert.Equal(6, (await ToldAsync("country=FR")).Length);
        Assert.True(claim > 0);
    }

    [Fact]
    public async Task A_merge_takes_the_loser_out_of_the_filter_and_its_claims_are_the_survivors()
    {
        var (loser, survivor) = (await MakeFactoryAsync("Sosie"), await MakeFactoryAsync("Modèle", "france"));
        await StateAsync(loser, "announced");
        var from = await LastAsync();
        (await WriteAsync("POST", $"/v1/factories/{loser}/merge", $$"""{"into":"{{survivor}}"}""", Admin)).Is(201);

        var entry = Assert.Single(await Ask.ItemsAsync($"/v1/changes?after={from}&status=announced"));
        Assert.Equal((loser, survivor), (Assert.Single(entry.List("left")).GetString(), Assert.Single(entry.List("entered")).GetString()));
        Assert.Equal([loser], Assert.Single(await Ask.ItemsAsync($"/v1/changes?after={from}&region=hauts-de-france")).List("left").Select(s => s.GetString()!));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Advanced_day_is_compared_with_the_day_before(int days)
    {
        var due = Iso((await DayAsync()).AddDays(1));
        var slug = await MakeFactoryAsync("Tiamat Amiens");
        await StateAsync(slug, "announced");
        await StateAsync(slug, "under_construction", due);
        var from = await LastAsync();
        var today = await AdvanceDayAsync(days);

        var entry = Assert.Single(await Ask.ItemsAsync($"/v1/changes?after={from}"));
        Assert.Equal(("day", "day_advanced", null, null), (entry.Text("resourceType"), entry.Text("cause"), entry.Text("url"), entry.Text("factory")));
        Assert.Equal((null, today), (entry.Text("before"), entry.Text("after.day")));
        Assert.Single(await Ask.ItemsAsync($"/v1/changes?after={from}&types=day&causes=day_advanced&resource=day:{entry.Text("resourceId")}"));

        async Task<string> MovesAsync(string filter) => Assert.Single(await Ask.ItemsAsync($"/v1/changes?after={from}&{filter}")) is var found
            ? $"in: {string.Join(' ', found.List("entered").Select(s => s.GetString()))}, out: {string.Join(' ', found.List("left").Select(s => s.GetString()))}"
            : "";

        Assert.Equal($"in: {slug}, out: ", await MovesAsync("status=under_construction&region=hauts-de-france"));
        Assert.Equal($"in: , out: {slug}", await MovesAsync("status=announced"));
        Assert.Equal("in: , out: ", await MovesAsync($"slug={slug}"));
        Assert.Empty(await Ask.ItemsAsync($"/v1/changes?after={from}&slug=verkor-dunkerque"));
        Assert.Contains($"<title>day {today}</title>", (await Ask.GetAsync("/v1/changes", "Accept: application/atom+xml")).Is(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_without_a_factory_is_filtered_by_the_factories_that_it_concerns()
    {
        var other = await MakeFactoryAsync("Tiamat Amiens");
        (await WriteAsync("POST", "/v1/factories/verkor-dunkerque/locations", """{"lon":2.25,"lat":51,"precision":"site","basis":"inferred"}""")).Is(201);
        var from = await LastAsync();
        (await WriteAsync("PATCH", "/v1/operators/verkor", """{"website":"https://verkor.example/"}""", ifMatch: "*")).Is(200);
        (await WriteAsync("PATCH", "/v1/sources/vallee-de-la-batterie-2024-08", """{"title":"Vallée"}""", ifMatch: "*")).Is(200);
        (await WriteAsync("PATCH", "/v1/regions/hauts-de-france", """{"codes":null}""", Admin, "*")).Is(200);
        var image = (await Ask.ItemsAsync("/v1/factories/verkor-dunkerque/media"))[0].Text("id");
        (await WriteAsync("PATCH", $"/v1/media/{image}", """{"title":"Chantier"}""", ifMatch: "*")).Is(200);

        Assert.Equal(["operator", "source", "region", "media"], await TypesAsync("slug=verkor-dunkerque"));
        Assert.Equal(["region"], await TypesAsync($"slug={other}"));
        Assert.Equal(["operator", "source", "region", "media"], await TypesAsync("bbox=2,50,3,52&minPrecision=site&hasMedia=true"));
        Assert.Empty(await TypesAsync("country=DE"));

        async Task<IEnumerable<string?>> TypesAsync(string filter) =>
            (await Ask.TextsAsync($"/v1/changes?after={from}&{filter}", "resourceType")).Where(type => type != "identifier").Distinct();
    }

    [Fact]
    public async Task Nothing_is_missed_while_eight_write()
    {
        var begin = await LastAsync();
        var made = new ConcurrentBag<string>();
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 12; i++)
            {
                made.Add(await MakeFactoryAsync($"Usine w{writer}n{i}"));
            }
        })).ToList();

        var (seen, after) = (new List<(long Seq, string Slug)>(), begin);
        while (true)
        {
            var isLast = writers.TrueForAll(w => w.IsCompleted);
            var page = (await Ask.GetAsync($"/v1/changes?after={after}&limit=5&types=factory")).Is(200);
            seen.AddRange(page.Items.Select(e => (e.GetProperty("seq").GetInt64(), e.Text("slug")!)));
            after = page.Json.GetProperty("page").GetProperty("after").GetInt64();
            if (isLast && page.Next is null)
            {
                break;
            }
        }

        await Task.WhenAll(writers);
        Assert.Equal(96, made.Count);
        Assert.Equal(made.Order(StringComparer.Ordinal), seen.Select(e => e.Slug).Order(StringComparer.Ordinal));
        Assert.Equal(seen.Select(e => e.Seq).Order(), seen.Select(e => e.Seq));
        Assert.Equal(begin + (2 * 96), after);
    }

    [Fact]
    public async Task Atom_is_what_a_feed_reader_takes()
    {
        var slug = await MakeFactoryAsync("Tiamat & <Amiens>");
        var (pages, entries, url) = (new List<XElement>(), new List<XElement>(), "/v1/changes?limit=10");
        while (url is not null)
        {
            var answer = (await Ask.GetAsync(url, "Accept: application/atom+xml")).Is(200);
            Assert.Equal("application/atom+xml", answer.MediaType);
            var feed = XDocument.Parse(answer.Text).Root!;
            Assert.Equal(Atom + "feed", feed.Name);
            pages.Add(feed);
            entries.AddRange(feed.Elements(Atom + "entry"));
            url = Links(feed, "next").SingleOrDefault() is { } next ? new Uri(next).PathAndQuery : null;
        }

        Assert.True(pages.Count > 2);
        Assert.Single(pages.Select(feed => feed.Element(Atom + "id")!.Value).Distinct());
        Assert.All(pages.Concat(entries), one =>
        {
            // RFC 4287 §4.1.1 and §4.1.2: exactly one of each; an id is an IRI; a date is RFC 3339.
            Assert.True(Uri.TryCreate(Assert.Single(one.Elements(Atom + "id")).Value, UriKind.Absolute, out _));
            Assert.NotEqual("", Assert.Single(one.Elements(Atom + "title")).Value);
            Assert.True(DateTimeOffset.TryParseExact(Assert.Single(one.Elements(Atom + "updated")).Value, "yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));
            Assert.All(one.Elements(Atom + "link"), link => Assert.True(Uri.TryCreate(link.Attribute("href")!.Value, UriKind.Absolute, out _)));
        });
        Assert.All(pages, feed => Assert.Single(Links(feed, "self")));
        Assert.All(entries, entry =>
        {
            Assert.NotEqual("", Assert.Single(Assert.Single(entry.Elements(Atom + "author")).Elements(Atom + "name")).Value);
            // §4.1.3.2: content that lies elsewhere needs a summary, and is empty itself.
            Assert.Equal("application/json", Assert.Single(entry.Elements(Atom + "content")).Attribute("type")!.Value);
            Assert.Equal("", entry.Element(Atom + "content")!.Value);
            Assert.NotEqual("", Assert.Single(entry.Elements(Atom + "summary")).Value);
            Assert.True(Links(entry, "alternate").Count() <= 1);
        });
        Assert.Equal(entries.Count, entries.Select(e => e.Element(Atom + "id")!.Value).Distinct().Count());
        Assert.Equal(await LastAsync(), entries.Count);

        var newest = entries[0];
        Assert.Contains($"factory {slug} created", newest.Element(Atom + "title")!.Value, StringComparison.Ordinal);
        Assert.Contains("Tiamat & <Amiens>", newest.Element(Atom + "summary")!.Value, StringComparison.Ordinal);
        var there = (await Ask.ItemsAsync(new Uri(newest.Element(Atom + "content")!.Attribute("src")!.Value).PathAndQuery))[0];
        Assert.Equal(slug, there.Text("slug"));
    }

    private static IEnumerable<string> Links(XElement of, string rel) => of.Elements(Atom + "link").Where(link => link.Attribute("rel")!.Value == rel).Select(link => link.Attribute("href")!.Value);
}
