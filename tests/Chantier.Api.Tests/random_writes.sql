-- Random writes: each does under a stamp what its numbers say among the existing rows, and logs it. The test then advances the
-- projections. What is not possible at the time is left out. Nothing in it is a fact.

create function nth(p_ids bigint[], n int) returns bigint language sql immutable
  return p_ids[1 + n % nullif(cardinality(p_ids), 0)];

-- Few days and many ties. A date may reach to the end of time, or lie ahead of everything.
create function nth_date(n int, out text text, out earliest date, out latest date) language sql immutable as $$
  select d.text, d.earliest, d.latest from (values
    (0, '2020', date '2020-01-01', date '2020-12-31'), (1, '2020-01-01', '2020-01-01', '2020-01-01'), (2, '2020-06', '2020-06-01', '2020-06-30'),
    (3, '2020-06-30', '2020-06-30', '2020-06-30'), (4, '2021-33', '2021-01-01', '2021-03-31'), (5, '2019', '2019-01-01', '2019-12-31'), (6, '2020/..', '2020-01-01', 'infinity'),
    (7, '../2020', '-infinity', '2020-12-31'), (8, '2024-08', '2024-08-01', '2024-08-31'), (9, '2999-01-01', '2999-01-01', '2999-01-01'), (10, '2022-03-01', '2022-03-01', '2022-03-01')
  ) d (i, text, earliest, latest) where d.i = n % 11;
$$;

create function log_change(p_at timestamptz, p_cause text, p_type text, p_id bigint, p_factory bigint, p_version int default 1) returns void language sql as $$
  insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
  select coalesce(max(seq), 0) + 1, p_at, 'inventor', p_cause, p_type, p_id, p_factory, p_version from change;
$$;

create function there() returns bigint[] language sql return array(
  select v.factory_id from factory_version v
  where v.known_to = 'infinity' and not exists (select from claim c where c.kind = 'merge' and c.factory_id = v.factory_id and c.known_to = 'infinity')
  order by 1);

create function add_claim(p_at timestamptz, p_kind text, p_factory bigint, p_sources bigint[], a int, b int, p_supersedes bigint default null) returns void language plpgsql as $$
declare
  made    bigint;
  said    record;
  phases  bigint[] := array(
    select h.id from phase h join phase_version v on v.phase_id = h.id and v.known_to = 'infinity'
    where h.factory_id = any (array(select member_id from with_merged_factories_at('recorded', '9999-12-31Z', array[p_factory]))) order by 1);
  opers   bigint[] := array(select id from operator order by 1);
  others  bigint[];
begin
  select * into said from nth_date(b);
  insert into claim (kind, factory_id, basis, confidence, supersedes_id, recorded_by, known_from)
  values (p_kind, p_factory, (array['actual', 'actual', 'actual', 'inferred', 'expected'])[1 + a % 5], (array['high', 'medium', 'low'])[1 + b % 3], p_supersedes, 'inventor', p_at)
  returning id into made;
  case p_kind
    when 'status_event' then
      insert into status_event (claim_id, phase_id, status, milestone, date, earliest, latest, date_meaning)
      select made, nth(phases, a), case when a % 9 > 0 then s.code end, case when a % 9 = 0 then 'filing' end, said.text, said.earliest, said.latest, (array['began', 'observed'])[1 + a % 2]
      from (select code from status order by progress offset (a + b) % 14 limit 1) s;
    when 'figure' then
      insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, scope, for_date, for_date_earliest, for_date_latest)
      select made, case when a % 3 > 0 then nth(phases, a) end, (array['capacity', 'capacity', 'capacity', 'jobs'])[1 + b % 4],
        case when a % 5 > 0 and a % 2 = 0 then a % 100 end, case when a % 5 > 0 and a % 2 = 1 then a % 100 end,
        case when a % 5 > 0 and a % 4 = 1 then a % 100 + b end, case when a % 5 = 0 then 'several' end,
        (array['MW', 'GW', 'ha'])[1 + b % 3], (array['installed', 'installed', 'announced', null])[1 + a % 4], (array['acier', null])[1 + b % 2],
        (array['whole', 'whole', 'whole', 'part', 'group'])[1 + a % 5],
        case when b % 5 > 1 then said.text end, case when b % 5 > 1 then said.earliest end, case when b % 5 > 1 then said.latest end;
    when 'role' then
      insert into role (claim_id, operator_id, role, valid_from, valid_to)
      values (made, nth(opers, a), (array['operator', 'owner', 'lender'])[1 + b % 3], said.earliest, said.latest);
    when 'ownership' then
      insert into ownership (claim_id, operator_id, shareholder_id, share_max)
      values (made, nth(opers, a), nth(array_remove(opers, nth(opers, a)), b), 50);
    when 'location' then
      insert into location (claim_id, lon, lat, precision)
      values (made, 1 + a % 20, 40 + b % 10, (array['site', 'municipality', 'region'])[1 + a % 3]);
    when 'depiction' then
      insert into depiction (claim_id, media_id) values (made, nth(array(select id from media order by 1), a));
    when 'membership' then
      insert into membership (claim_id, cluster_id, region_id)
      values (made, nth(array(select id from region where kind = 'cluster' order by 1), a),
        case when p_factory is null then nth(array(select id from region where kind <> 'cluster' order by 1), b) end);
    when 'merge' then
      others := array_remove(there(), p_factory);
      insert into merge (claim_id, survivor_id) values (made, nth(others, b));
  end case;
  insert into evidence (claim_id, source_id, recorded_by, known_from)
  select distinct made, s, 'inventor', p_at from unnest(p_sources) s;
  perform log_change(p_at, case p_kind when 'merge' then 'merged' else 'created' end, p_kind, made, p_factory);
end $$;

-- Ends a claim that was open before this write, and says which.
create function end_claim(p_at timestamptz, p_cause text, p_source bigint, n int) returns claim language plpgsql as $$
declare
  ended claim;
begin
  update claim set known_to = p_at, end_cause = p_cause, end_reason = (array['error', 'news', 'news'])[1 + n % 3],
    end_source_id = case when n % 3 = 2 then p_source end, ended_by = 'inventor'
  where id = nth(array(select id from claim where known_to = 'infinity' and known_from < p_at order by id), n / 3)
  returning * into ended;
  if ended.id is not null then
    perform log_change(p_at, case when p_cause = 'retracted' and ended.kind = 'merge' then 'unmerged' else p_cause end, ended.kind, ended.id, ended.factory_id);
  end if;
  return ended;
end $$;

create function random_write(p_what text, p_at timestamptz, a int, b int, c int) returns void language plpgsql as $$
declare
  factory  bigint := nth(there(), a);
  sources  bigint[] := array(select id from source order by 1);
  regions  bigint[] := array(select id from region where kind <> 'cluster' order by 1);
  evidence record;
  ended    claim;
  made     bigint;
begin
  case p_what
    when 'source' then
      insert into source (slug) values ('source-' || (select count(*) from source)) returning id into made;
      insert into source_version (source_id, version, kind, sort_name, published, published_earliest, published_latest, retrieved_at, recorded_by, known_from)
      select made, 1, 'press', 'source', case when b % 3 > 0 then d.text end, case when b % 3 > 0 then d.earliest end, case when b % 3 > 0 then d.latest end,
        case when b % 2 = 0 then timestamptz '2023-05-05T00:00:00Z' end, 'inventor', p_at
      from nth_date(c) d;
      perform log_change(p_at, 'created', 'source', made, null);
    when 'source revised', 'source deleted' then
      update source_version set known_to = p_at where source_id = nth(sources, a) and known_to = 'infinity' and known_from < p_at returning source_id into made;
      if made is not null and p_what = 'source revised' then
        insert into source_version (source_id, version, kind, sort_name, published, published_earliest, published_latest, recorded_by, known_from)
        select made, (select max(version) + 1 from source_version where source_id = made), 'press', 'source', d.text, d.earliest, d.latest, 'inventor', p_at from nth_date(b) d;
      end if;
      if made is not null then
        perform log_change(p_at, case p_what when 'source deleted' then 'deleted' else 'revised' end, 'source', made, null);
      end if;
    when 'region' then
      insert into region (slug, kind) values ('region-' || (select count(*) from region), (array['country', 'department', 'cluster'])[1 + a % 3]) returning id into made;
      insert into region_version (region_id, version, parent_id, name_fr, name_en, recorded_by, known_from)
      values (made, 1, case when b % 3 > 0 then nth(regions, b) end, 'Pays ' || c % 5, 'Land ' || c % 5, 'inventor', p_at);
      perform log_change(p_at, 'created', 'region', made, null);
    when 'region revised', 'region deleted' then
      update region_version set known_to = p_at where region_id = nth(regions, a) and known_to = 'infinity' and known_from < p_at returning region_id into made;
      if made is not null and p_what = 'region revised' then
        -- Under an older one, so that no region lies in itself.
        insert into region_version (region_id, version, parent_id, name_fr, name_en, recorded_by, known_from)
        values (made, (select max(version) + 1 from region_version where region_id = made), nth(array(select id from unnest(regions) id where id < made), b), 'Pays ' || c % 5, 'Land ' || c % 5, 'inventor', p_at);
      end if;
      if made is not null then
        perform log_change(p_at, case p_what when 'region deleted' then 'deleted' else 'revised' end, 'region', made, null);
      end if;
    when 'operator' then
      insert into operator (slug) values ('operator-' || (select count(*) from operator)) returning id into made;
      insert into operator_version (operator_id, version, name, recorded_by, known_from) values (made, 1, 'Fondeur ' || c % 9, 'inventor', p_at);
      perform log_change(p_at, 'created', 'operator', made, null);
    when 'operator revised', 'operator deleted' then
      update operator_version set known_to = p_at where operator_id = nth(array(select id from operator order by 1), a) and known_to = 'infinity' and known_from < p_at returning operator_id into made;
      if made is not null and p_what = 'operator revised' then
        insert into operator_version (operator_id, version, name, recorded_by, known_from)
        values (made, (select max(version) + 1 from operator_version where operator_id = made), 'Fondeur ' || c % 9, 'inventor', p_at);
      end if;
      if made is not null then
        perform log_change(p_at, case p_what when 'operator deleted' then 'deleted' else 'revised' end, 'operator', made, null);
      end if;
    when 'media' then
      insert into media default values returning id into made;
      insert into media_version (media_id, version, url, kind, recorded_by, known_from) values (made, 1, 'https://images.example/' || made, 'image', 'inventor', p_at);
      perform log_change(p_at, 'created', 'media', made, null);
    when 'media deleted' then
      update media_version set known_to = p_at where media_id = nth(array(select id from media order by 1), a) and known_to = 'infinity' and known_from < p_at returning media_id into made;
      if made is not null then
        perform log_change(p_at, 'deleted', 'media', made, null);
      end if;
    when 'factory' then
      insert into factory (slug, first_phase_id) values ('usine-' || (select count(*) from factory), nextval(pg_get_serial_sequence('phase', 'id'))) returning id into made;
      insert into phase (id, factory_id) select first_phase_id, id from factory where id = made;
      insert into phase_version (phase_id, version, position, recorded_by, known_from) select first_phase_id, 1, 1, 'inventor', p_at from factory where id = made;
      insert into factory_version (factory_id, version, name, names, sector, country, region_id, recorded_by, known_from)
      values (made, 1, 'Usine ' || c % 7, jsonb_build_array(jsonb_build_object('text', 'Usine ' || c % 7, 'lang', 'fr', 'kind', 'official')), 'other', (array['FR', 'DE'])[1 + a % 2],
        case when b % 5 > 0 then nth(regions, b) end, 'inventor', p_at);
      perform log_change(p_at, 'created', 'factory', made, made), log_change(p_at, 'created', 'phase', (select first_phase_id from factory where id = made), made);
    when 'factory revised', 'factory deleted' then
      update factory_version set known_to = p_at where factory_id = factory and known_to = 'infinity' and known_from < p_at returning factory_id into made;
      if made is not null and p_what = 'factory revised' then
        insert into factory_version (factory_id, version, name, names, sector, country, region_id, locality, recorded_by, known_from)
        values (made, (select max(version) + 1 from factory_version where factory_id = made), 'Usine ' || c % 7,
          jsonb_build_array(jsonb_build_object('text', 'Usine ' || c % 7, 'lang', 'fr', 'kind', 'official'), jsonb_build_object('text', 'Site ' || b % 3, 'lang', 'fr', 'kind', 'former')),
          (array['other', 'battery_cells'])[1 + c % 2], (array['FR', 'DE'])[1 + a % 2], case when b % 5 > 0 then nth(regions, b) end, (array['Lens', null])[1 + b % 2], 'inventor', p_at);
      end if;
      if made is not null then
        perform log_change(p_at, case p_what when 'factory deleted' then 'deleted' else 'revised' end, 'factory', made, made);
      end if;
    when 'phase' then
      if factory is not null then
        insert into phase (factory_id) values (factory) returning id into made;
        insert into phase_version (phase_id, version, name, position, recorded_by, known_from)
        values (made, 1, case when b % 3 > 0 then 'Bloc ' || made end, 2 + made::int, 'inventor', p_at);
        perform log_change(p_at, 'created', 'phase', made, factory);
      end if;
    when 'phase renamed' then
      update phase_version set known_to = p_at
      where known_to = 'infinity' and known_from < p_at and phase_id = nth(array(select h.id from phase h where h.factory_id = factory order by h.id), b)
      returning phase_id into made;
      if made is not null then
        insert into phase_version (phase_id, version, name, position, recorded_by, known_from)
        select made, max(v.version) + 1, case when c % 2 = 0 then 'Bloc ' || made end, max(v.position), 'inventor', p_at from phase_version v where v.phase_id = made;
        perform log_change(p_at, 'revised', 'phase', made, factory);
      end if;
    when 'phase deleted' then
      update phase_version set known_to = p_at
      where known_to = 'infinity' and known_from < p_at
        and phase_id = nth(array(select h.id from phase h where h.factory_id = factory and not exists (select from factory f where f.first_phase_id = h.id) order by h.id), b)
      returning phase_id into made;
      if made is not null then
        perform log_change(p_at, 'deleted', 'phase', made, factory);
      end if;
    when 'superseded' then
      ended := end_claim(p_at, 'superseded', nth(sources, b), c);
      if ended.id is not null and ended.kind <> 'merge' then
        perform add_claim(p_at, ended.kind, ended.factory_id, array[nth(sources, b)], a, b, ended.id);
      end if;
    when 'retracted' then
      perform end_claim(p_at, 'retracted', nth(sources, b), c);
    when 'unmerged' then
      -- The same, of a merge.
      update claim set known_to = p_at, end_cause = 'retracted', end_reason = (array['error', 'news'])[1 + c % 2], ended_by = 'inventor'
      where id = nth(array(select id from claim where kind = 'merge' and known_to = 'infinity' and known_from < p_at order by id), a)
      returning * into ended;
      if ended.id is not null then
        perform log_change(p_at, 'retracted', 'merge', ended.id, ended.factory_id);
      end if;
    when 'evidence' then
      insert into evidence (claim_id, source_id, recorded_by, known_from)
      select c.id, nth(sources, b), 'inventor', p_at from claim c where c.id = nth(array(select id from claim order by id), a)
      returning id, claim_id into evidence;
      if found then
        perform log_change(p_at, 'created', 'evidence', evidence.id, (select k.factory_id from claim k where k.id = evidence.claim_id));
      end if;
    when 'evidence ended' then
      -- No claim stands on nothing, unless it is inferred.
      update evidence e set known_to = p_at
      where e.id = nth(array(
        select w.id from evidence w join claim k on k.id = w.claim_id
        where w.known_to = 'infinity' and w.known_from < p_at
          and (k.known_to < 'infinity' or k.basis = 'inferred' or exists (select from evidence o where o.claim_id = k.id and o.known_to = 'infinity' and o.id <> w.id))
        order by w.id), a) returning e.id, e.claim_id into evidence;
      if found then
        perform log_change(p_at, 'retracted', 'evidence', evidence.id, (select k.factory_id from claim k where k.id = evidence.claim_id));
      end if;
    when 'region membership' then
      perform add_claim(p_at, 'membership', null, array[nth(sources, c)], a, b);
    when 'ownership' then
      perform add_claim(p_at, 'ownership', null, array[nth(sources, c)], a, b);
    when 'merge' then
      if cardinality(there()) > 1 then
        perform add_claim(p_at, 'merge', factory, '{}', a, b);
      end if;
    else
      if factory is not null then
        perform add_claim(p_at, p_what, factory, array[nth(sources, c), nth(sources, c / 7)], a / 3, b);
      end if;
  end case;
end $$;

-- Every row of every projection, as text, so that two ways of deriving them can be told apart.
create function projected() returns table (place text, content text) language sql stable as $$
  select 'factory_current', (to_jsonb(t) - 'stamp')::text from factory_current t
  union all select 'status_span', to_jsonb(t)::text from status_span t
  union all select 'capacity_span', (to_jsonb(t) || jsonb_build_object('value', trim_scale(value), 'min', trim_scale(min), 'max', trim_scale(max)))::text from capacity_span t
  union all select 'region_closure', to_jsonb(t)::text from region_closure t
  union all select 'factory_merged', to_jsonb(t)::text from factory_merged t
  union all select 'factory_text', to_jsonb(t)::text from factory_text t
  union all select 'search_entry', to_jsonb(t)::text from search_entry t
  union all select 'search_word', to_jsonb(t)::text from search_word t
  union all select 'claim', to_jsonb(t)::text from (select id, published_from, published_to, published_basis from claim) t;
$$;
