using System.Collections.Concurrent;
using System.Reflection;
using Npgsql;
using NpgsqlTypes;

namespace Chantier.Api.Database;

/// <summary>Commands of a batch, which is sent in one round trip.</summary>
internal static class Sql
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    /// <summary>One statement with the properties of an object, or of several, as its parameters, and the stamp as @at.</summary>
    public static NpgsqlBatchCommand Command(string sql, object parameters, DateTimeOffset at)
    {
        var command = new NpgsqlBatchCommand(sql);
        Add(command, "at", at);
        foreach (var values in parameters as object[] ?? [parameters])
        {
            foreach (var property in Properties.GetOrAdd(values.GetType(), type => type.GetProperties()))
            {
                Add(command, property.Name, property.GetValue(values));
            }
        }

        return command;
    }

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
