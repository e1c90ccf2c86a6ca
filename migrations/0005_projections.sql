-- Projections: derived from versions and claims, kept for speed, rebuilt at any time with an identical result.
--
-- What a writing transaction does, in this order: take_write_stamp(); its inserts, and the ends of what it ends, at that stamp; a row of
-- change for each resource it touched; advance_projections(stamp). That finds by the log what was touched and brings all that follows
-- from it up to the stamp. rebuild_projections() makes the same from nothing; a test holds the two equal.
--
-- Two senses of knowledge (known_by): 'recorded', what this tracker had recorded by then, whose past is final;
-- 'published', what had been published by then, however late it was entered, told with today's names.

-- Where each merged factory leads, straight to the last survivor.
create table factory_merged (
  loser_id    bigint not null references factory,
  survivor_id bigint not null references factory,
  known_from  timestamptz not null,
  known_to    timestamptz not null,
  primary key (loser_id, known_from)
);
create index factory_merged_survivor on factory_merged (survivor_id);

-- Every region with each of its ancestors, itself included.
create table region_closure (
  ancestor_id bigint not null references region,
  region_id   bigint not null references region,
  depth       int    not null,
  known_from  timestamptz not null,
  known_to    timestamptz not null,
  primary key (region_id, ancestor_id, known_from)
);
create index region_closure_ancestor on region_closure (ancestor_id);

-- A factory as a list shows it, from one recorded change of it to the next. The published sense is seldom asked for and derived on
-- demand by factory_state_at, for the rows of a page.
create table factory_state (
  factory_id             bigint not null,
  known_from             timestamptz not null,
  known_to               timestamptz not null,
  slug                   text   not null collate "C",
  version                int    not null,
  name                   text   not null,
  sort_name              text   not null collate "C",
  sector                 text   not null,
  products               text[] not null,
  country                text   not null,
  region_id              bigint,
  region_slug            text,
  region_name_fr         text,
  region_name_en         text,
  locality               text,
  lon                    float8,
  lat                    float8,
  location_precision     text,
  location_uncertainty_m int,
  -- Parallel arrays, in the order of the roles' rank; a reader drops those that were not valid on its date.
  operator_slugs         text[] not null,
  operator_names         text[] not null,
  operator_roles         text[] not null,
  operator_froms         date[] not null,
  operator_tos           date[] not null,
  status                 text,
  stage                  text,
  status_since           text,
  status_since_on        date,
  status_date_meaning    text,
  status_basis           text,
  last_confirmed         text,
  last_confirmed_on      date,
  capacity_value         numeric,
  capacity_min           numeric,
  capacity_max           numeric,
  capacity_word          text,
  capacity_unit          text,
  capacity_qualifier     text,
  capacity_product       text,
  phase_count            int    not null,
  media_count            int    not null,
  source_count           int    not null,
  created_at             timestamptz not null,
  updated_at             timestamptz not null,
  primary key (factory_id, known_from)
);
create unique index factory_state_current on factory_state (slug) where known_to = 'infinity';
create index factory_state_name on factory_state (sort_name, factory_id) where known_to = 'infinity';
create index factory_state_status on factory_state (status, sort_name, factory_id) where known_to = 'infinity';
create index factory_state_country on factory_state (country, sort_name, factory_id) where known_to = 'infinity';
create index factory_state_sector on factory_state (sector, sort_name, factory_id) where known_to = 'infinity';
create index factory_state_updated on factory_state (updated_at, factory_id) where known_to = 'infinity';
create index factory_state_created on factory_state (created_at, factory_id) where known_to = 'infinity';
-- What is missing sorts last in either direction.
create index factory_state_since on factory_state (coalesce(status_since_on, 'infinity'), factory_id) where known_to = 'infinity';
create index factory_state_since_desc on factory_state (coalesce(status_since_on, '-infinity'), factory_id) where known_to = 'infinity';
create index factory_state_confirmed on factory_state (coalesce(last_confirmed_on, 'infinity'), factory_id) where known_to = 'infinity';
create index factory_state_confirmed_desc on factory_state (coalesce(last_confirmed_on, '-infinity'), factory_id) where known_to = 'infinity';
create index factory_state_point on factory_state (lon, lat) include (factory_id, known_from, known_to) where lon is not null;
-- Distance on the unit sphere: the chord grows with the great circle, so the nearest neighbour is the same.
create function sphere_point(lon float8, lat float8) returns cube
  language sql immutable strict parallel safe
  return cube(array[cos(radians(lat)) * cos(radians(lon)), cos(radians(lat)) * sin(radians(lon)), sin(radians(lat))]);
create index factory_state_near on factory_state using gist (sphere_point(lon, lat)) where lon is not null;

-- The status of each factory over the whole axis of time, as known over an interval: one row for each region it lies in, 0 being the world.
create table status_span (
  known_by       text   not null check (known_by in ('recorded', 'published')),
  region_id      bigint not null,
  -- Null: nothing is claimed for that time.
  status         text,
  sort_name      text   not null collate "C",
  factory_id     bigint not null,
  valid_from     date   not null,
  valid_to       date   not null,
  known_from     timestamptz not null,
  known_to       timestamptz not null,
  -- The claim that began the run of the phase whose status it is; its day may be before valid_from.
  since_claim_id bigint,
  constraint status_span_valid check (valid_from < valid_to),
  constraint status_span_known check (known_from < known_to)
);
create index status_span_status on status_span (known_by, region_id, status, sort_name, factory_id)
  include (valid_from, valid_to, known_from, known_to, since_claim_id);
create index status_span_name on status_span (known_by, region_id, sort_name, factory_id)
  include (status, valid_from, valid_to, known_from, known_to, since_claim_id);
create index status_span_factory on status_span (factory_id);
-- Turns that were to come when they were recorded: next to none, and whether one still is decides how the present is read.
create index status_span_ahead on status_span (valid_from)
  where known_by = 'recorded' and region_id = 0 and known_to = 'infinity' and valid_from > (known_from at time zone 'UTC')::date;

-- How many factories stand in each status in each region now.
create table region_count (
  region_id bigint not null,
  status    text   not null, -- '' where nothing is claimed
  factories int    not null,
  primary key (region_id, status)
);

-- What q looks through. On its own, because a trigram index is dear to keep and the text seldom changes.
create table factory_text (
  factory_id bigint not null,
  text       text   not null,
  known_from timestamptz not null,
  known_to   timestamptz not null,
  primary key (factory_id, known_from)
);
create index factory_text_trigrams on factory_text using gin (text gin_trgm_ops);

-- Whether a claim is known at a moment, in either sense.
create function is_known(p_known_by text, p_at timestamptz, c claim) returns boolean
  language sql immutable parallel safe
  return case p_known_by
    when 'published' then (c).published_from <= p_at and (c).published_to > p_at
    else (c).known_from <= p_at and (c).known_to > p_at end;

-- Whether a record that is not a claim (a version, evidence, a merge) is: the published sense speaks with what is recorded now.
create function is_recorded(p_known_by text, p_at timestamptz, known_from timestamptz, known_to timestamptz) returns boolean
  language sql immutable parallel safe
  return case p_known_by when 'published' then known_to = 'infinity' else known_from <= p_at and known_to > p_at end;

-- A factory and all that are merged into it: their claims are its claims.
create function factory_members(p_known_by text, p_at timestamptz, p_factory bigint) returns bigint[]
  language sql stable parallel safe
  return array_append(array(
    select m.loser_id from factory_merged m
    where m.survivor_id = p_factory and is_recorded(p_known_by, p_at, m.known_from, m.known_to)), p_factory);

-- The same for several factories at once: each with itself and all that are merged into it.
create function factory_member(p_known_by text, p_at timestamptz, p_factories bigint[])
  returns table (factory_id bigint, member_id bigint)
  language sql stable parallel safe
as $$
  select f.id, f.id from unnest(p_factories) as f (id)
  union all
  select m.survivor_id, m.loser_id from factory_merged m
  where m.survivor_id = any (p_factories) and is_recorded(p_known_by, p_at, m.known_from, m.known_to);
$$;

-- The functions below take (factory, moment of knowledge) pairs as two arrays; n is the pair's place in them. They are inlined, so that
-- a page, a write and a rebuild of everything each get a plan of their own from the one statement of the rule.

-- Each pair with its members.
create function family(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (n bigint, at timestamptz, member_id bigint)
  language sql stable parallel safe
as $$
  select p.n, p.at, p.factory_id from unnest(p_factories, p_ats) with ordinality as p (factory_id, at, n)
  union all
  select p.n, p.at, m.loser_id
  from unnest(p_factories, p_ats) with ordinality as p (factory_id, at, n)
  join factory_merged m on m.survivor_id = p.factory_id and is_recorded(p_known_by, p.at, m.known_from, m.known_to);
$$;

-- Not strict, as a strict one would not be inlined.
create function confidence_rank(text) returns int
  language sql immutable parallel safe
  return case $1 when 'high' then 1 when 'medium' then 2 else 3 end;

-- The claim that a phase's status rests on, on a date. Expected events never count; 'actual' sorts before 'inferred'.
create function event_in_force(p_known_by text, p_at timestamptz, p_phase bigint, p_as_of date, p_match text) returns bigint
  language sql stable parallel safe
  return (
    select c.id
    from status_event e join claim c on c.id = e.claim_id
    cross join lateral (select case p_match when 'certain' then e.latest else e.earliest end as day) d
    where e.phase_id = p_phase and e.status is not null and c.basis <> 'expected' and is_known(p_known_by, p_at, c)
      and d.day <= p_as_of and d.day < 'infinity'
    order by d.day desc, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
    limit 1);

-- The factory's status over all time. Chantier.Domain's Timeline states the same rule, and a property test holds the two equal.
create function status_timeline(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_match text)
  returns table (n bigint, valid_from date, valid_to date, status text, since_claim_id bigint)
  language sql stable parallel safe
as $$
  with eligible as (
    -- Of the events of one phase on one day, the one in force.
    select distinct on (m.n, e.phase_id, d.day)
      m.n, e.phase_id, d.day, e.status, c.basis, c.confidence, c.known_from, c.id as claim_id
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and c.kind = 'status_event' and c.basis <> 'expected' and is_known(p_known_by, m.at, c)
    join status_event e on e.claim_id = c.id and e.status is not null
    cross join lateral (select case p_match when 'certain' then e.latest else e.earliest end as day) d
    where d.day < 'infinity'
    order by m.n, e.phase_id, d.day, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
  ), changed as (
    -- Saying the same again begins nothing.
    select *, lag(status) over (partition by n, phase_id order by day) is distinct from status as begins from eligible
  ), run as (
    select *, lead(day, 1, 'infinity') over (partition by n, phase_id order by day) as until from changed where begins
  ), day as (
    select distinct n, day from run
  ), rolled as (
    select distinct on (d.n, d.day) d.n, d.day, r.status, r.claim_id
    from day d
    join run r on r.n = d.n and r.day <= d.day and r.until > d.day
    join status s on s.code = r.status
    order by d.n, d.day, s.rollup_rank, r.day desc, r.basis, confidence_rank(r.confidence), r.known_from desc, r.claim_id desc
  ), turned as (
    select *, lag(status) over (partition by n order by day) is distinct from status as begins from rolled
  ), cut as (
    select n, day, status, claim_id from turned where begins
    union all
    select p.n, '-infinity', null, null
    from unnest(p_factories) with ordinality as p (factory_id, n)
    where not exists (select from day d where d.n = p.n and d.day = '-infinity')
  )
  select n, day, lead(day, 1, 'infinity') over (partition by n order by day), status, claim_id from cut;
$$;

-- For each status the event that last confirms, by a date, that the factory stood in it.
create function last_confirmed(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_as_of date, p_match text)
  returns table (n bigint, status text, date text, latest date, claim_id bigint)
  language sql stable parallel safe
as $$
  select distinct on (m.n, e.status) m.n, e.status, e.date, e.latest, c.id
  from family(p_known_by, p_factories, p_ats) m
  join claim c on c.factory_id = m.member_id and c.kind = 'status_event' and c.basis <> 'expected' and is_known(p_known_by, m.at, c)
  join status_event e on e.claim_id = c.id and e.status is not null
  cross join lateral (select case p_match when 'certain' then e.latest else e.earliest end as day) d
  where d.day <= p_as_of and d.day < 'infinity'
  order by m.n, e.status, e.latest desc, e.earliest desc, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc;
$$;

-- The figures in force: of several claims for one phase, property, product, qualifier and unit, the latest counts.
create function figures_in_force(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_as_of date)
  returns table (n bigint, phase_id bigint, property text, product text, qualifier text, unit text,
    claim_id bigint, value numeric, min numeric, max numeric, word text)
  language sql stable parallel safe
as $$
  select distinct on (m.n, f.phase_id, f.property, f.product, f.qualifier, f.unit)
    m.n, f.phase_id, f.property, f.product, f.qualifier, f.unit, c.id, f.value, f.min, f.max, f.word
  from family(p_known_by, p_factories, p_ats) m
  join claim c on c.factory_id = m.member_id and c.kind = 'figure' and is_known(p_known_by, m.at, c)
  join figure f on f.claim_id = c.id
  -- What was dated after its own recording is a plan, which counts from when it is known (UTC+14: no day comes earlier anywhere).
  where f.earliest is null or f.earliest <= p_as_of or f.earliest > (c.known_from at time zone 'UTC' + interval '14 hours')::date
  order by m.n, f.phase_id, f.property, f.product, f.qualifier, f.unit,
    f.earliest desc nulls last, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc;
$$;

-- One capacity for the list: phases summed by their most concrete qualifier, never across products or units,
-- a factory-level figure only where no phase has one; of several products or units the most concrete, then that of most phases.
create function factory_capacity(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_as_of date)
  returns table (n bigint, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  with concrete as (
    select distinct on (i.n, i.phase_id, i.product, i.unit) i.*, coalesce(q.concreteness, 9) as concreteness
    from figures_in_force(p_known_by, p_factories, p_ats, p_as_of) i
    left join figure_qualifier q on q.code = i.qualifier
    where i.property = 'capacity'
    order by i.n, i.phase_id, i.product, i.unit, q.concreteness nulls last, i.claim_id
  ), counted as (
    select *, count(phase_id) over (partition by n) as of_phases from concrete
  ), summed as (
    select c.n, c.product, c.unit, count(*) as parts, min(c.concreteness) as concreteness,
      case when count(*) = count(c.value) then sum(c.value) end as value,
      case when count(*) > count(c.value) and count(*) = count(coalesce(c.value, c.min)) then sum(coalesce(c.value, c.min)) end as min,
      case when count(*) > count(c.value) and count(*) = count(coalesce(c.value, c.max)) then sum(coalesce(c.value, c.max)) end as max,
      case when count(*) = 1 then max(c.word) end as word,
      (array_agg(c.qualifier order by c.concreteness desc))[1] as qualifier
    from counted c
    where c.phase_id is not null or c.of_phases = 0
    group by c.n, c.product, c.unit
  )
  select distinct on (n) n, value, min, max, word, unit, qualifier, product
  from summed
  order by n, concreteness, parts desc, product nulls first, unit;
$$;

-- Every region a factory lies in, 0 being the world: the chain of its own, the clusters it is a member of, and those its regions are members of.
create function factory_regions(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (n bigint, region_id bigint)
  language sql stable parallel safe
as $$
  with chain as (
    select p.n, p.at, rc.ancestor_id
    from unnest(p_factories, p_ats) with ordinality as p (factory_id, at, n)
    join factory_version v on v.factory_id = p.factory_id and is_recorded(p_known_by, p.at, v.known_from, v.known_to)
    join region_closure rc on rc.region_id = v.region_id and is_recorded(p_known_by, p.at, rc.known_from, rc.known_to)
  )
  select p.n, 0 from unnest(p_factories) with ordinality as p (factory_id, n)
  union
  select n, ancestor_id from chain
  union
  select m.n, b.cluster_id
  from family(p_known_by, p_factories, p_ats) m
  join claim c on c.factory_id = m.member_id and c.kind = 'membership' and is_known(p_known_by, m.at, c)
  join membership b on b.claim_id = c.id
  union
  select h.n, b.cluster_id
  from chain h join membership b on b.region_id = h.ancestor_id join claim c on c.id = b.claim_id and is_known(p_known_by, h.at, c);
$$;

-- The pairs whose factory was there: recorded by then, not deleted, not merged away.
create function there_at(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (n bigint, factory_id bigint, at timestamptz, version int)
  language sql stable parallel safe
as $$
  select p.n, p.factory_id, p.at, v.version
  from unnest(p_factories, p_ats) with ordinality as p (factory_id, at, n)
  join factory_version v on v.factory_id = p.factory_id and is_recorded(p_known_by, p.at, v.known_from, v.known_to)
  where not exists (
    select from factory_merged m where m.loser_id = p.factory_id and is_recorded(p_known_by, p.at, m.known_from, m.known_to));
$$;

-- The spans of a factory, for every region.
create function status_span_at(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (n bigint, factory_id bigint, region_id bigint, status text, sort_name text, valid_from date, valid_to date, since_claim_id bigint)
  language sql stable parallel safe
as $$
  select p.n, p.factory_id, r.region_id, t.status, v.sort_name, t.valid_from, t.valid_to, t.since_claim_id
  from there_at(p_known_by, p_factories, p_ats) p
  join factory_version v on v.factory_id = p.factory_id and v.version = p.version
  join status_timeline(p_known_by, p_factories, p_ats, 'possible') t on t.n = p.n
  join factory_regions(p_known_by, p_factories, p_ats) r on r.n = p.n;
$$;

-- A factory as a list shows it. Its spans, which say what its status is, must be there already.
create function factory_state_at(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (
    n bigint, factory_id bigint, at timestamptz, slug text, version int, name text, sort_name text, sector text, products text[], country text,
    region_id bigint, region_slug text, region_name_fr text, region_name_en text, locality text,
    lon float8, lat float8, location_precision text, location_uncertainty_m int,
    operator_slugs text[], operator_names text[], operator_roles text[], operator_froms date[], operator_tos date[],
    status text, stage text, status_since text, status_since_on date, status_date_meaning text, status_basis text,
    last_confirmed text, last_confirmed_on date,
    capacity_value numeric, capacity_min numeric, capacity_max numeric, capacity_word text, capacity_unit text, capacity_qualifier text, capacity_product text,
    phase_count int, media_count int, source_count int, created_at timestamptz)
  language sql stable parallel safe
as $$
  with place as (
    select distinct on (m.n) m.n, l.lon, l.lat, l.precision, l.uncertainty_m
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and c.kind = 'location' and is_known(p_known_by, m.at, c)
    join location l on l.claim_id = c.id
    join location_precision lp on lp.code = l.precision
    order by m.n, lp.rank, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
  ), part as (
    select n, array_agg(slug) as slugs, array_agg(name) as names, array_agg(role) as roles, array_agg(valid_from) as froms, array_agg(valid_to) as tos
    from (
      select m.n, o.slug, ov.name, x.role, x.valid_from, x.valid_to
      from family(p_known_by, p_factories, p_ats) m
      join claim c on c.factory_id = m.member_id and c.kind = 'role' and c.basis <> 'expected' and is_known(p_known_by, m.at, c)
      join role x on x.claim_id = c.id
      join role_kind k on k.code = x.role
      join operator o on o.id = x.operator_id
      join operator_version ov on ov.operator_id = o.id and is_recorded(p_known_by, m.at, ov.known_from, ov.known_to)
      order by m.n, k.rank, ov.sort_name, o.id, x.valid_from, c.id) sorted
    group by n
  ), phases as (
    select m.n, count(*)::int as of
    from family(p_known_by, p_factories, p_ats) m
    join phase h on h.factory_id = m.member_id
    join phase_version hv on hv.phase_id = h.id and is_recorded(p_known_by, m.at, hv.known_from, hv.known_to)
    group by m.n
  ), media as (
    select m.n, count(distinct d.media_id)::int as of
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and c.kind = 'depiction' and is_known(p_known_by, m.at, c)
    join depiction d on d.claim_id = c.id
    join media_version mv on mv.media_id = d.media_id and is_recorded(p_known_by, m.at, mv.known_from, mv.known_to)
    group by m.n
  ), sources as (
    select m.n, count(distinct e.source_id)::int as of
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and is_known(p_known_by, m.at, c)
    join evidence e on e.claim_id = c.id and is_recorded(p_known_by, m.at, e.known_from, e.known_to)
    group by m.n
  )
  select p.n, p.factory_id, p.at, f.slug, v.version, v.name, v.sort_name, v.sector, v.products, v.country,
    v.region_id, r.slug, rv.name_fr, rv.name_en, v.locality,
    place.lon, place.lat, place.precision, place.uncertainty_m,
    coalesce(part.slugs, '{}'), coalesce(part.names, '{}'), coalesce(part.roles, '{}'), coalesce(part.froms, '{}'), coalesce(part.tos, '{}'),
    now.status, s.stage, e.date, e.earliest, e.date_meaning, ec.basis, seen.date, seen.latest,
    capacity.value, capacity.min, capacity.max, capacity.word, capacity.unit, capacity.qualifier, capacity.product,
    coalesce(phases.of, 0), coalesce(media.of, 0), coalesce(sources.of, 0), created.at
  from there_at(p_known_by, p_factories, p_ats) p
  join factory f on f.id = p.factory_id
  join factory_version v on v.factory_id = p.factory_id and v.version = p.version
  join factory_version first on first.factory_id = p.factory_id and first.version = 1
  cross join lateral (select first.known_from as at) created
  left join region r on r.id = v.region_id
  left join region_version rv on rv.region_id = v.region_id and is_recorded(p_known_by, p.at, rv.known_from, rv.known_to)
  -- One at a time: no estimate of a table that is being filled can then lead to reading all of it.
  left join lateral (
    select z.status, z.since_claim_id from status_span z
    where z.factory_id = p.factory_id and z.known_by = p_known_by and z.region_id = 0 and z.valid_to = 'infinity' and z.known_from <= p.at and z.known_to > p.at
    limit 1) now on true
  left join status s on s.code = now.status
  left join status_event e on e.claim_id = now.since_claim_id
  left join claim ec on ec.id = now.since_claim_id
  left join last_confirmed(p_known_by, p_factories, p_ats, 'infinity', 'possible') seen on seen.n = p.n and seen.status = now.status
  left join factory_capacity(p_known_by, p_factories, p_ats, 'infinity') capacity on capacity.n = p.n
  left join place on place.n = p.n
  left join part on part.n = p.n
  left join phases on phases.n = p.n
  left join media on media.n = p.n
  left join sources on sources.n = p.n;
$$;

-- Every stamp at which something that a factory shows changed. The state of a factory has one row from each to the next.
create function factory_touches(p_factories bigint[])
  returns table (factory_id bigint, at timestamptz)
  language sql stable
as $$
  with kin as (
    -- The factory itself, and what was merged into it, while it was.
    select id as factory_id, id as member_id, '-infinity'::timestamptz as since, 'infinity'::timestamptz as until from unnest(p_factories) as id
    union all
    select m.survivor_id, m.loser_id, m.known_from, m.known_to from factory_merged m where m.survivor_id = any (p_factories)
  ), lying as (
    select v.factory_id, v.region_id, v.known_from as since, v.known_to as until from factory_version v where v.factory_id = any (p_factories)
  ), said as (
    select k.factory_id, k.since, k.until, c.id, c.kind, c.known_from, c.known_to from kin k join claim c on c.factory_id = k.member_id
  ), stated as (
    select factory_id, id, kind, greatest(since, known_from) as since, least(until, known_to) as until from said
  ), touch as (
    -- Something that was known from and to these stamps, and the time in which the factory had to do with it.
    select v.factory_id, v.known_from, v.known_to, '-infinity'::timestamptz as since, 'infinity'::timestamptz as until
    from factory_version v where v.factory_id = any (p_factories)
    union all
    select m.loser_id, m.known_from, m.known_to, '-infinity', 'infinity' from factory_merged m where m.loser_id = any (p_factories)
    union all
    select m.survivor_id, m.known_from, m.known_to, '-infinity', 'infinity' from factory_merged m where m.survivor_id = any (p_factories)
    union all
    select k.factory_id, hv.known_from, hv.known_to, k.since, k.until
    from kin k join phase h on h.factory_id = k.member_id join phase_version hv on hv.phase_id = h.id
    union all
    select factory_id, known_from, known_to, since, until from said
    union all
    select s.factory_id, e.known_from, e.known_to, s.since, s.until from stated s join evidence e on e.claim_id = s.id
    union all
    select s.factory_id, ov.known_from, ov.known_to, s.since, s.until
    from stated s join role x on x.claim_id = s.id join operator_version ov on ov.operator_id = x.operator_id
    where s.kind = 'role'
    union all
    select s.factory_id, mv.known_from, mv.known_to, s.since, s.until
    from stated s join depiction d on d.claim_id = s.id join media_version mv on mv.media_id = d.media_id
    where s.kind = 'depiction'
    union all
    select l.factory_id, rv.known_from, rv.known_to, l.since, l.until from lying l join region_version rv on rv.region_id = l.region_id
    union all
    select l.factory_id, rc.known_from, rc.known_to, l.since, l.until from lying l join region_closure rc on rc.region_id = l.region_id
    union all
    select l.factory_id, c.known_from, c.known_to, greatest(l.since, rc.known_from), least(l.until, rc.known_to)
    from lying l join region_closure rc on rc.region_id = l.region_id
    join membership b on b.region_id = rc.ancestor_id join claim c on c.id = b.claim_id
  ), born as (
    select v.factory_id, min(v.known_from) as at from factory_version v where v.factory_id = any (p_factories) group by v.factory_id
  ), stamp as (
    select factory_id, known_from as at from touch where known_from between since and until
    union
    select factory_id, known_to from touch where known_to <> 'infinity' and known_to between since and until
  )
  -- What happened before the factory was there (its region's name, say) is no change of it.
  select s.factory_id, s.at from stamp s join born b on b.factory_id = s.factory_id and s.at >= b.at;
$$;

-- Every moment at which what is published of a factory's status or regions changed, and that at which it was first spoken of.
create function factory_publications(p_factories bigint[])
  returns table (factory_id bigint, at timestamptz)
  language sql stable
as $$
  with kin as (
    select id as factory_id, id as member_id from unnest(p_factories) as id
    union all
    select m.survivor_id, m.loser_id from factory_merged m where m.survivor_id = any (p_factories) and m.known_to = 'infinity'
  ), said as (
    select k.factory_id, c.kind, c.published_from, c.published_to
    from kin k join claim c on c.factory_id = k.member_id and c.published_from < c.published_to
  ), first as (
    select factory_id, min(published_from) as at from said group by factory_id
  ), cut as (
    select factory_id, published_from, published_to from said where kind in ('status_event', 'membership')
    union all
    select v.factory_id, c.published_from, c.published_to
    from factory_version v
    join region_closure rc on rc.region_id = v.region_id and rc.known_to = 'infinity'
    join membership b on b.region_id = rc.ancestor_id
    join claim c on c.id = b.claim_id and c.published_from < c.published_to
    where v.factory_id = any (p_factories) and v.known_to = 'infinity'
  )
  select factory_id, at from first
  union
  select c.factory_id, c.published_from from cut c join first f on f.factory_id = c.factory_id and c.published_from > f.at
  union
  select c.factory_id, c.published_to from cut c join first f on f.factory_id = c.factory_id and c.published_to > f.at and c.published_to <> 'infinity';
$$;

-- When a source was published, as far as it can be told.
create function publication_of(p_latest date, p_retrieved_at timestamptz, p_recorded_at timestamptz)
  returns table (at timestamptz, basis text, rank int)
  language sql immutable parallel safe
as $$
  select coalesce(p.at, p_retrieved_at, p_recorded_at),
    case when p.at is not null then 'published' when p_retrieved_at is not null then 'retrieved' else 'recorded' end,
    case when p.at is not null then 1 when p_retrieved_at is not null then 2 else 3 end
  from (select nullif(p_latest, 'infinity')::timestamp at time zone 'UTC' as at) p;
$$;

-- A claim's published interval runs from its earliest source's publication to its successor's. An imprecise publication counts from its
-- latest day, an unknown one from when it was retrieved, else from when the claim was recorded. What ended in error was never published.
-- Chantier.Domain's Publication states the same rule. A bulk writer may fill the columns in as it inserts, which spares an update of each.
create function project_publication(p_claims bigint[]) returns void language plpgsql as $$
begin
  with mine as (
    select c.id, c.known_from, c.known_to, c.end_reason, c.end_source_id from claim c where c.id = any (p_claims)
  ), asked as (
    -- The successors too: they end what went before them.
    select id, known_from, id as of from mine
    union all
    select c.id, c.known_from, m.id from mine m join claim c on c.supersedes_id = m.id where m.end_reason = 'news'
  ), said as (
    select distinct on (a.id, a.of) a.id, a.of, d.at, d.basis
    from asked a
    left join evidence e on e.claim_id = a.id and e.known_to = 'infinity'
    left join source_version v on v.source_id = e.source_id and v.known_to = 'infinity'
    cross join lateral publication_of(v.published_latest, v.retrieved_at, a.known_from) d
    order by a.id, a.of, d.at, d.rank
  ), span as (
    select m.id, s.at as published_from, s.basis,
      case when m.end_reason is null then 'infinity'
           when m.end_reason = 'error' then s.at
           else greatest(s.at, coalesce((select min(f.at) from said f where f.of = m.id and f.id <> m.id), ended.at, m.known_to)) end as published_to
    from mine m
    join said s on s.id = m.id and s.of = m.id
    left join source_version v on v.source_id = m.end_source_id and v.known_to = 'infinity'
    left join lateral publication_of(v.published_latest, v.retrieved_at, m.known_to) ended on true
  )
  update claim c set published_from = s.published_from, published_to = s.published_to, published_basis = s.basis
  from span s
  where c.id = s.id and (c.published_from, c.published_to, c.published_basis) is distinct from (s.published_from, s.published_to, s.basis);
end $$;

-- A plan made for a handful of factories is ruinous for thousands, and planning anew is dear for one: each gets its own.
create function plan_for(p_factories int) returns void language plpgsql as $$
begin
  perform set_config('plan_cache_mode', case when p_factories > 50 then 'force_custom_plan' else 'force_generic_plan' end, true),
    set_config('jit', 'off', true),
    set_config('work_mem', case when p_factories > 50 then '64MB' else current_setting('work_mem') end, true);
end $$;

-- Adds to (sign 1) or takes from (sign -1) the counts what the spans of these factories now say.
create function count_regions(p_factories bigint[], p_sign int) returns void language plpgsql as $$
begin
  insert into region_count as r (region_id, status, factories)
  select region_id, coalesce(status, ''), p_sign * count(*)
  from status_span
  where factory_id = any (p_factories) and known_by = 'recorded' and known_to = 'infinity' and valid_to = 'infinity'
  group by region_id, coalesce(status, '')
  on conflict (region_id, status) do update set factories = r.factories + excluded.factories;
end $$;

-- Recorded states at the given moments, each known until its known_to.
create function insert_states(p_factories bigint[], p_ats timestamptz[], p_known_tos timestamptz[]) returns void language plpgsql as $$
begin
  insert into factory_state (
    factory_id, known_from, known_to, slug, version, name, sort_name, sector, products, country,
    region_id, region_slug, region_name_fr, region_name_en, locality, lon, lat, location_precision, location_uncertainty_m,
    operator_slugs, operator_names, operator_roles, operator_froms, operator_tos,
    status, stage, status_since, status_since_on, status_date_meaning, status_basis, last_confirmed, last_confirmed_on,
    capacity_value, capacity_min, capacity_max, capacity_word, capacity_unit, capacity_qualifier, capacity_product,
    phase_count, media_count, source_count, created_at, updated_at)
  select
    s.factory_id, s.at, p_known_tos[s.n], s.slug, s.version, s.name, s.sort_name, s.sector, s.products, s.country,
    s.region_id, s.region_slug, s.region_name_fr, s.region_name_en, s.locality, s.lon, s.lat, s.location_precision, s.location_uncertainty_m,
    s.operator_slugs, s.operator_names, s.operator_roles, s.operator_froms, s.operator_tos,
    s.status, s.stage, s.status_since, s.status_since_on, s.status_date_meaning, s.status_basis, s.last_confirmed, s.last_confirmed_on,
    s.capacity_value, s.capacity_min, s.capacity_max, s.capacity_word, s.capacity_unit, s.capacity_qualifier, s.capacity_product,
    s.phase_count, s.media_count, s.source_count, s.created_at,
    s.at
  from factory_state_at('recorded', p_factories, p_ats) s;
end $$;

-- The text that each of these states is found by.
create function factory_text_of(p_factories bigint[]) returns table (factory_id bigint, text text, known_from timestamptz, known_to timestamptz)
  language sql stable
as $$
  select s.factory_id,
    search_text(string_agg(distinct x.name ->> 'text', ' ') || ' ' || s.name || ' ' || s.slug || ' ' || coalesce(s.locality, '') || ' ' || array_to_string(s.operator_names, ' ')),
    s.known_from, s.known_to
  from factory_state s
  join factory_version v on v.factory_id = s.factory_id and v.version = s.version
  cross join jsonb_array_elements(v.names) as x (name)
  where s.factory_id = any (p_factories)
  group by s.factory_id, s.known_from;
$$;

-- The whole history of these factories in one sense, where there is none yet.
create function insert_history(p_known_by text, p_factories bigint[]) returns void language plpgsql as $$
declare
  factories bigint[];
  ats       timestamptz[];
  tos       timestamptz[];
begin
  select array_agg(factory_id order by factory_id, at), array_agg(at order by factory_id, at), array_agg(until order by factory_id, at)
  into factories, ats, tos
  from (
    select t.factory_id, t.at, lead(t.at, 1, 'infinity') over (partition by t.factory_id order by t.at) as until
    from (
      select * from factory_touches(p_factories) where p_known_by = 'recorded'
      union all
      select * from factory_publications(p_factories) where p_known_by = 'published') t) cut;

  insert into status_span (known_by, region_id, status, sort_name, factory_id, valid_from, valid_to, known_from, known_to, since_claim_id)
  with known as materialized (
    select s.*, ats[s.n] as known_from, tos[s.n] as known_to,
      coalesce(factories[s.n - 1] = s.factory_id or factories[s.n + 1] = s.factory_id, false) as has_neighbours
    from status_span_at(p_known_by, factories, ats) s
  )
  select p_known_by, region_id, status, sort_name, factory_id, valid_from, valid_to, known_from, known_to, since_claim_id
  from known where not has_neighbours
  union all
  select p_known_by, region_id, status, sort_name, factory_id, valid_from, valid_to, min(known_from), max(known_to), since_claim_id
  from (
    -- Neighbours that say the same are one: an island ends where the next interval does not follow at once.
    select *, count(*) filter (where parted) over (
      partition by factory_id, region_id, status, sort_name, valid_from, valid_to, since_claim_id order by known_from) as island
    from (
      select *, lag(known_to) over (
        partition by factory_id, region_id, status, sort_name, valid_from, valid_to, since_claim_id order by known_from)
        is distinct from known_from as parted
      from known where has_neighbours) marked) grouped
  group by factory_id, region_id, status, sort_name, valid_from, valid_to, since_claim_id, island;

  if p_known_by = 'recorded' then
    perform insert_states(factories, ats, tos);
    insert into factory_text (factory_id, text, known_from, known_to)
    select factory_id, text, min(known_from), max(known_to)
    from (
      select *, count(*) filter (where parted) over (partition by factory_id order by known_from) as island
      from (
        select *, (lag(known_to) over w, lag(text) over w) is distinct from (known_from, text) as parted
        from factory_text_of(p_factories)
        window w as (partition by factory_id order by known_from)) marked) grouped
    group by factory_id, text, island;
  end if;
end $$;

-- The tree of regions over time, of the given ones (null: of all): an ancestor holds while every link of the chain does.
create function rebuild_regions(p_regions bigint[]) returns void language sql as $$
  delete from region_closure where p_regions is null or region_id = any (p_regions);
  with recursive up as (
    select region_id, region_id as ancestor_id, 0 as depth, known_from, known_to, parent_id from region_version
    where p_regions is null or region_id = any (p_regions)
    union all
    select u.region_id, p.region_id, u.depth + 1, greatest(u.known_from, p.known_from), least(u.known_to, p.known_to), p.parent_id
    from up u join region_version p on p.region_id = u.parent_id and p.known_from < u.known_to and p.known_to > u.known_from
    where u.depth < 20
  ), marked as (
    select *, lag(known_to) over (partition by region_id, ancestor_id, depth order by known_from) is distinct from known_from as parted from up
  ), grouped as (
    select *, count(*) filter (where parted) over (partition by region_id, ancestor_id, depth order by known_from) as island from marked
  )
  insert into region_closure (ancestor_id, region_id, depth, known_from, known_to)
  select ancestor_id, region_id, depth, min(known_from), max(known_to) from grouped group by ancestor_id, region_id, depth, island;
$$;

-- Chains of merges, each straight to the last survivor of its time.
create function rebuild_merges() returns void language sql as $$
  delete from factory_merged;
  with recursive step as (
    select c.factory_id as loser_id, m.survivor_id, c.known_from, c.known_to from claim c join merge m on m.claim_id = c.id
  ), path as (
    select loser_id, survivor_id, known_from, known_to, 0 as depth from step
    union all
    select p.loser_id, s.survivor_id, greatest(p.known_from, s.known_from), least(p.known_to, s.known_to), p.depth + 1
    from path p join step s on s.loser_id = p.survivor_id and s.known_from < p.known_to and s.known_to > p.known_from
    where p.depth < 20
  ), moment as (
    select loser_id, known_from as at from path union select loser_id, known_to from path
  ), cut as (
    select loser_id, at as known_from, lead(at) over (partition by loser_id order by at) as known_to from moment
  ), last as (
    select distinct on (c.loser_id, c.known_from) c.loser_id, p.survivor_id, c.known_from, c.known_to
    from cut c join path p on p.loser_id = c.loser_id and p.known_from <= c.known_from and p.known_to >= c.known_to
    where c.known_to is not null
    order by c.loser_id, c.known_from, p.depth desc
  ), marked as (
    select *, (lag(known_to) over w, lag(survivor_id) over w) is distinct from (known_from, survivor_id) as parted
    from last window w as (partition by loser_id order by known_from)
  ), grouped as (
    select *, count(*) filter (where parted) over (partition by loser_id order by known_from) as island from marked
  )
  insert into factory_merged (loser_id, survivor_id, known_from, known_to)
  select loser_id, survivor_id, min(known_from), max(known_to) from grouped group by loser_id, survivor_id, island;
$$;

-- Brings the recorded sense of these factories up to a write at p_at.
create function advance_recorded(p_factories bigint[], p_at timestamptz) returns void language plpgsql as $$
declare
  ats timestamptz[] := array_fill(p_at, array[cardinality(p_factories)]);
begin
  perform count_regions(p_factories, -1);

  -- Spans that still hold stay open; the rest are closed, and what is new is added.
  with fresh as materialized (
    select * from status_span_at('recorded', p_factories, ats)
  ), kept as materialized (
    select s.ctid as row, f.n, f.region_id, f.valid_from
    from status_span s join fresh f
      on f.factory_id = s.factory_id and f.region_id = s.region_id and f.valid_from = s.valid_from and f.valid_to = s.valid_to
      and f.sort_name = s.sort_name and f.status is not distinct from s.status and f.since_claim_id is not distinct from s.since_claim_id
    where s.factory_id = any (p_factories) and s.known_by = 'recorded' and s.known_to = 'infinity'
  ), closed as (
    update status_span s set known_to = p_at
    where s.factory_id = any (p_factories) and s.known_by = 'recorded' and s.known_to = 'infinity'
      and not exists (select from kept k where k.row = s.ctid)
  )
  insert into status_span (known_by, region_id, status, sort_name, factory_id, valid_from, valid_to, known_from, known_to, since_claim_id)
  select 'recorded', f.region_id, f.status, f.sort_name, f.factory_id, f.valid_from, f.valid_to, p_at, 'infinity', f.since_claim_id
  from fresh f
  where not exists (select from kept k where k.n = f.n and k.region_id = f.region_id and k.valid_from = f.valid_from)
  order by f.region_id, f.status, f.sort_name;

  update factory_state set known_to = p_at
  where factory_id = any (p_factories) and known_to = 'infinity';
  perform insert_states(p_factories, ats, array_fill('infinity'::timestamptz, array[cardinality(p_factories)]));

  with fresh as materialized (
    select t.factory_id, t.text from factory_text_of(p_factories) t where t.known_to = 'infinity'
  ), closed as (
    update factory_text t set known_to = p_at
    where t.factory_id = any (p_factories) and t.known_to = 'infinity'
      and not exists (select from fresh f where f.factory_id = t.factory_id and f.text = t.text)
  )
  insert into factory_text (factory_id, text, known_from, known_to)
  select f.factory_id, f.text, p_at, 'infinity' from fresh f
  where not exists (select from factory_text t where t.factory_id = f.factory_id and t.known_to = 'infinity' and t.text = f.text);

  perform count_regions(p_factories, 1);
  delete from region_count where factories = 0;
end $$;

-- Makes the published sense of these factories anew, rewriting only what differs.
create function advance_published(p_factories bigint[]) returns void language plpgsql as $$
begin
  delete from status_span where factory_id = any (p_factories) and known_by = 'published';
  perform insert_history('published', p_factories);
end $$;

-- Brings every projection up to a write at p_at: the last statement of a writing transaction, once. Of what was touched it knows by the
-- rows of change. Arrays, because a plan that joins the log itself is made for its largest import.
create function advance_projections(p_at timestamptz) returns void language plpgsql as $$
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
  end loop;
end $$;

-- Everything from versions and claims alone, in batches that fit in memory.
create function rebuild_projections() returns void language plpgsql as $$
declare
  batch   bigint[];
  indexes text[];
  index   text;
begin
  perform take_write_stamp();
  perform plan_for(1000000);
  truncate factory_state, status_span, region_count, factory_text;
  -- An index is made faster than it is kept, save the one that the states are made by.
  select array_agg(pg_get_indexdef(i.indexrelid)) into indexes
  from pg_index i
  where i.indrelid in ('factory_state'::regclass, 'status_span'::regclass, 'factory_text'::regclass) and not i.indisprimary
    and i.indexrelid <> 'status_span_factory'::regclass;
  for index in
    select i.indexrelid::regclass from pg_index i
    where i.indrelid in ('factory_state'::regclass, 'status_span'::regclass, 'factory_text'::regclass) and not i.indisprimary
      and i.indexrelid <> 'status_span_factory'::regclass
  loop
    execute 'drop index ' || index;
  end loop;

  perform rebuild_regions(null);
  perform rebuild_merges();
  perform project_publication(array(select id from claim where factory_id is null));
  for batch in
    select array_agg(id order by id) from (select id, (row_number() over (order by id) - 1) / 5000 as part from factory) f group by part order by part
  loop
    perform project_publication(array(select id from claim where factory_id = any (batch)));
  end loop;
  for batch in
    select array_agg(id order by id) from (select id, (row_number() over (order by id) - 1) / 5000 as part from factory) f group by part order by part
  loop
    perform insert_history('recorded', batch);
    perform insert_history('published', batch);
  end loop;

  insert into region_count (region_id, status, factories)
  select region_id, coalesce(status, ''), count(*) from status_span
  where known_by = 'recorded' and known_to = 'infinity' and valid_to = 'infinity'
  group by region_id, coalesce(status, '');

  foreach index in array indexes loop
    execute index;
  end loop;
end $$;
