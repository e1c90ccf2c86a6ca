-- Returns each of these factories with itself and all factories that are merged into it, at one moment.
-- Callers ask for one factory or a page of them. Without the estimate the planner expects 1,000 and reads whole tables.
create or replace function with_merged_factories_at(p_known_by text, p_at timestamptz, p_factories bigint[])
  returns table (factory_id bigint, member_id bigint)
  language sql stable parallel safe rows 20
as $$
  select f.id, f.id from unnest(p_factories) as f (id)
  union all
  select m.survivor_id, m.loser_id from factory_merged m
  where m.survivor_id = any (p_factories) and is_recorded(p_known_by, p_at, m.known_from, m.known_to);
$$;
