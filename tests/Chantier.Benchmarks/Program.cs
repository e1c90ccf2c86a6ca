using System.CommandLine;
using Chantier.Benchmarks.Core;
using Chantier.Testing;

namespace Chantier.Benchmarks;

/// <summary>The service beside pgbench, which sends the same statements: the ratio is what HTTP, the driver and JSON leave of the database.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var factories = new Option<int>("--factories") { DefaultValueFactory = _ => 35_000, Description = "How many invented factories to make." };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 5, Description = "How long each run of a round is." };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5, Description = "How many rounds; in each, pgbench and the service take turns." };
        var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 8, Description = "How many connections ask at once." };
        var connection = new Option<string?>("--connection") { Description = "A database that has the factories already; without it, a private one is made." };
        var only = new Option<string?>("--only") { Description = "Only scenarios whose name contains this." };
        var plans = new Option<bool>("--plans") { Description = "Not load but plans: what the database does for every kind of read, and which of them read a large table whole." };
        var log = new Option<string?>("--log") { Description = "With --plans and --connection: the file that the server of that database logs to." };
        var whole = new Option<bool>("--whole") { Description = "With --plans: prints the plans themselves too." };
        var axes = new Option<bool>("--axes") { Description = "Not load but the axis of knowledge: each list at a moment, beside the same list without." };
        var imports = new Option<bool>("--import") { Description = "Not load but an import of that many rows, beside bare COPY of what it leaves into tables of the same shape and indexes." };
        var exports = new Option<bool>("--export") { Description = "Not load but exports: all factories in each format, and an archive of everything, beside bare COPY." };
        var beside = new Option<bool>("--beside") { Description = "Not load but what is felt of an import: reads at a tenth of full load, and single writes, without and while one of --rows runs." };
        var rows = new Option<int>("--rows") { DefaultValueFactory = _ => 1_000_000, Description = "With --beside: how many rows are imported." };
        var test = new Option<bool>("--test") { Description = "Everything once, small and short: shows that the benchmarks run." };
        var root = new RootCommand("Benchmarks of Chantier. Run in Release: dotnet run -c Release --project tests/Chantier.Benchmarks")
        {
            factories, seconds, rounds, clients, connection, only, plans, log, whole, axes, imports, exports, beside, rows, test,
        };
        root.SetAction(async (parsed, token) =>
        {
            var isTest = parsed.GetValue(test);
            var plan = isTest
                ? new Plan(500, 1, 1, 1, 2, parsed.GetValue(only))
                : new Plan(parsed.GetValue(factories), 5 * parsed.GetValue(seconds), parsed.GetValue(seconds), parsed.GetValue(rounds), parsed.GetValue(clients), parsed.GetValue(only));
            await using var databases = await TestDatabases.StartAsync(token);
            var database = new Lazy<Task<string>>(async () => parsed.GetValue(connection) ?? await GenerateAsync(databases, plan.Factories, token));
            var time = TimeSpan.FromSeconds(plan.Seconds);
            // Each gives how much there is that should not be.
            Dictionary<Option<bool>, Func<Task<int>>> instead = new()
            {
                [plans] = async () => await Plans.LookAsync(parsed.GetValue(log) ?? databases.LogFile, await database.Value, parsed.GetValue(whole), token),
                [axes] = async () => await Axes.CompareAsync(await database.Value, 4 * plan.Rounds, plan.Only, token),
                [imports] = async () => await Imports.CompareAsync(databases, plan.Factories, token),
                [exports] = async () => await Exports.CompareAsync(await database.Value, token),
                [beside] = async () => await Beside.CompareAsync(await database.Value, plan.Factories, isTest ? 500 : parsed.GetValue(rows), plan.Clients, time, token),
            };
            var chosen = isTest ? [imports, exports, beside] : instead.Keys.Where(parsed.GetValue).ToList();
            var amiss = 0;
            foreach (var mode in chosen)
            {
                amiss += await instead[mode]();
            }

            if (isTest || chosen.Count == 0)
            {
                await MeasureAsync(plan, await database.Value, Path.Combine(databases.ProgramFolder, "pgbench"), token);
            }

            return amiss == 0 ? 0 : 1;
        });
        root.Subcommands.Add(CoreCommand());
        return await root.Parse(args).InvokeAsync();
    }

    private static System.CommandLine.Command CoreCommand()
    {
        var factories = new Option<int>("--factories")
        {
            DefaultValueFactory = _ => 35_000,
            Description = "How many factories to generate.",
        };
        var only = new Option<string?>("--only")
        {
            Description = """
                Measures only the parts whose name contains this: disk, rate, first, growth, title, pages, timelines, counts, imports.
                """,
        };
        var test = new Option<bool>("--test")
        {
            Description = "Measures everything once, small and short, to show that it runs.",
        };
        var core = new System.CommandLine.Command(
            "core", "Measures what writes, growth, disk, reads of the past and imports cost, and prints it beside the goals.")
        {
            factories, only, test,
        };
        core.SetAction(async (parsed, token) =>
        {
            var effort = parsed.GetValue(test) ? Effort.OfTest() : new Effort { Factories = parsed.GetValue(factories) };
            return await CoreBenchmark.RunAsync(effort, parsed.GetValue(only), token) == 0 ? 0 : 1;
        });
        return core;
    }

    private static async Task<string> GenerateAsync(TestDatabases databases, int factories, CancellationToken cancellation)
    {
        var database = await databases.CreateAsync(cancellation);
        await Console.Error.WriteLineAsync($"Making {factories} factories …");
        await TestDatabases.GenerateAsync(database, factories, cancellation);
        return database;
    }

    private sealed record Plan(int Factories, int WarmUp, int Seconds, int Rounds, int Clients, string? Only);

    private static async Task MeasureAsync(Plan plan, string database, string pgbench, CancellationToken cancellation)
    {
        await using var api = await ApiProcess.StartAsync(database, cancellation);
        var time = TimeSpan.FromSeconds(plan.Seconds);
        Console.WriteLine($"{plan.Factories} factories, {plan.Clients} connections, {plan.Rounds} rounds of {plan.Seconds} s, medians\n");
        Console.WriteLine("| request | database/s | p99 ms | service/s | p99 ms | ratio |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var scenario in Scenario.All.Where(s => plan.Only is null || s.Name.Contains(plan.Only, StringComparison.OrdinalIgnoreCase)))
        {
            var script = Statements.Script(scenario, scenario.Bare is { } bareWork ? [bareWork] : await Statements.OfAsync(database, scenario, cancellation), plan.Factories);
            // The runtime compiles what is hot a second time while it serves; measured before that, it would be the compiler's time.
            await HttpLoad.RunAsync(api.Address, scenario, plan.Factories, plan.Clients, TimeSpan.FromSeconds(plan.WarmUp), cancellation);
            var bare = new List<Measured>();
            var served = new List<Measured>();
            for (var round = 0; round < plan.Rounds; round++)
            {
                bare.Add(await Pgbench.RunAsync(pgbench, database, script, plan.Clients, time, cancellation));
                served.Add(await HttpLoad.RunAsync(api.Address, scenario, plan.Factories, plan.Clients, time, cancellation));
            }

            var (b, s) = (Measured.Median(bare), Measured.Median(served));
            Console.WriteLine($"| {scenario.Name} | {b.PerSecond:F0} | {b.P99Milliseconds:F1} | {s.PerSecond:F0} | {s.P99Milliseconds:F1} | {s.PerSecond / b.PerSecond:F2} |");
        }
    }
}
