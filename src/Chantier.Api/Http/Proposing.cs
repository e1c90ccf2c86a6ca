using System.Text.Json.Serialization;
using System.Text.Json;
using System.Text;

namespace Chantier.Api.Http;

/// <summary>
/// A write by somebody who may only contribute: tried and undone, so that whatever is wrong with it is said at once, and then
/// kept as it was sent until a curator decides.
/// </summary>
internal static class Proposing
{
    private const string FileSql = """
        insert into proposal (api_key_id, proposed_by, operation, method, path, route, if_match, body)
        values (@key, @by, @operation, @method, @path, @route::jsonb, @ifMatch, @body::jsonb)
        returning id
        """;

    public static async Task<Outcome> FileAsync(
        Write write, WriteOperation operation, BoundWrite bound, string path, byte[] bytes)
    {
        await write.TryAsync(() => bound.Handle(write));
        var id = (await write.QueryAsync<long>(FileSql, new
        {
            key = write.Caller.KeyId,
            by = write.Caller.Handle,
            operation = operation.Id,
            method = operation.Method,
            path,
            route = JsonSerializer.Serialize(write.Parts, ProposingJson.Default.IReadOnlyDictionaryStringString),
            ifMatch = write.IfMatch,
            body = bytes.Length == 0 ? null : Encoding.UTF8.GetString(bytes),
        }))[0];
        var filed = new Filed($"/v1/proposals/{id}", "open", write.Warnings.Count == 0 ? null : write.Warnings);
        return new Outcome(
            StatusCodes.Status202Accepted,
            filed.Proposal,
            (_, _) => Task.FromResult(new Rendered(JsonSerializer.SerializeToUtf8Bytes(filed, ProposingJson.Default.Filed), null)));
    }
}

/// <summary>What the answer to a proposed write says: where the proposal is, and what somebody should look at.</summary>
internal sealed record Filed(
    string Proposal,
    string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Warning>? Warnings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Filed))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class ProposingJson : JsonSerializerContext;
