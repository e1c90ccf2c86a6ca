-- What measuring the projections taught: large loads, rebuilds, and the reads that grew with the table.

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
    now.status, s.stage, e.date, e.earliest, e.date_meaning, ec.basis, seen.date, seen.latest,
    capacity.value, capacity.min, capacity.max, capacity.word, capacity.unit, capacity.qualifier, capacity.product,
    coalesce(phases.of, 0), coalesce(media.of, 0), coalesce(sources.of, 0), created.at
  from there_at(p_known_by, p_factories, p_ats) p
  join factory f on f.id = p.factory_id
  join factory_version v on v.factory_id = p.factory_id and v.version = p.version
  join factory_version first on first.factory_id = p.factory_id and first.version = 1
  cross join lateral (select first.known_from as at) created
  left join region r on r.id = v.region_id
  left join region_version rv on rv.region_id = v.region_id and is_recorded(p_known_by, p.at, rv.known_from, rv.known_to)
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
  left join factory_capacity(p_known_by, p_factories, p_ats, 'infinity') capacity on capacity.n = p.n
  left join place on place.n = p.n
  left join part on part.n = p.n
  left join phases on phases.n = p.n
  left join media on media.n = p.n
  left join sources on sources.n = p.n;
$$;

-- Brings every projection up to a write at p_at: the last statement of a writing transaction, once. Of what was touched it knows by the
-- rows of change. Arrays, because a plan that joins the log itself is made for its largest import.
create or replace function advance_projections(p_at timestamptz) returns void language plpgsql as $$
declare
  ended     bigint[];
  regions   bigint[];
  operators bigint[];
  media     bigint[];
  sources   bigint[];
  proofs    bigint[];
  merges    bigint[];
  claims    bigint[];
  places    bigint[];
  factories bigint[];
  batch     bigint[];
begin
  -- A first large load is made as a rebuild makes it: without keeping indexes up to each row.
  if not exists (select from factory_state) and (select count(*) from change where recorded_at = p_at and resource_type = 'factory') > 5000 then
    perform rebuild_projections();
    return;
  end if;

  perform plan_for(0);
  select coalesce(array_agg(resource_id) filter (where cause in ('superseded', 'retracted', 'unmerged', 'redacted')), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'region'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'operator'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'media'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'source'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'evidence'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'merge'), '{}')
  into ended, regions, operators, media, sources, proofs, merges
  from change where recorded_at = p_at;

  if regions <> '{}' then
    places := array(select rc.region_id from region_closure rc where rc.ancestor_id = any (regions) union select unnest(regions));
    perform rebuild_regions(places);
  end if;
  if merges <> '{}' then
    perform rebuild_merges();
  end if;

  -- The claims whose publication may have moved: new ones and ended ones, those whose evidence or source changed, and what these follow.
  claims := array(
    select c.id from claim c
    where c.kind in ('status_event', 'figure', 'role', 'ownership', 'location', 'depiction', 'membership', 'merge') and c.known_from = p_at
    union
    select c.id from claim c where c.id = any (ended) and c.known_to = p_at
    union
    select e.claim_id from evidence e where e.id = any (proofs)
    union
    select e.claim_id from evidence e where e.source_id = any (sources)
    union
    select c.id from claim c where c.end_source_id = any (sources));
  claims := array(
    select unnest(claims)
    union
    select c.supersedes_id from claim c where c.id = any (claims) and c.supersedes_id is not null);
  perform plan_for(cardinality(claims));
  perform project_publication(claims);

  -- The factories that may be touched, in either sense: at least those whose factory_touches have this stamp.
  places := array(
    select unnest(regions)
    union
    select rc.region_id from region_closure rc where rc.region_id = any (places) and p_at in (rc.known_from, rc.known_to)
    union
    select rc.region_id from membership b join region_closure rc on rc.ancestor_id = b.region_id where b.claim_id = any (claims));
  factories := array(
    select x.factory_id from change x where x.recorded_at = p_at and x.factory_id is not null
    union
    select c.factory_id from claim c where c.id = any (claims) and c.factory_id is not null
    union
    select c.factory_id from role r join claim c on c.id = r.claim_id where r.operator_id = any (operators)
    union
    select c.factory_id from depiction d join claim c on c.id = d.claim_id where d.media_id = any (media)
    union
    select v.factory_id from factory_version v where v.region_id = any (places)
    union
    select f.id from factory_merged m cross join lateral (values (m.loser_id), (m.survivor_id)) f (id)
    where merges <> '{}' and p_at in (m.known_from, m.known_to));
  factories := array(
    select unnest(factories)
    union
    select m.survivor_id from factory_merged m where m.loser_id = any (factories)
    order by 1);

  perform plan_for(cardinality(factories));
  for part in 0 .. (cardinality(factories) - 1) / 5000 loop
    batch := factories[part * 5000 + 1 : (part + 1) * 5000];
    perform advance_recorded(array(select t.factory_id from factory_touches(batch) t where t.at = p_at), p_at);
    perform advance_published(batch);
  end loop;
end $$;
