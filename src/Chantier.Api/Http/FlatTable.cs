using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Chantier.Api.Http;

/// <summary>
/// A view as flat rows, for CSV and for sheets. The columns follow from the view's type, never from the data: a nested scalar is "location.lon",
/// a list of codes is joined by "|" (of things, their slugs), with what else each says beside it, as "operators.role", where that is
/// stated; of a list whose first entry is the main one, that entry; and what include= embeds has no column.
/// </summary>
internal sealed class FlatTable<T>
{
    private readonly List<(string Name, Func<object, object?> Get)> _columns = [];

    public FlatTable(JsonSerializerOptions options, FieldSet<T> fields)
    {
        foreach (var property in fields.Properties)
        {
            Add(options, property, "", item => item, depth: 0);
        }
    }

    public IReadOnlyList<string> Names => _columns.ConvertAll(column => column.Name);

    public IEnumerable<object?> Values(T item) => _columns.Select(column => column.Get(item!));

    public static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset at => at.UtcDateTime.ToString(TimestampConverter.Format, CultureInfo.InvariantCulture),
        IEnumerable list => CsvText.Joined(list.Cast<object?>().Select(Text)),
        ICode thing => thing.Code,
        KeyValuePair<string, string> entry => $"{entry.Key}:{entry.Value}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private void Add(JsonSerializerOptions options, JsonPropertyInfo property, string prefix, Func<object, object?> owner, int depth)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var get = property.Get!;
        object? Value(object item) => owner(item) is { } parent ? get(parent) : null;

        var name = prefix + property.Name;
        if (type == typeof(string) || type.IsPrimitive || type == typeof(decimal) || type == typeof(DateOnly) || type == typeof(DateTimeOffset))
        {
            _columns.Add((name, Value));
        }
        else if (typeof(IEnumerable).IsAssignableFrom(type))
        {
            var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments().FirstOrDefault() ?? typeof(object);
            // What is left out when it was not asked for is embedded, and has no column.
            if (property.ShouldSerialize is null && (element == typeof(string) || element.IsPrimitive || typeof(ICode).IsAssignableFrom(element)))
            {
                _columns.Add((name, Value));
            }

            if (property.ShouldSerialize is null && typeof(IMainFirst).IsAssignableFrom(element))
            {
                foreach (var inner in options.GetTypeInfo(element).Properties.Where(p => p.Get is not null))
                {
                    Add(options, inner, name + ".", item => (Value(item) as IEnumerable)?.Cast<object>().FirstOrDefault(), depth + 1);
                }
            }

            if (property.ShouldSerialize is null && typeof(IStated).IsAssignableFrom(element))
            {
                foreach (var inner in options.GetTypeInfo(element).Properties.Where(p => p.Get is not null && p.Name != "slug"))
                {
                    _columns.Add(($"{name}.{inner.Name}", item => (Value(item) as IEnumerable)?.Cast<object>().Select(inner.Get!)));
                }
            }
        }
        else if (depth < 2)
        {
            foreach (var inner in options.GetTypeInfo(type).Properties.Where(p => p.Get is not null))
            {
                Add(options, inner, name + ".", Value, depth + 1);
            }
        }
    }
}

/// <summary>A thing that a code stands for where there is room for no more: a slug, or scheme:value.</summary>
internal interface ICode
{
    string Code { get; }
}

/// <summary>A thing with a slug, of which the list that it stands in states more than which it is.</summary>
internal interface IStated : ICode;

/// <summary>An entry of a list whose first is the main one, which alone has columns in a table.</summary>
internal interface IMainFirst;
