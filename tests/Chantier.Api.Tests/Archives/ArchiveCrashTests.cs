using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chantier.Api.Database;
using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests.Archives;

/// <summary>The service and its commands as processes of their own.</summary>
public sealed class ArchiveCrashTests(PostgresFixture postgres)
{
    private const int Factories = 3_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_is_killed_while_it_makes_an_archive_makes_it_when_it_is_back_and_the_file_restores()
    {
        var connection = await postgres.Databases.CreateAsync(Token);
        await TestDatabases.GenerateAsync(connection, Factories, Token);
        var key = await CreateKey.RunAsync(connection, "admin", "admin", Token);
        using var client = Client();
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        string job;
        await using (var first = await ApiProcess.StartAsync(connection, Token))
        {
            using var asked = await client.PostAsync(new Uri(first.Address, "/v1/archives"), new StringContent("{}", System.Text.Encoding.UTF8, "application/json"), Token);
            job = asked.Headers.Location!.OriginalString;
            await UntilAsync(client, new(first.Address, job), told => told.Text("state") == "running" && told.GetProperty("done").GetInt64() > 0);
            await first.KillAsync();
        }

        await using var second = await ApiProcess.StartAsync(connection, Token);
        var ended = await UntilAsync(client, new(second.Address, job), told => told.Text("endedAt") is not null);
        Assert.Equal(("finished", "2"), (ended.Text("state"), ended.Text("attempts")));

        var bytes = await client.GetByteArrayAsync(new Uri(second.Address, ended.Text("result.url")!), Token);
        Assert.True(bytes.Length > 1024 * 1024, "it has several parts");
        var restored = await postgres.Databases.CreateAsync(Token);
        await new ArchiveFile(bytes).RestoreAsync(restored);
        var (one, other) = ((await ArchiveFile.OfAsync(restored)).Data(), (await ArchiveFile.OfAsync(connection)).Data());
        Assert.All(one, file => Assert.True(file.Value.AsSpan().SequenceEqual(other[file.Key]), $"{file.Key} differs"));
    }

    [Fact]
    public async Task By_the_command_line_a_file_is_written_once_and_restored_into_an_empty_tracker_alone()
    {
        var folder = Directory.CreateTempSubdirectory("chantier-archive-");
        try
        {
            var file = Path.Combine(folder.FullName, "all.zip");
            var from = await postgres.WorldAsync(Token);
            Assert.StartsWith("0 Archived ", await RunAsync(from, "archive", file), StringComparison.Ordinal);
            Assert.StartsWith("1 There is a file", await RunAsync(from, "archive", file), StringComparison.Ordinal);
            Assert.StartsWith("1 The tracker is not empty", await RunAsync(from, "restore", file), StringComparison.Ordinal);
            var to = await postgres.Databases.CreateAsync(Token);
            Assert.StartsWith("1 The file cannot be read", await RunAsync(to, "restore", file + "x"), StringComparison.Ordinal);
            Assert.StartsWith("0 Restored ", await RunAsync(to, "restore", file), StringComparison.Ordinal);
            Assert.Equal((await ArchiveFile.OfAsync(from)).Data(), (await ArchiveFile.OfAsync(to)).Data());
            Assert.Equal(["all.zip"], folder.GetFiles().Select(f => f.Name));

            // As an older Chantier would have made it: a new database is brought to its schema first, and on to ours with what was restored.
            const string Schema = "0008_jobs.sql";
            var blank = await postgres.Databases.CopyAsync("template0", Token);
            await Migrations.ApplyAsync(blank, Token, last: Schema);
            var columns = await ColumnsAsync(blank);
            var older = new ArchiveFile(await File.ReadAllBytesAsync(file, Token)).WithManifest(manifest =>
            {
                manifest["schema"] = Schema;
                var files = manifest["files"]!.AsArray();
                foreach (var entry in files.ToList())
                {
                    entry!["columns"] = new JsonArray([.. entry["columns"]!.AsArray().Where(column => columns.Contains($"{entry["table"]}.{column}")).Select(column => column!.DeepClone())]);
                    if (entry["columns"]!.AsArray().Count == 0)
                    {
                        files.Remove(entry);
                    }
                }
            });
            await File.WriteAllBytesAsync(file, older.Bytes, Token);
            Assert.StartsWith("1 The archive is of the schema", await RunAsync(await postgres.Databases.CreateAsync(Token), "restore", file), StringComparison.Ordinal);
            Assert.StartsWith("0 Restored ", await RunAsync(blank, "restore", file), StringComparison.Ordinal);
            Assert.Equal((await ArchiveFile.OfAsync(from)).Data(), (await ArchiveFile.OfAsync(blank)).Data());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<HashSet<string>> ColumnsAsync(string connection)
    {
        await using var source = TestDatabases.Source(connection);
        await using var command = source.CreateCommand("select array_agg(table_name || '.' || column_name) from information_schema.columns where table_schema = 'public'");
        return [.. (string[])(await command.ExecuteScalarAsync(Token))!];
    }

    /// <summary>The exit code and what was said.</summary>
    private static async Task<string> RunAsync(string connection, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["ConnectionStrings__Chantier"] = connection } };
        foreach (var argument in arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "Chantier.Api.dll")))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var (said, failed) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        return $"{process.ExitCode} {await said}{await failed}";
    }

    private static async Task<JsonElement> UntilAsync(HttpClient client, Uri job, Func<JsonElement, bool> holds)
    {
        for (var i = 0; i < 3000; i++)
        {
            using var document = JsonDocument.Parse(await client.GetByteArrayAsync(job, Token));
            if (holds(document.RootElement))
            {
                return document.RootElement.Clone();
            }

            await Task.Delay(20, Token);
        }

        Assert.Fail($"{job} was never so.");
        return default;
    }

#pragma warning disable RS0030 // One client for the test, on loopback.
    private static HttpClient Client() => new();
#pragma warning restore RS0030
}
