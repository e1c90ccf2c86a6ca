-- Brings the published period of these claims up to date, and returns the claims whose period moved, each with the
-- moment from which published knowledge differs. Projections and imports use it.
-- The period runs from the publication of the earliest source to that of the successor's earliest. Evidence counts if
-- it holds or ended by news, unless its source was retracted as an error. A claim that ended as an error never was
-- published. A bulk writer may fill the columns in as it inserts.
create or replace function project_publication(p_claims bigint[])
  returns table (claim_id bigint, changed_from timestamptz)
  language plpgsql
as $$
begin
  return query
  with mine as (
    select c.id, c.known_from, c.known_to, c.end_reason, c.end_source_id,
      c.basis = 'inferred' or c.kind = 'merge' as needs_none, c.published_from as old_from, c.published_to as old_to
    from claim c where c.id = any (p_claims)
  ), stated as (
    -- The successors too, which end what they supersede.
    select m.id, m.known_from, m.id as of_id from mine m
    union all
    select c.id, c.known_from, m.id from mine m join claim c on c.supersedes_id = m.id where m.end_reason = 'news'
  ), cited as materialized (
    select s.id, s.known_from, s.of_id, e.source_id
    from stated s left join evidence e on e.claim_id = s.id and (e.known_to = 'infinity' or e.end_reason = 'news')
  ), version as materialized (
    -- The last version: a source that has been deleted was published all the same.
    select distinct on (v.source_id) v.source_id, v.published_latest, v.retrieved_at, v.retracted
    from source_version v
    where v.source_id in (select c.source_id from cited c union select m.end_source_id from mine m)
    order by v.source_id, v.version desc
  ), said as (
    select distinct on (c.id, c.of_id) c.id, c.of_id, p.at, p.basis, v.source_id is not null as counts
    from cited c
    left join version v on v.source_id = c.source_id and v.retracted is distinct from 'error'
    cross join lateral publication_of(v.published_latest, v.retrieved_at, c.known_from) p
    order by c.id, c.of_id, v.source_id is null, p.at, p.rank
  ), successor as (
    select s.of_id as id, min(s.at) as at from said s where s.id <> s.of_id group by s.of_id
  ), span as (
    select m.id, m.old_from, m.old_to, s.at as new_from, s.basis,
      case when not (s.counts or m.needs_none) or m.end_reason = 'error' then s.at
        when m.end_reason is null then 'infinity'
        else greatest(s.at, coalesce(x.at, p.at)) end as new_to
    from mine m
    join said s on s.id = m.id and s.of_id = m.id
    left join successor x on x.id = m.id
    left join version v on v.source_id = m.end_source_id
    cross join lateral publication_of(v.published_latest, v.retrieved_at, m.known_to) p
  ), moved as (
    update claim c set published_from = s.new_from, published_to = s.new_to, published_basis = s.basis
    from span s
    where c.id = s.id
      and (c.published_from, c.published_to, c.published_basis) is distinct from (s.new_from, s.new_to, s.basis)
    returning c.id, s.old_from, s.old_to, s.new_from, s.new_to
  )
  select m.id,
    case when m.new_from = m.old_from then least(m.new_to, m.old_to) else least(m.new_from, m.old_from) end
  from moved m;
end $$;
