namespace Chantier.EmbeddedPostgres.Tests;

public sealed class BinariesTests
{
    [Fact]
    public async Task Nothing_found_names_the_three_ways_out_and_where_it_looked()
    {
        await using var folder = TestFolder.Make();
        var options = TestFolder.Options(folder.Data) with { ProgramFolders = [folder.Path, folder.Path + "/none/*/bin"], PackagesFolder = folder.Path };
        var problem = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => TestFolder.StartAsync(options));
        foreach (var part in new[] { "install PostgreSQL 15 or newer", "ConnectionStrings__Chantier", "docker compose up", folder.Path + "/none/*/bin", "@embedded-postgres/" })
            Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_of_another_major_version_name_it_and_the_one_that_is_here()
    {
        await using var folder = TestFolder.Make();
        MakeInstallation(folder, "16", "16.4");
        Directory.CreateDirectory(folder.Cluster);
        await File.WriteAllTextAsync(Path.Combine(folder.Cluster, "PG_VERSION"), "42\n", TestFolder.Cancellation);
        var options = TestFolder.Options(folder.Data) with { ProgramFolders = [folder.Path + "/pg/*/bin"], PackagesFolder = folder.Path };
        var problem = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => TestFolder.StartAsync(options));
        foreach (var part in new[] { "made by PostgreSQL 42", "install PostgreSQL 42", "PostgreSQL 16.4" })
            Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_is_taken_for_new_data_and_the_same_major_for_old()
    {
        await using var folder = TestFolder.Make();
        foreach (var version in new[] { "9.6.24", "14.19", "15.18", "16.2", "16.10", "19beta1" }) MakeInstallation(folder, version, version);
        var options = TestFolder.Options(folder.Data) with { ProgramFolders = [folder.Path + "/pg/*/bin"], PackagesFolder = folder.Path };
        Assert.Equal(new Version(19, 0), await FindAsync(options));

        Directory.CreateDirectory(folder.Cluster);
        await File.WriteAllTextAsync(Path.Combine(folder.Cluster, "PG_VERSION"), "16\n", TestFolder.Cancellation);
        Assert.Equal(new Version(16, 10), await FindAsync(options));
    }

    [Fact]
    public async Task One_that_is_too_old_is_named()
    {
        await using var folder = TestFolder.Make();
        MakeInstallation(folder, "14", "14.19");
        var options = TestFolder.Options(folder.Data) with { ProgramFolders = [folder.Path + "/pg/*/bin"], PackagesFolder = folder.Path };
        var problem = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => FindAsync(options));
        Assert.Contains("only PostgreSQL 14.19", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_only_a_link_to_one_program_leads_to_the_rest()
    {
        await using var folder = TestFolder.Make();
        var real = MakeInstallation(folder, "15", "15.18");
        var path = Directory.CreateDirectory(Path.Combine(folder.Path, "path")).FullName;
        File.CreateSymbolicLink(Path.Combine(path, "pg_ctl"), Path.Combine(real, "pg_ctl"));
        // A folder of PATH may hold a lone program of the same name, as a client package brings.
        var lone = Directory.CreateDirectory(Path.Combine(folder.Path, "lone")).FullName;
        await File.WriteAllTextAsync(Path.Combine(lone, "pg_ctl"), "", TestFolder.Cancellation);
        var options = TestFolder.Options(folder.Data) with { ProgramFolders = [lone, path], PackagesFolder = folder.Path };
        Assert.Equal(new Version(15, 18), await FindAsync(options));
    }

    private static async Task<Version> FindAsync(EmbeddedPostgresOptions options)
    {
        var found = await Binaries.FindAsync(options, DataFolder.Open(options.DataFolder), new RunAs((string?)null), TestFolder.Cancellation);
        return found.Version;
    }

    /// <summary>Programs that know only their version.</summary>
    private static string MakeInstallation(TestFolder folder, string name, string version)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Made of shell scripts.");
        var bin = Directory.CreateDirectory(Path.Combine(folder.Path, "pg", name, "bin")).FullName;
        foreach (var program in new[] { "postgres", "initdb", "pg_ctl" })
        {
            var file = Path.Combine(bin, program);
            File.WriteAllText(file, $"#!/bin/sh\necho '{program} (PostgreSQL) {version} (Debian {version}-0+deb12u1)'\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, DataFolder.ReadableByAll);
        }
        return bin;
    }
}
