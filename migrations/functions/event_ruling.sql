-- Returns which claim about each of these phases is effective on a date, and by which rule each is or is not.
create or replace function event_ruling(p_known_by text, p_at timestamptz, p_phases bigint[], p_as_of date)
  returns table (claim_id bigint, in_force boolean, rule text, weighed_against bigint)
  language sql stable parallel safe
as $$
  with told as materialized (
    select c.id, e.phase_id, e.earliest as day, c.basis, confidence_rank(c.confidence) as doubt, c.known_from,
      case when e.milestone is not null then 'milestone' when c.basis = 'expected' then 'expected'
        when e.earliest > p_as_of or e.earliest = 'infinity' then 'not_yet' end as aside
    from status_event e join claim c on c.id = e.claim_id
    where e.phase_id = any (p_phases) and is_known(p_known_by, p_at, c)
  ), ranked as (
    select id, day, basis, doubt, row_number() over w = 1 as is_first,
      first_value(id) over w as first_id, first_value(day) over w as first_day,
      first_value(basis) over w as first_basis, first_value(doubt) over w as first_doubt,
      lead(id) over w as next_id, lead(day) over w as next_day, lead(basis) over w as next_basis,
      lead(doubt) over w as next_doubt
    from told where aside is null
    window w as (partition by phase_id order by day desc, basis, doubt, known_from desc, id desc)
  )
  select id, false, aside, null from told where aside is not null
  union all
  select r.id, r.is_first,
    case when o.id is null then 'alone' when r.day <> o.day then 'later_date'
      when r.basis <> o.basis then 'actual_first' when r.doubt <> o.doubt then 'higher_confidence'
      else 'recorded_later' end,
    o.id
  from ranked r
  cross join lateral (
    select r.next_id, r.next_day, r.next_basis, r.next_doubt where r.is_first
    union all
    select r.first_id, r.first_day, r.first_basis, r.first_doubt where not r.is_first) o (id, day, basis, doubt);
$$;
