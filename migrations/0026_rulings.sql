-- Which claims are in force, worked out in one pass over a page of them: beside a list of a thousand factories with all their events, each
-- claim was looked for among all the others.

-- By which rule each claim of these phases is in force on a date, or is not. What is in force is weighed against the next in the order,
-- anything else against what is in force; the rule is the first in which the two differ. It states what event_in_force does.
create or replace function event_ruling(p_known_by text, p_at timestamptz, p_phases bigint[], p_as_of date, p_match text)
  returns table (claim_id bigint, in_force boolean, rule text, weighed_against bigint)
  language sql stable parallel safe
as $$
  with told as materialized (
    select c.id, e.phase_id, d.day, c.basis, confidence_rank(c.confidence) as doubt, c.known_from,
      case when e.milestone is not null then 'milestone' when c.basis = 'expected' then 'expected' when d.day > p_as_of or d.day = 'infinity' then 'not_yet' end as aside
    from status_event e join claim c on c.id = e.claim_id
    cross join lateral (select case p_match when 'certain' then e.latest else e.earliest end as day) d
    where e.phase_id = any (p_phases) and is_known(p_known_by, p_at, c)
  ), ranked as (
    select id, day, basis, doubt, row_number() over w = 1 as is_first,
      first_value(id) over w as first_id, first_value(day) over w as first_day, first_value(basis) over w as first_basis, first_value(doubt) over w as first_doubt,
      lead(id) over w as next_id, lead(day) over w as next_day, lead(basis) over w as next_basis, lead(doubt) over w as next_doubt
    from told where aside is null
    window w as (partition by phase_id order by day desc, basis, doubt, known_from desc, id desc)
  )
  select id, false, aside, null from told where aside is not null
  union all
  select r.id, r.is_first,
    case when o.id is null then 'alone' when r.day <> o.day then 'later_date' when r.basis <> o.basis then 'actual_first'
         when r.doubt <> o.doubt then 'higher_confidence' else 'recorded_later' end,
    o.id
  from ranked r
  cross join lateral (
    select r.next_id, r.next_day, r.next_basis, r.next_doubt where r.is_first
    union all
    select r.first_id, r.first_day, r.first_basis, r.first_doubt where not r.is_first) o (id, day, basis, doubt);
$$;

-- The same for the figures of these factories, among those for the same phase, property, product, qualifier and unit. It states what
-- figures_in_force does.
create or replace function figure_ruling(p_known_by text, p_at timestamptz, p_factories bigint[], p_as_of date)
  returns table (claim_id bigint, in_force boolean, rule text, weighed_against bigint)
  language sql stable parallel safe
as $$
  with told as materialized (
    select c.id, b.factory_id, f.phase_id, f.property, f.product, f.qualifier, f.unit, f.earliest, c.basis, confidence_rank(c.confidence) as doubt, c.known_from,
      f.earliest is not null and f.earliest > p_as_of and f.earliest <= (c.known_from at time zone 'UTC' + interval '14 hours')::date as is_aside
    from factory_member(p_known_by, p_at, p_factories) b
    join claim c on c.factory_id = b.member_id and c.kind = 'figure' and is_known(p_known_by, p_at, c)
    join figure f on f.claim_id = c.id
  ), ranked as (
    select id, earliest, basis, doubt, row_number() over w = 1 as is_first,
      first_value(id) over w as first_id, first_value(earliest) over w as first_earliest, first_value(basis) over w as first_basis, first_value(doubt) over w as first_doubt,
      lead(id) over w as next_id, lead(earliest) over w as next_earliest, lead(basis) over w as next_basis, lead(doubt) over w as next_doubt
    from told where not is_aside
    window w as (partition by factory_id, phase_id, property, product, qualifier, unit order by earliest desc nulls last, basis, doubt, known_from desc, id desc)
  )
  select id, false, 'not_yet', null from told where is_aside
  union all
  select r.id, r.is_first,
    case when o.id is null then 'alone' when r.earliest is distinct from o.earliest then 'later_date' when r.basis <> o.basis then 'actual_first'
         when r.doubt <> o.doubt then 'higher_confidence' else 'recorded_later' end,
    o.id
  from ranked r
  cross join lateral (
    select r.next_id, r.next_earliest, r.next_basis, r.next_doubt where r.is_first
    union all
    select r.first_id, r.first_earliest, r.first_basis, r.first_doubt where not r.is_first) o (id, earliest, basis, doubt);
$$;
