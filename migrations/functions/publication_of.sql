-- Returns the moment at which a source counts as published (see published_at), what that is based on, and the rank of that basis.
-- project_publication and the projector use it.
create or replace function publication_of(p_latest date, p_retrieved_at timestamptz, p_recorded_at timestamptz)
  returns table (at timestamptz, basis text, rank int)
  language sql immutable parallel safe as $$
  select published_at(p_latest, p_retrieved_at, p_recorded_at), d.basis,
    case d.basis when 'published' then 1 when 'retrieved' then 2 else 3 end
  from (
    select case when nullif(p_latest, 'infinity') is not null then 'published'
      when p_retrieved_at is not null then 'retrieved' else 'recorded' end as basis) d;
$$;
