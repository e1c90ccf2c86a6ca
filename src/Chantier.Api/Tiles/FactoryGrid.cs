namespace Chantier.Api.Tiles;

/// <summary>Factories in one cell of a tile, or one of them.</summary>
internal sealed record Spot
{
    /// <summary>Of one factory: which; of several, it may be none.</summary>
    public required long FactoryId { get; init; }

    public required int Count { get; init; }

    /// <summary>Where they are in the middle, in tiles from the north-west corner of the world.</summary>
    public required double X { get; init; }

    public required double Y { get; init; }

    /// <summary>Empty where nothing is claimed.</summary>
    public required string[] Statuses { get; init; }

    public required int[] Counts { get; init; }

    /// <summary>Those in one cell of a tile; what is said as a share of the world is said in tiles then.</summary>
    public static Spot Together(IReadOnlyCollection<Spot> spots, int across)
    {
        var count = spots.Sum(spot => spot.Count);
        var statuses = spots.SelectMany(spot => spot.Statuses.Zip(spot.Counts)).GroupBy(pair => pair.First, pair => pair.Second).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        return new()
        {
            FactoryId = spots.Min(spot => spot.FactoryId),
            Count = count,
            X = spots.Sum(spot => spot.X * spot.Count) / count * across,
            Y = spots.Sum(spot => spot.Y * spot.Count) / count * across,
            Statuses = [.. statuses.Select(group => group.Key)],
            Counts = [.. statuses.Select(group => group.Sum())],
        };
    }
}

/// <summary>
/// All factories of the present in the cells of one zoom, kept until the next write: zoomed out, a tile shows a large part of the world,
/// and what is read for one of them is what the others show too.
/// </summary>
internal sealed class FactoryGrid : IDisposable
{
    /// <summary>Farther in, a tile reads what it shows by itself.</summary>
    public const int MostZoom = 4;

    /// <summary>How many cells the world has on a side: those of a tile, of the tiles of that zoom.</summary>
    public const int Cells = FactoryTile.Cells << MostZoom;

    private readonly SemaphoreSlim _gate = new(1);
    private (long Seq, DateOnly Day, IReadOnlyList<Spot> Spots)? _kept;

    /// <summary>The spots of a tile, from those of the world that read gives, which is asked once for each state.</summary>
    public async Task<IReadOnlyList<Spot>> InAsync(TileAddress tile, long seq, DateOnly day, Func<Task<List<Spot>>> read, CancellationToken cancellation)
    {
        // What lies on the last edge is in the last tile.
        int At(double share, int parts) => Math.Min(parts - 1, (int)(share * parts));
        var cells = tile.Across * FactoryTile.Cells;
        return [.. (await AllAsync(seq, day, read, cancellation))
            .Where(spot => At(spot.X, tile.Across) == tile.Column && At(spot.Y, tile.Across) == tile.Row)
            .GroupBy(spot => (At(spot.Y, cells), At(spot.X, cells)))
            .OrderBy(cell => cell.Key)
            .Select(cell => Spot.Together([.. cell], tile.Across))];
    }

    public void Dispose() => _gate.Dispose();

    private async Task<IReadOnlyList<Spot>> AllAsync(long seq, DateOnly day, Func<Task<List<Spot>>> read, CancellationToken cancellation)
    {
        if (_kept is { } kept && kept.Seq == seq && kept.Day == day)
        {
            return kept.Spots;
        }

        // One reads; the others wait for what it finds.
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_kept is not { } now || now.Seq != seq || now.Day != day)
            {
                _kept = (seq, day, await read());
            }

            return _kept.Value.Spots;
        }
        finally
        {
            _gate.Release();
        }
    }
}
