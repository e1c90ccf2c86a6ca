-- Returns what some factories show on a day, as known at a moment: status, figures, roles, name and place.
-- factory_difference compares two such sets.
create or replace function factory_values(
    p_known_by text, p_factories bigint[], p_figures bigint[], p_roles bigint[], p_places bigint[],
    p_at timestamptz, p_as_of date)
  returns table (
    factory_id bigint, kind text, key text, sort_name text, claim_id bigint, status text, phase_id bigint,
    property text, product text, qualifier text, unit text, reference_unit text, factor numeric,
    operator_id bigint, role text, value numeric, min numeric, max numeric, word text, share numeric,
    name text, lon float8, lat float8, location_precision text)
  language sql stable
as $$
  select s.factory_id, 'status', '', v.sort_name, s.since_claim_id, s.status, null::bigint,
    null, null, null, null, null, null::numeric,
    null::bigint, null, null::numeric, null::numeric, null::numeric, null, null::numeric,
    null, null::float8, null::float8, null
  from status_span s
  join factory_version v on v.factory_id = s.factory_id and is_recorded(p_known_by, p_at, v.known_from, v.known_to)
  where s.factory_id = any (p_factories) and s.is_published = (p_known_by = 'published')
    and s.known_from <= p_at and s.known_to > p_at and s.valid_from <= p_as_of and s.valid_to > p_as_of
  union all
  select f.factory_id, 'figure',
    concat_ws('|', f.property, coalesce(f.phase_id::text, ''), coalesce(f.qualifier, ''), f.reference_unit,
      coalesce(f.product, '')),
    null, f.claim_id, null, f.phase_id,
    f.property, f.product, f.qualifier, f.unit, f.reference_unit, f.factor,
    null, null, f.value, f.min, f.max, f.word, null,
    null, null, null, null
  from effective_figures(p_known_by, p_at, p_figures, p_as_of) f
  union all
  select * from (
    select distinct on (b.factory_id, r.operator_id, r.role)
      b.factory_id, 'role', r.role || '|' || r.operator_id, null::text, c.id, null::text, null::bigint,
      null::text, null::text, null::text, null::text, null::text, null::numeric,
      r.operator_id, r.role, null::numeric, null::numeric, null::numeric, null::text, r.share,
      null::text, null::float8, null::float8, null::text
    from with_merged_factories_at(p_known_by, p_at, p_roles) b
    join claim c on c.factory_id = b.member_id and c.kind = 'role' and c.basis <> 'expected'
      and is_known(p_known_by, p_at, c)
    join role r on r.claim_id = c.id and r.valid_from <= p_as_of and r.valid_to >= p_as_of
    order by b.factory_id, r.operator_id, r.role, r.share is null, r.valid_from desc,
      c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc) part
  union all
  select v.factory_id, 'name', '', null, null, null, null,
    null, null, null, null, null, null,
    null, null, null, null, null, null, null,
    v.name, null, null, null
  from factory_version v
  where v.factory_id = any (p_places) and is_recorded(p_known_by, p_at, v.known_from, v.known_to)
    and not exists (
      select from factory_merged m
      where m.loser_id = v.factory_id and is_recorded(p_known_by, p_at, m.known_from, m.known_to))
  union all
  select * from (
    select distinct on (b.factory_id)
      b.factory_id, 'location', '', null::text, c.id, null::text, null::bigint,
      null::text, null::text, null::text, null::text, null::text, null::numeric,
      null::bigint, null::text, null::numeric, null::numeric, null::numeric, null::text, null::numeric,
      null::text, l.lon, l.lat, l.precision
    from with_merged_factories_at(p_known_by, p_at, p_places) b
    join claim c on c.factory_id = b.member_id and c.kind = 'location' and is_known(p_known_by, p_at, c)
    join location l on l.claim_id = c.id
    join location_precision p on p.code = l.precision
    order by b.factory_id, p.rank, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc) place;
$$;
