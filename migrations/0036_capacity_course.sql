-- What stood in a status at the end of each interval is summed up with the capacity that it had by then: a state keeps not only the capacity
-- of all time but the course that led there, where what was said of it is dated.

-- The figures in force, each factory's on a day of its own: of several claims for one phase, property, product, qualifier and unit, the latest
-- counts.
create function figures_on(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_days date[])
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
  where f.earliest is null or f.earliest <= p_days[m.n] or f.earliest > (c.known_from at time zone 'UTC' + interval '14 hours')::date
  order by m.n, f.phase_id, f.property, f.product, f.qualifier, f.unit,
    f.earliest desc nulls last, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc;
$$;

create or replace function figures_in_force(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_as_of date)
  returns table (n bigint, phase_id bigint, property text, product text, qualifier text, unit text,
    claim_id bigint, value numeric, min numeric, max numeric, word text)
  language sql stable parallel safe
as $$
  select * from figures_on(p_known_by, p_factories, p_ats, array_fill(p_as_of, array[cardinality(p_factories)]));
$$;

-- One figure of a property for each factory, on a day of its own: phases summed by their most concrete qualifier, never across products or
-- units, a factory-level figure only where no phase has one; of several products or units the most concrete, then that of most phases.
create function factory_figure_on(p_property text, p_known_by text, p_factories bigint[], p_ats timestamptz[], p_days date[])
  returns table (n bigint, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  with concrete as (
    select distinct on (i.n, i.phase_id, i.product, i.unit) i.*, coalesce(q.concreteness, 9) as concreteness
    from figures_on(p_known_by, p_factories, p_ats, p_days) i
    left join figure_qualifier q on q.code = i.qualifier
    where i.property = p_property
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

create or replace function factory_figure(p_property text, p_known_by text, p_factories bigint[], p_ats timestamptz[], p_as_of date)
  returns table (n bigint, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  select * from factory_figure_on(p_property, p_known_by, p_factories, p_ats, array_fill(p_as_of, array[cardinality(p_factories)]));
$$;

create type capacity_stretch as (valid_from date, valid_to date, value numeric, min numeric, max numeric, unit text);

-- The capacities that each factory had one after the other, of those where some of what was said is dated: the others have one for all time.
create function capacity_course(p_known_by text, p_factories bigint[], p_ats timestamptz[])
  returns table (n bigint, course capacity_stretch[])
  language sql stable parallel safe
as $$
  with dated as (
    select distinct m.n, f.earliest as day
    from family(p_known_by, p_factories, p_ats) m
    join claim c on c.factory_id = m.member_id and c.kind = 'figure' and is_known(p_known_by, m.at, c)
    join figure f on f.claim_id = c.id and f.property = 'capacity'
    -- Others count whatever the day.
    where f.earliest <= (c.known_from at time zone 'UTC' + interval '14 hours')::date
  ), turn as materialized (
    select row_number() over (order by t.n, t.day) as place, t.n, t.day
    from (select d.n, d.day from dated d union select d.n, '-infinity' from dated d) t
  ), asked as (
    select array_agg(p_factories[t.n] order by t.place) as ids, array_agg(p_ats[t.n] order by t.place) as ats, array_agg(t.day order by t.place) as days from turn t
  ), had as (
    select f.* from asked a cross join lateral factory_figure_on('capacity', p_known_by, a.ids, a.ats, a.days) f
  ), stretch as (
    select t.n, t.day, lead(t.day, 1, 'infinity') over (partition by t.n order by t.day) as until, h.value, h.min, h.max, h.unit
    from turn t left join had h on h.n = t.place
  )
  select s.n, array_agg(row(s.day, s.until, s.value, s.min, s.max, s.unit)::capacity_stretch order by s.day) from stretch s group by s.n;
$$;

alter table factory_state   add column capacity_course capacity_stretch[];
alter table published_state add column capacity_course capacity_stretch[];

-- The states at the given moments, each known until its known_to. What was published has no last change of its own: today's stands for it.
create or replace function known_states(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_known_tos timestamptz[]) returns setof factory_state
  language sql stable
as $$
  select
    s.factory_id, s.at, p_known_tos[s.n], s.slug, s.version, s.name, s.sort_name, s.sector, s.products, s.country,
    s.region_id, s.region_slug, s.region_name_fr, s.region_name_en, s.locality, s.lon, s.lat, s.location_precision, s.location_uncertainty_m,
    s.operator_slugs, s.operator_names, s.operator_roles, s.operator_froms, s.operator_tos,
    s.status, s.stage, s.status_since, s.status_since_on, s.status_date_meaning, s.status_basis, s.last_confirmed, s.last_confirmed_on,
    s.capacity_value, s.capacity_min, s.capacity_max, s.capacity_word, s.capacity_unit, s.capacity_qualifier, s.capacity_product,
    s.phase_count, s.media_count, s.source_count, s.created_at,
    case p_known_by when 'published' then (select n.known_from from factory_state n where n.factory_id = s.factory_id and n.known_to = 'infinity') else s.at end, c.course
  from factory_state_at(p_known_by, p_factories, p_ats) s
  left join capacity_course(p_known_by, p_factories, p_ats) c on c.n = s.n;
$$;

-- The whole history of these factories in one sense, where there is none yet. That of what is recorded is there before that of what was published.
create or replace function insert_history(p_known_by text, p_factories bigint[]) returns void language plpgsql as $$
declare
  factories bigint[];
  ats       timestamptz[];
  tos       timestamptz[];
  alone     boolean[];
  -- Those whose last publication is as what is recorded now, and since when.
  lasting   bigint[];
  since     timestamptz[];
  sole      boolean[];
begin
  select coalesce(array_agg(factory_id order by factory_id, at) filter (where not is_now), '{}'), array_agg(at order by factory_id, at) filter (where not is_now),
    array_agg(until order by factory_id, at) filter (where not is_now), array_agg(is_alone order by factory_id, at) filter (where not is_now),
    coalesce(array_agg(factory_id order by factory_id) filter (where is_now), '{}'), array_agg(at order by factory_id) filter (where is_now),
    array_agg(is_alone order by factory_id) filter (where is_now)
  into factories, ats, tos, alone, lasting, since, sole
  from (
    select t.factory_id, t.at, lead(t.at, 1, 'infinity') over w as until, count(*) over (partition by t.factory_id) = 1 as is_alone,
      p_known_by = 'published' and lead(t.at) over w is null as is_now
    from (
      select * from factory_touches(p_factories) where p_known_by = 'recorded'
      union all
      select * from factory_publications(p_factories) where p_known_by = 'published') t
    window w as (partition by t.factory_id order by t.at)) cut;

  insert into status_span (known_by, region_id, status, sort_name, factory_id, valid_from, valid_to, known_from, known_to, since_claim_id)
  with known as materialized (
    select s.factory_id, s.region_id, s.status, s.sort_name, s.valid_from, s.valid_to, s.since_claim_id, ats[s.n] as known_from, tos[s.n] as known_to, alone[s.n] as is_alone
    from status_span_at(p_known_by, factories, ats) s
    union all
    select s.factory_id, s.region_id, s.status, s.sort_name, s.valid_from, s.valid_to, s.since_claim_id, l.at, 'infinity', l.is_alone
    from unnest(lasting, since, sole) as l (factory_id, at, is_alone)
    join status_span s on s.factory_id = l.factory_id and s.known_by = 'recorded' and s.known_to = 'infinity'
  )
  select p_known_by, region_id, status, sort_name, factory_id, valid_from, valid_to, known_from, known_to, since_claim_id
  from known where is_alone
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
      from known where not is_alone) marked) grouped
  group by factory_id, region_id, status, sort_name, valid_from, valid_to, since_claim_id, island;

  if p_known_by = 'published' then
    insert into published_state
    select * from known_states('published', factories, ats, tos)
    union all
    select s.factory_id, l.at, 'infinity', s.slug, s.version, s.name, s.sort_name, s.sector, s.products, s.country,
      s.region_id, s.region_slug, s.region_name_fr, s.region_name_en, s.locality, s.lon, s.lat, s.location_precision, s.location_uncertainty_m,
      s.operator_slugs, s.operator_names, s.operator_roles, s.operator_froms, s.operator_tos,
      s.status, s.stage, s.status_since, s.status_since_on, s.status_date_meaning, s.status_basis, s.last_confirmed, s.last_confirmed_on,
      s.capacity_value, s.capacity_min, s.capacity_max, s.capacity_word, s.capacity_unit, s.capacity_qualifier, s.capacity_product,
      s.phase_count, s.media_count, s.source_count, s.created_at, s.updated_at, s.capacity_course
    from unnest(lasting, since) as l (factory_id, at) join factory_state s on s.factory_id = l.factory_id and s.known_to = 'infinity';
  else
    insert into factory_state select * from known_states('recorded', factories, ats, tos);
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

-- What each factory adds to a sum, from when to when: its course, or else what it has for all time.
create function capacity_parts(p_course capacity_stretch[], p_value numeric, p_min numeric, p_max numeric, p_unit text)
  returns table (valid_from date, valid_to date, unit text, low numeric, high numeric, ranged int, unbounded int)
  language sql immutable parallel safe
as $$
  select '-infinity'::date, 'infinity'::date, p.unit, p.low, p.high, p.ranged, p.unbounded
  from capacity_part(p_value, p_min, p_max, p_unit) p where p_course is null
  union all
  select s.valid_from, s.valid_to, p.unit, p.low, p.high, p.ranged, p.unbounded
  from unnest(p_course) s cross join lateral capacity_part(s.value, s.min, s.max, s.unit) p;
$$;

-- The turns into a status, or in it to another capacity, that the spans and states of these factories now say.
create or replace function turns_of(p_factories bigint[])
  returns table (region_id bigint, status text, month date, unit text, factories bigint, low numeric, high numeric, ranged bigint, unbounded bigint)
  language sql stable
as $$
  select s.region_id, s.status, d.month, c.unit,
    sum(d.sign), sum(d.sign * c.low), sum(d.sign * c.high), sum(d.sign * c.ranged), sum(d.sign * c.unbounded)
  from unnest(p_factories) as f (id)
  cross join lateral (
    select t.capacity_course, t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit from factory_state t where t.factory_id = f.id and t.known_to = 'infinity' limit 1) t
  cross join lateral (
    select z.region_id, z.status, z.valid_from, z.valid_to, z.known_by, z.known_to from status_span z where z.factory_id = f.id offset 0) s
  cross join lateral capacity_parts(t.capacity_course, t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit) c
  cross join lateral (values
    (date_trunc('month', greatest(s.valid_from, c.valid_from)::timestamp)::date, 1), (date_trunc('month', least(s.valid_to, c.valid_to)::timestamp)::date, -1)) d (month, sign)
  where s.known_by = 'recorded' and s.known_to = 'infinity' and s.status is not null and d.month < 'infinity' and s.valid_from < c.valid_to and s.valid_to > c.valid_from
  group by s.region_id, s.status, d.month, c.unit;
$$;

create or replace function count_turns() returns void language sql
  set enable_memoize to off
  set enable_nestloop to off
  set work_mem to '64MB'
as $$
  insert into status_turn (region_id, status, month, unit, factories, low, high, ranged, unbounded)
  select s.region_id, s.status, d.month, c.unit,
    sum(d.sign), sum(d.sign * c.low), sum(d.sign * c.high), sum(d.sign * c.ranged), sum(d.sign * c.unbounded)
  from status_span s
  join factory_state t on t.factory_id = s.factory_id and t.known_to = 'infinity'
  cross join lateral capacity_parts(t.capacity_course, t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit) c
  cross join lateral (values
    (date_trunc('month', greatest(s.valid_from, c.valid_from)::timestamp)::date, 1), (date_trunc('month', least(s.valid_to, c.valid_to)::timestamp)::date, -1)) d (month, sign)
  where s.known_by = 'recorded' and s.known_to = 'infinity' and s.status is not null and d.month < 'infinity' and s.valid_from < c.valid_to and s.valid_to > c.valid_from
  group by s.region_id, s.status, d.month, c.unit
  having (sum(d.sign), sum(d.sign * c.low), sum(d.sign * c.high), sum(d.sign * c.ranged), sum(d.sign * c.unbounded)) <> (0, 0, 0, 0, 0);
$$;

-- Of what is there already.
do $$
declare
  ids bigint[];
  ats timestamptz[];
begin
  select array_agg(t.factory_id), array_agg(t.known_from) into ids, ats
  from factory_state t where t.factory_id in (
    select c.factory_id from figure f join claim c on c.id = f.claim_id where f.property = 'capacity' and f.earliest is not null
    union
    select m.survivor_id
    from figure f join claim c on c.id = f.claim_id join factory_merged m on m.loser_id = c.factory_id
    where f.property = 'capacity' and f.earliest is not null);
  update factory_state t set capacity_course = c.course
  from capacity_course('recorded', ids, ats) c where t.factory_id = ids[c.n] and t.known_from = ats[c.n];
  select array_agg(t.factory_id), array_agg(t.known_from) into ids, ats
  from published_state t where t.factory_id = any (ids);
  update published_state t set capacity_course = c.course
  from capacity_course('published', ids, ats) c where t.factory_id = ids[c.n] and t.known_from = ats[c.n];
  if ids is not null then
    truncate status_turn;
    perform count_turns();
  end if;
end $$;
