namespace Chantier.Api.Redactions;

/// <summary>What can be redacted, and where it lies.</summary>
internal static class Redactable
{
    /// <summary>Where the content of a kind of thing lies.</summary>
    /// <param name="Fields">What of it can be redacted, as requests name it.</param>
    /// <param name="Find">Gives the id, the version, the kind under which the log has it, and the factory in whose log it is noted, for @name.</param>
    /// <param name="Values">Gives every text that @fields of @id ever held.</param>
    /// <param name="Redact">Puts @marker in their place.</param>
    /// <param name="Derived">Gives the factories whose projections hold any of it.</param>
    internal sealed record Kind(IReadOnlyList<string> Fields, string Find, string Values, string Redact, string? Derived = null);

    private const string OpenIdentifiers = """
        update identifier set value = 'redacted-' || id where kind = @kind and resource_id = @id and 'identifiers' = any (@fields);
        """;

    private const string IdentifierValues = """

        union all
        select i.value from identifier i where i.kind = @kind and i.resource_id = @id and 'identifiers' = any (@fields)
        """;

    /// <summary>Gives every name that @id ever had in addresses; a new slug takes their place.</summary>
    public const string SlugValues = "select g.slug from slug g where g.kind = @kind and g.resource_id = @id and 'slug' = any (@fields)";

    // A slug that was taken stays out of use as long as it is remembered; one that must be forgotten is free again.
    private const string Slugs = """

        delete from slug where kind = @kind and resource_id = @id and 'slug' = any (@fields);
        insert into slug (kind, slug, resource_id) select @kind, 'redacted-' || @kind || '-' || @id, @id where 'slug' = any (@fields);

        """;

    public static readonly Dictionary<string, Kind> Kinds = new()
    {
        ["factory"] = new(
            ["name", "description", "locality", "website", "identifiers", "slug"],
            "select f.id, max(v.version) as version, 'factory' as logged, f.id as factory_id from factory f join factory_version v on v.factory_id = f.id where f.slug = @name group by f.id",
            """
            select x.value from factory_version v
            cross join lateral (
              values ('name', v.name), ('description', v.description_fr), ('description', v.description_en), ('locality', v.locality), ('website', v.website)
              union all select 'name', n.name ->> 'text' from jsonb_array_elements(v.names) n (name)) x (field, value)
            where v.factory_id = @id and x.field = any (@fields) and x.value is not null
            """ + IdentifierValues,
            """
            update factory_version set
              name = case when 'name' = any (@fields) then @marker else name end,
              names = case when 'name' = any (@fields) then jsonb_build_array(jsonb_build_object('text', @marker, 'kind', 'official')) else names end,
              description_fr = case when 'description' = any (@fields) and description_fr is not null then @marker else description_fr end,
              description_en = case when 'description' = any (@fields) and description_en is not null then @marker else description_en end,
              locality = case when 'locality' = any (@fields) and locality is not null then @marker else locality end,
              website = case when 'website' = any (@fields) and website is not null then @marker else website end
            where factory_id = @id;
            """ + OpenIdentifiers + Slugs + "update factory set slug = 'redacted-factory-' || id where id = @id and 'slug' = any (@fields);",
            "select @id"),
        ["phase"] = new(
            ["name", "product"],
            "select h.id, max(v.version) as version, 'phase' as logged, h.factory_id from phase h join phase_version v on v.phase_id = h.id where h.id = @number group by h.id",
            """
            select x.value from phase_version v cross join lateral (values ('name', v.name), ('product', v.product)) x (field, value)
            where v.phase_id = @id and x.field = any (@fields) and x.value is not null
            """,
            """
            update phase_version set
              name = case when 'name' = any (@fields) and name is not null then @marker else name end,
              product = case when 'product' = any (@fields) and product is not null then @marker else product end
            where phase_id = @id;
            """),
        ["operator"] = new(
            ["name", "legalName", "website", "identifiers", "slug"],
            "select o.id, max(v.version) as version, 'operator' as logged, null::bigint as factory_id from operator o join operator_version v on v.operator_id = o.id where o.slug = @name group by o.id",
            """
            select x.value from operator_version v cross join lateral (values ('name', v.name), ('legalName', v.legal_name), ('website', v.website)) x (field, value)
            where v.operator_id = @id and x.field = any (@fields) and x.value is not null
            """ + IdentifierValues,
            """
            update operator_version set
              name = case when 'name' = any (@fields) then @marker else name end,
              legal_name = case when 'legalName' = any (@fields) and legal_name is not null then @marker else legal_name end,
              website = case when 'website' = any (@fields) and website is not null then @marker else website end
            where operator_id = @id;
            """ + OpenIdentifiers + Slugs + "update operator set slug = 'redacted-operator-' || id where id = @id and 'slug' = any (@fields);",
            """
            select f.id from role r join claim c on c.id = r.claim_id
            cross join lateral (select c.factory_id union all select m.survivor_id from factory_merged m where m.loser_id = c.factory_id) f (id)
            where r.operator_id = @id
            """),
        ["region"] = new(
            ["names", "identifiers", "slug"],
            "select r.id, max(v.version) as version, 'region' as logged, null::bigint as factory_id from region r join region_version v on v.region_id = r.id where r.slug = @name group by r.id",
            """
            select x.value from region_version v cross join lateral (values ('names', v.name_fr), ('names', v.name_en), ('names', v.name_local)) x (field, value)
            where v.region_id = @id and x.field = any (@fields) and x.value is not null
            """ + IdentifierValues,
            """
            update region_version set name_fr = @marker, name_en = @marker, name_local = case when name_local is null then null else @marker end
            where region_id = @id and 'names' = any (@fields);
            """ + OpenIdentifiers + Slugs + "update region set slug = 'redacted-region-' || id where id = @id and 'slug' = any (@fields);",
            "select v.factory_id from factory_version v where v.region_id = @id"),
        ["media"] = new(
            ["url", "title", "caption", "altText", "credit", "licence"],
            "select a.id, max(v.version) as version, 'media' as logged, null::bigint as factory_id from media a join media_version v on v.media_id = a.id where a.id = @number group by a.id",
            """
            select x.value from media_version v
            cross join lateral (values ('url', v.url), ('title', v.title), ('caption', v.caption_fr), ('caption', v.caption_en), ('altText', v.alt_text), ('credit', v.credit),
              ('licence', nullif(v.licence, 'unknown'))) x (field, value)
            where v.media_id = @id and x.field = any (@fields) and x.value is not null
            """,
            """
            update media_version set
              url = case when 'url' = any (@fields) then 'urn:chantier:redacted:' || media_id else url end,
              sha256 = case when 'url' = any (@fields) then null else sha256 end,
              title = case when 'title' = any (@fields) and title is not null then @marker else title end,
              caption_fr = case when 'caption' = any (@fields) and caption_fr is not null then @marker else caption_fr end,
              caption_en = case when 'caption' = any (@fields) and caption_en is not null then @marker else caption_en end,
              alt_text = case when 'altText' = any (@fields) and alt_text is not null then @marker else alt_text end,
              credit = case when 'credit' = any (@fields) and credit is not null then @marker else credit end,
              licence = case when 'licence' = any (@fields) and licence <> 'unknown' then @marker else licence end
            where media_id = @id;
            """),
        ["source"] = new(
            ["title", "publisher", "url", "archiveUrl", "licence", "retractionNote", "slug"],
            "select s.id, max(v.version) as version, 'source' as logged, null::bigint as factory_id from source s join source_version v on v.source_id = s.id where s.slug = @name group by s.id",
            """
            select x.value from source_version v
            cross join lateral (values ('title', v.title), ('publisher', v.publisher), ('url', v.url), ('archiveUrl', v.archive_url), ('licence', v.licence),
              ('retractionNote', v.retraction_note)) x (field, value)
            where v.source_id = @id and x.field = any (@fields) and x.value is not null
            """,
            """
            update source_version set
              title = case when 'title' = any (@fields) and title is not null then @marker else title end,
              publisher = case when 'publisher' = any (@fields) and publisher is not null then @marker else publisher end,
              sort_name = case when @fields && '{title,publisher}'::text[] then fold(@marker) else sort_name end,
              url = case when 'url' = any (@fields) and url is not null then 'urn:chantier:redacted:' || source_id else url end,
              archive_url = case when 'archiveUrl' = any (@fields) and archive_url is not null then 'urn:chantier:redacted:' || source_id else archive_url end,
              licence = case when 'licence' = any (@fields) and licence is not null then @marker else licence end,
              retraction_note = case when 'retractionNote' = any (@fields) and retraction_note is not null then @marker else retraction_note end
            where source_id = @id;
            """ + Slugs + "update source set slug = 'redacted-source-' || id where id = @id and 'slug' = any (@fields);"),
        ["claim"] = new(
            ["note", "endNote", "word", "product", "method", "evidence"],
            "select c.id, 1 as version, c.kind as logged, c.factory_id from claim c where c.id = @number",
            """
            select x.value from claim c left join figure f on f.claim_id = c.id left join location l on l.claim_id = c.id
            cross join lateral (
              values ('note', c.note), ('endNote', c.end_note), ('word', f.word), ('product', f.product), ('method', l.method)
              union all select 'evidence', e.note from evidence e where e.claim_id = c.id) x (field, value)
            where c.id = @id and x.field = any (@fields) and x.value is not null
            """,
            """
            update claim set
              note = case when 'note' = any (@fields) and note is not null then @marker else note end,
              end_note = case when 'endNote' = any (@fields) and end_note is not null then @marker else end_note end
            where id = @id;
            update figure set
              word = case when 'word' = any (@fields) and word is not null then @marker else word end,
              product = case when 'product' = any (@fields) and product is not null then @marker else product end
            where claim_id = @id;
            update location set method = @marker where claim_id = @id and 'method' = any (@fields) and method is not null;
            update evidence set note = @marker where claim_id = @id and 'evidence' = any (@fields) and note is not null;
            """,
            """
            select f.id from claim c
            cross join lateral (select c.factory_id union all select m.survivor_id from factory_merged m where m.loser_id = c.factory_id) f (id)
            where c.id = @id and c.kind = 'figure' and @fields && '{word,product}'::text[]
            """),
        ["evidence"] = new(
            ["note"],
            "select e.id, 1 as version, 'evidence' as logged, c.factory_id from evidence e join claim c on c.id = e.claim_id where e.id = @number",
            "select e.note from evidence e where e.id = @id and e.note is not null",
            "update evidence set note = @marker where id = @id and note is not null;"),
    };
}
