using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Chantier.Api.Http;
using Chantier.Domain;

namespace Chantier.Api.Imports;

/// <summary>What the columns of a file mean: a small declarative file, one of Mappings/ or anybody's own.</summary>
/// <remarks>What has a default is set, not init: the generated reader would give init properties none.</remarks>
internal sealed record Mapping
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>csv, ndjson or geojson; without it, the name of the file tells.</summary>
    public string? Format { get; init; }

    /// <summary>Without it, the header tells.</summary>
    public string? Delimiter { get; init; }

    /// <summary>utf-8, utf-16 or windows-1252; without it, the bytes tell.</summary>
    public string? Encoding { get; init; }

    /// <summary>What stands before the decimals of a number.</summary>
    public string Decimal { get; set; } = ".";

    /// <summary>How days are written, such as dd/MM/yyyy; without any, as EDTF.</summary>
    public IReadOnlyList<string> Dates { get; set; } = [];

    /// <summary>Cells that say nothing, besides empty ones.</summary>
    public IReadOnlyList<string> Empty { get; set; } = [];

    /// <summary>What becomes of a cell that is not accepted, where its field does not say: reject (its row) or omit.</summary>
    public string Wrong { get; set; } = "reject";

    /// <summary>
    /// What to do with a row whose identifier belongs to a factory in another country, or to one with another name at another place:
    /// reject it; skip it with a remark in the report; or update the factory with a remark, where the register reuses identifiers.
    /// </summary>
    public string IdentifierConflict { get; set; } = "reject";

    /// <summary>The language of names.</summary>
    public string? Language { get; init; }

    /// <summary>Whether the text of a CSV was made safe for spreadsheets, as our own export does: an apostrophe before = + - @ is no part of it.</summary>
    public bool Guarded { get; init; }

    public MappedSource Source { get; set; } = new();

    /// <summary>Sectors that the tracker shall have.</summary>
    public IReadOnlyList<MappedSector> Sectors { get; set; } = [];

    /// <summary>Whether it shall have the others too that the file names, each with its code as its label.</summary>
    public bool MakesSectors { get; init; }

    public required MappedFactory Factory { get; init; }

    /// <summary>Where each row is a unit of a factory. Events and figures are then of the unit.</summary>
    public MappedPhase? Phase { get; init; }

    public MappedLocation? Location { get; init; }

    public IReadOnlyList<MappedRole> Roles { get; set; } = [];

    public IReadOnlyList<MappedEvent> Events { get; set; } = [];

    public IReadOnlyList<MappedFigure> Figures { get; set; } = [];

    /// <summary>What rows are known by.</summary>
    [JsonIgnore]
    public string IdentifierColumn => (Phase?.Identifier ?? Factory.Identifier).Columns[0];

    public static string FolderOf(IConfiguration configuration) => configuration["Chantier:MappingFolder"] ?? Path.Combine(AppContext.BaseDirectory, "mappings");

    /// <param name="nameOrFile">One of Mappings/, or a path.</param>
    /// <param name="folder">Where those that are shipped are.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ImportException">There is none, or it is not accepted.</exception>
    public static async Task<Mapping> ReadAsync(string nameOrFile, string folder, CancellationToken cancellation)
    {
        var shipped = Shipped(folder);
        var file = shipped.Contains(nameOrFile) ? Path.Combine(folder, $"{nameOrFile}.json") : nameOrFile;
        return File.Exists(file)
            ? Parse(await File.ReadAllBytesAsync(file, cancellation), nameOrFile)
            : throw new ImportException($"There is no mapping '{nameOrFile}'; it accepts {string.Join(", ", shipped)}, or the path of a file.");
    }

    /// <summary>The same for who is not at this machine, whose files are nothing to him.</summary>
    /// <param name="name">One of Mappings/.</param>
    /// <param name="folder">Where those are.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ImportException">There is none.</exception>
    public static async Task<Mapping> ReadShippedAsync(string name, string folder, CancellationToken cancellation)
    {
        var shipped = Shipped(folder);
        return shipped.Contains(name)
            ? Parse(await File.ReadAllBytesAsync(Path.Combine(folder, $"{name}.json"), cancellation), name)
            : throw new ImportException($"is '{Shown.Of(name)}'; it accepts {string.Join(", ", shipped)}, or is left out where a mapping of your own comes with the file.") { Option = "mapping" };
    }

    /// <summary>The names of those that are there.</summary>
    public static string[] Shipped(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)] : [];

    /// <exception cref="ImportException">It is not accepted.</exception>
    public static Mapping Parse(byte[] json, string name)
    {
        try
        {
            var mapping = JsonSerializer.Deserialize(json, MappingJson.Default.Mapping) ?? throw new ImportException($"The mapping {name} is empty.");
            MappingRules.Check(mapping);
            return mapping;
        }
        catch (JsonException wrong)
        {
            throw new ImportException($"The mapping {name} is not accepted: {Explain(json, wrong)}");
        }
    }

    private static string Explain(byte[] json, JsonException wrong)
    {
        try
        {
            var node = JsonNode.Parse(json, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
            var error = Bodies.Explain(wrong, MappingJson.Default.Mapping, node ?? new JsonObject(), MappingJson.Default.Options);
            return $"{error.Pointer} {error.Detail}".TrimStart();
        }
        catch (JsonException malformed)
        {
            return $"it is not well-formed JSON at line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}.";
        }
    }
}

/// <summary>How the source is described where an import makes it.</summary>
internal sealed record MappedSource
{
    public string Kind { get; set; } = "dataset";

    public string? Series { get; init; }

    public string? Title { get; init; }

    public string? Publisher { get; init; }

    public string? Url { get; init; }

    public string? Language { get; init; }

    public string? Licence { get; init; }

    /// <summary>EDTF; what the command line says goes before it.</summary>
    public string? Published { get; init; }
}

internal sealed record MappedSector(string Code, string Fr, string En);

/// <summary>Where a value comes from.</summary>
internal sealed record Field
{
    /// <summary>Of these columns, the first that the row fills in.</summary>
    public IReadOnlyList<string> Columns { get; set; } = [];

    [JsonIgnore]
    public string? FirstColumn => Columns.Count == 0 ? null : Columns[0];

    /// <summary>Where no column says anything; {id} stands for the row's identifier.</summary>
    public string? Constant { get; init; }

    /// <summary>What cells mean, whatever their case; without any, what they say.</summary>
    public IReadOnlyDictionary<string, string> Values { get; set; } = new Dictionary<string, string>();

    /// <summary>What becomes of a cell that is not among the values: reject, omit, constant, keep; of a status also note, which keeps it as an event without a status.</summary>
    public string Otherwise { get; set; } = "reject";

    /// <summary>What becomes of a cell that is not accepted: reject (its row), or omit. Without it, as the mapping says.</summary>
    public string? Wrong { get; init; }

    /// <summary>Cells with several values have this between them; where a value has it itself, a \ stands before it.</summary>
    public string? Separator { get; init; }
}

internal sealed record MappedIdentifier
{
    /// <summary>One of the schemes of identifiers; slug is the tracker's own.</summary>
    public required string Scheme { get; init; }

    public required IReadOnlyList<string> Columns { get; init; }
}

internal sealed record MappedFactory
{
    public required MappedIdentifier Identifier { get; init; }

    public required Field Name { get; init; }

    public required Field Sector { get; init; }

    public Field? Products { get; init; }

    public required Field Country { get; init; }

    /// <summary>The slug of a region; without it, the place tells.</summary>
    public Field? Region { get; init; }

    public Field? Locality { get; init; }

    public Field? Website { get; init; }
}

internal sealed record MappedPhase
{
    public required MappedIdentifier Identifier { get; init; }

    public Field? Name { get; init; }

    public Field? Product { get; init; }
}

internal sealed record MappedLocation
{
    /// <summary>Longitude, or easting.</summary>
    public Field? X { get; init; }

    /// <summary>Latitude, or northing.</summary>
    public Field? Y { get; init; }

    /// <summary>Instead of both, a point such as SRID=4326;POINT(2.1 49.5); of GeoJSON, its geometry.</summary>
    public Field? Point { get; init; }

    /// <summary>EPSG:4326 or EPSG:27700.</summary>
    public string System { get; set; } = "EPSG:4326";

    public Field Precision { get; set; } = new() { Constant = "site" };

    public Field? UncertaintyMetres { get; init; }

    public string? Method { get; init; }
}

internal sealed record MappedRole
{
    public required string Id { get; init; }

    /// <summary>What companies are to the factory, where no column says it.</summary>
    public required string Role { get; init; }

    /// <summary>The column that says it; of several companies, of each in their order.</summary>
    public Field? Roles { get; init; }

    /// <summary>The company's name.</summary>
    public required Field Operator { get; init; }

    /// <summary>The cells are slugs of operators, not names.</summary>
    public bool BySlug { get; init; }

    /// <summary>What those are called that the tracker does not have by their slugs; of several, each in their order.</summary>
    public Field? Names { get; init; }
}

internal sealed record MappedEvent
{
    public required string Id { get; init; }

    /// <summary>A status, or nothing.</summary>
    public Field? Status { get; init; }

    /// <summary>A milestone, or nothing.</summary>
    public Field? Milestone { get; init; }

    /// <summary>Without it, the event is what the release observes, on the day of the release.</summary>
    public Field? Date { get; init; }

    /// <summary>began or observed.</summary>
    public Field DateMeaning { get; set; } = new() { Constant = Domain.DateMeaning.Began };

    /// <summary>actual or inferred; what lies ahead of the day of the release is expected, whatever it says.</summary>
    public Field Basis { get; set; } = new() { Constant = Domain.Basis.Actual };

    public string Confidence { get; set; } = Domain.Confidence.Medium;

    /// <summary>What is noted, for every such event or for those with a cell.</summary>
    public string? Note { get; init; }

    public IReadOnlyDictionary<string, string> Notes { get; set; } = new Dictionary<string, string>();
}

internal sealed record MappedFigure
{
    public required string Id { get; init; }

    public required Field Property { get; init; }

    public Field? Value { get; init; }

    public Field? Min { get; init; }

    public Field? Max { get; init; }

    public Field? Word { get; init; }

    /// <summary>What values are multiplied by, to be in the unit.</summary>
    public decimal Factor { get; set; } = 1;

    public required Field Unit { get; init; }

    public Field? Qualifier { get; init; }

    public Field? Product { get; init; }

    /// <summary>whole, part or group; without it, whole.</summary>
    public Field? Scope { get; init; }

    /// <summary>The date for which the value holds or is planned.</summary>
    public Field? ForDate { get; init; }

    public string Confidence { get; set; } = Domain.Confidence.Medium;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(Mapping))]
internal sealed partial class MappingJson : JsonSerializerContext;

/// <summary>Whether a mapping means something, as far as no database is needed to tell.</summary>
internal static class MappingRules
{
    /// <summary>What a figure covers: the whole of its phase or site, a part of it, or several sites together.</summary>
    public static readonly IReadOnlyList<string> Scopes = ["whole", "part", "group"];

    private static readonly string[] Formats = ["csv", "ndjson", "geojson"];
    private static readonly string[] Encodings = ["utf-8", "utf-16", "windows-1252"];
    private static readonly string[] Systems = ["EPSG:4326", "EPSG:27700"];
    private static readonly string[] Wrongs = ["reject", "omit"];
    private static readonly string[] IdentifierConflicts = ["reject", "skip", "update"];
    private static readonly string[] Otherwises = ["reject", "omit", "constant", "keep", "note"];

    public static void Check(Mapping mapping)
    {
        void Among(string what, string? word, IReadOnlyList<string> accepted)
        {
            if (word is not null && !accepted.Contains(word))
            {
                throw new ImportException($"The mapping {mapping.Name}: {what} is '{word}'; it accepts {string.Join(", ", accepted)}.");
            }
        }

        void Words(string what, Field? field, Vocabulary accepted)
        {
            foreach (var word in field is null ? [] : field.Values.Values.Append(field.Constant))
            {
                Among(what, word, accepted);
            }
        }

        Among("format", mapping.Format, Formats);
        Among("encoding", mapping.Encoding, Encodings);
        Among("decimal", mapping.Decimal, [".", ","]);
        Among("wrong", mapping.Wrong, Wrongs);
        Among("identifierConflict", mapping.IdentifierConflict, IdentifierConflicts);
        Among("source.kind", mapping.Source.Kind, Vocabularies.SourceKind);
        Among("location.system", mapping.Location?.System, Systems);
        Words("location.precision", mapping.Location?.Precision, Vocabularies.LocationPrecision);
        if (mapping.Delimiter is { Length: not 1 })
        {
            throw new ImportException($"The mapping {mapping.Name}: delimiter is '{mapping.Delimiter}'; it accepts one character.");
        }

        if (mapping.Location is { Point: null } place && (place.X is null || place.Y is null))
        {
            throw new ImportException($"The mapping {mapping.Name}: location needs x and y, or point.");
        }

        foreach (var role in mapping.Roles)
        {
            Among($"the role of {role.Id}", role.Role, Vocabularies.RoleKind);
        }

        foreach (var each in mapping.Events)
        {
            if (each.Status is null && each.Milestone is null)
            {
                throw new ImportException($"The mapping {mapping.Name}: the event {each.Id} needs a status or a milestone.");
            }

            Words($"the status of {each.Id}", each.Status, Vocabularies.Status);
            Words($"the milestone of {each.Id}", each.Milestone, Vocabularies.Milestone);
            Words($"the dateMeaning of {each.Id}", each.DateMeaning, Vocabularies.DateMeaning);
            Words($"the basis of {each.Id}", each.Basis, Vocabularies.Basis);
            Among($"the confidence of {each.Id}", each.Confidence, Vocabularies.Confidence);
        }

        foreach (var each in mapping.Figures)
        {
            Words($"the property of {each.Id}", each.Property, Vocabularies.FigureProperty);
            Words($"the qualifier of {each.Id}", each.Qualifier, Vocabularies.FigureQualifier);
            foreach (var word in each.Scope is null ? [] : each.Scope.Values.Values.Append(each.Scope.Constant))
            {
                Among($"the scope of {each.Id}", word, Scopes);
            }

            Among($"the confidence of {each.Id}", each.Confidence, Vocabularies.Confidence);
        }

        var ids = mapping.Events.Select(e => e.Id).Concat(mapping.Figures.Select(f => f.Id)).Concat(mapping.Roles.Select(r => r.Id)).ToList();
        // They are the last part of the keys of claims.
        if (ids.Find(id => id.Length == 0 || id is "location" or "not-listed" || !id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')) is { } odd)
        {
            throw new ImportException($"The mapping {mapping.Name}: the id '{odd}' is not accepted; it accepts lower-case letters, digits and hyphens, save location and not-listed.");
        }

        if (ids.GroupBy(id => id).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
        {
            throw new ImportException($"The mapping {mapping.Name}: the id {twice.Key} stands twice.");
        }

        foreach (var field in Fields(mapping))
        {
            if (field.Separator is "" or ['\\', ..])
            {
                throw new ImportException($"The mapping {mapping.Name}: the separator '{field.Separator}' is not accepted; it accepts some characters of which the first is no \\.");
            }

            Among("wrong", field.Wrong, Wrongs);
            Among("otherwise", field.Otherwise, Otherwises);
        }
    }

    /// <summary>Every column that a mapping names, once.</summary>
    public static List<string> Columns(Mapping mapping) =>
        [.. mapping.Factory.Identifier.Columns.Concat(mapping.Phase?.Identifier.Columns ?? []).Concat(Fields(mapping).SelectMany(f => f.Columns)).Distinct()];

    /// <summary>Every field of a mapping.</summary>
    public static IEnumerable<Field> Fields(Mapping mapping)
    {
        var (factory, place) = (mapping.Factory, mapping.Location);
        IEnumerable<Field?> fields = [
            factory.Name, factory.Sector, factory.Products, factory.Country, factory.Region, factory.Locality, factory.Website,
            mapping.Phase?.Name, mapping.Phase?.Product, place?.X, place?.Y, place?.Point, place?.Precision, place?.UncertaintyMetres,
            .. mapping.Roles.SelectMany(r => (Field?[])[r.Operator, r.Names, r.Roles]),
            .. mapping.Events.SelectMany(e => (Field?[])[e.Status, e.Milestone, e.Date, e.DateMeaning, e.Basis]),
            .. mapping.Figures.SelectMany(f => (Field?[])[
                f.Property, f.Value, f.Min, f.Max, f.Word, f.Unit, f.Qualifier, f.Product, f.Scope, f.ForDate])];
        return fields.OfType<Field>();
    }
}
