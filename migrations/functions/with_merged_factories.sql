-- Returns each pair of a factory and a moment with the factory itself and all that are merged into it by then.
-- Such functions take the pairs as two arrays, and ordinal is the place of the pair. They are inlined, so that a page
-- and a rebuild of everything each get a plan of their own.
create or replace function with_merged_factories(p_known_by text, p_factories bigint[], p_known_ats timestamptz[])
  returns table (ordinal bigint, at timestamptz, member_id bigint)
  language sql stable parallel safe
as $$
  select p.ordinal, p.at, p.factory_id
  from unnest(p_factories, p_known_ats) with ordinality as p (factory_id, at, ordinal)
  union all
  select p.ordinal, p.at, m.loser_id
  from unnest(p_factories, p_known_ats) with ordinality as p (factory_id, at, ordinal)
  join factory_merged m on m.survivor_id = p.factory_id and is_recorded(p_known_by, p.at, m.known_from, m.known_to);
$$;
