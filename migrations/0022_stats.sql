-- Statistics: what they read that was not there yet.

-- One figure of a property for each factory, as capacity had it: phases summed by their most concrete qualifier, never across products or
-- units, a factory-level figure only where no phase has one; of several products or units the most concrete, then that of most phases.
create function factory_figure(p_property text, p_known_by text, p_factories bigint[], p_ats timestamptz[], p_as_of date)
  returns table (n bigint, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  with concrete as (
    select distinct on (i.n, i.phase_id, i.product, i.unit) i.*, coalesce(q.concreteness, 9) as concreteness
    from figures_in_force(p_known_by, p_factories, p_ats, p_as_of) i
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

create or replace function factory_capacity(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_as_of date)
  returns table (n bigint, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  select f.n, f.value, f.min, f.max, f.word, f.unit, f.qualifier, f.product from factory_figure('capacity', p_known_by, p_factories, p_ats, p_as_of) f;
$$;

-- What was expected is a small part of all claims, and slippage looks at no other.
create index claim_expected on claim (factory_id, id) where kind = 'status_event' and basis = 'expected';

-- By month, how many more factories than fewer came to stand in each status in each region, as it is known now, and what capacity they
-- have today: summed up to a month, what stood in it at that month's end. A row that has come to nothing stays until a rebuild.
create table status_turn (
  region_id bigint  not null,
  status    text    not null,
  month     date    not null, -- its first day; -infinity where it was always so
  unit      text    not null, -- of the capacity; '' where there is no number
  factories int     not null,
  low       numeric not null, -- the capacity, or the least that it is
  high      numeric not null, -- the capacity, or the most that it is where that is known
  ranged    int     not null, -- of how many it is not exact
  unbounded int     not null, -- and of how many there is no most
  primary key (region_id, status, month, unit)
);

-- A figure as a sum takes it up: exact, or the least and the most that it is; what is not known of it adds nothing, and is counted.
create function capacity_part(p_value numeric, p_min numeric, p_max numeric, p_unit text)
  returns table (unit text, low numeric, high numeric, ranged int, unbounded int)
  language sql immutable parallel safe
as $$
  select case when num_nonnulls(p_value, p_min, p_max) > 0 then p_unit else '' end,
    coalesce(p_value, p_min, 0), coalesce(p_value, p_max, 0),
    (p_value is null and num_nonnulls(p_min, p_max) > 0)::int, (p_value is null and p_max is null and p_min is not null)::int;
$$;

-- The turns that the spans and states of these factories, or of all, now say.
create function turns_of(p_factories bigint[], p_all boolean)
  returns table (region_id bigint, status text, month date, unit text, factories bigint, low numeric, high numeric, ranged bigint, unbounded bigint)
  language sql stable
as $$
  select s.region_id, s.status, d.month, c.unit,
    sum(d.sign), sum(d.sign * c.low), sum(d.sign * c.high), sum(d.sign * c.ranged), sum(d.sign * c.unbounded)
  from status_span s
  join factory_state t on t.factory_id = s.factory_id and t.known_to = 'infinity'
  cross join lateral capacity_part(t.capacity_value, t.capacity_min, t.capacity_max, t.capacity_unit) c
  cross join lateral (values (date_trunc('month', s.valid_from::timestamp)::date, 1), (date_trunc('month', s.valid_to::timestamp)::date, -1)) d (month, sign)
  where (p_all or s.factory_id = any (p_factories)) and s.known_by = 'recorded' and s.known_to = 'infinity' and s.status is not null and d.month < 'infinity'
  group by s.region_id, s.status, d.month, c.unit;
$$;

-- Looking each state up by itself takes several times as long as reading all of them, and looks cheaper to the planner.
create function count_turns() returns void language sql
  set enable_memoize to off
  set work_mem to '64MB'
as $$
  insert into status_turn (region_id, status, month, unit, factories, low, high, ranged, unbounded)
  select region_id, status, month, unit, factories, low, high, ranged, unbounded from turns_of('{}', true)
  where (factories, low, high, ranged, unbounded) <> (0, 0, 0, 0, 0);
$$;

-- Adds to (sign 1) or takes from (sign -1) the counts what the spans and states of these factories now say.
create or replace function count_regions(p_factories bigint[], p_sign int) returns void language plpgsql as $$
begin
  insert into region_count as r (region_id, status, factories)
  select region_id, coalesce(status, ''), p_sign * count(*)
  from status_span
  where factory_id = any (p_factories) and known_by = 'recorded' and known_to = 'infinity' and valid_to = 'infinity'
  group by region_id, coalesce(status, '')
  on conflict (region_id, status) do update set factories = r.factories + excluded.factories;

  insert into status_turn as r (region_id, status, month, unit, factories, low, high, ranged, unbounded)
  select region_id, status, month, unit, p_sign * factories, p_sign * low, p_sign * high, p_sign * ranged, p_sign * unbounded
  from turns_of(p_factories, false)
  on conflict (region_id, status, month, unit) do update
  set factories = r.factories + excluded.factories, low = r.low + excluded.low, high = r.high + excluded.high,
    ranged = r.ranged + excluded.ranged, unbounded = r.unbounded + excluded.unbounded;
end $$;

-- Everything from versions and claims alone, in batches that fit in memory.
create or replace function rebuild_projections() returns void language plpgsql as $$
declare
  batch   bigint[];
  indexes text[];
  index   text;
begin
  perform take_write_stamp();
  perform plan_for(1000000);
  truncate factory_state, published_state, status_span, region_count, status_turn, factory_text;
  -- An index is made faster than it is kept, save the one that the states are made by.
  select array_agg(pg_get_indexdef(i.indexrelid)) into indexes
  from pg_index i
  where i.indrelid in ('factory_state'::regclass, 'published_state'::regclass, 'status_span'::regclass, 'factory_text'::regclass) and not i.indisprimary
    and i.indexrelid <> 'status_span_factory'::regclass;
  for index in
    select i.indexrelid::regclass from pg_index i
    where i.indrelid in ('factory_state'::regclass, 'published_state'::regclass, 'status_span'::regclass, 'factory_text'::regclass) and not i.indisprimary
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

  perform count_turns();

  foreach index in array indexes loop
    execute index;
  end loop;
  perform rebuild_search();
end $$;

-- Of what is there already.
select count_turns();
