-- Returns for each status of each factory the event that last confirms it by a day; lists and items show its date.
create or replace function last_confirmed(p_known_by text, p_factories bigint[], p_known_ats timestamptz[],
    p_as_of date)
  returns table (ordinal bigint, status text, date text, latest date, claim_id bigint)
  language sql stable parallel safe
as $$
  select distinct on (m.ordinal, e.status) m.ordinal, e.status, e.date, e.latest, c.id
  from with_merged_factories(p_known_by, p_factories, p_known_ats) m
  join claim c on c.factory_id = m.member_id and c.kind = 'status_event' and c.basis <> 'expected'
    and is_known(p_known_by, m.at, c)
  join status_event e on e.claim_id = c.id and e.status is not null
  where e.earliest <= p_as_of and e.earliest < 'infinity'
  order by m.ordinal, e.status, e.latest desc, e.earliest desc, c.basis, confidence_rank(c.confidence),
    c.known_from desc,
    c.id desc;
$$;
