-- Returns the candidates for each description with their scores and, in parallel arrays, the parts of each score;
-- imports and the search for duplicates use it.
--
-- The parts that both state each score from 0 to 1 and have a weight:
--   name      0.50  trigrams of the most similar pair of names, former names and aliases included; a name that contains
--                   the other counts 0.8, and names with different numbers or letters (line 1, line 2) half
--   distance  0.30  1 where the places can be the same within their uncertainty, down to 0 at 20 km beyond it; from
--                   an uncertainty of 10 km on, it weighs less
--   locality  0.30  where one of them has no place: the same or another
--   region    0.15  where one of them has neither: the same most specific region or another
--   operator  0.20  whether a company has a part in both
--   country   0.05
--   sector    0.05
-- The score is their weighted mean, over a weight of at least 0.8, so that few parts prove little. A common identifier
-- decides: 1. Another value in a scheme where a site has only one (siret, gem, os-id, repd) halves the score.
create or replace function match_factories(p_described described_factory[])
  returns table (
    ordinal bigint, factory_id bigint, score float8, parts text[], scores float8[], weights float8[], details text[])
  language sql stable
as $$
  with described as materialized (
    select x.ordinal, x.names, x.sector, x.country, x.region_id, x.locality, x.operators, x.identifiers,
      sphere_point(x.lon, x.lat) as point, uncertain_km(x.location_precision, x.uncertainty_m) as uncertain,
      search_text(x.locality) as locality_text, array(select match_name(o) from unnest(x.operators) o) as companies
    from unnest(p_described) with ordinality as x (
      names, sector, country, region_id, locality, lon, lat, location_precision, uncertainty_m, operators,
      identifiers, ordinal)
  ), described_name as materialized (
    select x.ordinal, x.name, name_numbering(x.name) as marks
    from (select d.ordinal, match_name(y) as name from described d cross join unnest(d.names) y offset 0) x
  ), candidate as materialized (
    select c.ordinal, c.factory_id from match_candidates(p_described) c
  ), site as materialized (
    select s.factory_id, s.sector, s.country, s.region_id, s.locality, search_text(s.locality) as locality_text,
      sphere_point(s.lon, s.lat) as point, uncertain_km(s.location_precision, s.location_uncertainty_m) as uncertain,
      o.slugs, o.names, o.companies, m.members,
      array(
        select i.scheme || ':' || i.value from identifier i
        where i.kind = 'factory' and i.resource_id = any (m.members) and i.known_to = 'infinity') as identifiers
    from (select distinct c.factory_id from candidate c) c
    cross join lateral (
      select t.factory_id, t.sector, t.country, t.region_id, t.locality, t.lon, t.lat, t.location_precision,
        t.location_uncertainty_m, t.operator_ids
      from factory_current t where t.factory_id = c.factory_id limit 1) s
    cross join lateral (
      select coalesce(array_agg(g.slug order by x.place), '{}') as slugs,
        coalesce(array_agg(v.name order by x.place), '{}') as names,
        array_cat(array_agg(match_name(v.name)), array_agg(match_name(v.legal_name))) as companies
      from unnest(s.operator_ids) with ordinality as x (id, place)
      join operator g on g.id = x.id
      join operator_version v on v.operator_id = x.id and v.known_to = 'infinity') o
    cross join lateral (select merged_factory_ids('recorded', '9999-12-31Z', c.factory_id) as members offset 0) m
  ), site_name as materialized (
    select x.factory_id, x.text, x.name, name_numbering(x.name) as marks
    from (
      select y.factory_id, y.text, match_name(y.text) as name
      from (
        select distinct s.factory_id, z ->> 'text' as text
        from site s
        join factory_version v on v.factory_id = any (s.members)
        cross join jsonb_array_elements(v.names) z) y
      offset 0) x
  ), likest as materialized (
    select distinct on (c.ordinal, c.factory_id) c.ordinal, c.factory_id,
      name_likeness(ours.name, ours.marks, theirs.name, theirs.marks) as likeness, theirs.text
    from candidate c
    join described_name ours on ours.ordinal = c.ordinal
    join site_name theirs on theirs.factory_id = c.factory_id
    order by c.ordinal, c.factory_id, likeness desc, theirs.text
  ), scored as (
    select c.ordinal, c.factory_id, part.part, part.score, part.weight, part.detail
    from candidate c
    join described d on d.ordinal = c.ordinal
    join site s on s.factory_id = c.factory_id
    left join likest name on name.ordinal = c.ordinal and name.factory_id = c.factory_id
    cross join lateral (
      select distance_km(s.point, d.point) as km, s.uncertain + d.uncertain as uncertain offset 0) apart
    cross join lateral (values
      ('identifier',
        (select 1 from unnest(d.identifiers) x where x = any (s.identifiers) limit 1),
        1,
        (select string_agg(x, ', ' order by x) from unnest(d.identifiers) x where x = any (s.identifiers))),
      ('other_identifier',
        (select 0
         from unnest(d.identifiers) x join unnest(s.identifiers) y on split_part(x, ':', 1) = split_part(y, ':', 1)
         where split_part(x, ':', 1) in ('siret', 'gem', 'os-id', 'repd')
         group by split_part(x, ':', 1) having not bool_or(x = y) limit 1),
        1,
        (select string_agg(y, ', ' order by y) from unnest(s.identifiers) y
         where split_part(y, ':', 1) in (select split_part(x, ':', 1) from unnest(d.identifiers) x))),
      ('name', name.likeness, 0.5, name.text),
      ('distance',
        case when apart.km is not null then greatest(0, 1 - greatest(0, apart.km - apart.uncertain) / 20) end,
        0.3 * least(1, 10 / apart.uncertain),
        round(apart.km::numeric, 1) || ' km'),
      ('locality', case when apart.km is null then (s.locality_text = d.locality_text)::int end, 0.3, s.locality),
      ('region',
        case when apart.km is null and (s.locality is null or d.locality is null)
          then (s.region_id = d.region_id)::int end,
        0.15,
        (select r.slug from region r where r.id = s.region_id)),
      ('operator',
        case when d.operators <> '{}' and s.slugs <> '{}'
          then (d.operators && s.slugs or d.companies && s.companies)::int end,
        0.2,
        array_to_string(s.names, ', ')),
      ('country', (s.country = d.country)::int, 0.05, s.country),
      ('sector', (s.sector = d.sector)::int, 0.05, s.sector)
    ) as part (part, score, weight, detail)
    where part.score is not null
  )
  select s.ordinal, s.factory_id,
    round((case when bool_or(s.part = 'identifier') then 1
      else coalesce(sum(s.score * s.weight) filter (where s.part <> 'other_identifier'), 0)
        / greatest(sum(s.weight) filter (where s.part <> 'other_identifier'), 0.8)
        * case when bool_or(s.part = 'other_identifier') then 0.5 else 1 end end)::numeric, 3)::float8,
    array_agg(s.part order by s.weight desc, s.part),
    array_agg(round(s.score::numeric, 3)::float8 order by s.weight desc, s.part),
    array_agg(s.weight::float8 order by s.weight desc, s.part),
    array_agg(s.detail order by s.weight desc, s.part)
  from scored s
  group by s.ordinal, s.factory_id;
$$;
