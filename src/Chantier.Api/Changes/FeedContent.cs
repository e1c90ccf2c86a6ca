using System.Text.Json;
using Chantier.Api.Database;
using Chantier.Api.Http;

namespace Chantier.Api.Changes;

/// <summary>
/// What each entry changed, rendered from versions and claims: one statement for each type of resource on a page. A write has
/// one stamp, so what ends at an entry's stamp is its before, and what begins there its after.
/// </summary>
internal static class FeedContent
{
    private const string Entries = "from unnest(@seqs::bigint[], @ids::bigint[], @ats::timestamptz[], @redacted::bool[]) as c (seq, id, at, is_redacted)\n";

    // Of what was redacted there is no before: what is there now is what there is.
    private const string Touched = "(v.known_from = c.at or v.known_to = c.at or (c.is_redacted and v.known_from <= c.at and v.known_to > c.at))";

    private const string Head = "select c.seq, v.known_to > c.at as is_after, json_build_object(";

    private const string Tail = ")::text as content\n" + Entries;

    // Identifiers have intervals of their own, and belong to what the resource says of itself.
    private const string Identifiers = """
        'identifiers', (
            select coalesce(json_agg(json_build_object('scheme', n.scheme, 'value', n.value) order by n.scheme, n.value), '[]')
            from identifier n
            where n.resource_id = c.id
              and case when v.known_to > c.at then n.known_from <= c.at and n.known_to > c.at else n.known_from < c.at and n.known_to >= c.at end
              and n.kind =
        """;

    private const string FactorySql = Head + """
        'name', v.name, 'names', v.names, 'sector', v.sector, 'products', v.products,
          'description', case when num_nonnulls(v.description_fr, v.description_en) > 0 then json_build_object('fr', v.description_fr, 'en', v.description_en) end,
          'country', v.country, 'region', (select r.slug from region r where r.id = v.region_id), 'locality', v.locality, 'website', v.website,
        """ + Identifiers + " 'factory')" + Tail + "join factory_version v on v.factory_id = c.id and " + Touched;

    private const string PhaseSql = Head + """
        'factory', (select f.slug from phase h join factory f on f.id = h.factory_id where h.id = c.id), 'name', v.name, 'product', v.product, 'order', v.position,
        """ + Identifiers + " 'phase')" + Tail + "join phase_version v on v.phase_id = c.id and " + Touched;

    private const string OperatorSql = Head + """
        'name', v.name, 'legalName', v.legal_name, 'country', v.country, 'website', v.website,
        """ + Identifiers + " 'operator')" + Tail + "join operator_version v on v.operator_id = c.id and " + Touched;

    private const string RegionSql = Head + """
        'kind', (select r.kind from region r where r.id = c.id), 'names', json_build_object('fr', v.name_fr, 'en', v.name_en, 'local', v.name_local),
          'parent', (select r.slug from region r where r.id = v.parent_id), 'boundary', (select b.geometry from boundary b where b.id = v.boundary_id),
        """ + Identifiers + " 'region')" + Tail + "join region_version v on v.region_id = c.id and " + Touched;

    private const string SourceSql = Head + """
        'kind', v.kind, 'title', v.title, 'publisher', v.publisher, 'url', v.url, 'archiveUrl', v.archive_url, 'published', v.published,
          'retrievedAt', json_stamp(v.retrieved_at), 'language', v.language, 'licence', v.licence, 'textSha256', v.text_sha256, 'series', v.series, 'release', v.release,
        """ + Identifiers + " 'source')" + Tail + "join source_version v on v.source_id = c.id and " + Touched;

    private const string MediaSql = Head + """
        'url', v.url, 'kind', v.kind, 'title', v.title,
          'caption', case when num_nonnulls(v.caption_fr, v.caption_en) > 0 then json_build_object('fr', v.caption_fr, 'en', v.caption_en) end,
          'altText', v.alt_text, 'credit', v.credit, 'licence', v.licence, 'captured', v.captured, 'mime', v.mime, 'width', v.width, 'height', v.height, 'sha256', v.sha256,
          'linkState', v.link_state, 'linkCheckedAt', json_stamp(v.link_checked_at),
        """ + Identifiers + " 'media')" + Tail + "join media_version v on v.media_id = c.id and " + Touched;

    private const string EvidenceSql = Head + """
        'claimId', v.claim_id, 'source', (select s.slug from source s where s.id = v.source_id),
          'locator', case when v.locator_kind is not null then json_build_object('kind', v.locator_kind, 'start', v.locator_start, 'end', v.locator_end) end, 'note', v.note
        """ + Tail + "join evidence v on v.id = c.id and " + Touched;

    private const string IdentifierSql = Head + """
        'resourceType', v.kind, 'resourceId', v.resource_id, 'scheme', v.scheme, 'value', v.value
        """ + Tail + "join identifier v on v.id = c.id and " + Touched;

    // A claim's content stands for ever; what its end changes is told of its last fields. Two sides, unless it began here.
    private const string ClaimSql = """
        select c.seq, side.is_after,
          case k.kind
            when 'status_event' then (select json_build_object('kind', k.kind, 'factory', f.slug, 'phaseId', x.phase_id, 'status', x.status, 'milestone', x.milestone,
              'date', x.date, 'dateMeaning', x.date_meaning) from status_event x where x.claim_id = k.id)
            when 'figure' then (select json_build_object('kind', k.kind, 'factory', f.slug, 'phaseId', x.phase_id,
              'property', x.property, 'value', x.value, 'min', x.min, 'max', x.max, 'word', x.word, 'unit', x.unit,
              'qualifier', x.qualifier, 'scope', x.scope, 'product', x.product, 'forDate', x.for_date)
              from figure x where x.claim_id = k.id)
            when 'role' then (select json_build_object('kind', k.kind, 'factory', f.slug, 'operator', o.slug, 'role', x.role, 'share', x.share, 'valid', x.valid)
              from role x join operator o on o.id = x.operator_id where x.claim_id = k.id)
            when 'ownership' then (select json_build_object('kind', k.kind, 'operator', o.slug, 'shareholder', h.slug, 'share', x.share, 'shareMin', x.share_min, 'shareMax', x.share_max,
              'valid', x.valid) from ownership x join operator o on o.id = x.operator_id join operator h on h.id = x.shareholder_id where x.claim_id = k.id)
            when 'location' then (select json_build_object('kind', k.kind, 'factory', f.slug, 'lon', x.lon, 'lat', x.lat, 'precision', x.precision,
              'uncertaintyMetres', x.uncertainty_m, 'method', x.method) from location x where x.claim_id = k.id)
            when 'depiction' then (select json_build_object('kind', k.kind, 'factory', f.slug, 'mediaId', x.media_id) from depiction x where x.claim_id = k.id)
            when 'membership' then (select json_build_object('kind', k.kind, 'factory', f.slug, 'cluster', g.slug, 'region', r.slug)
              from membership x join region g on g.id = x.cluster_id left join region r on r.id = x.region_id where x.claim_id = k.id)
            when 'merge' then (select json_build_object('kind', k.kind, 'factory', f.slug, 'survivor', s.slug) from merge x join factory s on s.id = x.survivor_id where x.claim_id = k.id)
          end::text as content,
          json_build_object('basis', k.basis, 'confidence', k.confidence, 'claimNote', k.note, 'recordedBy', k.recorded_by, 'recordedAt', json_stamp(k.known_from),
            'sources', (
              select coalesce(json_agg(json_build_object('id', e.id, 'source', s.slug,
                'locator', case when e.locator_kind is not null then json_build_object('kind', e.locator_kind, 'start', e.locator_start, 'end', e.locator_end) end, 'note', e.note)
                order by e.id), '[]')
              from evidence e join source s on s.id = e.source_id
              where e.claim_id = k.id and case when side.is_after then e.known_from <= c.at and e.known_to > c.at else e.known_from < c.at and e.known_to >= c.at end),
            'supersedes', k.supersedes_id,
            'supersededBy', case when side.is_ended then (select min(n.id) from claim n where n.supersedes_id = k.id and n.known_from = k.known_to) end,
            'endCause', case when side.is_ended then k.end_cause end, 'endReason', case when side.is_ended then k.end_reason end,
            'endSource', case when side.is_ended then (select s.slug from source s where s.id = k.end_source_id) end,
            'endNote', case when side.is_ended then k.end_note end, 'endedBy', case when side.is_ended then k.ended_by end,
            'endedAt', case when side.is_ended then json_stamp(k.known_to) end)::text as more

        """ + Entries + """
        join claim k on k.id = c.id
        left join factory f on f.id = k.factory_id
        cross join lateral (values (true, k.known_to <= c.at), (false, k.known_to < c.at)) as side (is_after, is_ended)
        where side.is_after or k.known_from < c.at
        """;

    /// <summary>What one write changed: all entries of its stamp, as the feed tells them.</summary>
    public static async Task<IReadOnlyList<FeedEntryView>> OfWriteAsync(Snapshot snapshot, DateTimeOffset at, int most)
    {
        var sql = new SelectSql().From(FeedEntryView.From).And("c.recorded_at = @at", "at", at).With("most", most);
        var entries = await snapshot.QueryAsync<FeedEntryView>(sql.All(FeedEntryView.FeedColumns, "c.seq limit @most"), sql.Parameters);
        await FillAsync(snapshot, entries);
        return entries;
    }

    /// <summary>Fills in what the entries changed.</summary>
    public static async Task FillAsync(Snapshot snapshot, IReadOnlyList<FeedEntryView> entries)
    {
        // The step to a new day has no content of its own.
        foreach (var alike in entries.Where(e => e.ResourceType != "day").GroupBy(e => SqlOf(e.ResourceType)))
        {
            var rows = (await snapshot.QueryAsync<Row>(alike.Key, new
            {
                seqs = alike.Select(e => e.Seq).ToArray(),
                ids = alike.Select(e => e.ResourceId).ToArray(),
                ats = alike.Select(e => e.At).ToArray(),
                redacted = alike.Select(e => e.Cause == "redacted").ToArray(),
            })).ToLookup(row => row.Seq);
            foreach (var entry in alike)
            {
                var before = entry.Cause == "redacted" ? null : rows[entry.Seq].FirstOrDefault(row => !row.IsAfter)?.Read();
                var after = rows[entry.Seq].FirstOrDefault(row => row.IsAfter)?.Read();
                (entry.Before, entry.After) = before is null || after is null ? (before, after) : Differing(before, after);
            }
        }
    }

    private static string SqlOf(string type) => type switch
    {
        "factory" => FactorySql,
        "phase" => PhaseSql,
        "operator" => OperatorSql,
        "region" => RegionSql,
        "source" => SourceSql,
        "media" => MediaSql,
        "evidence" => EvidenceSql,
        "identifier" => IdentifierSql,
        _ => ClaimSql,
    };

    private static (Dictionary<string, JsonElement> Before, Dictionary<string, JsonElement> After) Differing(Dictionary<string, JsonElement> before, Dictionary<string, JsonElement> after)
    {
        var changed = after.Where(field => !before.TryGetValue(field.Key, out var was) || !JsonElement.DeepEquals(was, field.Value)).Select(field => field.Key).ToHashSet();
        return (before.Where(field => changed.Contains(field.Key)).ToDictionary(), after.Where(field => changed.Contains(field.Key)).ToDictionary());
    }

    private sealed record Row
    {
        public required long Seq { get; init; }

        public required bool IsAfter { get; init; }

        public required string Content { get; init; }

        public string? More { get; init; }

        public Dictionary<string, JsonElement> Read()
        {
            var fields = new Dictionary<string, JsonElement>();
            foreach (var part in new[] { Content, More }.OfType<string>())
            {
                using var document = JsonDocument.Parse(part);
                foreach (var field in document.RootElement.EnumerateObject())
                {
                    fields[field.Name] = field.Value.Clone();
                }
            }

            return fields;
        }
    }
}
