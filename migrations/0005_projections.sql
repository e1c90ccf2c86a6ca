-- Projections: derived from versions and claims, kept for speed, rebuilt at any time with an identical result.
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
create index status_span_factory on status_span (factory_id, known_by, region_id);

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

create function confidence_rank(text) returns int
  language sql immutable strict parallel safe
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

-- The factory's status over all time, for each (factory, moment of knowledge) given; n is the pair's place in the arrays.
-- Chantier.Domain's Timeline states the same rule, and a property test holds the two equal.
create function status_timeline(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_match text)
  returns table (n bigint, valid_from date, valid_to date, status text, since_claim_id bigint)
  language sql stable parallel safe
as $$
  with pair as (
    select p.n, p.at, factory_members(p_known_by, p.at, p.factory_id) as members
    from unnest(p_factories, p_ats) with ordinality as p (factory_id, at, n)
  ), eligible as (
    -- Of the events of one phase on one day, the one in force.
    select distinct on (p.n, e.phase_id, d.day)
      p.n, e.phase_id, d.day, e.status, c.basis, c.confidence, c.known_from, c.id as claim_id
    from pair p
    join claim c on c.factory_id = any (p.members) and c.kind = 'status_event' and c.basis <> 'expected' and is_known(p_known_by, p.at, c)
    join status_event e on e.claim_id = c.id and e.status is not null
    cross join lateral (select case p_match when 'certain' then e.latest else e.earliest end as day) d
    where d.day < 'infinity'
    order by p.n, e.phase_id, d.day, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
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
    select n, '-infinity', null, null from pair where not exists (select from day d where d.n = pair.n and d.day = '-infinity')
  )
  select n, day, lead(day, 1, 'infinity') over (partition by n order by day), status, claim_id from cut;
$$;

-- The event that last confirms that a factory stood in the given status by a date.
create function last_confirmed(p_known_by text, p_at timestamptz, p_members bigint[], p_status text, p_as_of date, p_match text)
  returns table (date text, latest date, claim_id bigint)
  language sql stable parallel safe
as $$
  select e.date, e.latest, c.id
  from claim c join status_event e on e.claim_id = c.id
  cross join lateral (select case p_match when 'certain' then e.latest else e.earliest end as day) d
  where c.factory_id = any (p_members) and c.kind = 'status_event' and c.basis <> 'expected' and is_known(p_known_by, p_at, c)
    and e.status = p_status and d.day <= p_as_of and d.day < 'infinity'
  order by e.latest desc, e.earliest desc, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
  limit 1;
$$;

-- The figures in force for a property: of several claims for one phase, product, qualifier and unit, the latest counts.
create function figures_in_force(p_known_by text, p_at timestamptz, p_members bigint[], p_as_of date)
  returns table (claim_id bigint, phase_id bigint, property text, product text, qualifier text, unit text)
  language sql stable parallel safe
as $$
  select distinct on (f.phase_id, f.property, f.product, f.qualifier, f.unit)
    f.claim_id, f.phase_id, f.property, f.product, f.qualifier, f.unit
  from claim c join figure f on f.claim_id = c.id
  where c.factory_id = any (p_members) and c.kind = 'figure' and is_known(p_known_by, p_at, c)
    and (f.earliest is null or f.earliest <= p_as_of)
  order by f.phase_id, f.property, f.product, f.qualifier, f.unit,
    f.earliest desc nulls last, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc;
$$;

-- One capacity for the list: phases summed by their most concrete qualifier, never across products or units,
-- a factory-level figure only where no phase has one; of several products or units the most concrete, then that of most phases.
create function factory_capacity(p_known_by text, p_at timestamptz, p_members bigint[], p_as_of date)
  returns table (value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  with concrete as (
    select distinct on (i.phase_id, i.product, i.unit) i.phase_id, i.product, i.unit, coalesce(q.concreteness, 9) as concreteness, i.qualifier,
      f.value, f.min, f.max, f.word
    from figures_in_force(p_known_by, p_at, p_members, p_as_of) i
    join figure f on f.claim_id = i.claim_id
    left join figure_qualifier q on q.code = i.qualifier
    where i.property = 'capacity'
    order by i.phase_id, i.product, i.unit, q.concreteness nulls last, i.claim_id
  ), counted as (
    select * from concrete c
    where c.phase_id is not null or not exists (select from concrete p where p.phase_id is not null)
  )
  select
    case when count(*) = count(c.value) then sum(c.value) end,
    case when count(*) > count(c.value) and count(*) = count(coalesce(c.value, c.min)) then sum(coalesce(c.value, c.min)) end,
    case when count(*) > count(c.value) and count(*) = count(coalesce(c.value, c.max)) then sum(coalesce(c.value, c.max)) end,
    case when count(*) = 1 then max(c.word) end,
    c.unit,
    (array_agg(c.qualifier order by c.concreteness desc))[1],
    c.product
  from counted c
  group by c.product, c.unit
  order by min(c.concreteness), count(*) desc, c.product nulls first, c.unit
  limit 1;
$$;

-- A factory as a list shows it, for each (factory, moment of knowledge) given. No row: it was not there (not yet, deleted, or merged away).
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
  select p.n, p.factory_id, p.at, f.slug, v.version, v.name, v.sort_name, v.sector, v.products, v.country,
    v.region_id, r.slug, rv.name_fr, rv.name_en, v.locality,
    place.lon, place.lat, place.precision, place.uncertainty_m,
    part.slugs, part.names, part.roles, part.froms, part.tos,
    now.status, s.stage, e.date, e.earliest, e.date_meaning, ec.basis, seen.date, seen.latest,
    capacity.value, capacity.min, capacity.max, capacity.word, capacity.unit, capacity.qualifier, capacity.product,
    counts.phases, counts.media, counts.sources, created.at
  from unnest(p_factories, p_ats) with ordinality as p (factory_id, at, n)
  cross join lateral (select factory_members(p_known_by, p.at, p.factory_id) as ids) members
  join factory f on f.id = p.factory_id
  join factory_version v on v.factory_id = p.factory_id and is_recorded(p_known_by, p.at, v.known_from, v.known_to)
  left join region r on r.id = v.region_id
  left join region_version rv on rv.region_id = v.region_id and is_recorded(p_known_by, p.at, rv.known_from, rv.known_to)
  join status_timeline(p_known_by, p_factories, p_ats, 'possible') now on now.n = p.n and now.valid_to = 'infinity'
  left join status s on s.code = now.status
  left join status_event e on e.claim_id = now.since_claim_id
  left join claim ec on ec.id = now.since_claim_id
  left join lateral last_confirmed(p_known_by, p.at, members.ids, now.status, 'infinity', 'possible') seen on true
  left join lateral (
    select l.lon, l.lat, l.precision, l.uncertainty_m
    from claim c join location l on l.claim_id = c.id join location_precision lp on lp.code = l.precision
    where c.factory_id = any (members.ids) and c.kind = 'location' and is_known(p_known_by, p.at, c)
    order by lp.rank, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc
    limit 1) place on true
  cross join lateral (
    select
      coalesce(array_agg(o.slug       order by k.rank, ov.sort_name, o.id, x.valid_from, c.id), '{}') as slugs,
      coalesce(array_agg(ov.name      order by k.rank, ov.sort_name, o.id, x.valid_from, c.id), '{}') as names,
      coalesce(array_agg(x.role       order by k.rank, ov.sort_name, o.id, x.valid_from, c.id), '{}') as roles,
      coalesce(array_agg(x.valid_from order by k.rank, ov.sort_name, o.id, x.valid_from, c.id), '{}') as froms,
      coalesce(array_agg(x.valid_to   order by k.rank, ov.sort_name, o.id, x.valid_from, c.id), '{}') as tos
    from claim c
    join role x on x.claim_id = c.id
    join role_kind k on k.code = x.role
    join operator o on o.id = x.operator_id
    join operator_version ov on ov.operator_id = o.id and is_recorded(p_known_by, p.at, ov.known_from, ov.known_to)
    where c.factory_id = any (members.ids) and c.kind = 'role' and c.basis <> 'expected' and is_known(p_known_by, p.at, c)) part
  left join lateral factory_capacity(p_known_by, p.at, members.ids, 'infinity') capacity on true
  cross join lateral (
    select
      (select count(*) from phase h join phase_version hv on hv.phase_id = h.id
       where h.factory_id = p.factory_id and is_recorded(p_known_by, p.at, hv.known_from, hv.known_to))::int as phases,
      (select count(distinct d.media_id) from claim c join depiction d on d.claim_id = c.id
       where c.factory_id = any (members.ids) and c.kind = 'depiction' and is_known(p_known_by, p.at, c))::int as media,
      (select count(distinct ev.source_id) from claim c join evidence ev on ev.claim_id = c.id
       where c.factory_id = any (members.ids) and is_known(p_known_by, p.at, c)
         and is_recorded(p_known_by, p.at, ev.known_from, ev.known_to))::int as sources) counts
  cross join lateral (
    select min(known_from) as at from factory_version where factory_version.factory_id = p.factory_id) created
  where not exists (
    select from factory_merged m where m.loser_id = p.factory_id and is_recorded(p_known_by, p.at, m.known_from, m.known_to));
$$;

-- Every region a factory lies in, 0 being the world: the chain of its own, the clusters it is a member of, and those its regions are members of.
create function factory_regions(p_known_by text, p_at timestamptz, p_members bigint[], p_region bigint)
  returns table (region_id bigint)
  language sql stable parallel safe
as $$
  with chain as (
    select rc.ancestor_id from region_closure rc
    where rc.region_id = p_region and is_recorded(p_known_by, p_at, rc.known_from, rc.known_to)
  )
  select 0
  union
  select ancestor_id from chain
  union
  select m.cluster_id from claim c join membership m on m.claim_id = c.id
  where c.factory_id = any (p_members) and c.kind = 'membership' and is_known(p_known_by, p_at, c)
  union
  select m.cluster_id from chain h join membership m on m.region_id = h.ancestor_id join claim c on c.id = m.claim_id
  where is_known(p_known_by, p_at, c);
$$;

-- The spans of each (factory, moment of knowledge) given, for every region.
create function status_span_at(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (n bigint, factory_id bigint, at timestamptz, region_id bigint, status text, sort_name text, valid_from date, valid_to date, since_claim_id bigint)
  language sql stable parallel safe
as $$
  select p.n, p.factory_id, p.at, r.region_id, t.status, v.sort_name, t.valid_from, t.valid_to, t.since_claim_id
  from unnest(p_factories, p_ats) with ordinality as p (factory_id, at, n)
  join factory_version v on v.factory_id = p.factory_id and is_recorded(p_known_by, p.at, v.known_from, v.known_to)
  join status_timeline(p_known_by, p_factories, p_ats, 'possible') t on t.n = p.n
  cross join lateral factory_regions(p_known_by, p.at, factory_members(p_known_by, p.at, p.factory_id), v.region_id) r
  where not exists (
    select from factory_merged m where m.loser_id = p.factory_id and is_recorded(p_known_by, p.at, m.known_from, m.known_to));
$$;

-- Every stamp at which something that a factory shows changed. The state of a factory has one row from each to the next.
create function factory_touches(p_factories bigint[])
  returns table (factory_id bigint, at timestamptz)
  language sql stable
as $$
  with family as (
    -- The factory, and whatever was ever merged into it.
    select id as factory_id, id as member_id from unnest(p_factories) as id
    union
    select m.survivor_id, m.loser_id from factory_merged m where m.survivor_id = any (p_factories)
  ), touch as (
    select v.factory_id, v.known_from, v.known_to from factory_version v where v.factory_id = any (p_factories)
    union all
    select m.loser_id, m.known_from, m.known_to from factory_merged m where m.loser_id = any (p_factories)
    union all
    select m.survivor_id, m.known_from, m.known_to from factory_merged m where m.survivor_id = any (p_factories)
    union all
    select h.factory_id, hv.known_from, hv.known_to from phase h join phase_version hv on hv.phase_id = h.id where h.factory_id = any (p_factories)
    union all
    select f.factory_id, c.known_from, c.known_to from family f join claim c on c.factory_id = f.member_id
    union all
    select f.factory_id, e.known_from, e.known_to from family f join claim c on c.factory_id = f.member_id join evidence e on e.claim_id = c.id
    union all
    select f.factory_id, ov.known_from, ov.known_to
    from family f join claim c on c.factory_id = f.member_id and c.kind = 'role' join role x on x.claim_id = c.id
    join operator_version ov on ov.operator_id = x.operator_id
    union all
    select v.factory_id, rv.known_from, rv.known_to
    from factory_version v join region_version rv on rv.region_id = v.region_id where v.factory_id = any (p_factories)
    union all
    select v.factory_id, rc.known_from, rc.known_to
    from factory_version v join region_closure rc on rc.region_id = v.region_id where v.factory_id = any (p_factories)
    union all
    select v.factory_id, c.known_from, c.known_to
    from factory_version v join region_closure rc on rc.region_id = v.region_id
    join membership m on m.region_id = rc.ancestor_id join claim c on c.id = m.claim_id
    where v.factory_id = any (p_factories)
  ), born as (
    select v.factory_id, min(v.known_from) as at from factory_version v where v.factory_id = any (p_factories) group by v.factory_id
  ), stamp as (
    select factory_id, known_from as at from touch
    union
    select factory_id, known_to from touch where known_to <> 'infinity'
  )
  -- What happened before the factory was there (its region's name, say) is no change of it.
  select s.factory_id, s.at from stamp s join born b on b.factory_id = s.factory_id and s.at >= b.at;
$$;

-- Every moment at which what is published of a factory changed.
create function factory_publications(p_factories bigint[])
  returns table (factory_id bigint, at timestamptz)
  language sql stable
as $$
  with family as (
    select id as factory_id, id as member_id from unnest(p_factories) as id
    union
    select m.survivor_id, m.loser_id from factory_merged m where m.survivor_id = any (p_factories) and m.known_to = 'infinity'
  ), claimed as (
    select f.factory_id, c.published_from, c.published_to
    from family f join claim c on c.factory_id = f.member_id and c.published_from < c.published_to
  )
  select factory_id, published_from from claimed
  union
  select factory_id, published_to from claimed where published_to <> 'infinity';
$$;

-- A claim's published interval runs from its earliest source's publication to its successor's. An imprecise publication counts from its
-- latest day, an unknown one from when it was retrieved, else from when it was recorded. What ended in error was never published.
create function project_publication(p_factories bigint[]) returns void language sql as $$
  with mine as (
    select * from claim where factory_id = any (p_factories) or (p_factories is null and factory_id is null)
  ), said as (
    select distinct on (c.id) c.id,
      coalesce(v.published_latest::timestamp at time zone 'UTC', v.retrieved_at, c.known_from) as at,
      case when v.published_latest is not null then 'published' when v.retrieved_at is not null then 'retrieved' else 'recorded' end as basis
    from mine c
    left join evidence e on e.claim_id = c.id and e.known_to = 'infinity'
    left join source_version v on v.source_id = e.source_id and v.known_to = 'infinity'
    order by c.id, 2
  ), followed as (
    select c.supersedes_id as id, min(s.at) as at from mine c join said s on s.id = c.id where c.supersedes_id is not null group by 1
  ), interval as (
    select c.id, s.at as published_from, s.basis,
      case when c.end_reason is null then 'infinity'::timestamptz
           when c.end_reason = 'error' then s.at
           else greatest(s.at, coalesce(f.at, ended.published_latest::timestamp at time zone 'UTC', ended.retrieved_at, c.known_to)) end as published_to
    from mine c
    join said s on s.id = c.id
    left join followed f on f.id = c.id
    left join source_version ended on ended.source_id = c.end_source_id and ended.known_to = 'infinity'
  )
  update claim c set published_from = i.published_from, published_to = i.published_to, published_basis = i.basis
  from interval i
  where c.id = i.id and (c.published_from, c.published_to, c.published_basis) is distinct from (i.published_from, i.published_to, i.basis);
$$;

-- A plan made for a handful of factories is ruinous for thousands, and planning anew is dear for one: each gets its own.
create function plan_for(p_factories int) returns void language sql as $$
  select set_config('plan_cache_mode', case when p_factories > 50 then 'force_custom_plan' else 'force_generic_plan' end, true);
$$;

-- Adds to (sign 1) or takes from (sign -1) the counts what the spans of these factories now say.
create function count_regions(p_factories bigint[], p_sign int) returns void language sql as $$
  insert into region_count as r (region_id, status, factories)
  select region_id, coalesce(status, ''), p_sign * count(*)
  from status_span
  where factory_id = any (p_factories) and known_by = 'recorded' and known_to = 'infinity' and valid_to = 'infinity'
  group by region_id, coalesce(status, '')
  on conflict (region_id, status) do update set factories = r.factories + excluded.factories;
$$;

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

create function factory_text_of(p_state factory_state) returns text language sql stable
  return (
    select search_text(string_agg(distinct x ->> 'text', ' ') || ' ' || p_state.name || ' ' || p_state.slug || ' ' || coalesce(p_state.locality, '')
      || ' ' || array_to_string(p_state.operator_names, ' '))
    from factory_version v cross join jsonb_array_elements(v.names) x
    where v.factory_id = p_state.factory_id and v.version = p_state.version);

-- Makes the whole history of these factories anew in one sense.
create function rebuild_sense(p_known_by text, p_factories bigint[]) returns void language plpgsql as $$
declare
  factories bigint[];
  ats       timestamptz[];
  tos       timestamptz[];
begin
  delete from status_span where factory_id = any (p_factories) and known_by = p_known_by;

  select array_agg(factory_id order by factory_id, at), array_agg(at order by factory_id, at), array_agg(until order by factory_id, at)
  into factories, ats, tos
  from (
    select t.factory_id, t.at, lead(t.at, 1, 'infinity') over (partition by t.factory_id order by t.at) as until
    from (
      select * from factory_touches(p_factories) where p_known_by = 'recorded'
      union all
      select * from factory_publications(p_factories) where p_known_by = 'published') t) cut;

  if p_known_by = 'recorded' then
    delete from factory_state where factory_id = any (p_factories);
    perform insert_states(factories, ats, tos);
  end if;

  insert into status_span (known_by, region_id, status, sort_name, factory_id, valid_from, valid_to, known_from, known_to, since_claim_id)
  select p_known_by, region_id, status, sort_name, factory_id, valid_from, valid_to, min(known_from), max(known_to), since_claim_id
  from (
    -- Neighbours that say the same are one: an island ends where the next interval does not follow at once.
    select *, count(*) filter (where parted) over (
      partition by factory_id, region_id, status, sort_name, valid_from, valid_to, since_claim_id order by known_from) as island
    from (
      select *, lag(known_to) over (
        partition by factory_id, region_id, status, sort_name, valid_from, valid_to, since_claim_id order by known_from)
        is distinct from known_from as parted
      from (
        select s.factory_id, s.region_id, s.status, s.sort_name, s.valid_from, s.valid_to, s.since_claim_id, s.at as known_from, tos[s.n] as known_to
        from status_span_at(p_known_by, factories, ats) s) known) marked) grouped
  group by factory_id, region_id, status, sort_name, valid_from, valid_to, since_claim_id, island;
end $$;

-- Brings the projections of these factories up to a write at p_at. Once a transaction, with all that it touched.
create function advance_projections(p_factories bigint[], p_at timestamptz) returns void language plpgsql as $$
declare
  ats timestamptz[] := array_fill(p_at, array[cardinality(p_factories)]);
  tos timestamptz[] := array_fill('infinity'::timestamptz, array[cardinality(p_factories)]);
begin
  if cardinality(p_factories) = 0 then
    return;
  end if;
  perform plan_for(cardinality(p_factories));
  perform count_regions(p_factories, -1);

  update factory_state set known_to = p_at
  where factory_id = any (p_factories) and known_to = 'infinity';
  perform insert_states(p_factories, ats, tos);

  -- Spans that still hold stay open; the rest are closed, and what is new is added.
  with fresh as (
    select * from status_span_at('recorded', p_factories, ats)
  ), kept as (
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
  where not exists (select from kept k where k.n = f.n and k.region_id = f.region_id and k.valid_from = f.valid_from);

  with fresh as (
    select s.factory_id, factory_text_of(s) as text from factory_state s
    where s.factory_id = any (p_factories) and s.known_to = 'infinity'
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

  perform project_publication(p_factories);
  perform rebuild_sense('published', p_factories);
end $$;

-- The tree of regions over time: an ancestor holds while every link of the chain does.
create function rebuild_regions() returns void language sql as $$
  delete from region_closure;
  with recursive up as (
    select region_id, region_id as ancestor_id, 0 as depth, known_from, known_to, parent_id from region_version
    union all
    select u.region_id, p.region_id, u.depth + 1, greatest(u.known_from, p.known_from), least(u.known_to, p.known_to), p.parent_id
    from up u join region_version p on p.region_id = u.parent_id and p.known_from < u.known_to and p.known_to > u.known_from
    where u.depth < 20
  ), marked as (
    select *, lag(known_to) over (partition by region_id, ancestor_id order by known_from) is distinct from known_from as parted from up
  ), grouped as (
    select *, count(*) filter (where parted) over (partition by region_id, ancestor_id order by known_from) as island from marked
  )
  insert into region_closure (ancestor_id, region_id, depth, known_from, known_to)
  select ancestor_id, region_id, min(depth), min(known_from), max(known_to) from grouped group by ancestor_id, region_id, island;
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
  )
  insert into factory_merged (loser_id, survivor_id, known_from, known_to)
  select distinct on (c.loser_id, c.known_from) c.loser_id, p.survivor_id, c.known_from, c.known_to
  from cut c join path p on p.loser_id = c.loser_id and p.known_from <= c.known_from and p.known_to >= c.known_to
  where c.known_to is not null
  order by c.loser_id, c.known_from, p.depth desc;
$$;

-- Everything from the claims alone, in batches that fit in memory.
create function rebuild_projections() returns void language plpgsql as $$
declare
  batch bigint[];
begin
  perform take_write_stamp();
  truncate factory_state, status_span, region_count, factory_text;
  perform rebuild_regions();
  perform rebuild_merges();
  for batch in
    select array_agg(id) from (select id, (row_number() over (order by id) - 1) / 5000 as part from factory) f group by part order by part
  loop
    perform plan_for(cardinality(batch));
    perform project_publication(batch);
    perform rebuild_sense('recorded', batch);
    perform rebuild_sense('published', batch);
  end loop;
  perform project_publication(null);

  insert into factory_text (factory_id, text, known_from, known_to)
  select factory_id, text, min(known_from), max(known_to)
  from (
    select *, count(*) filter (where parted) over (partition by factory_id order by known_from) as island
    from (
      select *, (lag(known_to) over w, lag(text) over w) is distinct from (known_from, text) as parted
      from (
        select s.factory_id, factory_text_of(s) as text, s.known_from, s.known_to from factory_state s) said
      window w as (partition by factory_id order by known_from)) marked) grouped
  group by factory_id, text, island;

  insert into region_count (region_id, status, factories)
  select region_id, coalesce(status, ''), count(*) from status_span
  where known_by = 'recorded' and known_to = 'infinity' and valid_to = 'infinity'
  group by region_id, coalesce(status, '');
end $$;
