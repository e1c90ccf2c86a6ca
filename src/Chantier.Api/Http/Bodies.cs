using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;
using Microsoft.Net.Http.Headers;

namespace Chantier.Api.Http;

/// <summary>A write that cannot be done; nothing was changed.</summary>
internal sealed class Refusal(IResult answer) : Exception
{
    public Refusal(Problem problem)
        : this(problem.ToResult())
    {
    }

    public IResult Answer => answer;

    /// <summary>What the body says is well-formed, and not right: 422.</summary>
    public static Refusal Of(string pointer, string code, string detail) => new(Problem.InvalidBody(new ProblemError(null, pointer, code, detail)));
}

/// <summary>From the bytes of a body to a request record whose rules hold. Whatever is wrong is said with its place.</summary>
internal static class Bodies
{
    public const string MergePatch = "application/merge-patch+json";

    private const int Deepest = 32;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = Deepest, AllowDuplicateProperties = false };

    public static async Task<byte[]> ReadAsync(HttpContext http, string mediaType)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || !(type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals(Format.Json.MediaType, StringComparison.OrdinalIgnoreCase))
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new Refusal(Problem.Of(415, "unsupported-media-type", "The body's type is not accepted", $"The Content-Type is '{Shown.Of(http.Request.ContentType ?? "")}'; it accepts {mediaType}, in UTF-8."));
        }

        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        return bytes.ToArray();
    }

    public static JsonNode Parse(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: Strict) is JsonObject node ? node : throw new Refusal(Malformed("The body is not a JSON object."));
        }
        catch (JsonException malformed)
        {
            throw new Refusal(Malformed($"The body is not well-formed JSON at line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}."));
        }
    }

    public static T Bind<T>(JsonNode body, JsonSerializerOptions options)
    {
        try
        {
            return body.Deserialize((JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)))!;
        }
        catch (JsonException wrong)
        {
            throw new Refusal(Problem.InvalidBody(Explain(wrong, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)), body, options)) with { Status = 400 });
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate in a string.
            throw new Refusal(Malformed("The body has text that is not valid Unicode."));
        }
    }

    public static void Validate<T>(T body, IServiceProvider services)
    {
        if (services.GetService<IValidator<T>>() is { } validator && validator.Validate(body) is { IsValid: false } result)
        {
            throw new Refusal(Problem.InvalidBody([.. result.Errors.Select(e => new ProblemError(null, PointerOf(e.PropertyName), e.ErrorCode, e.ErrorMessage))]));
        }
    }

    /// <summary>RFC 7396: null takes away, an object goes into what is there, anything else replaces it.</summary>
    public static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject there ? (JsonObject)there.DeepClone() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merge(result[name], value);
            }
        }

        return result;
    }

    /// <summary>Sources[0].Locator.Start as /sources/0/locator/start (RFC 6901).</summary>
    public static string PointerOf(string path)
    {
        var pointer = new StringBuilder();
        foreach (var part in path.TrimStart('$').Split(['.', '[', ']', '\''], StringSplitOptions.RemoveEmptyEntries))
        {
            pointer.Append('/').Append(QueryContract.NameOf(part).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        }

        return pointer.ToString();
    }

    private static Problem Malformed(string detail) => Problem.Of(400, "malformed-body", "The body cannot be read", detail);

    /// <summary>Where it is wrong, and what is accepted there, without a word of how we call it.</summary>
    public static ProblemError Explain(JsonException wrong, JsonTypeInfo type, JsonNode body, JsonSerializerOptions options)
    {
        var pointer = PointerOf(wrong.Path ?? "$");
        var node = body;
        JsonTypeInfo? at = type;
        foreach (var part in pointer.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at is { Kind: JsonTypeInfoKind.Enumerable } && int.TryParse(part, out var index))
            {
                (node, at) = ((node as JsonArray)?.ElementAtOrDefault(index), at.ElementType is { } element ? options.GetTypeInfo(element) : null);
                continue;
            }

            if (at is { Kind: JsonTypeInfoKind.Object } && at.Properties.FirstOrDefault(p => p.Name == part) is not { } property)
            {
                return new(null, pointer, "unknown_field", $"is not a field here; accepted are {string.Join(", ", at.Properties.Select(p => p.Name).Order(StringComparer.Ordinal))}.");
            }
            else if (at is { Kind: JsonTypeInfoKind.Object })
            {
                (node, at) = (node?[part], options.GetTypeInfo(at.Properties.First(p => p.Name == part).PropertyType));
            }
        }

        if (node is JsonObject given && at?.Properties.Where(p => p.IsRequired && !given.ContainsKey(p.Name)).Select(p => p.Name).ToArray() is [_, ..] missing)
        {
            return new(null, pointer, "required", $"lacks {string.Join(", ", missing)}.");
        }

        return new(null, pointer, "malformed", $"is {(node is null ? "null" : $"'{Shown.Of(node.ToJsonString())}'")}; it accepts {Accepts(at)}.");
    }

    private static string Accepts(JsonTypeInfo? type) => (Nullable.GetUnderlyingType(type?.Type ?? typeof(object)) ?? type?.Type) switch
    {
        null => "another value",
        var t when t == typeof(string) => "a string",
        var t when t == typeof(int) || t == typeof(long) => "a whole number",
        var t when t == typeof(decimal) || t == typeof(double) => "a number",
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(DateTimeOffset) => "a moment such as 2026-11-24T09:00:00Z",
        _ when type!.Kind == JsonTypeInfoKind.Enumerable => "an array",
        _ when type.Kind == JsonTypeInfoKind.Object => $"an object with {string.Join(", ", type.Properties.Select(p => p.Name).Order(StringComparer.Ordinal))}",
        _ => "another value",
    };
}
