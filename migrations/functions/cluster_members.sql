-- Returns the factories that are members of these clusters themselves, or through a factory that was merged into them;
-- the filter by region uses it beside regions_within.
create or replace function cluster_members(p_known_by text, p_at timestamptz, p_regions bigint[])
  returns table (factory_id bigint)
  language sql stable parallel safe
as $$
  select coalesce(m.survivor_id, c.factory_id)
  from membership b
  join claim c on c.id = b.claim_id and c.factory_id is not null and is_known(p_known_by, p_at, c)
  left join factory_merged m on m.loser_id = c.factory_id
    and is_recorded(p_known_by, p_at, m.known_from, m.known_to)
  where b.cluster_id = any (p_regions);
$$;
