-- Returns the pairs whose factory exists at that moment (recorded, not deleted, not merged) with its version.
create or replace function existing_at(p_known_by text, p_factories bigint[], p_known_ats timestamptz[])
  returns table (ordinal bigint, factory_id bigint, at timestamptz, version int)
  language sql stable parallel safe
as $$
  select p.ordinal, p.factory_id, p.at, v.version
  from unnest(p_factories, p_known_ats) with ordinality as p (factory_id, at, ordinal)
  join factory_version v on v.factory_id = p.factory_id and is_recorded(p_known_by, p.at, v.known_from, v.known_to)
  where not exists (
    select from factory_merged m
    where m.loser_id = p.factory_id and is_recorded(p_known_by, p.at, m.known_from, m.known_to));
$$;
