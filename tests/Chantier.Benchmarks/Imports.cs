using System.Diagnostics;
using System.Globalization;
using Chantier.Testing;
using Dapper;

namespace Chantier.Benchmarks;

/// <summary>What an import costs, as users run it, beside bare COPY of all that it leaves in the tables into tables of the same shape and indexes.</summary>
internal static class Imports
{
    // One factory a row, with a place, an operator, a status event and a figure.
    private const string Mapping = """
        {
          "name": "benchmark", "format": "csv", "language": "en",
          "source": { "kind": "dataset", "title": "Invented rows", "published": "2024-01-01" },
          "factory": {
            "identifier": { "scheme": "hotmaps", "columns": ["id"] }, "name": { "columns": ["name"] }, "sector": { "constant": "other" },
            "country": { "columns": ["country"] }, "locality": { "columns": ["locality"] }
          },
          "location": { "x": { "columns": ["lon"] }, "y": { "columns": ["lat"] } },
          "roles": [{ "id": "owner", "role": "owner", "operator": { "columns": ["owner"] } }],
          "events": [{ "id": "status", "status": { "columns": ["status"] }, "date": { "columns": ["since"] } }],
          "figures": [{ "id": "capacity", "property": { "constant": "capacity" }, "value": { "columns": ["capacity"] }, "unit": { "constant": "MW" } }]
        }
        """;

    // The tables that hold what was imported; how an import runs has tables of its own.
    private const string TablesSql = """
        select c.relname as name, string_agg(format('%I', a.attname), ', ' order by a.attnum) as columns
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'import%'
        group by c.relname
        order by c.relname;
        """;

    /// <summary>Prints the times and their ratio.</summary>
    public static async Task<int> CompareAsync(TestDatabases databases, int rows, CancellationToken cancellation)
    {
        var database = await databases.CreateAsync(cancellation);
        // Trackers hold something already, and not the first load of an empty one is what is measured; names are met again.
        await RunAsync(database, 100, firstId: 10_000_001, cancellation);
        var (took, peak) = await RunAsync(database, rows, firstId: 1, cancellation);
        var bare = await CopyAsync(database, cancellation);
        Console.WriteLine("| rows | import s | bare copy s | ratio | memory MB |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {rows} | {took.TotalSeconds:F1} | {bare.TotalSeconds:F1} | {took / bare:F2} | {peak / 1024 / 1024} |"));
        return 0;
    }

    /// <summary>Imports invented rows with the command. Each fifth row has a company of its own, unless so many companies are named.</summary>
    public static async Task<(TimeSpan Took, long Peak)> RunAsync(
        string database, int rows, int firstId, CancellationToken cancellation, int? companies = null)
    {
        var folder = Directory.CreateTempSubdirectory("chantier-import-");
        try
        {
            var file = Path.Combine(folder.FullName, "rows.csv");
            var mapping = Path.Combine(folder.FullName, "mapping.json");
            await File.WriteAllTextAsync(mapping, Mapping, cancellation);
            await File.WriteAllLinesAsync(file, Rows(rows, firstId, companies ?? Math.Max(1, rows / 5)), cancellation);
            return await Command.RunAsync(database, cancellation, "import", file, "--mapping", mapping, "--source", "benchmark");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Rows(int count, int firstId, int companies)
    {
        string[] words = ["Acier", "Batterie", "Câble", "Dépôt", "Énergie", "Fonderie", "Giga", "Hydro"];
        // Where the generated factories are not, so that none is found like another.
        string[] countries = ["AT", "BE", "BG", "CH", "CZ", "DK", "FI", "GR", "IE", "NL"];
        string[] statuses = ["announced", "permitted", "under_construction", "operating"];
        var random = new Random(firstId);
        yield return "id,name,country,locality,status,since,capacity,owner,lon,lat";
        for (var id = firstId; id < firstId + count; id++)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{id},{words[random.Next(words.Length)]} {random.Next(100_000)},{countries[random.Next(countries.Length)]},Ville {random.Next(5000)},"
                + $"{statuses[random.Next(statuses.Length)]},{random.Next(2010, 2024)}-{random.Next(1, 13):00},{random.Next(1, 500)},"
                + $"Owner {firstId + (id % companies)} SA,{(random.NextDouble() * 20) + 3:F4},{(random.NextDouble() * 15) + 40:F4}");
        }
    }

    // What is in the tables goes to a file, which is not timed, and from there into an empty table that is like it.
    private static async Task<TimeSpan> CopyAsync(string database, CancellationToken cancellation)
    {
        await using var source = TestDatabases.Source(database);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("create schema bare", cancellationToken: cancellation));
        var took = TimeSpan.Zero;
        await using var file = new FileStream(Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        foreach (var (name, columns) in await connection.QueryAsync<(string, string)>(new CommandDefinition(TablesSql, cancellationToken: cancellation)))
        {
            file.SetLength(0);
            await using (var from = await connection.BeginRawBinaryCopyAsync($"copy public.{name} ({columns}) to stdout (format binary)", cancellation))
            {
                await from.CopyToAsync(file, cancellation);
            }

            await connection.ExecuteAsync(new CommandDefinition($"create table bare.{name} (like public.{name} including all)", cancellationToken: cancellation));
            file.Position = 0;
            var started = Stopwatch.GetTimestamp();
            await using (var to = await connection.BeginRawBinaryCopyAsync($"copy bare.{name} ({columns}) from stdin (format binary)", cancellation))
            {
                await file.CopyToAsync(to, cancellation);
            }

            took += Stopwatch.GetElapsedTime(started);
        }

        return took;
    }
}
