-- Returns for each event of some phases, as known at a moment, whether it is effective on a day, and by which rule.
create or replace function event_precedence(p_known_by text, p_at timestamptz, p_phases bigint[], p_as_of date)
  returns table (
    factory_id bigint, phase_id bigint, claim_id bigint, in_force boolean, rule text, weighed_against bigint)
  language sql stable parallel safe
as $$
  with asked as materialized (
    -- The sites of these phases, and those into which one was ever merged, whose claims can name its phase.
    select distinct coalesce(m.survivor_id, x.factory_id) as factory_id, v.phase_id
    from (
      select h.id as phase_id, h.factory_id from phase h where h.id = any (p_phases)
      union
      select h.id, o.survivor_id
      from phase h join factory_merged o on o.loser_id = h.factory_id
      where h.id = any (p_phases)) x
    left join factory_merged m on m.loser_id = x.factory_id and is_recorded(p_known_by, p_at, m.known_from, m.known_to)
    left join phase_version v on v.phase_id = x.phase_id and v.name is not null
      and is_recorded(p_known_by, p_at, v.known_from, v.known_to)
  ), stated as materialized (
    select c.id, b.factory_id, e.phase_id, e.status, e.milestone, e.date_meaning, e.earliest, e.latest,
      c.basis, confidence_rank(c.confidence) as doubt, c.known_from
    from with_merged_factories_at(p_known_by, p_at, array(select distinct a.factory_id from asked a)) b
    join claim c on c.factory_id = b.member_id and c.kind = 'status_event' and is_known(p_known_by, p_at, c)
    join status_event e on e.claim_id = c.id
  ), named as materialized (
    -- All unnamed phases of a factory and of those merged into it are one: the whole site.
    select s.phase_id, v.phase_id as named_id
    from (select distinct phase_id from stated) s
    left join phase_version v on v.phase_id = s.phase_id and v.name is not null
      and is_recorded(p_known_by, p_at, v.known_from, v.known_to)
  ), known as (
    select s.id, s.factory_id, n.named_id as phase_id, s.status, s.milestone, s.date_meaning, s.earliest, s.latest,
      s.basis, s.doubt, s.known_from
    from stated s
    join named n on n.phase_id = s.phase_id
    where (s.factory_id, coalesce(n.named_id, 0)) in (select a.factory_id, coalesce(a.phase_id, 0) from asked a)
  ), nested as (
    -- Of the intervals that begin later, or on the same day and end sooner, one ends no later: it lies within this one.
    -- A join would compare each event with each other where the planner expects few.
    select k.*, coalesce(k.can_start and min(k.latest) over w <= k.latest, false) as has_inner
    from (
      select x.*, x.basis = 'actual' and x.status is not null and x.earliest < 'infinity' as can_start from known x) k
    window w as (
      partition by k.factory_id, k.phase_id, k.status, k.date_meaning, k.can_start order by k.earliest desc, k.latest
      groups between unbounded preceding and 1 preceding)
  ), sorted as materialized (
    select n.*, case
        when n.milestone is not null then 'milestone'
        when n.basis = 'expected' then 'expected'
        when n.earliest > p_as_of or n.earliest = 'infinity' then 'not_yet'
        when n.has_inner then 'confirms' end as aside
    from nested n
  ), ranked as (
    select factory_id, phase_id, id, earliest, basis, doubt, row_number() over w = 1 as is_first,
      first_value(id) over w as first_id, first_value(earliest) over w as first_earliest,
      first_value(basis) over w as first_basis, first_value(doubt) over w as first_doubt,
      lead(id) over w as next_id, lead(earliest) over w as next_earliest,
      lead(basis) over w as next_basis, lead(doubt) over w as next_doubt
    from sorted where aside is null
    window w as (partition by factory_id, phase_id order by earliest desc, basis, doubt, known_from desc, id desc)
  )
  select s.factory_id, s.phase_id, s.id, false, s.aside, case s.aside when 'confirms' then (
      select o.id from sorted o
      where o.factory_id = s.factory_id and o.phase_id is not distinct from s.phase_id
        and o.status = s.status and o.date_meaning = s.date_meaning and o.basis = 'actual'
        and o.earliest >= s.earliest and o.latest <= s.latest and o.earliest < 'infinity'
        and (o.earliest, o.latest) <> (s.earliest, s.latest)
      order by o.earliest desc, o.latest, o.doubt, o.known_from desc, o.id desc
      limit 1) end
  from sorted s where s.aside is not null
  union all
  select r.factory_id, r.phase_id, r.id, r.is_first,
    case
      when o.id is null then 'alone'
      when r.earliest <> o.earliest then 'later_date'
      when r.basis <> o.basis then 'actual_first'
      when r.doubt <> o.doubt then 'higher_confidence'
      else 'recorded_later' end,
    o.id
  from ranked r
  cross join lateral (
    select r.next_id, r.next_earliest, r.next_basis, r.next_doubt where r.is_first
    union all
    select r.first_id, r.first_earliest, r.first_basis, r.first_doubt
    where not r.is_first) o (id, earliest, basis, doubt);
$$;
