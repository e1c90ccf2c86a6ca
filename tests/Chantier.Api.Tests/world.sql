-- An invented world, small enough to compute every answer by hand and rich enough to break things. Nothing in it is a fact.
--
-- Five writes, each a day of 2025 at ten o'clock: (1) 10 January all that is not said otherwise; (2) 10 February a correction of our own;
-- (3) 10 March news and two merges; (4) 10 April a further merge and the deletions; (5) 10 May an unmerge, a retraction, a revision.
-- What derives from the claims is derived at the end, all at once.
create function pg_temp.k(n int) returns timestamptz language sql immutable
  return (array['2025-01-10T10:00:00Z', '2025-02-10T10:00:00Z', '2025-03-10T10:00:00Z', '2025-04-10T10:00:00Z', '2025-05-10T10:00:00.123456Z'])[n]::timestamptz;

-- What ends with write n; 0 is never.
create function pg_temp.until(n int) returns timestamptz language sql immutable return case when n = 0 then 'infinity' else pg_temp.k(n) end;

create function pg_temp.claim(p_id bigint, p_kind text, p_factory bigint, p_basis text, p_confidence text, p_from int, p_source bigint, p_to int default 0, p_reason text default null,
  p_supersedes bigint default null, p_cause text default 'retracted', p_end_source bigint default null) returns void language sql as $$
  insert into claim (id, kind, factory_id, basis, confidence, supersedes_id, recorded_by, known_from, known_to, end_cause, end_reason, end_source_id, ended_by)
  values (p_id, p_kind, p_factory, p_basis, p_confidence, p_supersedes, 'inventor', pg_temp.k(p_from), pg_temp.until(p_to),
    case when p_to > 0 then p_cause end, p_reason, p_end_source, case when p_to > 0 then 'inventor' end);
  insert into evidence (claim_id, source_id, locator_kind, locator_start, note, recorded_by, known_from)
  select p_id, p_source, 'paragraph', p_id % 10, 'Invented.', 'inventor', pg_temp.k(p_from) where p_source is not null;
$$;

create function pg_temp.event(p_id bigint, p_factory bigint, p_phase bigint, p_status text, p_date text, p_earliest date, p_latest date, p_meaning text, p_source bigint,
  p_basis text default 'actual', p_confidence text default 'medium', p_from int default 1, p_to int default 0, p_reason text default null, p_supersedes bigint default null,
  p_cause text default 'retracted') returns void language sql as $$
  select pg_temp.claim(p_id, 'status_event', p_factory, p_basis, p_confidence, p_from, p_source, p_to, p_reason, p_supersedes, p_cause);
  insert into status_event (claim_id, phase_id, status, date, earliest, latest, date_meaning) values (p_id, p_phase, p_status, p_date, p_earliest, p_latest, p_meaning);
$$;

create function pg_temp.place(p_id bigint, p_factory bigint, p_lon float8, p_lat float8, p_precision text, p_uncertainty int) returns void language sql as $$
  select pg_temp.claim(p_id, 'location', p_factory, 'actual', 'medium', 1, 2);
  insert into location (claim_id, lon, lat, precision, uncertainty_m, method) values (p_id, p_lon, p_lat, p_precision, p_uncertainty, 'invented');
$$;

create function pg_temp.part(p_id bigint, p_factory bigint, p_operator bigint, p_role text, p_valid text default null, p_valid_from date default '-infinity', p_valid_to date default 'infinity',
  p_basis text default 'actual') returns void language sql as $$
  select pg_temp.claim(p_id, 'role', p_factory, p_basis, 'medium', 1, 2);
  insert into role (claim_id, operator_id, role, valid, valid_from, valid_to) values (p_id, p_operator, p_role, p_valid, p_valid_from, p_valid_to);
$$;

-- Sources: two with different publication, two releases of one register, one only retrieved, one of no date at all, one deleted.
insert into source (id, slug) values (1, 'gazette-2020'), (2, 'registre-2023'), (3, 'registre-2024'), (4, 'note-sans-date'), (5, 'carnet'), (6, 'oublie');
insert into slug (kind, slug, resource_id) select 'source', slug, id from source;
insert into slug (kind, slug, resource_id) values ('source', 'la-gazette', 1);
insert into source_version (source_id, version, kind, title, publisher, sort_name, url, archive_url, published, published_earliest, published_latest, retrieved_at, language, licence,
  text_sha256, series, release, recorded_by, known_from, known_to) values
  (1, 1, 'press', 'L''usine Élan démarre', 'Gazette d''Arcadie', 'l''usine elan demarre', 'https://gazette.example/elan', 'https://archive.example/1', '2020-06', '2020-06-01', '2020-06-30', '2020-07-01T12:00:00Z', 'fr', 'unknown',
     repeat('a', 64), null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (2, 1, 'register', 'Registre 2023', 'Office d''Arcadie', 'registre 2023', 'https://registre.example/2023', null, '2023-12-31', '2023-12-31', '2023-12-31', null, 'fr', 'CC0-1.0', null, 'registre', '2023', 'inventor', pg_temp.k(1), 'infinity'),
  (3, 1, 'register', 'Registre 2024', 'Office d''Arcadie', 'registre 2024', 'https://registre.example/2024', null, '2024-12-31', '2024-12-31', '2024-12-31', null, 'fr', 'CC0-1.0', null, 'registre', '2024', 'inventor', pg_temp.k(1), 'infinity'),
  (4, 1, 'other', null, null, 'note-sans-date', null, null, null, null, null, '2024-03-01T00:00:00Z', null, null, null, null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (5, 1, 'other', null, null, 'carnet', null, null, null, null, null, null, null, null, null, null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (6, 1, 'press', 'Oublié', null, 'oublie', null, null, null, null, null, null, null, null, null, null, null, 'inventor', pg_temp.k(1), pg_temp.k(4));

-- Regions: a country three deep, another across the antimeridian, a cluster with a region and a factory in it, one empty, one deleted.
insert into region (id, slug, kind) values (1, 'arcadie', 'country'), (2, 'haute-arcadie', 'subdivision'), (3, 'val-d-or', 'department'), (4, 'basse-arcadie', 'subdivision'),
  (5, 'fidji', 'country'), (6, 'vallee-du-fer', 'cluster'), (7, 'desert', 'country'), (8, 'perdue', 'subdivision');
insert into slug (kind, slug, resource_id) select 'region', slug, id from region;
insert into slug (kind, slug, resource_id) values ('region', 'arcadia', 1);
insert into boundary (id, geometry, min_lon, min_lat, max_lon, max_lat) values
  (1, '{"type":"Polygon","coordinates":[[[0,40],[10,40],[10,50],[0,50],[0,40]]]}', 0, 40, 10, 50),
  (2, '{"type":"MultiPolygon","coordinates":[[[[177,-20],[180,-20],[180,-15],[177,-15],[177,-20]]],[[[-180,-20],[-178,-20],[-178,-15],[-180,-15],[-180,-20]]]]}', 177, -20, -178, -15);
insert into region_version (region_id, version, parent_id, name_fr, name_en, name_local, boundary_id, recorded_by, known_from, known_to) values
  (1, 1, null, 'Arcadie', 'Arcadia', 'Ἀρκαδία', 1, 'inventor', pg_temp.k(1), 'infinity'),
  (2, 1, 1, 'Haute-Arcadie', 'Upper Arcadia', null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (3, 1, 2, 'Val d''Or', 'Gold Valley', null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (4, 1, 1, 'Basse-Arcadie', 'Lower Arcadia', null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (5, 1, null, 'Fidji', 'Fiji', 'Viti', 2, 'inventor', pg_temp.k(1), 'infinity'),
  (6, 1, null, 'Vallée du Fer', 'Iron Valley', null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (7, 1, null, 'Désert', 'Desert', null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (8, 1, 1, 'Perdue', 'Lost', null, null, 'inventor', pg_temp.k(1), pg_temp.k(4));

-- Operators: with accents, without a country, deleted.
insert into operator (id, slug) values (1, 'elan'), (2, 'zebre'), (3, 'ancien'), (4, 'fonds'), (5, 'etat'), (6, 'disparu');
insert into slug (kind, slug, resource_id) select 'operator', slug, id from operator;
insert into slug (kind, slug, resource_id) values ('operator', 'elan-sa', 1);
insert into operator_version (operator_id, version, name, legal_name, country, website, recorded_by, known_from, known_to) values
  (1, 1, 'Élan', 'Élan Société Anonyme', 'FR', 'https://elan.example', 'inventor', pg_temp.k(1), 'infinity'),
  (2, 1, 'Zèbre', null, 'DE', null, 'inventor', pg_temp.k(1), 'infinity'),
  (3, 1, 'Ancien Régime', null, null, null, 'inventor', pg_temp.k(1), 'infinity'),
  (4, 1, 'Fonds Commun', null, 'FR', null, 'inventor', pg_temp.k(1), 'infinity'),
  (5, 1, 'État', null, 'FR', null, 'inventor', pg_temp.k(1), 'infinity'),
  (6, 1, 'Disparu', null, 'FR', null, 'inventor', pg_temp.k(1), pg_temp.k(4));

-- Factories. The locality of one would break a table that is not quoted. 8 and 9 are merged away, 10 is deleted, 11 was renamed, 12 was merged into 13 for a while; of 4 nothing is known.
create function pg_temp.factory(p_id bigint, p_slug text, p_name text, p_sector text, p_country text, p_region bigint, p_locality text) returns void language sql as $$
  insert into factory (id, slug, first_phase_id) values (p_id, p_slug, p_id);
  insert into phase (id, factory_id) values (p_id, p_id);
  insert into phase_version (phase_id, version, position, name, product, recorded_by, known_from)
  values (p_id, 1, 1, case p_id when 1 then 'Bloc 1' end, case p_id when 1 then 'acier' end, 'inventor', pg_temp.k(1));
  insert into slug (kind, slug, resource_id) values ('factory', p_slug, p_id);
  insert into factory_version (factory_id, version, name, names, sector, country, region_id, locality, recorded_by, known_from, known_to)
  values (p_id, 1, p_name, jsonb_build_array(jsonb_build_object('text', p_name, 'lang', 'fr', 'kind', 'official')), p_sector, p_country, p_region, p_locality, 'inventor', pg_temp.k(1),
    pg_temp.until(case p_id when 10 then 4 when 11 then 5 else 0 end));
$$;
select pg_temp.factory(1, 'acierie-elan', 'Aciérie Élan', 'battery_cells', 'FR', 3, 'Châtillon'),
  pg_temp.factory(2, 'zebre-nord', 'Zèbre Nord', 'battery_packs', 'DE', null, null),
  pg_temp.factory(3, 'tardive', 'Tardive', 'battery_cells', 'FR', 4, 'Œuilly'),
  pg_temp.factory(4, 'virgule', 'Usine "Virgule", sœur', 'other', 'FR', null, E'Quai "B",\r\nporte 3\nau fond'),
  pg_temp.factory(5, 'fidji-est', 'Fidji Est', 'power_generation', 'FJ', 5, null),
  pg_temp.factory(6, 'fidji-ouest', 'Fidji Ouest', 'power_generation', 'FJ', 5, null),
  pg_temp.factory(7, 'pole-nord', 'Pôle Nord', 'other', 'NO', null, null),
  pg_temp.factory(8, 'acierie-elan-bis', 'Aciérie Élan bis', 'battery_cells', 'FR', 3, null),
  pg_temp.factory(9, 'acierie-elan-ter', 'Aciérie Élan ter', 'battery_cells', 'FR', 3, null),
  pg_temp.factory(10, 'supprimee', 'Supprimée', 'other', 'FR', 3, null),
  pg_temp.factory(11, 'renommee', 'Ancien Nom', 'battery_cells', 'DE', 4, null),
  pg_temp.factory(12, 'sosie-a', 'Sosie A', 'other', 'FR', 2, null),
  pg_temp.factory(13, 'sosie-b', 'Sosie B', 'other', 'FR', 2, null),
  pg_temp.factory(14, 'futur', 'Futur', 'battery_materials', 'FR', 2, null),
  pg_temp.factory(15, 'contradictoire', 'Contradictoire', 'battery_materials', 'FR', 4, null);
insert into slug (kind, slug, resource_id) values ('factory', 'ancien-nom', 11);
insert into factory_version (factory_id, version, name, names, sector, country, region_id, recorded_by, known_from)
values (11, 2, 'Renommée', '[{"text":"Renommée","lang":"fr","kind":"official"},{"text":"Ancien Nom","lang":"fr","kind":"former"}]', 'battery_recycling', 'FR', 3, 'inventor', pg_temp.k(5));
insert into phase (id, factory_id) values (101, 1);
insert into phase_version (phase_id, version, name, product, position, recorded_by, known_from) values (101, 1, 'Ligne 2', 'acier', 2, 'inventor', pg_temp.k(1));

insert into identifier (kind, resource_id, scheme, value, recorded_by, known_from) values
  ('factory', 1, 'wikidata', 'Q101', 'inventor', pg_temp.k(1)), ('factory', 1, 'siret', '73282932000074', 'inventor', pg_temp.k(1)),
  ('factory', 8, 'wikidata', 'Q108', 'inventor', pg_temp.k(1)), ('factory', 9, 'osm', 'way/5013364', 'inventor', pg_temp.k(1)),
  ('factory', 12, 'wikidata', 'Q112', 'inventor', pg_temp.k(1)),
  ('operator', 1, 'lei', '5493000IBP32UQZ0KL24', 'inventor', pg_temp.k(1)), ('operator', 1, 'siren', '732829320', 'inventor', pg_temp.k(1)),
  ('region', 1, 'iso3166-1', 'AC', 'inventor', pg_temp.k(1)), ('region', 1, 'wikidata', 'Q201', 'inventor', pg_temp.k(1));

-- Status. One site runs since 2015 while its second line is built, with two plans for that line, each a claim of its own.
select pg_temp.event(101, 1, 1, 'operating', '2015', '2015-01-01', '2015-12-31', 'began', 1, p_confidence => 'high'),
  pg_temp.event(102, 1, 101, 'announced', '2020-06', '2020-06-01', '2020-06-30', 'began', 1),
  pg_temp.event(103, 1, 101, 'under_construction', '2023-05-15', '2023-05-15', '2023-05-15', 'began', 2),
  pg_temp.event(104, 1, 101, 'operating', '2026', '2026-01-01', '2026-12-31', 'began', 2, 'expected'),
  pg_temp.event(105, 1, 101, 'operating', '2027', '2027-01-01', '2027-12-31', 'began', 3, 'expected'),
  -- A date of ours was wrong, and is corrected in write 2; then it is suspended.
  pg_temp.event(201, 2, 2, 'planning', '2021-03-01', '2021-03-01', '2021-03-01', 'began', 2),
  pg_temp.event(202, 2, 2, 'under_construction', '2022-01-01', '2022-01-01', '2022-01-01', 'began', 2, p_to => 2, p_reason => 'error', p_cause => 'superseded'),
  pg_temp.event(203, 2, 2, 'under_construction', '2022-06-01', '2022-06-01', '2022-06-01', 'began', 2, p_from => 2, p_supersedes => 202),
  pg_temp.event(204, 2, 2, 'suspended', '2024-11-15', '2024-11-15', '2024-11-15', 'began', 3, p_from => 3),
  -- Said to be cancelled in write 3, which write 5 retracts as an error of ours.
  pg_temp.event(301, 3, 3, 'announced', '2019', '2019-01-01', '2019-12-31', 'began', 1),
  pg_temp.event(302, 3, 3, 'cancelled', '2023-12-31', '2023-12-31', '2023-12-31', 'observed', 2, p_from => 3, p_to => 5, p_reason => 'error'),
  pg_temp.event(501, 5, 5, 'operating', '2010~', '2010-01-01', '2010-12-31', 'began', null, 'inferred', 'low'),
  pg_temp.event(601, 6, 6, 'permitted', '2024-02', '2024-02-01', '2024-02-29', 'observed', 4),
  pg_temp.event(701, 7, 7, 'rumoured', '2024~', '2024-01-01', '2024-12-31', 'observed', 5),
  pg_temp.event(801, 8, 8, 'commissioning', '2024-10-01', '2024-10-01', '2024-10-01', 'observed', 3),
  pg_temp.event(901, 9, 9, 'permitted', '2013-05', '2013-05-01', '2013-05-31', 'began', 1),
  pg_temp.event(1001, 10, 10, 'planning', '2022', '2022-01-01', '2022-12-31', 'observed', 2),
  pg_temp.event(1101, 11, 11, 'closed', '2018-05', '2018-05-01', '2018-05-31', 'observed', 1),
  pg_temp.event(1201, 12, 12, 'operating', '2016', '2016-01-01', '2016-12-31', 'observed', 1),
  pg_temp.event(1301, 13, 13, 'idled', '2023-03-01', '2023-03-01', '2023-03-01', 'began', 2),
  -- Said as a fact of a day to come.
  pg_temp.event(1401, 14, 14, 'under_construction', '2024-01-01', '2024-01-01', '2024-01-01', 'began', 3),
  pg_temp.event(1402, 14, 14, 'operating', '2999-01-01', '2999-01-01', '2999-01-01', 'began', 3),
  -- Four claims of one day, and one that may be of any day of that year.
  pg_temp.event(1501, 15, 15, 'operating', '2022-09-01', '2022-09-01', '2022-09-01', 'observed', 2),
  pg_temp.event(1502, 15, 15, 'idled', '2022-09-01', '2022-09-01', '2022-09-01', 'observed', 2, p_confidence => 'high'),
  pg_temp.event(1503, 15, 15, 'closed', '2022-09-01', '2022-09-01', '2022-09-01', 'observed', null, 'inferred', 'high'),
  pg_temp.event(1504, 15, 15, 'suspended', '2022-09-01', '2022-09-01', '2022-09-01', 'observed', 2, p_confidence => 'high', p_from => 3),
  pg_temp.event(1505, 15, 15, 'operating', '2022', '2022-01-01', '2022-12-31', 'observed', 2);
select pg_temp.claim(106, 'status_event', 1, 'actual', 'medium', 1, 2);
insert into status_event (claim_id, phase_id, milestone, date, earliest, latest, date_meaning) values (106, 101, 'groundbreaking', '2023-05-15', '2023-05-15', '2023-05-15', 'began');

-- Places: two claims of one (the more precise counts), both sides of the antimeridian, a pole.
select pg_temp.place(111, 1, 2.4, 47.6, 'municipality', 5000), pg_temp.place(112, 1, 2.38, 47.5, 'site', 50), pg_temp.place(211, 2, 12.5, 52.1, 'municipality', 5000),
  pg_temp.place(311, 3, 2.38, 41.0, 'locality', 1000), pg_temp.place(511, 5, 179.5, -17, 'site', 20), pg_temp.place(611, 6, -179.5, -16.5, 'street', 200),
  pg_temp.place(711, 7, 135, 90, 'region', null), pg_temp.place(1411, 14, 2.5, 47.5, 'region', 40000);

-- Parts: two expired (one for good), one still to come, one only expected, one of an operator and one in a factory that are deleted.
select pg_temp.part(121, 1, 1, 'operator'), pg_temp.part(122, 1, 3, 'owner', '../2019', '-infinity', '2019-12-31'), pg_temp.part(123, 1, 4, 'owner', '2020/..', '2020-01-01'),
  pg_temp.part(124, 1, 2, 'customer', '2998/..', '2998-01-01'), pg_temp.part(125, 1, 5, 'lender', p_basis => 'expected'),
  pg_temp.part(221, 2, 2, 'operator'), pg_temp.part(321, 3, 1, 'developer'), pg_temp.part(821, 8, 5, 'authority'), pg_temp.part(1421, 14, 6, 'owner'), pg_temp.part(1021, 10, 1, 'operator'),
  pg_temp.part(1521, 15, 2, 'contractor', '2022/2023', '2022-01-01', '2023-12-31'), pg_temp.part(1522, 15, 1, 'operator', '2015/2998', '2015-01-01', '2998-12-31');

-- Shares: exact, bounded, and of a company that owns another.
select pg_temp.claim(131, 'ownership', null, 'actual', 'high', 1, 2), pg_temp.claim(132, 'ownership', null, 'actual', 'medium', 1, 2), pg_temp.claim(133, 'ownership', null, 'actual', 'medium', 1, 2);
insert into ownership (claim_id, operator_id, shareholder_id, share, share_min, share_max) values (131, 1, 4, 60, null, null), (132, 1, 5, null, 10, 30), (133, 2, 1, 50, null, null);

-- Figures: summed over phases; a word alone; bounds; one that news replaced; one of a year to come.
select pg_temp.claim(141, 'figure', 1, 'actual', 'medium', 1, 2), pg_temp.claim(142, 'figure', 1, 'actual', 'medium', 1, 2), pg_temp.claim(143, 'figure', 1, 'actual', 'medium', 1, 1),
  pg_temp.claim(144, 'figure', 1, 'actual', 'medium', 1, 3), pg_temp.claim(841, 'figure', 8, 'actual', 'medium', 1, 4),
  pg_temp.claim(341, 'figure', 3, 'actual', 'medium', 1, 1, 3, 'news', null, 'superseded', 2), pg_temp.claim(342, 'figure', 3, 'actual', 'medium', 3, 2, 0, null, 341),
  pg_temp.claim(241, 'figure', 2, 'expected', 'medium', 1, 3);
insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, for_date, for_date_earliest, for_date_latest) values
  (141, 1, 'capacity', 100, null, null, null, 'MW', 'installed', null, '2015', '2015-01-01', '2015-12-31'),
  (142, 101, 'capacity', 50, null, null, null, 'MW', 'announced', null, null, null, null),
  (143, null, 'jobs', null, null, null, 'des centaines', 'jobs', null, null, null, null, null),
  (144, null, 'investment', null, 10000000, 20000000, null, 'EUR', 'announced', null, '2024', '2024-01-01', '2024-12-31'),
  (841, null, 'area', 12.5, null, null, null, 'ha', null, null, null, null, null),
  (341, 3, 'capacity', 10, null, null, null, 'GWh/year', 'announced', null, null, null, null),
  (342, 3, 'capacity', 20, null, null, null, 'GWh/year', 'announced', null, null, null, null),
  (241, 2, 'capacity', 5, null, null, null, 'GWh/year', 'target', null, '2999', '2999-01-01', '2999-12-31');

-- Media: two of one site, one filed under what was merged into it, one deleted.
insert into media (id) values (1), (2), (3), (4);
insert into media_version (media_id, version, url, kind, title, caption_fr, caption_en, alt_text, credit, licence, captured, captured_earliest, captured_latest, mime, width, height, sha256, link_state, link_checked_at,
  recorded_by, known_from, known_to) values
  (1, 1, 'https://images.example/1.jpg', 'image', 'Élan', 'Le chantier', 'The works', 'Deux grues', 'Une photographe', 'CC-BY-4.0', '2023-06', '2023-06-01', '2023-06-30', 'image/jpeg', 1600, 900, repeat('b', 64),
     'ok', '2025-01-09T00:00:00Z', 'inventor', pg_temp.k(1), 'infinity'),
  (2, 1, 'https://images.example/2.tif', 'satellite', null, null, null, null, null, 'unknown', null, null, null, null, null, null, null, 'unchecked', null, 'inventor', pg_temp.k(1), 'infinity'),
  (3, 1, 'https://images.example/3.mp4', 'video', null, null, null, null, null, 'unknown', null, null, null, null, null, null, null, 'unchecked', null, 'inventor', pg_temp.k(1), 'infinity'),
  (4, 1, 'https://images.example/4.pdf', 'document', null, null, null, null, null, 'unknown', null, null, null, null, null, null, null, 'gone', null, 'inventor', pg_temp.k(1), pg_temp.k(4));
select pg_temp.claim(151, 'depiction', 1, 'actual', 'medium', 1, 1), pg_temp.claim(152, 'depiction', 1, 'actual', 'medium', 1, 2), pg_temp.claim(851, 'depiction', 8, 'actual', 'medium', 1, 4),
  pg_temp.claim(552, 'depiction', 5, 'actual', 'medium', 1, 2);
insert into depiction (claim_id, media_id) values (151, 1), (152, 2), (851, 3), (552, 2);

-- The cluster: a whole region, and one factory.
select pg_temp.claim(161, 'membership', null, 'actual', 'medium', 1, 2), pg_temp.claim(561, 'membership', 5, 'actual', 'medium', 1, 2);
insert into membership (claim_id, cluster_id, region_id) values (161, 6, 4), (561, 6, null);

-- Merges: a chain of two, and one that is undone.
select pg_temp.claim(971, 'merge', 9, 'actual', 'high', 3, null), pg_temp.claim(871, 'merge', 8, 'actual', 'high', 4, null), pg_temp.claim(1271, 'merge', 12, 'actual', 'high', 3, null, 5, 'error');
insert into merge (claim_id, survivor_id) values (971, 8), (871, 1), (1271, 13);

-- The log, in the order of the writes.
insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
select row_number() over (order by at, cause, type, id), at, 'inventor', cause, type, id, factory_id, version
from (
  select pg_temp.k(1) as at, 'created' as cause, 'factory' as type, id, id as factory_id, 1 as version from factory
  union all select pg_temp.k(1), 'created', 'operator', id, null, 1 from operator
  union all select pg_temp.k(2), 'superseded', 'status_event', 202, 2, 1
  union all select pg_temp.k(3), 'created', 'status_event', c.id, c.factory_id, 1 from claim c where c.kind = 'status_event' and c.known_from = pg_temp.k(3)
  union all select pg_temp.k(3), 'merged', 'merge', 971, 9, 1
  union all select pg_temp.k(3), 'merged', 'merge', 1271, 12, 1
  union all select pg_temp.k(4), 'merged', 'merge', 871, 8, 1
  union all select pg_temp.k(4), 'deleted', 'factory', 10, 10, 1
  union all select pg_temp.k(5), 'unmerged', 'merge', 1271, 12, 1
  union all select pg_temp.k(5), 'retracted', 'status_event', 302, 3, 1
  union all select pg_temp.k(5), 'revised', 'factory', 11, 11, 2) e;

-- Jobs of a kind that no build knows: only admins see them, and none is ever begun. And what archives can have come to;
-- the one that is kept is newer than any that is made later.
insert into job (id, kind, state, request, result, requested_by, requested_at, started_at, ended_at) values
  (1, 'rehearsal', 'queued', '{}', null, 'inventor', pg_temp.k(5), null, null),
  (2, 'rehearsal', 'finished', '{}', '{"rehearsed":7}', 'inventor', pg_temp.k(5), pg_temp.k(5), pg_temp.k(5)),
  (20003, 'archive', 'finished', '{}', '{"seq":1000000,"bytes":4,"sha256":"00","fileName":"chantier.zip"}', 'inventor', pg_temp.k(5), pg_temp.k(5), pg_temp.k(5)),
  (4, 'archive', 'finished', '{}', '{"seq":1000000,"bytes":4,"sha256":"00","fileName":"chantier.zip"}', 'inventor', pg_temp.k(5), pg_temp.k(5), pg_temp.k(5)),
  (5, 'archive', 'cancelled', '{}', null, 'inventor', pg_temp.k(5), pg_temp.k(5), pg_temp.k(5));
insert into job_part (job_id, file, part, bytes) values (20003, 'archive', 0, 'PK..');

-- A file that was imported, and a dry run whose report is kept no more.
insert into import (id, mapping, file, series, release, source_id, state, started_at, finished_at, rows, created) values
  (20001, 'chantier', 'registre-2024.csv', 'registre', '2024', 3, 'finished', pg_temp.k(5), pg_temp.k(5), 1, 1);
insert into import_row (import_id, row, outcome, owner, factory_id, phase_id) values (20001, 2, 'created', 'acierie-elan', 1, 1);
insert into import (id, mapping, file, series, source_slug, state, started_at, finished_at, rows) values (20002, 'chantier', 'essai.csv', 'essai', 'essai', 'tried', pg_temp.k(5), pg_temp.k(5), 0);

-- What is written later takes ids after these.
select setval(pg_get_serial_sequence(t, 'id'), 10000) from unnest(array['source', 'region', 'boundary', 'operator', 'factory', 'phase', 'claim', 'media', 'job']) t;

