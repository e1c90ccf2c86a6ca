-- Whether two descriptions mean one site.
--
-- A description is scored against what is there by the parts that both state, each from 0 to 1 and of a weight of its own:
--   name      0.50  trigrams of the likest pair of names, old ones and aliases included; a name that the other contains counts 0.8,
--                   and names with different numbers or letters (line 1, line 2) half
--   distance  0.30  1 where the places can be the same within what they leave uncertain, down to 0 at 20 km beyond; it weighs less
--                   in the measure that more than 10 km are uncertain
--   locality  0.30  where one of them has no place: the same or another
--   region    0.15  where one of them has neither: the same most specific region or another
--   operator  0.20  whether a company has a part in both
--   country   0.05
--   sector    0.05
-- The score is their weighted mean, of a weight of 0.8 at least, so that little said proves little. An identifier that both have
-- decides: 1. Another value in a scheme where a site has one only (siret, gem, os-id, repd) halves the score.

-- A name without accents, legal forms and what any plant is called: what is left tells sites apart. Where nothing is left, all of it.
create function match_name(text) returns text
  language sql immutable strict parallel safe
  return coalesce(
    nullif(btrim(regexp_replace(
      search_text($1),
      '\m(s ?a ?s ?u?|s ?a|s ?a ?r ?l|s ?n ?c|s ?p ?a|s ?r ?l|sp z o ?o|g ?m ?b ?h|co kg|a ?g|k ?g|s ?e|b ?v|n ?v|a ?b|a ?s|oyj?|kft|zrt|nyrt|ltd|limited|plc|llc|inc|corp|corporation|company|societe|group|groupe|holding|'
      'usines?|factory|factories|plants?|works|sites?|mega|giga|(giga|mega)(factory|factories|usines?)|werke?|fabrik|fabrique|manufacture|fabbrica|stabilimento|planta|fabrica|zaklad|gyar|industriel|industrielle|industrial|projet|project|projekt|'
      'de|du|des|d|la|le|les|l|au|aux|en|sur|et|the|of|in|at|and|und|der|die|das|di|del|el)\M\s*', '', 'g')), ''),
    search_text($1));

-- What tells the lines of one plant apart: numbers, single letters, roman numerals.
create function name_marks(text) returns text[]
  language sql immutable strict parallel safe
  return array(select distinct w from unnest(string_to_array($1, ' ')) w where w ~ '^([a-z]|[ivx]+|.*[0-9].*)$' order by w);

-- How like two names are, each as match_name gives it.
create function name_likeness(a text, b text) returns float8
  language sql immutable strict parallel safe
  return greatest(similarity(a, b), 0.8 * greatest(strict_word_similarity(a, b), strict_word_similarity(b, a)))
    * case when name_marks(a) <> name_marks(b) and name_marks(a) <> '{}' and name_marks(b) <> '{}' then 0.5 else 1 end;

-- How far from a point the site can be, in kilometres, where the claim does not say.
create function uncertain_km(p_precision text, p_uncertainty_m int) returns float8
  language sql immutable parallel safe
  return coalesce(p_uncertainty_m / 1000.0,
    case p_precision when 'site' then 0.1 when 'street' then 0.5 when 'locality' then 2 when 'municipality' then 5 when 'region' then 100 when 'country' then 1000 else 0.1 end);

create function distance_km(a cube, b cube) returns float8
  language sql immutable strict parallel safe
  return 2 * 6371.0088 * asin(least(1, (a <-> b) / 2));

create index operator_version_match on operator_version (match_name(name)) where known_to = 'infinity';
create index operator_version_match_legal on operator_version (match_name(legal_name)) where known_to = 'infinity' and legal_name is not null;

-- A factory as somebody describes it; what is not said is null. Operators by slug or by name, identifiers as scheme:value.
create type described_factory as (
  names text[], sector text, country text, region_id bigint, locality text, lon float8, lat float8, location_precision text, uncertainty_m int, operators text[], identifiers text[]);

-- What each description may mean, found by indexes alone: by two thirds of the trigrams of a name, within 20 km, by a company in the same
-- country, by an identifier. n is the description's place in the array; an import describes its whole staging table.
create function match_candidates(p_described described_factory[])
  returns table (n bigint, factory_id bigint)
  language sql stable
  set pg_trgm.word_similarity_threshold = 0.66
as $$
  with d as materialized (
    select * from unnest(p_described) with ordinality
      as d (names, sector, country, region_id, locality, lon, lat, location_precision, uncertainty_m, operators, identifiers, n)
  ), found as (
    -- Texts of the past too: what a factory was called, and what was merged into it, is still looked for.
    select d.n, t.factory_id
    from d cross join unnest(d.names) as x (name)
    cross join lateral (
      select t.factory_id from factory_text t
      where t.text %> match_name(x.name)
      order by word_similarity(match_name(x.name), t.text) desc, t.factory_id
      limit 50) t
    union all
    select d.n, f.factory_id
    from d cross join lateral (
      select f.factory_id from factory_state f
      where f.known_to = 'infinity' and f.lon is not null
        and sphere_point(f.lon, f.lat) <@ cube_enlarge(sphere_point(d.lon, d.lat), 2 * sin(least(20 + uncertain_km(d.location_precision, d.uncertainty_m), 100) / 6371.0088 / 2), 3)
      order by sphere_point(f.lon, f.lat) <-> sphere_point(d.lon, d.lat)
      limit 50) f
    where d.lon is not null
    union all
    select d.n, f.factory_id
    from d cross join unnest(d.operators) as x (operator)
    cross join lateral (
      select g.resource_id as id from slug g where g.kind = 'operator' and g.slug = x.operator
      union
      select v.operator_id from operator_version v where v.known_to = 'infinity' and match_name(v.name) = match_name(x.operator)
      union
      select v.operator_id from operator_version v where v.known_to = 'infinity' and v.legal_name is not null and match_name(v.legal_name) = match_name(x.operator)) o
    cross join lateral (
      select c.factory_id
      from role r join claim c on c.id = r.claim_id and c.known_to = 'infinity' and c.basis <> 'expected'
      join factory_version v on v.factory_id = c.factory_id and v.known_to = 'infinity' and v.country = coalesce(d.country, v.country)
      where r.operator_id = o.id
      order by c.id
      limit 200) f
    union all
    select d.n, i.resource_id
    from d cross join unnest(d.identifiers) as x (identifier)
    join identifier i on i.scheme = split_part(x.identifier, ':', 1) and i.value = substr(x.identifier, strpos(x.identifier, ':') + 1)
      and i.kind = 'factory' and i.known_to = 'infinity'
  )
  select r.n, s.factory_id
  from (
    select distinct f.n, coalesce(m.survivor_id, f.factory_id) as factory_id
    from found f left join factory_merged m on m.loser_id = f.factory_id and m.known_to = 'infinity') r
  -- One at a time: no estimate can then lead to reading the whole table.
  cross join lateral (select t.factory_id from factory_state t where t.factory_id = r.factory_id and t.known_to = 'infinity' limit 1) s;
$$;

-- The candidates with their scores and, in parallel arrays, the parts that make each.
create function match_factories(p_described described_factory[])
  returns table (n bigint, factory_id bigint, score float8, parts text[], scores float8[], weights float8[], details text[])
  language sql stable
as $$
  with d as materialized (
    select d.*, array(select match_name(x) from unnest(d.names) x) as match_names
    from unnest(p_described) with ordinality
      as d (names, sector, country, region_id, locality, lon, lat, location_precision, uncertainty_m, operators, identifiers, n)
  ), pair as materialized (
    select c.n, c.factory_id, s.sector, s.country, s.region_id, s.locality, s.lon, s.lat, s.location_precision, s.location_uncertainty_m,
      s.operator_slugs, s.operator_names, factory_members('recorded', '9999-12-31Z', c.factory_id) as members
    from match_candidates(p_described) c
    cross join lateral (select * from factory_state t where t.factory_id = c.factory_id and t.known_to = 'infinity' limit 1) s
  ), scored as (
    select p.n, p.factory_id, part.part, part.score, part.weight, part.detail
    from pair p join d on d.n = p.n
    left join lateral (
      select name_likeness(ours.name, match_name(theirs.text)) as likeness, theirs.text
      from (
        select distinct x ->> 'text' as text
        from factory_version v cross join jsonb_array_elements(v.names) x
        where v.factory_id = any (p.members)) theirs
      cross join unnest(d.match_names) as ours (name)
      order by 1 desc, 2
      limit 1) name on true
    cross join lateral (
      select uncertain_km(p.location_precision, p.location_uncertainty_m) + uncertain_km(d.location_precision, d.uncertainty_m) as uncertain,
        distance_km(sphere_point(p.lon, p.lat), sphere_point(d.lon, d.lat)) as km) apart
    cross join lateral (
      select array(select i.scheme || ':' || i.value from identifier i
        where i.kind = 'factory' and i.resource_id = any (p.members) and i.known_to = 'infinity') as theirs) known
    cross join lateral (values
      ('identifier', (select 1 from unnest(d.identifiers) x where x = any (known.theirs) limit 1), 1,
        (select string_agg(x, ', ' order by x) from unnest(d.identifiers) x where x = any (known.theirs))),
      ('other_identifier', (select 0 from unnest(d.identifiers) x join unnest(known.theirs) y on split_part(x, ':', 1) = split_part(y, ':', 1)
          where split_part(x, ':', 1) in ('siret', 'gem', 'os-id', 'repd') group by split_part(x, ':', 1) having not bool_or(x = y) limit 1), 1,
        (select string_agg(y, ', ' order by y) from unnest(known.theirs) y where split_part(y, ':', 1) in (select split_part(x, ':', 1) from unnest(d.identifiers) x))),
      ('name', name.likeness, 0.5, name.text),
      ('distance', case when apart.km is not null then greatest(0, 1 - greatest(0, apart.km - apart.uncertain) / 20) end, 0.3 * least(1, 10 / apart.uncertain), round(apart.km::numeric, 1) || ' km'),
      ('locality', case when apart.km is null then (search_text(p.locality) = search_text(d.locality))::int end, 0.3, p.locality),
      ('region', case when apart.km is null and (p.locality is null or d.locality is null) then (p.region_id = d.region_id)::int end, 0.15,
        (select r.slug from region r where r.id = p.region_id)),
      ('operator', case when d.operators <> '{}' and p.operator_slugs <> '{}' then (
          select max((x = o.slug or match_name(x) = match_name(o.name) or match_name(x) = match_name(v.legal_name))::int)
          from unnest(d.operators) x cross join unnest(p.operator_slugs, p.operator_names) as o (slug, name)
          left join operator w on w.slug = o.slug left join operator_version v on v.operator_id = w.id and v.known_to = 'infinity') end, 0.2,
        array_to_string(p.operator_names, ', ')),
      ('country', (p.country = d.country)::int, 0.05, p.country),
      ('sector', (p.sector = d.sector)::int, 0.05, p.sector)
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

-- What differs between two points of the two axes of time.

create index figure_day on figure (earliest) where earliest is not null;
create index role_from on role (valid_from) where valid_from > '-infinity';
create index role_to on role (valid_to) where valid_to < 'infinity';
create index claim_ended on claim (known_to) where known_to < 'infinity';

-- The factories of which something may differ between two points, the second not before the first on either axis, and what: a claim
-- turns on a day between the days, or became known or ended between the moments. What the published sense learned has no index.
create function factories_between(p_known_by text, p_at_a timestamptz, p_as_of_a date, p_at_b timestamptz, p_as_of_b date, p_match text)
  returns table (factory_id bigint, has_figures boolean, has_roles boolean)
  language plpgsql stable rows 1000
  set plan_cache_mode = force_custom_plan
as $$
begin
  return query
  with touched as (
    select c.factory_id as id, c.kind from status_event e join claim c on c.id = e.claim_id
    where p_match = 'possible' and e.earliest > p_as_of_a and e.earliest <= p_as_of_b
    union all
    select c.factory_id, c.kind from status_event e join claim c on c.id = e.claim_id
    where p_match = 'certain' and e.latest > p_as_of_a and e.latest <= p_as_of_b and e.earliest <= p_as_of_b
    union all
    select c.factory_id, c.kind from figure f join claim c on c.id = f.claim_id where f.earliest > p_as_of_a and f.earliest <= p_as_of_b
    union all
    select c.factory_id, c.kind from role r join claim c on c.id = r.claim_id where r.valid_from > p_as_of_a and r.valid_from <= p_as_of_b and r.valid_from > '-infinity'
    union all
    select c.factory_id, c.kind from role r join claim c on c.id = r.claim_id where r.valid_to >= p_as_of_a and r.valid_to < p_as_of_b and r.valid_to < 'infinity'
    union all
    select x.factory_id, 'status_event' from change x where p_known_by = 'recorded' and x.recorded_at > p_at_a and x.recorded_at <= p_at_b
    union all
    select c.factory_id, c.kind from claim c
    where p_known_by = 'recorded' and c.kind in ('status_event', 'figure', 'role') and c.known_from > p_at_a and c.known_from <= p_at_b
    union all
    select c.factory_id, c.kind from claim c where p_known_by = 'recorded' and c.known_to > p_at_a and c.known_to <= p_at_b and c.known_to < 'infinity'
    union all
    select c.factory_id, c.kind from claim c
    where p_known_by = 'published' and p_at_a < p_at_b
      and (c.published_from > p_at_a and c.published_from <= p_at_b or c.published_to > p_at_a and c.published_to <= p_at_b)
    union all
    select x.id, 'merge' from factory_merged m cross join lateral (values (m.loser_id), (m.survivor_id)) x (id)
    where p_known_by = 'recorded' and (m.known_from > p_at_a and m.known_from <= p_at_b or m.known_to > p_at_a and m.known_to <= p_at_b)
  ), led as (
    select t.id, t.kind from touched t where t.id is not null
    union all
    select m.survivor_id, t.kind from touched t join factory_merged m on m.loser_id = t.id
  )
  select l.id, bool_or(l.kind in ('figure', 'merge')), bool_or(l.kind in ('role', 'merge')) from led l group by l.id;
end $$;

-- What factories show at a point: a status each where they are there, of some the figures in force, of some the roles that hold.
create function factory_values(p_known_by text, p_factories bigint[], p_figures bigint[], p_roles bigint[], p_at timestamptz, p_as_of date, p_match text)
  returns table (factory_id bigint, kind text, key text, sort_name text, claim_id bigint, status text,
    phase_id bigint, property text, product text, qualifier text, unit text, operator_id bigint, role text,
    value numeric, min numeric, max numeric, word text, share numeric)
  language sql stable
as $$
  select s.factory_id, 'status', '', s.sort_name, s.since_claim_id, s.status,
    null::bigint, null, null, null, null, null::bigint, null, null::numeric, null::numeric, null::numeric, null, null::numeric
  from status_span s
  where p_match = 'possible' and s.factory_id = any (p_factories) and s.known_by = p_known_by and s.region_id = 0
    and s.known_from <= p_at and s.known_to > p_at and s.valid_from <= p_as_of and s.valid_to > p_as_of
  union all
  select s.factory_id, 'status', '', s.sort_name, t.since_claim_id, t.status,
    null, null, null, null, null, null, null, null, null, null, null, null
  from unnest(p_factories) with ordinality as p (factory_id, n)
  join status_timeline(p_known_by, p_factories, array_fill(p_at, array[cardinality(p_factories)]), 'certain') t
    on t.n = p.n and t.valid_from <= p_as_of and t.valid_to > p_as_of
  join status_span s on s.factory_id = p.factory_id and s.known_by = p_known_by and s.region_id = 0
    and s.known_from <= p_at and s.known_to > p_at and s.valid_to = 'infinity'
  where p_match = 'certain'
  union all
  select p_figures[i.n], 'figure', concat_ws('|', i.property, i.phase_id, '', i.qualifier, i.unit, i.product), null, i.claim_id, null,
    i.phase_id, i.property, i.product, i.qualifier, i.unit, null, null, i.value, i.min, i.max, i.word, null
  from figures_in_force(p_known_by, p_figures, array_fill(p_at, array[cardinality(p_figures)]), p_as_of) i
  union all
  select * from (
    select distinct on (p_roles[m.n], r.operator_id, r.role)
      p_roles[m.n], 'role', r.role || '|' || r.operator_id, null, c.id, null,
      null::bigint, null, null, null, null, r.operator_id, r.role, null::numeric, null::numeric, null::numeric, null, r.share
    from family(p_known_by, p_roles, array_fill(p_at, array[cardinality(p_roles)])) m
    join claim c on c.factory_id = m.member_id and c.kind = 'role' and c.basis <> 'expected' and is_known(p_known_by, m.at, c)
    join role r on r.claim_id = c.id and r.valid_from <= p_as_of and r.valid_to >= p_as_of
    order by p_roles[m.n], r.operator_id, r.role, r.share is null, r.valid_from desc, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc) part;
$$;

-- What of factories_between differs between two points. One that was not there, or of which nothing was said, appeared; one that is
-- there no longer vanished; of the others each value that is not the same, with both.
create function factory_difference(
  p_known_by text, p_factories bigint[], p_figures bigint[], p_roles bigint[], p_at_a timestamptz, p_as_of_a date, p_at_b timestamptz, p_as_of_b date, p_match text)
  returns table (factory_id bigint, kind text, key text, sort_name text,
    phase_id bigint, property text, product text, qualifier text, unit text, operator_id bigint, role text,
    before_claim bigint, before_status text, before_value numeric, before_min numeric, before_max numeric, before_word text, before_share numeric,
    after_claim bigint, after_status text, after_value numeric, after_min numeric, after_max numeric, after_word text, after_share numeric)
  language plpgsql stable
  set plan_cache_mode = force_custom_plan
  set work_mem = '64MB'
as $$
begin
  return query
  with a as materialized (
    select * from factory_values(p_known_by, p_factories, p_figures, p_roles, p_at_a, p_as_of_a, p_match)
  ), b as materialized (
    select * from factory_values(p_known_by, p_factories, p_figures, p_roles, p_at_b, p_as_of_b, p_match)
  ), there as (
    select coalesce(b.factory_id, a.factory_id) as id, coalesce(b.sort_name, a.sort_name) as name, a.factory_id is not null and b.factory_id is not null as in_both
    from (select * from a where a.kind = 'status') a full join (select * from b where b.kind = 'status') b on b.factory_id = a.factory_id
  )
  select t.id,
    case when coalesce(a.kind, b.kind) <> 'status' then coalesce(a.kind, b.kind)
      when b.factory_id is null then 'vanished' when a.status is null then 'appeared' else 'status' end,
    coalesce(a.kind, b.kind) || '|' || coalesce(a.key, b.key) || '|' || t.id, t.name,
    coalesce(a.phase_id, b.phase_id), coalesce(a.property, b.property), coalesce(a.product, b.product), coalesce(a.qualifier, b.qualifier), coalesce(a.unit, b.unit),
    coalesce(a.operator_id, b.operator_id), coalesce(a.role, b.role),
    a.claim_id, a.status, a.value, a.min, a.max, a.word, a.share, b.claim_id, b.status, b.value, b.min, b.max, b.word, b.share
  from a full join b on b.factory_id = a.factory_id and b.kind = a.kind and b.key = a.key
  join there t on t.id = coalesce(a.factory_id, b.factory_id)
  where (a.factory_id is null or b.factory_id is null
      or (a.status, a.value, a.min, a.max, a.word, a.share) is distinct from (b.status, b.value, b.min, b.max, b.word, b.share))
    and (t.in_both or coalesce(a.kind, b.kind) = 'status');
end $$;
