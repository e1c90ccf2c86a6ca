-- What is shown of all factories at once, added up as it changes: a timeline as it was known at any moment, and a map zoomed out. Whoever
-- writes the tables that a summary is of, their triggers add to it what came and take from it what went. A row that has come to nothing
-- stays until a rebuild.

-- From the moment on that it is known, how many more factories than fewer came to stand in each status on each day: summed up to a moment
-- and a day, what was known by that moment to stand that day.
create table known_turn (
  known_by  text        not null,
  known_at  timestamptz not null,
  status    text        not null,
  day       date        not null, -- -infinity where it was always so
  factories int         not null,
  primary key (known_by, known_at, status, day)
);

-- Each span is a turn into its status and one out of it, known from one moment on and no longer from another.
create function add_known_turns() returns trigger language plpgsql as $$
begin
  insert into known_turn as k (known_by, known_at, status, day, factories)
  select s.known_by, m.known_at, s.status, d.day, tg_argv[0]::int * sum(m.sign * d.sign)
  from spans s
  cross join lateral (values (s.known_from, 1), (s.known_to, -1)) m (known_at, sign)
  cross join lateral (values (s.valid_from, 1), (s.valid_to, -1)) d (day, sign)
  where s.region_id = 0 and s.status is not null and m.known_at < 'infinity' and d.day < 'infinity'
  group by s.known_by, m.known_at, s.status, d.day having sum(m.sign * d.sign) <> 0
  on conflict (known_by, known_at, status, day) do update set factories = k.factories + excluded.factories;
  return null;
end $$;
create trigger known_turn_added   after insert on status_span referencing new table as spans for each statement execute function add_known_turns('1');
create trigger known_turn_changed after update on status_span referencing new table as spans for each statement execute function add_known_turns('1');
create trigger known_turn_was     after update on status_span referencing old table as spans for each statement execute function add_known_turns('-1');
create trigger known_turn_gone    after delete on status_span referencing old table as spans for each statement execute function add_known_turns('-1');

-- The factories of now in the cells of a grid of 512 by 512 over the world as web maps show it, which ends at 85 degrees.
create table factory_cell (
  cell_y    int    not null, -- from the north
  cell_x    int    not null, -- from the west
  status    text   not null, -- '' where nothing is claimed
  factories int    not null,
  x         bigint not null, -- where they lie, added up, in parts of 2^32 of the world: exact, whatever comes and goes
  y         bigint not null,
  ids       bigint not null, -- added up: of one factory, which it is
  primary key (cell_y, cell_x, status)
);

-- Where a place lies on a web map, as a share of the world from its north-west corner.
create function mercator_x(lon float8) returns float8 language sql immutable strict parallel safe
  return (lon + 180) / 360;
create function mercator_y(lat float8) returns float8 language sql immutable strict parallel safe
  return 0.5 - ln(tan(pi() / 4 + lat * pi() / 360)) / (2 * pi());

create function add_factory_cells() returns trigger language plpgsql as $$
begin
  insert into factory_cell as c (cell_y, cell_x, status, factories, x, y, ids)
  select greatest(0, least(511, floor(p.y * 512))), greatest(0, least(511, floor(p.x * 512))), coalesce(p.status, ''), p.sign * count(*),
    p.sign * sum(floor(p.x * 4294967296)::bigint), p.sign * sum(floor(p.y * 4294967296)::bigint), p.sign * sum(p.factory_id)
  from (
    select s.factory_id, s.status, mercator_x(s.lon) as x, mercator_y(s.lat) as y, tg_argv[0]::int as sign
    from states s where s.known_to = 'infinity' and s.lat > -85.051128779806604 and s.lat <= 85.051128779806604) p
  group by 1, 2, 3, p.sign
  on conflict (cell_y, cell_x, status) do update
  set factories = c.factories + excluded.factories, x = c.x + excluded.x, y = c.y + excluded.y, ids = c.ids + excluded.ids;
  return null;
end $$;
create trigger factory_cell_added   after insert on factory_state referencing new table as states for each statement execute function add_factory_cells('1');
create trigger factory_cell_changed after update on factory_state referencing new table as states for each statement execute function add_factory_cells('1');
create trigger factory_cell_was     after update on factory_state referencing old table as states for each statement execute function add_factory_cells('-1');
create trigger factory_cell_gone    after delete on factory_state referencing old table as states for each statement execute function add_factory_cells('-1');

-- A rebuild begins by emptying what is derived.
create function empty_summary() returns trigger language plpgsql as $$
begin
  execute format('truncate %I', tg_argv[0]);
  return null;
end $$;
create trigger known_turn_emptied   before truncate on status_span   for each statement execute function empty_summary('known_turn');
create trigger factory_cell_emptied before truncate on factory_state for each statement execute function empty_summary('factory_cell');

-- What is there already, as if it came now.
create temp table span_there (like status_span) on commit drop;
create trigger there after insert on span_there referencing new table as spans for each statement execute function add_known_turns('1');
insert into span_there select * from status_span where region_id = 0;
create temp table state_there (like factory_state) on commit drop;
create trigger there after insert on state_there referencing new table as states for each statement execute function add_factory_cells('1');
insert into state_there select * from factory_state where known_to = 'infinity';
