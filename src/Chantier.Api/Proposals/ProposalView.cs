using System.Text.Json;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Http.OpenApi;
using Chantier.Domain;

namespace Chantier.Api.Proposals;

/// <summary>A write that was proposed, and what became of it.</summary>
internal sealed record ProposalView : ListRow
{
    public const string From = "proposal p";

    public const string Columns = """
        p.id, p.state, p.operation, p.method, p.path, p.if_match as version, p.body::text as body_json, p.proposed_by, p.proposed_at,
          p.decided_by, p.decided_at, p.reason, p.result
        """;

    public static SortTable Sorts { get; } = new("id", new SortKey("id", "bigint", "p.id"), new SortKey("id", "bigint", "p.id"));

    public required long Id { get; init; }

    [Among(nameof(Vocabularies.ProposalState))]
    public required string State { get; init; }

    /// <summary>The operationId of the write.</summary>
    public required string Operation { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    /// <summary>The version that it would change; null for what is new.</summary>
    public int? Version { get; init; }

    /// <summary>The body, as it was sent.</summary>
    public JsonElement? Body => BodyJson is null ? null : JsonElement.Parse(BodyJson);

    public required string ProposedBy { get; init; }

    public required DateTimeOffset ProposedAt { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why it was rejected, or what was said when it was accepted.</summary>
    public string? Reason { get; init; }

    /// <summary>Where what it made is, once it was accepted.</summary>
    public string? Result { get; init; }

    /// <summary>Where it is told what accepting it would change now; null once it was decided.</summary>
    public string? ChangesUrl => State == "open" ? $"/v1/proposals/{Id}/changes" : null;

    [JsonIgnore]
    public string? BodyJson { get; init; }

    public static ItemSpec<ProposalView> Spec(long id)
    {
        var sql = new SelectSql().From(From).And("p.id = @id", "id", id);
        // It is decided once.
        return new() { Sql = sql.One(Columns), Parameters = sql.Parameters, Version = proposal => proposal.State == "open" ? 1 : 2 };
    }
}
