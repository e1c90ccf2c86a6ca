-- What is published last of a factory is what is recorded of it now: its claims, as far as they stand, told with today's names. So that of
-- the history of what was published only what was otherwise before is worked out, which of most that is imported is nothing.

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
      s.phase_count, s.media_count, s.source_count, s.created_at, s.updated_at
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
