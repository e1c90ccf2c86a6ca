-- Fills region_closure for these regions, or for all (null): an ancestor holds while every link of the chain does.
create or replace function rebuild_regions(p_regions bigint[]) returns void language sql as $$
  delete from region_closure where p_regions is null or region_id = any (p_regions);
  with recursive up as (
    select v.region_id, v.region_id as ancestor_id, 0 as depth, v.known_from, v.known_to, v.parent_id
    from region_version v
    where p_regions is null or v.region_id = any (p_regions)
    union all
    select u.region_id, p.region_id, u.depth + 1, greatest(u.known_from, p.known_from), least(u.known_to, p.known_to),
      p.parent_id
    from up u
    join region_version p on p.region_id = u.parent_id and p.known_from < u.known_to and p.known_to > u.known_from
    where u.depth < 20
  ), marked as (
    select u.region_id, u.ancestor_id, u.depth, u.known_from, u.known_to,
      lag(u.known_to) over (partition by u.region_id, u.ancestor_id, u.depth order by u.known_from)
        is distinct from u.known_from as begins
    from up u
  ), grouped as (
    select m.region_id, m.ancestor_id, m.depth, m.known_from, m.known_to,
      count(*) filter (where m.begins)
        over (partition by m.region_id, m.ancestor_id, m.depth order by m.known_from) as island
    from marked m
  )
  insert into region_closure (ancestor_id, region_id, depth, known_from, known_to)
  select g.ancestor_id, g.region_id, g.depth, min(g.known_from), max(g.known_to)
  from grouped g
  group by g.ancestor_id, g.region_id, g.depth, g.island;
$$;
