-- Returns a factory with all factories that are merged into it, whose claims are its claims.
create or replace function merged_factory_ids(p_known_by text, p_at timestamptz, p_factory bigint) returns bigint[]
  language sql stable parallel safe
as $$
  select array_append(array(
    select m.loser_id from factory_merged m
    where m.survivor_id = p_factory and is_recorded(p_known_by, p_at, m.known_from, m.known_to)), p_factory);
$$;
