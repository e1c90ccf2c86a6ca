-- Returns what a list shows of factories at moments of known time, beside what depends on a date in the world (status,
-- capacity); pages of the past and factory_current are filled from it.
create or replace function factory_outline_at(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (
    n bigint, factory_id bigint, at timestamptz, slug text, version int, name text, sort_name text, sector text,
    products text[], country text, region_id bigint, locality text, lon float8, lat float8, location_precision text,
    location_uncertainty_m int, operator_ids bigint[], operator_roles text[], operator_froms date[],
    operator_tos date[], phase_count int, media_count int, source_count int, created_at timestamptz,
    updated_at timestamptz)
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
    select s.n, array_agg(s.operator_id) as ids, array_agg(s.role) as roles, array_agg(s.valid_from) as froms,
      array_agg(s.valid_to) as tos
    from (
      select m.n, x.operator_id, x.role, x.valid_from, x.valid_to
      from family(p_known_by, p_factories, p_ats) m
      join claim c on c.factory_id = m.member_id and c.kind = 'role' and c.basis <> 'expected'
        and is_known(p_known_by, m.at, c)
      join role x on x.claim_id = c.id
      join role_kind k on k.code = x.role
      join operator_version ov on ov.operator_id = x.operator_id
        and is_recorded(p_known_by, m.at, ov.known_from, ov.known_to)
      order by m.n, k.rank, ov.sort_name, x.operator_id, x.valid_from, c.id) s
    group by s.n
  ), phases as (
    select m.n, count(*)::int as total
    from family(p_known_by, p_factories, p_ats) m
    join phase h on h.factory_id = m.member_id
    join phase_version hv on hv.phase_id = h.id and is_recorded(p_known_by, m.at, hv.known_from, hv.known_to)
    group by m.n
  ), media as (
    select m.n, count(distinct d.media_id)::int as total
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and c.kind = 'depiction' and is_known(p_known_by, m.at, c)
    join depiction d on d.claim_id = c.id
    join media_version mv on mv.media_id = d.media_id and is_recorded(p_known_by, m.at, mv.known_from, mv.known_to)
    group by m.n
  ), sources as (
    select m.n, count(distinct e.source_id)::int as total
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and is_known(p_known_by, m.at, c)
    join evidence e on e.claim_id = c.id and is_recorded(p_known_by, m.at, e.known_from, e.known_to)
    where p_known_by = 'recorded' or exists (
      select from source_version sv
      where sv.source_id = e.source_id and sv.known_to = 'infinity'
        and is_published_by(p_known_by, m.at, sv.published_latest, sv.retrieved_at, e.known_from))
    group by m.n
  ), touched as (
    select m.n, x.recorded_at as at
    from family(p_known_by, p_factories, p_ats) m
    cross join lateral (
      select h.recorded_at from change h
      where h.factory_id = m.member_id and (p_known_by = 'published' or h.recorded_at <= m.at)
      order by h.seq desc
      limit 1) x
    union all
    -- The end of a merge is logged under the factory that was merged.
    select p.n, g.known_to
    from unnest(p_factories, p_ats) with ordinality as p (factory_id, at, n)
    join factory_merged g on g.survivor_id = p.factory_id and g.known_to < 'infinity'
      and (p_known_by = 'published' or g.known_to <= p.at)
  ), changed as (
    select t.n, max(t.at) as at from touched t group by t.n
  )
  select p.n, p.factory_id, p.at, f.slug, v.version, v.name, v.sort_name, v.sector, v.products, v.country, v.region_id,
    v.locality, place.lon, place.lat, place.precision, place.uncertainty_m,
    coalesce(part.ids, '{}'), coalesce(part.roles, '{}'), coalesce(part.froms, '{}'), coalesce(part.tos, '{}'),
    coalesce(phases.total, 0), coalesce(media.total, 0), coalesce(sources.total, 0),
    first.known_from, coalesce(changed.at, first.known_from)
  from there_at(p_known_by, p_factories, p_ats) p
  join factory f on f.id = p.factory_id
  join factory_version v on v.factory_id = p.factory_id and v.version = p.version
  join factory_version first on first.factory_id = p.factory_id and first.version = 1
  left join place on place.n = p.n
  left join part on part.n = p.n
  left join phases on phases.n = p.n
  left join media on media.n = p.n
  left join sources on sources.n = p.n
  left join changed on changed.n = p.n;
$$;
