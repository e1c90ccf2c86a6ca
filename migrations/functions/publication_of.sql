-- Returns the midnight (UTC) of the day on which a source counts as published, what that is based on, and its rank: the
-- latest day of its publication, else the day of its retrieval, else that of the record that cites it.
create or replace function publication_of(p_latest date, p_retrieved_at timestamptz, p_recorded_at timestamptz)
  returns table (at timestamptz, basis text, rank int)
  language sql immutable parallel safe
as $$
  select coalesce(p.day, (p_retrieved_at at time zone 'UTC')::date, (p_recorded_at at time zone 'UTC')::date)
      ::timestamp at time zone 'UTC',
    case when p.day is not null then 'published' when p_retrieved_at is not null then 'retrieved' else 'recorded' end,
    case when p.day is not null then 1 when p_retrieved_at is not null then 2 else 3 end
  from (select nullif(p_latest, 'infinity') as day) p;
$$;
