using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Archives;

/// <summary>dcat.jsonld: the archive as catalogues of open data describe one (DCAT 3, JSON-LD).</summary>
internal static class Dcat
{
    public const string FileName = "dcat.jsonld";

    public static JsonObject Of(ArchiveManifest manifest) => new()
    {
        ["@context"] = new JsonObject
        {
            ["dcat"] = "http://www.w3.org/ns/dcat#",
            ["dcterms"] = "http://purl.org/dc/terms/",
            ["spdx"] = "http://spdx.org/rdf/terms#",
            ["xsd"] = "http://www.w3.org/2001/XMLSchema#",
        },
        ["@id"] = $"urn:uuid:{manifest.Tracker}",
        ["@type"] = "dcat:Dataset",
        ["dcterms:title"] = new JsonArray(InLanguage("fr", "Chantier : sites industriels, avec leurs sources"), InLanguage("en", "Chantier: industrial sites, with their sources")),
        ["dcterms:description"] = new JsonArray(
            InLanguage("fr", "Tout ce que le traqueur a enregistré : versions, affirmations, preuves et journal, une table par fichier."),
            InLanguage("en", "All that the tracker has recorded: versions, claims, evidence and the log, a table to a file.")),
        ["dcterms:identifier"] = $"{manifest.Tracker}/{manifest.Seq}",
        ["dcterms:modified"] = manifest.KnownAt is { } at ? Typed("xsd:dateTime", at.UtcDateTime.ToString(TimestampConverter.Format, CultureInfo.InvariantCulture)) : null,
        ["dcat:distribution"] = new JsonArray([.. manifest.Files.Select(file => (JsonNode)new JsonObject
        {
            ["@type"] = "dcat:Distribution",
            ["@id"] = file.Name,
            ["dcterms:title"] = file.Table,
            ["dcat:mediaType"] = Format.NdJson.MediaType,
            ["dcat:packageFormat"] = Format.Zip.MediaType,
            ["dcat:byteSize"] = Typed("xsd:nonNegativeInteger", file.Bytes.ToString(CultureInfo.InvariantCulture)),
            ["spdx:checksum"] = new JsonObject
            {
                ["@type"] = "spdx:Checksum",
                ["spdx:algorithm"] = new JsonObject { ["@id"] = "spdx:checksumAlgorithm_sha256" },
                ["spdx:checksumValue"] = Typed("xsd:hexBinary", file.Sha256),
            },
        })]),
        // Where a source says nothing of its licence, neither is said here.
        ["dcterms:source"] = new JsonArray([.. manifest.Attribution.Select(part => (JsonNode)new JsonObject
        {
            ["dcterms:publisher"] = part.Publisher,
            ["dcterms:license"] = part.Licence,
            ["dcterms:identifier"] = new JsonArray([.. part.Sources.Select(slug => (JsonNode)JsonValue.Create(slug))]),
        })]),
    };

    private static JsonObject InLanguage(string language, string text) => new() { ["@language"] = language, ["@value"] = text };

    private static JsonObject Typed(string type, string text) => new() { ["@type"] = type, ["@value"] = text };
}

[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class DcatJson : JsonSerializerContext;
