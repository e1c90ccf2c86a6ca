namespace Chantier.EmbeddedPostgres.Tests;

public sealed class CrashTests
{
    [Fact]
    public async Task A_killed_server_recovers_at_the_next_start()
    {
        await using var folder = TestFolder.Make();
        var first = await folder.StartAsync();
        await TestFolder.QueryAsync(first, "create table kept as select 'here' as value");
        await TestFolder.KillAsync((await folder.ServerProcessAsync())!.Value);
        // At once, while its children may still be there, and most likely before the first user knows.
        await using var second = await folder.StartAsync();
        Assert.Equal("here", await TestFolder.QueryAsync(second, "select value from kept"));
        await first.DisposeAsync();
        Assert.Equal("here", await TestFolder.QueryAsync(second, "select value from kept"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_killed_server_is_started_again_for_those_who_use_it()
    {
        await using var folder = TestFolder.Make();
        await using var server = await folder.StartAsync();
        await using var other = await folder.StartAsync();
        await TestFolder.QueryAsync(server, "create table kept as select 'here' as value");
        var killed = (await folder.ServerProcessAsync())!.Value;
        await TestFolder.KillAsync(killed);

        while (await folder.ServerProcessAsync() is not { } again || again == killed)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        await using var third = await folder.StartAsync();
        Assert.True(third.WasRunning);
        Assert.Equal("here", await TestFolder.QueryAsync(server, "select value from kept"));
        Assert.Equal("here", await TestFolder.QueryAsync(other, "select value from kept"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Killed_while_it_makes_the_cluster_it_starts_afresh()
    {
        await using var folder = TestFolder.Make();
        await using (var killed = OtherProgram.Start(folder.Data))
        {
            while (!Directory.Exists(folder.Data) || !Directory.EnumerateFiles(folder.Data, "PG_VERSION", SearchOption.AllDirectories).Any())
                await Task.Delay(10, TestContext.Current.CancellationToken);
            await killed.KillAsync();
        }
        Assert.False(Directory.Exists(folder.Cluster));
        await using var server = await folder.StartAsync();
        Assert.Equal(1, await TestFolder.QueryAsync(server, "select 1"));
    }

    [Fact]
    public async Task Half_made_clusters_are_cleared_away()
    {
        await using var folder = TestFolder.Make();
        var half = Directory.CreateDirectory(Path.Combine(folder.Data, "cluster.new-abc", "base")).Parent!;
        await File.WriteAllTextAsync(Path.Combine(half.FullName, "PG_VERSION"), "15\n", TestFolder.Cancellation);
        await using var server = await folder.StartAsync();
        Assert.False(half.Exists && Directory.Exists(half.FullName));
    }

    [Fact]
    public async Task A_stale_pid_file_whose_number_is_now_another_process_does_not_matter()
    {
        await using var folder = TestFolder.Make();
        await using var otherFolder = TestFolder.Make();
        await using var otherServer = await otherFolder.StartAsync();
        await using (await folder.StartAsync())
        {
            // Only to make the cluster.
        }

        // This process; another server, which belongs to the same user; one of its children; none; and what a power cut leaves.
        var child = (int)(await TestFolder.QueryAsync(otherServer, "select pid from pg_stat_activity where backend_type = 'checkpointer'"))!;
        string[] numbers = [$"{Environment.ProcessId}", $"{await otherFolder.ServerProcessAsync()}", $"{child}", "4194304", ""];
        foreach (var number in numbers)
        {
            var stale = number.Length == 0 ? "" : $"{number}\n{folder.Cluster}\n1700000000\n5432\n{folder.Data}/run\n\n  1234  5678\nready   \n";
            await File.WriteAllTextAsync(Postmaster.File(folder.Cluster), stale, TestFolder.Cancellation);
            await using var server = await folder.StartAsync();
            Assert.False(server.WasRunning, $"process {number}");
            Assert.Equal(folder.Cluster, await TestFolder.QueryAsync(server, "show data_directory"));
        }
        Assert.Equal(1, await TestFolder.QueryAsync(otherServer, "select 1"));
    }

    [Fact]
    public async Task A_start_that_is_called_off_leaves_no_process_behind()
    {
        await using var folder = TestFolder.Make();
        await using (await folder.StartAsync())
        {
            // Only to make the cluster.
        }
        for (var milliseconds = 10; milliseconds < 150; milliseconds += 20)
        {
            using var calledOff = new CancellationTokenSource(milliseconds);
            try
            {
                await using var server = await EmbeddedPostgresServer.StartAsync(TestFolder.Options(folder.Data), calledOff.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Null(await folder.ServerProcessAsync());
            }
        }
        await using var last = await folder.StartAsync();
        Assert.Equal(1, await TestFolder.QueryAsync(last, "select 1"));
    }

    [Fact]
    public async Task A_folder_that_is_something_else_is_left_alone()
    {
        await using var folder = TestFolder.Make();
        Directory.CreateDirectory(folder.Cluster);
        var letter = Path.Combine(folder.Cluster, "letter.txt");
        await File.WriteAllTextAsync(letter, "Dear Chantier", TestFolder.Cancellation);
        var problem = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => folder.StartAsync());
        Assert.Contains(folder.Cluster, problem.Message, StringComparison.Ordinal);
        Assert.Equal("Dear Chantier", await File.ReadAllTextAsync(letter, TestFolder.Cancellation));
    }
}
