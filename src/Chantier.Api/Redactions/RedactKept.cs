using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chantier.Api.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Chantier.Api.Redactions;

/// <summary>A text that shall stand nowhere, and what stands there instead.</summary>
internal sealed record Secret(string Text, string Instead);

/// <summary>
/// Takes texts out of whatever is kept of requests and answers: the answers to keyed requests, proposals, the filters of webhooks, the
/// keys by which a pack knows its claims. Deliveries keep no content, and the log none either.
/// </summary>
internal static class RedactKept
{
    private const string AnswersSql = "select api_key_id, key, location, convert_from(body, 'UTF8') as body from idempotency where status is not null";

    private const string KeepAnswerSql = "update idempotency set location = @location, body = @body where api_key_id = @ApiKeyId and key = @Key";

    // What a caller named by the text can be known by no other name.
    private const string ForgetAnswerSql = "delete from idempotency where api_key_id = @ApiKeyId and key = @Key";

    private const string ProposalsSql = "select id, path, route::text as route, body::text as body, reason, result from proposal";

    private const string KeepProposalSql = "update proposal set path = @path, route = @route::jsonb, body = @body::jsonb, reason = @reason, result = @result where id = @id";

    private const string HooksSql = "select id, url, description, filter from webhook";

    private const string KeepHookSql = "update webhook set url = @Url, description = @Description, filter = @Filter where id = @Id";

    // Only of what is claimed of the thing itself: other claims are known by keys that may say the same by chance.
    private const string KeysSql = """
        update claim c set key = replace(c.key, @text, @instead)
        where strpos(c.key, @text) > 0 and case @kind
          when 'factory' then c.factory_id = @id
          when 'operator' then c.id in (select r.claim_id from role r where r.operator_id = @id union all select o.claim_id from ownership o where @id in (o.operator_id, o.shareholder_id))
          when 'region' then c.id in (select b.claim_id from membership b where @id in (b.cluster_id, b.region_id))
          when 'source' then c.id in (select e.claim_id from evidence e where e.source_id = @id) end
        """;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="write">Under the one order of writes, so that nothing more is kept meanwhile.</param>
    /// <param name="secrets">The texts.</param>
    /// <param name="kind">The kind of the thing whose they are.</param>
    /// <param name="id">Its number.</param>
    public static async Task EverywhereAsync(Write write, IReadOnlyCollection<Secret> secrets, string kind, long id)
    {
        if (secrets.Count == 0)
        {
            return;
        }

        // The longest first, as it may hold another.
        var texts = secrets.OrderByDescending(secret => secret.Text.Length).ToList();
        foreach (var answer in await write.QueryAsync<KeptAnswer>(AnswersSql, new { }))
        {
            var (location, body) = (Redacted(answer.Location, texts), RedactedJson(answer.Body, texts));
            if (Redacted(answer.Key, texts) != answer.Key)
            {
                await write.ExecuteAsync(ForgetAnswerSql, answer);
            }
            else if (location != answer.Location || body != answer.Body)
            {
                await write.ExecuteAsync(KeepAnswerSql, new { location, body = body is null ? null : Encoding.UTF8.GetBytes(body), answer.ApiKeyId, answer.Key });
            }
        }

        foreach (var proposal in await write.QueryAsync<KeptProposal>(ProposalsSql, new { }))
        {
            var redacted = proposal with
            {
                Path = Redacted(proposal.Path, texts)!,
                Route = RedactedJson(proposal.Route, texts)!,
                Body = RedactedJson(proposal.Body, texts),
                Reason = Redacted(proposal.Reason, texts),
                Result = Redacted(proposal.Result, texts),
            };
            if (redacted != proposal)
            {
                await write.ExecuteAsync(KeepProposalSql, new { id = redacted.Id, path = redacted.Path, route = redacted.Route, body = redacted.Body, reason = redacted.Reason, result = redacted.Result });
            }
        }

        foreach (var hook in await write.QueryAsync<KeptHook>(HooksSql, new { }))
        {
            var redacted = hook with { Url = Redacted(hook.Url, texts)!, Description = Redacted(hook.Description, texts), Filter = RedactedQuery(hook.Filter, texts) };
            if (redacted != hook)
            {
                await write.ExecuteAsync(KeepHookSql, redacted);
            }
        }

        foreach (var (text, instead) in texts)
        {
            await write.ExecuteAsync(KeysSql, new { text, instead, kind, id });
        }
    }

    // What is short occurs inside other words by chance, and must be the whole.
    private static string? Redacted(string? text, List<Secret> secrets) => text is null ? null : secrets.Aggregate(
        text, (left, secret) => secret.Text.Length < 4 ? left == secret.Text ? secret.Instead : left : left.Replace(secret.Text, secret.Instead, StringComparison.OrdinalIgnoreCase));

    // Its values as they were meant, not as they were escaped.
    private static string RedactedQuery(string query, List<Secret> secrets)
    {
        var changed = false;
        var parts = new List<string>();
        foreach (var part in new QueryStringEnumerable(query))
        {
            var (name, value) = (part.DecodeName().ToString(), part.DecodeValue().ToString());
            var redacted = string.Join(',', value.Split(',').Select(one => Redacted(one, secrets)));
            changed |= redacted != value;
            parts.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(redacted)}");
        }

        return changed ? string.Join('&', parts) : query;
    }

    private static string? RedactedJson(string? json, List<Secret> secrets)
    {
        if (json is null)
        {
            return null;
        }

        var changed = false;
        var node = JsonNode.Parse(json);
        Walk(node);
        return changed ? node!.ToJsonString(Relaxed) : json;

        void Walk(JsonNode? at)
        {
            switch (at)
            {
                case JsonObject members:
                    foreach (var name in members.Select(member => member.Key).ToList())
                    {
                        if (!Replace(members[name], put => members[name] = put))
                        {
                            Walk(members[name]);
                        }
                    }

                    break;
                case JsonArray items:
                    for (var i = 0; i < items.Count; i++)
                    {
                        var index = i;
                        if (!Replace(items[i], put => items[index] = put))
                        {
                            Walk(items[i]);
                        }
                    }

                    break;
            }
        }

        bool Replace(JsonNode? at, Action<JsonNode> put)
        {
            if (at is not JsonValue value || !value.TryGetValue<string>(out var text) || Redacted(text, secrets) is not { } left || left == text)
            {
                return false;
            }

            changed = true;
            put(JsonValue.Create(left));
            return true;
        }
    }

    private sealed record KeptAnswer
    {
        public required long ApiKeyId { get; init; }

        public required string Key { get; init; }

        public string? Location { get; init; }

        public string? Body { get; init; }
    }

    private sealed record KeptProposal
    {
        public required long Id { get; init; }

        public required string Path { get; init; }

        public required string Route { get; init; }

        public string? Body { get; init; }

        public string? Reason { get; init; }

        public string? Result { get; init; }
    }

    private sealed record KeptHook
    {
        public required long Id { get; init; }

        public required string Url { get; init; }

        public string? Description { get; init; }

        public required string Filter { get; init; }
    }
}
