using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Chantier.Api.Database;
using Dapper;
using Npgsql;

namespace Chantier.Api.Seeding;

/// <summary>How many resources and claims of a pack were made, how many it filled in what another left open, how many were there already,
/// and what is odd about its places.</summary>
internal sealed record SeedReport(string Pack, int Created, int Filled, int Unchanged, IReadOnlyList<string> Warnings);

/// <summary>A pack cannot be loaded; the message says what is wrong and what is accepted. Nothing was changed.</summary>
internal sealed class SeedException(string message) : Exception(message);

/// <summary>Loads the packs of seeds/, each in one transaction, as often as one likes.</summary>
internal static class SeedPacks
{
    private sealed record Counts
    {
        public required long Created { get; init; }

        public required long Filled { get; init; }

        public required long Unchanged { get; init; }
    }

    private sealed record PlacedRow
    {
        public required string Factory { get; init; }

        public required double Lon { get; init; }

        public required double Lat { get; init; }

        public int? UncertaintyM { get; init; }

        public required string Country { get; init; }

        public long? Region { get; init; }

        public required bool IsNew { get; init; }

        public required bool TellsRegion { get; init; }
    }

    private sealed record Stamp
    {
        public required long LastSeq { get; init; }

        public required DateTimeOffset RecordedAt { get; init; }
    }

    private sealed record DanglingRow
    {
        public required string Place { get; init; }

        public required string Kind { get; init; }

        public required string Slug { get; init; }
    }

    public static string FolderOf(IConfiguration configuration) => configuration["Chantier:SeedFolder"] ?? Path.Combine(AppContext.BaseDirectory, "seeds");

    public static async Task<IReadOnlyList<SeedReport>> LoadAsync(string connectionString, string folder, string? pack, CancellationToken cancellation)
    {
        var folders = Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal).ToList() : [];
        if (pack is not null)
        {
            var chosen = folders.Find(f => Path.GetFileName(f) == pack)
                ?? throw new SeedException($"There is no pack '{pack}' in {folder}; there are: {string.Join(", ", folders.Select(Path.GetFileName))}.");
            folders = [chosen];
        }

        await using var source = DataSources.Unpooled(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var reports = new List<SeedReport>();
        var packs = new List<Pack>();
        foreach (var path in folders)
        {
            packs.Add(await Pack.ReadAsync(path, cancellation));
        }

        // Those of regions alone first: the places of the others are held against them.
        foreach (var each in packs.OrderBy(p => p.Factories is not []))
        {
            reports.Add(await LoadOneAsync(connection, each, cancellation));
        }

        return reports;
    }

    private static async Task<SeedReport> LoadOneAsync(NpgsqlConnection connection, Pack pack, CancellationToken cancellation)
    {
        var staging = Staging.Of(pack);
        var actor = $"seed:{pack.Name}";
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        CommandDefinition Command(string sql, object? parameters = null) => new(sql, parameters, transaction, commandTimeout: 0, cancellationToken: cancellation);
        try
        {
            await connection.ExecuteAsync(Command(MergeSql.Stage, new
            {
                sources = Json(staging.Sources),
                regions = Json(staging.Regions),
                operators = Json(staging.Operators),
                factories = Json(staging.Factories),
                phases = Json(staging.Phases),
                media = Json(staging.Media),
                identifiers = Json(staging.Identifiers),
                claims = Json(staging.Claims),
                evidence = Json(staging.Evidence),
            }));
            await connection.ExecuteAsync(Command(MergeSql.Compare, new { actor }));
            var warnings = await PlaceAsync(pack, connection, Command);
            var counts = await connection.QuerySingleAsync<Counts>(Command(MergeSql.Count));
            if (counts.Created + counts.Filled > 0)
            {
                if ((await connection.QueryAsync<DanglingRow>(Command(MergeSql.Dangling))).FirstOrDefault() is { } dangling)
                {
                    throw new SeedException($"Pack {pack.Name}: {dangling.Place} names the {dangling.Kind} '{dangling.Slug}', which is neither in the pack nor in the tracker.");
                }

                // Late: whatever takes time without writing is done.
                var stamp = await connection.QuerySingleAsync<Stamp>(Command("select last_seq, recorded_at from begin_write()"));
                await connection.ExecuteAsync(Command(MergeSql.Merge, new { actor, at = stamp.RecordedAt, lastSeq = stamp.LastSeq }));
                await Projections.AdvanceAsync(connection, transaction, stamp.RecordedAt, cancellation);
                await transaction.CommitAsync(cancellation);
                await TableStatistics.RefreshAsync(connection, cancellation);
            }

            return new(pack.Name, (int)counts.Created, (int)counts.Filled, (int)counts.Unchanged, warnings);
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("23", StringComparison.Ordinal) || refused.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            throw new SeedException($"Pack {pack.Name} is not accepted by {refused.TableName ?? "the schema"}{(refused.ConstraintName is null ? "" : $" ({refused.ConstraintName})")}: {refused.MessageText}.");
        }
    }

    // Holds the places of the pack against the boundaries that the tracker has, and gives factories without a region the one they lie in.
    private static async Task<List<string>> PlaceAsync(Pack pack, NpgsqlConnection connection, Func<string, object?, CommandDefinition> command)
    {
        var placed = (await connection.QueryAsync<PlacedRow>(command(MergeSql.Placed, null))).AsList();
        var stated = placed.ConvertAll(p => new StatedPlace(p.Lon, p.Lat, p.UncertaintyM, p.Country, p.Region));
        var found = placed is [] ? [] : Places.Judge(stated, (await connection.QueryAsync<Area>(command(Places.AreasSql, Places.Parameters(stated)))).AsList());
        var warnings = new List<string>();
        var regions = new Dictionary<string, string>();
        foreach (var (place, finding) in placed.Zip(found))
        {
            if (finding.Refusal is not null)
            {
                throw new SeedException($"Pack {pack.Name}: the longitude and latitude of '{place.Factory}' {finding.Refusal}");
            }

            if (place.IsNew && finding.Warning is { } warning)
            {
                warnings.Add($"{place.Factory}: {warning.Detail}");
            }

            if (place.TellsRegion && finding.Region is not null)
            {
                // The most precise place comes first.
                regions.TryAdd(place.Factory, finding.Region);
            }
        }

        if (regions.Count > 0)
        {
            await connection.ExecuteAsync(command(MergeSql.Place, new { factories = regions.Keys.ToArray(), regions = regions.Values.ToArray() }));
        }

        await connection.ExecuteAsync(command(MergeSql.PlaceInCountry, null));
        return warnings;
    }

    private static string Json<T>(List<T> rows) => JsonSerializer.Serialize(rows, (JsonTypeInfo<List<T>>)StagingJson.Default.Options.GetTypeInfo(typeof(List<T>)));
}
