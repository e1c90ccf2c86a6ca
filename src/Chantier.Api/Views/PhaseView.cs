using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>A part of a factory with a status of its own. The first may have no name: the site as a whole.</summary>
internal sealed record PhaseView : ListRow
{
    /// <summary>The phases of a few factories: those of FactoriesOf.</summary>
    public const string FromFactories = """

        join phase h on h.factory_id = b.member_id
        join phase_version v on v.phase_id = h.id and is_recorded(@knownBy, @knownAt, v.known_from, v.known_to)
        join factory_version f on f.factory_id = b.factory_id
          and is_recorded(@knownBy, @knownAt, f.known_from, f.known_to)
        join factory x on x.id = f.factory_id
        left join event_precedence(@knownBy, @knownAt, array[h.id], @asOf) u on u.in_force and u.factory_id = b.factory_id
        left join claim c on c.id = u.claim_id
        left join status_event e on e.claim_id = c.id
        left join status s on s.code = e.status
        """;

    public const string Columns = """
        h.id, f.factory_id, x.slug as factory_slug, f.name as factory_name, v.name, v.product, v.position as "order",
          e.status, s.stage, e.date as status_date, e.date_meaning as status_date_meaning, c.basis as status_basis,
            e.claim_id as status_event_id,
          v.version, v.known_from as updated_at
        """;

    public static SortTable Sorts { get; } = new(
        "order", new SortKey("id", "bigint", "h.id"), new SortKey("order", "bigint", "v.position"));

    public required long Id { get; init; }

    public SlugName Factory => new(FactorySlug, FactoryName);

    public string? Name { get; init; }

    public string? Product { get; init; }

    public required int Order { get; init; }

    [Among(nameof(Vocabularies.Status))]
    public string? Status { get; init; }

    [Among(nameof(Vocabularies.Stage))]
    public string? Stage { get; init; }

    /// <summary>The EDTF date of the effective event.</summary>
    public string? StatusDate { get; init; }

    [Among(nameof(Vocabularies.DateMeaning))]
    public string? StatusDateMeaning { get; init; }

    [Among(nameof(Vocabularies.Basis))]
    public string? StatusBasis { get; init; }

    public long? StatusEventId { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore]
    public long FactoryId { get; init; }

    [JsonIgnore]
    public string FactorySlug { get; init; } = "";

    [JsonIgnore]
    public string FactoryName { get; init; } = "";
}
