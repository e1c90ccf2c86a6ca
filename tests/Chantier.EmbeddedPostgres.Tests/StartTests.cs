using System.Diagnostics;
using System.Net.NetworkInformation;

namespace Chantier.EmbeddedPostgres.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_fresh_folder_gets_a_server_that_answers_and_is_gone_after_dispose()
    {
        await using var folder = TestFolder.Make();
        await using (var server = await folder.StartAsync())
        {
            Assert.False(server.WasRunning);
            Assert.Equal(folder.Data, server.DataFolder);
            Assert.StartsWith($"PostgreSQL {server.Version}", (string?)await TestFolder.QueryAsync(server, "select version()"), StringComparison.Ordinal);
            Assert.NotNull(await folder.ServerProcessAsync());
            Assert.True(File.Exists(server.LogFile));
        }
        Assert.Null(await folder.ServerProcessAsync());
    }

    [Fact]
    public async Task Psql_of_the_same_installation_connects()
    {
        await using var folder = TestFolder.Make();
        await using var server = await folder.StartAsync();
        var psql = Path.Combine(server.ProgramFolder, "psql");
        Assert.SkipUnless(File.Exists(psql), "This installation has no psql.");
        var (exitCode, output) = await new RunAs((string?)null).RunAsync(
            psql, ["-h", server.Host, "-p", $"{server.Port}", "-U", server.Username, "-Atc", "select 6 * 7", "postgres"], TestFolder.Cancellation);
        Assert.Equal((0, "42\n"), (exitCode, output));
    }

    [Fact]
    public async Task A_second_start_keeps_the_data_and_the_settings_of_the_caller()
    {
        await using var folder = TestFolder.Make();
        await using (var first = await folder.StartAsync())
            await TestFolder.QueryAsync(first, "create table kept as select 'here' as value");
        var options = TestFolder.Options(folder.Data) with
        {
            Settings = new Dictionary<string, string> { ["fsync"] = "off", ["work_mem"] = "7MB", ["application_name"] = "it's \"quoted\" $HOME" },
        };
        await using var second = await TestFolder.StartAsync(options);
        Assert.False(second.WasRunning);
        Assert.Equal("here", await TestFolder.QueryAsync(second, "select value from kept"));
        Assert.Equal("7MB", await TestFolder.QueryAsync(second, "show work_mem"));
        Assert.Equal("it's \"quoted\" $HOME", await TestFolder.QueryAsync(second, "select reset_val from pg_settings where name = 'application_name'"));
    }

    [Fact]
    public async Task It_listens_on_nothing_but_its_own_socket_whatever_the_settings_say()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There it listens on the loopback address.");
        await using var folder = TestFolder.Make();
        await using var server = await TestFolder.StartAsync(TestFolder.Options(folder.Data) with
        {
            Settings = new Dictionary<string, string> { ["fsync"] = "off", ["LISTEN_ADDRESSES"] = "*", ["port"] = "54399" },
        });
        Assert.Equal("", await TestFolder.QueryAsync(server, "show listen_addresses"));
        Assert.DoesNotContain(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), end => end.Port == 54399);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(server.Host));
    }

    [Fact]
    public async Task Text_is_utf8_sorted_by_bytes_and_letters_beyond_ascii_are_letters()
    {
        await using var folder = TestFolder.Make();
        await using var server = await folder.StartAsync();
        Assert.Equal("UTF8", await TestFolder.QueryAsync(server, "show server_encoding"));
        Assert.Equal("on", await TestFolder.QueryAsync(server, "show data_checksums"));
        Assert.Equal(true, await TestFolder.QueryAsync(server, "select 'Z' < 'a' and lower('ÉTÉ') = 'été'"));
        await TestFolder.QueryAsync(server, "create extension pg_trgm; create extension unaccent; create extension cube; create extension btree_gist");
        Assert.Equal(true, await TestFolder.QueryAsync(server, "select similarity('ÉTÉ', 'été') = 1 and unaccent('Hérault') = 'Herault'"));
    }

    [Fact]
    public async Task The_server_leads_a_session_of_its_own_which_ctrl_c_does_not_reach()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Read from /proc.");
        await using var folder = TestFolder.Make();
        await using var server = await folder.StartAsync();
        var process = await folder.ServerProcessAsync();
        var fields = (await File.ReadAllTextAsync($"/proc/{process}/stat", TestFolder.Cancellation)).Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"{process}", fields[3]); // state, parent, group, session
    }

    [Fact]
    public async Task The_server_gets_nothing_of_its_starters_environment()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Read from /proc.");
        await using var folder = TestFolder.Make();
        Environment.SetEnvironmentVariable("CHANTIER_TEST_SECRET", "hush");
        await using var server = await folder.StartAsync();
        var environment = await File.ReadAllTextAsync($"/proc/{await folder.ServerProcessAsync()}/environ", TestFolder.Cancellation);
        Assert.DoesNotContain("CHANTIER_TEST_SECRET", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_is_told_in_the_words_of_the_server()
    {
        await using var folder = TestFolder.Make();
        var problem = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => TestFolder.StartAsync(TestFolder.Options(folder.Data) with
        {
            Settings = new Dictionary<string, string> { ["fsync"] = "off", ["work_mem"] = "plenty" },
        }));
        Assert.Contains("work_mem", problem.Message, StringComparison.Ordinal);
        Assert.Contains("plenty", problem.Message, StringComparison.Ordinal);
        await using var server = await folder.StartAsync();
        Assert.Equal(1, await TestFolder.QueryAsync(server, "select 1"));
    }

    [Fact]
    public async Task A_long_log_is_moved_aside()
    {
        await using var folder = TestFolder.Make();
        string log;
        await using (var first = await folder.StartAsync()) log = first.LogFile;
        await File.AppendAllTextAsync(log, new string('x', 2 << 20), TestFolder.Cancellation);
        await using var second = await folder.StartAsync();
        Assert.InRange(new FileInfo(log).Length, 1, 100_000);
        Assert.True(File.Exists(log + ".old"));
    }

    [Fact]
    public async Task A_second_start_takes_a_part_of_what_the_first_takes()
    {
        await using var folder = TestFolder.Make();
        var first = await TimeAsync();
        var best = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var time = await TimeAsync();
            if (time < best) best = time;
        }
        // The best of five, for the machine may be busy with other tests; an idle one needs a tenth.
        Assert.InRange(best / first, 0, 0.5);

        async Task<TimeSpan> TimeAsync()
        {
            var clock = Stopwatch.StartNew();
            await using var server = await folder.StartAsync();
            return clock.Elapsed;
        }
    }
}
