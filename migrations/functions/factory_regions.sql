-- Returns the regions that factories are in: each one's region with its ancestors, the clusters that it is a member of,
-- and those that one of these regions is a member of. The search entries of factories use it.
create or replace function factory_regions(p_known_by text, p_factories bigint[], p_known_ats timestamptz[])
  returns table (ordinal bigint, region_id bigint)
  language sql stable parallel safe
as $$
  with chain as (
    select p.ordinal, p.at, rc.ancestor_id
    from unnest(p_factories, p_known_ats) with ordinality as p (factory_id, at, ordinal)
    join factory_version v on v.factory_id = p.factory_id and is_recorded(p_known_by, p.at, v.known_from, v.known_to)
    join region_closure rc on rc.region_id = v.region_id
      and is_recorded(p_known_by, p.at, rc.known_from, rc.known_to)
  )
  select h.ordinal, h.ancestor_id from chain h
  union
  select m.ordinal, b.cluster_id
  from with_merged_factories(p_known_by, p_factories, p_known_ats) m
  join claim c on c.factory_id = m.member_id and c.kind = 'membership' and is_known(p_known_by, m.at, c)
  join membership b on b.claim_id = c.id
  union
  select h.ordinal, b.cluster_id
  from chain h
  join membership b on b.region_id = h.ancestor_id
  join claim c on c.id = b.claim_id and is_known(p_known_by, h.at, c);
$$;
