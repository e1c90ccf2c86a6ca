-- Returns the factories that each description may be about, found by indexes alone: by two thirds of the trigrams of a
-- name, within 20 km, by an operator in the same country, or by an identifier. ordinal is the place of the description.
create or replace function match_candidates(p_described described_factory[])
  returns table (ordinal bigint, factory_id bigint)
  language sql stable
  set pg_trgm.word_similarity_threshold = 0.66
as $$
  with d as materialized (
    select x.ordinal, x.names, x.country, x.lon, x.lat, x.location_precision, x.uncertainty_m, x.operators,
      x.identifiers
    from unnest(p_described) with ordinality as x (
      names, sector, country, region_id, locality, lon, lat, location_precision, uncertainty_m, operators,
      identifiers, ordinal)
  ), found as (
    -- Texts of the past too: former names, and the names of merged factories, are still in use.
    select d.ordinal, t.factory_id
    from d cross join unnest(d.names) as x (name)
    cross join lateral (
      select t.factory_id from factory_text t
      where t.text %> match_name(x.name)
      order by word_similarity(match_name(x.name), t.text) desc, t.factory_id
      limit 50) t
    union all
    select d.ordinal, f.factory_id
    from d cross join lateral (
      select f.factory_id from factory_current f
      where f.lon is not null
        and sphere_point(f.lon, f.lat) <@ cube_enlarge(sphere_point(d.lon, d.lat),
          2 * sin(least(20 + uncertain_km(d.location_precision, d.uncertainty_m), 100) / 6371.0088 / 2), 3)
      order by sphere_point(f.lon, f.lat) <-> sphere_point(d.lon, d.lat)
      limit 50) f
    where d.lon is not null
    union all
    select d.ordinal, f.factory_id
    from d cross join unnest(d.operators) as x (operator)
    cross join lateral (
      select g.resource_id as id from slug g where g.kind = 'operator' and g.slug = x.operator
      union
      select v.operator_id from operator_version v
      where v.known_to = 'infinity' and match_name(v.name) = match_name(x.operator)
      union
      select v.operator_id from operator_version v
      where v.known_to = 'infinity' and v.legal_name is not null
        and match_name(v.legal_name) = match_name(x.operator)) o
    cross join lateral (
      select c.factory_id
      from role r
      join claim c on c.id = r.claim_id and c.known_to = 'infinity' and c.basis <> 'expected'
      join factory_version v on v.factory_id = c.factory_id and v.known_to = 'infinity'
        and v.country = coalesce(d.country, v.country)
      where r.operator_id = o.id
      order by c.id
      limit 200) f
    union all
    select d.ordinal, i.resource_id
    from d cross join unnest(d.identifiers) as x (identifier)
    join identifier i on i.scheme = split_part(x.identifier, ':', 1)
      and i.value = substr(x.identifier, strpos(x.identifier, ':') + 1)
      and i.kind = 'factory' and i.known_to = 'infinity'
  )
  select r.ordinal, s.factory_id
  from (
    select distinct f.ordinal, coalesce(m.survivor_id, f.factory_id) as factory_id
    from found f left join factory_merged m on m.loser_id = f.factory_id and m.known_to = 'infinity') r
  -- One at a time, so that no estimate can lead to reading the whole table.
  cross join lateral (select t.factory_id from factory_current t where t.factory_id = r.factory_id limit 1) s;
$$;
