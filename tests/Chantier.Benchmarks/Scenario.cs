using System.Globalization;

namespace Chantier.Benchmarks;

/// <summary>One kind of request, and how pgbench comes by the values of the statements behind it.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Path">The request; {n} stands for the number of a random factory.</param>
/// <param name="Values">The statement's parameters as SQL; {n} stands for pgbench's random number. Those of every read come from <see cref="Common"/>.</param>
internal sealed record Scenario(string Name, string Path, IReadOnlyDictionary<string, string> Values)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("one", "/v1/factories/generated-{n}", new Dictionary<string, string> { ["slug"] = "('generated-' || {n})" }),
        new("list of 20", "/v1/factories?limit=20", new Dictionary<string, string> { ["limit"] = "21" }),
        new("100 features in a box", "/v1/factories?format=geojson&limit=100&bbox=2,48,8,52", new Dictionary<string, string>
        {
            ["limit"] = "101", ["west"] = "2", ["south"] = "48", ["east"] = "8", ["north"] = "52",
        }),
        new("search", "/v1/search?q=fonderye%20{n}", new Dictionary<string, string>())
        {
            Bare = "select kind, total, best, scores from search_matches(array['factory', 'operator', 'region'], 'fonderye ' || {n}, 20);",
        },
        new("counts by country and status", "/v1/stats/factories?groupBy=country,status&limit=1000", new Dictionary<string, string>
        {
            ["limit"] = "1001", ["byCountry"] = "true", ["bySector"] = "false", ["regionLevel"] = "null::text", ["measures"] = "array['count']", ["byStatus"] = "true", ["isToday"] = "true",
        }),
        new("20 years by month", "/v1/stats/timeline?interval=month&limit=1000", new Dictionary<string, string>
        {
            ["limit"] = "1001", ["measures"] = "array['count']", ["byStatus"] = "true", ["byCountry"] = "false", ["bySector"] = "false", ["interval"] = "'month'", ["step"] = "'1 month'", ["first"] = "(date '2006-01-01' - date '0001-01-01')", ["last"] = "'2026-01-01'::date",
        }),
    ];

    /// <summary>The work of the database alone, where its statements follow from each other's answers; else it is those that the service sends.</summary>
    public string? Bare { get; init; }

    /// <summary>What every read binds.</summary>
    public static IReadOnlyDictionary<string, string> Common { get; } = new Dictionary<string, string>
    {
        ["lang"] = "'en'::text",
        ["knownBy"] = "'recorded'::text",
        ["knownAt"] = "'9999-12-31T00:00:00Z'::timestamptz",
        ["asOf"] = "'2026-01-01'::date",
        ["lastKnown"] = "null",
        ["dateMatch"] = "'possible'::text",
    };

    public string PathOf(int factory) => Path.Replace("{n}", factory.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
