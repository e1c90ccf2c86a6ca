using Chantier.Api.Seeding;
using Chantier.Testing;
using Npgsql;

namespace Chantier.Api.Tests.Imports;

/// <summary>The service over the releases of a register, imported one after the other: one for all tests of a class, which leave what they say as it is.</summary>
public sealed class SixReleases(PostgresFixture postgres) : IAsyncLifetime
{
    internal string Connection { get; private set; } = "";

    internal NpgsqlDataSource Source { get; private set; } = null!;

    internal TestApi Api { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Connection = await postgres.Databases.CreateAsync(Token);
        await FillAsync(Connection);
        Source = TestDatabases.Source(Connection);
        Api = await TestApi.StartAsync(Connection, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (Api is not null)
        {
            await Api.DisposeAsync();
            await Source.DisposeAsync();
        }
    }

    private static async Task FillAsync(string database)
    {
        await SeedPacks.LoadAsync(database, Path.Combine(AppContext.BaseDirectory, "seeds"), "regions", Token);
        foreach (var release in RealFiles.Releases)
        {
            using var report = new StringWriter();
            var summary = await RealFiles.ImportAsync(database, release, report);
            var rows = RealFiles.Rows(RealFiles.FileOf(release.Release)).Count();

            Assert.Equal(rows, summary.Rows);
            Assert.Equal(rows, summary.Created + summary.Updated + summary.Unchanged + summary.Matched + summary.Rejected);
            var lines = Http.Csv.Read(report.ToString());
            Assert.Equal(rows, lines.Rows.Count(l => l[1] is "created" or "updated" or "unchanged" or "matched" or "rejected"));
            Assert.All(lines.Rows.Where(l => l[1] == "rejected"), l => Assert.All([l[0], l[5], l[6], l[7], l[8]], Assert.NotEmpty));
        }
    }
}
