-- Returns what differs for some factories between two points of time, one row for each value; /v1/diff lists it.
create or replace function factory_difference(
    p_known_by text, p_factories bigint[], p_figures bigint[], p_roles bigint[], p_places bigint[],
    p_at_a timestamptz, p_as_of_a date, p_at_b timestamptz, p_as_of_b date)
  returns table (
    factory_id bigint, kind text, key text, sort_name text, phase_id bigint,
    property text, product text, qualifier text, unit text, operator_id bigint, role text,
    before_claim bigint, before_status text, before_value numeric, before_min numeric, before_max numeric,
    before_word text, before_share numeric, before_name text, before_lon float8, before_lat float8,
    before_precision text,
    after_claim bigint, after_status text, after_value numeric, after_min numeric, after_max numeric,
    after_word text, after_share numeric, after_name text, after_lon float8, after_lat float8,
    after_precision text)
  language plpgsql stable
  set plan_cache_mode to 'force_custom_plan'
  set work_mem to '64MB'
as $$
begin
  return query
  with a as materialized (
    select * from factory_values(p_known_by, p_factories, p_figures, p_roles, p_places, p_at_a, p_as_of_a)
  ), b as materialized (
    select * from factory_values(p_known_by, p_factories, p_figures, p_roles, p_places, p_at_b, p_as_of_b)
  ), existing as (
    select coalesce(b.factory_id, a.factory_id) as id, coalesce(b.sort_name, a.sort_name) as name,
      a.factory_id is not null and b.factory_id is not null as in_both
    from (select * from a where a.kind = 'status') a
    full join (select * from b where b.kind = 'status') b on b.factory_id = a.factory_id
  )
  select x.id,
    case when coalesce(a.kind, b.kind) <> 'status' then coalesce(a.kind, b.kind)
      when b.factory_id is null then 'vanished' when a.status is null then 'appeared' else 'status' end,
    coalesce(a.kind, b.kind) || '|' || coalesce(a.key, b.key) || '|' || x.id, x.name, coalesce(a.phase_id, b.phase_id),
    coalesce(a.property, b.property), coalesce(a.product, b.product), coalesce(a.qualifier, b.qualifier),
    case when u.differs then a.reference_unit else coalesce(a.unit, b.unit) end,
    coalesce(a.operator_id, b.operator_id), coalesce(a.role, b.role),
    a.claim_id, a.status,
    case when u.differs then trim_scale(a.value * a.factor) else a.value end,
    case when u.differs then trim_scale(a.min * a.factor) else a.min end,
    case when u.differs then trim_scale(a.max * a.factor) else a.max end,
    a.word, a.share, a.name, a.lon, a.lat, a.location_precision,
    b.claim_id, b.status,
    case when u.differs then trim_scale(b.value * b.factor) else b.value end,
    case when u.differs then trim_scale(b.min * b.factor) else b.min end,
    case when u.differs then trim_scale(b.max * b.factor) else b.max end,
    b.word, b.share, b.name, b.lon, b.lat, b.location_precision
  from a full join b on b.factory_id = a.factory_id and b.kind = a.kind and b.key = a.key
  join existing x on x.id = coalesce(a.factory_id, b.factory_id)
  -- Both sides are in one unit: the stated one where it is the same, else the reference unit.
  cross join lateral (select coalesce(a.unit <> b.unit, false)) u (differs)
  where (a.factory_id is null or b.factory_id is null
      or (a.status, a.value * a.factor, a.min * a.factor, a.max * a.factor, a.word, a.share, a.name,
          a.lon, a.lat, a.location_precision)
        is distinct from (b.status, b.value * b.factor, b.min * b.factor, b.max * b.factor, b.word, b.share, b.name,
          b.lon, b.lat, b.location_precision))
    and (x.in_both or coalesce(a.kind, b.kind) = 'status');
end $$;
