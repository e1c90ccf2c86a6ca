-- Returns the factories that may differ between two points of time, and in what; /v1/diff compares only these.
create or replace function factories_between(
    p_known_by text, p_at_a timestamptz, p_as_of_a date, p_at_b timestamptz, p_as_of_b date)
  returns table (factory_id bigint, has_figures boolean, has_roles boolean, has_places boolean)
  language plpgsql stable
  set plan_cache_mode to 'force_custom_plan'
as $$
begin
  return query
  with touched as (
    -- What begins or ends between the days.
    select c.factory_id as id, c.kind
    from status_event e join claim c on c.id = e.claim_id
    where e.earliest > p_as_of_a and e.earliest <= p_as_of_b
    union all
    select c.factory_id, c.kind
    from figure f join claim c on c.id = f.claim_id
    where f.for_date_earliest > p_as_of_a and f.for_date_earliest <= p_as_of_b
    union all
    select c.factory_id, c.kind
    from role r join claim c on c.id = r.claim_id
    where r.valid_from > p_as_of_a and r.valid_from <= p_as_of_b and r.valid_from > '-infinity'
    union all
    select c.factory_id, c.kind
    from role r join claim c on c.id = r.claim_id
    where r.valid_to >= p_as_of_a and r.valid_to < p_as_of_b and r.valid_to < 'infinity'
    union all
    -- What was recorded between the moments. Which figure is effective depends on names of phases and on sources too.
    select x.factory_id, case
        when x.resource_type in ('factory', 'location') then 'location'
        when x.resource_type in ('phase', 'evidence') then 'figure' else 'status_event' end
    from change x
    where p_known_by = 'recorded' and x.recorded_at > p_at_a and x.recorded_at <= p_at_b
    union all
    select c.factory_id, 'figure'
    from change x
    cross join lateral (
      select e.claim_id from status_event e where e.phase_id = x.resource_id
      union all
      select f.claim_id from figure f where f.phase_id = x.resource_id) y
    join claim c on c.id = y.claim_id
    where p_known_by = 'recorded' and x.resource_type = 'phase' and x.recorded_at > p_at_a and x.recorded_at <= p_at_b
    union all
    select c.factory_id, c.kind
    from change x
    join evidence e on e.source_id = x.resource_id
    join claim c on c.id = e.claim_id and c.kind = 'figure'
    where p_known_by = 'recorded' and x.resource_type = 'source' and x.recorded_at > p_at_a and x.recorded_at <= p_at_b
    union all
    select c.factory_id, c.kind
    from claim c
    where p_known_by = 'recorded' and c.kind in ('status_event', 'figure', 'role')
      and c.known_from > p_at_a and c.known_from <= p_at_b
    union all
    select c.factory_id, c.kind
    from claim c
    where p_known_by = 'recorded' and c.known_to > p_at_a and c.known_to <= p_at_b and c.known_to < 'infinity'
    union all
    select x.id, 'merge'
    from factory_merged m cross join lateral (values (m.loser_id), (m.survivor_id)) x (id)
    where p_known_by = 'recorded'
      and (m.known_from > p_at_a and m.known_from <= p_at_b or m.known_to > p_at_a and m.known_to <= p_at_b)
    union all
    -- What was published between the moments.
    select c.factory_id, c.kind
    from claim c
    where p_known_by = 'published' and p_at_a < p_at_b
      and (c.published_from > p_at_a and c.published_from <= p_at_b
        or c.published_to > p_at_a and c.published_to <= p_at_b)
    union all
    select c.factory_id, c.kind
    from claim c
    join evidence e on e.claim_id = c.id and e.known_to = 'infinity'
    join source_version v on v.source_id = e.source_id and v.known_to = 'infinity'
    where p_known_by = 'published' and p_at_a < p_at_b and c.kind = 'figure'
      and is_published_by('published', p_at_b, v.published_latest, v.retrieved_at, e.known_from)
      and not is_published_by('published', p_at_a, v.published_latest, v.retrieved_at, e.known_from)
  ), led as (
    select t.id, t.kind from touched t where t.id is not null
    union all
    select m.survivor_id, t.kind from touched t join factory_merged m on m.loser_id = t.id
  )
  select l.id, bool_or(l.kind in ('figure', 'merge')), bool_or(l.kind in ('role', 'merge')),
    bool_or(l.kind in ('location', 'merge'))
  from led l
  group by l.id;
end $$;
