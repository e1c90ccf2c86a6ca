using System.Globalization;
using Chantier.Api.Keys;
using Chantier.Domain;
using Chantier.Testing;

namespace Chantier.Api.Tests.Axes;

/// <summary>The published sense, asked over HTTP, is what <see cref="Publication"/> and <see cref="Timeline"/> say of the same claims.</summary>
public sealed class PublishedSenseTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Sites = 12;
    private const int WritesEach = 14;

    // Exact, imprecise, open, retrieved only, and not dated at all.
    private static readonly (string Slug, string? Published, DateTimeOffset? Retrieved)[] Sources =
    [
        ("jour", "2021-05-10", null), ("mois", "2021-05", null), ("annee", "2021", null), ("trimestre", "2022-33", new(2022, 2, 2, 8, 30, 0, TimeSpan.Zero)), ("environ", "2022-06~", null),
        ("ouverte", "2022/..", new(2022, 7, 1, 0, 0, 0, TimeSpan.Zero)), ("sans-fin", "2022/..", null), ("retrouvee", null, new(2020, 1, 1, 12, 0, 0, TimeSpan.Zero)), ("tardive", "2024-12-31", null), ("inconnue", null, null),
    ];

    private static readonly string[] Dates = ["2019", "2020-06", "2021-05-10", "2021-05-10", "2021-33", "2022~", "2020/2021"];
    private static readonly string[] Statuses = [Status.Announced, Status.Planning, Status.UnderConstruction, Status.Operating, Status.Idled, Status.Cancelled, Status.Closed];

    private readonly List<Filed> _filed = [];
    private readonly Dictionary<string, Retraction> _retracted = [];
    private TestApi _api = null!;
    private Ask _ask = null!;
    private string _curator = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connection = await postgres.Databases.CreateAsync(Token);
        await World.ExecuteAsync(connection, PublicationWorld.SourcesSql, PublicationWorld.Parameters(
            Array.ConvertAll(Sources, s => (s.Slug, s.Published, DateOf(s.Published)?.Earliest, DateOf(s.Published)?.Latest, s.Retrieved))));
        _curator = await CreateKey.RunAsync(connection, "curator", "curate", Token);
        _api = await TestApi.StartAsync(connection, Token);
        _ask = new(_api.Client);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_had_been_published_is_what_the_rule_says(int seed)
    {
        var random = new Random(seed);
        for (var site = 0; site < Sites; site++)
        {
            (await _ask.WriteAsync("POST", "/v1/factories", $$"""{"slug":"site-{{site}}","name":"Site {{site}}","sector":"other","country":"FR"}""", _curator)).Is(201);
        }

        for (var n = 0; n < Sites * WritesEach; n++)
        {
            await (n % 30 == 29 ? RetractSourceAsync(random, isError: n % 60 == 59) : WriteAsync(random, random.Next(Sites)));
        }

        Assert.Contains(_filed, f => f.Publishable.End is null && f.Sources.Any(slug => _retracted.TryGetValue(slug, out var gone) && gone.IsError));
        Assert.Contains(_filed, f => f.Publishable.End is null && f.Sources.Any(slug => _retracted.TryGetValue(slug, out var gone) && !gone.IsError));
        var all = _filed.ConvertAll(f => f.Publishable with { Sources = [.. f.Sources.Select(SourceOf)] });
        var spans = _filed.ToDictionary(f => f.Id, f => Publication.Span(all.Single(c => c.ClaimId == f.Id), all));
        Assert.Contains(spans.Values, s => s.Basis == "retrieved");
        Assert.Contains(spans.Values, s => s.Basis == "recorded");
        Assert.Contains(spans.Values, s => s.From == s.To);
        Assert.Contains(spans.Values, s => s.From < s.To && s.To < DateTimeOffset.MaxValue);

        // Publications are dated by the day.
        var today = Day(TimeProvider.System.GetUtcNow());
        var days = spans.Values.SelectMany(s => new[] { Day(s.From), Day(s.To) }).Where(day => day <= today).Distinct()
            .SelectMany(day => new[] { day.AddDays(-1), day }).Distinct().OrderBy(_ => random.Next()).Take(60);
        foreach (var day in days)
        {
            var asOf = DateOnly.Parse(new[] { "2019-06-30", "2020-06-01", "2021-05-09", "2021-05-10", "2025-01-01" }[random.Next(5)], CultureInfo.InvariantCulture);
            var then = $"publishedUntil={day:yyyy-MM-dd}";

            // What is inferred has no publication: it is shown as it is today.
            var known = _filed.Where(f => f.Publishable.IsInferred ? f.Publishable.End is null : spans[f.Id] is var s && Day(s.From) <= day && Day(s.To) > day).ToList();
            var spokenOf = _filed.Where(f => !f.Publishable.IsInferred && spans[f.Id] is var s && Day(s.From) < Day(s.To) && Day(s.From) <= day).Select(f => f.Site).ToHashSet();
            var expected = Enumerable.Range(0, Sites).Where(spokenOf.Contains)
                .Select(site => $"site-{site} {Timeline.FactoryStatus(known.Where(f => f.Site == site).Select(f => f.Status), asOf)}").Order(StringComparer.Ordinal);
            var listed = await _ask.ItemsAsync($"/v1/factories?limit=1000&asOf={asOf:yyyy-MM-dd}&{then}");
            Assert.Equal(expected, listed.Select(f => $"{f.Text("slug")} {f.Text("status")}").Order(StringComparer.Ordinal));

            var events = await _ask.ItemsAsync($"/v1/status-events?limit=1000&{then}");
            Assert.Equal(known.Select(f => f.Id).Order(), events.Select(e => long.Parse(e.Text("id")!, CultureInfo.InvariantCulture)).Order());
        }
    }

    [Fact]
    public async Task A_then_B_then_A_by_news_are_three_claims_and_each_had_its_time()
    {
        (await _ask.WriteAsync("POST", "/v1/factories", """{"slug":"aba","name":"Aba","sector":"other","country":"FR"}""", _curator)).Is(201);
        var ids = new List<string?>();
        foreach (var (status, source) in new[] { ("operating", "jour"), ("idled", "environ"), ("operating", "tardive") })
        {
            var supersedes = ids.Count == 0 ? "" : $$""","supersedes":{"claim":{{ids[^1]}},"reason":"news"}""";
            ids.Add((await _ask.WriteAsync(
                "POST", "/v1/factories/aba/status-events", $$"""{"status":"{{status}}","date":"2020","dateMeaning":"observed","sources":[{"source":"{{source}}"}]{{supersedes}}}""", _curator)).Is(201).Json.Text("id"));
        }

        async Task<string?> StatusAsync(string day) => (await _ask.JsonAsync($"/v1/factories/aba?asOf=2025&publishedUntil={day}")).Text("status");
        (await _ask.GetAsync("/v1/factories/aba?asOf=2025&publishedUntil=2021-05-09")).IsProblem(404);
        Assert.Equal("operating", await StatusAsync("2021-05-10"));
        Assert.Equal("operating", await StatusAsync("2022-06-29"));
        Assert.Equal("idled", await StatusAsync("2022-06-30"));
        Assert.Equal("idled", await StatusAsync("2024-12-30"));
        Assert.Equal("operating", await StatusAsync("2024-12-31"));
    }

    private async Task WriteAsync(Random random, int site)
    {
        T Any<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
        var standing = _filed.Where(f => f.Site == site && f.Publishable.End is null).ToList();
        var isError = random.Next(2) == 0;
        if (standing.Count > 1 && random.Next(4) == 0)
        {
            var gone = Any(standing);
            var news = isError || random.Next(3) == 0 ? null : Any(Sources).Slug;
            var retracted = (await _ask.WriteAsync(
                "POST", $"/v1/claims/{gone.Id}/retraction", $$"""{"reason":"{{(isError ? "error" : "news")}}"{{(news is null ? "" : $",\"source\":\"{news}\"")}}}""", _curator)).Is(200).Json;
            End(gone, new(DateTimeOffset.Parse(retracted.Text("endedAt")!, CultureInfo.InvariantCulture), isError, news is null ? null : SourceOf(news)));
            return;
        }

        var (status, date, basis, confidence) = (Any(Statuses), Any(Dates), Any((string[])[Basis.Actual, Basis.Actual, Basis.Inferred, Basis.Expected]), Any(Confidence.All));
        string[] sources = basis == Basis.Inferred && random.Next(2) == 0 ? [] : [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Any(Standing).Slug).Distinct()];
        var superseded = standing.Count > 0 && random.Next(2) == 0 ? Any(standing) : null;
        var supersedes = superseded is null ? "" : $$""","supersedes":{"claim":{{superseded.Id}},"reason":"{{(isError ? "error" : "news")}}"}""";
        var made = (await _ask.WriteAsync(
            "POST",
            $"/v1/factories/site-{site}/status-events",
            $$"""{"status":"{{status}}","date":"{{date}}","dateMeaning":"observed","basis":"{{basis}}","confidence":"{{confidence}}","sources":[{{string.Join(',', sources.Select(s => $"{{\"source\":\"{s}\"}}"))}}]{{supersedes}}}""",
            _curator)).Is(201).Json;
        var (id, recordedAt) = (long.Parse(made.Text("id")!, CultureInfo.InvariantCulture), DateTimeOffset.Parse(made.Text("recordedAt")!, CultureInfo.InvariantCulture));
        if (superseded is not null)
        {
            End(superseded, new(recordedAt, isError, null));
        }

        _filed.Add(new(
            site,
            sources,
            new() { ClaimId = id, RecordedAt = recordedAt, Sources = [], IsInferred = basis == Basis.Inferred, Supersedes = superseded?.Id },
            new() { ClaimId = id, PhaseId = site, Status = status, Date = Edtf.Parse(date), DateMeaning = DateMeaning.Observed, Basis = basis, Confidence = confidence, RecordedAt = recordedAt }));
    }

    // What rests on it alone ends; where it never counted, but another source did until news ended that, it is by that news.
    private async Task RetractSourceAsync(Random random, bool isError)
    {
        var gone = Standing[random.Next(Standing.Count)].Slug;
        var news = isError || random.Next(3) == 0 ? null : Standing.Where(s => s.Slug != gone).ElementAt(random.Next(Standing.Count - 1)).Slug;
        (await _ask.WriteAsync(
            "POST", $"/v1/sources/{gone}/retraction", $$"""{"reason":"{{(isError ? "error" : "news")}}"{{(news is null ? "" : $",\"source\":\"{news}\"")}}}""", _curator)).Is(200);
        foreach (var claim in _filed.Where(f => f.Publishable.End is null && f.Sources.Contains(gone) && f.Sources.All(slug => slug == gone || _retracted.ContainsKey(slug))).ToList())
        {
            var told = isError ? _retracted.Values.Where(r => !r.IsError && claim.Sources.Contains(r.Source)).MaxBy(r => r.Number) : new Retraction(0, gone, IsError: false, news);
            var at = DateTimeOffset.Parse((await _ask.JsonAsync($"/v1/claims/{claim.Id}")).Text("endedAt")!, CultureInfo.InvariantCulture);
            End(claim, new(at, told is null, told?.News is null ? null : SourceOf(told.News)));
        }

        _retracted[gone] = new(_retracted.Count, gone, isError, news);
    }

    private List<(string Slug, string? Published, DateTimeOffset? Retrieved)> Standing => [.. Sources.Where(s => !_retracted.ContainsKey(s.Slug))];

    private void End(Filed claim, ClaimEnd end) => _filed[_filed.IndexOf(claim)] = claim with { Publishable = claim.Publishable with { End = end } };

    private PublishedSource SourceOf(string slug)
    {
        var (_, published, retrieved) = Sources.First(s => s.Slug == slug);
        return new(DateOf(published)?.Latest, retrieved, _retracted.TryGetValue(slug, out var gone) && gone.IsError);
    }

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    private static Edtf? DateOf(string? text) => text is null ? null : Edtf.Parse(text);

    /// <summary>A claim that was filed: what its publication needs, and what its timeline does.</summary>
    private sealed record Filed(int Site, string[] Sources, PublishableClaim Publishable, StatusClaim Status)
    {
        public long Id => Publishable.ClaimId;
    }

    /// <summary>A source that was taken back, in which order, and by news of which other.</summary>
    private sealed record Retraction(int Number, string Source, bool IsError, string? News);
}
