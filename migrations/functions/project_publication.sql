-- Brings the published period of these claims up to date, and returns the claims whose period moved.
-- The period runs from the publication of the earliest source to that of the successor's earliest. Evidence counts if
-- it holds or ended by news, unless its source was retracted as an error. A claim that ended as an error never was
-- published. A bulk writer may fill the columns in as it inserts.
create or replace function project_publication(p_claims bigint[]) returns setof bigint language plpgsql as $$
begin
  return query
  with mine as (
    select c.id, c.known_from, c.known_to, c.end_reason, c.end_source_id,
      c.basis = 'inferred' or c.kind = 'merge' as needs_none
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
    cross join lateral (
      select published_at(v.published_latest, v.retrieved_at, c.known_from),
        case when v.published_latest < 'infinity' then 'published' when v.retrieved_at is not null then 'retrieved'
          else 'recorded' end) p (at, basis)
    order by c.id, c.of_id, v.source_id is null, p.at,
      array_position(array['published', 'retrieved', 'recorded'], p.basis)
  ), successor as (
    select s.of_id as id, min(s.at) as at from said s where s.id <> s.of_id group by s.of_id
  ), span as (
    select m.id, s.at as published_from, s.basis,
      case when not (s.counts or m.needs_none) or m.end_reason = 'error' then s.at
        when m.end_reason is null then 'infinity'
        else greatest(s.at, coalesce(x.at, published_at(v.published_latest, v.retrieved_at, m.known_to))) end
      as published_to
    from mine m
    join said s on s.id = m.id and s.of_id = m.id
    left join successor x on x.id = m.id
    left join version v on v.source_id = m.end_source_id
  )
  update claim c set published_from = s.published_from, published_to = s.published_to, published_basis = s.basis
  from span s
  where c.id = s.id
    and (c.published_from, c.published_to, c.published_basis)
      is distinct from (s.published_from, s.published_to, s.basis)
  returning c.id;
end $$;
