-- Returns the moment at which a source counts as published (midnight UTC of its latest day, of its retrieval, or of the recording),
-- what that is based on, and how good that is. project_publication, the projector and reads under publishedUntil use it.
create or replace function publication_of(p_latest date, p_retrieved_at timestamptz, p_recorded_at timestamptz)
  returns table (at timestamptz, basis text, rank int)
  language sql immutable parallel safe as $$
  select
    date_trunc('day', coalesce(p.at, p_retrieved_at, p_recorded_at) at time zone 'UTC') at time zone 'UTC',
    case when p.at is not null then 'published' when p_retrieved_at is not null then 'retrieved' else 'recorded' end,
    case when p.at is not null then 1 when p_retrieved_at is not null then 2 else 3 end
  from (select nullif(p_latest, 'infinity')::timestamp at time zone 'UTC' as at) p;
$$;
