-- The same scores sooner: each description and each candidate is read and its names are reduced once, however many pairs they make.
-- And one change: a company whose legal name is not known is as much another as one whose legal name is.

-- How like two names are, each with what name_marks gives of it.
drop function name_likeness(text, text);
create function name_likeness(a text, a_marks text[], b text, b_marks text[]) returns float8
  language sql immutable strict parallel safe
  return greatest(similarity(a, b), 0.8 * greatest(strict_word_similarity(a, b), strict_word_similarity(b, a)))
    * case when a_marks <> b_marks and a_marks <> '{}' and b_marks <> '{}' then 0.5 else 1 end;

create or replace function match_factories(p_described described_factory[])
  returns table (n bigint, factory_id bigint, score float8, parts text[], scores float8[], weights float8[], details text[])
  language sql stable
as $$
  with described as materialized (
    select d.*, sphere_point(d.lon, d.lat) as point, uncertain_km(d.location_precision, d.uncertainty_m) as uncertain, search_text(d.locality) as locality_text,
      array(select match_name(x) from unnest(d.operators) x) as companies
    from unnest(p_described) with ordinality
      as d (names, sector, country, region_id, locality, lon, lat, location_precision, uncertainty_m, operators, identifiers, n)
  ), described_name as materialized (
    select x.n, x.name, name_marks(x.name) as marks
    from (select d.n, match_name(x) as name from described d cross join unnest(d.names) x offset 0) x
  ), candidate as materialized (
    select c.n, c.factory_id from match_candidates(p_described) c
  ), site as materialized (
    select s.factory_id, s.sector, s.country, s.region_id, s.locality, search_text(s.locality) as locality_text,
      sphere_point(s.lon, s.lat) as point, uncertain_km(s.location_precision, s.location_uncertainty_m) as uncertain,
      s.operator_slugs, s.operator_names, m.members,
      array(
        select match_name(x) from unnest(s.operator_names) x
        union
        select match_name(v.legal_name)
        from unnest(s.operator_slugs) x join operator o on o.slug = x join operator_version v on v.operator_id = o.id and v.known_to = 'infinity') as companies,
      array(
        select i.scheme || ':' || i.value from identifier i
        where i.kind = 'factory' and i.resource_id = any (m.members) and i.known_to = 'infinity') as identifiers
    from (select distinct c.factory_id from candidate c) c
    cross join lateral (select * from factory_state t where t.factory_id = c.factory_id and t.known_to = 'infinity' limit 1) s
    cross join lateral (select factory_members('recorded', '9999-12-31Z', c.factory_id) as members offset 0) m
  ), site_name as materialized (
    select x.factory_id, x.text, x.name, name_marks(x.name) as marks
    from (
      select x.factory_id, x.text, match_name(x.text) as name
      from (
        select distinct s.factory_id, x ->> 'text' as text
        from site s join factory_version v on v.factory_id = any (s.members) cross join jsonb_array_elements(v.names) x) x
      offset 0) x
  ), likest as materialized (
    select distinct on (c.n, c.factory_id) c.n, c.factory_id, name_likeness(ours.name, ours.marks, theirs.name, theirs.marks) as likeness, theirs.text
    from candidate c
    join described_name ours on ours.n = c.n
    join site_name theirs on theirs.factory_id = c.factory_id
    order by c.n, c.factory_id, likeness desc, theirs.text
  ), scored as (
    select c.n, c.factory_id, part.part, part.score, part.weight, part.detail
    from candidate c
    join described d on d.n = c.n
    join site s on s.factory_id = c.factory_id
    left join likest name on name.n = c.n and name.factory_id = c.factory_id
    cross join lateral (select distance_km(s.point, d.point) as km, s.uncertain + d.uncertain as uncertain offset 0) apart
    cross join lateral (values
      ('identifier', (select 1 from unnest(d.identifiers) x where x = any (s.identifiers) limit 1), 1,
        (select string_agg(x, ', ' order by x) from unnest(d.identifiers) x where x = any (s.identifiers))),
      ('other_identifier', (select 0 from unnest(d.identifiers) x join unnest(s.identifiers) y on split_part(x, ':', 1) = split_part(y, ':', 1)
          where split_part(x, ':', 1) in ('siret', 'gem', 'os-id', 'repd') group by split_part(x, ':', 1) having not bool_or(x = y) limit 1), 1,
        (select string_agg(y, ', ' order by y) from unnest(s.identifiers) y where split_part(y, ':', 1) in (select split_part(x, ':', 1) from unnest(d.identifiers) x))),
      ('name', name.likeness, 0.5, name.text),
      ('distance', case when apart.km is not null then greatest(0, 1 - greatest(0, apart.km - apart.uncertain) / 20) end, 0.3 * least(1, 10 / apart.uncertain), round(apart.km::numeric, 1) || ' km'),
      ('locality', case when apart.km is null then (s.locality_text = d.locality_text)::int end, 0.3, s.locality),
      ('region', case when apart.km is null and (s.locality is null or d.locality is null) then (s.region_id = d.region_id)::int end, 0.15,
        (select r.slug from region r where r.id = s.region_id)),
      ('operator', case when d.operators <> '{}' and s.operator_slugs <> '{}' then (d.operators && s.operator_slugs or d.companies && s.companies)::int end, 0.2,
        array_to_string(s.operator_names, ', ')),
      ('country', (s.country = d.country)::int, 0.05, s.country),
      ('sector', (s.sector = d.sector)::int, 0.05, s.sector)
    ) as part (part, score, weight, detail)
    where part.score is not null
  )
  select s.n, s.factory_id,
    round((case when bool_or(s.part = 'identifier') then 1
      else coalesce(sum(s.score * s.weight) filter (where s.part <> 'other_identifier'), 0)
        / greatest(sum(s.weight) filter (where s.part <> 'other_identifier'), 0.8)
        * case when bool_or(s.part = 'other_identifier') then 0.5 else 1 end end)::numeric, 3)::float8,
    array_agg(s.part order by s.weight desc, s.part), array_agg(round(s.score::numeric, 3)::float8 order by s.weight desc, s.part),
    array_agg(s.weight::float8 order by s.weight desc, s.part), array_agg(s.detail order by s.weight desc, s.part)
  from scored s
  group by s.n, s.factory_id;
$$;
