-- Derives since when and until when each claim was what had been published, and returns the claims for which that changed,
-- with the first moment at which it differs from what it was. The projector and imports use it.
create or replace function project_publication(p_claims bigint[]) returns table (claim_id bigint, changed_from timestamptz)
  language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with mine as materialized (
    select c.id, c.known_from, c.known_to, c.end_reason, c.end_source_id, c.basis = 'inferred' or c.kind = 'merge' as needs_none,
      c.published_from, c.published_to, c.published_basis
    from claim c where c.id = any (p_claims)
  ), asked as (
    -- The successors too: they end what they supersede.
    select id, known_from, id as of from mine
    union all
    select c.id, c.known_from, m.id from mine m join claim c on c.supersedes_id = m.id where m.end_reason = 'news'
  ), cited as materialized (
    select a.id, a.known_from, a.of, e.source_id
    from asked a left join evidence e on e.claim_id = a.id and (e.known_to = 'infinity' or e.end_reason = 'news')
  ), version as materialized (
    -- The last: a source that has been deleted was published all the same.
    select distinct on (v.source_id) v.source_id, v.published_latest, v.retrieved_at, v.retracted from source_version v
    where v.source_id in (select source_id from cited union select end_source_id from mine)
    order by v.source_id, v.version desc
  ), said as (
    select distinct on (c.id, c.of) c.id, c.of, d.at, d.basis, v.source_id is not null as counts
    from cited c
    left join version v on v.source_id = c.source_id and v.retracted is distinct from 'error'
    cross join lateral publication_of(v.published_latest, v.retrieved_at, c.known_from) d
    order by c.id, c.of, v.source_id is null, d.at, d.rank
  ), heir as (
    select s.of as id, min(s.at) as at from said s where s.id <> s.of group by s.of
  ), span as (
    select m.id, s.at as published_from, s.basis,
      case when not (s.counts or m.needs_none) or m.end_reason = 'error' then s.at
           when m.end_reason is null then 'infinity'
           else greatest(s.at, coalesce(h.at, ended.at, m.known_to)) end as published_to,
      m.published_from as old_from, m.published_to as old_to
    from mine m
    join said s on s.id = m.id and s.of = m.id
    left join heir h on h.id = m.id
    left join version v on v.source_id = m.end_source_id
    left join lateral publication_of(v.published_latest, v.retrieved_at, m.known_to) ended on true
    where (s.at, s.basis) is distinct from (m.published_from, m.published_basis) or m.end_reason is not null
      or not (s.counts or m.needs_none) or m.published_to <> 'infinity'
  ), updated as (
    update claim c set published_from = s.published_from, published_to = s.published_to, published_basis = s.basis
    from span s
    where c.id = s.id
      and (c.published_from, c.published_to, c.published_basis) is distinct from (s.published_from, s.published_to, s.basis)
    returning c.id, s.published_from, s.published_to, s.old_from, s.old_to
  )
  select u.id,
    case when u.published_from = u.old_from then least(u.published_to, u.old_to) else least(u.published_from, u.old_from) end
  from updated u;
end $$;
