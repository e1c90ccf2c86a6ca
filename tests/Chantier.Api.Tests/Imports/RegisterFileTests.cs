using System.Globalization;
using Chantier.Testing;

namespace Chantier.Api.Tests.Imports;

/// <summary>The files that the tests import, excerpts or not, have the faults that an import must survive.</summary>
public sealed class RegisterFileTests
{
    private static readonly string[] Dated =
    [
        "Planning Application Submitted", "Planning Permission Granted", "Planning Permission Refused", "Planning Permission Expired",
        "Under Construction", "Operational",
    ];

    private static List<List<Dictionary<string, string>>> Releases { get; } =
        [.. RealFiles.Releases.Select(r => RealFiles.Rows(RealFiles.FileOf(r.Release)).ToList())];

    [Fact]
    public void Releases_differ_in_their_columns()
    {
        var headers = RealFiles.Releases.Select(r => File.ReadLines(RealFiles.FileOf(r.Release)).First().Split(',')).ToList();

        Assert.Equal(["Ref", "Ref ID", "Ref ID", "Ref ID", "Ref ID", "Ref ID"], headers.Select(h => h[1]));
        Assert.Equal([48, 48, 48, 50, 50, 51], headers.Select(h => h.Count(name => name.Length > 0)));
        Assert.Equal([0, 39, 53, 0, 0, 0], headers.Select(h => h.Count(name => name.Length == 0)));
        Assert.Equal(
            DataSets.Choose<int[]>([92, 107, 123, 124, 128, 130], [6688, 6918, 7257, 7616, 8016, 8487]),
            Releases.Select(rows => rows.Count));
    }

    [Fact]
    public void Releases_repeat_identifiers_and_drop_projects()
    {
        var ids = Releases.Select(rows => rows.ConvertAll(RealFiles.IdOf)).ToList();

        Assert.Equal([0, 0, 7, 0, 0, 0], ids.Select(all => all.Count - all.Distinct().Count()));
        Assert.Equal(
            DataSets.Choose<int[]>([5, 4, 4, 4, 4], [16, 20, 17, 21, 10]),
            ids.Zip(ids.Skip(1), (before, now) => before.Except(now).Count()));
        // A project that a release lists again after others did not.
        Assert.NotEmpty(ids[0].Except(ids[1]).Intersect(ids[2]));
    }

    [Fact]
    public void Releases_restate_dates_and_contradict_themselves()
    {
        var byId = Releases.ConvertAll(rows => rows.DistinctBy(RealFiles.IdOf).ToDictionary(RealFiles.IdOf));
        foreach (var (before, now) in byId.Zip(byId.Skip(1)))
        {
            var both = before.Where(x => now.ContainsKey(x.Key)).Select(x => (Before: x.Value, Now: now[x.Key])).ToList();
            Assert.Contains(both, x => Dated.Any(column =>
                x.Before[column].Length > 0 && x.Now[column].Length > 0 && x.Before[column] != x.Now[column]));
            Assert.Contains(both, x => Dated.Any(column => x.Before[column].Length > 0 && x.Now[column].Length == 0));
        }

        var all = Releases.SelectMany(rows => rows).ToList();
        Assert.Contains(all, row => Status(row) == "Operational" && row["Operational"].Length == 0);
        Assert.Contains(all, row => Status(row) == "Awaiting Construction" && row["Under Construction"].Length > 0);
        Assert.Contains(all, row => Status(row) == "Application Refused" && row["Planning Permission Granted"].Length > 0);
        Assert.Contains(all, row => Day(row["Operational"]) < Day(row["Under Construction"]));
    }

    [Fact]
    public void Releases_have_odd_cells()
    {
        Assert.All(Releases, rows =>
        {
            Assert.Contains(rows, row => row["Address"].Contains('\n', StringComparison.Ordinal));
            Assert.Contains(rows, row => row.Values.Any(cell => cell.Contains('\uFFFD', StringComparison.Ordinal)));
            Assert.Contains(rows, row => row["X-coordinate"].Length == 0);
            Assert.Contains(rows, row => Day(row["Planning Permission Expired"]) > new DateOnly(2023, 1, 31));
        });
        Assert.Contains(Releases[0], row => Day(row["Operational"]) < new DateOnly(1910, 1, 1));
        Assert.Contains(Releases[^1], row => row["Planning Permission Refused"] == "NA");
        Assert.Contains(Releases[2], row => Status(row).Length == 0);
    }

    [Fact]
    public void Industrial_sites_are_without_a_place_or_at_a_wrong_one_or_listed_twice()
    {
        var rows = RealFiles.Rows(DataSets.PathOf("industry/hotmaps.csv"), ";").ToList();

        Assert.Equal(DataSets.Choose(99, 5029), rows.Count);
        Assert.Equal(DataSets.Choose(20, 524), rows.Count(row => row["geom"].Length == 0));
        Assert.Contains(rows, row => row["Country"] == "Netherland");
        Assert.Contains(rows, row => row["Country"] == "Spain" && row["geom"].StartsWith("SRID=4326;POINT(43.", StringComparison.Ordinal));
        Assert.Equal(
            DataSets.Choose(4, 41),
            rows.GroupBy(row => (row["CompanyName"], row["SiteName"], row["City"])).Count(same => same.Count() > 1));
    }

    [Fact]
    public void Units_are_without_a_place_or_share_a_code()
    {
        var rows = RealFiles.Rows(DataSets.PathOf("industry/jrc-open-units.csv")).ToList();

        Assert.Equal(DataSets.Choose(115, 7117), rows.Count);
        Assert.Equal(DataSets.Choose(14, 2166), rows.Count(row => row["lat"].Length == 0));
        Assert.Equal(7, rows.Where(row => row["eic_g"].Length > 0).GroupBy(row => row["eic_g"]).Count(same => same.Count() > 1));
        Assert.Contains(rows, row => row["status_g"] == "decommissioned");
        Assert.Contains(rows, row => row["eic_p"].Length == 0);
        Assert.Contains(rows, row => row["eic_g"].Length == 0);
    }

    private static string Status(Dictionary<string, string> row) => row["Development Status (short)"];

    private static DateOnly? Day(string cell) =>
        DateOnly.TryParseExact(cell, "dd/MM/yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
