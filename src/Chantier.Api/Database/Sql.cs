using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Chantier.Api.Database;

/// <summary>Commands of a batch, which is sent in one round trip.</summary>
internal static partial class Sql
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    private static readonly ConcurrentDictionary<string, string> Unstamped = new();

    /// <summary>
    /// Returns one statement with the properties of an object, or of several, as its parameters, and the stamp of the
    /// write as @at. Without a stamp, the statement follows begin_write in its batch and finds the stamp itself.
    /// </summary>
    public static NpgsqlBatchCommand Command(string sql, object parameters, DateTimeOffset? at)
    {
        var command = new NpgsqlBatchCommand(
            at is null ? Unstamped.GetOrAdd(sql, text => StampParameter().Replace(text, "write_stamp()")) : sql);
        if (at is not null)
        {
            Add(command, "at", at.Value);
        }

        foreach (var values in parameters as object[] ?? [parameters])
        {
            foreach (var property in Properties.GetOrAdd(values.GetType(), type => type.GetProperties()))
            {
                Add(command, property.Name, property.GetValue(values));
            }
        }

        return command;
    }

    [GeneratedRegex(@"@at\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StampParameter();

    // A statement names some of what it is given; what it does not name is not sent.
    private static void Add(NpgsqlBatchCommand command, string name, object? value)
    {
        if (command.CommandText.Contains('@' + name, StringComparison.Ordinal))
        {
            command.Parameters.Add(value is DateTime[] moments
                ? new NpgsqlParameter(name, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz) { Value = moments }
                : new NpgsqlParameter(name, value ?? DBNull.Value));
        }
    }
}
