-- A timeline of what was known sums up the capacity too, and not only how many factories: the turns that are known carry both, as those of the
-- present do (status_turn).

drop function add_known_turns cascade;
drop table known_turn;

-- From the moment on that it is known, how many more factories than fewer came to stand in each status on each day, or in it to another
-- capacity, and with how much: summed up to a moment and a day, what was known by that moment to stand that day.
create table known_turn (
  known_by  text        not null,
  known_at  timestamptz not null,
  status    text        not null,
  day       date        not null, -- -infinity where it was always so
  unit      text        not null, -- '' where the capacity is not known
  factories int         not null,
  low       numeric     not null,
  high      numeric     not null,
  ranged    int         not null, -- factories whose capacity is a range
  unbounded int         not null, -- of these, those with no upper end
  primary key (known_by, known_at, status, day, unit)
);

-- What a factory is known to be and to have, in both senses.
create view known_capacity as
select 'recorded' as known_by, factory_id, known_from, known_to, capacity_course, capacity_value, capacity_min, capacity_max, capacity_unit from factory_state
union all
select 'published', factory_id, known_from, known_to, capacity_course, capacity_value, capacity_min, capacity_max, capacity_unit from published_state;

-- The turns of a span of a status with a capacity, from when both are known until one of them no longer is.
create function turns_known(
    p_known_from timestamptz, p_known_to timestamptz, p_valid_from date, p_valid_to date,
    p_course capacity_stretch[], p_value numeric, p_min numeric, p_max numeric, p_unit text)
  returns table (known_at timestamptz, day date, unit text, factories int, low numeric, high numeric, ranged int, unbounded int)
  language sql immutable parallel safe
as $$
  select k.known_at, d.day, c.unit, k.sign * d.sign, k.sign * d.sign * c.low, k.sign * d.sign * c.high, k.sign * d.sign * c.ranged, k.sign * d.sign * c.unbounded
  from capacity_parts(p_course, p_value, p_min, p_max, p_unit) c
  cross join lateral (values (p_known_from, 1), (p_known_to, -1)) k (known_at, sign)
  cross join lateral (values (greatest(p_valid_from, c.valid_from), 1), (least(p_valid_to, c.valid_to), -1)) d (day, sign)
  where p_known_from < p_known_to and p_valid_from < c.valid_to and c.valid_from < p_valid_to and k.known_at < 'infinity' and d.day < 'infinity';
$$;

-- Spans and states are written one after the other. So each that comes or goes is taken with what is there of the other at that time; what
-- comes later brings the rest.
create function add_turns_of_spans() returns trigger language plpgsql as $$
declare
  p_sign int := tg_argv[0];
begin
  insert into known_turn as k (known_by, known_at, status, day, unit, factories, low, high, ranged, unbounded)
  select s.known_by, t.known_at, s.status, t.day, t.unit, p_sign * sum(t.factories),
    p_sign * sum(t.low), p_sign * sum(t.high), p_sign * sum(t.ranged), p_sign * sum(t.unbounded)
  from spans s
  cross join lateral (select * from known_capacity c where c.factory_id = s.factory_id and c.known_by = s.known_by offset 0) c
  cross join lateral turns_known(
    greatest(s.known_from, c.known_from), least(s.known_to, c.known_to), s.valid_from, s.valid_to,
    c.capacity_course, c.capacity_value, c.capacity_min, c.capacity_max, c.capacity_unit) t
  where s.region_id = 0 and s.status is not null
  group by s.known_by, t.known_at, s.status, t.day, t.unit
  having (sum(t.factories), sum(t.low), sum(t.high), sum(t.ranged), sum(t.unbounded)) <> (0, 0, 0, 0, 0)
  on conflict (known_by, known_at, status, day, unit) do update
  set factories = k.factories + excluded.factories, low = k.low + excluded.low, high = k.high + excluded.high,
    ranged = k.ranged + excluded.ranged, unbounded = k.unbounded + excluded.unbounded;
  return null;
end $$;

create function add_turns_of_states() returns trigger language plpgsql as $$
declare
  p_sign     int  := tg_argv[0];
  p_known_by text := tg_argv[1];
begin
  insert into known_turn as k (known_by, known_at, status, day, unit, factories, low, high, ranged, unbounded)
  select p_known_by, t.known_at, s.status, t.day, t.unit, p_sign * sum(t.factories),
    p_sign * sum(t.low), p_sign * sum(t.high), p_sign * sum(t.ranged), p_sign * sum(t.unbounded)
  from states c
  cross join lateral (select * from status_span s where s.factory_id = c.factory_id offset 0) s
  cross join lateral turns_known(
    greatest(s.known_from, c.known_from), least(s.known_to, c.known_to), s.valid_from, s.valid_to,
    c.capacity_course, c.capacity_value, c.capacity_min, c.capacity_max, c.capacity_unit) t
  where s.known_by = p_known_by and s.region_id = 0 and s.status is not null
  group by t.known_at, s.status, t.day, t.unit
  having (sum(t.factories), sum(t.low), sum(t.high), sum(t.ranged), sum(t.unbounded)) <> (0, 0, 0, 0, 0)
  on conflict (known_by, known_at, status, day, unit) do update
  set factories = k.factories + excluded.factories, low = k.low + excluded.low, high = k.high + excluded.high,
    ranged = k.ranged + excluded.ranged, unbounded = k.unbounded + excluded.unbounded;
  return null;
end $$;

create trigger known_turn_added   after insert on status_span referencing new table as spans for each statement execute function add_turns_of_spans('1');
create trigger known_turn_changed after update on status_span referencing new table as spans for each statement execute function add_turns_of_spans('1');
create trigger known_turn_was     after update on status_span referencing old table as spans for each statement execute function add_turns_of_spans('-1');
create trigger known_turn_gone    after delete on status_span referencing old table as spans for each statement execute function add_turns_of_spans('-1');

create trigger known_turn_added   after insert on factory_state referencing new table as states for each statement execute function add_turns_of_states('1', 'recorded');
create trigger known_turn_changed after update on factory_state referencing new table as states for each statement execute function add_turns_of_states('1', 'recorded');
create trigger known_turn_was     after update on factory_state referencing old table as states for each statement execute function add_turns_of_states('-1', 'recorded');
create trigger known_turn_gone    after delete on factory_state referencing old table as states for each statement execute function add_turns_of_states('-1', 'recorded');

create trigger known_turn_added   after insert on published_state referencing new table as states for each statement execute function add_turns_of_states('1', 'published');
create trigger known_turn_changed after update on published_state referencing new table as states for each statement execute function add_turns_of_states('1', 'published');
create trigger known_turn_was     after update on published_state referencing old table as states for each statement execute function add_turns_of_states('-1', 'published');
create trigger known_turn_gone    after delete on published_state referencing old table as states for each statement execute function add_turns_of_states('-1', 'published');

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
  -- A state that ends where the next one begins with the same capacity turns nothing.
  delete from known_turn where known_by = 'recorded' and known_at = p_at and (factories, low, high, ranged, unbounded) = (0, 0, 0, 0, 0);
end $$;

-- What is there already.
insert into known_turn (known_by, known_at, status, day, unit, factories, low, high, ranged, unbounded)
select s.known_by, t.known_at, s.status, t.day, t.unit, sum(t.factories), sum(t.low), sum(t.high), sum(t.ranged), sum(t.unbounded)
from status_span s
join known_capacity c on c.factory_id = s.factory_id and c.known_by = s.known_by
cross join lateral turns_known(
  greatest(s.known_from, c.known_from), least(s.known_to, c.known_to), s.valid_from, s.valid_to,
  c.capacity_course, c.capacity_value, c.capacity_min, c.capacity_max, c.capacity_unit) t
where s.region_id = 0 and s.status is not null
group by s.known_by, t.known_at, s.status, t.day, t.unit
having (sum(t.factories), sum(t.low), sum(t.high), sum(t.ranged), sum(t.unbounded)) <> (0, 0, 0, 0, 0);
