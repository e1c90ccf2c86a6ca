using System.Text.Json;
using System.Text.Json.Nodes;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Api.Regions;
using Chantier.Domain;

namespace Chantier.Api.Ogc;

/// <summary>A property of a feature: one value, never a list or an object, which tables and styles could not hold.</summary>
internal record OgcProperty(string Name, string Type, string About, IReadOnlyList<string>? Words = null)
{
    /// <summary>The one that datetime is compared with.</summary>
    public bool IsTemporal { get; init; }

    public JsonObject Schema()
    {
        var schema = new JsonObject { ["title"] = Name, ["description"] = About, ["type"] = Type };
        if (Words is not null)
        {
            schema["enum"] = new JsonArray([.. Words.Select(word => JsonValue.Create(word))]);
        }

        if (IsTemporal)
        {
            schema["format"] = "date";
            schema["x-ogc-role"] = "primary-instant";
        }

        return schema;
    }
}

/// <summary>The same with where its value is.</summary>
internal sealed record OgcProperty<T>(string Name, string Type, string About, Func<T, object?> Value, IReadOnlyList<string>? Words = null) : OgcProperty(Name, Type, About, Words);

/// <summary>What is served under /ogc/collections.</summary>
/// <param name="Id">Its name in the path.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="About">What its features are.</param>
/// <param name="Geometries">What they can be on a map.</param>
/// <param name="Properties">What each has.</param>
internal record OgcCollection(string Id, string Title, string About, IReadOnlyList<string> Geometries, IReadOnlyList<OgcProperty> Properties)
{
    public static IReadOnlyList<OgcCollection> All => [Factories, Regions];

    public static OgcCollection<FactoryView> Factories { get; } = new(
        "factories",
        "Factories",
        "Industrial sites, planned or existing, as they are on the day asked for. A factory whose place is not known has no geometry.",
        ["Point"],
        [
            new("slug", "string", "The name in paths, which never changes.", f => f.Slug),
            new("name", "string", "The name.", f => f.Name),
            new("status", "string", "The construction status; null where no status is claimed.", f => f.Status, Vocabularies.Status),
            new("stage", "string", "The stage that the status belongs to.", f => f.Stage, Vocabularies.Stage),
            new("statusDate", "string", "The first day on which its status can have begun, or was observed.", f => FirstDay(f.StatusSince)) { IsTemporal = true },
            new("statusSince", "string", "The same date as the source states it, in EDTF: 2024, 2024-08, 2024~.", f => f.StatusSince),
            new("statusDateMeaning", "string", "Whether the status began on that date, or was observed on it.", f => f.StatusDateMeaning, Vocabularies.DateMeaning),
            new("statusBasis", "string", "What the status is based on.", f => f.StatusBasis, Vocabularies.Basis),
            new("lastConfirmed", "string", "The date on which a source last confirmed the status, in EDTF.", f => f.LastConfirmedOn),
            new("sector", "string", "The code of the sector.", f => f.Sector),
            new("country", "string", "The country, ISO 3166-1 alpha-2.", f => f.Country),
            new("region", "string", "The slug of the smallest region that it is known to be in.", f => f.RegionSlug),
            new("regionName", "string", "The name of that region.", f => f.RegionName),
            new("locality", "string", "The town.", f => f.Locality),
            new("locationPrecision", "string", "How precise the place is: the centre of a municipality is not the site.", f => f.LocationPrecision, Vocabularies.LocationPrecision),
            new("locationUncertaintyM", "integer", "How far off the place may be, in metres.", f => f.LocationUncertaintyM),
            new("operators", "string", "The slugs of the operators that have a part in it, joined by |.", f => Joined(f.Operators.Select(o => o.Slug).Distinct())),
            new("capacityValue", "number", "The capacity of the first product in capacityUnit; null where only a range or a wording is known.", f => f.MainCapacity?.Value),
            new("capacityMin", "number", "The lower bound of the capacity.", f => f.MainCapacity?.Min),
            new("capacityMax", "number", "The upper bound of the capacity.", f => f.MainCapacity?.Max),
            new("capacityWord", "string", "The wording of the source where it states no number.", f => f.MainCapacity?.Word),
            new("capacityUnit", "string", "The unit of the capacity; different quantities are never added.", f => f.MainCapacity?.Unit),
            new("capacityQualifier", "string", "Whether the capacity is installed, or how far it has come.", f => f.MainCapacity?.Qualifier, Vocabularies.FigureQualifier),
            new("capacityProduct", "string", "The product that it is a capacity of.", f => f.MainCapacity?.Product),
            new("capacityBasis", "string", "Whether the capacity is the sum of phases or a figure of the whole site.", f => f.CapacityBasis, Vocabularies.CapacityBasis),
            new("capacityIsPartial", "boolean", "Whether a phase that counts has no figure, so that the capacity is at least this.", f => f.CapacityIsPartial),
            new("phaseCount", "integer", "How many phases it has.", f => f.PhaseCount),
            new("mediaCount", "integer", "How many media depict it.", f => f.MediaCount),
            new("sourceCount", "integer", "How many sources it is described by.", f => f.SourceCount),
            new("version", "integer", "The version of its own description.", f => f.Version),
        ]);

    public static OgcCollection<RegionView> Regions { get; } = new(
        "regions",
        "Regions",
        "Countries, their parts, and industrial clusters, with simplified boundaries. A region whose boundary is not known has no geometry.",
        ["Polygon", "MultiPolygon"],
        [
            new("slug", "string", "The name in paths, which never changes.", r => r.Slug),
            new("name", "string", "The name in the language asked for.", r => r.Name),
            new("nameFr", "string", "The name in French.", r => r.NameFr),
            new("nameEn", "string", "The name in English.", r => r.NameEn),
            new("nameLocal", "string", "The name in the language of the place.", r => r.NameLocal),
            new("kind", "string", "The kind of the region.", r => r.Kind, Vocabularies.RegionKind),
            new("parent", "string", "The slug of the region that it is in.", r => r.ParentSlug),
            new("codes", "string", "Its codes as scheme:value, joined by |.", r => Joined(r.Codes.Select(code => $"{code.Key}:{code.Value}"))),
            new("factoryCount", "integer", "How many factories are in it now, those in its parts and its members included.", r => r.FactoryCount),
            new("version", "integer", "The version of its own description.", r => r.Version),
        ]);

    public string Path => $"/ogc/collections/{Id}";

    /// <summary>The list of the same things in the API proper.</summary>
    public string Resource => $"/v1/{Id}";

    /// <summary>The schema of a whole feature, for GIS clients that lay out their tables by it.</summary>
    public JsonObject FeatureSchema(string address) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["$id"] = address,
        ["title"] = Title,
        ["description"] = About,
        ["type"] = "object",
        ["required"] = new JsonArray("type", "id", "geometry", "properties"),
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["const"] = "Feature" },
            ["id"] = new JsonObject { ["type"] = "string", ["x-ogc-role"] = "id" },
            // In full, as a schema elsewhere could not always be fetched.
            ["geometry"] = new JsonObject
            {
                ["type"] = new JsonArray("object", "null"),
                ["format"] = Geometries is [var only] ? $"geometry-{only.ToLowerInvariant()}" : "geometry-any",
                ["x-ogc-role"] = "primary-geometry",
                ["required"] = new JsonArray("type", "coordinates"),
                ["properties"] = new JsonObject
                {
                    ["type"] = new JsonObject { ["enum"] = new JsonArray([.. Geometries.Select(type => JsonValue.Create(type))]) },
                    ["coordinates"] = new JsonObject { ["type"] = "array" },
                },
            },
            ["links"] = new JsonObject { ["type"] = "array" },
            ["properties"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject(Properties.Select(property => KeyValuePair.Create(property.Name, (JsonNode?)property.Schema()))) },
        },
    };

    /// <summary>What features can be told apart by: OGC API Features Part 3, §6.</summary>
    public JsonObject Queryables(string address, IEnumerable<OgcProperty> chosen) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["$id"] = address,
        ["title"] = Title,
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(chosen.Select(property => KeyValuePair.Create(property.Name, (JsonNode?)property.Schema()))),
    };

    private static string? Joined(IEnumerable<string> words) => string.Join('|', words) is { Length: > 0 } joined ? joined : null;

    private static DateOnly? FirstDay(string? edtf) => edtf is not null && Edtf.TryParse(edtf, out var date, out _) && date.Earliest > DateOnly.MinValue ? date.Earliest : null;
}

/// <summary>The same with how a feature is written.</summary>
internal sealed record OgcCollection<T>(string Id, string Title, string About, IReadOnlyList<string> Geometries, IReadOnlyList<OgcProperty<T>> Columns)
    : OgcCollection(Id, Title, About, Geometries, Columns)
    where T : IPlaced
{
    public void Write(Utf8JsonWriter writer, T item, OgcCrs crs, IEnumerable<OgcLink>? links)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "Feature"u8);
        writer.WriteString("id"u8, item.FeatureId);
        if (links is not null)
        {
            OgcFeatures.WriteLinks(writer, links);
        }

        writer.WritePropertyName("geometry"u8);
        OgcGeometry.Write(writer, item, crs);
        writer.WriteStartObject("properties"u8);
        foreach (var column in Columns)
        {
            // What is not known is left out, as the schema has it: of a type that may be null, clients make text.
            if (column.Value(item) is not { } value)
            {
                continue;
            }

            writer.WritePropertyName(column.Name);
            switch (value)
            {
                case string text:
                    writer.WriteStringValue(text);
                    break;
                case int number:
                    writer.WriteNumberValue(number);
                    break;
                case long number:
                    writer.WriteNumberValue(number);
                    break;
                case decimal number:
                    writer.WriteNumberValue(number);
                    break;
                case bool flag:
                    writer.WriteBooleanValue(flag);
                    break;
                case DateOnly day:
                    writer.WriteStringValue(day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
                    break;
                case var other:
                    throw new InvalidOperationException($"{column.Name} is a {other.GetType().Name}, which no feature has.");
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
