using System.Text.Json.Serialization;

namespace Chantier.Api.Archives;

/// <summary>manifest.json: what the archive has, of which moment, and how to know that nothing is missing.</summary>
internal sealed record ArchiveManifest
{
    public const string FileName = "manifest.json";

    public const string ThisFormat = "chantier-archive/1";

    public required string Format { get; init; }

    /// <summary>The newest migration of the tracker that made it.</summary>
    public required string Schema { get; init; }

    /// <summary>The tracker that it was taken of.</summary>
    public required Guid Tracker { get; init; }

    /// <summary>The stamp of the newest entry of the log in it; null where nothing was recorded.</summary>
    public required DateTimeOffset? KnownAt { get; init; }

    /// <summary>The number of that entry.</summary>
    public required long Seq { get; init; }

    public required IReadOnlyList<ArchiveFile> Files { get; init; }

    /// <summary>Whose facts these are, and under which licence each source gives them.</summary>
    public required IReadOnlyList<Attribution> Attribution { get; init; }
}

/// <summary>One table of the archive.</summary>
internal sealed record ArchiveFile
{
    public required string Name { get; init; }

    public required string Table { get; init; }

    public required IReadOnlyList<string> Columns { get; init; }

    public required long Rows { get; init; }

    public required long Bytes { get; init; }

    public required string Sha256 { get; init; }
}

/// <summary>Those sources that one publisher gives under one licence.</summary>
internal sealed record Attribution
{
    /// <summary>Null where it is not known.</summary>
    public string? Publisher { get; init; }

    public string? Licence { get; init; }

    public required string[] Sources { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ArchiveManifest))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
