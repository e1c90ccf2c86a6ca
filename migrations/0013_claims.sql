-- Why evidence ended, as claims say it. By news, a source had said what it said, and that stays published for the past. In error, its
-- evidence never counted; so it is with what a curator withdrew.
alter table evidence
  add column end_reason    text check (end_reason in ('error', 'news')),
  add column end_source_id bigint references source,
  add constraint evidence_end_is_whole check ((end_reason is null or known_to < 'infinity') and (end_source_id is null or end_reason = 'news'));

update evidence e set end_reason = coalesce((select v.retracted from source_version v where v.source_id = e.source_id and v.known_from = e.known_to), 'error')
where e.known_to < 'infinity';

-- As before, but of the evidence that counts: what stands, and what ended by news, unless its source was taken back in error. A source
-- that was deleted since still was published when it was. What rests on nothing that counts, and is not inferred, never was.
create or replace function project_publication(p_claims bigint[]) returns void language plpgsql as $$
begin
  with mine as (
    select c.id, c.known_from, c.known_to, c.end_reason, c.end_source_id, c.basis = 'inferred' or c.kind = 'merge' as needs_none from claim c where c.id = any (p_claims)
  ), asked as (
    -- The successors too: they end what went before them.
    select id, known_from, id as of from mine
    union all
    select c.id, c.known_from, m.id from mine m join claim c on c.supersedes_id = m.id where m.end_reason = 'news'
  ), said as (
    select distinct on (a.id, a.of) a.id, a.of, d.at, d.basis, v.claim_id is not null as counts
    from asked a
    left join (
      select e.claim_id, v.published_latest, v.retrieved_at
      from evidence e join source_version v on v.source_id = e.source_id and v.retracted is distinct from 'error'
        and not exists (select from source_version n where n.source_id = v.source_id and n.version = v.version + 1)
      where e.known_to = 'infinity' or e.end_reason = 'news') v on v.claim_id = a.id
    cross join lateral publication_of(v.published_latest, v.retrieved_at, a.known_from) d
    order by a.id, a.of, d.at, d.rank
  ), span as (
    select m.id, s.at as published_from, s.basis,
      case when not (s.counts or m.needs_none) or m.end_reason = 'error' then s.at
           when m.end_reason is null then 'infinity'
           else greatest(s.at, coalesce((select min(f.at) from said f where f.of = m.id and f.id <> m.id), ended.at, m.known_to)) end as published_to
    from mine m
    join said s on s.id = m.id and s.of = m.id
    left join source_version v on v.source_id = m.end_source_id
      and not exists (select from source_version n where n.source_id = v.source_id and n.version = v.version + 1)
    left join lateral publication_of(v.published_latest, v.retrieved_at, m.known_to) ended on true
  )
  update claim c set published_from = s.published_from, published_to = s.published_to, published_basis = s.basis
  from span s
  where c.id = s.id and (c.published_from, c.published_to, c.published_basis) is distinct from (s.published_from, s.published_to, s.basis);
end $$;

-- Of what was freed before this was told apart.
select project_publication(array(select distinct e.claim_id from evidence e where e.end_reason = 'news'));

-- Lists of claims of one kind, and by whoever recorded them, in the order of their ids.
create index claim_kind on claim (kind, id);
create index claim_recorder on claim (recorded_by, id);

-- What differs between two points, now of names and places too.
drop function factories_between, factory_values, factory_difference;

-- The factories of which something may differ between two points, the second not before the first on either axis, and what: a claim
-- turns on a day between the days, or became known or ended between the moments. What the published sense learned has no index.
create function factories_between(p_known_by text, p_at_a timestamptz, p_as_of_a date, p_at_b timestamptz, p_as_of_b date, p_match text)
  returns table (factory_id bigint, has_figures boolean, has_roles boolean, has_places boolean)
  language plpgsql stable rows 1000
  set plan_cache_mode = force_custom_plan
as $$
begin
  return query
  with touched as (
    select c.factory_id as id, c.kind from status_event e join claim c on c.id = e.claim_id
    where p_match = 'possible' and e.earliest > p_as_of_a and e.earliest <= p_as_of_b
    union all
    select c.factory_id, c.kind from status_event e join claim c on c.id = e.claim_id
    where p_match = 'certain' and e.latest > p_as_of_a and e.latest <= p_as_of_b and e.earliest <= p_as_of_b
    union all
    select c.factory_id, c.kind from figure f join claim c on c.id = f.claim_id where f.earliest > p_as_of_a and f.earliest <= p_as_of_b
    union all
    select c.factory_id, c.kind from role r join claim c on c.id = r.claim_id where r.valid_from > p_as_of_a and r.valid_from <= p_as_of_b and r.valid_from > '-infinity'
    union all
    select c.factory_id, c.kind from role r join claim c on c.id = r.claim_id where r.valid_to >= p_as_of_a and r.valid_to < p_as_of_b and r.valid_to < 'infinity'
    union all
    select x.factory_id, case when x.resource_type in ('factory', 'location') then 'location' else 'status_event' end from change x where p_known_by = 'recorded' and x.recorded_at > p_at_a and x.recorded_at <= p_at_b
    union all
    select c.factory_id, c.kind from claim c
    where p_known_by = 'recorded' and c.kind in ('status_event', 'figure', 'role') and c.known_from > p_at_a and c.known_from <= p_at_b
    union all
    select c.factory_id, c.kind from claim c where p_known_by = 'recorded' and c.known_to > p_at_a and c.known_to <= p_at_b and c.known_to < 'infinity'
    union all
    select c.factory_id, c.kind from claim c
    where p_known_by = 'published' and p_at_a < p_at_b
      and (c.published_from > p_at_a and c.published_from <= p_at_b or c.published_to > p_at_a and c.published_to <= p_at_b)
    union all
    select x.id, 'merge' from factory_merged m cross join lateral (values (m.loser_id), (m.survivor_id)) x (id)
    where p_known_by = 'recorded' and (m.known_from > p_at_a and m.known_from <= p_at_b or m.known_to > p_at_a and m.known_to <= p_at_b)
  ), led as (
    select t.id, t.kind from touched t where t.id is not null
    union all
    select m.survivor_id, t.kind from touched t join factory_merged m on m.loser_id = t.id
  )
  select l.id, bool_or(l.kind in ('figure', 'merge')), bool_or(l.kind in ('role', 'merge')), bool_or(l.kind in ('location', 'merge')) from led l group by l.id;
end $$;

-- What factories show at a point: a status each where they are there, of some the figures in force, of some the roles that hold, of some
-- the name and the place. Names and places have no date in the world: they differ by what was known.
create function factory_values(p_known_by text, p_factories bigint[], p_figures bigint[], p_roles bigint[], p_places bigint[], p_at timestamptz, p_as_of date, p_match text)
  returns table (factory_id bigint, kind text, key text, sort_name text, claim_id bigint, status text,
    phase_id bigint, property text, product text, qualifier text, unit text, operator_id bigint, role text,
    value numeric, min numeric, max numeric, word text, share numeric, name text, lon float8, lat float8, location_precision text)
  language sql stable
as $$
  select s.factory_id, 'status', '', s.sort_name, s.since_claim_id, s.status,
    null::bigint, null, null, null, null, null::bigint, null, null::numeric, null::numeric, null::numeric, null, null::numeric, null, null::float8, null::float8, null
  from status_span s
  where p_match = 'possible' and s.factory_id = any (p_factories) and s.known_by = p_known_by and s.region_id = 0
    and s.known_from <= p_at and s.known_to > p_at and s.valid_from <= p_as_of and s.valid_to > p_as_of
  union all
  select s.factory_id, 'status', '', s.sort_name, t.since_claim_id, t.status,
    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
  from unnest(p_factories) with ordinality as p (factory_id, n)
  join status_timeline(p_known_by, p_factories, array_fill(p_at, array[cardinality(p_factories)]), 'certain') t
    on t.n = p.n and t.valid_from <= p_as_of and t.valid_to > p_as_of
  join status_span s on s.factory_id = p.factory_id and s.known_by = p_known_by and s.region_id = 0
    and s.known_from <= p_at and s.known_to > p_at and s.valid_to = 'infinity'
  where p_match = 'certain'
  union all
  select p_figures[i.n], 'figure', concat_ws('|', i.property, i.phase_id, '', i.qualifier, i.unit, i.product), null, i.claim_id, null,
    i.phase_id, i.property, i.product, i.qualifier, i.unit, null, null, i.value, i.min, i.max, i.word, null, null, null, null, null
  from figures_in_force(p_known_by, p_figures, array_fill(p_at, array[cardinality(p_figures)]), p_as_of) i
  union all
  select * from (
    select distinct on (p_roles[m.n], r.operator_id, r.role)
      p_roles[m.n], 'role', r.role || '|' || r.operator_id, null, c.id, null,
      null::bigint, null, null, null, null, r.operator_id, r.role, null::numeric, null::numeric, null::numeric, null, r.share, null::text, null::float8, null::float8, null::text
    from family(p_known_by, p_roles, array_fill(p_at, array[cardinality(p_roles)])) m
    join claim c on c.factory_id = m.member_id and c.kind = 'role' and c.basis <> 'expected' and is_known(p_known_by, m.at, c)
    join role r on r.claim_id = c.id and r.valid_from <= p_as_of and r.valid_to >= p_as_of
    order by p_roles[m.n], r.operator_id, r.role, r.share is null, r.valid_from desc, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc) part
  union all
  select t.factory_id, 'name', '', null, null, null,
    null, null, null, null, null, null, null, null, null, null, null, null, v.name, null, null, null
  from there_at(p_known_by, p_places, array_fill(p_at, array[cardinality(p_places)])) t
  join factory_version v on v.factory_id = t.factory_id and v.version = t.version
  union all
  select * from (
    select distinct on (m.n)
      p_places[m.n], 'location', '', null::text, c.id, null::text,
      null::bigint, null::text, null::text, null::text, null::text, null::bigint, null::text,
      null::numeric, null::numeric, null::numeric, null::text, null::numeric, null::text, l.lon, l.lat, l.precision
    from family(p_known_by, p_places, array_fill(p_at, array[cardinality(p_places)])) m
    join claim c on c.factory_id = m.member_id and c.kind = 'location' and is_known(p_known_by, m.at, c)
    join location l on l.claim_id = c.id
    join location_precision lp on lp.code = l.precision
    order by m.n, lp.rank, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc) place;
$$;

-- What of factories_between differs between two points. One that was not there, or of which nothing was said, appeared; one that is
-- there no longer vanished; of the others each value that is not the same, with both.
create function factory_difference(
  p_known_by text, p_factories bigint[], p_figures bigint[], p_roles bigint[], p_places bigint[], p_at_a timestamptz, p_as_of_a date, p_at_b timestamptz, p_as_of_b date, p_match text)
  returns table (factory_id bigint, kind text, key text, sort_name text,
    phase_id bigint, property text, product text, qualifier text, unit text, operator_id bigint, role text,
    before_claim bigint, before_status text, before_value numeric, before_min numeric, before_max numeric, before_word text, before_share numeric,
    before_name text, before_lon float8, before_lat float8, before_precision text,
    after_claim bigint, after_status text, after_value numeric, after_min numeric, after_max numeric, after_word text, after_share numeric,
    after_name text, after_lon float8, after_lat float8, after_precision text)
  language plpgsql stable
  set plan_cache_mode = force_custom_plan
  set work_mem = '64MB'
as $$
begin
  return query
  with a as materialized (
    select * from factory_values(p_known_by, p_factories, p_figures, p_roles, p_places, p_at_a, p_as_of_a, p_match)
  ), b as materialized (
    select * from factory_values(p_known_by, p_factories, p_figures, p_roles, p_places, p_at_b, p_as_of_b, p_match)
  ), there as (
    select coalesce(b.factory_id, a.factory_id) as id, coalesce(b.sort_name, a.sort_name) as name, a.factory_id is not null and b.factory_id is not null as in_both
    from (select * from a where a.kind = 'status') a full join (select * from b where b.kind = 'status') b on b.factory_id = a.factory_id
  )
  select t.id,
    case when coalesce(a.kind, b.kind) <> 'status' then coalesce(a.kind, b.kind)
      when b.factory_id is null then 'vanished' when a.status is null then 'appeared' else 'status' end,
    coalesce(a.kind, b.kind) || '|' || coalesce(a.key, b.key) || '|' || t.id, t.name,
    coalesce(a.phase_id, b.phase_id), coalesce(a.property, b.property), coalesce(a.product, b.product), coalesce(a.qualifier, b.qualifier), coalesce(a.unit, b.unit),
    coalesce(a.operator_id, b.operator_id), coalesce(a.role, b.role),
    a.claim_id, a.status, a.value, a.min, a.max, a.word, a.share, a.name, a.lon, a.lat, a.location_precision,
    b.claim_id, b.status, b.value, b.min, b.max, b.word, b.share, b.name, b.lon, b.lat, b.location_precision
  from a full join b on b.factory_id = a.factory_id and b.kind = a.kind and b.key = a.key
  join there t on t.id = coalesce(a.factory_id, b.factory_id)
  where (a.factory_id is null or b.factory_id is null
      or (a.status, a.value, a.min, a.max, a.word, a.share, a.name, a.lon, a.lat, a.location_precision)
        is distinct from (b.status, b.value, b.min, b.max, b.word, b.share, b.name, b.lon, b.lat, b.location_precision))
    and (t.in_both or coalesce(a.kind, b.kind) = 'status');
end $$;
