-- Returns the midnight (UTC) of the day on which a source counts as published: the latest day of its publication,
-- else the day of its retrieval, else the day of the record that cites it.
create or replace function published_at(p_latest date, p_retrieved_at timestamptz, p_recorded_at timestamptz)
  returns timestamptz
  language sql immutable parallel safe
as $$
  select coalesce(
    nullif(p_latest, 'infinity'), (p_retrieved_at at time zone 'UTC')::date, (p_recorded_at at time zone 'UTC')::date
  )::timestamp at time zone 'UTC';
$$;
