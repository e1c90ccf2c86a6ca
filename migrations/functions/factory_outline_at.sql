-- Returns what a list shows of factories at moments of known time, beside what depends on a date in the world (status,
-- capacity); pages of the past and factory_current are filled from it. Each pair is looked up by itself, so that each
-- costs the same, however many there are. In PL/pgSQL, since each page would plan it anew otherwise.
create or replace function factory_outline_at(p_known_by text, p_factories bigint[], p_known_ats timestamptz[])
  returns table (
    ordinal bigint, factory_id bigint, at timestamptz, slug text, version int, name text, sort_name text, sector text,
    products text[], country text, region_id bigint, locality text, lon float8, lat float8, location_precision text,
    location_uncertainty_m int, operator_ids bigint[], operator_roles text[], operator_froms date[],
    operator_tos date[], phase_count int, media_count int, source_count int, created_at timestamptz,
    updated_at timestamptz)
  language plpgsql stable parallel safe rows 50
as $$
#variable_conflict use_column
begin
  return query
  select p.ordinal, p.factory_id, p.at, f.slug,
    v.version, v.name, v.sort_name, v.sector, v.products, v.country, v.region_id,
    v.locality, place.lon, place.lat, place.precision, place.uncertainty_m,
    coalesce(part.ids, '{}'), coalesce(part.roles, '{}'), coalesce(part.froms, '{}'), coalesce(part.tos, '{}'),
    phases.total, media.total, sources.total, first.known_from, coalesce(changed.at, first.known_from)
  from existing_at(p_known_by, p_factories, p_known_ats) p
  join factory f on f.id = p.factory_id
  join factory_version v on v.factory_id = p.factory_id and v.version = p.version
  join factory_version first on first.factory_id = p.factory_id and first.version = 1
  cross join lateral (select merged_factory_ids(p_known_by, p.at, p.factory_id) as ids offset 0) member
  left join lateral (
    select l.lon, l.lat, l.precision, l.uncertainty_m
    from claim c
    join location l on l.claim_id = c.id
    join location_precision lp on lp.code = l.precision
    where c.factory_id = any (member.ids) and c.kind = 'location' and is_known(p_known_by, p.at, c)
    order by lp.rank, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
    limit 1) place on true
  cross join lateral (
    select array_agg(s.operator_id) as ids, array_agg(s.role) as roles, array_agg(s.valid_from) as froms,
      array_agg(s.valid_to) as tos
    from (
      select x.operator_id, x.role, x.valid_from, x.valid_to
      from claim c
      join role x on x.claim_id = c.id
      join role_kind k on k.code = x.role
      join operator_version ov on ov.operator_id = x.operator_id
        and is_recorded(p_known_by, p.at, ov.known_from, ov.known_to)
      where c.factory_id = any (member.ids) and c.kind = 'role' and c.basis <> 'expected'
        and is_known(p_known_by, p.at, c)
      order by k.rank, ov.sort_name, x.operator_id, x.valid_from, c.id) s) part
  cross join lateral (
    select count(*)::int as total
    from phase h
    join phase_version hv on hv.phase_id = h.id and is_recorded(p_known_by, p.at, hv.known_from, hv.known_to)
    where h.factory_id = any (member.ids)) phases
  cross join lateral (
    select count(distinct d.media_id)::int as total
    from claim c
    join depiction d on d.claim_id = c.id
    join media_version mv on mv.media_id = d.media_id and is_recorded(p_known_by, p.at, mv.known_from, mv.known_to)
    where c.factory_id = any (member.ids) and c.kind = 'depiction' and is_known(p_known_by, p.at, c)) media
  cross join lateral (
    select count(distinct e.source_id)::int as total
    from claim c
    join evidence e on e.claim_id = c.id and is_recorded(p_known_by, p.at, e.known_from, e.known_to)
    where c.factory_id = any (member.ids) and is_known(p_known_by, p.at, c)
      and (p_known_by = 'recorded' or exists (
        select from source_version sv
        where sv.source_id = e.source_id and sv.known_to = 'infinity'
          and is_published_by(p_known_by, p.at, sv.published_latest, sv.retrieved_at, e.known_from)))) sources
  cross join lateral (
    select max(t.at) as at
    from (
      select h.recorded_at as at
      from unnest(member.ids) as m (id)
      cross join lateral (
        select x.recorded_at from change x
        where x.factory_id = m.id and (p_known_by = 'published' or x.recorded_at <= p.at)
        order by x.seq desc
        limit 1) h
      union all
      -- The end of a merge is logged under the factory that was merged.
      select g.known_to from factory_merged g
      where g.survivor_id = p.factory_id and g.known_to < 'infinity'
        and (p_known_by = 'published' or g.known_to <= p.at)) t) changed;
end $$;
