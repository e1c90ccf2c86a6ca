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
}
