namespace Chantier.Api.Tiles;

/// <summary>The factories in one cell of a tile, or a single one.</summary>
internal sealed record Spot
{
    /// <summary>The factory, or any one of several.</summary>
    public required long FactoryId { get; init; }

    public required int Count { get; init; }

    /// <summary>The middle of their places, in tiles from the north-west corner of the world.</summary>
    public required double X { get; init; }

    public required double Y { get; init; }

    /// <summary>Their statuses; an empty one stands for none.</summary>
    public required string[] Statuses { get; init; }

    public required int[] Counts { get; init; }
}
