using System.Reflection;
using System.Text.Json;

namespace Chantier.Api.Http.OpenApi;

/// <summary>What fields= accepts for a view and which columns its CSV has, asked of the code that does both.</summary>
internal static class ViewFields
{
    public static IReadOnlyList<string> Names(Type view, JsonSerializerOptions options) => Of(view, options).Names;

    public static string Columns(Type view, JsonSerializerOptions options) => Of(view, options).Columns;

    private static (IReadOnlyList<string> Names, string Columns) Of(Type view, JsonSerializerOptions options) =>
        ((IReadOnlyList<string>, string))typeof(ViewFields).GetMethod(nameof(Read), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(view).Invoke(null, [options])!;

    private static (IReadOnlyList<string> Names, string Columns) Read<T>(JsonSerializerOptions options)
    {
        var fields = FieldSet<T>.Of(options, null, out _)!;
        return ([.. fields.Properties.Select(p => p.Name)], string.Join(',', new FlatTable<T>(options, fields).Names));
    }
}
