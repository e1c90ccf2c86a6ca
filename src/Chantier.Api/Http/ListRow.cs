using System.Text.Json.Serialization;

namespace Chantier.Api.Http;

/// <summary>A row of a list: the view itself, and the sort keys that a cursor takes up.</summary>
internal abstract record ListRow
{
    [JsonIgnore]
    public string[] Keys { get; init; } = [];

    /// <summary>What a write stored although it is odd; only in the answer to that write.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyOrder(1)]
    public IReadOnlyList<Warning>? Warnings { get; set; }
}

/// <summary>A view that has a place, or could have.</summary>
internal interface IPlaced
{
    string FeatureId { get; }

    /// <summary>Writes the GeoJSON geometry's value; null where the place is not known.</summary>
    void WriteGeometry(System.Text.Json.Utf8JsonWriter writer);
}

/// <summary>One page of a list, as JSON carries it.</summary>
internal sealed record Page<T>
{
    public required IReadOnlyList<T> Items { get; init; }

    [JsonPropertyName("page")]
    public required PageInfo Info { get; init; }

    /// <summary>The date in the world that the items are true of.</summary>
    public required DateOnly AsOf { get; init; }

    /// <summary>The moment of knowledge: ask again with it, and the walk is exact.</summary>
    public required DateTimeOffset KnownAt { get; init; }

    /// <summary>The day until which publications count, when publishedUntil asked for one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateOnly? PublishedUntil { get; init; }
}

/// <summary>Where in the list this page is.</summary>
internal sealed record PageInfo
{
    public required int Limit { get; init; }

    /// <summary>The cursor of the next page; null on the last.</summary>
    public required string? Next { get; init; }

    /// <summary>How many items the whole list has, when count= asked for it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Count { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CountKind { get; init; }

    /// <summary>How many items of each kind the whole list has, where it tells kinds apart.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? Counts { get; init; }

    /// <summary>The last day of a timeline that stops before the end of the interval that `to` is in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateOnly? Until { get; init; }

    /// <summary>In the feed of changes: nothing up to this entry is left out, so ask for what comes after it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? After { get; init; }
}
