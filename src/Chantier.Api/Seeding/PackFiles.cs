using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chantier.Api.Seeding;

/// <summary>A text in both languages, either of which may be missing.</summary>
internal sealed record PackText(string? Fr = null, string? En = null, string? Local = null);

/// <summary>What a claim rests on: one of paragraph, page, row or characters says where.</summary>
internal sealed record PackEvidence
{
    public required string Source { get; init; }

    public int? Paragraph { get; init; }

    public int? Page { get; init; }

    public int? Row { get; init; }

    /// <summary>Start and end, counted from 0.</summary>
    public int[]? Characters { get; init; }

    public string? Note { get; init; }
}

// A property with a default is set, not init: the generated reader puts null into init properties that are missing.
/// <summary>What every claim has. The id is its own within the pack and never changes, so that a later pack can correct it.</summary>
internal abstract record PackClaim
{
    public required string Id { get; init; }

    public string Basis { get; set; } = "actual";

    public string Confidence { get; set; } = "medium";

    public string? Note { get; init; }

    public IReadOnlyList<PackEvidence> Evidence { get; set; } = [];
}

internal sealed record PackStatusEvent : PackClaim
{
    /// <summary>The id of a phase of the factory; without it, the event concerns the whole site.</summary>
    public string? Phase { get; init; }

    public string? Status { get; init; }

    public string? Milestone { get; init; }

    public required string Date { get; init; }

    public string DateMeaning { get; set; } = "began";
}

internal sealed record PackFigure : PackClaim
{
    /// <summary>The id of a phase of the factory; without it, the figure concerns the whole site.</summary>
    public string? Phase { get; init; }

    public required string Property { get; init; }

    public decimal? Value { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Word { get; init; }

    public required string Unit { get; init; }

    public string? Qualifier { get; init; }

    public string? Product { get; init; }

    /// <summary>whole; part or group, where the value is of less or of more than the phase or the site.</summary>
    public string Scope { get; set; } = "whole";

    /// <summary>The EDTF date for which the value holds or is planned.</summary>
    public string? ForDate { get; init; }
}

internal sealed record PackRole : PackClaim
{
    public required string Operator { get; init; }

    public required string Role { get; init; }

    public decimal? Share { get; init; }

    /// <summary>An EDTF interval.</summary>
    public string? Valid { get; init; }
}

internal sealed record PackShare : PackClaim
{
    public required string Shareholder { get; init; }

    public decimal? Share { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Valid { get; init; }
}

internal sealed record PackLocation : PackClaim
{
    public required double Lon { get; init; }

    public required double Lat { get; init; }

    public required string Precision { get; init; }

    public int? UncertaintyMetres { get; init; }

    public string? Method { get; init; }
}

internal sealed record PackMembership : PackClaim
{
    public required string Cluster { get; init; }
}

internal sealed record PackDepiction : PackClaim
{
    public required string Factory { get; init; }
}

internal sealed record PackName
{
    public required string Text { get; init; }

    public required string Lang { get; init; }

    public required string Kind { get; init; }
}

internal sealed record PackPhase
{
    /// <summary>An id of its own within the factory, to which events and figures refer.</summary>
    public required string Id { get; init; }

    /// <summary>The name that the tracker stores, and by which it finds the phase when the pack is loaded again.</summary>
    public required string Name { get; init; }

    /// <summary>The name in French. A pack can keep it, but the tracker stores one name of a phase.</summary>
    public string? NameFr { get; init; }

    public string? Product { get; init; }
}

internal sealed record PackSource
{
    public required string Slug { get; init; }

    public required string Kind { get; init; }

    public string? Title { get; init; }

    public string? Publisher { get; init; }

    public string? Url { get; init; }

    public string? ArchiveUrl { get; init; }

    public string? Published { get; init; }

    public DateTimeOffset? RetrievedAt { get; init; }

    public string? Language { get; init; }

    public string? Licence { get; init; }

    public string? TextSha256 { get; init; }

    public string? Series { get; init; }

    public string? Release { get; init; }
}

internal sealed record PackRegion
{
    public required string Slug { get; init; }

    public required string Kind { get; init; }

    public string? Parent { get; init; }

    public required PackText Names { get; init; }

    public IReadOnlyDictionary<string, string> Codes { get; set; } = new Dictionary<string, string>();

    /// <summary>A GeoJSON Polygon or MultiPolygon.</summary>
    public JsonElement? Boundary { get; init; }

    /// <summary>Clusters that the whole region is a member of.</summary>
    public IReadOnlyList<PackMembership> Memberships { get; set; } = [];
}

internal sealed record PackOperator
{
    public required string Slug { get; init; }

    public required string Name { get; init; }

    public string? LegalName { get; init; }

    public string? Country { get; init; }

    public string? Website { get; init; }

    /// <summary>Earlier names. A pack can keep them, but the tracker stores one name of a company.</summary>
    public IReadOnlyList<string> FormerNames { get; set; } = [];

    public IReadOnlyDictionary<string, string> Identifiers { get; set; } = new Dictionary<string, string>();

    public IReadOnlyList<PackShare> Shareholders { get; set; } = [];
}

internal sealed record PackFactory
{
    public required string Slug { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<PackName> Names { get; init; }

    public required string Sector { get; init; }

    public IReadOnlyList<string> Products { get; set; } = [];

    public PackText? Description { get; init; }

    public required string Country { get; init; }

    public string? Region { get; init; }

    public string? Locality { get; init; }

    public string? Website { get; init; }

    public IReadOnlyDictionary<string, string> Identifiers { get; set; } = new Dictionary<string, string>();

    /// <summary>The named phases in their order. Every factory also has the unnamed phase: the whole site.</summary>
    public IReadOnlyList<PackPhase> Phases { get; set; } = [];

    public IReadOnlyList<PackStatusEvent> StatusEvents { get; set; } = [];

    public IReadOnlyList<PackFigure> Figures { get; set; } = [];

    public IReadOnlyList<PackRole> Roles { get; set; } = [];

    public IReadOnlyList<PackLocation> Locations { get; set; } = [];

    public IReadOnlyList<PackMembership> Memberships { get; set; } = [];
}

internal sealed record PackMedia
{
    public required string Url { get; init; }

    public required string Kind { get; init; }

    public string? Title { get; init; }

    public PackText? Caption { get; init; }

    public string? AltText { get; init; }

    public string? Credit { get; init; }

    public required string Licence { get; init; }

    public string? Captured { get; init; }

    public string? Mime { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    public IReadOnlyList<PackDepiction> Depicts { get; set; } = [];
}

/// <summary>One folder of seeds/: a file for each type, any of which may be missing.</summary>
internal sealed record Pack
{
    public required string Name { get; init; }

    public required IReadOnlyList<PackSource> Sources { get; init; }

    public required IReadOnlyList<PackRegion> Regions { get; init; }

    public required IReadOnlyList<PackOperator> Operators { get; init; }

    public required IReadOnlyList<PackFactory> Factories { get; init; }

    public required IReadOnlyList<PackMedia> Media { get; init; }

    /// <exception cref="SeedException">A file is not what it should be; the message names it, and the place in it.</exception>
    public static async Task<Pack> ReadAsync(string folder, CancellationToken cancellation)
    {
        async Task<IReadOnlyList<T>> ReadFileAsync<T>(string name)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                return [];
            }

            try
            {
                await using var stream = File.OpenRead(path);
                return (List<T>?)await JsonSerializer.DeserializeAsync(stream, PackJson.Default.Options.GetTypeInfo(typeof(List<T>)), cancellation) ?? [];
            }
            catch (JsonException malformed)
            {
                throw new SeedException($"{Path.Combine(Path.GetFileName(folder), name)} is not well-formed at {malformed.Path ?? "its start"}, line {malformed.LineNumber + 1}: {malformed.Message}");
            }
        }

        return new()
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            Sources = await ReadFileAsync<PackSource>("sources.json"),
            Regions = await ReadFileAsync<PackRegion>("regions.json"),
            Operators = await ReadFileAsync<PackOperator>("operators.json"),
            Factories = await ReadFileAsync<PackFactory>("factories.json"),
            Media = await ReadFileAsync<PackMedia>("media.json"),
        };
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(List<PackSource>))]
[JsonSerializable(typeof(List<PackRegion>))]
[JsonSerializable(typeof(List<PackOperator>))]
[JsonSerializable(typeof(List<PackFactory>))]
[JsonSerializable(typeof(List<PackMedia>))]
internal sealed partial class PackJson : JsonSerializerContext;
