using System.Text;
using Chantier.Api.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Chantier.Api.Tests.Http;

/// <summary>Whatever is sent, nothing breaks, and what is refused says what was wrong.</summary>
public sealed class MalformedRequestTests(PostgresFixture postgres) : World(postgres)
{
    private static readonly string[] Noise =
        ["%00", "a%00b", "%01", "%7f", "%ff", "%c3%28", "%ed%a0%80", "%f0%9f%8f%ad", "'", "''--", "%22", "%5c", "$1", "@asOf", "%25s", "null", "NaN", "1e999", "-1", "0", "é", "{}", "[]", "..%2f", "%0d%0aX:1", "+", "%20", ";", "%E2%80%AE"];

    // Good values, for the parameters that a bad one is asked together with.
    private static readonly Dictionary<string, string> Good = new()
    {
        ["limit"] = "3",
        ["asOf"] = "2024-06",
        ["knownAt"] = "2025-02-01",
        ["lang"] = "fr",
        ["q"] = "elan",
        ["region"] = "arcadie",
        ["country"] = "FR",
        ["count"] = "exact",
        ["format"] = "json",
        ["identifier"] = "wikidata:Q101",
        ["status"] = "operating",
    };

    private Uri Server => Address;

    [Fact]
    public async Task A_thousand_random_malformed_requests_get_a_problem_that_names_what_was_wrong()
    {
        var random = new Random(20260101);
        var lists = Operations().ToList();
        var cursors = await CursorsAsync(lists);
        var seen = new Dictionary<int, int>();
        for (var i = 0; i < 1000; i++)
        {
            var answer = (i % 8) switch
            {
                0 or 1 or 2 => await BadValueAsync(random, lists),
                3 => await UnknownParameterAsync(random, lists),
                4 => await BadCursorAsync(random, cursors),
                5 => await BadPathAsync(random, lists),
                6 => await BadHeadersAsync(random, lists),
                _ => await NoiseAsync(random, lists),
            };
            Assert.True((int)answer.Status < 500, $"#{i} {answer.Request}\nanswered {answer.Status}: {answer.Text}");
            if ((int)answer.Status >= 400)
            {
                answer.IsProblem((int)answer.Status);
            }

            seen[(int)answer.Status] = seen.GetValueOrDefault((int)answer.Status) + 1;
        }

        // Most were refused: the test would prove nothing if they had been taken.
        Assert.InRange(seen[400], 600, 1000);
        Assert.True(seen[404] > 50, string.Join(' ', seen));
    }

    [Theory]
    [InlineData("limit", "", "empty")]
    [InlineData("status", "", "empty")]
    [InlineData("status", ",operating", "malformed")]
    [InlineData("status", "operating,,idled", "malformed")]
    [InlineData("q", "", "empty")]
    [InlineData("q", "%ff", "malformed")]
    [InlineData("q", "a%00", "malformed")]
    [InlineData("cursor", "", "empty")]
    public async Task An_empty_or_broken_value_is_refused_and_not_ignored(string parameter, string value, string code)
    {
        var answer = (await Ask.GetAsync($"/v1/factories?{parameter}={value}")).Blames(parameter);

        Assert.Equal(code, answer.Json.List("errors")[0].Text("code"));
    }

    [Theory]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("q=a&q=b", "q")]
    [InlineData("q=a&q=%ed%a0%80", "q")]
    [InlineData("bbox=1,2&bbox=3,4", "bbox")]
    [InlineData("near=1,2&near=1,2", "near")]
    [InlineData("asOf=2024&asOf=2024", "asOf")]
    [InlineData("publishedUntil=2024&publishedUntil=2025", "publishedUntil")]
    [InlineData("cursor=a&cursor=b", "cursor")]
    public async Task A_parameter_that_takes_one_value_is_refused_when_it_is_repeated(string query, string parameter) => (await Ask.GetAsync("/v1/factories?" + query)).Blames(parameter);

    [Fact]
    public async Task All_that_is_malformed_is_said_at_once_and_then_all_that_is_not_accepted()
    {
        (await Ask.GetAsync("/v1/factories?limit=0&asOf=yesterday&publishedUntil=spring&bbox=1,2,3&nothing=1&near=a,b&hasMedia=maybe&country=")).Blames("limit", "asOf", "publishedUntil", "bbox", "nothing", "near", "hasMedia", "country");
        (await Ask.GetAsync("/v1/factories?status=open&country=fr&count=all&sort=size&include=dogs&radiusKm=5")).Blames("status", "country", "count", "sort", "include", "radiusKm");
    }

    [Fact]
    public async Task A_value_is_shown_back_short_and_printable()
    {
        var answer = (await Ask.GetAsync($"/v1/factories?limit={new string('9', 5000)}%0d%0a")).Blames("limit");

        Assert.InRange(answer.Body.Length, 1, 1200);
        Assert.DoesNotContain("\\r", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_or_headers_that_are_too_long_are_refused_with_their_limit()
    {
        (await RawHttp.GetAsync(Server, "/v1/factories?slug=" + string.Join(',', Enumerable.Range(0, 100).Select(i => $"{new string('a', 110)}{i}")), [], Token)).Is(200);
        (await RawHttp.GetAsync(Server, "/v1/factories?q=" + new string('a', 40_000), [], Token)).IsProblem(414);
        (await RawHttp.GetAsync(Server, "/v1/factories/" + new string('a', 40_000), [], Token)).IsProblem(414);
        (await RawHttp.GetAsync(Server, "/v1/factories", ["X-Long: " + new string('a', 40_000)], Token)).IsProblem(431);
        (await RawHttp.GetAsync(Server, "/v1/factories", Enumerable.Range(0, 150).Select(i => $"X-{i}: a"), Token)).IsProblem(431);
    }

    /// <summary>The server refuses these before the service sees them, with the status alone.</summary>
    [Theory]
    [InlineData("GET /v1/factories/%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /v1/factories HTTP/1.1\r\n\r\n")]
    [InlineData("GET v1/factories HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /v1/factories HTTP/1.1\r\nHost: a\r\nNo colon\r\nConnection: close\r\n\r\n")]
    [InlineData("\0\0\0\0\r\n\r\n")]
    public async Task What_is_not_http_is_400_and_not_answered_further(string request) =>
        (await RawHttp.SendAsync(Server, Encoding.Latin1.GetBytes(request), Token)).Is(400);

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Another_method_is_405_and_names_those_allowed(string method)
    {
        var answer = (await Ask.SendAsync(new HttpMethod(method), "/v1/statuses")).IsProblem(405);

        Assert.Equal("GET, HEAD", answer.Header("Allow"));
    }

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];

    /// <summary>Every operation with its parameters, at the path of something that is there; but no stream, which has no end to wait for.</summary>
    // What /ogc accepts is its standard's affair, which cuts a limit that is refused elsewhere; OgcTests ask for that.
    private IEnumerable<(string Path, QueryContract Contract)> Operations() => Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.GetMetadata<QueryContract>() is not null && endpoint.Metadata.GetMetadata<Requires>() is null && !endpoint.RoutePattern.RawText!.EndsWith("/stream", StringComparison.Ordinal))
        .Where(endpoint => !endpoint.RoutePattern.RawText!.StartsWith("/ogc", StringComparison.Ordinal))
        .Select(endpoint => (PathOf(endpoint.RoutePattern.RawText!), endpoint.Metadata.GetMetadata<QueryContract>()!));

    private static string PathOf(string pattern) => pattern.TrimEnd('/').Replace(
        pattern.EndsWith("{id}", StringComparison.Ordinal) ? "{id}" : "{slug}",
        pattern switch
        {
            _ when pattern.Contains("operators", StringComparison.Ordinal) => "elan",
            _ when pattern.Contains("regions", StringComparison.Ordinal) => "arcadie",
            _ when pattern.Contains("sources", StringComparison.Ordinal) && !pattern.Contains("factories", StringComparison.Ordinal) => "registre-2023",
            _ when pattern.Contains("claims/", StringComparison.Ordinal) => "106",
            _ when pattern.EndsWith("{id}", StringComparison.Ordinal) => "1",
            _ => "acierie-elan",
        },
        StringComparison.Ordinal);

    private async Task<Answer> BadValueAsync(Random random, List<(string Path, QueryContract Contract)> lists)
    {
        var (path, contract) = lists[random.Next(lists.Count)];
        var name = Pick(random, [.. contract.Parameters.Keys]);
        var query = new List<string> { $"{name}={Encoded(BadValue(random, name, contract))}" };
        foreach (var (other, value) in Good)
        {
            // What would be wrong together with another is not asked here.
            if (other != name && path != "/v1/diff" && contract.Parameters.ContainsKey(other) && random.Next(5) == 0 && name is not ("cursor" or "near" or "sort"))
            {
                query.Insert(random.Next(query.Count + 1), $"{other}={value}");
            }
        }

        if (Needed(path) is { Length: > 0 } needed && !query.Exists(given => given.StartsWith(needed.Split('=')[0] + "=", StringComparison.Ordinal)))
        {
            query.Add(needed);
        }

        return (await RawHttp.GetAsync(Server, $"{path}?{string.Join('&', query)}", [], Token)).Blames(name);
    }

    // What some lists cannot be asked without.
    private static string Needed(string path) => path switch { "/v1/lookup" => "identifier=wikidata:Q101", "/v1/diff" => "from=2015", "/v1/search" => "q=elan", _ => "" };

    // Only ASCII is HTTP; what is percent-encoded already stays so.
    private static string Encoded(string text) => string.Concat(text.Select(c => char.IsAscii(c) && c != ' ' ? c.ToString() : Uri.EscapeDataString(c.ToString())));

    private static string BadValue(Random random, string name, QueryContract contract)
    {
        var kind = contract.Parameters[name].PropertyType.GetGenericArguments()[0];
        string[] always = ["", "%00", "a%00", "%ff", "%c3", "%01"];
        return random.Next(4) == 0 ? Pick(random, always) : kind switch
        {
            _ when kind == typeof(Limit) => Pick(random, "0", "-1", "1001", "1.5", "1e2", "%2b5", " 5", "99999999999999999999", "0x10", "five", "5,6", "\u00b2"),
            _ when kind == typeof(WorldDate) => Pick(random, "2024-13", "2024-02-30", "24", "2024-1-1", "yesterday", "2024-08-15T10:00:00Z", "..", "2024/2025", "2024-33", "99999", "-2024", "2024-00", "0000-00-00"),
            _ when kind == typeof(Moment) => Pick(random, "2024-02-30", "now", "2024", "2024-01", "2024-01-01T00:00:00", "2024-01-01T25:00:00Z", "2024-01-01T00:00:00%2B99:00", "99999-01-01", "1700000000", "2024-01-01T00:00:00.1234567890Z", "9999-12-31"),
            _ when kind == typeof(Box) => Pick(random, "1,2,3", "1,2,3,4,5", "a,b,c,d", "181,0,182,1", "0,91,1,92", "0,10,1,5", "NaN,0,1,1", "0,0,1,1e999", ",,,", "1;2;3;4", "0,0,Infinity,1"),
            _ when kind == typeof(LonLat) => Pick(random, "1", "1,2,3", "181,0", "0,91", "a,b", "NaN,NaN", "1e999,0", ",", "1;2"),
            _ when kind == typeof(Kilometres) => Pick(random, "0", "-1", "2001", "km", "1e5", "NaN", "1,5", "5km"),
            _ when kind == typeof(Flag) => Pick(random, "1", "yes", "TRUE", "True", "null", "true,false"),
            _ when kind == typeof(Words) => name == "identifier" ? Pick(random, "Q1", "wikidata", "nothing:1", "lei:1", ":", "wikidata:", "siren:123456789") : Pick(random, new string('a', 201), "%20", "%09", "%c2%85"),
            _ when kind == typeof(CursorText) => Pick(random, "x", "e30", "%7B%7D", "AAAA", new string('A', 500), "eyJwIjoiLyJ9", "null"),
            _ => name is "licence" or "series" ? Pick(random, ",", "a,,b", ",a", new string('a', 201), string.Join(',', Enumerable.Range(0, 101))) : Pick(random, ",", "a,,b", "!", "%22", "nothing%20such", "A%2FB", "--", "é", "%F0%9F%8F%AD", new string('x', 300)),
        };
    }

    private async Task<Answer> UnknownParameterAsync(Random random, List<(string Path, QueryContract Contract)> lists)
    {
        var (path, _) = lists[random.Next(lists.Count)];
        var name = Pick(random, "Limit", "page", "offset", "LIMIT", "foo", "status[]", "asof", "$filter", "_", "callback", "lim it", "q.", "è");
        var answer = (await RawHttp.GetAsync(Server, $"{path}?{Needed(path)}{(Needed(path).Length > 0 ? "&" : "")}{Uri.EscapeDataString(name)}={Pick(random, "1", "", "a,b")}", [], Token)).Blames(name);
        Assert.Contains("accepted are", answer.Json.List("errors")[0].Text("detail"), StringComparison.Ordinal);
        return answer;
    }

    /// <summary>A good cursor of every list that has more than one item. Where in a comparison it stands is text, and no text is wrong there.</summary>
    private async Task<List<(string Path, string Cursor)>> CursorsAsync(List<(string Path, QueryContract Contract)> lists)
    {
        var cursors = new List<(string, string)>();
        foreach (var (path, contract) in lists.Where(list => list.Contract.Parameters.ContainsKey("cursor") && list.Path is not ("/v1/lookup" or "/v1/diff" or "/v1/stats/factories" or "/v1/stats/timeline" or "/v1/stats/slippage/groups" or "/v1/stats/time-in-stage")))
        {
            string?[] sorts = path == "/v1/stats/slippage" ? [null, "-slipMonths"] : path == "/v1/changes" ? [null, "-seq"] : path == "/v1/claims" ? [null, "-id"] : contract.Parameters.ContainsKey("sort") ? path.Contains("events", StringComparison.Ordinal) || path.Contains("figures", StringComparison.Ordinal) ? [null, "recordedAt"] : [null, "updatedAt", "-name"] : [null];
            foreach (var sort in sorts)
            {
                if ((await Ask.GetAsync($"{path}?limit=1{(sort is null ? "" : "&sort=" + sort)}")).Is(200).Next is { } next)
                {
                    cursors.Add((path, next));
                }
            }
        }

        cursors.Add(("/v1/factories", (await Ask.GetAsync("/v1/factories?limit=1&near=2.4,47.5")).Is(200).Next!));
        Assert.InRange(cursors.Count, 25, 100);
        return cursors;
    }

    /// <summary>A real cursor with one thing in it forged.</summary>
    private async Task<Answer> BadCursorAsync(Random random, List<(string Path, string Cursor)> cursors)
    {
        var (path, good) = cursors[random.Next(cursors.Count)];
        var cursor = Cursor.TryDecode(good)!;
        var keys = cursor.Keys.ToArray();
        var forged = random.Next(9) switch
        {
            0 => cursor with { Keys = [.. keys, "1"] },
            1 => cursor with { Keys = keys[1..] },
            2 => cursor with { Keys = [.. keys[..^1], Pick(random, "", "x", "99999999999999999999", "-99999999999999999999", "1.5", "NaN", "null", "1 or 1=1", "٣")] },
            3 => cursor with { Path = Pick(random, "/v1", "/v1/factories/x", "", "/v1/sources2") },
            4 => cursor with { Query = cursor.Query + "&nothing=1" },
            5 => cursor with { Query = cursor.Query + "&asOf=never" },
            6 => cursor with { Query = "?sort=size&lang=en" },
            7 => cursor with { Query = "?lang=xx" },
            _ => null,
        };
        string? twisted = null;
        if (forged is null)
        {
            var letters = good.ToCharArray();
            letters[random.Next(letters.Length / 2)] = '!';
            twisted = random.Next(3) switch { 0 => new string(letters), 1 => good[..random.Next(1, good.Length / 2)], _ => good + "&cursor=" + good };
        }

        return (await RawHttp.GetAsync(Server, $"{path}?cursor={twisted ?? forged!.Encode()}", [], Token)).Blames("cursor");
    }

    [Theory]
    [InlineData("distance", "1e999")]
    [InlineData("distance", "NaN")]
    [InlineData("distance", "Infinity")]
    [InlineData("updatedAt", "yesterday")]
    [InlineData("updatedAt", "infinity")]
    [InlineData("updatedAt", "2025-01-01 10:00")]
    [InlineData("updatedAt", "Sat, 01 Jan 2000 00:00:00 GMT")]
    [InlineData("updatedAt", "2025-01-01T10:00:00Z")]
    [InlineData("statusSince", "2024-02-30")]
    [InlineData("statusSince", "now")]
    [InlineData("statusSince", "20240101")]
    public async Task A_cursor_whose_key_is_not_of_its_kind_is_refused(string sort, string key)
    {
        var good = (await Ask.GetAsync(sort == "distance" ? "/v1/factories?limit=1&near=2.4,47.5" : $"/v1/factories?limit=1&sort={sort}")).Next!;
        var forged = Cursor.TryDecode(good)! with { Keys = [key, "1"] };

        (await Ask.GetAsync($"/v1/factories?cursor={forged.Encode()}")).Blames("cursor");
    }

    [Theory]
    [InlineData("""{"p":"/v1/factories","q":"?lang=en","k":["\ud800","1"],"n":1}""")]
    [InlineData("""{"p":"/v1/factories","q":"?lang=en","k":["a\u0000","1"],"n":1}""")]
    [InlineData("""{"p":"/v1/factories","q":"?lang=en","k":[null,"1"],"n":1}""")]
    [InlineData("""{"p":"/v1/factories","q":"?lang=en","k":["a","1"],"n":99999999999}""")]
    [InlineData("""{"p":"/v1/factories","q":"?lang=en","k":["a","1"],"n":-1}""")]
    [InlineData("""{"p":"/v1/factories","q":null,"k":["a","1"],"n":1}""")]
    [InlineData("""{"p":"/v1/factories"}""")]
    [InlineData("""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""")]
    [InlineData("null")]
    public async Task A_cursor_made_by_hand_is_refused(string content)
    {
        var forged = Convert.ToBase64String(Encoding.UTF8.GetBytes(content)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        (await Ask.GetAsync($"/v1/factories?cursor={forged}")).Blames("cursor");
    }

    [Fact]
    public async Task What_a_cursor_carries_cannot_be_changed_beside_it()
    {
        var next = (await Ask.GetAsync("/v1/factories?limit=1&country=FR&sort=-name")).Next!;

        (await Ask.GetAsync($"/v1/factories?cursor={next}&country=DE")).Blames("country");
        (await Ask.GetAsync($"/v1/factories?cursor={next}&sector=other")).Blames("sector");
        (await Ask.GetAsync($"/v1/factories?cursor={next}&country=FR&limit=2")).Is(200);
        (await Ask.GetAsync($"/v1/operators?cursor={next}")).Blames("cursor");
    }

    private async Task<Answer> BadPathAsync(Random random, List<(string Path, QueryContract Contract)> lists)
    {
        var noise = Pick(random, [.. Noise.Where(n => !n.Contains("%00", StringComparison.Ordinal) && n.All(char.IsAscii))]);
        var path = random.Next(4) switch
        {
            0 => $"/v1/{Pick(random, "factories", "operators", "regions", "sources", "media")}/{noise}x",
            1 => lists[random.Next(lists.Count)].Path + "/" + noise,
            2 => $"/{noise}/v1/factories",
            _ => $"/v1/{Pick(random, "media/99999999999999999999", "media/-1", "media/1.0", "media/%20", "factories/" + new string('a', 300), "regions/A", "lookups", "factories/acierie-elan/nothing", "factories//")}",
        };
        return (await RawHttp.GetAsync(Server, path, [], Token)).IsProblem(404);
    }

    private async Task<Answer> BadHeadersAsync(Random random, List<(string Path, QueryContract Contract)> lists)
    {
        var value = random.Next(3) == 0 ? new string('q', random.Next(1, 2000)) : Pick(random, "*", "*;q=.2", ";;;", "a/b/c", "text/", "/", "q=0", "application/json;q=x", ",,,", "fr;q=9", "\"", "W/", "\"\"", "W/\"", "bytes=0-", "\u00ff\u00fe", "image/png", "text/html;q=0.1", "gzip;q=abc", "chunked");
        var header = Pick(random, "Accept", "Accept-Language", "Accept-Encoding", "If-None-Match", "If-Match", "If-Modified-Since", "Range", "Origin", "Cookie", "Authorization", "X-Forwarded-For", "Accept-Charset", "Content-Type", "Via");
        var answer = await RawHttp.GetAsync(Server, lists[random.Next(lists.Count)].Path, [$"{header}: {value}"], Token);
        // A header that cannot be read is as none (RFC 9110 §12.5); one that can be is refused by 406 alone. If-None-Match: * is met by any answer. The lookup misses its identifier, the comparison its dates, the search its words.
        Assert.True((int)answer.Status is 200 or 304 or 401 or 406 || answer.Text.Contains("/v1/lookup", StringComparison.Ordinal) || answer.Text.Contains("/v1/diff", StringComparison.Ordinal) || answer.Text.Contains("/v1/search", StringComparison.Ordinal), $"{answer.Request}: {answer.Status}");
        return answer;
    }

    private async Task<Answer> NoiseAsync(Random random, List<(string Path, QueryContract Contract)> lists)
    {
        var (path, contract) = lists[random.Next(lists.Count)];
        string[] names = [.. contract.Parameters.Keys, .. Noise];
        var query = string.Join('&', Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"{Pick(random, names)}={Pick(random, Noise)}{Pick(random, Noise)}"));
        return await RawHttp.GetAsync(Server, $"{path}?{string.Concat(query.Where(c => c is > ' ' and < '\u007f'))}", [], Token);
    }
}
