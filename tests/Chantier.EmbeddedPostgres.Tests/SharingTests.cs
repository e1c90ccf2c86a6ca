namespace Chantier.EmbeddedPostgres.Tests;

public sealed class SharingTests
{
    [Fact]
    public async Task Two_programs_share_one_server_and_the_last_one_out_stops_it()
    {
        await using var folder = TestFolder.Make();
        await using var first = await OtherProgram.StartAndWaitAsync(folder.Data);
        var process = await folder.ServerProcessAsync();
        await using var second = await OtherProgram.StartAndWaitAsync(folder.Data);
        Assert.Equal(("started", "found running"), (first.Found, second.Found));

        await first.LeaveAsync();
        Assert.Equal(process, await folder.ServerProcessAsync());
        await second.LeaveAsync();
        Assert.Null(await folder.ServerProcessAsync());
    }

    [Fact]
    public async Task Two_shares_in_one_process_count_as_two()
    {
        await using var folder = TestFolder.Make();
        var first = await folder.StartAsync();
        await using var second = await folder.StartAsync();
        Assert.True(second.WasRunning);
        await first.DisposeAsync();
        await first.DisposeAsync();
        Assert.Equal(1, await TestFolder.QueryAsync(second, "select 1"));
    }

    [Fact]
    public async Task Of_several_that_start_at_once_on_a_fresh_folder_one_makes_the_server()
    {
        await using var folder = TestFolder.Make();
        var programs = Enumerable.Range(0, 4).Select(_ => OtherProgram.Start(folder.Data)).ToList();
        await Task.WhenAll(programs.Select(program => program.WaitAsync()));
        Assert.Single(programs, program => program.Found == "started");
        await Task.WhenAll(programs.Select(program => program.LeaveAsync()));
        Assert.Null(await folder.ServerProcessAsync());
        foreach (var program in programs) await program.DisposeAsync();
    }

    [Fact]
    public async Task The_server_of_a_killed_program_is_taken_over_with_its_data()
    {
        await using var folder = TestFolder.Make();
        await using (var killed = await OtherProgram.StartAndWaitAsync(folder.Data))
        {
            await using (var server = await folder.StartAsync()) await TestFolder.QueryAsync(server, "create table kept as select 'here' as value");
            await killed.KillAsync();
        }
        var orphan = await folder.ServerProcessAsync();
        Assert.NotNull(orphan);

        await using (var next = await folder.StartAsync())
        {
            Assert.True(next.WasRunning);
            Assert.Equal(orphan, await folder.ServerProcessAsync());
            Assert.Equal("here", await TestFolder.QueryAsync(next, "select value from kept"));
        }
        Assert.Null(await folder.ServerProcessAsync());
    }

    [Fact]
    public async Task A_start_that_waits_too_long_for_another_says_so()
    {
        await using var folder = TestFolder.Make();
        Directory.CreateDirectory(folder.Data);
        await using var held = FileLock.TryExclusive(Path.Combine(folder.Data, "start.lock"));
        var problem = await Assert.ThrowsAsync<EmbeddedPostgresException>(
            () => TestFolder.StartAsync(TestFolder.Options(folder.Data) with { StartTimeout = TimeSpan.FromMilliseconds(200) }));
        Assert.Contains("Another program", problem.Message, StringComparison.Ordinal);
    }
}
