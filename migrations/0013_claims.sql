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
