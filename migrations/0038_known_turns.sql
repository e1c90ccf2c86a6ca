-- What was known at any moment of any day is added up by the writes not only as counts but with the capacity, of all factories and by country
-- and sector, and with the factories of which nothing is claimed: counts, capacities and timelines of these are sums of what changed.

drop function add_known_turns cascade;
drop table known_turn;

-- From the moment on that it is known, how many more factories than fewer came to stand in each status on each day, or in it to another
-- capacity, and with how much of it: summed up to a moment and a day, what was known by that moment of that day.
create table known_turn (
  known_by  text        not null,
  country   text        not null, -- '' and
  sector    text        not null, -- '' for those of all factories
  known_at  timestamptz not null,
  status    text        not null, -- '' where nothing is claimed
  day       date        not null, -- -infinity where it was always so
  unit      text        not null, -- '' where the capacity is not known
  factories int         not null,
  low       numeric     not null,
  high      numeric     not null,
  ranged    int         not null, -- factories whose capacity is a range
  unbounded int         not null, -- of these, those with no upper end
  primary key (known_by, country, sector, known_at, status, day, unit)
);

-- What a factory is known to be and to have, in both senses.
create view known_factory as
select 'recorded' as known_by, factory_id, known_from, known_to, country, sector, capacity_course, capacity_value, capacity_min, capacity_max, capacity_unit from factory_state
union all
select 'published', factory_id, known_from, known_to, country, sector, capacity_course, capacity_value, capacity_min, capacity_max, capacity_unit from published_state;

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

-- Adds these to what is there; what comes to nothing goes.
create function add_turns(p_turns known_turn[]) returns void language plpgsql as $$
declare
  nothing known_turn[];
begin
  with added as (
    insert into known_turn as k (known_by, country, sector, known_at, status, day, unit, factories, low, high, ranged, unbounded)
    select known_by, country, sector, known_at, status, day, unit, factories, low, high, ranged, unbounded from unnest(p_turns)
    on conflict (known_by, country, sector, known_at, status, day, unit) do update
    set factories = k.factories + excluded.factories, low = k.low + excluded.low, high = k.high + excluded.high,
      ranged = k.ranged + excluded.ranged, unbounded = k.unbounded + excluded.unbounded
    returning k.*
  )
  select array_agg(row(a.*)::known_turn) into nothing from added a where (factories, low, high, ranged, unbounded) = (0, 0, 0, 0, 0);

  if nothing is not null then
    delete from known_turn k using unnest(nothing) n
    where (k.known_by, k.country, k.sector, k.known_at, k.status, k.day, k.unit) = (n.known_by, n.country, n.sector, n.known_at, n.status, n.day, n.unit);
  end if;
end $$;

-- Spans and states are written one after the other. So those that come or go are taken with what is there of the other at that time; what
-- comes later brings the rest.
create function add_turns_of_spans() returns trigger language plpgsql as $$
declare
  came status_span[];
  went status_span[];
begin
  if tg_op <> 'DELETE' then
    came := array(select row(s.*)::status_span from new_spans s where s.region_id = 0);
  end if;
  if tg_op <> 'INSERT' then
    went := array(select row(s.*)::status_span from old_spans s where s.region_id = 0);
  end if;
  perform add_turns(array(
    select row(s.known_by, coalesce(c.country, ''), coalesce(c.sector, ''), t.known_at, coalesce(s.status, ''), t.day, t.unit, sum(s.sign * t.factories),
      sum(s.sign * t.low), sum(s.sign * t.high), sum(s.sign * t.ranged), sum(s.sign * t.unbounded))::known_turn
    from (select 1 as sign, * from unnest(came) union all select -1, * from unnest(went)) s
    cross join lateral (select * from known_factory k where k.factory_id = s.factory_id and k.known_by = s.known_by offset 0) c
    cross join lateral turns_known(
      greatest(s.known_from, c.known_from), least(s.known_to, c.known_to), s.valid_from, s.valid_to,
      c.capacity_course, c.capacity_value, c.capacity_min, c.capacity_max, c.capacity_unit) t
    group by s.known_by, t.known_at, s.status, t.day, t.unit, grouping sets ((), (c.country, c.sector))
    having (sum(s.sign * t.factories), sum(s.sign * t.low), sum(s.sign * t.high), sum(s.sign * t.ranged), sum(s.sign * t.unbounded)) <> (0, 0, 0, 0, 0)));
  return null;
end $$;

create function add_turns_of_states() returns trigger language plpgsql as $$
declare
  p_known_by text := tg_argv[0];
  came known_factory[];
  went known_factory[];
begin
  if tg_op <> 'DELETE' then
    came := array(
      select row(p_known_by, factory_id, known_from, known_to, country, sector, capacity_course, capacity_value, capacity_min, capacity_max, capacity_unit)::known_factory
      from new_states);
  end if;
  if tg_op <> 'INSERT' then
    went := array(
      select row(p_known_by, factory_id, known_from, known_to, country, sector, capacity_course, capacity_value, capacity_min, capacity_max, capacity_unit)::known_factory
      from old_states);
  end if;
  perform add_turns(array(
    select row(c.known_by, coalesce(c.country, ''), coalesce(c.sector, ''), t.known_at, coalesce(s.status, ''), t.day, t.unit, sum(c.sign * t.factories),
      sum(c.sign * t.low), sum(c.sign * t.high), sum(c.sign * t.ranged), sum(c.sign * t.unbounded))::known_turn
    from (select 1 as sign, * from unnest(came) union all select -1, * from unnest(went)) c
    cross join lateral (select * from status_span p where p.factory_id = c.factory_id offset 0) s
    cross join lateral turns_known(
      greatest(s.known_from, c.known_from), least(s.known_to, c.known_to), s.valid_from, s.valid_to,
      c.capacity_course, c.capacity_value, c.capacity_min, c.capacity_max, c.capacity_unit) t
    where s.known_by = c.known_by and s.region_id = 0
    group by c.known_by, t.known_at, s.status, t.day, t.unit, grouping sets ((), (c.country, c.sector))
    having (sum(c.sign * t.factories), sum(c.sign * t.low), sum(c.sign * t.high), sum(c.sign * t.ranged), sum(c.sign * t.unbounded)) <> (0, 0, 0, 0, 0)));
  return null;
end $$;

create trigger known_turn_added   after insert on status_span referencing new table as new_spans for each statement execute function add_turns_of_spans();
create trigger known_turn_changed after update on status_span referencing old table as old_spans new table as new_spans for each statement execute function add_turns_of_spans();
create trigger known_turn_gone    after delete on status_span referencing old table as old_spans for each statement execute function add_turns_of_spans();

create trigger known_turn_added   after insert on factory_state referencing new table as new_states for each statement execute function add_turns_of_states('recorded');
create trigger known_turn_changed after update on factory_state referencing old table as old_states new table as new_states for each statement execute function add_turns_of_states('recorded');
create trigger known_turn_gone    after delete on factory_state referencing old table as old_states for each statement execute function add_turns_of_states('recorded');

create trigger known_turn_added   after insert on published_state referencing new table as new_states for each statement execute function add_turns_of_states('published');
create trigger known_turn_changed after update on published_state referencing old table as old_states new table as new_states for each statement execute function add_turns_of_states('published');
create trigger known_turn_gone    after delete on published_state referencing old table as old_states for each statement execute function add_turns_of_states('published');

-- What is there already.
insert into known_turn (known_by, country, sector, known_at, status, day, unit, factories, low, high, ranged, unbounded)
select s.known_by, coalesce(c.country, ''), coalesce(c.sector, ''), t.known_at, coalesce(s.status, ''), t.day, t.unit, sum(t.factories), sum(t.low), sum(t.high), sum(t.ranged), sum(t.unbounded)
from status_span s
join known_factory c on c.factory_id = s.factory_id and c.known_by = s.known_by
cross join lateral turns_known(
  greatest(s.known_from, c.known_from), least(s.known_to, c.known_to), s.valid_from, s.valid_to,
  c.capacity_course, c.capacity_value, c.capacity_min, c.capacity_max, c.capacity_unit) t
where s.region_id = 0
group by s.known_by, t.known_at, s.status, t.day, t.unit, grouping sets ((), (c.country, c.sector))
having (sum(t.factories), sum(t.low), sum(t.high), sum(t.ranged), sum(t.unbounded)) <> (0, 0, 0, 0, 0);
