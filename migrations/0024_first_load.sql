-- A first large load is projected as every other write is: a rebuild empties the projections, and nobody could read until an import's end.

-- Brings every projection up to a write at p_at: the last statement of a writing transaction, once. Of what was touched it knows by the
-- rows of change. Arrays, because a plan that joins the log itself is made for its largest import.
create or replace function advance_projections(p_at timestamptz) returns void language plpgsql as $$
declare
  ended     bigint[];
  regions   bigint[];
  operators bigint[];
  media     bigint[];
  sources   bigint[];
  proofs    bigint[];
  merges    bigint[];
  claims    bigint[];
  places    bigint[];
  factories bigint[];
  batch     bigint[];
begin
  perform plan_for(0);
  select coalesce(array_agg(resource_id) filter (where cause in ('superseded', 'retracted', 'unmerged', 'redacted')), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'region'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'operator'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'media'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'source'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'evidence'), '{}'),
    coalesce(array_agg(resource_id) filter (where resource_type = 'merge'), '{}')
  into ended, regions, operators, media, sources, proofs, merges
  from change where recorded_at = p_at;

  if regions <> '{}' then
    places := array(select rc.region_id from region_closure rc where rc.ancestor_id = any (regions) union select unnest(regions));
    perform rebuild_regions(places);
  end if;
  if merges <> '{}' then
    perform rebuild_merges();
  end if;

  -- The claims whose publication may have moved: new ones and ended ones, those whose evidence or source changed, and what these follow.
  claims := array(
    select c.id from claim c
    where c.kind in ('status_event', 'figure', 'role', 'ownership', 'location', 'depiction', 'membership', 'merge') and c.known_from = p_at
    union
    select c.id from claim c where c.id = any (ended) and c.known_to = p_at
    union
    select e.claim_id from evidence e where e.id = any (proofs)
    union
    select e.claim_id from evidence e where e.source_id = any (sources)
    union
    select c.id from claim c where c.end_source_id = any (sources));
  claims := array(
    select unnest(claims)
    union
    select c.supersedes_id from claim c where c.id = any (claims) and c.supersedes_id is not null);
  perform plan_for(cardinality(claims));
  perform project_publication(claims);

  -- The factories that may be touched, in either sense: at least those whose factory_touches have this stamp.
  places := array(
    select unnest(regions)
    union
    select rc.region_id from region_closure rc where rc.region_id = any (places) and p_at in (rc.known_from, rc.known_to)
    union
    select rc.region_id from membership b join region_closure rc on rc.ancestor_id = b.region_id where b.claim_id = any (claims));
  factories := array(
    select x.factory_id from change x where x.recorded_at = p_at and x.factory_id is not null
    union
    select c.factory_id from claim c where c.id = any (claims) and c.factory_id is not null
    union
    select c.factory_id from role r join claim c on c.id = r.claim_id where r.operator_id = any (operators)
    union
    select c.factory_id from depiction d join claim c on c.id = d.claim_id where d.media_id = any (media)
    union
    select v.factory_id from factory_version v where v.region_id = any (places)
    union
    select i.resource_id from identifier i where i.kind = 'factory' and i.known_from = p_at
    union
    select f.id from factory_merged m cross join lateral (values (m.loser_id), (m.survivor_id)) f (id)
    where merges <> '{}' and p_at in (m.known_from, m.known_to));
  factories := array(
    select unnest(factories)
    union
    select m.survivor_id from factory_merged m where m.loser_id = any (factories)
    order by 1);

  perform plan_for(cardinality(factories));
  for part in 0 .. (cardinality(factories) - 1) / 5000 loop
    batch := factories[part * 5000 + 1 : (part + 1) * 5000];
    perform advance_recorded(array(select t.factory_id from factory_touches(batch) t where t.at = p_at), p_at);
    perform advance_published(batch);
    perform advance_search('factory', batch);
  end loop;

  perform advance_search('operator', array(
    select unnest(operators) union select i.resource_id from identifier i where i.kind = 'operator' and i.known_from = p_at));
  perform advance_search('region', array(
    select unnest(regions) union select i.resource_id from identifier i where i.kind = 'region' and i.known_from = p_at));
end $$;
