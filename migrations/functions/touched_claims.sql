-- Returns the claims that a write touched: those that it recorded or ended, those whose evidence changed, those of
-- sources whose publication moved, and those that these supersede. Projections reads them.
create or replace function touched_claims(p_at timestamptz) returns setof bigint
  language sql stable
as $$
  with entry as materialized (
    select x.resource_type, x.resource_id from change x where x.recorded_at = p_at
  ), moved as (
    select o.source_id
    from entry x
    join source_version o on o.source_id = x.resource_id and o.known_to = p_at
    -- A deleted source has no next version.
    left join source_version n on n.source_id = o.source_id and n.known_from = p_at
    where x.resource_type = 'source'
      and (n.published_earliest, n.published_latest, n.retrieved_at, n.retracted)
        is distinct from (o.published_earliest, o.published_latest, o.retrieved_at, o.retracted)
  ), own as (
    select c.id from claim c
    where c.kind in ('status_event', 'figure', 'role', 'ownership', 'location', 'depiction', 'membership', 'merge')
      and c.known_from = p_at
    union
    select x.resource_id from entry x
    where x.resource_type in (
      'status_event', 'figure', 'role', 'ownership', 'location', 'depiction', 'membership', 'merge')
    union
    select v.claim_id from entry x join evidence v on v.id = x.resource_id where x.resource_type = 'evidence'
    union
    select v.claim_id from moved m join evidence v on v.source_id = m.source_id
    union
    select c.id from moved m join claim c on c.end_source_id = m.source_id
  )
  select o.id from own o
  union
  select c.supersedes_id from own o join claim c on c.id = o.id where c.supersedes_id is not null;
$$;
