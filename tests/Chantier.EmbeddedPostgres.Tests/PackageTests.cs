using System.ComponentModel;
using System.Diagnostics;

namespace Chantier.EmbeddedPostgres.Tests;

/// <summary>The packages of npm, really fetched.</summary>
public sealed class PackageTests : IAsyncLifetime
{
    private readonly TestFolder _folder = TestFolder.Make();

    private string NodeModules => Path.Combine(_folder.Path, "node_modules");

    public async ValueTask InitializeAsync()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "npm")))
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));
        try
        {
            using var npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--loglevel=error"])
            {
                UseShellExecute = false,
                WorkingDirectory = _folder.Path,
            })!;
            await npm.WaitForExitAsync(TestFolder.Cancellation);
            Assert.Equal(0, npm.ExitCode);
        }
        catch (Win32Exception)
        {
            Assert.Skip("npm is not there.");
        }
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Where_nothing_is_installed_the_package_serves_with_all_extensions()
    {
        await using var server = await TestFolder.StartAsync(Options);
        Assert.Equal(18, server.Version.Major);
        Assert.StartsWith(NodeModules, server.ProgramFolder, StringComparison.Ordinal);
        await TestFolder.QueryAsync(server, "create extension pg_trgm; create extension unaccent; create extension cube; create extension btree_gist");
        Assert.Equal(true, await TestFolder.QueryAsync(
            server, "select similarity('ÉTÉ', 'été') = 1 and unaccent('Hérault') = 'Herault' and lower('ÉTÉ') = 'été' and cube_dim(cube(array[1, 2, 3])) = 3"));
    }

    [Fact]
    public async Task As_root_a_package_that_other_users_cannot_reach_is_copied()
    {
        Assert.SkipUnless(RunAs.IsRoot, "Only root runs the server as another user.");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(NodeModules, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        for (var start = 0; start < 2; start++)
        {
            await using var server = await TestFolder.StartAsync(Options);
            Assert.StartsWith(_folder.Data, server.ProgramFolder, StringComparison.Ordinal);
            Assert.Equal("18.4", $"{server.Version}");
            await TestFolder.QueryAsync(server, "create extension if not exists unaccent");
        }
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(_folder.Data, "programs")));
    }

    private EmbeddedPostgresOptions Options => TestFolder.Options(_folder.Data) with { ProgramFolders = [], PackagesFolder = NodeModules };
}
