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

analyze status_span, factory_state, published_state;
