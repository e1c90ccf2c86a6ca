-- The turns of a batch, found by its factories alone: with statistics from before a large import, all factories were read for each batch,
-- and for each of them a whole index of the spans.

drop function turns_of(bigint[], boolean);

-- The turns that the spans and states of these factories now say.
create function turns_of(p_factories bigint[])
  returns table (region_id bigint, status text, month date, unit text, factories bigint, low numeric, high numeric, ranged bigint, unbounded bigint)
  language sql stable
as $$
  select s.region_id, s.status, d.month, c.unit,
    sum(d.sign), sum(d.sign * c.low), sum(d.sign * c.high), sum(d.sign * c.ranged), sum(d.sign * c.unbounded)
  from unnest(p_factories) as f (id)
  cross join lateral (
    select t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit from factory_state t where t.factory_id = f.id and t.known_to = 'infinity' limit 1) t
  cross join lateral (
    select z.region_id, z.status, z.valid_from, z.valid_to, z.known_by, z.known_to from status_span z where z.factory_id = f.id offset 0) s
  cross join lateral capacity_part(t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit) c
  cross join lateral (values (date_trunc('month', s.valid_from::timestamp)::date, 1), (date_trunc('month', s.valid_to::timestamp)::date, -1)) d (month, sign)
  where s.known_by = 'recorded' and s.known_to = 'infinity' and s.status is not null and d.month < 'infinity'
  group by s.region_id, s.status, d.month, c.unit;
$$;

-- Those of all factories. Looking each state up by itself takes several times as long as reading all of them, and looks cheaper to the planner.
create or replace function count_turns() returns void language sql
  set enable_memoize to off
  set work_mem to '64MB'
as $$
  insert into status_turn (region_id, status, month, unit, factories, low, high, ranged, unbounded)
  select s.region_id, s.status, d.month, c.unit,
    sum(d.sign), sum(d.sign * c.low), sum(d.sign * c.high), sum(d.sign * c.ranged), sum(d.sign * c.unbounded)
  from status_span s
  join factory_state t on t.factory_id = s.factory_id and t.known_to = 'infinity'
  cross join lateral capacity_part(t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit) c
  cross join lateral (values (date_trunc('month', s.valid_from::timestamp)::date, 1), (date_trunc('month', s.valid_to::timestamp)::date, -1)) d (month, sign)
  where s.known_by = 'recorded' and s.known_to = 'infinity' and s.status is not null and d.month < 'infinity'
  group by s.region_id, s.status, d.month, c.unit
  having (sum(d.sign), sum(d.sign * c.low), sum(d.sign * c.high), sum(d.sign * c.ranged), sum(d.sign * c.unbounded)) <> (0, 0, 0, 0, 0);
$$;

-- Adds to (sign 1) or takes from (sign -1) the counts what the spans and states of these factories now say.
create or replace function count_regions(p_factories bigint[], p_sign int) returns void language plpgsql as $$
begin
  insert into region_count as r (region_id, status, factories)
  select s.region_id, coalesce(s.status, ''), p_sign * count(*)
  from unnest(p_factories) as f (id)
  cross join lateral (
    select z.region_id, z.status, z.known_by, z.known_to, z.valid_to from status_span z where z.factory_id = f.id offset 0) s
  where s.known_by = 'recorded' and s.known_to = 'infinity' and s.valid_to = 'infinity'
  group by s.region_id, coalesce(s.status, '')
  on conflict (region_id, status) do update set factories = r.factories + excluded.factories;

  insert into status_turn as r (region_id, status, month, unit, factories, low, high, ranged, unbounded)
  select region_id, status, month, unit, p_sign * factories, p_sign * low, p_sign * high, p_sign * ranged, p_sign * unbounded
  from turns_of(p_factories)
  on conflict (region_id, status, month, unit) do update
  set factories = r.factories + excluded.factories, low = r.low + excluded.low, high = r.high + excluded.high,
    ranged = r.ranged + excluded.ranged, unbounded = r.unbounded + excluded.unbounded;
end $$;
