-- Invented factories for load and paging, never shown as facts: each with an identifier, a place, an operator, three events, a
-- capacity, and evidence; and a third of them with a start that was announced and put off.
-- The same count gives the same rows; a second call adds more. Everything is recorded under one stamp.
create or replace function generate_factories(p_count int) returns void language plpgsql as $$
declare
  stamp    record;
  base     bigint;
  phase0   bigint;
  claim0   bigint;
  region0  bigint;
  oper0    bigint;
  source0  bigint;
  media0   bigint;
  opers    int := greatest(1, p_count / 40);
  start    bigint := (select coalesce(max(id), 0) from factory);
begin
  select * into stamp from begin_write();

  select min(id) into region0 from region where slug like 'land-%';
  if region0 is null then
    -- 30 countries, each with 20 subdivisions.
    select coalesce(max(id), 0) + 1 into region0 from region;
    insert into region (id, slug, kind)
    select region0 + i, case when i < 30 then 'land-' || i else 'land-' || (i - 30) / 20 || '-part-' || (i - 30) % 20 end,
      case when i < 30 then 'country' else 'subdivision' end
    from generate_series(0, 629) i;
    insert into region_version (region_id, version, parent_id, name_fr, name_en, recorded_by, known_from)
    select region0 + i, 1, case when i >= 30 then region0 + (i - 30) / 20 end,
      case when i < 30 then 'Pays ' || i else 'Partie ' || (i - 30) % 20 || ' du pays ' || (i - 30) / 20 end,
      case when i < 30 then 'Land ' || i else 'Part ' || (i - 30) % 20 || ' of land ' || (i - 30) / 20 end, 'generator', stamp.recorded_at
    from generate_series(0, 629) i;
    insert into slug (kind, slug, resource_id) select 'region', slug, id from region where id >= region0;
    perform setval(pg_get_serial_sequence('region', 'id'), (select max(id) from region));
    insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, version)
    select stamp.last_seq + 1 + i, stamp.recorded_at, 'generator', 'imported', 'region', region0 + i, 1 from generate_series(0, 629) i;
    stamp.last_seq := stamp.last_seq + 630;
  end if;

  oper0 := (select coalesce(max(id), 0) from operator) + 1;
  insert into operator (id, slug) select oper0 + i, 'generated-operator-' || oper0 + i from generate_series(0, opers - 1) i;
  insert into operator_version (operator_id, version, name, country, recorded_by, known_from)
  select oper0 + i, 1, 'Operator ' || oper0 + i, 'FR', 'generator', stamp.recorded_at from generate_series(0, opers - 1) i;
  insert into slug (kind, slug, resource_id) select 'operator', slug, id from operator where id >= oper0;
  perform setval(pg_get_serial_sequence('operator', 'id'), (select max(id) from operator));

  source0 := (select coalesce(max(id), 0) from source) + 1;
  insert into source (id, slug) select source0 + i, 'generated-source-' || source0 + i from generate_series(0, 9) i;
  insert into source_version (source_id, version, kind, title, sort_name, published, published_earliest, published_latest, recorded_by, known_from)
  select source0 + i, 1, 'dataset', 'Generated source ' || source0 + i, 'generated source ' || source0 + i,
    (date '2020-01-01' + i * 100)::text, date '2020-01-01' + i * 100, date '2020-01-01' + i * 100, 'generator', stamp.recorded_at
  from generate_series(0, 9) i;
  insert into slug (kind, slug, resource_id) select 'source', slug, id from source where id >= source0;
  perform setval(pg_get_serial_sequence('source', 'id'), (select max(id) from source));

  base := start + 1;
  phase0 := (select coalesce(max(id), 0) from phase) + 1;
  create temp table made on commit drop as
  select i, base + i as factory_id, phase0 + i as phase_id,
    abs(hashint8(base + i)::bigint) as h, (array['Acier', 'Batterie', 'Câble', 'Dépôt', 'Énergie', 'Fonderie', 'Giga', 'Hydro'])[1 + abs(hashint8(base + i)::bigint) / 13 % 8] as word
  from generate_series(0, p_count - 1) i;

  insert into factory (id, slug, first_phase_id) select factory_id, 'generated-' || factory_id, phase_id from made;
  insert into phase (id, factory_id) select phase_id, factory_id from made;
  insert into slug (kind, slug, resource_id) select 'factory', 'generated-' || factory_id, factory_id from made;
  insert into identifier (kind, scheme, value, resource_id, recorded_by, known_from)
  select 'factory', 'wikidata', 'Q' || 900000000 + factory_id, factory_id, 'generator', stamp.recorded_at from made;
  insert into phase_version (phase_id, version, position, recorded_by, known_from) select phase_id, 1, 1, 'generator', stamp.recorded_at from made;
  insert into factory_version (factory_id, version, name, names, sector, country, region_id, locality, recorded_by, known_from)
  select factory_id, 1, word || ' ' || h % 100000 || ' ' || factory_id,
    jsonb_build_array(jsonb_build_object('text', word || ' ' || h % 100000 || ' ' || factory_id, 'lang', 'fr', 'kind', 'official')),
    (array['battery_cells', 'battery_packs', 'battery_materials', 'battery_recycling', 'power_generation', 'other'])[1 + h % 6],
    (array['FR', 'DE', 'IT', 'ES', 'PL', 'GB', 'SE', 'NO', 'HU', 'PT'])[1 + (h / 7) % 10],
    case when h % 20 > 0 then region0 + 30 + (h / 3) % 600 end, 'Ville ' || (h / 11) % 5000, 'generator', stamp.recorded_at
  from made;
  perform setval(pg_get_serial_sequence('factory', 'id'), (select max(id) from factory));
  perform setval(pg_get_serial_sequence('phase', 'id'), (select max(id) from phase));

  -- Claims: three events, a role, a figure, and for nine in ten a place.
  claim0 := (select coalesce(max(id), 0) from claim) + 1;
  create temp table said on commit drop as
  select claim0 - 1 + row_number() over (order by m.i, k.n) as claim_id, m.*, k.n
  from made m cross join generate_series(0, 8) k(n)
  where (k.n < 5 or (k.n = 5 and m.h % 10 > 0) or (k.n = 6 and m.h % 5 = 0) or (k.n > 6 and m.h % 3 = 0));
  -- With the dates of their sources, which the projection would otherwise update each of them with.
  insert into claim (id, kind, factory_id, basis, confidence, recorded_by, known_from, published_from, published_basis)
  select claim_id, (array['status_event', 'status_event', 'status_event', 'role', 'figure', 'location', 'depiction', 'status_event', 'status_event'])[1 + n], factory_id,
    case when n > 6 then 'expected' else 'actual' end, (array['high', 'medium', 'low'])[1 + (h + n) % 3], 'generator', stamp.recorded_at,
    (date '2020-01-01' + ((h + n / 3) % 10)::int * 100)::timestamp at time zone 'UTC', 'published'
  from said;
  insert into status_event (claim_id, phase_id, status, date, earliest, latest, date_meaning)
  select claim_id, phase_id,
    case n when 0 then 'announced' when 1 then 'under_construction' when 2 then (array['operating', 'operating', 'cancelled', 'suspended'])[1 + h % 4] else 'operating' end,
    day::text, day, day, case when n = 1 and h % 3 = 0 then 'observed' else 'began' end
  from (select *, date '2012-01-01' + (h % 2000)::int + n * (200 + (h % 400)::int) as day from said where n < 3 or n > 6) e;
  insert into role (claim_id, operator_id, role) select claim_id, oper0 + (h / 5) % opers, 'operator' from said where n = 3;
  insert into figure (claim_id, phase_id, property, value, unit, qualifier)
  select claim_id, phase_id, 'capacity', 1 + h % 5000, 'MW', 'installed' from said where n = 4;
  insert into location (claim_id, lon, lat, precision, uncertainty_m, method)
  select claim_id, -10 + (h % 400007) / 10000.0, 36 + (h % 280001) / 10000.0, 'municipality', 5000, 'generated' from said where n = 5;
  media0 := (select coalesce(max(id), 0) from media) + 1;
  insert into media (id) select media0 + row_number() over (order by claim_id) - 1 from said where n = 6;
  insert into media_version (media_id, version, url, kind, recorded_by, known_from)
  select id, 1, 'https://images.example/' || id || '.jpg', 'image', 'generator', stamp.recorded_at from media where id >= media0;
  insert into depiction (claim_id, media_id) select claim_id, media0 + row_number() over (order by claim_id) - 1 from said where n = 6;
  insert into evidence (claim_id, source_id, recorded_by, known_from)
  select claim_id, source0 + (h + n / 3) % 10, 'generator', stamp.recorded_at from said;
  perform setval(pg_get_serial_sequence('claim', 'id'), (select max(id) from claim));
  perform setval(pg_get_serial_sequence('media', 'id'), greatest(1, (select coalesce(max(id), 1) from media)));

  insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
  select stamp.last_seq + row_number() over (order by place, id), stamp.recorded_at, 'generator', 'imported', type, id, factory_id, 1
  from (
    select 1 as place, 'operator' as type, id, null::bigint as factory_id from operator where id >= oper0
    union all select 2, 'source', id, null from source where id >= source0
    union all select 3, 'factory', factory_id, factory_id from made) x;

  -- Not the catalogs that all databases share: who else looks at them would wait until this ends.
  execute (select 'analyze ' || string_agg(format('%I', relname), ', ') from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r');
end $$;
