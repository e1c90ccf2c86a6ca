using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Chantier.Api.Http;

/// <summary>The properties of a view that an answer carries: all, or those that fields= names, in the view's own order.</summary>
internal sealed class FieldSet<T>
{
    private readonly JsonTypeInfo<T> _type;
    private readonly JsonPropertyInfo[]? _chosen;
    private readonly JsonSerializerOptions _options;

    private FieldSet(JsonSerializerOptions options, JsonTypeInfo<T> type, JsonPropertyInfo[]? chosen) => (_options, _type, _chosen) = (options, type, chosen);

    public IReadOnlyList<JsonPropertyInfo> Properties => _chosen ?? [.. Readable(_type)];

    /// <summary>Whether a flat table has anything to show.</summary>
    public bool HasColumns => _chosen is null || new FlatTable<T>(_options, this).Names.Count > 0;

    /// <summary>Null, with an error, where a name is not a property of the view.</summary>
    public static FieldSet<T>? Of(JsonSerializerOptions options, Given<Codes>? fields, out ProblemError? error)
    {
        error = null;
        var type = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        if (fields is null)
        {
            return new(options, type, null);
        }

        var readable = Readable(type).ToList();
        if (fields.Value.Values.FirstOrDefault(name => readable.TrueForAll(p => p.Name != name)) is { } unknown)
        {
            error = ProblemError.In("fields", "not_accepted", $"has the name '{Shown.Of(unknown)}'; it accepts {string.Join(", ", readable.Select(p => p.Name))}.");
            return null;
        }

        return new(options, type, [.. readable.Where(p => fields.Value.Values.Contains(p.Name))]);
    }

    public void Write(Utf8JsonWriter writer, T item)
    {
        if (_chosen is null)
        {
            JsonSerializer.Serialize(writer, item, _type);
            return;
        }

        writer.WriteStartObject();
        foreach (var property in _chosen)
        {
            var value = property.Get!(item!);
            // What is left out when it was not asked for stays out: an embedded list that is null is not an empty one.
            if (property.ShouldSerialize?.Invoke(item!, value) != false)
            {
                writer.WritePropertyName(property.Name);
                JsonSerializer.Serialize(writer, value, _options.GetTypeInfo(property.PropertyType));
            }
        }

        writer.WriteEndObject();
    }

    // The warnings that every row could have are of the write that it answers, which takes no fields=.
    private static IEnumerable<JsonPropertyInfo> Readable(JsonTypeInfo<T> type) => type.Properties.Where(p => p.Get is not null && p.DeclaringType != typeof(ListRow));
}
