-- What is asked of some factories, by status, place or what else a list is filtered by, is summed up from their spans. These are found by
-- factory now without those of the regions, and without the table; and the planner is told how many are known at a time, which it took for a
-- fraction of what there are.

create index status_span_world on status_span (known_by, factory_id) include (status, valid_from, valid_to, known_from, known_to) where region_id = 0;

create statistics status_span_known (mcv) on known_by, known_from, known_to, status, valid_to from status_span;
create statistics factory_state_known (mcv) on known_from, known_to from factory_state;
create statistics published_state_known (mcv) on known_from, known_to from published_state;

-- The parts of one factory in one scan: several processes can share a sum of many.
create or replace function capacity_parts(p_course capacity_stretch[], p_value numeric, p_min numeric, p_max numeric, p_unit text)
  returns table (valid_from date, valid_to date, unit text, low numeric, high numeric, ranged int, unbounded int)
  language sql immutable parallel safe
as $$
  select s.valid_from, s.valid_to, p.unit, p.low, p.high, p.ranged, p.unbounded
  from unnest(coalesce(p_course, array[row('-infinity', 'infinity', p_value, p_min, p_max, p_unit)::capacity_stretch])) s
  cross join lateral capacity_part(s.value, s.min, s.max, s.unit) p;
$$;

create or replace function add_turns_of_states() returns trigger language plpgsql as $$
declare
  p_known_by text := tg_argv[0];
  came known_factory[];
  went known_factory[];
begin
  if tg_op <> 'DELETE' then
    came := array(
      select row(p_known_by, factory_id, known_from, known_to, country, sector, capacity_course, capacity_value, capacity_min, capacity_max, capacity_unit)::known_factory
      from new_states);
  end if;
  if tg_op <> 'INSERT' then
    went := array(
      select row(p_known_by, factory_id, known_from, known_to, country, sector, capacity_course, capacity_value, capacity_min, capacity_max, capacity_unit)::known_factory
      from old_states);
  end if;
  perform add_turns(array(
    select row(c.known_by, coalesce(c.country, ''), coalesce(c.sector, ''), t.known_at, coalesce(s.status, ''), t.day, t.unit, sum(c.sign * t.factories),
      sum(c.sign * t.low), sum(c.sign * t.high), sum(c.sign * t.ranged), sum(c.sign * t.unbounded))::known_turn
    from (select 1 as sign, * from unnest(came) union all select -1, * from unnest(went)) c
    cross join lateral (
      select p.status, p.valid_from, p.valid_to, p.known_from, p.known_to from status_span p
      where p.known_by = c.known_by and p.factory_id = c.factory_id and p.region_id = 0 offset 0) s
    cross join lateral turns_known(
      greatest(s.known_from, c.known_from), least(s.known_to, c.known_to), s.valid_from, s.valid_to,
      c.capacity_course, c.capacity_value, c.capacity_min, c.capacity_max, c.capacity_unit) t
    group by c.known_by, t.known_at, s.status, t.day, t.unit, grouping sets ((), (c.country, c.sector))
    having (sum(c.sign * t.factories), sum(c.sign * t.low), sum(c.sign * t.high), sum(c.sign * t.ranged), sum(c.sign * t.unbounded)) <> (0, 0, 0, 0, 0)));
  return null;
end $$;
