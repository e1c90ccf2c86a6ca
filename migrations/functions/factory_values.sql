-- Returns what factories show at a point of both axes: the status of each that exists, and of some the effective
-- figures, the roles, or the name and the place; factory_difference compares two points.
create or replace function factory_values(
  p_known_by text, p_factories bigint[], p_figures bigint[], p_roles bigint[], p_places bigint[], p_at timestamptz,
  p_as_of date)
  returns table (
    factory_id bigint, kind text, key text, sort_name text, claim_id bigint, status text, phase_id bigint,
    property text, product text, qualifier text, unit text, operator_id bigint, role text, value numeric, min numeric,
    max numeric, word text, share numeric, name text, lon float8, lat float8, location_precision text)
  language sql stable
as $$
  select s.factory_id, 'status', '', s.sort_name, s.since_claim_id, s.status,
    null::bigint, null, null, null, null, null::bigint, null, null::numeric, null::numeric, null::numeric, null,
    null::numeric, null, null::float8, null::float8, null
  from status_span s
  where s.factory_id = any (p_factories) and s.is_published = (p_known_by = 'published')
    and s.known_from <= p_at and s.known_to > p_at and s.valid_from <= p_as_of and s.valid_to > p_as_of
  union all
  select p_figures[i.n], 'figure', concat_ws('|', i.property, i.phase_id, '', i.qualifier, i.unit, i.product), null,
    i.claim_id, null, i.phase_id, i.property, i.product, i.qualifier, i.unit, null, null, i.value, i.min, i.max, i.word,
    null, null, null, null, null
  from effective_figures(p_known_by, p_figures, array_fill(p_at, array[cardinality(p_figures)]),
    array_fill(p_as_of, array[cardinality(p_figures)])) i
  union all
  (select distinct on (p_roles[m.n], r.operator_id, r.role)
    p_roles[m.n], 'role', r.role || '|' || r.operator_id, null, c.id, null,
    null::bigint, null, null, null, null, r.operator_id, r.role, null::numeric, null::numeric, null::numeric, null,
    r.share, null::text, null::float8, null::float8, null::text
  from family(p_known_by, p_roles, array_fill(p_at, array[cardinality(p_roles)])) m
  join claim c on c.factory_id = m.member_id and c.kind = 'role' and c.basis <> 'expected'
    and is_known(p_known_by, m.at, c)
  join role r on r.claim_id = c.id and r.valid_from <= p_as_of and r.valid_to >= p_as_of
  order by p_roles[m.n], r.operator_id, r.role, r.share is null, r.valid_from desc, c.basis,
    confidence_rank(c.confidence), c.known_from desc, c.id desc)
  union all
  select t.factory_id, 'name', '', null, null, null,
    null, null, null, null, null, null, null, null, null, null, null, null, v.name, null, null, null
  from there_at(p_known_by, p_places, array_fill(p_at, array[cardinality(p_places)])) t
  join factory_version v on v.factory_id = t.factory_id and v.version = t.version
  union all
  (select distinct on (m.n)
    p_places[m.n], 'location', '', null::text, c.id, null::text,
    null::bigint, null::text, null::text, null::text, null::text, null::bigint, null::text,
    null::numeric, null::numeric, null::numeric, null::text, null::numeric, null::text, l.lon, l.lat, l.precision
  from family(p_known_by, p_places, array_fill(p_at, array[cardinality(p_places)])) m
  join claim c on c.factory_id = m.member_id and c.kind = 'location' and is_known(p_known_by, m.at, c)
  join location l on l.claim_id = c.id
  join location_precision lp on lp.code = l.precision
  order by m.n, lp.rank, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc);
$$;
