using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>One entry of the log of all that changed.</summary>
internal record ChangeView : ListRow
{
    public const string Columns = "c.seq, c.recorded_at as at, c.actor, c.cause, c.resource_type, c.resource_id, c.version";

    public static SortTable Sorts { get; } = new("seq", new SortKey("seq", "bigint", "c.seq"), new SortKey("seq", "bigint", "c.seq"));

    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>A handle, never a person's data.</summary>
    public required string Actor { get; init; }

    [Among(nameof(Vocabularies.ChangeCause))]
    public required string Cause { get; init; }

    [Among(nameof(Vocabularies.ChangedType))]
    public required string ResourceType { get; init; }

    public required long ResourceId { get; init; }

    public required int Version { get; init; }
}
