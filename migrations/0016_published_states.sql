-- What was published is listed as fast as what was recorded: its states are kept as well.

-- A factory as what was published by then shows it, from one publication to the next, told with today's names: the states of the other
-- sense, column for column.
create table published_state (like factory_state, primary key (factory_id, known_from));

-- The states at the given moments, each known until its known_to. What was published has no last change of its own: today's stands for it.
create function known_states(p_known_by text, p_factories bigint[], p_ats timestamptz[], p_known_tos timestamptz[]) returns setof factory_state
  language sql stable
as $$
  select
    s.factory_id, s.at, p_known_tos[s.n], s.slug, s.version, s.name, s.sort_name, s.sector, s.products, s.country,
    s.region_id, s.region_slug, s.region_name_fr, s.region_name_en, s.locality, s.lon, s.lat, s.location_precision, s.location_uncertainty_m,
    s.operator_slugs, s.operator_names, s.operator_roles, s.operator_froms, s.operator_tos,
    s.status, s.stage, s.status_since, s.status_since_on, s.status_date_meaning, s.status_basis, s.last_confirmed, s.last_confirmed_on,
    s.capacity_value, s.capacity_min, s.capacity_max, s.capacity_word, s.capacity_unit, s.capacity_qualifier, s.capacity_product,
    s.phase_count, s.media_count, s.source_count, s.created_at,
    case p_known_by when 'published' then (select n.known_from from factory_state n where n.factory_id = s.factory_id and n.known_to = 'infinity') else s.at end
  from factory_state_at(p_known_by, p_factories, p_ats) s;
$$;

-- Every moment at which what is published of a factory changed, and that at which it was first spoken of.
create or replace function factory_publications(p_factories bigint[])
  returns table (factory_id bigint, at timestamptz)
  language sql stable
as $$
  with kin as (
    select id as factory_id, id as member_id from unnest(p_factories) as id
    union all
    select m.survivor_id, m.loser_id from factory_merged m where m.survivor_id = any (p_factories) and m.known_to = 'infinity'
  ), said as (
    select k.factory_id, c.published_from, c.published_to
    from kin k join claim c on c.factory_id = k.member_id and c.published_from < c.published_to
  ), first as (
    select factory_id, min(published_from) as at from said group by factory_id
  ), cut as (
    select factory_id, published_from, published_to from said
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

-- The whole history of these factories in one sense, where there is none yet.
create or replace function insert_history(p_known_by text, p_factories bigint[]) returns void language plpgsql as $$
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

  if p_known_by = 'published' then
    insert into published_state select * from known_states('published', factories, ats, tos);
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

-- Brings the recorded sense of these factories up to a write at p_at.
create or replace function advance_recorded(p_factories bigint[], p_at timestamptz) returns void language plpgsql as $$
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
  insert into factory_state select * from known_states('recorded', p_factories, ats, array_fill('infinity'::timestamptz, array[cardinality(p_factories)]));

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

drop function insert_states;

-- Makes the published sense of these factories anew.
create or replace function advance_published(p_factories bigint[]) returns void language plpgsql as $$
begin
  delete from published_state where factory_id = any (p_factories);
  delete from status_span where factory_id = any (p_factories) and known_by = 'published';
  perform insert_history('published', p_factories);
end $$;

-- The projections of these factories anew, over all time: what they say was changed in the versions themselves, which only a redaction does.
create or replace function rebuild_factories(p_factories bigint[]) returns void language plpgsql as $$
begin
  perform plan_for(cardinality(p_factories)), count_regions(p_factories, -1);
  delete from factory_state where factory_id = any (p_factories);
  delete from status_span where factory_id = any (p_factories) and known_by = 'recorded';
  delete from factory_text where factory_id = any (p_factories);
  perform insert_history('recorded', p_factories);
  perform advance_published(p_factories);
  perform count_regions(p_factories, 1);
  delete from region_count where factories = 0;
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
  truncate factory_state, published_state, status_span, region_count, factory_text;
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

  foreach index in array indexes loop
    execute index;
  end loop;
  perform rebuild_search();
end $$;

-- Turns that were to come when they were recorded, or published, those that were taken back included.
drop index status_span_ahead;
create index status_span_ahead on status_span (known_by, valid_from) include (known_from, known_to)
  where region_id = 0 and valid_from > (known_from at time zone 'UTC')::date;

-- Of what is there already.
select plan_for(1000000);
do $$
declare
  batch bigint[];
begin
  for batch in
    select array_agg(id order by id) from (select id, (row_number() over (order by id) - 1) / 5000 as part from factory) f group by part order by part
  loop
    perform advance_published(batch);
  end loop;
end $$;

create index published_state_name on published_state (sort_name, factory_id) include (known_from, known_to);
create index published_state_status on published_state (status, sort_name, factory_id) include (known_from, known_to);
create index published_state_country on published_state (country, sort_name, factory_id) include (known_from, known_to);
create index published_state_sector on published_state (sector, sort_name, factory_id) include (known_from, known_to);
create index published_state_updated on published_state (updated_at, factory_id) include (known_from, known_to);
create index published_state_created on published_state (created_at, factory_id) include (known_from, known_to);
create index published_state_since on published_state (coalesce(status_since_on, 'infinity'), factory_id) include (known_from, known_to);
create index published_state_since_desc on published_state (coalesce(status_since_on, '-infinity'), factory_id) include (known_from, known_to);
create index published_state_confirmed on published_state (coalesce(last_confirmed_on, 'infinity'), factory_id) include (known_from, known_to);
create index published_state_confirmed_desc on published_state (coalesce(last_confirmed_on, '-infinity'), factory_id) include (known_from, known_to);
create index published_state_point on published_state (lon, lat) include (factory_id, known_from, known_to) where lon is not null;
create index published_state_near on published_state using gist (sphere_point(lon, lat)) where lon is not null;
