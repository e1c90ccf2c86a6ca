-- Returns which figure of these factories is effective on a date, and by which rule each is or is not.
create or replace function figure_ruling(p_known_by text, p_at timestamptz, p_factories bigint[], p_as_of date)
  returns table (claim_id bigint, in_force boolean, rule text, weighed_against bigint)
  language sql stable parallel safe
as $$
  with told as materialized (
    select c.id, b.factory_id, f.phase_id, f.property, f.product, f.qualifier, f.unit, f.for_date_earliest as earliest,
      c.basis, confidence_rank(c.confidence) as doubt, c.known_from,
      f.for_date_earliest is not null and f.for_date_earliest > p_as_of
        and f.for_date_earliest <= (c.known_from at time zone 'UTC' + interval '14 hours')::date as is_aside
    from factory_member(p_known_by, p_at, p_factories) b
    join claim c on c.factory_id = b.member_id and c.kind = 'figure' and is_known(p_known_by, p_at, c)
    join figure f on f.claim_id = c.id
  ), ranked as (
    select id, earliest, basis, doubt, row_number() over w = 1 as is_first,
      first_value(id) over w as first_id, first_value(earliest) over w as first_earliest,
      first_value(basis) over w as first_basis, first_value(doubt) over w as first_doubt,
      lead(id) over w as next_id, lead(earliest) over w as next_earliest, lead(basis) over w as next_basis,
      lead(doubt) over w as next_doubt
    from told where not is_aside
    window w as (
      partition by factory_id, phase_id, property, product, qualifier, unit
      order by earliest desc nulls last, basis, doubt, known_from desc, id desc)
  )
  select id, false, 'not_yet', null from told where is_aside
  union all
  select r.id, r.is_first,
    case when o.id is null then 'alone' when r.earliest is distinct from o.earliest then 'later_date'
      when r.basis <> o.basis then 'actual_first' when r.doubt <> o.doubt then 'higher_confidence'
      else 'recorded_later' end,
    o.id
  from ranked r
  cross join lateral (
    select r.next_id, r.next_earliest, r.next_basis, r.next_doubt where r.is_first
    union all
    select r.first_id, r.first_earliest, r.first_basis, r.first_doubt where not r.is_first
  ) o (id, earliest, basis, doubt);
$$;
