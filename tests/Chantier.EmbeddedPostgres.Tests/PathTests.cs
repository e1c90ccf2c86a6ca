namespace Chantier.EmbeddedPostgres.Tests;

public sealed class PathTests
{
    [Theory]
    [InlineData("a path of many words, some of them with accents (é), quotes (') and $signs")]
    [InlineData("short, with a comma")]
    [InlineData("l'été à 100 % $HOME `x`")]
    public async Task The_data_may_lie_under_any_name(string name)
    {
        var inside = name.Length > 50 ? Path.Combine(name, name) : name;
        await using var folder = TestFolder.Make(inside);
        string host;
        await using (var server = await folder.StartAsync())
        {
            host = server.Host;
            Assert.InRange(host.Length, 1, 89);
            Assert.Equal(folder.Cluster, await TestFolder.QueryAsync(server, "show data_directory"));
            await using var again = await folder.StartAsync();
            Assert.Equal((true, host), (again.WasRunning, again.Host));
        }
        Assert.Equal(host.StartsWith(folder.Path, StringComparison.Ordinal), Directory.Exists(host));
    }

    [Fact]
    public async Task A_link_to_the_folder_is_the_same_folder()
    {
        await using var folder = TestFolder.Make();
        await using var server = await folder.StartAsync();
        var link = Path.Combine(folder.Path, "link");
        Directory.CreateSymbolicLink(link, folder.Data);
        await using var same = await TestFolder.StartAsync(TestFolder.Options(link));
        Assert.True(same.WasRunning);
    }

    [Fact]
    public async Task A_bare_PostgreSQL_directory_is_refused()
    {
        await using var folder = TestFolder.Make();
        Directory.CreateDirectory(folder.Data);
        await File.WriteAllTextAsync(Path.Combine(folder.Data, "PG_VERSION"), "15\n", TestFolder.Cancellation);
        var problem = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => folder.StartAsync());
        Assert.Contains(folder.Data, problem.Message, StringComparison.Ordinal);
    }
}
