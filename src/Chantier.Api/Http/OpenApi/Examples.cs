using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;

namespace Chantier.Api.Http.OpenApi;

/// <summary>A request to a tracker that has the seeds and nothing else, and what it answers.</summary>
internal sealed record Example
{
    /// <summary>The operation's id.</summary>
    public required string Operation { get; init; }

    /// <summary>Null for a GET. Writes are made in the order of the file, each with a key of an admin.</summary>
    public string? Method { get; init; }

    /// <summary>The path and query.</summary>
    public required string Request { get; init; }

    /// <summary>The scope of the key; null for an admin's, or for none where it is a GET without a method.</summary>
    public string? As { get; init; }

    /// <summary>What a write sends.</summary>
    public JsonNode? Body { get; init; }

    /// <summary>What its body is; null for JSON. Another is a string there.</summary>
    public string? Type { get; init; }

    public string? Accept { get; init; }

    public int Status { get; init; }

    public string? MediaType { get; init; }

    /// <summary>The body: JSON as it is, any other text as a string.</summary>
    public JsonNode? Value { get; init; }

    public string Name => Status < 300 ? "seeds" : Value?["type"]?.ToString().Split(':')[^1] ?? "answer";

    public OpenApiExample ToOpenApi() => new() { Summary = $"{Method ?? "GET"} {Request}", Value = Value?.DeepClone() };
}

/// <summary>
/// The answers that the document shows. They are not written by hand: a test asks each request of a seeded tracker, compares, and
/// rewrites the file when it is told to.
/// </summary>
internal static class Examples
{
    public const string Resource = "examples.json";

    public static readonly JsonSerializerOptions Json = new(ExamplesJson.Default.Options)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IReadOnlyList<Example> Read()
    {
        using var file = typeof(Examples).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize<List<Example>>(file, Json)!;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(List<Example>))]
internal sealed partial class ExamplesJson : JsonSerializerContext;
