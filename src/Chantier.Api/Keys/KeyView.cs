using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Keys;

/// <summary>A key, without its secret, of which only the hash is stored.</summary>
internal sealed record KeyView : ListRow
{
    public const string From = "api_key k";

    public const string Columns = "k.id, k.name, k.scope, k.created_at, k.last_used_at, k.revoked_at";

    public static SortTable Sorts { get; } = new("id", new SortKey("id", "bigint", "k.id"), new SortKey("id", "bigint", "k.id"));

    public required long Id { get; init; }

    public required string Name { get; init; }

    public required string Scope { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The key itself, shown once: in the answer that makes it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; set; }

    public static ItemSpec<KeyView> Spec(long id)
    {
        var sql = new SelectSql().From(From).And("k.id = @id", "id", id);
        return new() { Sql = sql.One(Columns), Parameters = sql.Parameters, Version = key => key.RevokedAt is null ? 1 : 2 };
    }
}
