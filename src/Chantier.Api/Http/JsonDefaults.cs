using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;

namespace Chantier.Api.Http;

/// <summary>How JSON looks everywhere.</summary>
internal static class JsonDefaults
{
    public static void Apply(JsonSerializerOptions options, JsonSerializerContext context)
    {
        options.TypeInfoResolverChain.Insert(0, context.WithAddedModifier(BaseFirst));
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.NumberHandling = JsonNumberHandling.Strict;
        // UTF-8 answers carry accents as they are; none of them is ever put into HTML.
        options.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new TimestampConverter());
    }

    // A detail is its list item and more: what they share stands first, in the same order.
    private static void BaseFirst(JsonTypeInfo type)
    {
        static int Depth(Type? owner) => owner is null ? 0 : 1 + Depth(owner.BaseType);

        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        var ordered = type.Properties.OrderBy(property => Depth(property.DeclaringType)).ToList();
        type.Properties.Clear();
        ordered.ForEach(type.Properties.Add);
    }

    public static JsonSerializerOptions Options(HttpContext http) => Options(http.RequestServices);

    public static JsonSerializerOptions Options(IServiceProvider services) =>
        services.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
}

/// <summary>RFC 3339 in UTC, always with microseconds, which is what the database keeps.</summary>
internal sealed class TimestampConverter : JsonConverter<DateTimeOffset>
{
    public const string Format = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[27];
        _ = value.UtcDateTime.TryFormat(text, out var length, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}
