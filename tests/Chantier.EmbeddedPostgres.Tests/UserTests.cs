namespace Chantier.EmbeddedPostgres.Tests;

public sealed class UserTests
{
    [Fact]
    public async Task As_root_the_server_is_an_unprivileged_users_and_root_reaches_it()
    {
        Assert.SkipUnless(RunAs.IsRoot, "Needs root.");
        await using var folder = TestFolder.Make();
        await using var server = await folder.StartAsync();
        var owner = await RunAs.ForAsync(folder.Cluster, TestFolder.Cancellation);
        Assert.Contains(owner.User, new[] { "chantier", "postgres", "nobody" });
        Assert.Equal(owner.User, await OwnerOfAsync($"/proc/{await folder.ServerProcessAsync()}"));
        Assert.Equal(1, await TestFolder.QueryAsync(server, "select 1"));
    }

    [Fact]
    public async Task An_ordinary_user_runs_it_as_themselves_and_root_may_join()
    {
        Assert.SkipUnless(RunAs.IsRoot, "Otherwise every other test is run by an ordinary user.");
        await using var folder = TestFolder.Make();
        var nobody = new RunAs("nobody");
        await nobody.MakePrivateFolderAsync(folder.Data, TestFolder.Cancellation);
        await using var program = await OtherProgram.StartAndWaitAsync(folder.Data, "nobody", CopyOfThisProgram(folder));
        Assert.Equal("started", program.Found);
        Assert.Equal("nobody", await OwnerOfAsync($"/proc/{await folder.ServerProcessAsync()}"));
        Assert.Equal("nobody", await OwnerOfAsync(folder.Cluster));
        await using (var root = await folder.StartAsync())
        {
            Assert.True(root.WasRunning);
            Assert.Equal(1, await TestFolder.QueryAsync(root, "select 1"));
        }
        await program.LeaveAsync();
        Assert.Null(await folder.ServerProcessAsync());
    }

    [Fact]
    public async Task A_folder_where_the_servers_user_cannot_go_is_told_to_root()
    {
        Assert.SkipUnless(RunAs.IsRoot, "Only root runs the server as another user.");
        await using var folder = TestFolder.Make();
        var closed = Directory.CreateDirectory(Path.Combine(folder.Path, "closed")).FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var problem = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => TestFolder.StartAsync(TestFolder.Options(Path.Combine(closed, "data"))));
        Assert.Contains(closed, problem.Message, StringComparison.Ordinal);
        Assert.Contains("unprivileged user", problem.Message, StringComparison.Ordinal);
    }

    private static async Task<string> OwnerOfAsync(string path) =>
        (await new RunAs((string?)null).RunAsync("stat", ["-c", "%U", path], TestFolder.Cancellation)).Output.Trim();

    /// <summary>Where every user can run it; the original may lie in root's home.</summary>
    private static string CopyOfThisProgram(TestFolder folder)
    {
        var copy = Directory.CreateDirectory(Path.Combine(folder.Path, "program")).FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
