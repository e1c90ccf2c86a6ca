using System.Globalization;
using System.Text.Json;
using Chantier.Api.Database;
using Chantier.Api.Imports;
using Chantier.Testing;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Imports;

/// <summary>Six releases of a register that rewrites its history: what each of them said can be asked for ever.</summary>
public sealed class ReleaseTests(SixReleases releases) : IClassFixture<SixReleases>
{
    // What the words of the register are held to mean, written down apart from the mapping.
    private static readonly Dictionary<string, string> Statuses = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Operational"] = "operating",
        ["Under Construction"] = "under_construction",
        ["Awaiting Construction"] = "permitted",
        ["Planning Permission Granted"] = "permitted",
        ["No Application Required"] = "permitted",
        ["Appeal Granted"] = "permitted",
        ["Application Submitted"] = "planning",
        ["Appeal Lodged"] = "planning",
        ["Pre-Planning"] = "planning",
        ["Scoping"] = "planning",
        ["Application Refused"] = "cancelled",
        ["Application Withdrawn"] = "cancelled",
        ["Abandoned"] = "cancelled",
        ["Revised"] = "cancelled",
        ["Planning Permission Expired"] = "cancelled",
        ["Appeal Withdrawn"] = "cancelled",
        ["Appeal Refused"] = "cancelled",
        ["Decommissioned"] = "closed",
    };

    private static readonly (string Column, string Term)[] Dated =
    [
        ("Planning Application Submitted", "filing"), ("Planning Application Withdrawn", "filing_withdrawn"), ("Planning Permission Refused", "permit_refused"), ("Appeal Lodged", "appeal_lodged"),
        ("Appeal Withdrawn", "appeal_withdrawn"), ("Appeal Refused", "appeal_refused"), ("Appeal Granted", "appeal_granted"), ("Planning Permission Granted", "permit_granted"),
        ("Secretary of State - Intervened", "other"), ("Secretary of State - Refusal", "permit_refused"), ("Secretary of State - Granted", "permit_granted"),
        ("Planning Permission Expired", "permit_expired"), ("Under Construction", "under_construction"), ("Operational", "operating"),
    ];

    private readonly NpgsqlDataSource _source = releases.Source;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_release_is_answered_as_it_was_published_project_by_project_and_column_by_column()
    {
        var compared = await CompareAsync(_source, releases.Api, RealFiles.Releases);

        Assert.Equal(DataSets.Choose(excerpt: 697, whole: 44_975), compared);
    }

    /// <summary>Holds the rows of releases, or of those files of them, against what is said of each as it was published, and gives how many they were.</summary>
    internal static async Task<int> CompareAsync(NpgsqlDataSource source, TestApi api, (string Release, string Published)[] releases, Func<string, string>? fileOf = null)
    {
        var slugs = await SlugsAsync(source);
        var compared = 0;
        foreach (var (release, published) in releases)
        {
            var said = await SaidAsync(api, published);
            var seen = new HashSet<string>();
            var wrong = new List<string>();
            foreach (var row in RealFiles.Rows((fileOf ?? RealFiles.FileOf)(release)))
            {
                var id = RealFiles.IdOf(row);
                if (!seen.Add(id))
                {
                    // Another project under the same number: the report says so, and the first stands.
                    continue;
                }

                compared++;
                var (status, events) = said[slugs[id]];
                var word = row["Development Status (short)"].Trim() is { Length: > 0 } brief ? brief : row["Development Status"].Trim();
                if (word.Length > 0 && status != Statuses[word])
                {
                    wrong.Add($"{id} is {status}, and the row says {word}");
                }

                var expected = Dated
                    .Where(d => DateOnly.TryParseExact(row[d.Column].Trim(), "dd/MM/yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                    .Select(d => $"{d.Term} {DateOnly.ParseExact(row[d.Column].Trim(), "dd/MM/yyyy", CultureInfo.InvariantCulture):yyyy-MM-dd}")
                    .Order(StringComparer.Ordinal).ToList();
                if (!expected.SequenceEqual(events))
                {
                    wrong.Add($"{id} has [{string.Join(", ", events)}], and the row says [{string.Join(", ", expected)}]");
                }
            }

            Assert.True(wrong.Count == 0, $"{release}: {wrong.Count} rows differ, such as: {string.Join("; ", wrong.Take(5))}");
        }

        return compared;
    }

    [Fact]
    public async Task The_last_release_again_changes_nothing()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        var before = await connection.QuerySingleAsync<long>("select max(seq) from change");

        var again = await RealFiles.ImportAsync(releases.Connection, RealFiles.Releases[^1]);

        Assert.Equal(before, await connection.QuerySingleAsync<long>("select max(seq) from change"));
        Assert.Equal((again.Rows, 0, 0, 0, 0, 0), (again.Unchanged, again.Created, again.Updated, again.Matched, again.Rejected, again.Changes));
    }

    [Fact]
    public async Task An_older_release_is_refused_without_backfill_and_takes_nothing_with_it()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        var before = await connection.QuerySingleAsync<long>("select (select max(seq) from change) + (select count(*) from import)");

        var refused = await Assert.ThrowsAsync<ImportException>(() => RealFiles.ImportAsync(releases.Connection, RealFiles.Releases[1]));

        Assert.Equal("backfill", refused.Option);
        Assert.Contains("2023-01", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await connection.QuerySingleAsync<long>("select (select max(seq) from change) + (select count(*) from import)"));
    }

    [Fact]
    public async Task What_a_release_lists_no_longer_it_says_so_of()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        for (var i = 1; i < RealFiles.Releases.Length; i++)
        {
            var (before, now) = (Ids(RealFiles.Releases[i - 1].Release), Ids(RealFiles.Releases[i].Release));
            var told = await connection.QueryAsync<string>(
                """
                select n.value from claim c join evidence e on e.claim_id = c.id join source_version v on v.source_id = e.source_id and v.release = @release
                join identifier n on n.kind = 'factory' and n.resource_id = c.factory_id and n.scheme = 'repd'
                where c.key like '%/not-listed' and c.note like 'No longer listed%'
                """, new { release = RealFiles.Releases[i].Release });

            Assert.Equal(before.Except(now).Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
        }

        static HashSet<string> Ids(string release) =>
            [.. RealFiles.Rows(RealFiles.FileOf(release)).Select(RealFiles.IdOf)];
    }

    [Fact]
    public async Task Every_projection_is_what_a_rebuild_makes()
    {
        await using var connection = await _source.OpenConnectionAsync(Token);
        var before = await StateAsync();
        await Projections.RebuildAsync(connection, transaction: null, Token);

        Assert.Equal(before, await StateAsync());

        async Task<string> StateAsync() => await connection.QuerySingleAsync<string>(new CommandDefinition(
            """
            select md5(string_agg(x, '|' order by x)) from (
              select (to_jsonb(s) - 'stamp')::text as x from factory_current s
              union all
              select s::text from status_span s
              union all
              select s::text from capacity_span s
              union all
              select (c.id, c.published_from, c.published_to, c.published_basis)::text from claim c) x
            """, commandTimeout: 0, cancellationToken: Token));
    }

    private static async Task<Dictionary<string, string>> SlugsAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync(Token);
        return (await connection.QueryAsync<(string, string)>("select i.value, f.slug from identifier i join factory f on f.id = i.resource_id where i.kind = 'factory' and i.scheme = 'repd'"))
            .ToDictionary(x => x.Item1, x => x.Item2);
    }

    // By slug: the status, and what is dated otherwise than by the release itself.
    private static async Task<Dictionary<string, (string? Status, List<string> Events)>> SaidAsync(TestApi api, string day)
    {
        var ask = new Ask(api.Client);
        var said = new Dictionary<string, (string?, List<string>)>();
        var path = $"/v1/factories?asOf={day}&publishedUntil={day}&include=statusEvents&fields=slug,status,statusEvents&limit=1000";
        while (path is not null)
        {
            var page = await ask.JsonAsync(path);
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                said[item.GetProperty("slug").GetString()!] = (
                    item.GetProperty("status").GetString(),
                    [.. item.GetProperty("statusEvents").EnumerateArray().Where(e => e.GetProperty("dateMeaning").GetString() == "began").Select(Term).Order(StringComparer.Ordinal)]);
            }

            path = page.GetProperty("page").GetProperty("next").GetString() is { } cursor ? $"/v1/factories?cursor={Uri.EscapeDataString(cursor)}&include=statusEvents&fields=slug,status,statusEvents&limit=1000" : null;
        }

        return said;

        static string Term(JsonElement e) => $"{e.GetProperty("status").GetString() ?? e.GetProperty("milestone").GetString()} {e.GetProperty("date").GetString()}";
    }
}
