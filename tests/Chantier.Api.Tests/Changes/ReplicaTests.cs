using System.Collections.Concurrent;
using System.Text.Json;
using Chantier.Domain;

namespace Chantier.Api.Tests.Changes;

/// <summary>Whoever has nothing but the feed has everything.</summary>
public sealed class ReplicaTests(PostgresFixture postgres) : FeedApi(postgres)
{
    private const int Writers = 8;
    private const int WritesEach = 30;

    // Whether each is still there, as far as the writers know.
    private readonly ConcurrentDictionary<string, bool> _factories = new();
    private readonly ConcurrentDictionary<long, string> _claims = new();
    private readonly ConcurrentDictionary<string, int> _done = new();

    [Fact]
    public async Task A_replica_whose_client_is_killed_at_random_ends_identical_to_its_source_while_eight_write()
    {
        foreach (var slug in new[] { "verkor-dunkerque", "acc-hauts-de-france", "envision-aesc-hauts-de-france" })
        {
            _factories[slug] = true;
        }

        var replica = new Replica();
        var writers = Enumerable.Range(0, Writers).Select(seed => Task.Run(() => WriteRandomlyAsync(new Random(seed)))).ToList();
        var (random, kills) = (new Random(4711), 0);
        while (true)
        {
            var isLast = writers.TrueForAll(w => w.IsCompleted);
            await FollowAsync(replica, random);
            kills++;
            if (isLast && replica.Last == await LastAsync())
            {
                break;
            }
        }

        await Task.WhenAll(writers);
        Assert.True(kills > 10);
        Assert.True(_done.Keys.Order(StringComparer.Ordinal).SequenceEqual(["claim", "create", "delete", "edit", "merge", "retract", "supersede"]), string.Join(", ", _done.Keys));
        await CompareAsync(replica);
    }

    // One life of the client: it reads a few entries in either way, and is gone without a word.
    private async Task FollowAsync(Replica replica, Random random)
    {
        if (random.Next(2) == 0)
        {
            var pages = random.Next(1, 4);
            for (var i = 0; i < pages; i++)
            {
                foreach (var entry in await Ask.ItemsAsync($"/v1/changes?after={replica.Last}&limit={random.Next(1, 20)}"))
                {
                    replica.Take(entry);
                }
            }

            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        end.CancelAfter(random.Next(20, 200));
        try
        {
            using var stream = await EventReader.OpenAsync(Api.Client, "/v1/changes/stream?after=0", $"{replica.Last}", end.Token);
            for (var i = random.Next(1, 40); i > 0; i--)
            {
                replica.Take((await stream.NextAsync(end.Token))!.Value);
            }
        }
        catch (OperationCanceledException) when (!Token.IsCancellationRequested)
        {
        }
    }

    private async Task WriteRandomlyAsync(Random random)
    {
        for (var i = 0; i < WritesEach; i++)
        {
            var there = _factories.Where(f => f.Value).Select(f => f.Key).ToList();
            var slug = Pick(there, random);
            var date = $"20{random.Next(10, 24)}-{random.Next(1, 13):D2}";
            switch (random.Next(12))
            {
                case 0 or 1:
                    var made = await WriteAsync("POST", "/v1/factories", $$"""{"name":"Usine {{random.Next(1000)}}","sector":"battery_cells","country":"FR","products":["cells"],"identifiers":[{"scheme":"wikidata","value":"Q{{random.Next(1, 1_000_000)}}"}]}""");
                    if (Note("create", made))
                    {
                        _factories[made.Json.Text("slug")!] = true;
                    }

                    break;
                case 2 or 3:
                    Note("edit", await WriteAsync("PATCH", $"/v1/factories/{slug}", $$"""{"locality":"Lieu {{random.Next(5)}}","description":{"fr":"Numéro {{random.Next(9)}}"} }""", ifMatch: "*"));
                    break;
                case 4 or 5 or 6:
                    var status = Status.All[random.Next(Status.All.Count)].Code;
                    Keep(await WriteAsync("POST", $"/v1/factories/{slug}/status-events", $$"""{"status":"{{status}}","date":"{{date}}","dateMeaning":"observed","confidence":"{{Pick(["high", "medium", "low"], random)}}","sources":{{Sources}}}"""), slug);
                    break;
                case 7:
                    Keep(await WriteAsync("POST", $"/v1/factories/{slug}/figures", $$"""{"property":"jobs","unit":"jobs","value":{{random.Next(1, 9000)}},"sources":{{Sources}}}"""), null);
                    Keep(await WriteAsync("POST", $"/v1/factories/{slug}/locations", $$"""{"lon":{{random.Next(1, 4)}}.25,"lat":50.5,"precision":"municipality","sources":{{Sources}}}"""), null);
                    break;
                case 8:
                    if (_claims.Where(c => there.Contains(c.Value)).ToList() is { Count: > 0 } events)
                    {
                        var (claim, factory) = Pick(events, random);
                        Keep(
                            await WriteAsync(
                                "POST", $"/v1/factories/{factory}/status-events",
                                $$"""{"status":"operating","date":"{{date}}","dateMeaning":"began","sources":{{Sources}},"supersedes":{"claim":{{claim}},"reason":"{{Pick(["news", "error"], random)}}"} }"""),
                            factory, "supersede");
                    }

                    break;
                case 9:
                    if (!_claims.IsEmpty)
                    {
                        Note("retract", await WriteAsync("POST", $"/v1/claims/{Pick(_claims.Keys, random)}/retraction", """{"reason":"error","note":"Misread."}""", Admin));
                    }

                    break;
                case 10:
                    if (Keep(await WriteAsync("POST", $"/v1/factories/{slug}/merge", $$"""{"into":"{{Pick(there, random)}}"}""", Admin), null, "merge"))
                    {
                        _factories[slug] = false;
                    }

                    break;
                default:
                    if (there.Count > Writers && Note("delete", await WriteAsync("DELETE", $"/v1/factories/{slug}", ifMatch: "*")))
                    {
                        _factories[slug] = false;
                    }

                    break;
            }
        }
    }

    private static T Pick<T>(IEnumerable<T> from, Random random) => from.ToList() is var all ? all[random.Next(all.Count)] : default!;

    private bool Keep(Answer answer, string? slug, string what = "claim")
    {
        var isMade = Note(what, answer);
        if (isMade)
        {
            _claims[answer.Json.GetProperty("id").GetInt64()] = slug ?? "";
        }

        return isMade;
    }

    // What another writer has just merged, ended or deleted is refused; nothing may fail.
    private bool Note(string what, Answer answer)
    {
        Assert.True((int)answer.Status < 500, $"{answer.Request}\n{answer.Text}");
        if ((int)answer.Status is >= 200 and < 300)
        {
            _done.AddOrUpdate(what, 1, (_, count) => count + 1);
            return true;
        }

        return false;
    }

    private async Task CompareAsync(Replica replica)
    {
        var merged = replica.All("merge").Where(merge => merge.Value.Text("endCause") is null).Select(merge => merge.Value.Text("factory")!).ToHashSet();
        var there = replica.All("factory").Where(factory => !merged.Contains(factory.Value.Text("slug")!)).ToDictionary(f => f.Value.Text("slug")!, f => f.Value);
        Assert.Equal(there.Keys.Order(StringComparer.Ordinal), await Ask.SlugsAsync("/v1/factories?limit=1000") is var slugs ? slugs.Order(StringComparer.Ordinal) : []);
        foreach (var gone in _factories.Keys.Except(there.Keys))
        {
            Assert.True((int)(await Ask.GetAsync($"/v1/factories/{gone}")).Status is 308 or 410);
        }

        foreach (var (slug, mine) in there)
        {
            var own = await Ask.JsonAsync($"/v1/factories/{slug}");
            Same(mine, own, "name", "names", "sector", "products", "description", "country", "locality", "website", "version");
            Assert.Equal(mine.Text("region"), own.Text("region.slug"));
            Assert.Equal(StatusOf(replica, slug), own.Text("status"));
        }

        foreach (var kind in Vocabularies.ClaimKind)
        {
            foreach (var (id, mine) in replica.All(kind))
            {
                var own = await Ask.JsonAsync($"/v1/claims/{id}");
                Same(
                    mine, own, "kind", "status", "milestone", "date", "dateMeaning", "property", "value", "min", "max", "word", "unit", "scope", "forDate", "operator", "role", "share", "lon", "lat", "precision", "mediaId",
                    "cluster", "survivor", "basis", "confidence", "claimNote", "recordedBy", "recordedAt", "supersedes", "supersededBy", "endCause", "endReason", "endSource", "endNote", "endedBy", "endedAt");
                Assert.Equal(mine.GetProperty("sources").EnumerateArray().Select(s => s.Text("source")), own.List("evidence").Select(e => e.Text("source.slug")));
            }
        }

        foreach (var (type, path, fields) in new[]
        {
            ("operator", "/v1/operators", new[] { "name", "legalName", "country", "website", "version" }),
            ("region", "/v1/regions", ["kind", "names", "version"]),
            ("source", "/v1/sources", ["kind", "title", "publisher", "url", "archiveUrl", "published", "language", "licence", "textSha256", "version"]),
            ("media", "/v1/media", ["url", "kind", "title", "caption", "altText", "credit", "licence", "captured", "mime", "width", "height", "version"]),
        })
        {
            var own = (await Ask.ItemsAsync($"{path}?limit=1000")).ToDictionary(item => item.Text(type == "media" ? "id" : "slug")!);
            var mine = replica.All(type).ToDictionary(r => type == "media" ? $"{r.Key}" : r.Value.Text("slug")!, r => r.Value);
            Assert.Equal(own.Keys.Order(StringComparer.Ordinal), mine.Keys.Order(StringComparer.Ordinal));
            foreach (var name in own.Keys)
            {
                Same(mine[name], own[name], fields);
            }
        }
    }

    private static void Same(JsonElement mine, JsonElement own, params string[] fields)
    {
        foreach (var field in fields)
        {
            var here = mine.TryGetProperty(field, out var value) ? value : default;
            var isSame = own.TryGetProperty(field, out var other) && other.ValueKind != JsonValueKind.Null
                ? here.ValueKind != JsonValueKind.Undefined && JsonElement.DeepEquals(here, other)
                : here.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
            Assert.True(isSame, $"{field} differs:\n{mine}\n{own}");
        }
    }

    // By the rule that the domain states, from what the replica knows alone.
    private static string? StatusOf(Replica replica, string slug)
    {
        var standing = replica.All("merge").Where(m => m.Value.Text("endCause") is null).ToDictionary(m => m.Value.Text("factory")!, m => m.Value.Text("survivor")!);
        string Last(string of)
        {
            while (standing.TryGetValue(of, out var next))
            {
                of = next;
            }

            return of;
        }

        // The unnamed phases of a factory and of those merged into it are the whole site.
        var named = replica.All("phase").Where(phase => phase.Value.Text("name") is not null).Select(phase => phase.Key).ToHashSet();
        var events = replica.All("status_event").Where(e => e.Value.Text("endCause") is null && e.Value.Text("status") is not null && Last(e.Value.Text("factory")!) == slug).Select(e => new StatusClaim
        {
            ClaimId = e.Key,
            PhaseId = e.Value.GetProperty("phaseId").GetInt64() is var phase && named.Contains(phase) ? phase : 0,
            Status = e.Value.Text("status")!,
            Date = Edtf.Parse(e.Value.Text("date")!),
            DateMeaning = e.Value.Text("dateMeaning")!,
            Basis = e.Value.Text("basis")!,
            Confidence = e.Value.Text("confidence")!,
            RecordedAt = e.Value.GetProperty("recordedAt").GetDateTimeOffset(),
        }).ToList();
        return Timeline.Factory(events)[^1].Status;
    }

    /// <summary>What somebody has who reads the feed and nothing else.</summary>
    private sealed class Replica
    {
        private readonly Dictionary<(string Type, long Id), Dictionary<string, JsonElement>> _resources = [];

        public long Last { get; private set; }

        public IEnumerable<KeyValuePair<long, JsonElement>> All(string type) => _resources.Where(r => r.Key.Type == type)
            .Select(r => KeyValuePair.Create(r.Key.Id, JsonSerializer.SerializeToElement(r.Value)));

        public void Take(JsonElement entry)
        {
            var seq = entry.GetProperty("seq").GetInt64();
            Assert.True(seq == Last + 1, $"{seq} came after {Last}");
            Last = seq;
            var key = (entry.Text("resourceType")!, entry.GetProperty("resourceId").GetInt64());
            if (entry.GetProperty("after") is not { ValueKind: JsonValueKind.Object } after)
            {
                Assert.True(_resources.Remove(key));
                return;
            }

            var fields = entry.GetProperty("before").ValueKind == JsonValueKind.Null ? _resources[key] = [] : _resources[key];
            foreach (var field in after.EnumerateObject())
            {
                fields[field.Name] = field.Value;
            }

            fields["slug"] = entry.GetProperty("slug");
            fields["version"] = entry.GetProperty("version");
        }
    }
}
