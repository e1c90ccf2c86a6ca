using System.Text.Json;
using System.Text.Json.Serialization;
using Chantier.Api.Views;

namespace Chantier.Api.Changes;

/// <summary>
/// One entry of the log with what it changed. A copy that lays `after` over what it has, entry by entry, and drops a
/// resource whose entry has no `after`, has every resource as it is now.
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
          case c.resource_type when 'evidence' then (
            select x.claim_id from evidence x where x.id = c.resource_id) end as claim_id,
          c.factory_id,
          case c.resource_type when 'day' then least(c.resource_id - 1, coalesce(
            (select max(x.resource_id) from change x where x.resource_type = 'day' and x.resource_id < c.resource_id),
            (select (x.recorded_at at time zone 'UTC')::date - date '1970-01-01' from change x
             where x.seq < c.seq order by x.seq desc limit 1))) end as previous_day,
          array(
            select m.survivor_id from factory_merged m
            where m.loser_id = c.factory_id
              and m.known_from <= c.recorded_at and m.known_to >= c.recorded_at) as survivors
        """;

    /// <summary>The slug of the resource, if it has one.</summary>
    public string? Slug { get; init; }

    /// <summary>The path of the resource; null where it has no path of its own.</summary>
    public string? Url => ResourceType switch
    {
        "factory" => $"/v1/factories/{Slug}",
        "operator" => $"/v1/operators/{Slug}",
        "region" => $"/v1/regions/{Slug}",
        "source" => $"/v1/sources/{Slug}",
        "media" => $"/v1/media/{ResourceId}",
        "phase" => $"/v1/factories/{Factory}/phases",
        "evidence" => $"/v1/claims/{ClaimId}",
        "identifier" or Feed.DayType => null,
        _ => $"/v1/claims/{ResourceId}",
    };

    /// <summary>The slug of the factory that it belongs to, or was recorded under.</summary>
    public string? Factory { get; init; }

    /// <summary>
    /// The previous values of the fields that changed; of a resource that ended, of all fields. Null for a new
    /// resource, and where it was redacted.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement>? Before { get; set; }

    /// <summary>
    /// The new values of the fields that changed; of a new resource, of all fields. Null where the resource ended.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement>? After { get; set; }

    /// <summary>
    /// Slugs of the factories that entered the filter by this write; only where factories are filtered.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Entered { get; set; }

    /// <summary>Slugs of the factories that left the filter by this write.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Left { get; set; }

    [JsonIgnore]
    public long? FactoryId { get; init; }

    [JsonIgnore]
    public long? ClaimId { get; init; }

    /// <summary>
    /// Of a day, the one that was current before it, in days since 1970-01-01; before the first, that of the last
    /// write.
    /// </summary>
    [JsonIgnore]
    public long? PreviousDay { get; init; }

    [JsonIgnore]
    public long[] Survivors { get; init; } = [];
}
