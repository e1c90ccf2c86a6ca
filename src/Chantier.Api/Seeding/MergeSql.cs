namespace Chantier.Api.Seeding;

/// <summary>
/// The merge of staged rows, set-wise. Identities that are there stay as they are, save that what a pack left open is filled in by
/// another; a claim is known by its key, and one whose content changed supersedes the one before it, unless a curator has ended that already.
/// </summary>
internal static class MergeSql
{
    /// <summary>Tables of this transaction alone; each is filled from one JSON array.</summary>
    public const string Stage = """
        create temp table staged_source (
          slug text primary key, kind text, title text, publisher text, sort_name text, url text, archive_url text, published text, published_earliest date,
          published_latest date, retrieved_at timestamptz, language text, licence text, text_sha256 text, series text, release text, id bigint, is_new bool) on commit drop;
        create temp table staged_region (
          slug text primary key, kind text, parent_slug text, name_fr text, name_en text, name_local text, boundary jsonb,
          min_lon float8, min_lat float8, max_lon float8, max_lat float8, id bigint, is_new bool, is_filled bool) on commit drop;
        create temp table staged_operator (
          slug text primary key, name text, legal_name text, country text, website text,
          id bigint, is_new bool, is_filled bool) on commit drop;
        create temp table staged_factory (
          slug text primary key, name text, names jsonb, sector text, products text[], description_fr text, description_en text, country text, region_slug text,
          locality text, website text, id bigint, is_new bool, is_filled bool) on commit drop;
        create temp table staged_phase (factory_slug text, phase_id text, name text, product text, position int, id bigint, is_new bool) on commit drop;
        create temp table staged_media (
          url text primary key, kind text, title text, caption_fr text, caption_en text, alt_text text, credit text, licence text, captured text,
          captured_earliest date, captured_latest date, mime text, width int, height int, id bigint, is_new bool) on commit drop;
        create temp table staged_identifier (kind text, slug text, scheme text, value text) on commit drop;
        create temp table staged_claim (
          key text primary key, position int, kind text, basis text, confidence text, note text,
          factory_slug text, phase_id text, status text, milestone text, date text,
          earliest date, latest date, date_meaning text, property text, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text,
          scope text, for_date text, for_date_earliest date, for_date_latest date,
          operator_slug text, role text, shareholder_slug text, share numeric, share_min numeric, share_max numeric, valid text, valid_from date, valid_to date,
          lon float8, lat float8, precision text, uncertainty_m int, method text, media_url text, cluster_slug text, region_slug text,
          fingerprint uuid, supersedes_id bigint, id bigint, is_new bool) on commit drop;
        create temp table staged_evidence (claim_key text, source_slug text, locator_kind text, locator_start int, locator_end int, note text) on commit drop;

        insert into staged_source select r.* from jsonb_populate_recordset(null::staged_source, @sources::jsonb) r;
        insert into staged_region select r.* from jsonb_populate_recordset(null::staged_region, @regions::jsonb) r;
        insert into staged_operator select r.* from jsonb_populate_recordset(null::staged_operator, @operators::jsonb) r;
        insert into staged_factory select r.* from jsonb_populate_recordset(null::staged_factory, @factories::jsonb) r;
        insert into staged_phase select r.* from jsonb_populate_recordset(null::staged_phase, @phases::jsonb) r;
        insert into staged_media select r.* from jsonb_populate_recordset(null::staged_media, @media::jsonb) r;
        insert into staged_identifier select r.* from jsonb_populate_recordset(null::staged_identifier, @identifiers::jsonb) r;
        insert into staged_claim select r.* from jsonb_populate_recordset(null::staged_claim, @claims::jsonb) r;
        insert into staged_evidence select r.* from jsonb_populate_recordset(null::staged_evidence, @evidence::jsonb) r;
        """;

    /// <summary>Finds what is there, and what is new.</summary>
    public const string Compare = """
        update staged_source s set id = g.resource_id from slug g where g.kind = 'source' and g.slug = s.slug;
        update staged_region s set id = g.resource_id from slug g where g.kind = 'region' and g.slug = s.slug;
        update staged_operator s set id = g.resource_id from slug g where g.kind = 'operator' and g.slug = s.slug;
        update staged_factory s set id = g.resource_id from slug g where g.kind = 'factory' and g.slug = s.slug;
        update staged_media s set id = v.media_id from media_version v where v.url = s.url and v.known_to = 'infinity';
        update staged_claim s set fingerprint = md5((to_jsonb(s) - 'position')::text || coalesce((
          select string_agg(to_jsonb(e)::text, ',' order by e.source_slug, e.locator_kind, e.locator_start, e.note) from staged_evidence e where e.claim_key = s.key), ''))::uuid;

        update staged_source set is_new = id is null;
        update staged_region set is_new = id is null;
        update staged_operator set is_new = id is null;
        update staged_factory set is_new = id is null;
        -- A phase of an existing factory is recognized by a name that it has or had. The unnamed one is the whole site.
        update staged_phase h set id = case
          when h.name is null then coalesce((
            select p.id from phase p join phase_version v on v.phase_id = p.id and v.known_to = 'infinity'
            where p.factory_id = x.id and v.name is null order by v.position limit 1), x.first_phase_id)
          else (
            select min(p.id) from phase p join phase_version v on v.phase_id = p.id
            where p.factory_id = x.id and v.name = h.name) end
        from staged_factory f join factory x on x.id = f.id where f.slug = h.factory_slug;
        update staged_phase set is_new = id is null;
        update staged_media set is_new = id is null;
        -- A key whose claim a curator has ended has had its say: it is neither made again nor changed.
        update staged_claim s set
          is_new = not exists (select from claim c where c.key = s.key and c.fingerprint = s.fingerprint)
            and (not exists (select from claim c where c.key = s.key)
              or exists (select from claim c where c.key = s.key and c.known_to = 'infinity' and c.recorded_by = @actor)),
          supersedes_id = (select c.id from claim c where c.key = s.key and c.known_to = 'infinity' and c.recorded_by = @actor);
        """;

    /// <summary>The places of the pack that are new, or of factories without a region, which they may tell.</summary>
    public const string Placed = """
        select f.slug as factory, c.lon, c.lat, c.uncertainty_m, f.country, coalesce(v.region_id, g.resource_id) as region, c.is_new,
          v.region_id is null and f.region_slug is null and p.rank <= (select rank from location_precision where code = 'municipality') as tells_region
        from staged_claim c
        join staged_factory f on f.slug = c.factory_slug
        join location_precision p on p.code = c.precision
        left join factory_version v on v.factory_id = f.id and v.known_to = 'infinity'
        left join slug g on g.kind = 'region' and g.slug = f.region_slug
        where c.kind = 'location' and (c.is_new or v.region_id is null and f.region_slug is null)
        order by p.rank, c.key;
        """;

    public const string Place = """
        update staged_factory f set region_slug = r.region from unnest(@factories, @regions) as r (factory, region) where f.slug = r.factory;
        """;

    /// <summary>A factory without a place and without a region gets its country as its region.</summary>
    public const string PlaceInCountry = """
        update staged_factory f set region_slug = r.slug
        from identifier i join region r on r.id = i.resource_id
        where f.region_slug is null and i.kind = 'region' and i.scheme = 'iso3166-1' and i.value = f.country
          and i.known_to = 'infinity'
          and not exists (select from staged_claim c where c.kind = 'location' and c.factory_slug = f.slug)
          and not exists (
            select from factory_version v
            where v.factory_id = f.id and v.known_to = 'infinity' and v.region_id is not null);
        """;

    /// <summary>Finds what a pack left open that this one can fill in, and says how much there is to do.</summary>
    public const string Count = """
        update staged_region s set is_filled = exists (
          select from region_version v
          where v.region_id = s.id and v.known_to = 'infinity' and v.recorded_by like 'seed:%'
            and (v.boundary_id is null and s.boundary is not null or v.name_local is null and s.name_local is not null or v.parent_id is null and s.parent_slug is not null));
        update staged_operator s set is_filled = exists (
          select from operator_version v
          where v.operator_id = s.id and v.known_to = 'infinity' and v.recorded_by like 'seed:%'
            and (v.legal_name is null and s.legal_name is not null or v.country is null and s.country is not null
              or v.website is null and s.website is not null));
        update staged_factory s set is_filled = exists (
          select from factory_version v
          where v.factory_id = s.id and v.known_to = 'infinity' and v.recorded_by like 'seed:%'
            and (exists (select from jsonb_array_elements(s.names) n where not v.names @> jsonb_build_array(jsonb_build_object('text', n -> 'text')))
              or v.region_id is null and s.region_slug is not null or v.locality is null and s.locality is not null or v.website is null and s.website is not null
              or v.description_fr is null and s.description_fr is not null or v.description_en is null and s.description_en is not null
              or v.products = '{}' and s.products <> '{}'));

        select count(*) filter (where x.is_new) as created, count(*) filter (where x.is_filled) as filled, count(*) filter (where not x.is_new and not x.is_filled) as unchanged
        from (
          select is_new, false as is_filled from staged_source union all select is_new, is_filled from staged_region
          union all select is_new, is_filled from staged_operator
          union all select is_new, is_filled from staged_factory
          union all select true, false from staged_phase h join staged_factory f on f.slug = h.factory_slug
            where h.is_new and not f.is_new
          union all select is_new, false from staged_media union all select is_new, false from staged_claim) x;
        """;

    /// <summary>References that lead nowhere, found before anything is written.</summary>
    public const string Dangling = """
        select 'claim ' || c.key as place, r.kind, r.slug
        from staged_claim c
        cross join lateral (values ('factory', c.factory_slug), ('operator', c.operator_slug), ('operator', c.shareholder_slug), ('region', c.cluster_slug), ('region', c.region_slug)) r (kind, slug)
        where r.slug is not null
          and not exists (select from slug g where g.kind = r.kind and g.slug = r.slug)
          and not exists (select from staged_factory f where r.kind = 'factory' and f.slug = r.slug)
          and not exists (select from staged_operator o where r.kind = 'operator' and o.slug = r.slug)
          and not exists (select from staged_region x where r.kind = 'region' and x.slug = r.slug)
        union all
        select 'evidence of ' || e.claim_key, 'source', e.source_slug from staged_evidence e
        where not exists (select from slug g where g.kind = 'source' and g.slug = e.source_slug) and not exists (select from staged_source s where s.slug = e.source_slug)
        union all
        select 'region ' || r.slug, 'region', r.parent_slug from staged_region r
        where r.parent_slug is not null
          and not exists (select from slug g where g.kind = 'region' and g.slug = r.parent_slug) and not exists (select from staged_region p where p.slug = r.parent_slug)
        union all
        select 'factory ' || f.slug, 'region', f.region_slug from staged_factory f
        where f.region_slug is not null
          and not exists (select from slug g where g.kind = 'region' and g.slug = f.region_slug) and not exists (select from staged_region p where p.slug = f.region_slug)
        union all
        select 'claim ' || c.key, 'phase', c.phase_id from staged_claim c
        where c.phase_id is not null and not exists (select from staged_phase h where h.factory_slug = c.factory_slug and h.phase_id = c.phase_id)
        limit 5;
        """;

    /// <summary>Writes what is new, under the stamp.</summary>
    public const string Merge = """
        update staged_source set id = nextval(pg_get_serial_sequence('source', 'id')) where is_new;
        insert into source (id, slug) select id, slug from staged_source where is_new order by id;
        insert into slug (kind, slug, resource_id) select 'source', slug, id from staged_source where is_new;
        insert into source_version (source_id, version, kind, title, publisher, sort_name, url, archive_url, published, published_earliest, published_latest,
          retrieved_at, language, licence, text_sha256, series, release, recorded_by, known_from)
        select id, 1, kind, title, publisher, fold(sort_name), url, archive_url, published, published_earliest, published_latest,
          retrieved_at, language, licence, text_sha256, series, release, @actor, @at
        from staged_source where is_new;

        update staged_region set id = nextval(pg_get_serial_sequence('region', 'id')) where is_new;
        insert into region (id, slug, kind) select id, slug, kind from staged_region where is_new order by id;
        insert into slug (kind, slug, resource_id) select 'region', slug, id from staged_region where is_new;
        create temp table staged_boundary on commit drop as
          select slug, nextval(pg_get_serial_sequence('boundary', 'id')) as id from staged_region where boundary is not null and (is_new or is_filled) order by slug;
        insert into boundary (id, geometry, min_lon, min_lat, max_lon, max_lat)
        select o.id, r.boundary, r.min_lon, r.min_lat, r.max_lon, r.max_lat from staged_boundary o join staged_region r on r.slug = o.slug;
        insert into region_version (region_id, version, parent_id, name_fr, name_en, name_local, boundary_id, recorded_by, known_from)
        select r.id, 1, (select g.resource_id from slug g where g.kind = 'region' and g.slug = r.parent_slug), r.name_fr, r.name_en, r.name_local, o.id, @actor, @at
        from staged_region r left join staged_boundary o on o.slug = r.slug where r.is_new;
        update region_version v set known_to = @at from staged_region r where r.is_filled and v.region_id = r.id and v.known_to = 'infinity';
        insert into region_version (region_id, version, parent_id, name_fr, name_en, name_local, boundary_id, recorded_by, known_from)
        select r.id, v.version + 1, coalesce(v.parent_id, (select g.resource_id from slug g where g.kind = 'region' and g.slug = r.parent_slug)),
          v.name_fr, v.name_en, coalesce(v.name_local, r.name_local), coalesce(v.boundary_id, o.id), @actor, @at
        from staged_region r join region_version v on v.region_id = r.id and v.known_to = @at left join staged_boundary o on o.slug = r.slug where r.is_filled;

        update staged_operator set id = nextval(pg_get_serial_sequence('operator', 'id')) where is_new;
        insert into operator (id, slug) select id, slug from staged_operator where is_new order by id;
        insert into slug (kind, slug, resource_id) select 'operator', slug, id from staged_operator where is_new;
        insert into operator_version (operator_id, version, name, legal_name, country, website, recorded_by, known_from)
        select id, 1, name, legal_name, country, website, @actor, @at from staged_operator where is_new;
        update operator_version v set known_to = @at
        from staged_operator o where o.is_filled and v.operator_id = o.id and v.known_to = 'infinity';
        insert into operator_version (operator_id, version, name, legal_name, country, website, recorded_by, known_from)
        select o.id, v.version + 1, v.name, coalesce(v.legal_name, o.legal_name), coalesce(v.country, o.country),
          coalesce(v.website, o.website), @actor, @at
        from staged_operator o join operator_version v on v.operator_id = o.id and v.known_to = @at where o.is_filled;

        update staged_factory set id = nextval(pg_get_serial_sequence('factory', 'id')) where is_new;
        update staged_phase h set id = n.id
        from (select factory_slug, phase_id, nextval(pg_get_serial_sequence('phase', 'id')) as id
          from (select * from staged_phase where is_new order by factory_slug, position) o) n
        where n.factory_slug = h.factory_slug and n.phase_id = h.phase_id;
        insert into factory (id, slug, first_phase_id)
        select f.id, f.slug, h.id from staged_factory f join staged_phase h on h.factory_slug = f.slug and h.position = 1 where f.is_new order by f.id;
        insert into slug (kind, slug, resource_id) select 'factory', slug, id from staged_factory where is_new;
        insert into phase (id, factory_id) select h.id, f.id from staged_phase h join staged_factory f on f.slug = h.factory_slug where h.is_new;
        insert into phase_version (phase_id, version, name, product, position, recorded_by, known_from)
        select h.id, 1, h.name, h.product,
          coalesce((
            select max(v.position) from phase p join phase_version v on v.phase_id = p.id where p.factory_id = f.id), 0)
            + row_number() over (partition by f.id order by h.position), @actor, @at
        from staged_phase h join staged_factory f on f.slug = h.factory_slug where h.is_new;
        insert into factory_version (factory_id, version, name, names, sector, products, description_fr, description_en, country, region_id, locality, website, recorded_by, known_from)
        select f.id, 1, f.name, f.names, f.sector, f.products, f.description_fr, f.description_en, f.country,
          (select g.resource_id from slug g where g.kind = 'region' and g.slug = f.region_slug), f.locality, f.website, @actor, @at
        from staged_factory f where f.is_new;
        update factory_version v set known_to = @at from staged_factory f where f.is_filled and v.factory_id = f.id and v.known_to = 'infinity';
        insert into factory_version (factory_id, version, name, names, sector, products, description_fr, description_en, country, region_id, locality, website, recorded_by, known_from)
        select f.id, v.version + 1, v.name,
          v.names || coalesce((select jsonb_agg(n order by i) from jsonb_array_elements(f.names) with ordinality as x (n, i)
            where not v.names @> jsonb_build_array(jsonb_build_object('text', n -> 'text'))), '[]'),
          v.sector, case when v.products = '{}' then f.products else v.products end, coalesce(v.description_fr, f.description_fr), coalesce(v.description_en, f.description_en), v.country,
          coalesce(v.region_id, (select g.resource_id from slug g where g.kind = 'region' and g.slug = f.region_slug)), coalesce(v.locality, f.locality), coalesce(v.website, f.website), @actor, @at
        from staged_factory f join factory_version v on v.factory_id = f.id and v.known_to = @at where f.is_filled;

        update staged_media set id = nextval(pg_get_serial_sequence('media', 'id')) where is_new;
        insert into media (id) select id from staged_media where is_new order by id;
        insert into media_version (media_id, version, url, kind, title, caption_fr, caption_en, alt_text, credit, licence, captured, captured_earliest, captured_latest,
          mime, width, height, recorded_by, known_from)
        select id, 1, url, kind, title, caption_fr, caption_en, alt_text, credit, licence, captured, captured_earliest, captured_latest, mime, width, height, @actor, @at
        from staged_media where is_new;

        insert into identifier (kind, resource_id, scheme, value, recorded_by, known_from)
        select i.kind, g.resource_id, i.scheme, i.value, @actor, @at
        from staged_identifier i join slug g on g.kind = i.kind and g.slug = i.slug
        where not exists (select from identifier n where n.kind = i.kind and n.resource_id = g.resource_id and n.scheme = i.scheme and n.value = i.value);

        update claim c set known_to = @at, end_cause = 'superseded', end_reason = 'error', ended_by = @actor
        from staged_claim s where s.is_new and c.id = s.supersedes_id;
        update staged_claim s set id = n.id
        from (select key, nextval(pg_get_serial_sequence('claim', 'id')) as id
          from (select key from staged_claim where is_new order by position) o) n
        where n.key = s.key;
        insert into claim (id, kind, factory_id, key, fingerprint, basis, confidence, note, supersedes_id, recorded_by, known_from)
        select s.id, s.kind, (select g.resource_id from slug g where g.kind = 'factory' and g.slug = s.factory_slug), s.key, s.fingerprint, s.basis, s.confidence, s.note, s.supersedes_id, @actor, @at
        from staged_claim s where s.is_new order by s.id;
        insert into status_event (claim_id, phase_id, status, milestone, date, earliest, latest, date_meaning)
        select s.id, h.id, s.status, s.milestone, s.date, s.earliest, s.latest, s.date_meaning
        from staged_claim s join staged_phase h on h.factory_slug = s.factory_slug and h.phase_id = s.phase_id where s.is_new and s.kind = 'status_event';
        insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, scope,
          for_date, for_date_earliest, for_date_latest)
        select s.id, h.id, s.property, s.value, s.min, s.max, s.word, s.unit, s.qualifier, s.product, s.scope,
          s.for_date, s.for_date_earliest, s.for_date_latest
        from staged_claim s left join staged_phase h on h.factory_slug = s.factory_slug and h.phase_id = s.phase_id where s.is_new and s.kind = 'figure';
        insert into role (claim_id, operator_id, role, share, valid, valid_from, valid_to)
        select s.id, g.resource_id, s.role, s.share, s.valid, s.valid_from, s.valid_to
        from staged_claim s join slug g on g.kind = 'operator' and g.slug = s.operator_slug where s.is_new and s.kind = 'role';
        insert into ownership (claim_id, operator_id, shareholder_id, share, share_min, share_max, valid, valid_from, valid_to)
        select s.id, o.resource_id, h.resource_id, s.share, s.share_min, s.share_max, s.valid, s.valid_from, s.valid_to
        from staged_claim s join slug o on o.kind = 'operator' and o.slug = s.operator_slug join slug h on h.kind = 'operator' and h.slug = s.shareholder_slug
        where s.is_new and s.kind = 'ownership';
        insert into location (claim_id, lon, lat, precision, uncertainty_m, method)
        select id, lon, lat, precision, uncertainty_m, method from staged_claim where is_new and kind = 'location';
        insert into depiction (claim_id, media_id)
        select s.id, m.id from staged_claim s join staged_media m on m.url = s.media_url where s.is_new and s.kind = 'depiction';
        insert into membership (claim_id, cluster_id, region_id)
        select s.id, g.resource_id, r.resource_id
        from staged_claim s join slug g on g.kind = 'region' and g.slug = s.cluster_slug left join slug r on r.kind = 'region' and r.slug = s.region_slug
        where s.is_new and s.kind = 'membership';
        insert into evidence (claim_id, source_id, locator_kind, locator_start, locator_end, note, recorded_by, known_from)
        select s.id, g.resource_id, e.locator_kind, e.locator_start, e.locator_end, e.note, @actor, @at
        from staged_evidence e join staged_claim s on s.key = e.claim_key join slug g on g.kind = 'source' and g.slug = e.source_slug where s.is_new;

        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        select @lastSeq + row_number() over (order by x.place, x.id), @at, @actor, x.cause, x.type, x.id, x.factory_id, x.version
        from (
          select 1 as place, 'imported' as cause, 'source' as type, id, null::bigint as factory_id, 1 as version from staged_source where is_new
          union all select 2, 'imported', 'region', id, null, 1 from staged_region where is_new
          union all select 2, 'revised', 'region', r.id, null, v.version from staged_region r join region_version v on v.region_id = r.id and v.known_to = 'infinity' where r.is_filled
          union all select 3, 'imported', 'operator', id, null, 1 from staged_operator where is_new
          union all select 3, 'revised', 'operator', o.id, null, v.version from staged_operator o
            join operator_version v on v.operator_id = o.id and v.known_to = 'infinity' where o.is_filled
          union all select 4, 'imported', 'factory', id, id, 1 from staged_factory where is_new
          union all select 4, 'revised', 'factory', f.id, f.id, v.version from staged_factory f join factory_version v on v.factory_id = f.id and v.known_to = 'infinity' where f.is_filled
          union all select 5, 'imported', 'phase', h.id, f.id, 1 from staged_phase h join staged_factory f on f.slug = h.factory_slug where h.is_new
          union all select 6, 'imported', 'media', id, null, 1 from staged_media where is_new
          union all select 7, 'superseded', c.kind, c.id, c.factory_id, 1 from staged_claim s join claim c on c.id = s.supersedes_id where s.is_new
          union all select 8, 'imported', c.kind, c.id, c.factory_id, 1 from staged_claim s join claim c on c.id = s.id where s.is_new) x;
        """;
}
