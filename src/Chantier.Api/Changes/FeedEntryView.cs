using System.Text.Json;
using System.Text.Json.Serialization;
using Chantier.Api.Views;

namespace Chantier.Api.Changes;

/// <summary>
/// One entry of the log with what it changed. Whoever puts `after` over what he has, entry by entry, and drops what has no
/// `after`, has every resource as it is.
/// </summary>
internal sealed record FeedEntryView : ChangeView
{
    public const string From = "change c";

    public const string FeedColumns = Columns + """
        ,
          case c.resource_type
            when 'factory' then (select x.slug from factory x where x.id = c.resource_id)
            when 'operator' then (select x.slug from operator x where x.id = c.resource_id)
            when 'region' then (select x.slug from region x where x.id = c.resource_id)
            when 'source' then (select x.slug from source x where x.id = c.resource_id) end as slug,
          (select x.slug from factory x where x.id = c.factory_id) as factory,
          case c.resource_type when 'evidence' then (select x.claim_id from evidence x where x.id = c.resource_id) end as claim_id,
          c.factory_id,
          array(select m.survivor_id from factory_merged m where m.loser_id = c.factory_id and m.known_from <= c.recorded_at and m.known_to >= c.recorded_at) as survivors
        """;

    /// <summary>The slug of the resource, where it has one.</summary>
    public string? Slug { get; init; }

    /// <summary>Where the resource is read; null where it has no path of its own.</summary>
    public string? Url => ResourceType switch
    {
        "factory" => $"/v1/factories/{Slug}",
        "operator" => $"/v1/operators/{Slug}",
        "region" => $"/v1/regions/{Slug}",
        "source" => $"/v1/sources/{Slug}",
        "media" => $"/v1/media/{ResourceId}",
        "phase" => $"/v1/factories/{Factory}/phases",
        "evidence" => $"/v1/claims/{ClaimId}",
        "identifier" => null,
        _ => $"/v1/claims/{ResourceId}",
    };

    /// <summary>The slug of the factory that it belongs to, or was filed under.</summary>
    public string? Factory { get; init; }

    /// <summary>What was said before of the fields that changed; of a resource that ended, all of it. Null where there was nothing, or where it was redacted.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Before { get; set; }

    /// <summary>What is said since of the fields that changed; of a new resource, all of it. Null where the resource ended.</summary>
    public IReadOnlyDictionary<string, JsonElement>? After { get; set; }

    /// <summary>Slugs of the factories that this write brought into the filter; only where factories are filtered.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Entered { get; set; }

    /// <summary>Slugs of the factories that left the filter by this write.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Left { get; set; }

    [JsonIgnore]
    public long? FactoryId { get; init; }

    [JsonIgnore]
    public long? ClaimId { get; init; }

    [JsonIgnore]
    public long[] Survivors { get; init; } = [];
}
