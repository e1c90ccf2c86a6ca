-- Returns the factories that are in one of these regions or clusters, as known at a moment.
create or replace function factories_in_region(p_known_by text, p_at timestamptz, p_regions bigint[])
  returns table (factory_id bigint)
  language sql stable parallel safe
as $$
  select v.factory_id
  from factory_version v
  where v.region_id in (select w.region_id from regions_within(p_known_by, p_at, p_regions) w)
    and is_recorded(p_known_by, p_at, v.known_from, v.known_to)
  union
  select x.factory_id from cluster_members(p_known_by, p_at, p_regions) x;
$$;
