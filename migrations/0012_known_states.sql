-- A list as it was known at a moment is read from the states like the list of the present, by an order of its own.

create index factory_state_known_name on factory_state (sort_name, factory_id) include (known_from, known_to);
create index factory_state_known_status on factory_state (status, sort_name, factory_id) include (known_from, known_to);
create index factory_state_known_country on factory_state (country, sort_name, factory_id) include (known_from, known_to);
create index factory_state_known_sector on factory_state (sector, sort_name, factory_id) include (known_from, known_to);
create index factory_state_known_updated on factory_state (updated_at, factory_id) include (known_to);
create index factory_state_known_created on factory_state (created_at, factory_id) include (known_from, known_to);
create index factory_state_known_since on factory_state (coalesce(status_since_on, 'infinity'), factory_id) include (known_from, known_to);
create index factory_state_known_since_desc on factory_state (coalesce(status_since_on, '-infinity'), factory_id) include (known_from, known_to);
create index factory_state_known_confirmed on factory_state (coalesce(last_confirmed_on, 'infinity'), factory_id) include (known_from, known_to);
create index factory_state_known_confirmed_desc on factory_state (coalesce(last_confirmed_on, '-infinity'), factory_id) include (known_from, known_to);

-- Turns that were to come when they were recorded, those that were taken back included: what was known then may be read later.
drop index status_span_ahead;
create index status_span_ahead on status_span (valid_from) include (known_from, known_to)
  where known_by = 'recorded' and region_id = 0 and valid_from > (known_from at time zone 'UTC')::date;

-- What a list shows of a factory beside what depends on a date in the world: its status, its capacity and what confirms them.
create function factory_outline_at(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (
    n bigint, factory_id bigint, at timestamptz, slug text, version int, name text, sort_name text, sector text, products text[], country text,
    region_id bigint, region_slug text, region_name_fr text, region_name_en text, locality text,
    lon float8, lat float8, location_precision text, location_uncertainty_m int,
    operator_slugs text[], operator_names text[], operator_roles text[], operator_froms date[], operator_tos date[],
    phase_count int, media_count int, source_count int, created_at timestamptz)
  language sql stable parallel safe
as $$
  with place as (
    select distinct on (m.n) m.n, l.lon, l.lat, l.precision, l.uncertainty_m
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and c.kind = 'location' and is_known(p_known_by, m.at, c)
    join location l on l.claim_id = c.id
    join location_precision lp on lp.code = l.precision
    order by m.n, lp.rank, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
  ), part as (
    select n, array_agg(slug) as slugs, array_agg(name) as names, array_agg(role) as roles, array_agg(valid_from) as froms, array_agg(valid_to) as tos
    from (
      select m.n, o.slug, ov.name, x.role, x.valid_from, x.valid_to
      from family(p_known_by, p_factories, p_ats) m
      join claim c on c.factory_id = m.member_id and c.kind = 'role' and c.basis <> 'expected' and is_known(p_known_by, m.at, c)
      join role x on x.claim_id = c.id
      join role_kind k on k.code = x.role
      join operator o on o.id = x.operator_id
      join operator_version ov on ov.operator_id = o.id and is_recorded(p_known_by, m.at, ov.known_from, ov.known_to)
      order by m.n, k.rank, ov.sort_name, o.id, x.valid_from, c.id) sorted
    group by n
  ), phases as (
    select m.n, count(*)::int as of
    from family(p_known_by, p_factories, p_ats) m
    join phase h on h.factory_id = m.member_id
    join phase_version hv on hv.phase_id = h.id and is_recorded(p_known_by, m.at, hv.known_from, hv.known_to)
    group by m.n
  ), media as (
    select m.n, count(distinct d.media_id)::int as of
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and c.kind = 'depiction' and is_known(p_known_by, m.at, c)
    join depiction d on d.claim_id = c.id
    join media_version mv on mv.media_id = d.media_id and is_recorded(p_known_by, m.at, mv.known_from, mv.known_to)
    group by m.n
  ), sources as (
    select m.n, count(distinct e.source_id)::int as of
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and is_known(p_known_by, m.at, c)
    join evidence e on e.claim_id = c.id and is_recorded(p_known_by, m.at, e.known_from, e.known_to)
    group by m.n
  )
  select p.n, p.factory_id, p.at, f.slug, v.version, v.name, v.sort_name, v.sector, v.products, v.country,
    v.region_id, r.slug, rv.name_fr, rv.name_en, v.locality,
    place.lon, place.lat, place.precision, place.uncertainty_m,
    coalesce(part.slugs, '{}'), coalesce(part.names, '{}'), coalesce(part.roles, '{}'), coalesce(part.froms, '{}'), coalesce(part.tos, '{}'),
    coalesce(phases.of, 0), coalesce(media.of, 0), coalesce(sources.of, 0), created.at
  from there_at(p_known_by, p_factories, p_ats) p
  join factory f on f.id = p.factory_id
  join factory_version v on v.factory_id = p.factory_id and v.version = p.version
  join factory_version first on first.factory_id = p.factory_id and first.version = 1
  cross join lateral (select first.known_from as at) created
  left join region r on r.id = v.region_id
  left join region_version rv on rv.region_id = v.region_id and is_recorded(p_known_by, p.at, rv.known_from, rv.known_to)
  left join place on place.n = p.n
  left join part on part.n = p.n
  left join phases on phases.n = p.n
  left join media on media.n = p.n
  left join sources on sources.n = p.n;
$$;

-- A factory as a list shows it. Its spans, which say what its status is, must be there already.
create or replace function factory_state_at(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (
    n bigint, factory_id bigint, at timestamptz, slug text, version int, name text, sort_name text, sector text, products text[], country text,
    region_id bigint, region_slug text, region_name_fr text, region_name_en text, locality text,
    lon float8, lat float8, location_precision text, location_uncertainty_m int,
    operator_slugs text[], operator_names text[], operator_roles text[], operator_froms date[], operator_tos date[],
    status text, stage text, status_since text, status_since_on date, status_date_meaning text, status_basis text,
    last_confirmed text, last_confirmed_on date,
    capacity_value numeric, capacity_min numeric, capacity_max numeric, capacity_word text, capacity_unit text, capacity_qualifier text, capacity_product text,
    phase_count int, media_count int, source_count int, created_at timestamptz)
  language sql stable parallel safe
as $$
  select p.n, p.factory_id, p.at, p.slug, p.version, p.name, p.sort_name, p.sector, p.products, p.country,
    p.region_id, p.region_slug, p.region_name_fr, p.region_name_en, p.locality,
    p.lon, p.lat, p.location_precision, p.location_uncertainty_m,
    p.operator_slugs, p.operator_names, p.operator_roles, p.operator_froms, p.operator_tos,
    now.status, s.stage, e.date, e.earliest, e.date_meaning, ec.basis, seen.date, seen.latest,
    capacity.value, capacity.min, capacity.max, capacity.word, capacity.unit, capacity.qualifier, capacity.product,
    p.phase_count, p.media_count, p.source_count, p.created_at
  from factory_outline_at(p_known_by, p_factories, p_ats) p
  -- Fenced, so that it is by the factory that its spans are found: while a table is being filled its other indexes look as good, and each
  -- would be read whole for every factory.
  left join lateral (
    select z.status, z.since_claim_id
    from (select status, since_claim_id, known_by, region_id, valid_to, known_from, known_to from status_span where factory_id = p.factory_id offset 0) z
    where z.known_by = p_known_by and z.region_id = 0 and z.valid_to = 'infinity' and z.known_from <= p.at and z.known_to > p.at
    limit 1) now on true
  left join status s on s.code = now.status
  left join status_event e on e.claim_id = now.since_claim_id
  left join claim ec on ec.id = now.since_claim_id
  left join last_confirmed(p_known_by, p_factories, p_ats, 'infinity', 'possible') seen on seen.n = p.n and seen.status = now.status
  left join factory_capacity(p_known_by, p_factories, p_ats, 'infinity') capacity on capacity.n = p.n;
$$;
