using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Operators;

/// <summary>A company or joint venture.</summary>
internal sealed record OperatorView : ListRow
{
    private const string Now = "operator o join operator_version v on v.operator_id = o.id and v.known_to = 'infinity'";

    private const string Then = "operator o join operator_version v on v.operator_id = o.id and v.known_from <= @knownAt and v.known_to > @knownAt";

    public const string Columns = """
        o.id as operator_id, o.slug, v.name, v.legal_name, v.country, v.website, v.version, v.known_from as updated_at,
          array(select n.scheme from identifier n where n.kind = 'operator' and n.resource_id = o.id
                and is_recorded(@knownBy, @knownAt, n.known_from, n.known_to)
                order by n.scheme, n.value) as identifier_schemes,
          array(select n.value from identifier n where n.kind = 'operator' and n.resource_id = o.id
                and is_recorded(@knownBy, @knownAt, n.known_from, n.known_to)
                order by n.scheme, n.value) as identifier_values,
          (select count(distinct coalesce(m.survivor_id, c.factory_id)) from role r
           join claim c on c.id = r.claim_id and c.basis <> 'expected' and is_known(@knownBy, @knownAt, c)
           left join factory_merged m on m.loser_id = c.factory_id
             and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
           join factory_version f on f.factory_id = coalesce(m.survivor_id, c.factory_id)
             and is_recorded(@knownBy, @knownAt, f.known_from, f.known_to)
           where r.operator_id = o.id and r.valid_from <= @asOf and r.valid_to >= @asOf) as factory_count
        """;

    public static SortTable Sorts { get; } = new(
        "name",
        new SortKey("id", "bigint", "o.id"),
        new SortKey("name", "text", "v.sort_name"),
        new SortKey("updatedAt", "timestamptz", "v.known_from"));

    /// <summary>A statement over operators o in their versions v.</summary>
    public static SelectSql Over(TimeAxes axes)
    {
        var sql = axes.Bind(new SelectSql());
        return axes.IsToldToday ? sql.From(Now) : sql.From(Then);
    }

    public required string Slug { get; init; }

    public required string Name { get; init; }

    public string? LegalName { get; init; }

    public string? Country { get; init; }

    public string? Website { get; init; }

    public IEnumerable<IdentifierView> Identifiers => IdentifierSchemes.Zip(IdentifierValues, (scheme, value) => new IdentifierView(scheme, value, null));

    /// <summary>How many factories it has a part in, in any role.</summary>
    public required long FactoryCount { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore]
    public long OperatorId { get; init; }

    [JsonIgnore]
    public string[] IdentifierSchemes { get; init; } = [];

    [JsonIgnore]
    public string[] IdentifierValues { get; init; } = [];
}
