-- Returns these regions with all regions in them and, for clusters, in the regions that are members of them; the
-- filter by region compares the region of a factory with them.
create or replace function regions_within(p_known_by text, p_at timestamptz, p_regions bigint[])
  returns table (region_id bigint)
  language sql stable parallel safe
as $$
  select rc.region_id
  from region_closure rc
  where is_recorded(p_known_by, p_at, rc.known_from, rc.known_to)
    and rc.ancestor_id in (
      select r.id from unnest(p_regions) as r (id)
      union
      select b.region_id
      from membership b join claim c on c.id = b.claim_id and is_known(p_known_by, p_at, c)
      where b.cluster_id = any (p_regions) and b.region_id is not null);
$$;
