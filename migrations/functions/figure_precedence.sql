-- Returns for each figure of some factories, as known at a moment, whether it is effective on a day, and by which rule.
create or replace function figure_precedence(
    p_known_by text, p_at timestamptz, p_factories bigint[], p_as_of date, p_property text default null)
  returns table (
    factory_id bigint, phase_id bigint, claim_id bigint, in_force boolean, rule text, weighed_against bigint)
  language sql stable parallel safe
as $$
  with known as (
    select b.factory_id, v.phase_id, c.id, f.property, f.product, f.qualifier, u.reference_unit, f.scope,
      num_nonnulls(f.value, f.min, f.max) = 0 as is_vague,
      -- Only installed figures have periods.
      case when f.qualifier = 'installed' then coalesce(f.for_date_earliest, '-infinity') end as start,
      confidence_rank(c.confidence) as doubt, c.known_from, s.said
    from with_merged_factories_at(p_known_by, p_at, p_factories) b
    join claim c on c.factory_id = b.member_id and c.kind = 'figure' and is_known(p_known_by, p_at, c)
    join figure f on f.claim_id = c.id and (p_property is null or f.property = p_property)
    join unit u on u.code = f.unit
    -- A figure of an unnamed phase concerns the whole site.
    left join phase_version v on v.phase_id = f.phase_id and v.name is not null
      and is_recorded(p_known_by, p_at, v.known_from, v.known_to)
    -- What a source had said stays published, also when news ended it later.
    cross join lateral (
      select max(w.published_earliest) as said
      from evidence e
      cross join lateral (
        select z.published_earliest, z.published_latest, z.retrieved_at, z.retracted
        from source_version z
        where z.source_id = e.source_id and (p_known_by = 'published' or z.known_from <= p_at and z.known_to > p_at)
        order by z.version desc
        limit 1) w
      where e.claim_id = c.id and is_published_by(p_known_by, p_at, w.published_latest, w.retrieved_at, e.known_from)
        and case when p_known_by = 'published'
          then (e.known_to = 'infinity' or e.end_reason = 'news') and w.retracted is distinct from 'error'
          else e.known_from <= p_at and e.known_to > p_at end) s
  ), compared as (
    select k.*, first_value(k.id) over number as number_id, not first_value(k.is_vague) over number as has_number
    from known k
    window number as (
      partition by k.factory_id, k.phase_id, k.property, k.product, k.scope
      order by k.is_vague, coalesce(k.start > p_as_of, false), k.said desc nulls last, k.doubt, k.known_from desc,
        k.id desc)
  ), sorted as materialized (
    select c.*, case
        when c.scope <> 'whole' then 'not_whole'
        when c.is_vague and c.has_number then 'vague'
        when c.start > p_as_of then 'not_yet' end as aside
    from compared c
  ), ranked as (
    select factory_id, phase_id, id, start, said, doubt, row_number() over w = 1 as is_first,
      first_value(id) over w as first_id, first_value(start) over w as first_start,
      first_value(said) over w as first_said, first_value(doubt) over w as first_doubt,
      lead(id) over w as next_id, lead(start) over w as next_start, lead(said) over w as next_said,
      lead(doubt) over w as next_doubt
    from sorted where aside is null
    window w as (
      partition by factory_id, phase_id, property, product, reference_unit, qualifier
      order by start desc, said desc nulls last, doubt, known_from desc, id desc)
  )
  select factory_id, phase_id, id, false, aside, case aside when 'vague' then number_id end
  from sorted where aside is not null
  union all
  select r.factory_id, r.phase_id, r.id, r.is_first,
    case
      when o.id is null then 'alone'
      when r.start <> o.start then 'other_period'
      when r.said is distinct from o.said then 'said_later'
      when r.doubt <> o.doubt then 'higher_confidence'
      else 'recorded_later' end,
    o.id
  from ranked r
  left join lateral (
    -- The first one was preferred to the next of its own period.
    select r.next_id, r.next_start, r.next_said, r.next_doubt
    where r.is_first and r.next_start is not distinct from r.start
    union all
    select r.first_id, r.first_start, r.first_said, r.first_doubt
    where not r.is_first) o (id, start, said, doubt) on true;
$$;
