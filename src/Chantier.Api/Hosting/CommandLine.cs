using System.CommandLine;
using System.CommandLine.Parsing;
using Chantier.Api.Archives;
using Chantier.Api.Database;
using Chantier.Api.Imports;
using Chantier.Api.Keys;
using Chantier.Api.Seeding;
using Chantier.EmbeddedPostgres;

namespace Chantier.Api.Hosting;

/// <summary>The verbs of the program. What a person can put right ends with one sentence and exit code 1, not with a stack trace.</summary>
internal static class CommandLine
{
    internal delegate Task<int> ServeAsync(string[] args, Connection connection, CancellationToken cancellation);

    public static Task<int> RunAsync(string[] args, ServeAsync serve) => Make(args, serve).Parse(WordsOf(args)).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    /// <summary>The settings among the arguments, and what else no command took.</summary>
    internal static IConfiguration SettingsOf(string[] args, ParseResult parsed) => Settings.Read([.. parsed.UnmatchedTokens, .. args.Where(Settings.IsOne)]);

    // A command that has a place left for an argument would take a setting for it.
    internal static string[] WordsOf(string[] args) => [.. args.Where(arg => !Settings.IsOne(arg))];

    internal static RootCommand Make(string[] args, ServeAsync serve)
    {
        var pack = new Argument<string?>("pack") { Arity = ArgumentArity.ZeroOrOne, Description = "The pack to load; without it, all packs." };
        var serveCommand = new Command("serve", "Migrate, seed, and serve the API (the default).");
        var migrateCommand = new Command("migrate", "Bring the schema of the database up to date, and end.");
        var seedCommand = new Command("seed", "Load the seed packs, and end. What is loaded already stays as it is.") { pack };
        var rebuildCommand = new Command("rebuild", "Derive every projection anew from the claims, and end.");
        var name = new Option<string>("--name") { Required = true, Description = "The handle that what the key writes is recorded under." };
        var scope = new Option<string>("--scope") { Required = true, Description = "read, contribute, curate or admin." };
        var createKey = new Command("create", "Make a key, and print it; it is not shown again.") { name, scope };
        var archived = new Argument<string>("file") { Description = "The zip to write; there must be none of that name." };
        var archiveCommand = new Command("archive", "Write all that is recorded into one file, and end.") { archived };
        var restored = new Argument<string>("file") { Description = "The archive to read." };
        var restoreCommand = new Command("restore", "Read an archive into an empty tracker, all of it or nothing, and end.") { restored };
        var keysCommand = new Command("keys", "The keys of those who may write.") { createKey };
        var importCommand = ImportCommand.Make((parsed, run, token) => WithConnectionAsync(args, parsed, async (connection, configuration) =>
        {
            await Migrations.ApplyAsync(connection.ConnectionString, token);
            return await run(connection.ConnectionString, configuration);
        }, token));
        var root = new RootCommand("Chantier: the open, evidence-first tracker of industrial sites.") { serveCommand, migrateCommand, seedCommand, importCommand, rebuildCommand, archiveCommand, restoreCommand, keysCommand };
        // What no command knows is a setting, which the host reads itself, or a mistake.
        foreach (var command in root.Subcommands.Append(createKey).Append(root))
        {
            command.TreatUnmatchedTokensAsErrors = false;
        }

        root.Validators.Add(parsed => RefuseWord(parsed, WordsOf(args).FirstOrDefault()));
        serveCommand.Validators.Add(parsed => RefuseWord(parsed, WordsOf(args).Skip(1).FirstOrDefault()));

        root.SetAction((parsed, token) => WithConnectionAsync(args, parsed, (connection, configuration) => ServeAfterSetUpAsync(args, connection, configuration, serve, token), token, isServing: true));
        serveCommand.SetAction((parsed, token) => WithConnectionAsync(args, parsed, (connection, configuration) => ServeAfterSetUpAsync(args, connection, configuration, serve, token), token, isServing: true));
        migrateCommand.SetAction((parsed, token) => WithConnectionAsync(args, parsed, async (connection, _) =>
        {
            var applied = await Migrations.ApplyAsync(connection.ConnectionString, token);
            Say(applied.Count == 0 ? "The schema is up to date." : $"Applied {string.Join(", ", applied)}.");
            return 0;
        }, token));
        seedCommand.SetAction((parsed, token) => WithConnectionAsync(args, parsed, async (connection, configuration) =>
        {
            await Migrations.ApplyAsync(connection.ConnectionString, token);
            return await SeedAsync(connection, configuration, parsed.GetValue(pack), token);
        }, token));
        rebuildCommand.SetAction((parsed, token) => WithConnectionAsync(args, parsed, async (connection, _) =>
        {
            await Migrations.ApplyAsync(connection.ConnectionString, token);
            await Projections.RebuildAsync(connection.ConnectionString, token);
            Say("Every projection is derived anew.");
            return 0;
        }, token));
        archiveCommand.SetAction((parsed, token) => WithConnectionAsync(args, parsed, async (connection, _) =>
        {
            await Migrations.ApplyAsync(connection.ConnectionString, token);
            var manifest = await ArchiveCommands.WriteAsync(connection.ConnectionString, parsed.GetValue(archived)!, token);
            Say($"Archived {manifest.Files.Sum(file => file.Rows)} rows, as known at {manifest.KnownAt:yyyy-MM-ddTHH:mm:ss.ffffffZ}.");
            return 0;
        }, token));
        restoreCommand.SetAction((parsed, token) => WithConnectionAsync(args, parsed, async (connection, _) =>
        {
            var manifest = await ArchiveCommands.RestoreAsync(connection.ConnectionString, parsed.GetValue(restored)!, token);
            Say($"Restored {manifest.Files.Sum(file => file.Rows)} rows, as known at {manifest.KnownAt:yyyy-MM-ddTHH:mm:ss.ffffffZ}. Keys are in no archive: make new ones with keys create.");
            return 0;
        }, token));
        createKey.SetAction((parsed, token) => WithConnectionAsync(args, parsed, async (connection, _) =>
        {
            await Migrations.ApplyAsync(connection.ConnectionString, token);
            Say(await CreateKey.RunAsync(connection.ConnectionString, parsed.GetValue(name)!, parsed.GetValue(scope)!, token));
            return 0;
        }, token));
        return root;
    }

    private static async Task<int> ServeAfterSetUpAsync(string[] args, Connection connection, IConfiguration configuration, ServeAsync serve, CancellationToken cancellation)
    {
        if (configuration.GetValue("Chantier:MigrateOnStart", true))
        {
            foreach (var name in await Migrations.ApplyAsync(connection.ConnectionString, cancellation))
            {
                Say($"Applied {name}.");
            }
        }

        if (configuration.GetValue("Chantier:SeedOnStart", true) && await SeedAsync(connection, configuration, pack: null, cancellation) is not 0 and var failed)
        {
            return failed;
        }

        return await serve(args, connection, cancellation);
    }

    private static async Task<int> SeedAsync(Connection connection, IConfiguration configuration, string? pack, CancellationToken cancellation)
    {
        foreach (var report in await SeedPacks.LoadAsync(connection.ConnectionString, SeedPacks.FolderOf(configuration), pack, cancellation))
        {
            if (report.Created + report.Filled > 0 || pack is not null)
            {
                Say($"Seeded {report.Pack}: {report.Created} new, {report.Filled} filled in, {report.Unchanged} unchanged.");
            }

            foreach (var warning in report.Warnings)
            {
                Say($"  {warning}");
            }
        }

        return 0;
    }

    private static async Task<int> WithConnectionAsync(string[] args, ParseResult parsed, Func<Connection, IConfiguration, Task<int>> run, CancellationToken cancellation, bool isServing = false)
    {
        if (!isServing && parsed.UnmatchedTokens.Concat(parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).Where(IsOption)).FirstOrDefault() is { } stray)
        {
            await Console.Error.WriteLineAsync($"'{stray}' is no option of {parsed.CommandResult.Command.Name}, and no setting such as --Chantier:DataFolder=FOLDER; --help lists the options.");
            return 1;
        }

        var configuration = SettingsOf(args, parsed);
        try
        {
            await using var connection = await Connection.OpenAsync(configuration, Console.Error.WriteLine, cancellation);
            return await run(connection, configuration);
        }
        catch (Exception known) when (known is EmbeddedPostgresException or MigrationException or SeedException or ImportException or KeyException or ArchiveException or IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException })
        {
            await Console.Error.WriteLineAsync(known.Message);
            return 1;
        }
        catch (Npgsql.NpgsqlException database) when (database is not Npgsql.PostgresException)
        {
            await Console.Error.WriteLineAsync($"The database cannot be reached: {database.InnerException?.Message ?? database.Message} Check ConnectionStrings__Chantier.");
            return 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 130;
        }
    }

    // Settings are the host's, which takes them as --name=value, /name=value or name=value; a word among them was meant for a command.
    private static void RefuseWord(CommandResult parsed, string? word)
    {
        if (word is not (null or ['-' or '/', ..]) && !word.Contains('=', StringComparison.Ordinal) && parsed.Command.Subcommands.All(command => command.Name != word))
        {
            parsed.AddError($"There is no command '{word}'; --help lists those there are.");
        }
    }

    private static bool IsOption(string word) => word.StartsWith("--", StringComparison.Ordinal);

    private static void Say(string sentence) => Console.Out.WriteLine(sentence);
}
